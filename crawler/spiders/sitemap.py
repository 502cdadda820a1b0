"""`scrapy crawl sitemap`: sitemaps, and the newest files of sitemap indexes."""

from __future__ import annotations

from dataclasses import replace

from crawler.errors import CrawlError
from crawler.fetcher import Purpose
from crawler.items import Entry, FetchRecord, Kind
from crawler.reading import Errand, Reading, check_yield
from crawler.sitemaps import MAX_URLS
from crawler.spiders.source import SourceSpider
from crawler.trail import Page


class SitemapSpider(SourceSpider):
    """Reads a sitemap; of an index its newest files, one level deep."""

    name = "sitemap"
    kind = Kind.SITEMAP

    async def complete(self, errand: Errand, reading: Reading) -> Reading:
        """Follow the files of an index.

        A file that cannot be read is passed over while another one can.

        Raises:
            CrawlError: none of the files could be read.
        """
        if not reading.children:
            return reading
        known = {page.url: page for page in errand.pages}
        pages = {url: known.get(url) or Page(url=url) for url in reading.children}
        entries: dict[str | None, Entry] = {}
        records: list[FetchRecord] = list(reading.records)
        trouble: list[CrawlError] = []
        whole, fresh = True, False
        for url in reading.children:
            try:
                child = await self.read_on(
                    errand, url, Purpose.SITEMAP, page=pages[url]
                )
            except CrawlError as error:
                records.extend(error.records)
                trouble.append(error)
                continue
            records.extend(child.records)
            pages[url] = _as_read(pages[url], child)
            whole = whole and child.entries is not None
            fresh = fresh or child.entries is not None
            for entry in child.entries or ():
                entries.setdefault(entry.url, entry)
            if len(entries) >= MAX_URLS:
                break
        if len(trouble) == len(reading.children):
            trouble[0].records = tuple(records)
            raise trouble[0]
        newest = sorted(
            entries.values(),
            key=lambda entry: entry.published.timestamp() if entry.published else 0.0,
            reverse=True,
        )[:MAX_URLS]
        if whole:
            check_yield(errand.source, tuple(newest))
        return replace(
            reading,
            entries=tuple(newest) if fresh else None,
            records=tuple(records),
            children=(),
            pages=tuple(pages.values()),
        )


def _as_read(before: Page, child: Reading) -> Page:
    """The file with what the next request for it must carry."""
    response = child.response
    if response.url != before.url:
        return Page(url=before.url, body_hash=child.body_hash)
    same = response.status == 304
    return Page(
        url=before.url,
        etag=response.etag or (before.etag if same else None),
        last_modified=response.last_modified
        or (before.last_modified if same else None),
        body_hash=child.body_hash,
    )
