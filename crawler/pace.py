"""How a budget of polls is shared out: over sources, and over the hours of a day.

    polls an hour = √(priority × rate × hour of the day) / pace, within bounds

The root minimises the mean delay for a given number of polls (Sia, Cho & Cho; the
figures stand in CRAWLING 4.2). The pace is one number for all sources, solved so that
the budget is spent; a source that would need more than 90 polls a day gets a slower
pace of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from crawler.habits import Habits
    from crawler.items import Source

BUDGET = 48.0
"""Polls a day and adaptive source, on average over all of them.

Measured with the default bounds (benchmarks/polling.py): at 60 most sources stand at
their bound of 90 and the hours have no room to differ.
"""

MOST_A_DAY = 90.0
"""Polls a day of any one adaptive source: publishers ban at 96 (CRAWLING 4.1)."""

USUAL = 0.35
"""The pace until there is one: a source of 12 items a day gets the budget."""

_HOUR = timedelta(hours=1)
_SLOW, _FAST = 1e4, 1e-4
_STEPS = 20
"""Halvings of the search for a pace: to a fiftieth of a second of interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """How strongly a source asks for polls, by hour of the day (UTC), and its bounds.

    ``least`` and ``most`` are polls an hour.
    """

    roots: tuple[float, ...]
    least: float
    most: float

    def polls(self, pace: float) -> tuple[float, ...]:
        """Polls an hour in each hour of the day."""
        least, most = self.least, self.most
        return tuple([min(max(root / pace, least), most) for root in self.roots])


def want(source: Source, habits: Habits, now: datetime) -> Want:
    """What a source asks for, given its habits."""
    weight = source.priority * habits.rate(now)
    return Want(
        roots=tuple(sqrt(weight * hour / 24) for hour in habits.shape()),
        least=_HOUR / source.every_max,
        most=_HOUR / source.every_min,
    )


def level(wants: Sequence[Want], *, budget: float = BUDGET) -> float:
    """The pace at which the wants together spend ``budget`` polls a day each.

    Where the bounds of the sources do not let them, the nearest pace that they do.
    """
    if not wants:
        return USUAL
    day = budget * len(wants)
    return _solve(lambda pace: sum(_a_day(each, pace) for each in wants), day)


def rhythm(one: Want, pace: float) -> tuple[float, ...]:
    """Polls an hour of one source, never more than 90 in a day.

    Bounds that cannot be kept with 90 a day are the user's wish and win.
    """
    polls = one.polls(pace)
    if sum(polls) <= MOST_A_DAY:
        return polls
    return one.polls(_own(one))


def pause(polls: Sequence[float], now: datetime) -> timedelta:
    """From now until one poll is due, over as many hours as it takes."""
    share, at = 0.0, now
    while True:
        here = polls[at.hour]
        left = at.replace(minute=0, second=0, microsecond=0) + _HOUR - at
        if share + here * (left / _HOUR) >= 1.0:
            return at - now + (1.0 - share) / here * _HOUR
        share += here * (left / _HOUR)
        at += left


def _a_day(one: Want, pace: float) -> float:
    return min(sum(one.polls(pace)), max(MOST_A_DAY, 24 * one.least))


def _own(one: Want) -> float:
    return _solve(lambda pace: sum(one.polls(pace)), MOST_A_DAY)


def _solve(spent: Callable[[float], float], day: float) -> float:
    low, high = _FAST, _SLOW
    for _ in range(_STEPS):
        middle = sqrt(low * high)
        if spent(middle) > day:
            low = middle
        else:
            high = middle
    return high
