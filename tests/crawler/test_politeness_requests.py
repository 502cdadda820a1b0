"""The politeness checklist, points 15 to 19: what is sent, how densely, by whose leave.

Each holds for feeds, sitemaps, lists, articles and robots.txt, which all go through
the one Fetcher.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from crawler.fetcher import Fetcher, FetchRequest, Purpose, user_agent
from crawler.items import ArticlePolicy, Kind
from crawler.reasons import FetchReason
from crawler.robots import LONGEST_DELAY_S, Rules
from tests.crawler.desk import HOUR, HTML, Desk, Start, sent
from tests.crawler.desk import PAGE as ARTICLE
from tests.crawler.manners import (
    KINDS,
    PAGE,
    Answers,
    page_of,
    polls,
    source_of,
    validators,
)
from tests.servers.http import Reply, Request, serve

if TYPE_CHECKING:
    from tests.servers.http import Server

SUGGESTIVE = {"Set-Cookie": "id=1; Path=/", "ETag": '"1"'}


def everything(desk: Desk, site_of: Start) -> list[Request]:
    """All that two polls of a source of each kind send, articles and robots too."""
    requests: list[Request] = []
    for kind in KINDS:
        article = Reply(body=ARTICLE, headers={**HTML, **SUGGESTIVE})
        robots = Reply(body=b"User-agent: *\nDisallow: /no\n", headers=SUGGESTIVE)
        page = page_of(kind, "/story", headers=SUGGESTIVE)
        site = site_of({PAGE: page, "/story": article, "/robots.txt": robots})
        source = source_of(kind, site, article=ArticlePolicy.ALWAYS)
        polls(desk, source, 2, new=True)
        paths = [request.path for request in site.requests]
        assert set(paths) == {"/robots.txt", PAGE, "/story"}, kind
        requests += site.requests
    return requests


def test_point_15_one_honest_name_everywhere(desk: Desk, site_of: Start) -> None:
    names = {request.header("user-agent") for request in everything(desk, site_of)}
    assert names == {"vedette/test"}, "as the Fetcher was told"
    said = user_agent("https://desk.test/bot")
    assert said.startswith("vedette/")
    assert said.endswith(" (+https://desk.test/bot; feed fetcher)")


def test_point_16_the_formats_wanted_are_declared(desk: Desk, site_of: Start) -> None:
    for request in everything(desk, site_of):
        assert request.header("accept-encoding") == "gzip"
        assert request.header("accept")
    site = site_of({PAGE: page_of(Kind.FEED)})
    desk.poll(source_of(Kind.FEED, site))
    assert sent(site, PAGE)[0].header("accept") == (
        "application/atom+xml, application/rss+xml, application/feed+json, "
        "application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"
    )


def test_point_17_no_cookie_no_referer_no_tricks(desk: Desk, site_of: Start) -> None:
    allowed = {"host", "user-agent", "accept", "accept-encoding", "connection"}
    for request in everything(desk, site_of):
        names = {name.lower() for name, _ in request.headers}
        assert names - allowed <= {"if-none-match", "if-modified-since"}
        assert (request.method, request.target) == ("GET", request.path)


def test_point_18_one_connection_a_host_two_seconds_apart_whatever_is_asked() -> None:
    async def story(site: Server) -> None:
        fetcher = Fetcher(user_agent="vedette/test", allow=("127.0.0.0/8",))
        purposes = (Purpose.FEED, Purpose.ARTICLE)
        await asyncio.gather(
            *(
                fetcher.fetch(
                    FetchRequest(source=p.value, url=site.url(f"/{p}"), purpose=p)
                )
                for p in purposes
            )
        )
        await fetcher.aclose()

    with serve(lambda _: Reply(body=b"x", wait_s=0.1)) as site:
        asyncio.run(story(site))
        assert sorted(site.paths()) == ["/article", "/feed", "/robots.txt"]
        gaps = [b.at - a.at for a, b in pairwise(site.requests)]
        # Where they arrive: on a busy machine the first is tenths of a second late.
        assert min(gaps) > 1.5
        assert site.open_most == 1


def test_point_18_a_crawl_delay_is_kept_up_to_a_minute() -> None:
    async def story(site: Server) -> None:
        fetcher = Fetcher(
            user_agent="vedette/test", allow=("127.0.0.0/8",), min_gap_s=0.0
        )
        for purpose in (Purpose.PAGE, Purpose.SITEMAP):
            wanted = FetchRequest(source="s", url=site.url("/"), purpose=purpose)
            await fetcher.fetch(wanted)
        await fetcher.aclose()

    robots = Reply(body=b"User-agent: *\nCrawl-delay: 0.7\n")
    with serve({"/robots.txt": robots, "/": Reply(body=b"x")}) as site:
        asyncio.run(story(site))
        first, second = sent(site, "/")
        assert second.at - first.at > 0.65
    assert LONGEST_DELAY_S == 60
    assert Rules(None).delay_s == 0


@pytest.mark.parametrize("kind", KINDS)
def test_point_19_robots_rule_each_kind_and_run_out(
    desk: Desk, site_of: Start, kind: Kind
) -> None:
    allows = Reply(body=b"User-agent: vedette\nAllow: /\n\nUser-agent: *\nDisallow: /")
    broken = Reply(status=503)
    forbids = Reply(body=b"User-agent: Vedette\nDisallow: /page\n")
    site = site_of(
        {PAGE: page_of(kind), "/robots.txt": Answers([allows, *[broken] * 3, forbids])}
    )
    reasons = [
        one.reason for one in polls(desk, source_of(kind, site), 6, every=6 * HOUR)
    ]
    # Read at 0 h; good for 24 h; asked anew from 12 h on, in vain; closed at 24 h.
    assert reasons[0] is FetchReason.OK
    assert set(reasons[1:4]) == {FetchReason.UNCHANGED}
    assert reasons[4:] == [FetchReason.ROBOTS_DISALLOW] * 2
    assert len(sent(site, "/robots.txt")) == 5, "0, 12, 18, 24 and 30 h"
    assert len(sent(site, PAGE)) == 4


def test_point_19_a_missing_robots_opens_and_articles_always_obey(
    desk: Desk, site_of: Start, caplog: pytest.LogCaptureFixture
) -> None:
    article = Reply(body=ARTICLE, headers=HTML)
    page = page_of(Kind.FEED, "/story")
    missing = site_of({PAGE: page, "/story": article})
    source = source_of(Kind.FEED, missing, article=ArticlePolicy.ALWAYS)
    desk.poll(source)
    assert sent(missing, "/story")
    closed = Reply(body=b"User-agent: *\nDisallow: /\n")
    site = site_of({PAGE: page, "/story": article, "/robots.txt": closed})
    waived = source_of(
        Kind.FEED, site, article=ArticlePolicy.ALWAYS, obey_robots=False, name="ours"
    )
    done = polls(desk, waived, 2, every=timedelta(minutes=30), new=True)
    assert done[0].ok
    assert not sent(site, "/story"), "the waiver is for the feed alone"
    said = [r for r in caplog.records if "obey_robots" in r.message]
    assert len(said) == 1
    assert validators(sent(site, PAGE)[0]) == (None, None)
