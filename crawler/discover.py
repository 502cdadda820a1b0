"""What a site can be watched by, looked for politely and in a fixed order.

    the address itself -> feeds the page names -> five guesses
      -> robots.txt's sitemaps -> lists on the page -> lists in its data

All requests go through the one Fetcher: robots.txt, the host's turn, bounded bodies.
What is offered was read once with the very parser that would read it every day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from crawler.errors import CrawlError, ParseError
from crawler.fetcher import FetchRequest, Purpose
from crawler.items import Entry, JsonRules, Kind, ListingRules, Source
from crawler.reading import Found, opening_request, read_body
from crawler.sourceyaml import source_name
from crawler.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.fetcher import Fetcher, FetchResponse
    from crawler.listselectors import FoundList
    from crawler.pool import ParserPool

GUESSES = ("/feed/", "/rss", "/rss.xml", "/atom.xml", "/feed.xml")
MOST_FEEDS = 5
"""Feeds read of those a page names; each costs its host a request."""

MOST_SITEMAPS = 5
_SITEMAP = re.compile(rb"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A source that was read, what it gave, and a sentence about it."""

    source: Source
    entries: tuple[Entry, ...]
    remark: str


@dataclass(slots=True, kw_only=True)
class Discovery:
    """The offers, best first, and what could not be read on the way."""

    offers: list[Offer] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


async def discover(url: str, *, fetcher: Fetcher, pool: ParserPool) -> Discovery:
    """Look for everything a site can be watched by.

    At most some twenty requests, one after the other.

    Args:
        url: a page, best one that lists news; a feed or sitemap is taken as it is.
        fetcher: asks; borrowed.
        pool: reads; borrowed.

    Raises:
        CrawlError: the address itself cannot be read.
    """
    return await _Search(url, fetcher, pool).run()


