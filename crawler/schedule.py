"""When is a source polled next? Pure arithmetic over its state.

The default bounds of 10 to 60 minutes hold at most 90 polls a day on average:
a pause shorter than 16 minutes is paid back by the next one. Publishers ban at
96 a day (CRAWLING 4.1); who needs more asks for a fixed interval.
"""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.items import FetchReason

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.items import Source, SourceState

MEAN = timedelta(minutes=16)
"""24 h / 90 requests."""

LONGEST = timedelta(hours=24)
"""Ceiling of every back-off but the one for 410."""

GONE = timedelta(days=30)
"""A source that answered 410 is asked again once a month."""

FIRST_SPREAD = timedelta(minutes=2)
"""First polls of many sources are spread over this much time."""

JITTER = 0.1

SUCCESS = frozenset({FetchReason.OK, FetchReason.NOT_MODIFIED, FetchReason.UNCHANGED})

STEEP = {
    FetchReason.RATE_LIMITED: timedelta(minutes=15),
    FetchReason.FORBIDDEN: timedelta(hours=6),
}
"""First pause after an answer that says *we* are not wanted; doubles each time."""


def first_due(source: Source, now: datetime) -> datetime:
    """When a source without any poll yet is due, spread by its name."""
    return now + min(source.every_min, FIRST_SPREAD) * _fraction(source.name)


def next_due(
    source: Source,
    before: SourceState,
    *,
    outcome: FetchReason,
    new_items: int,
    now: datetime,
    not_before: datetime | None = None,
) -> tuple[datetime, timedelta]:
    """When the source is due again, and the interval to remember.

    Args:
        source: its bounds (``every_min``, ``every_max``) and priority.
        before: its state before this poll; ``failures`` does not count this one.
        outcome: how the poll ended.
        new_items: how many items were not known before.
        now: aware UTC, the end of the poll.
        not_before: the publisher's Retry-After, aware UTC; a floor, never jittered
            below.

    Returns:
        The due time, and the undisturbed interval without back-off and jitter.
    """
    if outcome is FetchReason.GONE:
        return now + GONE, before.interval or resting(source)
    if outcome in SUCCESS:
        interval = _adapted(source, before.interval, new_items=new_items)
        pause = interval
    else:
        interval = _clamp(source, before.interval or resting(source))
        pause = _backoff(interval, outcome, before.failures + 1)
    if not source.fixed:
        swing = 2 * _fraction(f"{source.name} {now.isoformat()}") - 1
        pause = max(source.every_min, pause * (1 + JITTER * swing))
    due = now + pause
    if not_before is not None and due < not_before:
        late = _fraction(f"{source.name} retry") * JITTER
        due = not_before + min(not_before - now, timedelta(hours=1)) * late
    return due, interval


def resting(source: Source) -> timedelta:
    """The interval a source starts at and may hold on average."""
    return _clamp(source, MEAN / max(source.priority, 0.1))


def _adapted(source: Source, before: timedelta | None, *, new_items: int) -> timedelta:
    """Halved on news, half as long again when quiet, on average the mean or more."""
    if source.fixed:
        return source.every_min
    mean = resting(source)
    if before is None:
        return mean
    if before < mean:  # the debt of a short pause comes first
        return _clamp(source, 2 * mean - before)
    return _clamp(source, before / 2 if new_items else before * 1.5)


def _backoff(interval: timedelta, outcome: FetchReason, failures: int) -> timedelta:
    pause = interval * (1 + failures)
    if outcome in STEEP:
        pause = max(pause, STEEP[outcome] * 2 ** min(failures - 1, 10))
    return min(pause, max(LONGEST, interval))


def _clamp(source: Source, interval: timedelta) -> timedelta:
    return min(max(interval, source.every_min), source.every_max)


def _fraction(seed: str) -> float:
    """A number in [0, 1) that depends on the text alone."""
    return zlib.crc32(seed.encode()) / 2**32
