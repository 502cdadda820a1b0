"""How a source posts, learnt poll by poll; what its budget of polls comes to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.habits import FAINTEST, Habits, observed
from crawler.items import Kind, Source
from crawler.pace import BUDGET, MOST_A_DAY, Want, level, pause, rhythm, want

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FEED = Source(name="site", kind=Kind.FEED, url="https://site.test/feed")


def after(days: int, a_day: int, *, at_hour: int | None = None) -> Habits:
    """Polled every hour; items come evenly, or all in one hour of the day."""
    habits, since = Habits(), None
    for n in range(days * 24):
        now = NOW + n * HOUR
        here = at_hour is None or (now - HOUR / 2).hour == at_hour
        n_items = a_day if at_hour is not None else a_day // 24
        came = [now - HOUR / 2] * (n_items if here else 0)
        habits = observed(habits, came, since=since, now=now)
        since = now
    return habits


@pytest.mark.parametrize("a_day", [24, 48, 240])
def test_the_rate_is_learnt_to_a_tenth_in_a_week(a_day: int) -> None:
    rate = after(7, a_day).rate(NOW + 7 * DAY)
    assert rate == pytest.approx(a_day, rel=0.1)


def test_a_source_that_falls_silent_loses_half_its_rate_in_two_days() -> None:
    habits = after(30, 240)
    then = NOW + 30 * DAY - HOUR
    assert habits.rate(then + 2 * DAY) / habits.rate(then) == pytest.approx(0.5, 0.05)


def test_nothing_is_known_at_first_and_one_poll_proves_little() -> None:
    assert Habits().rate(NOW) == 12
    one = observed(Habits(), [], since=None, now=NOW)
    assert one.rate(NOW) == 12
    assert one.rate(NOW + HOUR) > 11


def test_the_dates_of_a_first_poll_tell_of_the_week_before() -> None:
    came = [NOW - n * 2 * HOUR for n in range(60)]
    habits = observed(Habits(), came, since=None, now=NOW)
    assert habits.begun == NOW - 59 * 2 * HOUR
    assert habits.rate(NOW) == pytest.approx(12, rel=0.1)


def test_a_date_from_before_the_last_poll_counts_as_now() -> None:
    first = observed(Habits(), [], since=None, now=NOW)
    late = observed(first, [NOW - 30 * DAY, None], since=NOW, now=NOW + HOUR)
    assert late.hours[1] == 2


def test_the_shape_shows_the_hour_and_no_hour_is_forgotten() -> None:
    shape = after(7, 20, at_hour=6).shape()
    assert max(shape) == shape[6] > 15
    assert min(shape) == FAINTEST


def test_the_pace_spends_the_budget_where_the_news_is() -> None:
    now = NOW + 7 * DAY
    wants = [want(FEED, after(7, rate), now) for rate in (0, 24, 72)]
    pace = level(wants)
    spent = [sum(rhythm(one, pace)) for one in wants]
    assert sum(spent) == pytest.approx(3 * BUDGET, rel=0.01)
    assert spent[0] < spent[1] < spent[2]


def test_no_source_gets_more_than_its_limit_though_its_hours_differ() -> None:
    now = NOW + 7 * DAY
    busy = want(FEED, after(7, 2000, at_hour=6), now)
    polls = rhythm(busy, 0.01)
    assert sum(polls) == pytest.approx(MOST_A_DAY, rel=0.01)
    assert polls[6] > polls[18]


def test_a_pause_takes_the_hours_it_runs_through_as_they_are() -> None:
    polls = (1.0,) * 6 + (4.0,) * 18
    late = NOW + 5 * HOUR + HOUR / 2
    # Half a poll's worth until six o'clock, the other half in 7.5 minutes.
    assert pause(polls, late) == HOUR / 2 + HOUR / 8


def test_bounds_that_forbid_the_budget_win() -> None:
    hourly = Want(roots=(1.0,) * 24, least=1.0, most=1.0)
    assert sum(rhythm(hourly, level([hourly]))) == 24
    often = Want(roots=(1.0,) * 24, least=12.0, most=20.0)
    assert sum(rhythm(often, level([often]))) == 12 * 24
