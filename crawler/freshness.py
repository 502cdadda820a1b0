"""May an item open an alert? The rule that keeps a new source from flooding.

A source that was just added, was away for a week, or changed all its ids brings
a page full of old news at once; none of it happened now.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.reasons import Freshness

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.items import SourceState

GRACE = timedelta(hours=24)
"""How far back an item still counts as news (DESIGN section 6)."""

OUTAGE = timedelta(hours=6)
"""A silence longer than this, or than four intervals, is an outage."""


def freshness(
    state: SourceState, published: datetime | None, now: datetime
) -> Freshness:
    """Whether an item seen in this poll may open an alert.

    Args:
        state: the source as it stood before this poll.
        published: the item's own plausible time, aware UTC, or None.
        now: aware UTC. What the state says of later is of a clock that was wrong: a
            line in the future would mute the source until then (A82).

    Returns:
        FRESH, OLD (published before the line), or UNDATED_FIRST_POLL.
    """
    if published is None:
        if state.first_succeeded is None:
            return Freshness.UNDATED_FIRST_POLL
        return Freshness.FRESH
    line = min(state.adopted, now) - GRACE
    if state.succeeded is not None:
        line = max(line, min(state.succeeded, now) - GRACE)
    return Freshness.FRESH if published >= line else Freshness.OLD


def catching_up(state: SourceState, interval: timedelta, now: datetime) -> bool:
    """Whether this poll brings a backlog: the first one, or one after an outage.

    Args:
        state: the source as it stood before this poll.
        interval: what the source is usually polled at.
        now: aware UTC.
    """
    if state.succeeded is None:
        return True
    return now - state.succeeded > max(OUTAGE, 4 * interval)
