"""Scrapy inside the daemon: one long-lived crawler per spider, in our own loop.

A crawl per poll costs 7 ms of CPU each, a resident crawler under one (CRAWLING).
Scrapy is imported when the first list page or sitemap is polled, not before: it
weighs some 40 MB.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from typing import TYPE_CHECKING, cast

from crawler.errors import FetchError
from crawler.items import Kind
from crawler.reasons import FetchReason
from crawler.target import parse_target

if TYPE_CHECKING:
    from scrapy.crawler import AsyncCrawlerRunner, Crawler

    from crawler.fetcher import Fetcher
    from crawler.pool import ParserPool
    from crawler.reading import Errand, Reading
    from crawler.spiders.source import SourceSpider

log = logging.getLogger(__name__)

DEADLINE_S = 300.0
"""Longest wait for one errand, waiting at a busy host's gate included."""

OPENING_S = 30.0


class Scraper:
    """Reads list pages and sitemaps by resident Scrapy spiders.

    It borrows the Fetcher and the pool and closes neither. All calls belong to one
    running asyncio loop; a process can hold one Scraper loop at a time.
    """

    def __init__(
        self, *, fetcher: Fetcher, pool: ParserPool, deadline_s: float = DEADLINE_S
    ) -> None:
        self._fetcher = fetcher
        self._pool = pool
        self._deadline_s = deadline_s
        self._runner: AsyncCrawlerRunner | None = None
        self._crawlers: dict[Kind, Crawler] = {}
        self._runs: list[asyncio.Task[None]] = []
        self._waiting: set[asyncio.Future[Reading]] = set()
        self._opening = asyncio.Lock()
        self._closed = False

    async def start(self) -> None:
        """Load Scrapy and its reactor; done by the first ``scrape`` if not before."""
        async with self._opening:
            self._ready()

    async def scrape(self, errand: Errand) -> Reading:
        """Fetch and parse one source's page or pages.

        Raises:
            FetchError: the request failed, or the wait was too long.
            ParseError: the page is not what was promised.
        """
        crawler = await self._crawler(errand.source.kind)
        parse_target(errand.request.url)  # Scrapy would refuse it without a reason
        answer: asyncio.Future[Reading] = asyncio.get_running_loop().create_future()
        self._waiting.add(answer)
        try:
            spider = cast("SourceSpider", crawler.spider)
            crawler.engine.crawl(spider.ask(errand, answer))
            async with asyncio.timeout(self._deadline_s):
                return await answer
        except TimeoutError as error:
            raise FetchError(
                FetchReason.TIMEOUT,
                f"no answer within {self._deadline_s:.0f} s",
                records=tuple(errand.log),
            ) from error
        finally:
            self._waiting.discard(answer)

    async def aclose(self) -> None:
        """Fail what waits, cut downloads short, close the spiders; may be repeated."""
        self._closed = True
        for answer in self._waiting:
            if not answer.done():
                answer.set_exception(
                    FetchError(FetchReason.INTERNAL, "the crawler is closing")
                )
        if self._runner is None:
            return
        for crawler in self._crawlers.values():
            for flight in cast("SourceSpider", crawler.spider).flights:
                flight.cancel()
        await self._runner.stop()
        await asyncio.gather(*self._runs, return_exceptions=True)
        self._crawlers.clear()

    def _ready(self) -> AsyncCrawlerRunner:
        if self._closed:
            raise FetchError(FetchReason.INTERNAL, "the crawler is closed")
        if self._runner is None:
            _adopt_loop(asyncio.get_running_loop())
            from scrapy.crawler import AsyncCrawlerRunner
            from scrapy.settings import Settings

            # At INFO it prints its whole settings, several lines, at each opening.
            logging.getLogger("scrapy").setLevel(logging.WARNING)
            settings = Settings()
            settings.setmodule("crawler.settings", priority="project")
            self._runner = AsyncCrawlerRunner(settings)
        return self._runner

    async def _crawler(self, kind: Kind) -> Crawler:
        """The resident crawler of a kind, opened on first use, reopened if it died."""
        async with self._opening:
            runner = self._ready()
            crawler = self._crawlers.get(kind)
            if crawler is not None and crawler.crawling:
                return crawler
            crawler = runner.create_crawler(_spider_class(kind))
            opened = asyncio.Event()

            def note_opened() -> None:
                opened.set()

            from scrapy import signals

            crawler.signals.connect(note_opened, signals.spider_opened)
            run = runner.crawl(crawler, fetcher=self._fetcher, pool=self._pool)
            self._runs.append(run)
            run.add_done_callback(_report_end)
            waiter = asyncio.ensure_future(opened.wait())
            await asyncio.wait(
                {waiter, run},
                timeout=OPENING_S,
                return_when=asyncio.FIRST_COMPLETED,
            )
            waiter.cancel()
            if not opened.is_set():
                raise FetchError(FetchReason.INTERNAL, "Scrapy's spider did not open")
            self._crawlers[kind] = crawler
            return crawler


def _spider_class(kind: Kind) -> type[SourceSpider]:
    if kind is Kind.LISTING:
        from crawler.spiders.listing import ListingSpider

        return ListingSpider
    if kind is Kind.SITEMAP:
        from crawler.spiders.sitemap import SitemapSpider

        return SitemapSpider
    raise FetchError(FetchReason.INTERNAL, f"no spider reads the kind {kind.value}")


def _report_end(run: asyncio.Task[None]) -> None:
    if not run.cancelled() and run.exception() is not None:
        log.error("A resident crawler ended", exc_info=run.exception())


def _adopt_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Give Twisted this running loop, without its run() and without signals.

    Scrapy asks for an installed reactor even where asyncio does all the work. One
    left over from a loop that is closed is replaced: it can do nothing any more.
    """
    from twisted.internet import asyncioreactor

    installed = sys.modules.get("twisted.internet.reactor")
    if installed is not None:
        theirs = getattr(installed, "_asyncioEventloop", None)
        if theirs is loop:
            return
        if theirs is None or not theirs.is_closed():
            raise FetchError(
                FetchReason.INTERNAL, "another Twisted reactor is running here"
            )
        with contextlib.suppress(KeyError):
            del sys.modules["twisted.internet.reactor"]
    asyncioreactor.install(loop)  # type: ignore[no-untyped-call]
