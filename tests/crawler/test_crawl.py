"""Scrapy in our loop and on its own: life, death, and its defaults turned safe."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
from scrapy import Request
from scrapy.exceptions import NotSupported
from scrapy.settings import Settings

from crawler.crawl import Scraper
from crawler.errors import FetchError
from crawler.fetcher import Fetcher
from crawler.items import Kind, ListingRules, Source
from crawler.pool import ParserPool
from crawler.reading import Errand, opening_request
from crawler.reasons import FetchReason
from tests.servers.http import STALL, Raw, Reply, Server, redirect, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ROOT = Path(__file__).parents[2]
T = TypeVar("T")
HTML = {"Content-Type": "text/html"}
LIST = b"<ul><li><a href='/one'>First</a><li><a href='/two'>Second</a></ul>"


def listing(site: Server) -> Source:
    return Source(
        name="press",
        kind=Kind.LISTING,
        url=site.url("/list"),
        listing=ListingRules(item="li"),
    )


def errand(source: Source) -> Errand:
    return Errand(source=source, request=opening_request(source))


def with_scraper(
    use: Callable[[Scraper], Awaitable[T]], *, deadline_s: float = 30.0
) -> T:
    """Runs ``use`` in a new loop with a Scraper that is closed at the end."""

    async def run() -> T:
        fetcher = Fetcher(
            user_agent="vedette/test",
            allow=("127.0.0.0/8",),
            min_gap_s=0.0,
            deadline_s=5.0,
        )
        pool = ParserPool(workers=1)
        scraper = Scraper(fetcher=fetcher, pool=pool, deadline_s=deadline_s)
        try:
            return await use(scraper)
        finally:
            await scraper.aclose()
            await pool.aclose()
            await fetcher.aclose()

    return asyncio.run(run())


def test_a_header_names_no_function_to_call() -> None:
    """A81: Scrapy before 2.14.2 imported and called what Referrer-Policy names."""
    headers = {**HTML, "Referrer-Policy": "sys.exit"}
    with serve({"/list": Reply(body=LIST, headers=headers)}) as site:

        async def use(scraper: Scraper) -> list[int]:
            polls = [await scraper.scrape(errand(listing(site))) for _ in range(2)]
            return [len(poll.entries or ()) for poll in polls]

        assert with_scraper(use) == [2, 2]
        assert all(one.header("referer") is None for one in site.requests)


def test_one_crawler_serves_many_polls_and_each_loop_has_its_own() -> None:
    with serve({"/list": Reply(body=LIST, headers=HTML)}) as site:

        async def twice(scraper: Scraper) -> list[int]:
            readings = [await scraper.scrape(errand(listing(site))) for _ in range(2)]
            return [len(reading.entries or ()) for reading in readings]

        assert with_scraper(twice) == [2, 2]
        assert with_scraper(twice) == [2, 2]
    assert site.paths().count("/list") == 4


def test_closing_fails_what_waits_and_does_not_wait_for_it() -> None:
    """I18: a slow site does not hold up the end of the daemon."""
    start = time.monotonic()
    with serve({"/list": Reply(body=LIST, wait_s=4.0)}) as site:

        async def closed_early(scraper: Scraper) -> tuple[FetchReason, FetchReason]:
            waiting = asyncio.create_task(scraper.scrape(errand(listing(site))))
            await asyncio.sleep(0.3)
            closing = asyncio.create_task(scraper.aclose())
            with pytest.raises(FetchError) as first:
                await waiting
            with pytest.raises(FetchError) as later:
                await scraper.scrape(errand(listing(site)))
            await closing
            return first.value.reason, later.value.reason

        reasons = with_scraper(closed_early)
        assert time.monotonic() - start < 3
    assert reasons == (FetchReason.INTERNAL, FetchReason.INTERNAL)


def test_an_errand_has_a_deadline() -> None:
    with serve({"/list": Reply(body=LIST, wait_s=1.0)}) as site:

        async def impatient(scraper: Scraper) -> FetchReason:
            with pytest.raises(FetchError) as caught:
                await scraper.scrape(errand(listing(site)))
            return caught.value.reason

        assert with_scraper(impatient, deadline_s=0.2) is FetchReason.TIMEOUT


def test_an_errand_given_up_tells_what_it_had_asked_for() -> None:
    index = b"<sitemapindex><sitemap><loc>/1.xml</loc></sitemap></sitemapindex>"
    stuck = Raw([STALL])

    async def impatient(scraper: Scraper) -> list[str]:
        source = Source(name="map", kind=Kind.SITEMAP, url=site.url("/map.xml"))
        with pytest.raises(FetchError) as caught:
            await scraper.scrape(errand(source))
        return [record.url for record in caught.value.records]

    with serve({"/map.xml": Reply(body=index), "/1.xml": stuck}) as site:
        asked = with_scraper(impatient, deadline_s=3.0)
        assert asked == [site.url("/robots.txt"), site.url("/map.xml")]


def test_a_feed_is_no_work_for_a_spider() -> None:
    async def wrong(scraper: Scraper) -> FetchReason:
        source = Source(name="f", kind=Kind.FEED, url="http://127.0.0.1:9/")
        with pytest.raises(FetchError) as caught:
            await scraper.scrape(errand(source))
        return caught.value.reason

    assert with_scraper(wrong) is FetchReason.INTERNAL


@pytest.mark.parametrize("url", ["file:///etc/hostname", "data:text/plain,x", "s3://b"])
def test_scrapy_opens_nothing_but_http(url: str) -> None:
    """A08: `file:` and `data:` were fetched by default."""
    with serve({"/list": Reply(body=LIST, headers=HTML)}) as site:

        async def other_scheme(scraper: Scraper) -> None:
            await scraper.scrape(errand(listing(site)))
            crawler = scraper._crawlers[Kind.LISTING]
            with pytest.raises(NotSupported):
                await crawler.engine.download_async(Request(url))

        with_scraper(other_scheme)


@pytest.mark.parametrize(
    "target", ["http://10.0.0.1/", "file:///etc/hostname", "http://[::ffff:10.0.0.1]/"]
)
def test_a_spiders_redirect_is_guarded_at_each_hop(target: str) -> None:
    """A06, A08."""
    with serve({"/list": redirect(target)}) as site:

        async def led_astray(scraper: Scraper) -> FetchReason:
            with pytest.raises(FetchError) as caught:
                await scraper.scrape(errand(listing(site)))
            return caught.value.reason

        assert with_scraper(led_astray) in {
            FetchReason.ADDRESS_REFUSED,
            FetchReason.BAD_REDIRECT,
            FetchReason.BAD_SCHEME,
        }


def test_a_page_sends_no_cookie_back_and_no_referer() -> None:
    """Checklist 17; A12: a meta refresh is not followed either."""
    page = LIST + b"<meta http-equiv='refresh' content='0;url=/elsewhere'>"
    reply = Reply(body=page, headers={"Set-Cookie": "a=b; Path=/", **HTML})
    with serve({"/list": reply}) as site:

        async def twice(scraper: Scraper) -> None:
            for _ in range(2):
                await scraper.scrape(errand(listing(site)))

        with_scraper(twice)
    asked = [request for request in site.requests if request.path == "/list"]
    assert len(asked) == 2
    assert {
        name.lower() for request in asked for name, _ in request.headers
    }.isdisjoint({"cookie", "referer"})
    assert all(r.header("user-agent") == "vedette/test" for r in asked)
    assert "/elsewhere" not in site.paths()


@pytest.mark.parametrize("status", [429, 503])
def test_a_refusal_is_not_repeated_at_once(status: int) -> None:
    """A83: Scrapy's retry middleware asked three times within a second."""
    reply = Reply(status=status, headers={"Retry-After": "3600"})
    with serve({"/list": reply}, host=f"127.0.{status % 200}.3") as site:

        async def refused(scraper: Scraper) -> FetchError:
            with pytest.raises(FetchError) as caught:
                await scraper.scrape(errand(listing(site)))
            return caught.value

        assert with_scraper(refused).retry_at is not None
    assert site.paths().count("/list") == 1


