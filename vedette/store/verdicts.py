"""How a verdict is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.model import Delivery, DeliveryState, MessageType
from crawler.items import stable_id
from vedette.store import (
    acknowledging,
    episodes,
    gists,
    holds,
    outages,
    postings,
    rows,
    search,
    versions,
)
from vedette.store.errors import AlreadyEvaluated

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime

    from alerts.model import Alert, Judgement, Verdict

_SET_STORY = (
    f"INSERT INTO story({rows.STORY_COLUMNS})"  # noqa: S608 - our own column names
    f" VALUES ({', '.join('?' * 15)}) ON CONFLICT(id) DO UPDATE SET "
    + ", ".join(
        f"{column} = excluded.{column}"
        for column in rows.STORY_COLUMNS.replace(",", "").split()[1:]
    )
)
_FOLLOW_MERGED = "UPDATE story SET merged_into = ? WHERE merged_into = ?"
_ADD_ALERT = (
    f"INSERT INTO alert({rows.ALERT_COLUMNS})"  # noqa: S608 - our own column names
    f" VALUES ({', '.join('?' * 17)})"
    " ON CONFLICT(story, topic, kind, milestone) DO NOTHING"
)
_ADD_DELIVERY = (
    f"INSERT INTO delivery({rows.DELIVERY_COLUMNS})"  # noqa: S608 - our own names
    f" VALUES ({', '.join('?' * 18)})"
)


def write(db: sqlite3.Connection, verdict: Verdict) -> None:
    """Every row of it, inside the caller's transaction.

    Raises:
        AlreadyEvaluated: a judged item does not wait.
        Acknowledged: what goes on to others was acknowledged since it was read.
    """
    acknowledging.check(db, verdict.escalated)
    db.executemany(_SET_STORY, map(rows.story_row, verdict.stories))
    db.executemany(_FOLLOW_MERGED, _mergers(verdict))
    judged = [
        (_judge(db, judgement, verdict.at), judgement)
        for judgement in verdict.judgements
    ]
    search.index(db, (item for item, _ in judged))
    postings.add(db, judged, verdict.at)
    watched = frozenset(one.id for one in verdict.stories if one.matched)
    gists.add(db, judged, verdict.at, watched)
    ids = _add_alerts(db, verdict.alerts)
    for delivery in verdict.deliveries:
        _add_delivery(db, delivery, ids)
    holds.keep(db, verdict.holds)
    holds.drop(db, verdict.released)
    acknowledging.keep(db, verdict.escalations, ids)
    acknowledging.drop(db, verdict.escalated)
    versions.keep(db, verdict)
    db.executemany(rows.ADD_REQUEST, map(rows.request_row, verdict.records))
    if verdict.episodes:
        episodes.keep(db, verdict.episodes, verdict.at)
    outages.keep(db, verdict.outages)
    db.executemany(
        "INSERT INTO caught_up(topic, at) VALUES (?, ?)"
        " ON CONFLICT(topic) DO UPDATE SET at = excluded.at",
        ((topic, rows.ticks(at)) for topic, at in verdict.caught_up),
    )


def _mergers(verdict: Verdict) -> list[tuple[str, str]]:
    """(survivor, story) of the stories that this verdict merged."""
    return [(s.merged_into, s.id) for s in verdict.stories if s.merged_into]


def _judge(db: sqlite3.Connection, judgement: Judgement, at: datetime) -> int:
    """Store one judgement; gives the item's row number."""
    row = db.execute(
        "DELETE FROM pending WHERE item = (SELECT seq FROM item WHERE id = ?)"
        " RETURNING item",
        (judgement.item_id,),
    ).fetchone()
    if row is None:
        raise AlreadyEvaluated(judgement.item_id)
    item: int = row[0]
    db.execute(
        "INSERT INTO judgement(item, at, story, duplicate_of, opened, url_key,"
        " content_hash, matches, gates, owner) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            item,
            rows.ticks(at),
            judgement.move.story_id,
            judgement.move.duplicate_of,
            int(judgement.move.opened),
            rows.maybe_clean(judgement.fingerprint.url_key),
            judgement.fingerprint.content_hash,
            rows.matches_json(judgement.matches),
            rows.as_json(judgement.gates),
            judgement.owner,
        ),
    )
    return item


def _add_alerts(db: sqlite3.Connection, alerts: Iterable[Alert]) -> dict[str, str]:
    """Store the alerts; maps each id given to the id that is stored for its key."""
    ids = {}
    for alert in alerts:
        db.execute(_ADD_ALERT, rows.alert_row(alert))
        ids[alert.id] = db.execute(
            "SELECT id FROM alert"
            " WHERE story = ? AND topic = ? AND kind = ? AND milestone = ?",
            (alert.story_id, alert.topic, alert.kind, alert.milestone),
        ).fetchone()[0]
    return ids


def _add_delivery(
    db: sqlite3.Connection, delivery: Delivery, ids: dict[str, str]
) -> None:
    wanted = [ids.get(alert, alert) for alert in delivery.alert_ids]
    open_alerts = [
        alert
        for alert in wanted
        if db.execute(
            "SELECT 1 FROM delivery_alert"
            " WHERE alert = ? AND channel = ? AND recipient = ?",
            (alert, delivery.channel, delivery.recipient),
        ).fetchone()
        is None
    ]
    if wanted and not open_alerts:
        return
    row_id = _row_for(db, delivery)
    db.executemany(
        "INSERT INTO delivery_alert(alert, channel, recipient, delivery)"
        " VALUES (?, ?, ?, ?)",
        (
            (alert, delivery.channel, delivery.recipient, row_id)
            for alert in open_alerts
        ),
    )


def _row_for(db: sqlite3.Connection, delivery: Delivery) -> str:
    """The id of the outbox row that carries this message, made when missing."""
    row_id, turn = delivery.id, 1
    while True:
        row = db.execute(
            "SELECT state, payload IS NULL AS gathering FROM delivery WHERE id = ?",
            (row_id,),
        ).fetchone()
        if row is None:
            values = rows.delivery_row(delivery)
            db.execute(_ADD_DELIVERY, (row_id, *values[1:]))
            return row_id
        if delivery.type is not MessageType.DIGEST or (
            delivery.state is DeliveryState.SUPPRESSED
        ):
            return row_id
        if row["state"] == DeliveryState.PENDING and row["gathering"]:
            if delivery.reason is not None:
                db.execute(
                    "UPDATE delivery SET reason = ?, detail = ?"
                    " WHERE id = ? AND reason IS NULL",
                    (delivery.reason, rows.clean(delivery.detail), row_id),
                )
            return row_id
        # It was claimed or sent between the decision and this write. Adding to it
        # would lose the alert, so the period gets one more row.
        turn += 1
        row_id = stable_id(delivery.id, str(turn))
