"""The store's signs of life: health and beats."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.model import DeliveryState
from vedette.store import episodes, outages, rows, schema
from vedette.store.handling import running_silences
from vedette.store.records import StoreHealth

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from vedette.store.connection import Connections


class Keeping:
    """The store's care for itself."""

    _db: Connections

    def health(self, now: datetime) -> StoreHealth:
        """Counts, ages and sizes at this moment.

        Reads one snapshot; sizes are of the files as they are.
        """
        at = rows.ticks(now)
        with self._db.reading() as db:
            items, pending, unreadable, seen = db.execute(
                "SELECT (SELECT count(*) FROM item),"
                " (SELECT count(*) FROM pending WHERE unreadable IS NULL),"
                " (SELECT count(*) FROM pending WHERE unreadable IS NOT NULL),"
                " (SELECT i.seen FROM pending p JOIN item i ON i.seq = p.item"
                "  WHERE p.unreadable IS NULL ORDER BY p.item LIMIT 1)"
            ).fetchone()
            oldest = db.execute(
                "SELECT due FROM delivery INDEXED BY delivery_due"
                " WHERE state = 'pending' ORDER BY due LIMIT 1"
            ).fetchone()
            stuck = db.execute(
                "SELECT d.due FROM delivery d INDEXED BY delivery_due"
                " WHERE d.state = 'pending' AND d.due <= ?1 AND NOT EXISTS"
                "  (SELECT 1 FROM delivery o WHERE o.state = 'leased'"
                "   AND o.channel = d.channel AND o.leased_until > ?1)"
                " ORDER BY d.due LIMIT 1",
                (at,),
            ).fetchone()
            deliveries = {
                DeliveryState(state): n
                for state, n in db.execute(
                    "SELECT state, count(*) FROM delivery GROUP BY state"
                )
            }
            beats = {
                name: rows.when(beat)
                for name, beat in db.execute("SELECT name, at FROM beat ORDER BY name")
            }
            tallies = _tallies(db)
            troubles = episodes.look(db, now)
            told = outages.told(db)
            standing = outages.standing(db, told, now)
            waiting = dict(
                db.execute(
                    "SELECT channel, count(*) FROM delivery INDEXED BY delivery_waiting"
                    " WHERE state = 'pending' GROUP BY channel"
                ).fetchall()
            )
            silences = running_silences(db, now)
            version = schema.found_version(db, self._db.path)
        path = self._db.path
        return StoreHealth(
            schema=version,
            items=items,
            pending=pending,
            oldest_pending=rows.maybe_when(seen),
            overdue=_age(at, oldest),
            stuck=_age(at, stuck),
            deliveries=deliveries,
            unreadable=unreadable,
            beats=beats,
            tallies=tallies,
            episodes=troubles,
            outages=told,
            standing=standing,
            waiting=waiting,
            silences=silences,
            store_bytes=_size(path),
            wal_bytes=_size(path.with_name(path.name + "-wal")),
            free_bytes=shutil.disk_usage(path.parent).free,
        )

    def beat(
        self, name: str, now: datetime, *, begun: Mapping[str, datetime] | None = None
    ) -> None:
        """Leave a sign of life under this name. Atomic: one transaction.

        ``begun`` are sources about to be polled, with the time each is due again
        should nothing more be heard of that poll.
        """

        def work(db: sqlite3.Connection) -> None:
            db.execute(
                "INSERT INTO beat(name, at) VALUES (?, ?)"
                " ON CONFLICT(name) DO UPDATE SET at = excluded.at",
                (name, rows.ticks(now)),
            )
            db.executemany(
                "UPDATE source SET attempted = ?, due = ? WHERE name = ?",
                (
                    (rows.ticks(now), rows.ticks(due), source)
                    for source, due in (begun or {}).items()
                ),
            )

        self._db.write(work)


def _age(at: int, due: sqlite3.Row | None) -> timedelta:
    """How long ago a row was due; 0 without one."""
    return timedelta(microseconds=max(0, at - due[0]) if due is not None else 0)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _tallies(db: sqlite3.Connection) -> Mapping[str, Mapping[str, int]]:
    tallies: dict[str, dict[str, int]] = {}
    for source, what, n in db.execute(
        "SELECT source, what, n FROM tally ORDER BY source, what"
    ):
        tallies.setdefault(source, {})[what] = n
    return tallies
