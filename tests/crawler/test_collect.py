"""One poll of one source, against a real server, a real Fetcher and real workers."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from crawler.collect import Collector, new_state
from crawler.crawl import Scraper
from crawler.fetcher import Fetcher
from crawler.items import (
    ArticlePolicy,
    DropReason,
    FetchReason,
    Freshness,
    Harvest,
    Kind,
    ListingRules,
    Source,
    SourceState,
)
from crawler.pool import ParserPool
from crawler.secrets import Secret
from crawler.urls import canonical_url
from tests.servers.http import Handler, Reply, Request, Routes, Server, redirect, serve

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
HTML = {"Content-Type": "text/html; charset=utf-8"}
LONG = (
    "<p>" + "Officials spoke of the harbour, the bridge and the grain. " * 15 + "</p>"
)
PAGE = f"<html><body><article><h1>Talks</h1>{LONG}</article></body></html>".encode()


def never(_item_id: str) -> bool:
    return False


def always(_item_id: str) -> bool:
    return True


def rss(*items: str) -> bytes:
    return (
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>"
        f"<title>Site</title>{''.join(items)}</channel></rss>"
    ).encode()


def entry(
    link: str | None = "/a",
    *,
    title: str | None = "Talks in the harbour",
    published: datetime | None = NOW,
    guid: str | None = None,
    text: str = "",
) -> str:
    parts = {
        "title": title,
        "link": link,
        "guid": guid,
        "pubDate": format_datetime(published) if published else None,
        "description": text or None,
    }
    inner = "".join(f"<{k}>{v}</{k}>" for k, v in parts.items() if v is not None)
    return f"<item>{inner}</item>"


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desk:
    """A collector with its parts, in a loop of its own."""

    runner: asyncio.Runner
    collector: Collector
    watch: Watch

    def poll(
        self,
        source: Source,
        state: SourceState | None = None,
        *,
        known: Callable[[str], bool] = never,
    ) -> Harvest:
        state = state or new_state(source, self.watch.now)
        return self.runner.run(self.collector.collect(source, state, known=known))


@pytest.fixture(scope="module")
def open_desk() -> Iterator[Desk]:
    watch = Watch()
    with asyncio.Runner() as runner:

        async def build() -> tuple[Fetcher, ParserPool, Scraper]:
            fetcher = Fetcher(
                user_agent="vedette/test",
                allow=("127.0.0.0/8",),
                clock=watch,
                min_gap_s=0.0,
                deadline_s=5.0,
            )
            pool = ParserPool(workers=1)
            return fetcher, pool, Scraper(fetcher=fetcher, pool=pool)

        fetcher, pool, scraper = runner.run(build())
        collector = Collector(fetcher=fetcher, pool=pool, scraper=scraper, clock=watch)
        yield Desk(runner=runner, collector=collector, watch=watch)
        runner.run(scraper.aclose())
        runner.run(pool.aclose())
        runner.run(fetcher.aclose())


@pytest.fixture
def desk(open_desk: Desk) -> Desk:
    open_desk.watch.now = NOW
    return open_desk


HOSTS = itertools.count(1)


@pytest.fixture
def site_of() -> Iterator[Callable[[Handler | Routes], Server]]:
    """Starts a site on an address of its own: the gate and robots are per host."""
    with ExitStack() as stack:

        def start(handler: Handler | Routes) -> Server:
            host = f"127.7.{next(HOSTS)}.1"
            return stack.enter_context(serve(handler, host=host))

        yield start


Start = Callable[[Handler | Routes], Server]


def feed(site: Server, **changes: object) -> Source:
    source = Source(
        name="site",
        kind=Kind.FEED,
        url=site.url("/feed"),
        article=ArticlePolicy.NEVER,
    )
    return replace(source, **changes)  # type: ignore[arg-type]


def sent(site: Server, path: str) -> list[Request]:
    return [request for request in site.requests if request.path == path]


# Items ----------------------------------------------------------------------


def test_entries_become_items_in_the_feeds_order(desk: Desk, site_of: Start) -> None:
    site = site_of(
        {"/feed": Reply(body=rss(entry("/b?utm_source=x", text="Long story"), entry()))}
    )
    harvest = desk.poll(feed(site, language="en"))
    assert harvest.reason is FetchReason.OK
    first, second = harvest.items
    assert first.url == site.url("/b?utm_source=x")
    assert first.canonical_url == canonical_url(site.url("/b"))
    assert first.text == "Long story"
    assert first.published == NOW
    assert first.seen == NOW
    assert first.language == "en"
    assert second.url == site.url("/a")


def test_ids_depend_on_the_source_and_the_canonical_link_alone(
    desk: Desk, site_of: Start
) -> None:
    """A35: a guid that changes at each poll makes no new item."""
    bodies = iter(
        [rss(entry(guid="1", title="One")), rss(entry("/a?utm_medium=x", guid="2"))]
    )
    site = site_of({"/feed": lambda _: Reply(body=next(bodies))})
    first = desk.poll(feed(site)).items[0]
    second = desk.poll(feed(site)).items[0]
    assert first.id == second.id


def test_repeated_and_empty_entries_are_dropped_and_counted(
    desk: Desk, site_of: Start
) -> None:
    body = rss(entry(), entry("/a#top", title="Again"), entry(None, title=None))
    site = site_of({"/feed": Reply(body=body)})
    harvest = desk.poll(feed(site))
    assert len(harvest.items) == 1
    dropped = dict(harvest.dropped)
    assert dropped[DropReason.REPEATED] == 1
    assert sum(dropped.values()) + len(harvest.items) == harvest.state.yielded


def test_an_entry_without_link_is_known_by_its_guid(desk: Desk, site_of: Start) -> None:
    site = site_of({"/feed": Reply(body=rss(entry(None, guid="tag:1", title="One")))})
    item = desk.poll(feed(site)).items[0]
    assert item.url is None
    assert item.guid == "tag:1"


def test_an_implausible_date_counts_as_none(desk: Desk, site_of: Start) -> None:
    """A34: a date of next year cannot pin an item."""
    body = rss(entry(published=NOW + timedelta(days=400)))
    site = site_of({"/feed": Reply(body=body)})
    item = desk.poll(feed(site)).items[0]
    assert item.published is None
    assert item.freshness is Freshness.UNDATED_FIRST_POLL


def test_old_news_of_a_new_source_is_marked_old(desk: Desk, site_of: Start) -> None:
    body = rss(entry("/new"), entry("/old", published=NOW - timedelta(days=3)))
    site = site_of({"/feed": Reply(body=body)})
    harvest = desk.poll(feed(site))
    assert [i.freshness for i in harvest.items] == [Freshness.FRESH, Freshness.OLD]
    assert all(item.catching_up for item in harvest.items)


def test_a_second_poll_in_time_is_not_catching_up(desk: Desk, site_of: Start) -> None:
    bodies = iter([rss(entry()), rss(entry("/b")), rss(entry("/c"))])
    site = site_of({"/feed": lambda _: Reply(body=next(bodies))})
    state = desk.poll(feed(site)).state
    desk.watch.now += timedelta(minutes=16)
    second = desk.poll(feed(site), state)
    assert not second.items[0].catching_up
    desk.watch.now += timedelta(days=2)
    assert desk.poll(feed(site), second.state).items[0].catching_up


# State ----------------------------------------------------------------------


def test_validators_are_sent_back_byte_for_byte(desk: Desk, site_of: Start) -> None:
    """A83, checklist 1: quotes, W/ and odd dates come back as they came."""
    marks = {"ETag": 'W/"a-1"', "Last-Modified": "Sunday, 01-Mar-26 10:00:00 GMT"}

    def answer(request: Request) -> Reply:
        if request.header("if-none-match"):
            return Reply(status=304)
        return Reply(body=rss(entry()), headers=marks)

    site = site_of({"/feed": answer})
    first = desk.poll(feed(site))
    second = desk.poll(feed(site), first.state)
    asked = sent(site, "/feed")[1]
    assert asked.header("if-none-match") == marks["ETag"]
    assert asked.header("if-modified-since") == marks["Last-Modified"]
    assert second.reason is FetchReason.NOT_MODIFIED
    assert second.ok
    assert second.items == ()
    assert second.state.etag == marks["ETag"]
    assert second.state.yielded == 1


def test_a_validator_no_longer_sent_is_forgotten(desk: Desk, site_of: Start) -> None:
    """Checklist 2: both are replaced at each 200, never latched."""
    replies = iter(
        [
            Reply(body=rss(entry()), headers={"ETag": '"1"', "Last-Modified": "x"}),
            Reply(body=rss(entry("/b")), headers={"ETag": '"2"'}),
        ]
    )
    site = site_of({"/feed": lambda _: next(replies)})
    state = desk.poll(feed(site)).state
    state = desk.poll(feed(site), state).state
    assert (state.etag, state.last_modified) == ('"2"', None)


def test_validators_of_a_page_that_is_no_feed_are_not_kept(
    desk: Desk, site_of: Start
) -> None:
    """Checklist 2 and 14: a login page does not overwrite what the feed said."""
    replies = iter(
        [
            Reply(body=rss(entry()), headers={"ETag": '"feed"'}),
            Reply(
                body=b"<html><body>Sign in</body></html>",
                headers={"ETag": '"login"', **HTML},
            ),
        ]
    )
    site = site_of({"/feed": lambda _: next(replies)})
    good = desk.poll(feed(site)).state
    bad = desk.poll(feed(site), good)
    assert bad.reason is FetchReason.NOT_A_FEED
    assert not bad.ok
    assert bad.state.etag == '"feed"'
    assert bad.state.body_hash == good.body_hash
    assert bad.state.succeeded == good.succeeded
    assert bad.state.state == "failing"
    assert len(bad.records) == 1


def test_the_same_body_is_not_parsed_again(desk: Desk, site_of: Start) -> None:
    """I8: unchanged content yields nothing new."""
    site = site_of({"/feed": Reply(body=rss(entry()))})
    state = desk.poll(feed(site)).state
    again = desk.poll(feed(site), state)
    assert again.reason is FetchReason.UNCHANGED
    assert again.items == ()


def test_another_url_forgets_validators_and_is_adopted_anew(
    desk: Desk, site_of: Start
) -> None:
    """Checklist 4."""
    site = site_of(
        {
            "/feed": Reply(body=rss(entry()), headers={"ETag": '"1"'}),
            "/other": Reply(body=rss(entry(published=None))),
        }
    )
    state = desk.poll(feed(site)).state
    desk.watch.now += timedelta(days=5)
    moved = desk.poll(feed(site, url=site.url("/other")), state)
    assert sent(site, "/other")[0].header("if-none-match") is None
    assert moved.state.url == site.url("/other")
    assert moved.state.adopted == desk.watch.now
    assert moved.items[0].freshness is Freshness.UNDATED_FIRST_POLL


def test_failures_are_counted_and_a_success_clears_them(
    desk: Desk, site_of: Start
) -> None:
    replies = iter([Reply(status=500), Reply(status=500), Reply(body=rss(entry()))])
    site = site_of({"/feed": lambda _: next(replies)})
    first = desk.poll(feed(site))
    second = desk.poll(feed(site), first.state)
    assert (first.reason, second.state.failures) == (FetchReason.SERVER_ERROR, 2)
    assert second.state.state == "failing"
    assert second.state.first_succeeded is None
    third = desk.poll(feed(site), second.state)
    assert (third.state.failures, third.state.state) == (0, "ok")
    assert third.state.first_succeeded == NOW


def test_410_ends_the_polling(desk: Desk, site_of: Start) -> None:
    """Checklist 13."""
    site = site_of({"/feed": Reply(status=410)})
    harvest = desk.poll(feed(site))
    assert harvest.state.state == "gone"
    assert harvest.state.due is not None
    assert harvest.state.due - NOW > timedelta(days=25)


def test_retry_after_holds_the_source_back(desk: Desk, site_of: Start) -> None:
    """I10."""
    site = site_of({"/feed": Reply(status=429, headers={"Retry-After": "7200"})})
    harvest = desk.poll(feed(site))
    assert harvest.reason is FetchReason.RATE_LIMITED
    assert harvest.state.not_before is not None
    assert harvest.state.not_before >= NOW + 2 * HOUR
    assert harvest.state.due is not None
    assert harvest.state.due >= NOW + 2 * HOUR
    again = desk.poll(feed(site), harvest.state)
    assert again.reason is FetchReason.HOST_BLOCKED
    assert again.state.failures == harvest.state.failures
    assert len(sent(site, "/feed")) == 1


def test_a_permanent_move_is_followed_and_told(desk: Desk, site_of: Start) -> None:
    site = site_of({"/feed": redirect("/new", 301), "/new": Reply(body=rss(entry()))})
    harvest = desk.poll(feed(site))
    assert harvest.ok
    assert site.url("/new") in harvest.state.detail
    assert harvest.state.url == site.url("/feed")


def test_too_few_entries_are_an_error(desk: Desk, site_of: Start) -> None:
    site = site_of({"/feed": Reply(body=rss())})
    assert desk.poll(feed(site)).ok
    harvest = desk.poll(feed(site, min_items=1))
    assert harvest.reason is FetchReason.TOO_FEW_ITEMS


def test_a_dead_host_is_a_reason_not_an_exception(desk: Desk) -> None:
    source = Source(name="dead", kind=Kind.FEED, url="http://127.9.9.9:9999/feed")
    harvest = desk.poll(source)
    assert harvest.reason is FetchReason.CONNECT_FAILED
    assert harvest.state.due is not None


def test_our_own_mistake_is_a_reason_too(desk: Desk, site_of: Start) -> None:
    site = site_of({"/feed": Reply(body=rss(entry()))})

    def broken(_item_id: str) -> bool:
        raise ZeroDivisionError

    harvest = desk.poll(feed(site), known=broken)
    assert harvest.reason is FetchReason.INTERNAL
    assert harvest.detail == "ZeroDivisionError"
    assert harvest.state.due is not None


def test_cancelling_passes_through(desk: Desk, site_of: Start) -> None:
    site = site_of({"/feed": Reply(body=rss(entry()), wait_s=3.0)})
    source = feed(site)

    async def cancelled() -> bool:
        poll = asyncio.create_task(
            desk.collector.collect(source, new_state(source, NOW), known=never)
        )
        await asyncio.sleep(0.1)
        poll.cancel()
        with pytest.raises(asyncio.CancelledError):
            await poll
        return poll.cancelled()

    assert desk.runner.run(cancelled())


# Secrets --------------------------------------------------------------------


def test_configured_headers_are_sent_and_a_missing_secret_is_told(
    desk: Desk, site_of: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = site_of({"/feed": Reply(body=rss(entry()))})
    source = feed(site, headers={"Cookie": Secret(env="VEDETTE_TEST_COOKIE")})
    monkeypatch.delenv("VEDETTE_TEST_COOKIE", raising=False)
    missing = desk.poll(source)
    assert missing.reason is FetchReason.SECRET_MISSING
    assert "VEDETTE_TEST_COOKIE" in missing.detail
    assert site.requests == []
    monkeypatch.setenv("VEDETTE_TEST_COOKIE", "session=canary")
    good = desk.poll(source, missing.state)
    assert good.ok
    assert sent(site, "/feed")[0].header("cookie") == "session=canary"
    assert "canary" not in repr(good)


def test_headers_go_to_articles_of_the_own_host_only(
    desk: Desk, site_of: Start
) -> None:
    """A66: a subscription cookie never leaves its host."""
    other = site_of({"/page": Reply(body=PAGE, headers=HTML)})
    body = rss(entry("/page"), entry(other.url("/page")))
    site = site_of({"/feed": Reply(body=body), "/page": Reply(body=PAGE, headers=HTML)})
    source = feed(
        site, article=ArticlePolicy.AUTO, headers={"Authorization": "Bearer x"}
    )
    desk.poll(source)
    assert sent(site, "/page")[0].header("authorization") == "Bearer x"
    assert sent(other, "/page")[0].header("authorization") is None


# Articles -------------------------------------------------------------------


def articled(site: Server, policy: ArticlePolicy = ArticlePolicy.AUTO) -> Source:
    return feed(site, article=policy)


def with_pages(body: bytes, pages: Mapping[str, Reply]) -> Routes:
    return {"/feed": Reply(body=body), **pages}


def test_a_teaser_gets_the_text_of_its_page(desk: Desk, site_of: Start) -> None:
    pages = {"/a": Reply(body=PAGE, headers=HTML)}
    site = site_of(with_pages(rss(entry(text="Teaser")), pages))
    item = desk.poll(articled(site)).items[0]
    assert "the bridge and the grain" in item.text
    assert item.title == "Talks in the harbour"
    assert item.published == NOW


def test_a_long_entry_costs_no_second_request(desk: Desk, site_of: Start) -> None:
    pages = {"/a": Reply(body=PAGE, headers=HTML)}
    site = site_of(with_pages(rss(entry(text="word " * 200)), pages))
    desk.poll(articled(site))
    assert sent(site, "/a") == []
    desk.poll(articled(site, ArticlePolicy.ALWAYS))
    assert len(sent(site, "/a")) == 1


@pytest.mark.parametrize("published", [NOW - timedelta(days=3), None])
def test_pages_of_old_and_undated_first_items_are_left_alone(
    desk: Desk, site_of: Start, published: datetime | None
) -> None:
    pages = {"/a": Reply(body=PAGE, headers=HTML)}
    site = site_of(with_pages(rss(entry(published=published)), pages))
    desk.poll(articled(site))
    assert sent(site, "/a") == []


def test_known_items_and_forbidden_policies_fetch_nothing(
    desk: Desk, site_of: Start
) -> None:
    """Checklist 23: an article is fetched at most once."""
    pages = {"/a": Reply(body=PAGE, headers=HTML)}
    site = site_of(with_pages(rss(entry()), pages))
    assert len(desk.poll(articled(site), known=always).items) == 1
    desk.poll(articled(site, ArticlePolicy.NEVER))
    assert sent(site, "/a") == []


@pytest.mark.parametrize(
    "page",
    [
        Reply(status=500),
        Reply(status=404),
        Reply(body=b"", headers=HTML),
        Reply(body=b"%PDF-1.7", headers={"Content-Type": "application/pdf"}),
        redirect("http://169.254.169.254/latest/meta-data"),
        redirect("file:///etc/hostname"),
    ],
)
def test_a_page_that_cannot_be_read_never_loses_the_item(
    desk: Desk, site_of: Start, page: Reply
) -> None:
    """A06, A10."""
    site = site_of(with_pages(rss(entry(text="Teaser")), {"/a": page}))
    harvest = desk.poll(articled(site))
    assert harvest.reason is FetchReason.OK
    assert harvest.items[0].text == "Teaser"


def test_an_article_inside_a_private_network_is_not_asked_for(
    desk: Desk, site_of: Start
) -> None:
    """A10: the entry's link points inside."""
    body = rss(entry("http://10.1.2.3/internal", text="Teaser"))
    site = site_of({"/feed": Reply(body=body)})
    harvest = desk.poll(articled(site))
    assert harvest.items[0].text == "Teaser"
    assert FetchReason.ADDRESS_REFUSED in {record.reason for record in harvest.records}


