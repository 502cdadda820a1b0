"""Scrapy's downloads, through the one Fetcher.

Two stacks would knock at one host twice, and Scrapy's own manners are wrong for a
daemon: it repeats a 429 at once and never reads robots.txt again (CRAWLING).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol, Self, cast

from scrapy.http import Headers
from scrapy.responsetypes import responsetypes

from crawler.errors import FetchError
from crawler.fetcher import FetchRequest, FetchResponse, Purpose
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.fetcher import Fetcher
    from crawler.items import FetchRecord

FETCH = "vedette_fetch"
"""Key in ``Request.meta`` of the FetchRequest to make."""

LOG = "vedette_log"
"""Key in ``Request.meta`` of the list that gets a row for each hop."""

FETCHED = "vedette_fetched"
"""Key in ``Response.meta`` of the FetchResponse it brought."""


class FlyingSpider(Protocol):
    """What the handler asks of a spider: a Fetcher, and a place to note downloads.

    Whoever cancels what stands in ``flights`` ends those downloads at once.
    """

    fetcher: Fetcher
    flights: set[asyncio.Future[FetchResponse]]


class FetcherHandler:
    """Scrapy's download handler protocol, answered by the spider's Fetcher.

    The Fetcher is read off the spider at each request, because settings are
    deep-copied and cannot carry a live object. It belongs to whoever made it, so
    closing this closes nothing.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    async def download_request(self, request: Request) -> Response:
        """Fetch, and wrap the answer; a 304 comes back as a response without body.

        Raises:
            FetchError: as it is; the request's errback receives it.
        """
        wanted = request.meta.get(FETCH) or FetchRequest(
            source=request.url, url=request.url, purpose=Purpose.PAGE
        )
        spider = cast("FlyingSpider", self._crawler.spider)
        fetched = await self._fly(spider, wanted, request.meta.get(LOG))
        request.meta[FETCHED] = fetched
        headers = Headers()
        content_type = fetched.headers.get("content-type")
        if content_type:
            headers["Content-Type"] = content_type
        response_class = responsetypes.from_args(
            headers=headers, url=fetched.url, body=fetched.body
        )
        return response_class(
            url=fetched.url,
            status=fetched.status,
            headers=headers,
            body=fetched.body,
            request=request,
        )

    async def _fly(
        self,
        spider: FlyingSpider,
        wanted: FetchRequest,
        log: list[FetchRecord] | None,
    ) -> FetchResponse:
        flight = asyncio.ensure_future(spider.fetcher.fetch(wanted, log=log))
        spider.flights.add(flight)
        try:
            return await flight
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            # Only the flight was cancelled: Scrapy must see an ordinary failure.
            raise FetchError(FetchReason.INTERNAL, "the crawler is closing") from None
        finally:
            spider.flights.discard(flight)

    async def close(self) -> None:
        """Nothing: the Fetcher is not this handler's."""
