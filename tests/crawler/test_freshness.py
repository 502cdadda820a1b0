"""The cold-start rule, branch by branch (DESIGN section 6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.freshness import catching_up, freshness
from crawler.items import SourceState
from crawler.reasons import Freshness

ADOPTED = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEW = SourceState(name="site", url="https://site.test/", adopted=ADOPTED)
DAY = timedelta(hours=24)
SECOND = timedelta(seconds=1)
LATER = ADOPTED + timedelta(days=99)


def polled(last: datetime) -> SourceState:
    return replace(NEW, first_succeeded=ADOPTED, succeeded=last)


def test_news_of_the_day_before_adoption_may_alert() -> None:
    assert freshness(NEW, ADOPTED - DAY, LATER) is Freshness.FRESH


def test_what_is_older_than_a_day_before_adoption_is_old() -> None:
    assert freshness(NEW, ADOPTED - DAY - SECOND, LATER) is Freshness.OLD


def test_undated_items_of_the_first_successful_poll_never_alert() -> None:
    assert freshness(NEW, None, LATER) is Freshness.UNDATED_FIRST_POLL


def test_a_failed_first_poll_does_not_spend_the_first_successful_one() -> None:
    failed = replace(NEW, attempted=ADOPTED, failures=3, state="failing")
    assert freshness(failed, None, LATER) is Freshness.UNDATED_FIRST_POLL


def test_undated_items_of_a_later_poll_count_as_just_published() -> None:
    assert freshness(polled(ADOPTED), None, LATER) is Freshness.FRESH


def test_after_a_poll_the_line_moves_on_with_the_last_success() -> None:
    last = ADOPTED + timedelta(days=9)
    assert freshness(polled(last), last - DAY, LATER) is Freshness.FRESH
    assert freshness(polled(last), last - DAY - SECOND, LATER) is Freshness.OLD


def test_after_an_outage_everything_since_the_last_success_is_still_news() -> None:
    last = ADOPTED + timedelta(days=9)
    assert freshness(polled(last), last + timedelta(days=3), LATER) is Freshness.FRESH


def test_the_line_never_falls_behind_adoption() -> None:
    strange = polled(ADOPTED - timedelta(days=30))
    assert freshness(strange, ADOPTED - DAY - SECOND, LATER) is Freshness.OLD


@pytest.mark.parametrize(
    ("interval", "away", "late"),
    [
        (timedelta(minutes=16), timedelta(hours=6), False),
        (timedelta(minutes=16), timedelta(hours=6, seconds=1), True),
        (timedelta(hours=3), timedelta(hours=12), False),
        (timedelta(hours=3), timedelta(hours=12, seconds=1), True),
    ],
)
def test_an_outage_is_six_hours_or_four_intervals(
    interval: timedelta, away: timedelta, late: bool
) -> None:
    assert catching_up(polled(ADOPTED), interval, ADOPTED + away) is late


def test_the_first_poll_is_catching_up() -> None:
    assert catching_up(NEW, timedelta(minutes=16), ADOPTED)


def test_a_clock_that_was_a_year_ahead_mutes_no_source() -> None:
    """A82: the machine was started with a wrong clock, which was set right later."""
    now = ADOPTED - timedelta(days=365)
    for state in (NEW, polled(ADOPTED)):
        assert freshness(state, now - SECOND, now) is Freshness.FRESH
        assert freshness(state, now - DAY - SECOND, now) is Freshness.OLD
