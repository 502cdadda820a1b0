"""What the arrivals of a source tell of its habits; pure arithmetic over them.

The thresholds were chosen on one half of the sources in the replayed week of
``benchmarks/sourcewatch.py`` and looked at on the other.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from crawler.arrivals import HOURS, Rhythm, hour_of_week, nearest, unpack

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.arrivals import Arrival

_HOUR = timedelta(hours=1)

QUIET_LEAST = timedelta(hours=10)
QUIET_GAPS = 3.6
QUIET_LONGEST = 1.75
"""A source may be quiet for the longest of these: so long, so many gaps of the 95th
percentile, so many times the longest gap seen at this hour of like days. Promised are
12 hours or four gaps; the rest is left for the pause until the next poll. Without the
third, three of 75 sources were called silent in three days and were not; with it, none.
"""

LEARNT_ARRIVALS = 10
LEARNT_FOR = timedelta(days=3)
"""What must be known of a source before its silence means anything."""

WEEK = timedelta(days=6)
UNKNOWN_WEEK = timedelta(days=3)
"""The least silence told of a source that was watched for less than ``WEEK``, which
has at least one free day in it."""

ROLLED_FOR = timedelta(hours=24)
"""How long a list that rolled over is watched before it counts as long enough."""

DRIFTED = 4
DRIFT_LEARNT = 12
DRIFT = timedelta(hours=1.5)
"""So many arrivals in a row must be off by so much more than is usual here."""

REMEMBERED = 20_000
"""Sources whose habits are kept worked out; more of them, and all are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What the arrivals of a source tell; all of it holds until the next arrival.

    ``silent_from`` is when its silence is no longer usual, None while it is learnt;
    ``gap`` the 95th percentile of its gaps in the hour after the last arrival.
    ``rolled`` are the last arrivals of a list that had rolled over, ``drifted`` is
    the first of a row whose dates are off.
    """

    last: datetime | None = None
    gap: timedelta | None = None
    silent_from: datetime | None = None
    rolled: tuple[datetime, ...] = ()
    drifted: Arrival | None = None


_worked_out: dict[str, tuple[bytes, Usual]] = {}


def usual_of(source: str, packed: bytes) -> Usual:
    """What a source's arrivals tell.

    Its last answer is kept by the name: it changes with an arrival, not with time,
    and those of earlier arrivals are never asked for again.
    """
    known = _worked_out.get(source)
    if known is not None and known[0] == packed:
        return known[1]
    usual = _usual(packed)
    if len(_worked_out) >= REMEMBERED:
        _worked_out.clear()
    _worked_out[source] = packed, usual
    return usual


def _usual(packed: bytes) -> Usual:
    arrivals = unpack(packed)
    if not arrivals:
        return Usual()
    times = [one.at for one in arrivals]
    gap = silent_from = None
    if len(arrivals) >= LEARNT_ARRIVALS and times[-1] - times[0] >= LEARNT_FOR:
        rhythm = Rhythm([(one.at, one.new) for one in arrivals])
        gap = rhythm.gap(times[-1])
        silent_from = _silent_from(times, rhythm)
    return Usual(
        last=times[-1],
        gap=gap,
        silent_from=silent_from,
        rolled=_rolled(arrivals),
        drifted=_drifted(arrivals),
    )


def _silent_from(times: list[datetime], rhythm: Rhythm) -> datetime:
    """The first moment at which some hour has been followed by too long a silence.

    The promise is made for every hour of the week: whatever hour a source falls
    silent in, it is told within four of *that* hour's gaps. A source that rests at
    night is expected again in the morning, so the morning's short gaps count from
    the morning on.
    """
    last = times[-1]
    begins = last.replace(minute=0, second=0, microsecond=0)
    first = hour_of_week(last)
    ends = []
    for step in range(HOURS):
        start = max(last, begins + step * _HOUR)
        hour = (first + step) % HOURS
        usual = QUIET_GAPS * rhythm.gap_in(hour)
        longest = QUIET_LONGEST * rhythm.longest_in(hour)
        ends.append(start + max(QUIET_LEAST, usual, longest))
    least = timedelta() if last - times[0] >= WEEK else UNKNOWN_WEEK
    return max(min(ends), last + least)


def _rolled(arrivals: tuple[Arrival, ...]) -> tuple[datetime, ...]:
    """The last arrivals that had rolled over, each within a day of the next."""
    row: list[datetime] = []
    for one in arrivals:
        if one.rolled:
            if row and one.at - row[-1] > ROLLED_FOR:
                row.clear()
            row.append(one.at)
    return tuple(row)


def _drifted(arrivals: tuple[Arrival, ...]) -> Arrival | None:
    """The first of the last arrivals whose dates are all off, if they are.

    They are compared with those before them alone: what is off for long does not
    become usual before the right ones are forgotten.
    """
    first = len(arrivals)
    while first and (arrivals[first - 1].off is None) is (arrivals[-1].off is None):
        first -= 1
    begin, end = max(first, DRIFT_LEARNT), len(arrivals) - DRIFTED
    if begin > end:
        return None
    offs = sorted(one.off for one in arrivals[:begin] if one.off is not None)
    if arrivals[-1].off is None:
        return arrivals[begin] if 2 * len(offs) > begin else None
    last = [one.off for one in arrivals[begin:] if one.off is not None]
    least = list(accumulate(reversed(last), min))[::-1]
    most = list(accumulate(reversed(last), max))[::-1]
    for step in range(end - begin + 1):
        if offs:
            low, high = nearest(offs, 0.25), nearest(offs, 0.75)
            margin = DRIFT + (high - low)
            if least[step] > high + margin or most[step] < low - margin:
                return arrivals[begin + step]
        insort(offs, last[step])
    return None
