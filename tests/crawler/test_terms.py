"""What publishers ask for, in heads and in feeds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.terms import LONGEST_WISH, Terms, freshness_of, heard

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)  # a Sunday
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
EIGHT_A_DAY = (
    "<sy:updatePeriod> daily </sy:updatePeriod>"
    "<sy:updateFrequency>8</sy:updateFrequency>"
)


@pytest.mark.parametrize(
    ("headers", "fresh"),
    [
        ({}, None),
        ({"cache-control": "public, max-age=1800"}, 30 * MINUTE),
        ({"cache-control": 'MAX-AGE="600"'}, 10 * MINUTE),
        ({"cache-control": "s-maxage=900"}, None),
        ({"cache-control": "max-age=1800", "age": "600"}, 20 * MINUTE),
        ({"cache-control": "max-age=60", "age": "600"}, timedelta()),
        ({"cache-control": "max-age=31536000"}, LONGEST_WISH),
        ({"cache-control": "no-cache, max-age=1800"}, timedelta()),
        ({"cache-control": "no-store"}, timedelta()),
        ({"expires": "Sun, 01 Mar 2026 13:00:00 GMT"}, 30 * MINUTE),
        (
            {
                "expires": "Sun, 01 Mar 2026 13:00:00 GMT",
                "date": "Sun, 01 Mar 2026 12:50:00 GMT",
            },
            10 * MINUTE,
        ),
        (
            {
                "expires": "Sun, 01 Mar 2026 23:00:00 GMT",
                "cache-control": "max-age=60",
            },
            MINUTE,
        ),
        ({"expires": "0"}, timedelta()),
        ({"expires": "Thu, 19 Nov 1981 08:52:00 GMT"}, timedelta()),
        ({"cache-control": "max-age=-5, max-age=abc"}, None),
    ],
)
def test_freshness_as_http_counts_it(
    headers: dict[str, str], fresh: timedelta | None
) -> None:
    assert freshness_of(headers, now=NOW) == fresh


def channel(inside: str, *, after: str = "") -> Terms:
    body = f"<rss><channel>{inside}<item><ttl>7</ttl></item>{after}</channel></rss>"
    return heard(Terms(), {}, body.encode(), now=NOW)


@pytest.mark.parametrize(
    ("inside", "wish"),
    [
        ("", timedelta()),
        ("<ttl>45</ttl>", 45 * MINUTE),
        ("<ttl>\n 45 </ttl>", 45 * MINUTE),
        ("<ttl>525600</ttl>", LONGEST_WISH),
        ("<ttl>soon</ttl>", timedelta()),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", HOUR),
        (EIGHT_A_DAY, 3 * HOUR),
        ("<sy:updatePeriod>always</sy:updatePeriod>", timedelta()),
    ],
)
def test_the_feeds_own_wishes(inside: str, wish: timedelta) -> None:
    assert channel(inside).ttl == wish
    assert channel("", after=inside).ttl == wish, "also behind the entries"


def test_hours_and_days_to_skip_are_stayed_away_from() -> None:
    terms = channel(
        "<skipHours><hour>12</hour><hour>13</hour><hour>24</hour></skipHours>"
        "<skipDays><day>Monday</day></skipDays>"
    )
    assert terms.skip_hours == (0, 12, 13)
    assert terms.skip_days == (0,)
    assert NOW.replace(hour=14, minute=0) <= terms.open_from(NOW) < NOW + 2 * HOUR
    late = NOW.replace(hour=23)
    assert terms.open_from(late) == late
    monday = NOW + timedelta(hours=18)
    assert terms.open_from(monday).strftime("%a %H") == "Tue 01"


def test_who_skips_every_hour_is_not_believed() -> None:
    never = Terms(skip_hours=tuple(range(24)), skip_days=tuple(range(7)))
    assert never.open_from(NOW) == NOW


def test_a_304_renews_the_age_or_leaves_it_and_keeps_what_the_feed_said() -> None:
    terms = channel("<ttl>45</ttl>")
    aged = heard(terms, {"cache-control": "max-age=3600"}, None, now=NOW)
    assert (aged.ttl, aged.max_age) == (45 * MINUTE, HOUR)
    assert heard(aged, {}, None, now=NOW) == aged
    assert heard(aged, {}, b"<rss/>", now=NOW) == Terms(), "a 200 replaces all"
