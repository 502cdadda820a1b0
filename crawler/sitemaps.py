"""Sitemaps: `<urlset>` (with Google News tags) and `<sitemapindex>`.

Two thirds of the publishers have a news sitemap where only half list a feed
(CRAWLING). Scrapy's own SitemapSpider reads neither titles nor dates of it.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from crawler.dates import parse_date
from crawler.decode import to_utf8
from crawler.errors import ParseError
from crawler.items import Entry
from crawler.limits import TITLE
from crawler.reasons import FetchReason
from crawler.text import one_line
from crawler.urls import resolve_link
from crawler.xmltree import xml_tree

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from lxml.etree import _Element

T = TypeVar("T")

MAX_URLS = 1000
MAX_CHILDREN = 50
MAX_BYTES = 50 * 1024 * 1024
"""Size of an unpacked sitemap (sitemaps.org allows 50 MB)."""

GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """What one sitemap file holds.

    Entries are newest first, undated ones after them in the file's order, at most
    1,000; of more, those of one age from both ends of the file. Children are the
    files of an index, newest ``lastmod`` first, those of one age from both ends too.
    """

    entries: tuple[Entry, ...] = ()
    children: tuple[str, ...] = ()


def parse_sitemap(
    body: bytes,
    *,
    url: str,
    content_type: str | None,
    timezone: str = "UTC",
    language: str | None = None,
) -> Sitemap:
    """Read one sitemap file, packed or not.

    Args:
        body: the file; a ``.gz`` one is unpacked up to 50 MiB.
        url: where it came from; links are resolved against it.
        content_type: as the server sent it.
        timezone: zone of dates that have none.
        language: the source's language, for entries that declare none.

    Raises:
        ParseError: NOT_A_SITEMAP, or TOO_LARGE when unpacking passes the cap.
    """
    data = to_utf8(_unpacked(body), content_type)
    root = xml_tree(data, FetchReason.NOT_A_SITEMAP)
    if root is None:
        raise ParseError(FetchReason.NOT_A_SITEMAP, "no XML in it")
    name = _local(root)
    if name == "sitemapindex":
        return Sitemap(children=_children(root, url, timezone))
    if name == "urlset":
        return Sitemap(entries=_entries(root, url, timezone, language))
    raise ParseError(
        FetchReason.NOT_A_SITEMAP, f"the root is <{name}> ({content_type or 'untyped'})"
    )


def _unpacked(body: bytes) -> bytes:
    """The content of a packed file, inflated in bounds (HARDENING A13).

    Twice at most: a ``.gz`` file may have been packed once more for the way.
    """
    for _ in range(2):
        if body.startswith(GZIP_MAGIC):
            body = _inflated(body)
    return body


def _inflated(body: bytes) -> bytes:
    inflater = zlib.decompressobj(31)
    try:
        text = inflater.decompress(body, MAX_BYTES)
    except zlib.error as error:
        raise ParseError(FetchReason.NOT_A_SITEMAP, "damaged gzip") from error
    if inflater.unconsumed_tail:
        raise ParseError(FetchReason.TOO_LARGE, f"unpacks to more than {MAX_BYTES}")
    return text


def _children(root: _Element, url: str, timezone: str) -> tuple[str, ...]:
    found: list[tuple[datetime | None, str]] = []
    for node in _named(root, "sitemap"):
        fields = _fields(node)
        link = _link(url, fields)
        if link is not None:
            when = parse_date(fields.get("lastmod", ""), timezone=timezone)
            found.append((when, link))
    found = _from_both_ends(found)
    # A file named after news comes before archives of the same age.
    found.sort(key=lambda pair: "news" not in pair[1].lower())
    found.sort(key=lambda pair: pair[0].timestamp() if pair[0] else 0.0, reverse=True)
    return tuple(dict.fromkeys(link for _, link in found))[:MAX_CHILDREN]


def _entries(
    root: _Element, url: str, timezone: str, language: str | None
) -> tuple[Entry, ...]:
    found: list[Entry] = []
    for node in _named(root, "url"):
        entry = _entry(node, url, timezone, language)
        if entry is not None:
            found.append(entry)
    if len(found) > MAX_URLS:
        found = _from_both_ends(found)
    found.sort(
        key=lambda entry: entry.published.timestamp() if entry.published else 0.0,
        reverse=True,
    )
    return tuple(found[:MAX_URLS])


def _from_both_ends(rows: list[T]) -> list[T]:
    """The last, the first, the last but one and so on.

    Where dates are missing or all the same, nothing says whether a site writes the
    new ones to the end, as WordPress does, or to the front.
    """
    pairs = zip(reversed(rows), rows, strict=True)
    return list(chain.from_iterable(pairs))[: len(rows)]


def _entry(
    node: _Element, url: str, timezone: str, language: str | None
) -> Entry | None:
    fields = _fields(node)
    link = _link(url, fields)
    if link is None:
        return None
    news: dict[str, str] = {}
    for child in _named(node, "news"):
        news |= _fields(child)
        for publication in _named(child, "publication"):
            news |= {"language": _fields(publication).get("language", "")}
    published_raw = news.get("publication_date") or fields.get("lastmod", "")
    return Entry(
        url=link,
        guid=None,
        title=one_line(news.get("title", ""), limit=TITLE),
        summary=one_line(news.get("keywords", ""), limit=TITLE),
        text="",
        published=parse_date(published_raw, timezone=timezone),
        published_raw=published_raw,
        language=_language(news.get("language", "")) or language,
    )


def _link(url: str, fields: dict[str, str]) -> str | None:
    loc = fields.get("loc")
    return resolve_link(url, loc) if loc else None


def _language(tag: str) -> str | None:
    """`zh-cn` and `pt_BR` to their first part; anything odd is no language."""
    code = tag.strip().lower().replace("_", "-").split("-")[0]
    return code if code.isalpha() and 2 <= len(code) <= 3 else None


def _fields(node: _Element) -> dict[str, str]:
    """Local name to text of the direct children; the first of each name counts."""
    fields: dict[str, str] = {}
    for child in node:
        fields.setdefault(_local(child), (child.text or "").strip())
    return fields


def _named(node: _Element, name: str) -> Iterable[_Element]:
    return (child for child in node if _local(child) == name)


def _local(node: _Element) -> str:
    """The tag without its namespace; entities and the like have no name."""
    tag: object = node.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
