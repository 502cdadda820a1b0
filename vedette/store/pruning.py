"""Retention: what is removed, what is kept however old."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vedette.alike import RECENT, WATCHED
from vedette.failpoints import Point, reach
from vedette.nearby import POSTING_LIFE
from vedette.store import gists, postings, rows, search, versions
from vedette.store.records import Pruned

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime

    from vedette.store.connection import Connections

    Step = Callable[[sqlite3.Connection, int], int]

PRUNE_BATCH = 500
"""Rows removed per transaction, so that retention never holds up a claim for long."""

_TICK = timedelta(microseconds=1)

REQUESTS_KEPT = timedelta(days=14)
"""Retention of the request log: two weeks of polls is what `sources --score` reads."""


class Pruning:
    """Retention's share of the store."""

    _db: Connections

    def prune(
        self,
        now: datetime,
        *,
        items: timedelta,
        texts: timedelta,
        requests: timedelta = REQUESTS_KEPT,
    ) -> Pruned:
        """Remove what is older than its retention; safe beside every other call.

        The words by which near-duplicates are told live 7 days. Texts older than
        ``texts`` are emptied (title and summary stay), and what their pages said is
        forgotten once these are watched no more. After ``items`` go: settled
        deliveries, the alerts they told, judged items, stories without either. Kept
        however old: what waits for evaluation or delivery, dead letters, and
        everything of a story that still moves, so that a milestone is never told
        twice. The ids of removed items stay known.

        Atomic in batches: each transaction leaves a whole store, a kill between them
        leaves the rest for the next call. Folds the write-ahead log into the file.
        """
        old = rows.ticks(now - items)
        self._repeat(_drop_words, rows.ticks(now - POSTING_LIFE))
        self._repeat(_drop_gists, rows.ticks(now))
        emptied = self._repeat(_empty_texts, rows.ticks(now - texts))
        self._repeat(_drop_versions, rows.ticks(now - texts))
        deliveries = self._repeat(_drop_deliveries, old)
        alerts = self._repeat(_drop_alerts, old)
        removed = self._repeat(_drop_items, old)
        stories = self._repeat(_drop_stories, old)
        logged = self._repeat(_drop_requests, rows.ticks(now - requests))
        self._db.write(
            lambda db: db.execute(
                "DELETE FROM silence WHERE until <= ?", (rows.ticks(now),)
            )
        )
        reach(Point.CHECKPOINTING)
        self._db.on_writer(
            lambda db: db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        )
        return Pruned(
            items=removed,
            texts=emptied,
            stories=stories,
            alerts=alerts,
            deliveries=deliveries,
            requests=logged,
        )

    def _repeat(self, step: Step, before: int) -> int:
        """Run one batch after the other until one finds too little to fill it."""
        total = 0
        while True:
            n = self._db.write(lambda db: step(db, before))
            total += n
            if n < PRUNE_BATCH:
                return total


def _drop_words(db: sqlite3.Connection, before: int) -> int:
    found = db.execute(
        "SELECT item FROM sketch WHERE at < ? ORDER BY at LIMIT ?",
        (before, PRUNE_BATCH),
    ).fetchall()
    postings.drop(db, (row[0] for row in found))
    return len(found)


