"""The words of stored items: written with a verdict, looked up, removed by age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.model import Known, Posted, Sketch
from alerts.stories import pack, unpack
from vedette.nearby import MOST_POSTINGS, Nearby
from vedette.store import rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from alerts.model import Fingerprint, Judgement

_HOST_BITS = 31

# One query per item, and per shingle at most MOST_POSTINGS rows of its own range.
_HELD = (
    "SELECT asked.value, (SELECT group_concat(one) FROM"  # noqa: S608 - constants
    f" (SELECT item << {_HOST_BITS} | host AS one FROM shingle"
    " WHERE hash = asked.value AND item >= ?2"
    f" ORDER BY item DESC LIMIT {MOST_POSTINGS})) FROM json_each(?1) AS asked"
)


def add(
    db: sqlite3.Connection, judged: Iterable[tuple[int, Judgement]], at: datetime
) -> None:
    """Store the words of judged items, given with their row numbers."""
    postings: list[tuple[int, int, int]] = []
    for item, judgement in judged:
        sketch, move = judgement.fingerprint.sketch, judgement.move
        if sketch is None or not move.posted:
            continue
        db.execute(
            "INSERT INTO sketch(item, at, host, linked, kept_under, hashes,"
            " boilerplate, title, lead, numbers)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                item,
                rows.ticks(at),
                sketch.host,
                int(sketch.linked),
                sketch.limit - 1,  # 2**63 itself is one too large for a column
                pack(sketch.hashes),
                pack(move.boilerplate),
                pack(sketch.title),
                pack(sketch.lead),
                pack(sketch.numbers),
            ),
        )
        postings += ((one, item, sketch.host) for one in sketch.hashes)
    # Neighbours on a page are written together.
    db.executemany(
        "INSERT INTO shingle(hash, item, host) VALUES (?, ?, ?)", sorted(postings)
    )


def look(
    db: sqlite3.Connection, fingerprints: Sequence[Fingerprint], since: datetime
) -> tuple[Nearby, dict[int, Posted]]:
    """What was judged since then and shares words with these, oldest first."""
    oldest = db.execute(
        "SELECT item FROM sketch WHERE at >= ? ORDER BY at, item LIMIT 1",
        (rows.ticks(since),),
    ).fetchone()
    nearby = Nearby()
    if oldest is None:
        return nearby, {}
    mask = (1 << _HOST_BITS) - 1
    for one in fingerprints:
        if one.sketch is None:
            continue
        found = db.execute(_HELD, (rows.as_json(list(one.sketch.hashes)), oldest[0]))
        nearby.look(
            one.sketch,
            {
                shingle: [
                    (number >> _HOST_BITS, number & mask)
                    for number in map(int, held.split(","))
                ]
                for shingle, held in found
                if held
            },
        )
    return nearby, _posted(db, sorted(nearby.shared), since)


def _posted(
    db: sqlite3.Connection, items: list[int], since: datetime
) -> dict[int, Posted]:
    found = db.execute(
        "SELECT s.item AS number, s.host, s.linked, s.kept_under, s.hashes,"
        " s.boilerplate, s.title, s.lead, s.numbers, i.id, j.story FROM sketch s"
        " JOIN judgement j ON j.item = s.item JOIN item i ON i.seq = s.item"
        " WHERE s.item IN (SELECT value FROM json_each(?)) AND s.at >= ?"
        " ORDER BY s.item",
        (rows.as_json(items), rows.ticks(since)),
    )
    return dict(rows.readable(found, _posted_from, "sketch"))


def _posted_from(row: sqlite3.Row) -> tuple[int, Posted]:
    hashes = unpack(row["hashes"])
    if row["boilerplate"]:
        hashes -= unpack(row["boilerplate"])
    sketch = Sketch(
        hashes=hashes,
        limit=row["kept_under"] + 1,
        host=row["host"],
        linked=bool(row["linked"]),
        title=unpack(row["title"]),
        lead=unpack(row["lead"]),
        numbers=unpack(row["numbers"]),
    )
    known = Known(item_id=row["id"], story_id=row["story"])
    return row["number"], Posted(known=known, sketch=sketch)


def drop(db: sqlite3.Connection, items: Iterable[int]) -> None:
    """Forget the words of these items."""
    for item in items:
        row = db.execute(
            "DELETE FROM sketch WHERE item = ? RETURNING hashes", (item,)
        ).fetchone()
        if row is not None:
            db.executemany(
                "DELETE FROM shingle WHERE hash = ? AND item = ?",
                ((one, item) for one in sorted(unpack(row["hashes"]))),
            )
