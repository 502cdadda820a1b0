"""The politeness checklist, points 8 to 11: when to come back."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest

from crawler.items import Kind
from crawler.reasons import FetchReason
from tests.crawler.desk import HOUR, Desk, Start, entry, rss, sent
from tests.crawler.manners import (
    DAY,
    KINDS,
    PAGE,
    Answers,
    page_of,
    polls,
    source_of,
)
from tests.servers.http import Reply

MINUTE = timedelta(minutes=1)
OFTEN = {"every_min": 5 * MINUTE, "every_max": 5 * MINUTE}


def pause(
    desk: Desk, site_of: Start, reply: Reply, kind: Kind = Kind.FEED
) -> timedelta:
    """Until the next poll of a source that the user wants every five minutes."""
    harvest = desk.poll(source_of(kind, site_of({PAGE: reply}), **OFTEN))
    assert harvest.state.due is not None
    return harvest.state.due - harvest.at


def test_point_8_the_publishers_floor_goes_before_the_users_wish(
    desk: Desk, site_of: Start
) -> None:
    aged = page_of(Kind.FEED, headers={"Cache-Control": "max-age=1800"})
    assert pause(desk, site_of, aged) == 30 * MINUTE
    ttl = Reply(body=rss("<ttl>90</ttl>", entry()))
    assert pause(desk, site_of, ttl) == 90 * MINUTE
    period = Reply(body=rss("<sy:updatePeriod>hourly</sy:updatePeriod>", entry()))
    assert pause(desk, site_of, period) == HOUR
    absurd = page_of(Kind.FEED, headers={"Cache-Control": "max-age=31536000"})
    assert pause(desk, site_of, absurd) == 6 * HOUR
    uncached = page_of(Kind.FEED, headers={"Cache-Control": "no-cache, max-age=0"})
    assert pause(desk, site_of, uncached) == 5 * MINUTE


def test_point_8_who_waits_as_long_as_asked_is_not_catching_up(
    desk: Desk, site_of: Start
) -> None:
    """Else a source with a long ttl would send one message a topic for ever."""
    absurd = page_of(Kind.FEED, headers={"Cache-Control": "max-age=31536000"})
    later = page_of(Kind.FEED, "/b", headers={"Cache-Control": "max-age=31536000"})
    site = site_of({PAGE: Answers([absurd, later])})
    _, second = polls(desk, source_of(Kind.FEED, site), 2, every=7 * HOUR, new=True)
    assert [item.catching_up for item in second.items] == [False]


def test_point_8_hours_and_days_to_skip_are_skipped(desk: Desk, site_of: Start) -> None:
    noon = "<skipHours><hour>12</hour><hour>13</hour></skipHours>"
    wait = pause(desk, site_of, Reply(body=rss(noon, entry())))
    assert 2 * HOUR <= wait < 2 * HOUR + 15 * MINUTE  # it is noon, a Sunday
    sunday = "<skipDays><day>Sunday</day></skipDays>"
    wait = pause(desk, site_of, Reply(body=rss(sunday, entry())))
    assert 12 * HOUR <= wait < 12 * HOUR + 15 * MINUTE


@pytest.mark.parametrize("kind", KINDS)
def test_point_9_a_304_is_listened_to_and_age_is_taken_off(
    desk: Desk, site_of: Start, kind: Kind
) -> None:
    aged = {"Cache-Control": "max-age=3600", "Age": "600"}
    answers = [
        page_of(kind, headers={"ETag": '"1"'}),
        Reply(status=304, headers=aged),
    ]
    site = site_of({PAGE: Answers(answers)})
    first, second = polls(desk, source_of(kind, site, **OFTEN), 2)
    assert first.state.due == first.at + 5 * MINUTE
    assert second.reason is FetchReason.NOT_MODIFIED
    assert second.state.due == second.at + 50 * MINUTE


@pytest.mark.parametrize("status", [429, 503, 403])
@pytest.mark.parametrize("dated", [True, False], ids=["date", "seconds"])
def test_point_10_retry_after_shuts_the_whole_host_for_every_kind(
    desk: Desk, site_of: Start, status: int, *, dated: bool
) -> None:
    until = desk.watch.now + 20 * HOUR
    wish = format_datetime(until, usegmt=True) if dated else "72000"
    site = site_of({PAGE: Reply(status=status, headers={"Retry-After": wish})})
    harvest = desk.poll(source_of(Kind.FEED, site, **OFTEN))
    assert harvest.state.due is not None
    assert until <= harvest.state.due <= until + 6 * MINUTE
    before = len(site.requests)
    for kind in KINDS:
        other = desk.poll(source_of(kind, site, name=f"another-{kind}"))
        assert other.reason is FetchReason.HOST_BLOCKED
        assert other.state.due is not None
        assert other.state.due >= until
    assert len(site.requests) == before, "nothing was asked inside the window"
    desk.watch.now = until
    desk.poll(source_of(Kind.FEED, site), harvest.state)
    assert len(site.requests) > before


def test_point_11_refusals_back_off_steeply_and_failures_slowly(
    desk: Desk, site_of: Start
) -> None:
    def pauses(status: int) -> list[timedelta]:
        site = site_of({PAGE: Reply(status=status)})
        source = source_of(Kind.FEED, site, **OFTEN)
        done = polls(desk, source, 8, every=25 * HOUR)
        assert len(sent(site, PAGE)) == 8, "one request a poll, no retry"
        return [one.state.due - one.at for one in done if one.state.due]

    quarter = 15 * MINUTE
    for wait, least in zip(
        pauses(429), [quarter * 2**k for k in range(8)], strict=True
    ):
        assert min(least, DAY) <= wait <= min(least, DAY) + 6 * MINUTE
    assert pauses(403) == [6 * HOUR, 12 * HOUR, *([DAY] * 6)]
    assert pauses(500) == [5 * MINUTE * (2 + k) for k in range(8)]