def test_robots_keep_us_from_the_page_but_not_from_the_item(
    desk: Desk, site_of: Start
) -> None:
    """Checklist 19."""
    pages = {
        "/robots.txt": Reply(body=b"User-agent: *\nDisallow: /a\n"),
        "/a": Reply(body=PAGE, headers=HTML),
    }
    site = site_of(with_pages(rss(entry(text="Teaser")), pages))
    assert desk.poll(articled(site)).items[0].text == "Teaser"
    assert sent(site, "/a") == []


def test_at_most_twenty_pages_are_fetched_in_one_poll(
    desk: Desk, site_of: Start
) -> None:
    body = rss(*(entry(f"/p{n}") for n in range(30)))
    pages = {f"/p{n}": Reply(body=PAGE, headers=HTML) for n in range(30)}
    site = site_of(with_pages(body, pages))
    harvest = desk.poll(articled(site))
    assert len(harvest.items) == 30
    assert sum(request.path.startswith("/p") for request in site.requests) == 20
    assert [bool(item.text) for item in harvest.items] == [True] * 20 + [False] * 10


def test_the_pages_date_dates_an_undated_item_and_may_show_it_old(
    desk: Desk, site_of: Start
) -> None:
    old = PAGE.replace(
        b"<body>",
        b"<head><meta property='article:published_time'"
        b" content='2025-11-05T08:00:00Z'></head><body>",
    )
    bodies = iter([rss(entry("/z")), rss(entry(published=None))])
    site = site_of(
        {
            "/feed": lambda _: Reply(body=next(bodies)),
            "/a": Reply(body=old, headers=HTML),
        }
    )
    state = desk.poll(feed(site)).state
    item = desk.poll(articled(site), state).items[0]
    assert item.published == datetime(2025, 11, 5, 8, tzinfo=UTC)
    assert item.freshness is Freshness.OLD