def test_no_unsafe_part_of_scrapy_is_loaded() -> None:
    """The list of unsafe defaults in CRAWLING, as Scrapy resolves them."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    for name in (
        "REMOTE_CONTROL_ENABLED",
        "TELNETCONSOLE_ENABLED",
        "COOKIES_ENABLED",
        "REDIRECT_ENABLED",
        "RETRY_ENABLED",
        "METAREFRESH_ENABLED",
        "REFERER_ENABLED",
        "HTTPCACHE_ENABLED",
        "HTTPPROXY_ENABLED",
    ):
        assert not settings.getbool(name), name
    assert settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
    handlers = settings.getwithbase("DOWNLOAD_HANDLERS")
    ours = {scheme for scheme, handler in handlers.items() if handler is not None}
    assert ours == {"http", "https"}
    loaded = {
        part.rpartition(".")[2]
        for name in ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "EXTENSIONS")
        for part, order in settings.getwithbase(name).items()
        if order is not None
    }
    assert loaded == {
        "DownloaderStats",
        "StartSpiderMiddleware",
        "HttpErrorMiddleware",
        "UrlLengthMiddleware",
        "MetaCopyDetectionMiddleware",
        "CoreStats",
        "LogCount",
        "CloseSpider",
        "FeedExporter",
    }


def run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env={**os.environ, "PYTHONWARNINGS": "default"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_collecting_loads_no_parser_and_no_scrapy_until_it_needs_them() -> None:
    """The daemon idles in 180 MB: heavy libraries live in the workers."""
    code = (
        "import sys, crawler.collect, crawler.crawl, crawler.schedule\n"
        "heavy = {'scrapy', 'twisted', 'lxml', 'trafilatura', 'feedparser', 'lingua',"
        " 'parsel', 'pymorphy3'}\n"
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}))"
    )
    assert run("-c", code).stdout.strip() == "[]"


def test_no_spider_module_installs_a_reactor() -> None:
    code = (
        "import sys, crawler.handler, crawler.settings, crawler.spiders.listing,"
        " crawler.spiders.sitemap\n"
        "print('twisted.internet.reactor' in sys.modules)"
    )
    assert run("-c", code).stdout.strip() == "False"


@pytest.mark.slow
class TestScrapyCommand:
    """`scrapy …` from the checkout, without store and shell."""

    def test_the_spiders_are_listed(self) -> None:
        assert run("-m", "scrapy", "list").stdout.split() == ["listing", "sitemap"]

    def test_a_source_is_crawled_to_a_file(self, tmp_path: Path) -> None:
        out = tmp_path / "out.jsonl"
        with serve({"/list": Reply(body=LIST, headers=HTML)}) as site:
            done = self.crawl("listing", "press", site, tmp_path, "-O", str(out))
        assert done.returncode == 0, done.stderr
        items = [json.loads(line) for line in out.read_text().splitlines()]
        assert [item["title"] for item in items] == ["First", "Second"]
        assert items[0]["url"] == site.url("/one")
        assert "Traceback" not in done.stderr

    def test_an_unknown_source_is_told_with_what_there_is(self, tmp_path: Path) -> None:
        with serve({}) as site:
            done = self.crawl("listing", "pres", site, tmp_path)
        assert done.returncode != 0
        assert "no source is named 'pres'" in done.stderr
        assert "press" in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_source_of_another_kind_is_told(self, tmp_path: Path) -> None:
        with serve({}) as site:
            done = self.crawl("sitemap", "press", site, tmp_path)
        assert done.returncode != 0
        assert "is of kind listing, not sitemap" in done.stderr

    def test_a_source_that_cannot_be_read_is_told(self, tmp_path: Path) -> None:
        start = time.monotonic()
        with serve({"/list": Reply(status=404)}) as site:
            done = self.crawl("listing", "press", site, tmp_path)
        assert done.returncode == 1
        assert "not_found" in done.stderr
        assert "Traceback" not in done.stderr
        assert time.monotonic() - start < 30

    def crawl(
        self, spider: str, source: str, site: Server, folder: Path, *more: str
    ) -> subprocess.CompletedProcess[str]:
        config = folder / "config.yaml"
        config.write_text(
            "network: {allow: ['127.0.0.0/8']}\n"
            "sources:\n"
            f"  press: {{kind: listing, url: '{site.url('/list')}', item: li}}\n"
        )
        named = ["-a", f"source={source}", "-a", f"config={config}"]
        return run("-m", "scrapy", "crawl", spider, *named, *more)
