"""What the store tells about itself: small rows, no database types."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from alerts.model import (
        Alert,
        Delivery,
        DeliveryState,
        Link,
        Match,
        Reason,
        Silence,
        Story,
    )
    from alerts.outages import Outage, Standing
    from alerts.sourcewatch import Episode
    from crawler.items import FetchRecord, Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What one harvest brought: items never seen before, and items known already."""

    new: int
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem:
    """An item with everything that became of it.

    ``evaluated`` is None while it waits. ``deliveries`` are those that cover an alert
    of this item, oldest first. ``fetch`` is the last logged request for its URL,
    ``others`` the ids of further items with the same URL, ``unreadable`` says why it
    cannot be evaluated (its row is damaged), ``text_pruned`` that its text was
    dropped by retention, so evidence offsets no longer point into it.
    """

    item: Item
    evaluated: datetime | None
    matches: tuple[Match, ...]
    gates: tuple[tuple[str, Reason], ...]
    story: Story | None
    duplicate_of: str | None
    alerts: tuple[Alert, ...]
    deliveries: tuple[Delivery, ...]
    fetch: FetchRecord | None
    others: tuple[str, ...] = ()
    unreadable: str | None = None
    text_pruned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """An alert as a table shows it; ``told`` counts its deliveries by state.

    ``acknowledged`` is when somebody took note of its story (aware UTC).
    """

    alert: Alert
    headline: str
    title: str
    url: str | None
    source: str
    told: Mapping[DeliveryState, int]
    acknowledged: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRow:
    """A story with the alerts made of it, oldest first, also before it was merged.

    ``related`` are stories it may be one with, ``merged`` those it took in.
    """

    story: Story
    alerts: tuple[Alert, ...]
    related: tuple[Link, ...] = ()
    merged: tuple[Link, ...] = ()

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that alerted on it, in the order in which they did."""
        return tuple(dict.fromkeys(alert.topic for alert in self.alerts))


class Wish(StrEnum):
    """What may be asked for a row, for an alert, and for a channel."""

    RETRY = "retry"
    RETRY_DEAD = "retry_dead"
    DROP = "drop"
    DROP_DEAD = "drop_dead"
    ACKNOWLEDGE = "acknowledge"
    RESUME = "resume"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreHealth:
    """How the store is doing.

    ``oldest_pending`` is when the first waiting item was seen; ``overdue`` the age of
    the oldest delivery that could have left by now (0 when none is due), ``stuck`` the
    same without channels that are sending: their receivers are slow, not we;
    ``unreadable`` counts rows that had to be set aside. ``beats`` are
    the last signs of life by name, ``tallies`` the counters per source since its
    adoption: polls, failed, new, known, the freshness of new items and each drop
    reason. ``episodes`` are the sources' troubles that last or ended within a week,
    ``standing`` the endpoints that failed, ``outages`` the last told of each.
    ``waiting`` counts the rows that are still to leave by channel, of channels that
    are not in the config any more too; ``silences`` are those that run.
    Sizes in bytes; ``free_bytes`` is what the disk still has.
    """

    schema: int
    items: int
    pending: int
    oldest_pending: datetime | None
    overdue: timedelta
    stuck: timedelta
    deliveries: Mapping[DeliveryState, int]
    unreadable: int
    beats: Mapping[str, datetime]
    tallies: Mapping[str, Mapping[str, int]]
    episodes: tuple[Episode, ...]
    outages: tuple[Outage, ...]
    standing: tuple[Standing, ...]
    waiting: Mapping[str, int]
    silences: tuple[Silence, ...]
    store_bytes: int
    wal_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """How many rows retention removed; ``texts`` were only emptied."""

    items: int
    texts: int
    stories: int
    alerts: int
    deliveries: int
    requests: int
