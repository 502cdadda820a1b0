"""What was wrong with the sources, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.sourcewatch import KEPT, Episode
from crawler.diagnosis import Ailment, Aspect
from vedette.store import rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime


def look(db: sqlite3.Connection, now: datetime) -> tuple[Episode, ...]:
    """Those that are open and those that ended lately, the oldest first."""
    found = db.execute(
        "SELECT name, aspect, since, ailment, detail, opened, ended FROM episode"
        " WHERE ended IS NULL OR ended > ? ORDER BY opened, name, aspect",
        (rows.ticks(now - KEPT),),
    )
    return rows.readable(found, _episode, "episode")


def keep(db: sqlite3.Connection, episodes: Iterable[Episode], now: datetime) -> None:
    """Write these down over their old rows, and forget what ended long ago."""
    db.executemany(
        "INSERT INTO episode(name, aspect, since, ailment, detail, opened, ended)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT(name, aspect, since)"
        " DO UPDATE SET ended = excluded.ended",
        (
            (
                one.name,
                one.aspect,
                rows.ticks(one.since),
                one.ailment,
                rows.clean(one.detail),
                rows.ticks(one.opened),
                rows.maybe_ticks(one.ended),
            )
            for one in episodes
        ),
    )
    db.execute("DELETE FROM episode WHERE ended <= ?", (rows.ticks(now - KEPT),))


def _episode(row: sqlite3.Row) -> Episode:
    return Episode(
        name=row["name"],
        aspect=Aspect(row["aspect"]),
        ailment=Ailment(row["ailment"]),
        since=rows.when(row["since"]),
        opened=rows.when(row["opened"]),
        detail=row["detail"],
        ended=rows.maybe_when(row["ended"]),
    )