# Pages through Scrapy -------------------------------------------------------

LIST = b"""<ul><li><a href='/one'>The first headline</a></li>
<li><a href='/two'>The second headline</a></li></ul>"""


def listing(site: Server, **rules: object) -> Source:
    return Source(
        name="press",
        kind=Kind.LISTING,
        url=site.url("/list"),
        listing=ListingRules(item="li", **rules),  # type: ignore[arg-type]
    )


def test_a_list_page_is_read_then_not_modified(desk: Desk, site_of: Start) -> None:
    def answer(request: Request) -> Reply:
        if request.header("if-none-match"):
            return Reply(status=304)
        return Reply(body=LIST, headers={"ETag": '"1"', **HTML})

    site = site_of({"/list": answer})
    first = desk.poll(listing(site))
    assert [item.title for item in first.items] == [
        "The first headline",
        "The second headline",
    ]
    assert first.state.etag == '"1"'
    pages = [one.url for one in first.records if "robots.txt" not in one.url]
    assert pages == [site.url("/list")]
    second = desk.poll(listing(site), first.state)
    assert second.reason is FetchReason.NOT_MODIFIED


def test_new_selectors_read_an_unchanged_list_anew(desk: Desk, site_of: Start) -> None:
    site = site_of({"/list": Reply(body=LIST, headers=HTML)})
    state = desk.poll(listing(site)).state
    assert desk.poll(listing(site), state).reason is FetchReason.UNCHANGED
    assert len(desk.poll(listing(site, max_items=1), state).items) == 1


