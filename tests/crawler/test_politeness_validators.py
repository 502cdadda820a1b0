"""The politeness checklist, points 1 to 7: validators, and what they save."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from crawler.items import Kind
from crawler.reasons import FetchReason
from tests.crawler.desk import HOUR, Desk, Start, sent
from tests.crawler.manners import (
    DAY,
    KINDS,
    PAGE,
    Answers,
    body_of,
    page_of,
    polls,
    source_of,
    validators,
)
from tests.servers.http import Reply, Request, redirect

if TYPE_CHECKING:
    from tests.servers.http import Server

NOT_MODIFIED = Reply(status=304)
ODD_ETAG = 'W/"a,\u00e9 b"'
ODD_DATE = "Sun, 6 Nov 1994 8:49:37 gmt+1"


@pytest.mark.parametrize("kind", KINDS)
def test_point_1_validators_go_back_byte_for_byte(
    desk: Desk, site_of: Start, kind: Kind
) -> None:
    head = {"ETag": ODD_ETAG, "Last-Modified": ODD_DATE}
    site = site_of({PAGE: page_of(kind, headers=head)})
    polls(desk, source_of(kind, site), 2)
    first, second = sent(site, PAGE)
    assert validators(first) == (None, None)
    assert validators(second) == (ODD_ETAG, ODD_DATE)


@pytest.mark.parametrize("kind", KINDS)
def test_point_2_each_200_replaces_both_and_drops_the_one_no_longer_sent(
    desk: Desk, site_of: Start, kind: Kind
) -> None:
    site = site_of(
        {
            PAGE: Answers(
                [
                    page_of(kind, headers={"ETag": '"1"', "Last-Modified": "x"}),
                    page_of(kind, headers={"Last-Modified": "y"}),
                    page_of(kind),
                ]
            )
        }
    )
    polls(desk, source_of(kind, site), 4)
    assert [validators(request) for request in sent(site, PAGE)] == [
        (None, None),
        ('"1"', "x"),
        (None, "y"),
        (None, None),
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "bad",
    [
        Reply(status=404, headers={"ETag": '"bad"'}),
        Reply(status=500, headers={"ETag": '"bad"', "Last-Modified": "bad"}),
        Reply(body=b"<p>Please log in", headers={"ETag": '"bad"'}),
        Reply(status=206, body=body_of(Kind.FEED), headers={"ETag": '"bad"'}),
        redirect("/elsewhere"),
    ],
    ids=["404", "500", "unparsed", "part", "redirect"],
)
def test_point_2_nothing_but_a_parsed_200_gives_validators(
    desk: Desk, site_of: Start, kind: Kind, bad: Reply
) -> None:
    site = site_of(
        {PAGE: bad, "/elsewhere": Reply(status=404, headers={"ETag": '"b"'})}
    )
    polls(desk, source_of(kind, site), 2)
    assert {validators(request) for request in sent(site, PAGE)} == {(None, None)}


def test_point_3_a_304_renews_what_it_sends_and_is_a_success(
    desk: Desk, site_of: Start
) -> None:
    renewed = {"Last-Modified": "later", "Cache-Control": "max-age=7200"}
    site = site_of(
        {
            PAGE: Answers(
                [
                    page_of(Kind.FEED, headers={"ETag": '"1"', "Last-Modified": "x"}),
                    Reply(status=304, headers=renewed),
                ]
            )
        }
    )
    _, second, third = polls(desk, source_of(Kind.FEED, site), 3)
    assert second.ok
    assert second.state.yielded == 1, "the entries of the 200 before are kept"
    assert validators(sent(site, PAGE)[2]) == ('"1"', "later")
    assert third.state.due is not None
    assert third.state.due - third.at >= 2 * HOUR


def test_point_4_validators_belong_to_the_final_url_and_our_shape_of_request(
    desk: Desk, site_of: Start
) -> None:
    places = Answers([redirect("/one"), redirect("/one"), redirect("/two")])
    page = page_of(Kind.FEED, headers={"ETag": '"1"'})
    site = site_of({PAGE: places, "/one": page, "/two": page})
    source = source_of(Kind.FEED, site)
    *_, last = polls(desk, source, 3)
    assert {validators(request) for request in sent(site, PAGE)} == {(None, None)}
    assert [validators(r)[0] for r in sent(site, "/one")] == [None, '"1"']
    assert [validators(r)[0] for r in sent(site, "/two")] == [None]
    # Asked otherwise, another answer: a changed Accept is a changed shape.
    state = last.state
    as_list = source_of(Kind.LISTING, site, name=source.name)
    desk.poll(as_list, state)
    assert validators(sent(site, "/two")[-1]) == (None, None)


def _index_of(site_of: Start) -> tuple[Server, list[str]]:
    def file(request: Request) -> Reply:
        if request.header("if-none-match") == '"f"':
            return NOT_MODIFIED
        return page_of(Kind.SITEMAP, f"/in{request.path}", headers={"ETag": '"f"'})

    files = ["/1.xml", "/2.xml"]
    inside = "".join(f"<sitemap><loc>{name}</loc></sitemap>" for name in files)
    index = Reply(
        body=f"<sitemapindex>{inside}</sitemapindex>".encode(), headers={"ETag": '"i"'}
    )

    def root(request: Request) -> Reply:
        return NOT_MODIFIED if request.header("if-none-match") == '"i"' else index

    return site_of({PAGE: root, "/1.xml": file, "/2.xml": file}), files


def test_point_5_one_unconditional_get_in_all_also_for_the_files_of_an_index(
    desk: Desk, site_of: Start
) -> None:
    site, files = _index_of(site_of)
    first, *more = polls(desk, source_of(Kind.SITEMAP, site), 4)
    assert len(first.items) == 2
    assert [one.reason for one in more] == [FetchReason.NOT_MODIFIED] * 3
    for path in [PAGE, *files]:
        asked = [validators(request)[0] is not None for request in sent(site, path)]
        assert asked == [False, True, True, True], path


def test_point_6_a_304_that_never_ends_is_checked_once_a_day(
    desk: Desk, site_of: Start
) -> None:
    """The ETag stays although the feed goes on: its validators are no good."""
    count = 0

    def answer(request: Request) -> Reply:
        if count > 48 and request.header("if-none-match"):
            return NOT_MODIFIED
        links = [f"/{n}" for n in range(count + 1)]
        return page_of(Kind.FEED, *links, headers={"ETag": '"stuck"'})

    site = site_of({PAGE: answer})
    source = source_of(Kind.FEED, site)
    harvest = desk.poll(source)
    known = frozenset(item.id for item in harvest.items)
    reasons = []
    for count in range(1, 100):  # noqa: B007 - the server counts with us
        desk.watch.now += HOUR
        harvest = desk.poll(source, harvest.state, known=known.intersection)
        known |= frozenset(item.id for item in harvest.items)
        reasons.append(harvest.reason)
    quiet = reasons[48:]
    assert quiet[:24] == [FetchReason.NOT_MODIFIED] * 24
    assert quiet[24] is FetchReason.OK, "24 hours of 304, then one without validators"
    assert harvest.state.trail.distrusted
    assert {validators(r)[0] for r in sent(site, PAGE)[-20:]} == {None}


def test_point_6_news_with_a_new_validator_is_no_proof_against_it(
    desk: Desk, site_of: Start
) -> None:
    """The morning's batch comes with the very poll that checks: trust goes on."""
    count = 0

    def answer(request: Request) -> Reply:
        tag = f'"{count}"'
        if request.header("if-none-match") == tag:
            return NOT_MODIFIED
        links = [f"/{n}" for n in range(count + 1)]
        return page_of(Kind.FEED, *links, headers={"ETag": tag})

    site = site_of({PAGE: answer})
    source = source_of(Kind.FEED, site)
    harvest = desk.poll(source)
    known = frozenset(item.id for item in harvest.items)
    for hour in range(1, 80):
        count = min(hour, 48) if hour < 73 else hour
        desk.watch.now += HOUR
        harvest = desk.poll(source, harvest.state, known=known.intersection)
        known |= frozenset(item.id for item in harvest.items)
        assert not harvest.state.trail.distrusted
        if hour == 73:
            assert validators(sent(site, PAGE)[-1])[0] is None, "the probe"
            assert harvest.items
    assert validators(sent(site, PAGE)[-1])[0] == '"78"'


