"""What one poll changes in what is remembered of a source.

Validators, habits, terms and ways after a good answer; patience running out after a
bad one. Pure; the rules stand in CRAWLING 4.3, their thresholds in ``trail``.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.habits import observed
from crawler.items import Kind, SourceState
from crawler.reasons import FetchReason
from crawler.request import shape
from crawler.schedule import GIVEN_UP, next_due
from crawler.target import masked
from crawler.terms import heard
from crawler.trail import doubts, is_dead, stumbled, walked

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.items import Source
    from crawler.reading import Reading
    from crawler.request import FetchRequest
    from crawler.trail import Trail

log = logging.getLogger(__name__)

DETAIL_LIMIT = 300
"""Characters of a failure's detail that are kept in the state."""

LOST_AFTER = timedelta(hours=24)
"""A new address that is not found for so long is given up; at 410 at once. A name that
cannot be resolved says nothing of it: a machine that wakes has no network yet."""


def new_state(source: Source, now: datetime) -> SourceState:
    """The state of a source that was never polled, adopted now."""
    return SourceState(name=source.name, url=masked(source.url), adopted=now)


def current(source: Source, state: SourceState, now: datetime) -> SourceState:
    """The state, or a new one if the user gave the source another URL.

    Validators belong to a URL, and what another URL lists is not news by being new
    to us.
    """
    known = masked(source.url)
    if masked(state.url) != known:
        return new_state(source, now)
    return replace(state, url=known)


def read_well(
    source: Source,
    before: SourceState,
    reading: Reading,
    request: FetchRequest,
    *,
    new: tuple[datetime | None, ...],
    now: datetime,
) -> SourceState:
    """The state with what a poll that could be read tells.

    Args:
        source: as declared.
        before: its state before the poll.
        reading: what came.
        request: what was asked.
        new: the publication times of the items not known before.
        now: aware UTC, the time of the poll.
    """
    response = reading.response
    trail = walked(before.trail, _kept(response.moved_to), now)
    if trail.settled != before.trail.settled:
        log.warning(
            "A source has moved for good; write its new address in the config",
            extra={"source": source.name, "url": trail.settled},
        )
    trail = _trusting(trail, before, reading, news=bool(new), now=now)
    body = response.body if source.kind is Kind.FEED else b""
    state = replace(
        before,
        habits=observed(before.habits, new, since=before.succeeded, now=now),
        terms=heard(
            before.terms,
            response.headers,
            None if reading.entries is None else body,
            now=now,
        ),
        trail=replace(trail, pages=reading.pages or trail.pages),
    )
    return _validated(state, reading, shape(request.purpose))


def failed(  # noqa: PLR0913 - what the poll was, and what came of it
    source: Source,
    before: SourceState,
    reason: FetchReason,
    detail: str,
    *,
    at: datetime,
    now: datetime,
    pace: float,
    retry_at: datetime | None,
) -> SourceState:
    """The state after a poll that failed, given up if it is to be.

    Args:
        source: as declared.
        before: its state before the poll.
        reason: why it failed.
        detail: what is told of it.
        at: when the poll began.
        now: when it ended.
        pace: the polling budget's.
        retry_at: the publisher's Retry-After; without one an earlier one holds on.
    """
    before = _given_up(before, reason, now=at)
    if retry_at is None and before.not_before and before.not_before > now:
        retry_at = before.not_before
    # Before this failure is counted.
    due, interval = next_due(
        source, before, outcome=reason, now=now, pace=pace, not_before=retry_at
    )
    return replace(
        before,
        attempted=at,
        due=due,
        interval=interval,
        not_before=retry_at,
        # A blocked host was not asked at all: that is no further failure.
        failures=before.failures + (reason is not FetchReason.HOST_BLOCKED),
        reason=reason,
        detail=detail[:DETAIL_LIMIT],
    )


def moved_note(state: SourceState, moved_to: str | None) -> str:
    """What to tell of a source that is read elsewhere than the config says."""
    place = moved_to or state.trail.settled
    return f"moved to {masked(place)}" if place else ""


def _kept(moved_to: str | None) -> str | None:
    """The new address; one with a secret in it is followed and never kept (A65)."""
    return moved_to if moved_to and moved_to == masked(moved_to) else None


def _trusting(
    trail: Trail,
    before: SourceState,
    reading: Reading,
    *,
    news: bool,
    now: datetime,
) -> Trail:
    """Whether the validators still deserve trust: runs of 304, and their probes."""
    if reading.response.status == 304:
        # An index of sitemaps may stay while its files bring news.
        return replace(trail, quiet_since=None if news else trail.quiet_since or now)
    if doubts(before.trail, rate=before.habits.rate(now), now=now):
        # It was asked without them: what is new now, they had kept from us, unless
        # they are new as well, for then a 304 would not have been sent.
        response = reading.response
        same = (response.etag, response.last_modified) == (
            before.etag,
            before.last_modified,
        )
        return replace(trail, probed=now, distrusted=news and same)
    return replace(trail, quiet_since=None)


def _validated(state: SourceState, reading: Reading, asked: str) -> SourceState:
    """The state with the ETag, Last-Modified and hash to send and compare next time.

    They come from a 200 whose body was parsed, both replaced at once; a 304 may
    renew them; an unchanged body keeps its hash. ``asked`` is the shape of request
    that they answer.
    """
    response = reading.response
    if response.status == 304:
        return replace(
            state,
            etag=response.etag or state.etag,
            last_modified=response.last_modified or state.last_modified,
        )
    whole = response.status == 200  # a 203 or 206 is somebody else's answer, or a part
    return replace(
        state,
        etag=response.etag if whole else None,
        last_modified=response.last_modified if whole else None,
        body_hash=reading.body_hash,
        trail=replace(state.trail, validated=masked(response.url), shape=asked),
    )


def _given_up(
    before: SourceState, reason: FetchReason, *, now: datetime
) -> SourceState:
    """The state with patience running out; ``failures`` is counted by the caller."""
    kept = before.state if before.state in GIVEN_UP else "failing"
    if reason is FetchReason.HOST_BLOCKED:  # it was not asked at all
        return replace(before, state=kept)
    missed = now - (before.trail.failing_since or now)
    lost = reason is FetchReason.GONE or (
        reason is FetchReason.NOT_FOUND and missed >= LOST_AFTER
    )
    trail = stumbled(before.trail, now, lost=lost)
    if trail.settled != before.trail.settled:
        kept = "failing"
    elif reason is FetchReason.GONE:
        kept = "gone"
    elif reason is FetchReason.NOT_FOUND and is_dead(
        trail, failures=before.failures + 1, now=now
    ):
        kept = "dead"
    return replace(before, trail=trail, state=kept)