class _Search:
    """One discovery under way."""

    def __init__(self, url: str, fetcher: Fetcher, pool: ParserPool) -> None:
        self._url = url
        self._fetcher = fetcher
        self._pool = pool
        self._found = Discovery()
        self._names: set[str] = set()
        self._language: str | None = None

    async def run(self) -> Discovery:
        page = await self._fetcher.fetch(
            FetchRequest(source="discover", url=self._url, purpose=Purpose.PAGE)
        )
        if await self._itself(page):
            return self._found
        survey = await self._survey(page)
        self._language = survey.language
        await self._feeds(page.url, survey)
        await self._sitemaps(page.url)
        for each in survey.lists:
            self._offer_list(page.url, each)
        if survey.json is not None:
            await self._offer_json(page, survey.json)
        return self._found

    async def _survey(self, page: FetchResponse) -> Survey:
        """What the page offers; nothing if it is none, the site may still."""
        try:
            survey: Survey = await self._pool.run(
                "survey",
                page.body,
                url=page.url,
                content_type=page.headers.get("content-type"),
            )
        except ParseError as error:
            self._found.troubles.append(f"{page.url}: {error}")
            return Survey()
        return survey

    async def _itself(self, page: FetchResponse) -> bool:
        """Whether the address is a feed, a sitemap or JSON already."""
        head = page.body[:2000].lstrip()
        if head.startswith((b"{", b"[")):
            with_json = await self._try(self._source(Kind.FEED, page.url), page)
            if not with_json:
                rules: JsonRules = await self._pool.run(
                    "guess-json",
                    page.body,
                    content_type=page.headers.get("content-type"),
                )
                await self._offer_json(page, rules)
            return True
        for kind in (Kind.FEED, Kind.SITEMAP):
            if await self._try(self._source(kind, page.url), page):
                return True
        return False

    # --- feeds ---------------------------------------------------------------------

    async def _feeds(self, url: str, survey: Survey) -> None:
        named = [*survey.declared, *survey.linked][:MOST_FEEDS]
        for each in named:
            await self._ask(Kind.FEED, each)
        if not self._found.offers:
            for guess in GUESSES:
                guessed = urljoin(url, guess)
                if guessed not in named and await self._ask(
                    Kind.FEED, guessed, silent=True
                ):
                    return

    # --- sitemaps --------------------------------------------------------------------

    async def _sitemaps(self, url: str) -> None:
        """News sitemaps that robots.txt names, or that an index there leads to."""
        queue = await self._named_in_robots(url)
        asked = 0
        while queue and asked < MOST_SITEMAPS:
            at = queue.pop(0)
            asked += 1
            source = self._source(Kind.SITEMAP, at)
            found = await self._read(source)
            if found is None:
                self._names.discard(source.name)
                continue
            if found.children:
                queue[:0] = _news_first(found.children)[:2]
            titled = [entry for entry in found.entries if entry.title]
            if len(titled) * 2 > len(found.entries):
                self._offer(source, found.entries, "a news sitemap")
                return
            self._names.discard(source.name)

    async def _named_in_robots(self, url: str) -> list[str]:
        try:
            answer = await self._fetcher.fetch(
                FetchRequest(
                    source="discover",
                    url=urljoin(url, "/robots.txt"),
                    purpose=Purpose.ROBOTS,
                )
            )
        except CrawlError as error:
            self._found.troubles.append(f"robots.txt: {error}")
            return []
        lines = _SITEMAP.findall(answer.body)
        return _news_first(
            urljoin(url, line.decode("utf-8", "replace")) for line in lines
        )

    # --- lists -----------------------------------------------------------------------

    def _offer_list(self, url: str, found: FoundList) -> None:
        source = self._source(Kind.LISTING, url, listing=found.rules)
        dated = sum(1 for entry in found.entries if entry.published)
        remark = "a list of links"
        if dated:
            remark += "; say `timezone:` if its dates name none"
        self._offer(source, found.entries, remark)

    async def _offer_json(self, page: FetchResponse, rules: JsonRules) -> None:
        source = self._source(Kind.JSON, page.url, json=rules)
        if not await self._try(source, page):
            self._names.discard(source.name)

    # --- one source ------------------------------------------------------------------

    def _source(
        self,
        kind: Kind,
        url: str,
        *,
        listing: ListingRules | None = None,
        json: JsonRules | None = None,
    ) -> Source:
        host = (urlsplit(url).hostname or "site").removeprefix("www.")
        ending = {Kind.FEED: "", Kind.LISTING: "-list"}.get(kind, f"-{kind.value}")
        return Source(
            name=source_name(f"{host}{ending}", self._names),
            kind=kind,
            url=url,
            language=self._language,
            listing=listing,
            json=json,
        )

    async def _ask(self, kind: Kind, url: str, *, silent: bool = False) -> bool:
        source = self._source(kind, url)
        found = await self._read(source, silent=silent)
        if found is None or not found.entries:
            self._names.discard(source.name)
            return False
        self._offer(source, found.entries, "a feed")
        return True

    async def _read(self, source: Source, *, silent: bool = False) -> Found | None:
        try:
            response = await self._fetcher.fetch(opening_request(source))
            return await self._parse(source, response)
        except CrawlError as error:
            if not silent:
                self._found.troubles.append(f"{source.url}: {error}")
            return None

    async def _parse(self, source: Source, response: FetchResponse) -> Found:
        return await read_body(
            self._pool,
            source,
            response.body,
            url=response.url,
            content_type=response.headers.get("content-type"),
        )

    async def _try(self, source: Source, response: FetchResponse) -> bool:
        """Offer the source if the body at hand is of its kind."""
        try:
            found = await self._parse(source, response)
        except ParseError:
            self._names.discard(source.name)
            return False
        self._offer(source, found.entries, _WHAT[source.kind])
        return True

    def _offer(self, source: Source, entries: tuple[Entry, ...], what: str) -> None:
        self._found.offers.append(
            Offer(source=source, entries=entries, remark=_remark(what, entries))
        )


_WHAT = {
    Kind.FEED: "a feed",
    Kind.SITEMAP: "a sitemap",
    Kind.LISTING: "a list of links",
    Kind.JSON: "a list in JSON",
}


def _news_first(urls: Iterable[str]) -> list[str]:
    return sorted(dict.fromkeys(urls), key=lambda url: "news" not in url.lower())


def _remark(what: str, entries: tuple[Entry, ...]) -> str:
    """`a feed; 15 entries, newest 2026-03-01 12:00 UTC: "Talks in the harbour"`."""
    remark = f"{what}; {len(entries)} entries"
    dated = [entry.published for entry in entries if entry.published]
    if dated:
        remark += f", newest {max(dated):%Y-%m-%d %H:%M} UTC"
    title = next((entry.title for entry in entries if entry.title), "")
    return f'{remark}: "{title}"' if title else remark
