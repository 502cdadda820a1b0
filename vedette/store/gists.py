"""What stored items are about: written with a verdict, looked up, removed by age."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from alerts.model import Known, Recent
from alerts.stories import pack, pack_gist, unpack_gist, unpack_row
from vedette.alike import MOST_HELD, RECENT, WATCHED, AlikeIndex
from vedette.store import indexes, rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from alerts.model import Fingerprint, Judgement
    from vedette.store.connection import Connections

_FOUND = (
    "SELECT g.seq, g.at, g.gist, i.id, coalesce(s.merged_into, s.id) AS story, j.owner"
    " FROM gist g JOIN judgement j ON j.item = g.item JOIN item i ON i.seq = g.item"
    " JOIN story s ON s.id = j.story"
    " WHERE g.seq IN (SELECT value FROM json_each(?)) ORDER BY g.seq"
)


def add(
    db: sqlite3.Connection,
    judged: Iterable[tuple[int, Judgement]],
    at: datetime,
    watched: frozenset[str],
) -> None:
    """Store the gists of judged items, given with their row numbers.

    ``watched`` are the stories that matched a topic.
    """
    db.executemany(
        "INSERT INTO gist(item, at, watched, gist, keys) VALUES (?, ?, ?, ?, ?)",
        (
            (
                item,
                rows.ticks(at),
                int(judgement.move.story_id in watched),
                pack_gist(gist),
                pack(gist.keys),
            )
            for item, judgement in judged
            if (gist := judgement.fingerprint.gist) and judgement.move.guides
        ),
    )


class Gists:
    """Finds what may report the same events, by an index of the table's keys.

    As ``Postings`` it follows the table, and begins with what ``save`` wrote.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._index: AlikeIndex | None = None
        self._saved = 0
        self._newest = 0
        self._now = datetime.min.replace(tzinfo=UTC)

    def look(
        self, db: sqlite3.Connection, fingerprints: Sequence[Fingerprint], now: datetime
    ) -> tuple[dict[str, Recent], dict[str, tuple[str, ...]]]:
        """Earlier items that may be of one story with these, oldest first, by id.

        With them, per item that is asked for, the ids of those to compare it with.
        """
        with self._guard:
            index = self._follow(db, now)
            near = {
                one.item_id: index.near(one.gist.keys)
                for one in fingerprints
                if one.gist is not None
            }
        numbers = sorted(set().union(*near.values()))
        found = db.execute(_FOUND, (rows.as_json(numbers),))
        recents = dict(rows.readable(found, _recent_from, "gist"))
        return (
            {one.known.item_id: one for one in recents.values()},
            {
                item: tuple(
                    recents[number].known.item_id
                    for number in sorted(wanted)
                    if number in recents
                )
                for item, wanted in near.items()
            },
        )

    def save(self, connections: Connections) -> None:
        """Write the index down if it changed enough; to be called after a record."""
        with self._guard:
            if self._index is not None and self._index.folds != self._saved:
                indexes.save(connections, self._index.parts)
                self._saved = self._index.folds

    def _follow(self, db: sqlite3.Connection, now: datetime) -> AlikeIndex:
        if now < self._now:  # the clock went back: what was let go is asked for again
            self._index = None
        self._now = now
        last = self._newest
        recent = indexes.first(db, "gist", "at >= ?", now - RECENT, last)
        watched = indexes.first(db, "gist", "watched AND at >= ?", now - WATCHED, last)
        if self._index is None:
            self._index = self._load(db, recent, watched)
            self._newest, self._saved = self._index.newest, self._index.folds
        index = self._index
        index.forget(recent=recent, watched=watched)
        found = db.execute(
            "SELECT seq, watched, keys FROM gist WHERE seq >= ? ORDER BY seq",
            (max(min(recent, watched), self._newest + 1),),
        )
        for row in found:
            self._newest = row["seq"]
            for keys in rows.readable((row,), lambda r: unpack_row(r["keys"]), "gist"):
                index.add(row["seq"], keys, watched=bool(row["watched"]))
        return index

    @staticmethod
    def _load(db: sqlite3.Connection, recent: int, watched: int) -> AlikeIndex:
        return AlikeIndex(
            indexes.load(db, "recent", MOST_HELD, recent),
            indexes.load(db, "watched", MOST_HELD, watched),
        )


def _recent_from(row: sqlite3.Row) -> tuple[int, Recent]:
    known = Known(item_id=row["id"], story_id=row["story"], owner=row["owner"])
    gist = unpack_gist(row["gist"])
    return row["seq"], Recent(known=known, gist=gist, at=rows.when(row["at"]))


def drop(db: sqlite3.Connection, items: Iterable[int]) -> None:
    """Forget what these items are about."""
    db.executemany("DELETE FROM gist WHERE item = ?", ((item,) for item in items))
