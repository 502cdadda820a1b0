"""When is a source polled next? Pure arithmetic over its state.

The pause between two polls is what the pace leaves it (crawler/pace.py), not shorter
than the publisher asks (crawler/terms.py), longer after failures; ±10 % of jitter.
"""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.pace import BUDGET, USUAL, pause, rhythm, want
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from crawler.items import Source, SourceState

LONGEST = timedelta(hours=24)
"""Ceiling of every back-off but those for sources given up."""

GONE = timedelta(days=30)
"""A source that answered 410 is asked again once a month."""

DEAD = timedelta(days=7)
"""One that is not found for weeks is asked again once a week."""

FIRST_SPREAD = timedelta(minutes=2)
"""First polls of many sources are spread over this much time."""

STAGGER = timedelta(seconds=1)
"""Room for each source that is late, when many are after a sleep or a start."""

ABANDONED = timedelta(hours=1)
"""Longest pause of a source whose poll was cut off by a crash."""

JITTER = 0.1

SUCCESS = frozenset({FetchReason.OK, FetchReason.NOT_MODIFIED, FetchReason.UNCHANGED})

GIVEN_UP = {"gone": GONE, "dead": DEAD}
"""States in which a source is only probed, and how often."""

STEEP = {
    FetchReason.RATE_LIMITED: timedelta(minutes=15),
    FetchReason.FORBIDDEN: timedelta(hours=6),
    FetchReason.CHALLENGED: timedelta(hours=6),
}
"""First pause after an answer that says *we* are not wanted; doubles each time."""


def first_due(source: Source, now: datetime) -> datetime:
    """When a source without any poll yet is due, spread by its name."""
    return now + min(source.every_min, FIRST_SPREAD) * _fraction(source.name)


def staggered(names: Iterable[str], now: datetime) -> dict[str, datetime]:
    """Due times of sources that are all late, after a sleep or a long stop.

    One poll each, however many were missed, spread over a second a source and two
    minutes at most.
    """
    late = sorted(names)
    room = min(STAGGER * len(late), FIRST_SPREAD)
    return {name: now + room * _fraction(name) for name in late}


def abandoned(source: Source, now: datetime) -> datetime:
    """When a source is due again should this process die in the poll begun now.

    Stored before the request is sent: a daemon that crashes and restarts in a loop
    must not ask anew each time (CRAWLING 4.3, 5).
    """
    return now + min(source.every_min, ABANDONED)


def next_due(
    source: Source,
    state: SourceState,
    *,
    outcome: FetchReason,
    now: datetime,
    pace: float = USUAL,
    not_before: datetime | None = None,
) -> tuple[datetime, timedelta]:
    """When the source is due again, and the interval to remember.

    Args:
        source: its bounds (``every_min``, ``every_max``) and priority.
        state: its habits, terms and standing with this poll, but ``failures``
            without it.
        outcome: how the poll ended.
        now: aware UTC, the end of the poll.
        pace: the budget's, see ``pace.level``.
        not_before: the publisher's Retry-After, aware UTC; a floor, never jittered
            below.

    Returns:
        The due time, and the interval without back-off, skipped hours and jitter.
    """
    usual = usual_interval(source, state, now, pace)
    if state.state in GIVEN_UP and outcome not in SUCCESS:
        wait = max(GIVEN_UP[state.state], usual)
    elif outcome in SUCCESS:
        wait = usual
    else:
        wait = _backoff(usual, outcome, state.failures + 1)
    if not source.fixed:
        swing = 2 * _fraction(f"{source.name} {now.isoformat()}") - 1
        wait = max(source.every_min, wait * (1 + JITTER * swing))
    wait = max(wait, state.terms.least)
    due = state.terms.open_from(now + wait)
    if not_before is not None and due < not_before:
        late = _fraction(f"{source.name} retry") * JITTER
        due = not_before + min(not_before - now, timedelta(hours=1)) * late
    return due, max(usual, state.terms.least)


def usual_interval(
    source: Source, state: SourceState, now: datetime, pace: float
) -> timedelta:
    """From now to the next poll if all is well and nobody asks for more."""
    if source.fixed:
        return source.every_min
    polls = rhythm(want(source, state.habits, now), pace)
    return min(max(pause(polls, now), source.every_min), source.every_max)


def resting(source: Source) -> timedelta:
    """The interval of a source of which nothing is known yet."""
    return min(max(timedelta(days=1) / BUDGET, source.every_min), source.every_max)


def _backoff(interval: timedelta, outcome: FetchReason, failures: int) -> timedelta:
    pause = interval * (1 + failures)
    if outcome in STEEP:
        pause = max(pause, STEEP[outcome] * 2 ** min(failures - 1, 10))
    return min(pause, max(LONGEST, interval))


def _fraction(seed: str) -> float:
    """A number in [0, 1) that depends on the text alone."""
    return zlib.crc32(seed.encode()) / 2**32
