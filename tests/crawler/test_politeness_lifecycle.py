"""The politeness checklist, points 12 to 14: sources that move, vanish or hide."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crawler.items import Kind, Source
from crawler.pace import USUAL
from crawler.reasons import FetchReason
from crawler.schedule import DEAD, GONE
from crawler.standing import failed, new_state
from tests.crawler.desk import HOUR, HTML, NOW, Desk, Start, sent
from tests.crawler.manners import (
    DAY,
    KINDS,
    PAGE,
    Answers,
    page_of,
    polls,
    source_of,
    validators,
)
from tests.servers.http import Reply, redirect

if TYPE_CHECKING:
    from crawler.items import Harvest
    from tests.servers.http import Server

MISSING = Reply(status=404)


def asked(site: Server) -> list[str]:
    return [request.path for request in site.requests if request.path != "/robots.txt"]


def wait(harvest: Harvest) -> timedelta:
    assert harvest.state.due is not None
    return harvest.state.due - harvest.at


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [301, 308])
def test_point_12_a_permanent_move_is_believed_after_three_polls_over_a_day(
    desk: Desk, site_of: Start, kind: Kind, status: int
) -> None:
    site = site_of({PAGE: redirect("/new", status), "/new": page_of(kind)})
    source = source_of(kind, site)
    done = polls(desk, source, 4, every=9 * HOUR)
    assert [one.state.trail.settled for one in done] == [None] * 3 + [site.url("/new")]
    site.requests.clear()
    (after,) = polls(desk, source, 1, first=done[-1])
    assert asked(site) == ["/new"]
    assert after.state.url == source.url, "the user's own address is kept"
    assert after.state.detail == f"moved to {site.url('/new')}"


def test_point_12_two_polls_however_far_apart_prove_no_move(
    desk: Desk, site_of: Start
) -> None:
    site = site_of({PAGE: redirect("/new", 301), "/new": page_of(Kind.FEED)})
    done = polls(desk, source_of(Kind.FEED, site), 3, every=3 * DAY)
    settled = [one.state.trail.settled for one in done]
    assert settled == [None, None, site.url("/new")]


@pytest.mark.parametrize("status", [302, 303, 307])
def test_point_12_a_passing_move_never_changes_the_address(
    desk: Desk, site_of: Start, status: int
) -> None:
    site = site_of({PAGE: redirect("/new", status), "/new": page_of(Kind.FEED)})
    *_, last = polls(desk, source_of(Kind.FEED, site), 5, every=DAY)
    assert asked(site) == [PAGE, "/new"] * 5
    assert last.state.trail.settled is None


def test_point_12_a_new_address_that_is_lost_gives_way_to_the_users_own(
    desk: Desk, site_of: Start
) -> None:
    answers = Answers([*[page_of(Kind.FEED)] * 4, *[MISSING] * 3])
    site = site_of({PAGE: redirect("/new", 301), "/new": answers})
    source = source_of(Kind.FEED, site)
    done = polls(desk, source, 7, every=12 * HOUR)
    assert done[2].state.trail.settled == site.url("/new")
    assert done[4].reason is FetchReason.NOT_FOUND
    # For a day it may be a hiccup: who moved may have switched off the old address.
    assert done[5].state.trail.settled == site.url("/new")
    assert done[6].state.trail.settled is None
    site.requests.clear()
    polls(desk, source, 1, first=done[-1])
    assert asked(site)[0] == PAGE


def test_point_12_a_new_address_that_is_gone_gives_way_at_once(
    desk: Desk, site_of: Start
) -> None:
    answers = Answers([*[page_of(Kind.FEED)] * 4, Reply(status=410)])
    site = site_of({PAGE: redirect("/new", 301), "/new": answers})
    done = polls(desk, source_of(Kind.FEED, site), 5, every=12 * HOUR)
    assert done[2].state.trail.settled == site.url("/new")
    assert done[-1].state.trail.settled is None


def test_point_12_a_name_that_is_not_found_loses_no_address() -> None:
    """A machine that wakes without a network has lost none of its sources."""
    new = "https://new.test/feed"
    source = Source(name="s", kind=Kind.FEED, url="https://old.test/feed")
    state = new_state(source, NOW)
    state = replace(state, trail=replace(state.trail, settled=new))
    for hours in range(0, 100, 10):
        state = failed(
            source,
            state,
            FetchReason.NAME_NOT_FOUND,
            "",
            at=NOW + hours * HOUR,
            now=NOW + hours * HOUR,
            pace=USUAL,
            retry_at=None,
        )
    assert state.trail.settled == new


def test_point_12_secrets_do_not_move_with_the_source(
    desk: Desk, site_of: Start
) -> None:
    new = site_of({"/new": page_of(Kind.FEED)})
    old = site_of({PAGE: redirect(new.url("/new"), 301)})
    source = source_of(Kind.FEED, old, headers={"X-Key": "open sesame"})
    polls(desk, source, 5, every=12 * HOUR)
    assert len(sent(old, PAGE)) == 3
    assert {request.header("x-key") for request in sent(old, PAGE)} == {"open sesame"}
    assert len(sent(new, "/new")) == 5
    assert {request.header("x-key") for request in sent(new, "/new")} == {None}


@pytest.mark.parametrize("kind", KINDS)
def test_point_13_410_stops_at_once_with_a_probe_a_month(
    desk: Desk, site_of: Start, kind: Kind
) -> None:
    answers = Answers([page_of(kind), Reply(status=410), page_of(kind)])
    site = site_of({PAGE: answers})
    _, gone, back = polls(desk, source_of(kind, site), 3)
    assert (gone.state.state, gone.reason) == ("gone", FetchReason.GONE)
    assert 0.9 * GONE <= wait(gone) <= 1.1 * GONE
    assert back.state.state == "ok"
    assert wait(back) <= HOUR * 1.1


def test_point_13_404_is_soft_and_dead_after_thirty_failures(
    desk: Desk, site_of: Start
) -> None:
    site = site_of({PAGE: Answers([*[MISSING] * 31, page_of(Kind.FEED)])})
    done = polls(desk, source_of(Kind.FEED, site), 32)
    assert [one.state.state for one in done[:30]] == ["failing"] * 29 + ["dead"]
    assert max(wait(one) for one in done[:29]) <= 1.1 * DAY
    assert 0.9 * DEAD <= wait(done[29]) <= 1.1 * DEAD
    assert done[30].state.state == "dead"
    assert done[31].state.state == "ok", "dead is no word for ever"


def test_point_13_404_for_two_weeks_is_dead_other_failures_are_not(
    desk: Desk, site_of: Start
) -> None:
    for status, state in ((404, "dead"), (500, "failing"), (403, "failing")):
        site = site_of({PAGE: Reply(status=status)})
        done = polls(desk, source_of(Kind.FEED, site), 3, every=7 * DAY)
        assert [one.state.state for one in done] == ["failing", "failing", state]


@pytest.mark.parametrize("kind", [Kind.FEED, Kind.SITEMAP])
def test_point_14_a_page_where_a_feed_was_is_an_error_and_keeps_the_validators(
    desk: Desk, site_of: Start, kind: Kind
) -> None:
    consent = Reply(body=b"<html><p>Accept?", headers={**HTML, "ETag": '"consent"'})
    site = site_of({PAGE: Answers([page_of(kind, headers={"ETag": '"1"'}), consent])})
    _, second, _ = polls(desk, source_of(kind, site), 3)
    assert second.reason in {FetchReason.NOT_A_FEED, FetchReason.NOT_A_SITEMAP}
    assert second.state.state == "failing"
    assert [validators(r)[0] for r in sent(site, PAGE)] == [None, '"1"', '"1"']


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [200, 403, 503])
def test_point_14_a_challenge_is_no_answer_whatever_its_status(
    desk: Desk, site_of: Start, kind: Kind, status: int
) -> None:
    head = {"cf-mitigated": "challenge", "ETag": '"?"', "Cache-Control": "max-age=9"}
    posed = page_of(kind, status=status, headers=head)
    harvest = desk.poll(source_of(kind, site_of({PAGE: posed})))
    assert (harvest.reason, harvest.items) == (FetchReason.CHALLENGED, ())
    assert (harvest.state.etag, harvest.state.body_hash) == (None, None)
    assert wait(harvest) >= 0.9 * timedelta(hours=6)
