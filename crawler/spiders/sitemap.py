"""`scrapy crawl sitemap`: sitemaps, and the newest files of sitemap indexes."""

from __future__ import annotations

from dataclasses import replace

from crawler.errors import CrawlError, FetchError
from crawler.fetcher import Purpose
from crawler.items import Entry, FetchRecord, Kind
from crawler.reading import Errand, Reading, check_yield
from crawler.sitemaps import MAX_URLS
from crawler.spiders.source import SourceSpider


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
        entries: dict[str | None, Entry] = {}
        records: list[FetchRecord] = list(reading.records)
        trouble: list[CrawlError] = []
        for url in reading.children:
            try:
                child = await self.read_on(errand, url, Purpose.SITEMAP)
            except CrawlError as error:
                if isinstance(error, FetchError):
                    records.extend(error.records)
                trouble.append(error)
                continue
            records.extend(child.records)
            for entry in child.entries or ():
                entries.setdefault(entry.url, entry)
            if len(entries) >= MAX_URLS:
                break
        if len(trouble) == len(reading.children):
            raise trouble[0]
        newest = sorted(
            entries.values(),
            key=lambda entry: entry.published.timestamp() if entry.published else 0.0,
            reverse=True,
        )[:MAX_URLS]
        check_yield(errand.source, tuple(newest))
        return replace(
            reading, entries=tuple(newest), records=tuple(records), children=()
        )
