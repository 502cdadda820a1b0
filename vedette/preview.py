"""What a source would yield, without a store and without compiling topics."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.errors import ConfigError, CrawlError, ParseError, Problem
from crawler.items import Kind, ListingRules, Source
from crawler.pool import ParserPool
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crawler.fetcher import Fetcher
    from crawler.items import Article, Entry, JsonRules

DEADLINE_S = 5.0
AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How to read the given URLs and files; ``source`` names one of the config."""

    kind: str
    base_url: str | None
    timezone: str
    language: str | None
    article: bool
    source: str | None
    config: Path

    async def show(
        self,
        what: Sequence[str],
        *,
        emit: Callable[[dict[str, Any]], None],
        complain: Callable[[str], None],
    ) -> int:
        """Emit one object per item, in the order given; how many were read.

        What cannot be read goes to ``complain``; with ``article`` it still gives its
        one line, of nulls.
        """
        reader = _Reader(self, complain)
        read = 0
        try:
            for start in range(0, len(what), AT_ONCE):
                batch = what[start : start + AT_ONCE]
                for rows, ok in await asyncio.gather(*map(reader.rows, batch)):
                    read += ok
                    for row in rows:
                        emit(row)
        finally:
            await reader.aclose()
        return read


class _Reader:
    """Reads one URL or file at a time through the killable parsers."""

    def __init__(self, preview: Preview, complain: Callable[[str], None]) -> None:
        self.preview = preview
        self.complain = complain
        self.pool = ParserPool(workers=2, deadline_s=DEADLINE_S)
        self.source = self._source()
        self._fetcher: Fetcher | None = None

    def _source(self) -> Source:
        """The source whose manner of reading is used: a configured or a bare one."""
        view = self.preview
        if view.source is None:
            if view.kind not in set(Kind):
                self._refuse("--kind is feed, sitemap, listing or json")
            rules = ListingRules(item="a", link="::attr(href)", title="::text")
            return Source(
                name="preview",
                kind=Kind(view.kind),
                url="",
                language=view.language,
                timezone=view.timezone,
                listing=rules if view.kind == Kind.LISTING else None,
            )
        from crawler.configfile import did_you_mean
        from crawler.sources import load_sources

        book = load_sources(view.config)
        if view.source not in book.sources:
            hint = did_you_mean(view.source, book.sources)
            self._refuse(f"no source {view.source!r} in {view.config}.{hint}")
        return book.sources[view.source]

    def _refuse(self, message: str) -> None:
        problem = Problem(file="preview", line=0, path="", message=message)
        raise ConfigError((problem,))

    async def rows(self, what: str) -> tuple[list[dict[str, Any]], bool]:
        """The output objects of one URL or file, and whether it could be read."""
        is_url = what.startswith(("http://", "https://"))
        file = {} if is_url else {"file": what}
        try:
            body, url, content_type = await self._body(what, is_url=is_url)
            if self.preview.article:
                found = await self._article(body, url, content_type)
                return [{**file, **_article_row(found)}], True
            entries = await self._entries(body, url, content_type)
        except CrawlError as error:
            self.complain(f"{what}: {error}")
            return ([{**file, **_EMPTY}] if self.preview.article else []), False
        return [{**file, **_entry_row(entry)} for entry in entries], True

    async def _body(self, what: str, *, is_url: bool) -> tuple[bytes, str, str | None]:
        if not is_url:
            try:
                body = await asyncio.to_thread(Path(what).read_bytes)
            except OSError as error:
                raise ParseError(FetchReason.NOT_FOUND, str(error)) from error
            return body, self.preview.base_url or "", None
        from crawler.fetcher import FetchRequest, Purpose
        from crawler.reading import PURPOSE
        from crawler.secrets import reveal

        purpose = PURPOSE[self.source.kind]
        if self.preview.article:
            purpose = Purpose.ARTICLE
        response = await self._fetch().fetch(
            FetchRequest(
                source=self.source.name,
                url=what,
                purpose=purpose,
                headers={k: reveal(v) for k, v in self.source.headers.items()},
                proxy=reveal(self.source.proxy) if self.source.proxy else None,
            )
        )
        base = self.preview.base_url or response.url
        return response.body, base, response.headers.get("content-type")

    def _fetch(self) -> Fetcher:
        if self._fetcher is None:
            from crawler.fetcher import Fetcher, user_agent
            from crawler.sources import load_sources

            config = self.preview.config
            book = load_sources(config) if config.exists() else None
            self._fetcher = Fetcher(
                user_agent=user_agent(book.contact if book else None),
                allow=book.allow if book else (),
            )
        return self._fetcher

    async def _entries(
        self, body: bytes, url: str, content_type: str | None
    ) -> tuple[Entry, ...]:
        from crawler.reading import read_body

        source = self.source
        if self.preview.source is None:
            view = self.preview
            source = replace(source, timezone=view.timezone, language=view.language)
            if source.kind is Kind.JSON:
                guess: JsonRules = await self.pool.run(
                    "guess-json", body, content_type=content_type
                )
                source = replace(source, json=guess)
        elif self.preview.language:
            source = replace(source, language=self.preview.language)
        found = await read_body(
            self.pool, source, body, url=url, content_type=content_type
        )
        if found.children:
            newest = found.children[0]
            self.complain(f"{url}: an index of sitemaps; its newest file is {newest}")
        return found.entries

    async def _article(
        self, body: bytes, url: str, content_type: str | None
    ) -> Article:
        article: Article = await self.pool.run(
            "article",
            body,
            url=url,
            content_type=content_type,
            body_selector=self.source.body,
            timezone=self.preview.timezone,
            language=self.preview.language or self.source.language,
        )
        return article

    async def aclose(self) -> None:
        """End the workers and the connections."""
        await self.pool.aclose()
        if self._fetcher is not None:
            await self._fetcher.aclose()


_EMPTY: dict[str, Any] = {
    "url": None,
    "title": None,
    "text": None,
    "summary": None,
    "published": None,
    "language": None,
    "authors": [],
    "source_id": None,
}


def _entry_row(entry: Entry) -> dict[str, Any]:
    return {
        "url": entry.url,
        "title": entry.title,
        "text": entry.text,
        "summary": entry.summary,
        "published": _rfc3339(entry.published),
        "language": entry.language,
        "authors": list(entry.authors),
        "source_id": entry.guid,
    }


def _article_row(article: Article) -> dict[str, Any]:
    return {
        "url": article.url,
        "title": article.title,
        "text": article.text,
        "summary": article.summary,
        "published": _rfc3339(article.published),
        "language": article.language,
        "authors": list(article.authors),
        "source_id": None,
    }


def _rfc3339(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
