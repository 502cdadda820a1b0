"""The page behind an entry's link: fetched when the entry itself says too little.

An article that cannot be read never loses its item: the feed's own words stay.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.dates import plausible
from crawler.errors import FetchError, ParseError
from crawler.fetcher import Purpose
from crawler.freshness import freshness
from crawler.items import ArticlePolicy
from crawler.pagesread import PagesRead
from crawler.reading import onward_request
from crawler.reasons import Freshness
from crawler.visits import PAGE_TYPES, visit_of

if TYPE_CHECKING:
    from collections.abc import Container

    from crawler.clock import Clock
    from crawler.fetcher import Fetcher, FetchRequest
    from crawler.items import Article, FetchRecord, Item, Source, SourceState
    from crawler.pool import ParserPool
    from crawler.visits import Visit

log = logging.getLogger(__name__)

SHORT = 600
"""An entry whose text is shorter is a teaser: the page is worth a request."""

MOST = 20
"""Most pages fetched for one poll; the rest keep the feed's words."""

AT_ONCE = 4
"""Pages in flight for one poll; one host is asked one at a time anyway."""

BUDGET_S = 60.0
"""Time for all pages of a poll; an alert must not wait for a slow site."""

KEPT = 100
"""Readings kept for the first look at the page of an item that alerts."""


class ArticleReader:
    """Fills items with the text of their pages."""

    def __init__(
        self,
        *,
        fetcher: Fetcher,
        pool: ParserPool,
        clock: Clock,
        budget_s: float = BUDGET_S,
    ) -> None:
        self._fetcher = fetcher
        self._pool = pool
        self._clock = clock
        self._budget_s = budget_s
        self._pages = PagesRead()
        self._kept: OrderedDict[str, Visit] = OrderedDict()

    def take(self, item_id: str) -> Visit | None:
        """The reading of an item's page if it was made just now; given once.

        With it the watch for revisions begins without a second request.
        """
        return self._kept.pop(item_id, None)

    async def fill(
        self,
        source: Source,
        opening: FetchRequest,
        items: tuple[Item, ...],
        *,
        known: Container[str],
        state: SourceState,
    ) -> tuple[tuple[Item, ...], tuple[FetchRecord, ...]]:
        """The items in their order, those with a readable page filled.

        Args:
            source: its policy, body selector, zone and language.
            opening: the poll's own request, whose headers and proxy are used on.
            items: of this poll.
            known: ids stored already; their page is not fetched again.
            state: the source before this poll; a date found on the page may show
                that an item is old.

        Returns:
            The items, and the request log of the pages.
        """
        chosen = [
            item for item in items if wanted(source, item) and item.id not in known
        ]
        if not chosen:
            return items, ()
        articles: dict[str, Article] = {}
        records: list[FetchRecord] = []
        gate = asyncio.Semaphore(AT_ONCE)

        async def read(item: Item) -> None:
            async with gate:
                article = await self._pages.get(
                    item.canonical_url or item.id,
                    lambda: self._read(source, opening, item, records),
                )
            if article is not None:
                articles[item.id] = article

        reads = [asyncio.create_task(read(item)) for item in chosen[:MOST]]
        try:
            _, late = await asyncio.wait(reads, timeout=self._budget_s)
        finally:
            for task in reads:
                task.cancel()
            ends = await asyncio.gather(*reads, return_exceptions=True)
        if late:
            log.warning(
                "Some pages were too slow",
                extra={"source": source.name, "pages": len(late)},
            )
        for end in ends:
            if isinstance(end, Exception):  # the item keeps the feed's words
                log.error(
                    "Reading a page broke",
                    extra={"source": source.name},
                    exc_info=end,
                )
        filled = tuple(
            self._filled(item, articles[item.id], state)
            if item.id in articles
            else item
            for item in items
        )
        return filled, tuple(records)

    async def _read(
        self,
        source: Source,
        opening: FetchRequest,
        item: Item,
        records: list[FetchRecord],
    ) -> Article | None:
        request = onward_request(opening, item.url or "", Purpose.ARTICLE)
        try:
            response = await self._fetcher.fetch(request, log=records)
            content_type = response.headers.get("content-type")
            if content_type and not content_type.lower().startswith(PAGE_TYPES):
                return None
            article: Article = await self._pool.run(
                "article",
                response.body,
                url=response.url,
                content_type=content_type,
                body_selector=source.body,
                timezone=source.timezone,
                language=source.language,
            )
        except FetchError:
            return None
        except ParseError as error:
            log.info(
                "A page could not be read",
                extra={"source": source.name, "url": item.url, "why": str(error)},
            )
            return None
        # Its requests are in the log of this poll already.
        self._kept[item.id] = replace(visit_of(article, response), records=())
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return article

    def _filled(self, item: Item, article: Article, state: SourceState) -> Item:
        published, now = item.published, self._clock()
        if published is None and article.published is not None:
            published = plausible(article.published, now)
        longer = len(article.text) > len(item.text)
        return replace(
            item,
            title=item.title or article.title,
            text=article.text if longer else item.text,
            extractor=article.extractor if longer else "",
            summary=item.summary or article.summary,
            language=item.language or article.language,
            authors=item.authors or article.authors,
            published=published,
            freshness=freshness(state, published, now),
        )


def wanted(source: Source, item: Item) -> bool:
    """Whether the policy asks for the page of this item."""
    if item.url is None or source.article is ArticlePolicy.NEVER:
        return False
    if source.article is ArticlePolicy.ALWAYS:
        return True
    return item.freshness is Freshness.FRESH and len(item.text) < SHORT
