"""`scrapy crawl listing`: list pages of sites that offer no feed."""

from __future__ import annotations

from crawler.items import Kind
from crawler.spiders.source import SourceSpider


class ListingSpider(SourceSpider):
    """Reads one page of links with the source's selectors."""

    name = "listing"
    kind = Kind.LISTING
