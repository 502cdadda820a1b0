"""The words of stored items: written with a verdict, looked up, removed by age."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from alerts.model import Known, Posted, Sketch
from alerts.stories import pack, unpack, unpack_row
from vedette.nearby import MOST_POSTINGS, Nearby
from vedette.store import indexes, rows

if TYPE_CHECKING:
    import sqlite3
    from array import array
    from collections.abc import Iterable, Sequence

    from alerts.model import Fingerprint, Judgement
    from vedette.store.connection import Connections
    from vedette.wordindex import WordIndex

CLOCK_SLACK = timedelta(hours=1)
"""A clock put back by more makes the index be read anew; by less, the oldest items
are missed for that time."""


def add(
    db: sqlite3.Connection, judged: Iterable[tuple[int, Judgement]], at: datetime
) -> None:
    """Store the words of judged items, given with their row numbers."""
    db.executemany(
        "INSERT INTO sketch(item, at, host, linked, kept_under, hashes, boilerplate,"
        " title, lead, numbers) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                item,
                rows.ticks(at),
                sketch.host,
                int(sketch.linked),
                sketch.limit - 1,  # 2**63 itself is one too large for a column
                pack(sketch.hashes),
                pack(judgement.move.boilerplate),
                pack(sketch.title),
                pack(sketch.lead),
                pack(sketch.numbers),
            )
            for item, judgement in judged
            if (sketch := judgement.fingerprint.sketch) and judgement.move.posted
        ),
    )


class Postings:
    """Finds what shares words by an index of the last days' sketches.

    The index follows the table: before every look it reads the rows that came and
    lets go of those that went, so what was rolled back was never in it. A new process
    begins with what ``save`` wrote (measured: docs/benchmarks.md). Safe between
    threads.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._index: WordIndex | None = None
        self._saved = 0
        self._newest = 0
        self._since = datetime.min.replace(tzinfo=UTC) + CLOCK_SLACK

    def look(
        self,
        db: sqlite3.Connection,
        fingerprints: Sequence[Fingerprint],
        since: datetime,
    ) -> tuple[Nearby, dict[int, Posted]]:
        """What was judged since then and shares words with these, oldest first."""
        nearby = Nearby()
        with self._guard:
            index = self._follow(db, since)
            for one in fingerprints:
                if one.sketch is not None:
                    nearby.look(one.sketch, index)
        return nearby, _posted(db, sorted(nearby.shared), since)

    def save(self, connections: Connections) -> None:
        """Write the index down if its buckets changed; to be called after a record."""
        with self._guard:
            if self._index is not None and self._index.folds != self._saved:
                indexes.save(connections, {"words": self._index})
                self._saved = self._index.folds

    def _follow(self, db: sqlite3.Connection, since: datetime) -> WordIndex:
        index = self._index
        if since < self._since - CLOCK_SLACK:  # what was let go is asked for again
            index = None
        self._since = since
        oldest = indexes.first(db, "sketch", "at >= ?", since, self._newest)
        if index is None:
            index = indexes.load(db, "words", MOST_POSTINGS, oldest)
            self._index, self._newest, self._saved = index, index.newest, index.folds
        index.forget(oldest)
        found = db.execute(
            "SELECT seq, host, hashes FROM sketch WHERE seq >= ? ORDER BY seq",
            (max(oldest, self._newest + 1),),
        )
        for row in found:
            self._newest = row["seq"]
            for words in rows.readable((row,), _words_from, "sketch"):
                index.add(*words)
        return index


def _words_from(row: sqlite3.Row) -> tuple[int, int, array[int]]:
    return row["seq"], row["host"], unpack_row(row["hashes"])


def _posted(
    db: sqlite3.Connection, numbers: list[int], since: datetime
) -> dict[int, Posted]:
    found = db.execute(
        "SELECT s.seq, s.host, s.linked, s.kept_under, s.hashes,"
        " s.boilerplate, s.title, s.lead, s.numbers, i.id, j.owner,"
        " coalesce(t.merged_into, t.id) AS story FROM sketch s"
        " JOIN judgement j ON j.item = s.item JOIN item i ON i.seq = s.item"
        " JOIN story t ON t.id = j.story"
        " WHERE s.seq IN (SELECT value FROM json_each(?)) AND s.at >= ?"
        " ORDER BY s.seq",
        (rows.as_json(numbers), rows.ticks(since)),
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
    known = Known(item_id=row["id"], story_id=row["story"], owner=row["owner"])
    return row["seq"], Posted(known=known, sketch=sketch)


def drop(db: sqlite3.Connection, items: Iterable[int]) -> None:
    """Forget the words of these items."""
    db.executemany("DELETE FROM sketch WHERE item = ?", ((item,) for item in items))