def test_a_redesigned_list_is_an_error_with_its_reason(
    desk: Desk, site_of: Start
) -> None:
    site = site_of({"/list": Reply(body=b"<main>new look</main>", headers=HTML)})
    harvest = desk.poll(listing(site))
    assert harvest.reason is FetchReason.TOO_FEW_ITEMS
    assert harvest.state.failures == 1


def test_a_list_page_obeys_robots_whatever_the_source_says(
    desk: Desk, site_of: Start
) -> None:
    robots = Reply(body=b"User-agent: *\nDisallow: /list\n")
    site = site_of({"/robots.txt": robots, "/list": Reply(body=LIST, headers=HTML)})
    harvest = desk.poll(replace(listing(site), obey_robots=False))
    assert harvest.reason is FetchReason.ROBOTS_DISALLOW
    assert sent(site, "/list") == []


def test_redirects_of_a_page_into_the_private_network_are_refused(
    desk: Desk, site_of: Start
) -> None:
    """A06, A08: through Scrapy as through the Fetcher."""
    site = site_of({"/list": redirect("http://192.168.1.1/")})
    assert desk.poll(listing(site)).reason is FetchReason.ADDRESS_REFUSED


def sitemap(site: Server) -> Source:
    return Source(
        name="map",
        kind=Kind.SITEMAP,
        url=site.url("/map.xml"),
        article=ArticlePolicy.NEVER,
    )


