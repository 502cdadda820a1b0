"""What stored items are about: written with a verdict, looked up, removed by age."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from alerts.model import Known, Recent
from alerts.stories import pack, pack_gist, unpack_gist, unpack_row
from vedette.alike import RECENT, WATCHED, AlikeIndex
from vedette.store import rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from alerts.model import Fingerprint, Judgement

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

    As ``Postings`` it follows the table and is read anew by a new process.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._forget_all()

    def _forget_all(self) -> None:
        self._index = AlikeIndex()
        self._newest = 0
        self._now = datetime.min.replace(tzinfo=UTC)

    def look(
        self, db: sqlite3.Connection, fingerprints: Sequence[Fingerprint], now: datetime
    ) -> dict[str, Recent]:
        """Earlier items that may be of one story with these, oldest first, by id."""
        near: set[int] = set()
        with self._guard:
            self._follow(db, now)
            for one in fingerprints:
                if one.gist is not None:
                    near |= self._index.near(one.gist.keys)
        if not near:
            return {}
        found = db.execute(_FOUND, (rows.as_json(sorted(near)),))
        recents = rows.readable(found, _recent_from, "gist")
        return {one.known.item_id: one for one in recents}

    def _follow(self, db: sqlite3.Connection, now: datetime) -> None:
        if now < self._now:  # the clock went back: what was let go is asked for again
            self._forget_all()
        self._now = now
        since = {
            "recent": rows.ticks(now - RECENT),
            "watched": rows.ticks(now - WATCHED),
        }
        recent = db.execute(
            "SELECT min(seq) FROM gist WHERE at >= :recent", since
        ).fetchone()[0]
        watched = db.execute(
            "SELECT min(seq) FROM gist WHERE watched AND at >= :watched", since
        ).fetchone()[0]
        found = db.execute(
            "SELECT seq, watched, keys FROM gist WHERE seq > :newest"
            " AND (at >= :recent OR (watched AND at >= :watched)) ORDER BY seq",
            {**since, "newest": self._newest},
        )
        for row in found:
            self._newest = row["seq"]
            for keys in rows.readable((row,), lambda r: unpack_row(r["keys"]), "gist"):
                self._index.add(row["seq"], keys, watched=bool(row["watched"]))
        beyond = self._newest + 1
        self._index.forget(
            recent=beyond if recent is None else recent,
            watched=beyond if watched is None else watched,
        )


def _recent_from(row: sqlite3.Row) -> Recent:
    known = Known(item_id=row["id"], story_id=row["story"], owner=row["owner"])
    return Recent(known=known, gist=unpack_gist(row["gist"]), at=rows.when(row["at"]))


def drop(db: sqlite3.Connection, items: Iterable[int]) -> None:
    """Forget what these items are about."""
    db.executemany("DELETE FROM gist WHERE item = ?", ((item,) for item in items))
