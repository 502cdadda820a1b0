"""What is wrong with a source, if anything; pure arithmetic over its state.

The thresholds of silence and drift were chosen on one half of the sources in the
replayed week of ``benchmarks/sourcewatch.py`` and looked at on the other; those of
failures follow from the back-off of ``crawler/schedule.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from crawler.arrivals import HOURS, Rhythm, hour_of_week, percentile, unpack
from crawler.items import FetchReason

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.arrivals import Arrival
    from crawler.items import SourceState

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

FAILURES = 3
FAILING = timedelta(hours=3)
STEEP_FAILING = timedelta(hours=6)
"""After a 403 the next poll is six hours away: two of them are enough."""

NEVER_READ = timedelta(hours=24)
"""How long a source that was never read is given."""

ROLLED_FOR = timedelta(hours=24)
"""How long a list that rolled over is watched before it counts as long enough."""

DRIFTED = 4
DRIFT_LEARNT = 12
DRIFT = timedelta(hours=1.5)
"""So many arrivals in a row must be off by so much more than is usual here."""


class Ailment(StrEnum):
    """What a source suffers from."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    ERROR = "error"
    GONE = "gone"
    CHALLENGE = "challenge"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    MISCONFIGURED = "misconfigured"
    SILENT = "silent"
    FROZEN = "frozen"
    TRUNCATED = "truncated"
    DRIFT = "drift"


class Aspect(StrEnum):
    """What of a source can go wrong, each by itself: does it come, all, with dates."""

    ARRIVAL = "arrival"
    WINDOW = "window"
    DATES = "dates"


_FAILURE = {
    FetchReason.NAME_NOT_FOUND: Ailment.UNREACHABLE,
    FetchReason.CONNECT_FAILED: Ailment.UNREACHABLE,
    FetchReason.TLS_FAILED: Ailment.UNREACHABLE,
    FetchReason.TIMEOUT: Ailment.UNREACHABLE,
    FetchReason.PROTOCOL_ERROR: Ailment.UNREACHABLE,
    FetchReason.FORBIDDEN: Ailment.REFUSED,
    FetchReason.RATE_LIMITED: Ailment.REFUSED,
    FetchReason.HOST_BLOCKED: Ailment.REFUSED,
    FetchReason.ROBOTS_DISALLOW: Ailment.REFUSED,
    FetchReason.GONE: Ailment.GONE,
    FetchReason.CHALLENGED: Ailment.CHALLENGE,
    FetchReason.NOT_A_FEED: Ailment.CHALLENGE,
    FetchReason.NOT_A_SITEMAP: Ailment.CHALLENGE,
    FetchReason.NOT_A_PAGE: Ailment.CHALLENGE,
    FetchReason.TOO_FEW_ITEMS: Ailment.EMPTY,
    FetchReason.NOT_JSON: Ailment.UNREADABLE,
    FetchReason.PARSE_FAILED: Ailment.UNREADABLE,
    FetchReason.PARSE_TIMEOUT: Ailment.UNREADABLE,
    FetchReason.PARSE_CRASHED: Ailment.UNREADABLE,
    FetchReason.TOO_LARGE: Ailment.UNREADABLE,
    FetchReason.BAD_ENCODING: Ailment.UNREADABLE,
    FetchReason.SECRET_MISSING: Ailment.MISCONFIGURED,
    FetchReason.BAD_URL: Ailment.MISCONFIGURED,
    FetchReason.BAD_SCHEME: Ailment.MISCONFIGURED,
    FetchReason.BAD_PORT: Ailment.MISCONFIGURED,
    FetchReason.ADDRESS_REFUSED: Ailment.MISCONFIGURED,
}
"""By the reason of the last poll; any other is an ERROR."""

