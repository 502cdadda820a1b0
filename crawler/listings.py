"""List pages of sites without a feed: selectors in, entries out.

An empty list is an error, never silence: a redesign that breaks the selectors
must be told (CRAWLING, "Sources without feeds").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.dates import parse_date
from crawler.errors import ParseError
from crawler.items import Entry
from crawler.language import detect_language
from crawler.limits import TITLE
from crawler.linkrules import wanted
from crawler.reasons import FetchReason
from crawler.text import one_line
from crawler.urls import resolve_link

if TYPE_CHECKING:
    from lxml.html import HtmlElement
    from parsel import Selector, SelectorList

    from crawler.items import ListingRules

XPATH = "xpath://"
TEXTUAL = re.compile(r"::(?:text|attr\([^)]*\))\s*$")
ATTRIBUTE = re.compile(r"/(?:@[\w:-]+|text\(\))\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """The entries of one page of a list, in its order, and where it goes on."""

    entries: tuple[Entry, ...]
    next: str | None = None


def parse_listing(
    body: bytes,
    *,
    url: str,
    content_type: str | None,
    rules: ListingRules,
    timezone: str = "UTC",
    language: str | None = None,
) -> ListPage:
    """Read the entries of a list page.

    An item whose link is missing, repeated or not allowed is left out; the text of
    the link stands in for a title that is not declared. A page that goes on may hold
    less than ``rules.min_items``: what counts is the sum.

    Raises:
        ParseError: NOT_A_PAGE, TOO_FEW_ITEMS (fewer than ``rules.min_items``), or
            PARSE_FAILED for a selector that cannot be read.
    """
    from crawler.markup import read_html

    root = read_html(body, content_type)
    return read_list(root, url=url, rules=rules, timezone=timezone, language=language)


def read_list(
    root: HtmlElement,
    *,
    url: str,
    rules: ListingRules,
    timezone: str = "UTC",
    language: str | None = None,
) -> ListPage:
    """As ``parse_listing``, of a page that is a tree already."""
    from parsel import Selector

    page = Selector(root=root, type="html")
    base = _first(page, "base::attr(href)") or None
    base = resolve_link(url, base) if base else url
    items = _select(page, rules.item)
    found: dict[str, Entry] = {}
    for item in items:
        entry = _entry(item, base or url, rules, timezone, language)
        if entry is not None and entry.url is not None:
            found.setdefault(entry.url, entry)
    onward = _next(page, base or url, rules)
    if len(found) < (1 if onward and rules.min_items else rules.min_items):
        raise ParseError(
            FetchReason.TOO_FEW_ITEMS,
            f"{len(found)} of at least {rules.min_items} links;"
            f" {len(items)} places match {rules.item!r}",
        )
    return ListPage(entries=tuple(found.values())[: rules.max_items], next=onward)


def _next(page: Selector, base: str, rules: ListingRules) -> str | None:
    """The next page's address, if it is on the same host: a list is one site's."""
    if rules.next is None or rules.max_pages < 2:
        return None
    hits = _select(page, rules.next)
    if not TEXTUAL.search(rules.next) and not ATTRIBUTE.search(rules.next):
        hits = hits.xpath("@href")
    link = resolve_link(base, hits.get(default="") or "")
    if link is None or urlsplit(link).hostname != urlsplit(base).hostname:
        return None
    return link


def _entry(
    item: Selector,
    base: str,
    rules: ListingRules,
    timezone: str,
    language: str | None,
) -> Entry | None:
    raw_link = _first(item, rules.link)
    link = resolve_link(base, raw_link) if raw_link else None
    if link is None or not wanted(link, allow=rules.allow, deny=rules.deny):
        return None
    title = _first(item, rules.title) if rules.title else ""
    title = one_line(title or _link_text(item, rules), limit=TITLE)
    raw = _first(item, rules.date) if rules.date else ""
    published = parse_date(
        raw, timezone=timezone, order=rules.date_order, formats=rules.date_formats
    )
    return Entry(
        url=link,
        guid=None,
        title=title,
        summary="",
        text="",
        published=published,
        published_raw=raw,
        language=language or detect_language(title),
    )


def _link_text(item: Selector, rules: ListingRules) -> str:
    """The words of the element that the link selector stands on."""
    if rules.link.startswith(XPATH):
        return _text(_select(item, ATTRIBUTE.sub("", rules.link)))
    return _text(_select(item, TEXTUAL.sub("", rules.link) or "a"))


def _first(item: Selector, selector: str) -> str:
    """The text of the first hit: its attribute or text node, else all its words."""
    hits = _select(item, selector)
    if not hits:
        return ""
    pseudo = TEXTUAL if not selector.startswith(XPATH) else ATTRIBUTE
    if pseudo.search(selector):
        texts = [text.strip() for text in hits.getall() if text.strip()]
        return texts[0] if texts else ""
    return _text(hits)


def _text(hits: SelectorList[Selector]) -> str:
    """All words of the first element that has some."""
    for hit in hits:
        words = " ".join(hit.xpath("string()").get(default="").split())
        if words:
            return words
    return ""


def _select(item: Selector, selector: str) -> SelectorList[Selector]:
    """CSS, or XPath relative to the item: `xpath://a/@href` is any link below it."""
    from cssselect import SelectorError

    try:
        if not selector.startswith(XPATH):
            return item.css(selector)
        path = selector.removeprefix(XPATH)
        path = path if path.startswith("/") else f"//{path}"
        return item.xpath(path if item.root.getparent() is None else f".{path}")
    except (ValueError, SelectorError) as error:
        raise ParseError(
            FetchReason.PARSE_FAILED, f"selector {selector!r}: {error}"
        ) from error
