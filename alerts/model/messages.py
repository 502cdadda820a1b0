"""A message: what it tells, to whom, and its row in the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from alerts.model.deciding import Alert
    from alerts.model.reasons import Reason, Severity
    from alerts.model.stories import Link, Story
    from alerts.model.watch import Channel
    from crawler.items import Item


class MessageType(StrEnum):
    """The ``type`` of a message (DESIGN section 6)."""

    OPENED = "alert.opened"
    UPDATED = "alert.updated"
    DIGEST = "digest"
    SOURCE_SILENT = "source.silent"
    CHANNEL_DEAD = "channel.dead"
    HEARTBEAT = "heartbeat"
    TEST = "test"


class DeliveryState(StrEnum):
    """Where an outbox row stands."""

    PENDING = "pending"
    LEASED = "leased"
    DELIVERED = "delivered"
    DEAD = "dead"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One outbox row: one message to one recipient of one channel.

    ``payload`` is rendered once and never changes; None only for a digest that is
    still being filled. ``due`` is the next attempt (aware UTC), ``attempts`` counts
    claims, ``first_due`` anchors the retry schedule. ``alert_ids`` are the alerts it
    covers, in order of creation.
    """

    id: str
    channel: str
    recipient: str
    type: MessageType
    severity: Severity
    story_id: str | None
    alert_ids: tuple[str, ...]
    headline: str
    payload: bytes | None
    state: DeliveryState
    reason: Reason | None
    created: datetime
    due: datetime
    first_due: datetime
    attempts: int = 0
    detail: str = ""
    settled: datetime | None = None
    period_from: datetime | None = None
    period_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One alert as a reader meets it: with its story, its item, its topic's title.

    ``also`` are the other alerts of the same story that ride in the same message,
    ``related`` are stories it may be one with, ``merged`` those that the message says
    it is one with.
    """

    alert: Alert
    story: Story
    item: Item
    topic_title: str
    owner: str | None = None
    also: tuple[Alert, ...] = ()
    related: tuple[Link, ...] = ()
    merged: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a message says of the watch itself: one line, more lines, facts as JSON.

    All of it is safe to show: plain text, one line each.
    """

    title: str
    lines: tuple[str, ...]
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message before it is rendered: what, to whom, by which channel.

    ``tellings`` holds one for an alert, any number (oldest first) for a digest,
    none for a test; ``period`` is a digest's (from, to), aware UTC; ``notice`` is for
    messages about the watch itself.
    """

    id: str
    type: MessageType
    channel: Channel
    recipient: str
    created: datetime
    tellings: tuple[Telling, ...] = ()
    period: tuple[datetime, datetime] | None = None
    notice: Notice | None = None