def _drop_gists(db: sqlite3.Connection, now: int) -> int:
    found = db.execute(
        "SELECT item FROM gist WHERE at < ? AND (NOT watched OR at < ?) LIMIT ?",
        (now - RECENT // _TICK, now - WATCHED // _TICK, PRUNE_BATCH),
    ).fetchall()
    gists.drop(db, (row[0] for row in found))
    return len(found)


def _empty_texts(db: sqlite3.Connection, before: int) -> int:
    found = db.execute(
        "SELECT seq, title, text FROM item WHERE seen < ? AND text_pruned = 0"
        " AND seq NOT IN (SELECT item FROM pending)"
        " AND id NOT IN (SELECT a.item FROM alert a"
        "  JOIN delivery_alert da ON da.alert = a.id"
        "  JOIN delivery d ON d.id = da.delivery"
        "  WHERE d.state IN ('pending', 'leased'))"
        " LIMIT ?",
        (before, PRUNE_BATCH),
    ).fetchall()
    for row in found:
        search.unindex(db, row, text_only=True)
    db.executemany(
        "UPDATE item SET text = x'', text_pruned = 1 WHERE seq = ?",
        ((row["seq"],) for row in found),
    )
    return len(found)


def _drop_versions(db: sqlite3.Connection, before: int) -> int:
    return versions.drop_old(db, before, PRUNE_BATCH)


def _drop_deliveries(db: sqlite3.Connection, before: int) -> int:
    ids = [
        row[0]
        for row in db.execute(
            "SELECT id FROM delivery"
            " WHERE state IN ('delivered', 'suppressed')"
            " AND coalesce(settled, created) < ?1"
            " AND NOT EXISTS (SELECT 1 FROM delivery_alert da"
            "  JOIN alert a ON a.id = da.alert JOIN story s ON s.id = a.story"
            "  LEFT JOIN story t ON t.id = s.merged_into"
            "  WHERE da.delivery = delivery.id"
            "  AND coalesce(t.last_seen, s.last_seen) >= ?1)"
            " LIMIT ?2",
            (before, PRUNE_BATCH),
        )
    ]
    for table, column in (
        ("attempt", "delivery"),
        ("delivery_alert", "delivery"),
        ("delivery", "id"),
    ):
        db.executemany(
            f"DELETE FROM {table} WHERE {column} = ?",  # noqa: S608 - constants
            ((one,) for one in ids),
        )
    return len(ids)


def _drop_alerts(db: sqlite3.Connection, before: int) -> int:
    return db.execute(
        "DELETE FROM alert WHERE seq IN (SELECT a.seq FROM alert a"
        " JOIN story s ON s.id = a.story LEFT JOIN story t ON t.id = s.merged_into"
        " WHERE a.created < ?1 AND coalesce(t.last_seen, s.last_seen) < ?1"
        " AND NOT EXISTS (SELECT 1 FROM delivery_alert da WHERE da.alert = a.id)"
        " AND NOT EXISTS (SELECT 1 FROM escalation e WHERE e.alert = a.id)"
        " LIMIT ?2)",
        (before, PRUNE_BATCH),
    ).rowcount


def _drop_items(db: sqlite3.Connection, before: int) -> int:
    found = db.execute(
        "SELECT seq, id, title, text FROM item WHERE seen < ?"
        " AND seq NOT IN (SELECT item FROM pending)"
        " AND NOT EXISTS (SELECT 1 FROM alert a WHERE a.item = item.id)"
        " AND id NOT IN (SELECT json_extract(alert, '$.item') FROM hold) LIMIT ?",
        (before, PRUNE_BATCH),
    ).fetchall()
    postings.drop(db, (row["seq"] for row in found))
    gists.drop(db, (row["seq"] for row in found))
    versions.drop(db, (row["id"] for row in found))
    for row in found:
        search.unindex(db, row, text_only=False)
        db.execute(
            "INSERT INTO gone(id, at) VALUES (?, ?) ON CONFLICT(id) DO NOTHING",
            (row["id"], before),
        )
        db.execute("DELETE FROM judgement WHERE item = ?", (row["seq"],))
        db.execute("DELETE FROM item WHERE seq = ?", (row["seq"],))
    return len(found)


def _drop_stories(db: sqlite3.Connection, before: int) -> int:
    return db.execute(
        "DELETE FROM story WHERE id IN (SELECT s.id FROM story s WHERE s.last_seen < ?"
        " AND NOT EXISTS (SELECT 1 FROM judgement j WHERE j.story = s.id)"
        " AND NOT EXISTS (SELECT 1 FROM alert a WHERE a.story = s.id)"
        " AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.story = s.id)"
        " AND NOT EXISTS (SELECT 1 FROM story m WHERE m.merged_into = s.id) LIMIT ?)",
        (before, PRUNE_BATCH),
    ).rowcount


def _drop_requests(db: sqlite3.Connection, before: int) -> int:
    return db.execute(
        "DELETE FROM request WHERE seq IN"
        " (SELECT seq FROM request WHERE at < ? LIMIT ?)",
        (before, PRUNE_BATCH),
    ).rowcount
