"""List pages of sites without a feed: selectors in, entries out.

An empty list is an error, never silence: a redesign that breaks the selectors
must be told (CRAWLING, "Sources without feeds").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.dates import parse_date
from crawler.errors import ParseError
from crawler.items import Entry, FetchReason
from crawler.language import detect_language
from crawler.text import one_line
from crawler.urls import resolve_link

if TYPE_CHECKING:
    from parsel import Selector, SelectorList

    from crawler.items import ListingRules

TITLE_LIMIT = 500
XPATH = "xpath://"
TEXTUAL = re.compile(r"::(?:text|attr\([^)]*\))\s*$")
ATTRIBUTE = re.compile(r"/(?:@[\w:-]+|text\(\))\s*$")


def parse_listing(
    body: bytes,
    *,
    url: str,
    content_type: str | None,
    rules: ListingRules,
    timezone: str = "UTC",
    language: str | None = None,
) -> tuple[Entry, ...]:
    """Read the entries of a list page, in its order.

    An item whose link is missing, repeated or not allowed is left out; the text of
    the link stands in for a title that is not declared.

    Raises:
        ParseError: NOT_A_PAGE, TOO_FEW_ITEMS (fewer than ``rules.min_items``), or
            PARSE_FAILED for a selector that cannot be read.
    """
    from parsel import Selector

    from crawler.markup import read_html

    page = Selector(root=read_html(body, content_type), type="html")
    base = _first(page, "base::attr(href)") or None
    base = resolve_link(url, base) if base else url
    items = _select(page, rules.item)
    found: dict[str, Entry] = {}
    for item in items:
        entry = _entry(item, base or url, rules, timezone, language)
        if entry is not None and entry.url is not None:
            found.setdefault(entry.url, entry)
    if len(found) < rules.min_items:
        raise ParseError(
            FetchReason.TOO_FEW_ITEMS,
            f"{len(found)} of at least {rules.min_items} links;"
            f" {len(items)} places match {rules.item!r}",
        )
    return tuple(found.values())[: rules.max_items]


def _entry(
    item: Selector,
    base: str,
    rules: ListingRules,
    timezone: str,
    language: str | None,
) -> Entry | None:
    raw_link = _first(item, rules.link)
    link = resolve_link(base, raw_link) if raw_link else None
    if link is None or not _allowed(link, rules):
        return None
    title = _first(item, rules.title) if rules.title else ""
    title = one_line(title or _link_text(item, rules), limit=TITLE_LIMIT)
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


def _allowed(link: str, rules: ListingRules) -> bool:
    if rules.allow and not any(re.search(pattern, link) for pattern in rules.allow):
        return False
    return not any(re.search(pattern, link) for pattern in rules.deny)


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