_SAME = frozenset({FetchReason.NOT_MODIFIED, FetchReason.UNCHANGED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that is wrong with a source, and since when (aware UTC).

    ``since`` stays the same for as long as it lasts. ``detail`` is for people.
    """

    source: str
    aspect: Aspect
    ailment: Ailment
    since: datetime
    detail: str = ""


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


def diagnose(
    state: SourceState, now: datetime, *, muted_until: datetime | None = None
) -> tuple[Trouble, ...]:
    """All that is wrong with a source now.

    Args:
        state: as its last poll left it.
        now: aware UTC.
        muted_until: when a trouble of everybody's ended; failures before count not.
    """
    usual = usual_of(state.arrivals)
    found = (
        _failing(state, now, muted_until) or _silent(state, usual),
        _truncated(state, usual, now),
        _drifting(state, usual),
    )
    return tuple(one for one in found if one is not None)


def _failing(
    state: SourceState, now: datetime, muted_until: datetime | None
) -> Trouble | None:
    if state.reason is None or state.attempted is None or not state.failures:
        return None
    since = state.succeeded or state.adopted
    # By the clock for one that was never read: all of a new pack then come at once, in
    # one message.
    until = now if state.succeeded is None else state.attempted
    lasted = until - max(since, muted_until or since)
    if state.reason is not FetchReason.GONE and not _persists(state, lasted):
        return None
    return Trouble(
        source=state.name,
        aspect=Aspect.ARRIVAL,
        ailment=_FAILURE.get(state.reason, Ailment.ERROR),
        since=since,
        detail=f"{state.reason.value} {state.detail}".strip(),
    )


def _persists(state: SourceState, lasted: timedelta) -> bool:
    if state.succeeded is None:
        return state.failures >= FAILURES and lasted >= NEVER_READ
    if state.failures >= FAILURES:
        return lasted >= FAILING
    return state.failures >= 2 and lasted >= STEEP_FAILING


def _silent(state: SourceState, usual: Usual) -> Trouble | None:
    """Only what a successful poll has seen counts: a source not asked is not silent."""
    if state.succeeded is None or usual.last is None or usual.silent_from is None:
        return None
    if state.succeeded < usual.silent_from:
        return None
    ailment = Ailment.FROZEN if state.reason in _SAME else Ailment.SILENT
    if not state.yielded:
        ailment = Ailment.EMPTY
    return Trouble(
        source=state.name,
        aspect=Aspect.ARRIVAL,
        ailment=ailment,
        since=usual.last,
        detail=f"it usually pauses for at most {hours(usual.gap)} at this time",
    )


def _truncated(state: SourceState, usual: Usual, now: datetime) -> Trouble | None:
    if not usual.rolled or usual.rolled[-1] <= now - ROLLED_FOR:
        return None
    return Trouble(
        source=state.name,
        aspect=Aspect.WINDOW,
        ailment=Ailment.TRUNCATED,
        since=usual.rolled[0],
        detail=f"it lists {state.yielded} entries, and all were new",
    )


def _drifting(state: SourceState, usual: Usual) -> Trouble | None:
    first = usual.drifted
    if first is None:
        return None
    off = "missing or in the future" if first.off is None else f"{hours(first.off)} off"
    return Trouble(
        source=state.name,
        aspect=Aspect.DATES,
        ailment=Ailment.DRIFT,
        since=first.at,
        detail=f"the dates of its new entries are {off}",
    )


@lru_cache(maxsize=20_000)
def usual_of(packed: bytes) -> Usual:
    """What these arrivals tell. Cached: it changes with an arrival, not with time."""
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
    """The first of the last arrivals whose dates are all off, if they are."""
    past, last = arrivals[:-DRIFTED], arrivals[-DRIFTED:]
    if len(past) < DRIFT_LEARNT:
        return None
    offs = [one.off for one in past if one.off is not None]
    if all(one.off is None for one in last):
        return last[0] if 2 * len(offs) > len(past) else None
    now = [one.off for one in last if one.off is not None]
    if len(now) < len(last) or not offs:
        return None
    low, high = percentile(offs, 0.25), percentile(offs, 0.75)
    margin = DRIFT + (high - low)
    return last[0] if min(now) > high + margin or max(now) < low - margin else None


def hours(span: timedelta | None) -> str:
    """A span in words: minutes below two hours, days from three on."""
    if span is None:
        return "an unknown time"
    minutes = max(1, round(span / timedelta(minutes=1)))
    if minutes < 120:
        return f"{minutes} minutes"
    if minutes < 72 * 60:
        return f"{round(minutes / 60)} hours"
    return f"{minutes // 1440} days"
