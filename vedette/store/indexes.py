"""The indexes in memory, written down now and then so that a start reads them whole.

What is written may be older than its table, never newer: an index is read back and
then taken on through the rows that came since, so a crash at any time costs only those.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from vedette.store import rows
from vedette.store.errors import StoreError
from vedette.wordindex import WordIndex

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from datetime import datetime

    from vedette.store.connection import Connections

log = logging.getLogger(__name__)


def save(connections: Connections, indexes: Mapping[str, WordIndex]) -> None:
    """Write indexes down under their names, all or none; a failure is only logged.

    One of ten million postings is 80 MB and is written a few times a day.
    """

    def work(db: sqlite3.Connection) -> None:
        for name, index in indexes.items():
            db.executemany(
                "INSERT INTO written(name, part, rows) VALUES (?, ?, ?)"
                " ON CONFLICT(name, part) DO UPDATE SET rows = excluded.rows",
                ((name, part, raw) for part, raw in enumerate(index.written())),
            )

    try:
        connections.write(work)
    except StoreError:
        log.exception("An index was not written down; the next start reads its table")


def load(db: sqlite3.Connection, name: str, most: int, since: int) -> WordIndex:
    """The index as it was written, or an empty one if it lacks items from ``since`` on.

    ``since`` is the number of the oldest item that must be found.
    """
    found = db.execute("SELECT rows FROM written WHERE name = ? ORDER BY part", (name,))
    parts = (row[0] for row in found)
    first = next(parts, None)
    if first is None:
        return WordIndex(most)
    try:
        index = WordIndex.read(most, first, parts)
    except rows.UNREADABLE:
        log.exception("A written index is unreadable", extra={"index": name})
        return WordIndex(most)
    return index if index.gone <= since else WordIndex(most)


def first(
    db: sqlite3.Connection, table: str, which: str, since: datetime, newest: int
) -> int:
    """The number of the oldest such row of a time; without one, above every row's.

    ``newest`` is the newest number seen. Follows the table's order by time.
    """
    row = db.execute(
        f"SELECT seq FROM {table} WHERE {which} ORDER BY at, seq LIMIT 1",  # noqa: S608
        (rows.ticks(since),),
    ).fetchone()
    if row is None:
        row = db.execute(f"SELECT max(seq) FROM {table}").fetchone()  # noqa: S608
        return max(row[0] or 0, newest) + 1
    return int(row[0])
