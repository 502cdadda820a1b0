"""What both spiders share: errands in, readings or printed items out.

Resident (in the daemon) a spider stays open and is handed errands; on its own
(`scrapy crawl NAME -a source=… -a config=config.yaml`) it runs one and yields items.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from scrapy import Request, Spider, signals
from scrapy.exceptions import DontCloseSpider

from crawler.errors import CrawlError, FetchError
from crawler.fetcher import Fetcher, FetchResponse, Purpose, user_agent
from crawler.handler import FETCH, FETCHED, LOG
from crawler.pool import ParserPool
from crawler.reading import (
    Errand,
    Reading,
    onward_request,
    opening_request,
    read_response,
)
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Mapping

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.items import Entry, Kind, Source
    from crawler.trail import Page

log = logging.getLogger(__name__)

ERRAND = "vedette_errand"
ANSWER = "vedette_answer"


class SourceSpider(Spider):
    """A spider that reads declared sources of one kind."""

    kind: ClassVar[Kind]
    fetcher: Fetcher
    pool: ParserPool
    standing: Errand | None = None
    unread = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.flights: set[asyncio.Future[FetchResponse]] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Scrapy's constructor.

        Args:
            crawler: Scrapy's.
            args: none.
            kwargs: ``fetcher`` and ``pool`` (resident), or ``source`` and
                ``config`` (on its own).

        Raises:
            SystemExit: the config or the source named is wrong; status 2.
        """
        fetcher, pool = kwargs.pop("fetcher", None), kwargs.pop("pool", None)
        named = kwargs.pop("source", None)
        config = kwargs.pop("config", "config.yaml")
        spider = super().from_crawler(crawler, *args, **kwargs)
        if fetcher is not None and pool is not None:
            spider.fetcher, spider.pool = fetcher, pool
            crawler.signals.connect(_stay_open, signals.spider_idle)
        else:
            try:
                spider.stand_alone(named, Path(config))
            except CrawlError as error:
                log.error("This source cannot be crawled: %s", error)  # noqa: TRY400
                raise SystemExit(2) from error
            crawler.signals.connect(spider.close_own, signals.spider_closed)
        return spider

    def stand_alone(self, name: str | None, config: Path) -> None:
        """Build the parts that the daemon would hand over.

        Raises:
            CrawlError: the config is wrong, or names no such source of this kind.
        """
        from crawler.sources import load_sources

        book = load_sources(config)
        source = _chosen(book.sources, name, self.kind)
        self.standing = Errand(source=source, request=opening_request(source))
        self.fetcher = Fetcher(user_agent=user_agent(book.contact), allow=book.allow)
        self.pool = ParserPool(workers=1)

    async def close_own(self) -> None:
        """End the parts that ``stand_alone`` built.

        Raises:
            SystemExit: the source could not be read; Scrapy itself would say 0.
        """
        await self.pool.aclose()
        await self.fetcher.aclose()
        if self.unread:
            raise SystemExit(1)

    async def start(self) -> AsyncIterator[Any]:
        """The one request of a spider on its own; resident ones wait for errands."""
        if self.standing is not None:
            yield self.ask(self.standing)

    def ask(
        self, errand: Errand, answer: asyncio.Future[Reading] | None = None
    ) -> Request:
        """The Scrapy request of an errand; ``answer`` receives what it brings."""
        return Request(
            errand.request.url,
            callback=self.parse,
            errback=self.failed,
            dont_filter=True,
            meta={
                FETCH: errand.request,
                LOG: errand.log,
                ERRAND: errand,
                ANSWER: answer,
                "handle_httpstatus_list": [304],
            },
        )

    async def parse(
        self, response: Response, **_kwargs: Any
    ) -> AsyncIterator[dict[str, Any]]:
        """Hand the body to a worker, then the reading to whoever waits for it."""
        errand: Errand = response.meta[ERRAND]
        try:
            fetched = response.meta[FETCHED]
            first = await read_response(errand, fetched, self.pool)
            reading = await self.complete(errand, first)
        except Exception as error:  # noqa: BLE001 - the waiting side decides
            if isinstance(error, CrawlError) and not error.records:
                error.records = response.meta[FETCHED].records
            self._fail(response.meta[ANSWER], errand, error)
            return
        answer = response.meta[ANSWER]
        if answer is None:
            for entry in reading.entries or ():
                yield _printed(errand.source, entry)
        elif not answer.done():
            answer.set_result(reading)

    async def complete(self, errand: Errand, reading: Reading) -> Reading:  # noqa: ARG002
        """Room for a kind that needs more pages than the first."""
        return reading

    async def read_on(
        self, errand: Errand, url: str, purpose: Purpose, *, page: Page | None = None
    ) -> Reading:
        """Fetch and parse a further page of the same source.

        Conditional if ``page`` says what was read there before.

        Raises:
            CrawlError: it could not be read; a further page may be empty.
        """
        wanted = onward_request(errand.request, url, purpose, page=page)
        try:
            request = Request(
                url, dont_filter=True, meta={FETCH: wanted, LOG: errand.log}
            )
        except ValueError as error:
            raise FetchError(FetchReason.BAD_URL, url[:200]) from error
        response = await self.crawler.engine.download_async(request)
        # A part may hold less than the whole must.
        source, rules = errand.source, errand.source.listing
        part = replace(
            errand,
            body_hash=page.body_hash if page else None,
            pages=(),
            source=replace(
                source, min_items=0, listing=rules and replace(rules, min_items=0)
            ),
        )
        return await read_response(part, response.meta[FETCHED], self.pool)

    def failed(self, failure: Failure) -> None:
        """Scrapy's errback: the download, or our handler, raised."""
        meta = failure.request.meta  # type: ignore[attr-defined]
        error = failure.value
        if not isinstance(error, Exception):
            error = FetchError(FetchReason.INTERNAL, type(failure.value).__name__)
        self._fail(meta[ANSWER], meta[ERRAND], error)

    def _fail(
        self,
        answer: asyncio.Future[Reading] | None,
        errand: Errand,
        error: Exception,
    ) -> None:
        if answer is None:
            self.unread = True
            log.error("The source %s could not be read: %s", errand.source.name, error)
        elif not answer.done():
            answer.set_exception(error)


def _stay_open() -> None:
    """A resident spider is never done."""
    raise DontCloseSpider


def _chosen(sources: Mapping[str, Source], name: str | None, kind: Kind) -> Source:
    """The named source, if it is one this spider can read.

    Raises:
        CrawlError: there is no such source, or it is of another kind.
    """
    source = sources.get(name or "")
    if source is None:
        names = sorted(one for one, it in sources.items() if it.kind is kind)
        known = ", ".join(names) or "none"
        asked = f"no source is named {name!r}" if name else "say -a source=NAME"
        raise CrawlError(f"{asked}; of kind {kind.value} there are: {known}")
    if source.kind is not kind:
        raise CrawlError(
            f"the source {name!r} is of kind {source.kind.value}, not {kind.value}"
        )
    return source


def _printed(source: Source, entry: Entry) -> dict[str, Any]:
    """An entry as `scrapy crawl -o` writes it; times RFC 3339 UTC."""
    published = entry.published
    return {
        "source": source.name,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "published": published.isoformat() if published else None,
        "language": entry.language,
    }