def urls(*paths: str) -> bytes:
    places = "".join(
        f"<url><loc>{path}</loc><lastmod>2026-03-01T11:00:00Z</lastmod></url>"
        for path in paths
    )
    return f"<urlset>{places}</urlset>".encode()


def test_a_sitemap_index_is_followed_past_a_broken_file(
    desk: Desk, site_of: Start
) -> None:
    index = (
        b"<sitemapindex><sitemap><loc>/1.xml</loc></sitemap>"
        b"<sitemap><loc>/2.xml</loc></sitemap></sitemapindex>"
    )
    site = site_of(
        {
            "/map.xml": Reply(body=index, headers={"ETag": '"i"'}),
            "/1.xml": Reply(status=500),
            "/2.xml": Reply(body=urls("/x", "/y")),
        }
    )
    harvest = desk.poll(sitemap(site))
    assert harvest.reason is FetchReason.OK
    assert {item.url for item in harvest.items} == {site.url("/x"), site.url("/y")}
    assert {record.status for record in harvest.records} >= {200, 500}
    assert harvest.state.etag is None
    assert harvest.state.body_hash is None
    again = desk.poll(sitemap(site), harvest.state)
    assert len(again.items) == 2


def test_an_index_of_which_nothing_can_be_read_fails(
    desk: Desk, site_of: Start
) -> None:
    index = b"<sitemapindex><sitemap><loc>/1.xml</loc></sitemap></sitemapindex>"
    site = site_of({"/map.xml": Reply(body=index), "/1.xml": Reply(status=503)})
    assert desk.poll(sitemap(site)).reason is FetchReason.SERVER_ERROR


def test_many_pages_are_polled_side_by_side(desk: Desk, site_of: Start) -> None:
    """A25: slow hosts do not hold up the others."""
    routes = {"/list": Reply(body=LIST, headers=HTML, wait_s=0.4)}
    sources = [replace(listing(site_of(routes)), name=f"s{n}") for n in range(8)]

    async def together() -> tuple[float, list[Harvest]]:
        loop = asyncio.get_running_loop()
        start = loop.time()
        harvests = await asyncio.gather(
            *(
                desk.collector.collect(one, new_state(one, NOW), known=never)
                for one in sources
            )
        )
        return loop.time() - start, harvests

    seconds, harvests = desk.runner.run(together())
    assert all(harvest.ok for harvest in harvests)
    assert seconds < 8 * 0.4
