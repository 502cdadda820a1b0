"""What people ask: an item's fate, the last alerts, the outbox, the request log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.model import DeliveryState
from vedette.store import rows, telling
from vedette.store.delivering import alert_ids, story_of
from vedette.store.records import AlertRow, StoredItem, StoryRow

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from alerts.model import Delivery
    from crawler.items import FetchRecord
    from vedette.store.connection import Connections


class Reading:
    """The readers' share of the store; nothing here writes."""

    _db: Connections

    def item(self, key: str) -> StoredItem | None:
        """One item by its id or its URL, as published or canonical.

        Of several with the same URL the first stored. None when none is stored, or
        its row is damaged beyond reading. Reads one snapshot.
        """
        with self._db.reading() as db:
            found = db.execute(
                f"SELECT seq, text_pruned, {rows.ITEM_COLUMNS} FROM item"  # noqa: S608
                " WHERE id = ?1 OR url = ?1 OR canonical_url = ?1 ORDER BY seq",
                (rows.clean(key),),
            ).fetchall()
            if not found:
                return None
            stored = rows.readable(found[:1], lambda row: _stored_item(db, row), "item")
            if not stored:
                return None
        return StoredItem(
            **{
                name: getattr(stored[0], name)
                for name in StoredItem.__dataclass_fields__
                if name != "others"
            },
            others=tuple(row["id"] for row in found[1:]),
        )

    def alerts(self, limit: int) -> tuple[AlertRow, ...]:
        """The last alerts, newest first; unreadable rows are left out and logged.

        Reads one snapshot.
        """
        with self._db.reading() as db:
            found = db.execute(
                "SELECT a.id, a.story, a.topic, a.kind, a.milestone, a.reason,"
                " a.severity, a.item, a.score, a.threshold, a.created, a.evidence,"
                " a.config, a.note, a.due, a.covers, a.difference,"
                " a.acknowledged,"
                " s.headline, i.title, i.url, i.source"
                " FROM alert a JOIN story s ON s.id = a.story"
                " JOIN item i ON i.id = a.item ORDER BY a.seq DESC LIMIT ?",
                (limit,),
            ).fetchall()
            return rows.readable(found, lambda row: _alert_row(db, row), "alert")

    def stories(self, limit: int, story_id: str | None = None) -> tuple[StoryRow, ...]:
        """Stories, the one that moved last first, or the one of this id.

        One that was merged is not listed; its id leads to the story that took it in.
        Unreadable rows are left out and logged. Reads one snapshot.
        """
        with self._db.reading() as db:
            found = db.execute(
                f"SELECT {rows.STORY_COLUMNS} FROM story"  # noqa: S608
                + (
                    " WHERE ?1 IS NULL AND merged_into IS NULL"
                    if story_id is None
                    else " WHERE id = (SELECT coalesce(merged_into, id) FROM story"
                    " WHERE id = ?1)"
                )
                + " ORDER BY last_seen DESC, id LIMIT ?2",
                (story_id, limit),
            ).fetchall()
            return rows.readable(found, lambda row: _story_row(db, row), "story")

    def outbox(
        self, limit: int, state: DeliveryState | None = None
    ) -> tuple[Delivery, ...]:
        """Outbox rows, newest first, of one state or of all.

        Unreadable rows are left out and logged. Reads one snapshot.
        """
        with self._db.reading() as db:
            found = db.execute(
                f"SELECT {rows.DELIVERY_COLUMNS} FROM delivery"  # noqa: S608
                + (" WHERE ?1 IS NULL" if state is None else " WHERE state = ?1")
                + " ORDER BY seq DESC LIMIT ?2",
                (state, limit),
            ).fetchall()
            return _deliveries(db, found)

    def requests(self, source: str | None, limit: int) -> tuple[FetchRecord, ...]:
        """The request log of one source or of all, newest first.

        Reads one snapshot.
        """
        with self._db.reading() as db:
            found = db.execute(
                f"SELECT {rows.REQUEST_COLUMNS} FROM request"  # noqa: S608
                + (" WHERE source = ?1" if source is not None else " WHERE ?1 IS NULL")
                + " ORDER BY seq DESC LIMIT ?2",
                (source, limit),
            ).fetchall()
        return rows.readable(found, rows.request_from, "request")


