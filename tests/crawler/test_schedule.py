"""When sources are polled: budgets, floors, back-off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.items import FetchReason, Kind, Source, SourceState
from crawler.schedule import first_due, next_due, resting

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FEED = Source(name="site", kind=Kind.FEED, url="https://site.test/feed")
FIXED = replace(FEED, every_min=5 * MINUTE, every_max=5 * MINUTE)
STATE = SourceState(name="site", url=FEED.url, adopted=NOW)


def interval_after(
    before: timedelta | None, *, new: int, source: Source = FEED
) -> timedelta:
    _, interval = next_due(
        source,
        replace(STATE, interval=before),
        outcome=FetchReason.OK,
        new_items=new,
        now=NOW,
    )
    return interval


def pause_after(
    reason: FetchReason, *, failures: int = 0, source: Source = FIXED
) -> timedelta:
    due, _ = next_due(
        source, replace(STATE, failures=failures), outcome=reason, new_items=0, now=NOW
    )
    return due - NOW


def test_a_fixed_interval_is_kept_to_the_second() -> None:
    assert pause_after(FetchReason.OK) == 5 * MINUTE
    assert pause_after(FetchReason.NOT_MODIFIED) == 5 * MINUTE


def test_an_adaptive_source_starts_at_sixteen_minutes() -> None:
    assert interval_after(None, new=3) == 16 * MINUTE


def test_news_halves_the_interval_down_to_the_declared_minimum() -> None:
    assert interval_after(60 * MINUTE, new=1) == 30 * MINUTE
    assert interval_after(16 * MINUTE, new=1) == 10 * MINUTE


def test_quiet_stretches_the_interval_up_to_the_declared_maximum() -> None:
    assert interval_after(20 * MINUTE, new=0) == 30 * MINUTE
    assert interval_after(50 * MINUTE, new=0) == 60 * MINUTE


@pytest.mark.parametrize("pattern", [(1,), (1, 0), (1, 1, 0), (0, 1, 1, 1), (0,)])
def test_no_pattern_of_news_costs_more_than_ninety_polls_a_day(
    pattern: tuple[int, ...],
) -> None:
    """A83: a source polled by default stays under the limit publishers ban at."""
    state, now, polls = STATE, NOW, 0
    while now < NOW + timedelta(days=10):
        news = pattern[polls % len(pattern)]
        now, interval = next_due(
            FEED, state, outcome=FetchReason.OK, new_items=news, now=now
        )
        state = replace(state, interval=interval)
        polls += 1
    assert polls <= 900 * 1.02


def test_a_busy_source_is_polled_close_to_its_budget() -> None:
    state, now, polls = STATE, NOW, 0
    while now < NOW + timedelta(days=10):
        now, interval = next_due(
            FEED, state, outcome=FetchReason.OK, new_items=1, now=now
        )
        state = replace(state, interval=interval)
        polls += 1
    assert polls >= 800


def test_priority_weighs_in_the_budget() -> None:
    assert resting(replace(FEED, priority=0.5)) == 32 * MINUTE
    assert resting(replace(FEED, priority=4.0)) == 10 * MINUTE


def test_every_failure_waits_one_interval_longer() -> None:
    assert pause_after(FetchReason.TIMEOUT, failures=0) == 10 * MINUTE
    assert pause_after(FetchReason.TIMEOUT, failures=3) == 25 * MINUTE


def test_failing_for_long_still_asks_once_a_day() -> None:
    assert pause_after(FetchReason.SERVER_ERROR, failures=5000) == timedelta(hours=24)


def test_an_interval_longer_than_a_day_is_not_shortened_by_failing() -> None:
    weekly = replace(FEED, every_min=timedelta(days=7), every_max=timedelta(days=7))
    assert pause_after(FetchReason.TIMEOUT, source=weekly) == timedelta(days=7)


def test_being_refused_backs_off_steeply() -> None:
    assert pause_after(FetchReason.FORBIDDEN) == timedelta(hours=6)
    assert pause_after(FetchReason.FORBIDDEN, failures=1) == timedelta(hours=12)
    assert pause_after(FetchReason.RATE_LIMITED) == 15 * MINUTE
    assert pause_after(FetchReason.RATE_LIMITED, failures=20) == timedelta(hours=24)


def test_a_source_that_is_gone_is_asked_again_in_a_month() -> None:
    assert pause_after(FetchReason.GONE) == timedelta(days=30)


@pytest.mark.parametrize("reason", [FetchReason.OK, FetchReason.RATE_LIMITED])
def test_retry_after_is_a_floor(reason: FetchReason) -> None:
    """I10: no attempt before the publisher's Retry-After."""
    wish = NOW + timedelta(hours=30)
    due, _ = next_due(
        FEED, STATE, outcome=reason, new_items=0, now=NOW, not_before=wish
    )
    assert wish <= due <= wish + timedelta(minutes=6)


def test_retry_after_in_the_past_changes_nothing() -> None:
    due, _ = next_due(
        FIXED,
        STATE,
        outcome=FetchReason.TIMEOUT,
        new_items=0,
        now=NOW,
        not_before=NOW - MINUTE,
    )
    assert due == NOW + 10 * MINUTE


def test_jitter_is_bounded_repeatable_and_differs_by_source() -> None:
    dues = {}
    for name in ("a", "b", "c", "d"):
        source = replace(FEED, name=name)
        state = replace(STATE, interval=40 * MINUTE)
        ask = [
            next_due(source, state, outcome=FetchReason.OK, new_items=0, now=NOW)[0]
            for _ in range(2)
        ]
        assert ask[0] == ask[1]
        assert 54 * MINUTE <= ask[0] - NOW <= 66 * MINUTE
        dues[name] = ask[0]
    assert len(set(dues.values())) == 4


def test_jitter_never_goes_under_the_declared_minimum() -> None:
    for second in range(50):
        now = NOW + timedelta(seconds=second)
        due, _ = next_due(
            FEED,
            replace(STATE, interval=16 * MINUTE),
            outcome=FetchReason.OK,
            new_items=1,
            now=now,
        )
        assert due - now >= FEED.every_min


def test_first_polls_are_spread_over_two_minutes() -> None:
    dues = [first_due(replace(FEED, name=f"s{n}"), NOW) for n in range(60)]
    assert min(dues) >= NOW
    assert max(dues) < NOW + 2 * MINUTE
    assert max(dues) - min(dues) > MINUTE