def test_point_6_a_source_that_is_really_silent_is_probed_and_trusted(
    desk: Desk, site_of: Start
) -> None:
    def answer(request: Request) -> Reply:
        if request.header("if-none-match"):
            return NOT_MODIFIED
        links = [f"/{n}" for n in range(50)]
        return page_of(Kind.FEED, *links, headers={"ETag": '"1"'})

    site = site_of({PAGE: answer})
    source = source_of(Kind.FEED, site)
    first = desk.poll(source)  # 50 items dated now: some 100 a day
    rest = polls(desk, source, 30 * 24, first=first)
    bare = [n for n, r in enumerate(sent(site, PAGE)) if validators(r)[0] is None]
    assert bare[0] == 0
    assert 3 <= len(bare) <= 12
    assert all(b - a >= 24 for a, b in pairwise(bare))
    assert bare[-1] < 15 * 24, "in the end its silence is its habit"
    assert not rest[-1].state.trail.distrusted
    assert desk.watch.now - first.at == 30 * DAY


def test_point_6_news_at_another_address_is_no_proof_against_validators(
    desk: Desk, site_of: Start
) -> None:
    def one(request: Request) -> Reply:
        if request.header("if-none-match"):
            return NOT_MODIFIED
        return page_of(Kind.FEED, headers={"ETag": '"1"'})

    places = Answers([*[redirect("/one")] * 5, redirect("/two")])
    two = page_of(Kind.FEED, "/news", headers={"ETag": '"2"'})
    site = site_of({PAGE: places, "/one": one, "/two": two})
    done = polls(desk, source_of(Kind.FEED, site), 7, new=True)
    assert done[4].state.trail.quiet_since is not None
    assert len(done[5].items) == 1
    assert not done[5].state.trail.distrusted
    assert validators(sent(site, "/two")[1])[0] == '"2"'


def test_point_6_the_files_of_an_index_are_checked_with_it(
    desk: Desk, site_of: Start
) -> None:
    site, files = _index_of(site_of)
    source = source_of(Kind.SITEMAP, site)
    (first,) = polls(desk, source, 1)
    quick = replace(first.state.habits, weight=99.0)
    first = replace(first, state=replace(first.state, habits=quick))
    polls(desk, source, 27, first=first)
    for path in [PAGE, *files]:
        bare = [n for n, r in enumerate(sent(site, path)) if not validators(r)[0]]
        assert bare == [0, 25], path


@pytest.mark.parametrize("kind", KINDS)
def test_point_7_the_same_body_is_neither_parsed_nor_written_again(
    desk: Desk, site_of: Start, kind: Kind
) -> None:
    site = site_of({PAGE: page_of(kind)})
    first, second = polls(desk, source_of(kind, site), 2, every=timedelta(minutes=30))
    assert first.items
    assert (second.reason, second.items) == (FetchReason.UNCHANGED, ())