def _deliveries(
    db: sqlite3.Connection, found: Iterable[sqlite3.Row]
) -> tuple[Delivery, ...]:
    return rows.readable(
        found,
        lambda row: rows.delivery_from(row, alert_ids(db, row["id"])),
        "delivery",
    )


def _story_row(db: sqlite3.Connection, row: sqlite3.Row) -> StoryRow:
    story = rows.story_from(row)
    alerts = db.execute(
        f"SELECT {rows.ALERT_COLUMNS} FROM alert WHERE story IN"  # noqa: S608
        " (SELECT id FROM story WHERE id = ?1 OR merged_into = ?1) ORDER BY seq",
        (story.id,),
    ).fetchall()
    related = {one.id: one for one in telling.links(db, story.related).values()}
    related.pop(story.id, None)
    return StoryRow(
        story=story,
        alerts=rows.readable(alerts, rows.alert_from, "alert"),
        related=tuple(related.values()),
        merged=telling.merged(db, story.id),
    )


def _alert_row(db: sqlite3.Connection, row: sqlite3.Row) -> AlertRow:
    told = db.execute(
        "SELECT d.state, count(*) FROM delivery_alert da"
        " JOIN delivery d ON d.id = da.delivery WHERE da.alert = ? GROUP BY d.state",
        (row["id"],),
    )
    return AlertRow(
        alert=rows.alert_from(row),
        headline=row["headline"],
        title=row["title"],
        url=row["url"],
        source=row["source"],
        told={DeliveryState(state): n for state, n in told},
        acknowledged=rows.maybe_when(row["acknowledged"]),
    )


def _stored_item(db: sqlite3.Connection, row: sqlite3.Row) -> StoredItem:
    seq, item = row["seq"], rows.item_from(row)
    judged = db.execute("SELECT * FROM judgement WHERE item = ?", (seq,)).fetchone()
    waits = db.execute(
        "SELECT unreadable FROM pending WHERE item = ?", (seq,)
    ).fetchone()
    alerts = db.execute(
        f"SELECT {rows.ALERT_COLUMNS} FROM alert WHERE item = ? ORDER BY seq",  # noqa: S608
        (item.id,),
    ).fetchall()
    deliveries = db.execute(
        f"SELECT {rows.DELIVERY_COLUMNS} FROM delivery WHERE id IN"  # noqa: S608
        " (SELECT da.delivery FROM delivery_alert da JOIN alert a ON a.id = da.alert"
        "  WHERE a.item = ?) ORDER BY seq",
        (item.id,),
    ).fetchall()
    fetch = db.execute(
        f"SELECT {rows.REQUEST_COLUMNS} FROM request"  # noqa: S608
        " WHERE source = ? AND url = ? ORDER BY seq DESC LIMIT 1",
        (item.source, item.url),
    ).fetchone()
    return StoredItem(
        item=item,
        evaluated=None if judged is None else rows.when(judged["at"]),
        matches=() if judged is None else rows.matches_from(judged["matches"]),
        gates=() if judged is None else rows.gates_from(judged["gates"]),
        story=None if judged is None else story_of(db, judged["story"]),
        duplicate_of=None if judged is None else judged["duplicate_of"],
        alerts=rows.readable(alerts, rows.alert_from, "alert"),
        deliveries=_deliveries(db, deliveries),
        fetch=None if fetch is None else rows.request_from(fetch),
        unreadable=None if waits is None else waits["unreadable"],
        text_pruned=bool(row["text_pruned"]),
    )
