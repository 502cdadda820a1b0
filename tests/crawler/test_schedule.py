"""When sources are polled: budgets, floors, back-off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.habits import Habits, observed
from crawler.items import Kind, Source, SourceState
from crawler.pace import USUAL
from crawler.reasons import FetchReason
from crawler.schedule import (
    abandoned,
    first_due,
    next_due,
    staggered,
    usual_interval,
)
from crawler.terms import Terms

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FEED = Source(name="site", kind=Kind.FEED, url="https://site.test/feed")
FIXED = replace(FEED, every_min=5 * MINUTE, every_max=5 * MINUTE)
STATE = SourceState(name="site", url=FEED.url, adopted=NOW)
BUSY = 500
"""Items a day."""


def posting(a_day: float) -> SourceState:
    """A source that has posted evenly for long."""
    hour = timedelta(hours=1)
    habits = Habits()
    for n in range(24 * 14 + 1):
        now = NOW + (n - 24 * 14) * hour
        came = [now - hour / 2] * round(a_day / 24)
        habits = observed(habits, came, since=now - hour if n else None, now=now)
    return replace(STATE, habits=habits)


def pause_after(
    reason: FetchReason,
    *,
    failures: int = 0,
    source: Source = FIXED,
    state: SourceState = STATE,
) -> timedelta:
    due, _ = next_due(
        source, replace(state, failures=failures), outcome=reason, now=NOW
    )
    return due - NOW


def polls_of(source: Source, state: SourceState, pace: float, days: int) -> int:
    now, polls = NOW, 0
    while now < NOW + timedelta(days=days):
        now, _ = next_due(source, state, outcome=FetchReason.OK, now=now, pace=pace)
        polls += 1
    return polls


def test_a_fixed_interval_is_kept_to_the_second() -> None:
    assert pause_after(FetchReason.OK) == 5 * MINUTE
    assert pause_after(FetchReason.NOT_MODIFIED) == 5 * MINUTE


def test_a_source_of_which_nothing_is_known_gets_the_mean_budget() -> None:
    assert 45 <= polls_of(FEED, STATE, USUAL, 10) / 10 <= 52


@pytest.mark.parametrize("pace", [0.01, 0.1, 0.35, 1.0])
def test_no_pace_costs_a_source_more_than_ninety_polls_a_day(pace: float) -> None:
    """A83: a source polled by default stays under the limit publishers ban at."""
    assert polls_of(FEED, posting(BUSY), pace, 10) <= 900 * 1.02


def test_a_busy_source_is_polled_close_to_its_limit() -> None:
    assert polls_of(FEED, posting(BUSY), 0.1, 10) >= 850


def test_a_quiet_source_is_still_polled_every_hour() -> None:
    assert 230 <= polls_of(FEED, posting(0), 1.0, 10) <= 245


def test_priority_weighs_as_the_rate_does() -> None:
    once = usual_interval(FEED, posting(24), NOW, USUAL)
    four = usual_interval(replace(FEED, priority=4.0), posting(24), NOW, 2 * USUAL)
    assert once == four


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
    gone = replace(STATE, state="gone")
    assert pause_after(FetchReason.GONE, state=gone) == timedelta(days=30)


@pytest.mark.parametrize("reason", [FetchReason.OK, FetchReason.RATE_LIMITED])
def test_retry_after_is_a_floor(reason: FetchReason) -> None:
    """I10: no attempt before the publisher's Retry-After."""
    wish = NOW + timedelta(hours=30)
    due, _ = next_due(FEED, STATE, outcome=reason, now=NOW, not_before=wish)
    assert wish <= due <= wish + timedelta(minutes=6)


def test_retry_after_in_the_past_changes_nothing() -> None:
    due, _ = next_due(
        FIXED,
        STATE,
        outcome=FetchReason.TIMEOUT,
        now=NOW,
        not_before=NOW - MINUTE,
    )
    assert due == NOW + 10 * MINUTE


def test_jitter_is_bounded_repeatable_and_differs_by_source() -> None:
    dues = {}
    usual = usual_interval(FEED, posting(4), NOW, USUAL)
    for name in ("a", "b", "c", "d"):
        source = replace(FEED, name=name)
        ask = [
            next_due(source, posting(4), outcome=FetchReason.OK, now=NOW)[0]
            for _ in range(2)
        ]
        assert ask[0] == ask[1]
        assert 0.9 * usual <= ask[0] - NOW <= 1.1 * usual
        dues[name] = ask[0]
    assert len(set(dues.values())) == 4


def test_jitter_never_goes_under_the_declared_minimum() -> None:
    state = posting(BUSY)
    for second in range(50):
        now = NOW + timedelta(seconds=second)
        due, _ = next_due(FEED, state, outcome=FetchReason.OK, now=now, pace=0.01)
        assert due - now >= FEED.every_min


def test_first_polls_are_spread_over_two_minutes() -> None:
    dues = [first_due(replace(FEED, name=f"s{n}"), NOW) for n in range(60)]
    assert min(dues) >= NOW
    assert max(dues) < NOW + 2 * MINUTE
    assert max(dues) - min(dues) > MINUTE


def test_sources_that_were_missed_come_once_each_a_second_apart_on_average() -> None:
    assert max(staggered(["a", "b"], NOW).values()) < NOW + timedelta(seconds=2)
    many = staggered((f"s{n}" for n in range(1000)), NOW)
    assert len(many) == 1000
    assert NOW + MINUTE < max(many.values()) < NOW + 2 * MINUTE


def test_a_poll_cut_off_by_a_crash_is_not_made_anew_at_once() -> None:
    assert abandoned(FEED, NOW) == NOW + 10 * MINUTE
    weekly = replace(FEED, every_min=timedelta(days=7), every_max=timedelta(days=7))
    assert abandoned(weekly, NOW) == NOW + timedelta(hours=1)


def test_the_publishers_floor_holds_for_fixed_intervals_and_after_failures() -> None:
    asked = replace(STATE, terms=Terms(max_age=timedelta(hours=2)))
    assert pause_after(FetchReason.OK, state=asked) == timedelta(hours=2)
    assert pause_after(FetchReason.TIMEOUT, state=asked) == timedelta(hours=2)


def test_a_source_given_up_is_only_probed() -> None:
    dead = replace(STATE, state="dead")
    assert pause_after(FetchReason.NOT_FOUND, state=dead) == timedelta(days=7)
    assert pause_after(FetchReason.OK, state=dead) == 5 * MINUTE
