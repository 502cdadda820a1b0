"""When a source posts: its rate and its hours of the day, learnt from what came.

Causal: only what earlier polls brought is known. Items count by an exponential mean
of two days, hours by one of two weeks (CRAWLING 4.2: causal EWMA × hour of day, mean
delay 0.66 of fixed polls at equal budget).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import expm1, log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HALF_LIFE = timedelta(days=2)
HOURS_HALF_LIFE = timedelta(days=14)

LOOK_BACK = timedelta(days=7)
"""How far the dates of a first poll's items are believed to tell the past."""

SUPPOSED_RATE = 12.0
"""Items a day of a source of which nothing is known; weighs as half a day seen, and
fades as that would."""

SUPPOSED_DAYS = 0.5
SMOOTHING = 0.5
FAINTEST = 0.15
"""An hour without any item still weighs this much of a mean one."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What is known of a source's posting; times aware UTC.

    ``begun`` is where the watching began, ``upto`` the moment of the weights:
    ``weight`` counts items, each halved every two days, ``hours`` the same by hour of
    the day (UTC), each halved every two weeks.
    """

    begun: datetime | None = None
    upto: datetime | None = None
    weight: float = 0.0
    hours: tuple[float, ...] = (0.0,) * 24

    def rate(self, now: datetime) -> float:
        """Items a day as of now, drawn to a supposed rate at first."""
        if self.begun is None or self.upto is None:
            return SUPPOSED_RATE
        weight = self.weight * _faded(now - self.upto, HALF_LIFE)
        # An endless past weighs as HALF_LIFE / ln 2, a short one as its length.
        days = _days(now - self.begun)
        mass = -expm1(-days * log(2) / _days(HALF_LIFE)) * _days(HALF_LIFE) / log(2)
        supposed = SUPPOSED_DAYS * _faded(now - self.begun, HALF_LIFE)
        return (weight + SUPPOSED_RATE * supposed) / (mass + supposed)

    def shape(self) -> tuple[float, ...]:
        """The 24 hours of the day (UTC) against a mean hour of 1."""
        smooth = [count + SMOOTHING for count in self.hours]
        mean = sum(smooth) / len(smooth)
        return tuple(max(FAINTEST, count / mean) for count in smooth)


def observed(
    habits: Habits,
    published: Iterable[datetime | None],
    *,
    since: datetime | None,
    now: datetime,
) -> Habits:
    """The habits after a poll that could be read.

    Args:
        habits: before it.
        published: one for each new item; its own time, if it has one.
        since: the successful poll before; None for the first one, whose items tell
            of the days before.
        now: of this poll, aware UTC.
    """
    first = since is None or habits.begun is None
    came = [_arrival(at, None if first else since, now) for at in published]
    if first:
        came = [at for at in came if at >= now - LOOK_BACK]
        habits = Habits(begun=min([*came, now]))
    passed = now - (habits.upto or now)
    weight = habits.weight * _faded(passed, HALF_LIFE)
    fade = _faded(passed, HOURS_HALF_LIFE)
    hours = [count * fade for count in habits.hours]
    for at in came:
        weight += _faded(now - at, HALF_LIFE)
        hours[at.hour] += _faded(now - at, HOURS_HALF_LIFE)
    return replace(habits, upto=now, weight=weight, hours=tuple(hours))


def _arrival(at: datetime | None, since: datetime | None, now: datetime) -> datetime:
    """When an item came: by its own date if that lies between the two polls."""
    if at is None or at > now or (since is not None and at < since):
        return now
    return at


def _days(span: timedelta) -> float:
    return max(span / _DAY, 0.0)


def _faded(passed: timedelta, half_life: timedelta) -> float:
    return float(0.5 ** (max(passed, timedelta()) / half_life))
