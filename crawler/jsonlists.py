"""JSON that lists news (an API, a page's own data): paths in, entries out.

A path that leads nowhere is an error, never silence, as with list pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crawler.dates import parse_date
from crawler.errors import ParseError
from crawler.items import Entry
from crawler.jsonpaths import fill, find, first, scalar
from crawler.language import detect_language
from crawler.limits import ENTRIES, RAW_DATE, SUMMARY, TEXT, TITLE
from crawler.linkrules import wanted
from crawler.pagejson import read_json
from crawler.reasons import FetchReason
from crawler.text import clean_line, clean_text, one_line, plain_text
from crawler.urls import resolve_link

if TYPE_CHECKING:
    from crawler.items import JsonRules


def parse_json(
    body: bytes,
    *,
    url: str,
    content_type: str | None,
    rules: JsonRules,
    timezone: str = "UTC",
    language: str | None = None,
) -> tuple[Entry, ...]:
    """Read the entries that the rules' paths lead to, in document order.

    An item without title and link, or whose link is repeated or not wanted, is left
    out.

    Raises:
        ParseError: NOT_JSON, NOT_A_PAGE, or TOO_FEW_ITEMS (fewer than
            ``rules.min_items``).
    """
    data = read_json(body, content_type, rules.script)
    items = _items(data, rules.items)
    found: dict[str, Entry] = {}
    for item in items[:ENTRIES]:
        entry = _entry(item, url, rules, timezone=timezone, language=language)
        if entry is not None:
            found.setdefault(entry.url or entry.title, entry)
    if len(found) < rules.min_items:
        raise ParseError(
            FetchReason.TOO_FEW_ITEMS,
            f"{len(found)} of at least {rules.min_items} items; the path"
            f" {rules.items!r} leads to {len(items)}",
        )
    return tuple(found.values())[: rules.max_items]


def _items(data: Any, path: str) -> list[Any]:
    """The elements of the list at the path; `a.*` is the same list as `a`."""
    found = find(data, path)
    if len(found) == 1 and isinstance(found[0], list):
        found = found[0]
    return [item for item in found if isinstance(item, dict)]


def _entry(
    item: dict[str, Any],
    base: str,
    rules: JsonRules,
    *,
    timezone: str,
    language: str | None,
) -> Entry | None:
    raw_link = fill(item, rules.link)
    link = resolve_link(base, raw_link) if raw_link else None
    title = one_line(first(item, rules.title), limit=TITLE)
    if link is None and not title:
        return None
    if link is not None and not wanted(link, allow=rules.allow, deny=rules.deny):
        return None
    raw = clean_line(first(item, rules.date) if rules.date else "", limit=RAW_DATE)
    text = _text(item, rules.text) if rules.text else ""
    return Entry(
        url=link,
        guid=None,
        title=title,
        summary=clean_text(text, limit=SUMMARY),
        text=text,
        published=parse_date(
            raw, timezone=timezone, order=rules.date_order, formats=rules.date_formats
        ),
        published_raw=raw,
        language=detect_language(f"{title}\n{text}", hint=language),
    )


def _text(item: dict[str, Any], path: str) -> str:
    """All texts at the path, a line each: a body may be a list of paragraphs."""
    found = find(item, path)
    if len(found) == 1 and isinstance(found[0], list):
        found = found[0]
    texts = (plain_text(scalar(value), limit=TEXT) for value in found)
    return clean_text("\n".join(filter(None, texts)), limit=TEXT)
