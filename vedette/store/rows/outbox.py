"""Outbox rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alerts.model import Delivery, DeliveryState, MessageType, Reason, Severity
from vedette.store.rows.values import clean, maybe_ticks, maybe_when, ticks, when

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

DELIVERY_COLUMNS = (
    "id, channel, recipient, type, severity, story, headline, state, reason, created,"
    " due, first_due, attempts, detail, settled, period_from, period_to, payload"
)


def delivery_row(delivery: Delivery) -> tuple[Any, ...]:
    """In the order of ``DELIVERY_COLUMNS``."""
    return (
        delivery.id,
        delivery.channel,
        delivery.recipient,
        delivery.type,
        delivery.severity,
        delivery.story_id,
        clean(delivery.headline),
        delivery.state,
        delivery.reason,
        ticks(delivery.created),
        ticks(delivery.due),
        ticks(delivery.first_due),
        delivery.attempts,
        clean(delivery.detail),
        maybe_ticks(delivery.settled),
        maybe_ticks(delivery.period_from),
        maybe_ticks(delivery.period_to),
        delivery.payload,
    )


def delivery_from(row: sqlite3.Row, alert_ids: Sequence[str]) -> Delivery:
    """Read an outbox row; the alerts it covers are looked up by the caller."""
    return Delivery(
        id=row["id"],
        channel=row["channel"],
        recipient=row["recipient"],
        type=MessageType(row["type"]),
        severity=Severity(row["severity"]),
        story_id=row["story"],
        alert_ids=tuple(alert_ids),
        headline=row["headline"],
        payload=row["payload"],
        state=DeliveryState(row["state"]),
        reason=None if row["reason"] is None else Reason(row["reason"]),
        created=when(row["created"]),
        due=when(row["due"]),
        first_due=when(row["first_due"]),
        attempts=row["attempts"],
        detail=row["detail"],
        settled=maybe_when(row["settled"]),
        period_from=maybe_when(row["period_from"]),
        period_to=maybe_when(row["period_to"]),
    )
