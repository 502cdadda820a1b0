"""`scrapy crawl listing`: list pages of sites that offer no feed."""

from __future__ import annotations

import logging
from dataclasses import replace

from crawler.errors import CrawlError
from crawler.fetcher import Purpose
from crawler.items import Entry, FetchRecord, Kind
from crawler.reading import Errand, Reading, check_yield
from crawler.spiders.source import SourceSpider

log = logging.getLogger(__name__)


class ListingSpider(SourceSpider):
    """Reads a page of links with the source's selectors, and the pages behind it."""

    name = "listing"
    kind = Kind.LISTING

    async def complete(self, errand: Errand, reading: Reading) -> Reading:
        """Follow the list to its next pages, as many as the source asks for.

        A page that cannot be read ends the way; what came before it stays.

        Raises:
            ParseError: all pages together hold fewer entries than promised.
        """
        rules = errand.source.listing
        if reading.next is None or rules is None:
            return reading
        entries = {entry.url: entry for entry in reading.entries or ()}
        records: list[FetchRecord] = list(reading.records)
        onward: str | None = reading.next
        seen = {reading.response.url}
        while onward and onward not in seen and len(seen) < rules.max_pages:
            if len(entries) >= rules.max_items:
                break
            seen.add(onward)
            try:
                page = await self.read_on(errand, onward, Purpose.PAGE)
            except CrawlError as error:
                records.extend(error.records)
                log.info(
                    "A further page of a list could not be read",
                    extra={"source": errand.source.name, "why": str(error)},
                )
                break
            records.extend(page.records)
            _add(entries, page)
            onward = page.next
        found = tuple(entries.values())[: rules.max_items]
        check_yield(errand.source, found)
        return replace(reading, entries=found, records=tuple(records), next=None)


def _add(entries: dict[str | None, Entry], page: Reading) -> None:
    for entry in page.entries or ():
        entries.setdefault(entry.url, entry)
