"""What is wrong with a source, if anything; pure arithmetic over its state.

When its silence and its dates are no longer usual says ``usual``; the thresholds of
failures follow from the back-off of ``crawler/schedule.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from crawler.reasons import FetchReason
from crawler.schedule import SUCCESS
from crawler.usual import ROLLED_FOR, usual_of

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.items import SourceState
    from crawler.usual import Usual

FAILURES = 3
FAILING = timedelta(hours=3)
STEEP_FAILING = timedelta(hours=6)
"""After a 403 the next poll is six hours away: two of them are enough."""

NEVER_READ = timedelta(hours=24)
"""How long a source that was never read is given."""

EMPTIED = timedelta(days=7)
QUIET_MONTH = timedelta(days=28)
"""For a source that brings too little to have a rhythm: how long ago its last arrival
must be if it lists nothing, and if it lists the same as ever. A search that finds
something once a week may rightly list nothing in between."""


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
    OVERDUE = "overdue"


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


def is_failing(state: SourceState) -> bool:
    """Whether the last poll could not be read, or not even be made.

    A poll that a blocked host kept from being made is no failure more to count, but
    nothing is known of the source as long as none succeeds.
    """
    return state.reason is not None and state.reason not in SUCCESS


def is_shut_out(state: SourceState, now: datetime) -> bool:
    """Whether its host asked to be left alone, so that no poll tells how it is."""
    if state.reason is FetchReason.HOST_BLOCKED:
        return True
    waits = state.not_before is not None and state.not_before > now
    return waits and is_failing(state)


def diagnose(
    state: SourceState, now: datetime, *, muted_until: datetime | None = None
) -> tuple[Trouble, ...]:
    """All that is wrong with a source now.

    Args:
        state: as its last poll left it.
        now: aware UTC.
        muted_until: when a trouble of everybody's ended; failures before count not.
    """
    usual = usual_of(state.name, state.arrivals)
    found = (
        _failing(state, now, muted_until) or _silent(state, usual),
        _truncated(state, usual),
        _drifting(state, usual),
    )
    return tuple(one for one in found if one is not None)


def _failing(
    state: SourceState, now: datetime, muted_until: datetime | None
) -> Trouble | None:
    if state.reason is None or state.attempted is None or not is_failing(state):
        return None
    since = state.succeeded or state.adopted
    shut = is_shut_out(state, now)
    # By the clock for one that was never read: all of a new pack then come at once, in
    # one message. And for one that is not asked: no poll would ever tell.
    until = now if shut or state.succeeded is None else state.attempted
    lasted = until - max(since, muted_until or since)
    if state.reason is not FetchReason.GONE and not _persists(state, lasted, shut=shut):
        return None
    return Trouble(
        source=state.name,
        aspect=Aspect.ARRIVAL,
        ailment=_FAILURE.get(state.reason, Ailment.ERROR),
        since=since,
        detail=f"{state.reason.value} {state.detail}".strip(),
    )


def _persists(state: SourceState, lasted: timedelta, *, shut: bool) -> bool:
    if state.succeeded is None:
        return (shut or state.failures >= FAILURES) and lasted >= NEVER_READ
    if shut:  # counted from the first poll that it misses
        return lasted >= FAILING + (state.interval or timedelta())
    if state.failures >= FAILURES:
        return lasted >= FAILING
    return state.failures >= 2 and lasted >= STEEP_FAILING


def _silent(state: SourceState, usual: Usual) -> Trouble | None:
    """Only what a successful poll has seen counts: a source not asked is not silent."""
    # No arrival at all may also mean that none was remembered yet, by an older store.
    last = usual.last or (None if state.yielded else state.first_succeeded)
    if state.succeeded is None or last is None:
        return None
    detail = f"it usually pauses for at most {hours(usual.gap)} at this time"
    silent_from = usual.silent_from
    if silent_from is None:
        emptied = usual.last is not None and not state.yielded
        silent_from = last + (EMPTIED if emptied else QUIET_MONTH)
        detail = "it brings too little to know its pauses"
    if state.succeeded < silent_from:
        return None
    ailment = Ailment.FROZEN if state.reason in _SAME else Ailment.SILENT
    if not state.yielded:
        ailment = Ailment.EMPTY
    return Trouble(
        source=state.name,
        aspect=Aspect.ARRIVAL,
        ailment=ailment,
        since=last,
        detail=detail,
    )


def _truncated(state: SourceState, usual: Usual) -> Trouble | None:
    """Only polls that were read can show that its list is long enough again."""
    if not usual.rolled or state.succeeded is None:
        return None
    if usual.rolled[-1] <= state.succeeded - ROLLED_FOR:
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
