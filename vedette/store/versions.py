"""Pages that are read again, and what they said, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.model import Recheck, Rereading, Version
from vedette.store import rows
from vedette.store.texts import packed, unpacked

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime

    from alerts.model import Verdict

_RECHECK = "item, due, step, etag, last_modified, failures"


def first_due(db: sqlite3.Connection) -> datetime | None:
    """When the first page is to be read again; None if none is watched."""
    return rows.maybe_when(db.execute("SELECT min(due) FROM recheck").fetchone()[0])


def due(
    db: sqlite3.Connection, now: datetime, limit: int
) -> tuple[tuple[Rereading, ...], tuple[str, ...]]:
    """The pages whose time has come, the longest overdue first.

    Each with its item, its item's story and the newest version kept of it; and the
    items whose rows cannot be read.
    """
    found = db.execute(
        f"SELECT {_ITEM}, r.item AS page, r.due, r.step, r.etag,"  # noqa: S608
        " r.last_modified, r.failures, coalesce(s.merged_into, s.id) AS story"
        " FROM recheck r JOIN item i ON i.id = r.item"
        " JOIN judgement j ON j.item = i.seq JOIN story s ON s.id = j.story"
        " WHERE r.due <= ? ORDER BY r.due, r.item LIMIT ?",
        (rows.ticks(now), limit),
    ).fetchall()
    good = rows.readable(found, lambda row: _rereading(db, row), "recheck")
    read = {one.item.id for one in good}
    return good, tuple(row["page"] for row in found if row["page"] not in read)


def keep(db: sqlite3.Connection, verdict: Verdict) -> None:
    """Write down which pages are watched, looked at or let go, and what they said."""
    db.executemany(
        f"INSERT INTO recheck({_RECHECK}) VALUES (?, ?, ?, ?, ?, ?)"  # noqa: S608
        " ON CONFLICT(item) DO NOTHING",
        map(_recheck_row, verdict.watched),
    )
    db.executemany(
        "UPDATE recheck SET due = ?2, step = ?3, etag = ?4, last_modified = ?5,"
        " failures = ?6 WHERE item = ?1",
        map(_recheck_row, verdict.rechecks),
    )
    let_go(db, verdict.unwatched)
    db.executemany(
        "INSERT INTO version(item, at, sha256, title, text) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT(item, at) DO NOTHING",
        map(_version_row, verdict.versions),
    )


def let_go(db: sqlite3.Connection, items: Iterable[str]) -> None:
    """Watch these items' pages no more; what they said is kept."""
    db.executemany("DELETE FROM recheck WHERE item = ?", ((one,) for one in items))


def drop(db: sqlite3.Connection, items: Iterable[str]) -> None:
    """Forget all of these items' pages."""
    for item in items:
        db.execute("DELETE FROM recheck WHERE item = ?", (item,))
        db.execute("DELETE FROM version WHERE item = ?", (item,))


def drop_old(db: sqlite3.Connection, before: int, limit: int) -> int:
    """Forget versions older than texts are kept, but of pages still being watched."""
    return db.execute(
        "DELETE FROM version WHERE rowid IN (SELECT rowid FROM version WHERE at < ?"
        " AND item NOT IN (SELECT item FROM recheck) LIMIT ?)",
        (before, limit),
    ).rowcount


def _rereading(db: sqlite3.Connection, row: sqlite3.Row) -> Rereading:
    last = db.execute(
        "SELECT item, at, sha256, title, text FROM version WHERE item = ?"
        " ORDER BY at DESC LIMIT 1",
        (row["page"],),
    ).fetchall()
    # A version that cannot be read is none: the page is then judged by its item.
    versions = rows.readable(last, _version, "version")
    return Rereading(
        recheck=Recheck(
            item_id=row["page"],
            due=rows.when(row["due"]),
            step=row["step"],
            etag=row["etag"],
            last_modified=row["last_modified"],
            failures=row["failures"],
        ),
        item=rows.item_from(row),
        story_id=row["story"],
        last=next(iter(versions), None),
    )


def _version(row: sqlite3.Row) -> Version:
    return Version(
        item_id=row["item"],
        at=rows.when(row["at"]),
        sha256=row["sha256"],
        title=row["title"],
        text=unpacked(row["text"]),
    )


def _version_row(one: Version) -> tuple[object, ...]:
    text = packed(rows.clean(one.text))
    return (one.item_id, rows.ticks(one.at), one.sha256, rows.clean(one.title), text)


def _recheck_row(one: Recheck) -> tuple[object, ...]:
    return (
        one.item_id,
        rows.ticks(one.due),
        one.step,
        rows.maybe_clean(one.etag),
        rows.maybe_clean(one.last_modified),
        one.failures,
    )


_ITEM = ", ".join(f"i.{name}" for name in rows.ITEM_COLUMNS.replace(",", "").split())
