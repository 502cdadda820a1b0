"""What the collect job reads and writes: sources, items, the request log."""

from __future__ import annotations

import json
import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

from crawler.items import SourceState
from crawler.reasons import FetchReason
from crawler.target import masked
from vedette.failpoints import Point, reach
from vedette.store import memory, rows
from vedette.store.records import Added

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import datetime

    from crawler.items import Harvest, Item, Source
    from vedette.store.connection import Connections

log = logging.getLogger(__name__)

_ADD_STATE = (
    f"INSERT INTO source({rows.STATE_COLUMNS})"  # noqa: S608 - our own column names
    f" VALUES ({', '.join('?' * 19)})"
)
_SET_STATE = (
    _ADD_STATE
    + " ON CONFLICT(name) DO UPDATE SET "
    + ", ".join(
        f"{column} = excluded.{column}"
        for column in rows.STATE_COLUMNS.replace(",", "").split()[1:]
    )
)
_ADD_ITEM = (
    f"INSERT INTO item({rows.ITEM_COLUMNS})"  # noqa: S608 - our own column names
    f" VALUES ({', '.join('?' * 16)})"
)
# One row: each of them would let the other threads have a turn, twice.
_KNOWN = (
    "SELECT json_group_array(id) FROM"
    " (SELECT id FROM item WHERE id IN (SELECT value FROM json_each(?1))"
    " UNION ALL SELECT id FROM gone WHERE id IN (SELECT value FROM json_each(?1)))"
)
_COUNT = (
    "INSERT INTO tally(source, what, n) VALUES (?, ?, ?)"
    " ON CONFLICT(source, what) DO UPDATE SET n = n + excluded.n"
)


class Collecting:
    """The collect job's share of the store."""

    _db: Connections

    def adopt(
        self,
        sources: Iterable[Source],
        now: datetime,
        *,
        due: Callable[[Source], datetime],
    ) -> None:
        """Make the configured sources known, and let go of those that are not.

        A source without a row gets one with ``adopted`` = now; one that was away gets
        a due time again, no sooner than its shortest interval after the last poll. The
        row of a source that is gone from the config stays, with its validators and
        counters, but has no due time. ``due`` gives the first poll of a source (spread
        them, or every start polls everything at once); it is called on the writer
        thread and must not call the store.

        Atomic: all or nothing, one transaction.
        """
        wanted = tuple(sources)

        def work(db: sqlite3.Connection) -> None:
            found = {
                row["name"]: row
                for row in db.execute("SELECT name, due, attempted FROM source")
            }
            for source in wanted:
                if source.name not in found:
                    state = SourceState(
                        name=source.name,
                        url=masked(source.url),
                        adopted=now,
                        due=due(source),
                    )
                    db.execute(_ADD_STATE, _state_row(state))
                elif found[source.name]["due"] is None:
                    # One that comes and goes with a config is not asked each time.
                    last = rows.maybe_when(found[source.name]["attempted"])
                    again = due(source)
                    if last is not None and last <= now:
                        again = max(again, last + source.every_min)
                    db.execute(
                        "UPDATE source SET due = ? WHERE name = ?",
                        (rows.ticks(again), source.name),
                    )
            db.execute(
                "UPDATE source SET due = NULL WHERE due IS NOT NULL AND name NOT IN"
                " (SELECT value FROM json_each(?))",
                (json.dumps([source.name for source in wanted]),),
            )

        self._db.write(work)

    def states(self) -> dict[str, SourceState]:
        """The state of every source ever adopted, by name.

        Those gone from the config have no due time. A row that cannot be read comes
        back as a new source adopted at the same time, so that it is polled again.

        Reads one snapshot.
        """
        with self._db.reading() as db:
            found = db.execute(
                f"SELECT {rows.STATE_COLUMNS} FROM source ORDER BY name"  # noqa: S608
            ).fetchall()
        return {row["name"]: _state(row) for row in found}

    def known(self, ids: Sequence[str]) -> frozenset[str]:
        """Which of these item ids were stored before, also if retention took them.

        Reads one snapshot.
        """
        if not ids:
            return frozenset()
        found = self._db.asked(_KNOWN, (rows.as_json(list(ids)),))
        return frozenset(json.loads(found[0][0]))

    def add_items(self, harvest: Harvest) -> Added:
        """Store one poll: its new items, the source's new state, log and counters.

        Items known already are left as they are. New ones wait for evaluation, in
        the order given.

        Atomic and durable on return, so a validator is never stored without the items
        it stands for (I7a); polls that end together share a commit.

        Raises:
            StoreFull: nothing was stored; the poll will be made again.
        """

        def work(db: sqlite3.Connection) -> Added:
            new = _add_new(db, harvest.items)
            counts = Counter({"polls": 1}) + Counter(item.freshness for item in new)
            reach(Point.INGESTING)
            db.execute(_SET_STATE, _state_row(harvest.state))
            db.executemany(rows.ADD_REQUEST, map(rows.request_row, harvest.records))
            added = Added(new=len(new), known=len(harvest.items) - len(new))
            counts["failed"] = int(not harvest.ok)
            counts["new"], counts["known"] = added.new, added.known
            counts.update(dict(harvest.dropped))
            db.executemany(
                _COUNT, ((harvest.source, what, n) for what, n in counts.items() if n)
            )
            return added

        return self._db.write_together(work)


def _add_new(db: sqlite3.Connection, items: Sequence[Item]) -> Collection[Item]:
    """Store the items that are not known, to wait for evaluation; gives them."""
    if not items:
        return ()
    ids = rows.as_json([item.id for item in items])
    known = frozenset(json.loads(db.execute(_KNOWN, (ids,)).fetchone()[0]))
    new: dict[str, Item] = {}
    for item in items:
        if item.id not in known:
            new.setdefault(item.id, item)
    if new:
        # SQLite numbers a new row one above the highest there is.
        last = db.execute("SELECT coalesce(max(seq), 0) FROM item").fetchone()[0]
        db.executemany(_ADD_ITEM, map(rows.item_row, new.values()))
        db.execute(
            "INSERT INTO pending(item) SELECT seq FROM item WHERE seq > ?", (last,)
        )
    return new.values()


def _state_row(state: SourceState) -> tuple[Any, ...]:
    return rows.state_row(state, memory.memory_text(state))


def _state(row: sqlite3.Row) -> SourceState:
    try:
        return rows.state_from(row, memory.memory_from(row["memory"]))
    except rows.UNREADABLE as error:
        log.exception("Source state is unreadable", extra={"source": row["name"]})
        return SourceState(
            name=row["name"],
            url=row["url"],
            adopted=rows.when(row["adopted"]),
            due=rows.maybe_when(row["due"]),
            reason=FetchReason.INTERNAL,
            detail=f"stored state is unreadable: {error}",
        )
