"""JSON Feed 1.0 and 1.1 (jsonfeed.org), which feedparser reads as nothing at all."""

from __future__ import annotations

import json
from typing import Any

from crawler.dates import parse_date
from crawler.errors import ParseError
from crawler.items import Entry
from crawler.language import detect_language
from crawler.limits import (
    AUTHOR,
    AUTHORS,
    ENTRIES,
    GUID,
    RAW_DATE,
    SUMMARY,
    TEXT,
    TITLE,
)
from crawler.reasons import FetchReason
from crawler.text import clean_line, clean_text, one_line, plain_text
from crawler.urls import resolve_link

_VERSION = ("https://jsonfeed.org/", "http://jsonfeed.org/")


def parse_json_feed(
    body: bytes, *, url: str, timezone: str, language: str | None
) -> tuple[Entry, ...]:
    """Entries in the feed's order, at most ``limits.ENTRIES``.

    Any JSON that does not declare itself by ``version`` is refused: an API's answer
    with an ``items`` list is not a feed.

    Args:
        body: UTF-8, as ``to_utf8`` gives it.
        url: what relative links are resolved against.
        timezone: IANA name for dates without a zone.
        language: the source's own word on its language, or None.

    Raises:
        ParseError: NOT_A_FEED, with what was found instead.
    """
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError) as error:
        detail = f"JSON that cannot be read: {type(error).__name__}"
        raise ParseError(FetchReason.NOT_A_FEED, detail) from error
    if not isinstance(feed, dict):
        raise ParseError(FetchReason.NOT_A_FEED, "JSON, but not an object")
    version = feed.get("version")
    if not isinstance(version, str) or not version.startswith(_VERSION):
        detail = "JSON without a jsonfeed.org version"
        raise ParseError(FetchReason.NOT_A_FEED, detail)
    items = feed.get("items")
    if not isinstance(items, list):
        raise ParseError(FetchReason.NOT_A_FEED, "JSON Feed without items")
    shared = _authors(feed)
    return tuple(
        _entry(item, url, timezone, language or _text(feed, "language"), shared)
        for item in items[:ENTRIES]
        if isinstance(item, dict)
    )


def _entry(
    item: dict[str, Any],
    url: str,
    timezone: str,
    language: str | None,
    shared: tuple[str, ...],
) -> Entry:
    markup = plain_text(_text(item, "content_html"), limit=TEXT)
    text = max(markup, clean_text(_text(item, "content_text"), limit=TEXT), key=len)
    title = one_line(_text(item, "title"), limit=TITLE)
    raw = clean_line(
        _text(item, "date_published") or _text(item, "date_modified"), limit=RAW_DATE
    )
    link = _text(item, "url") or _text(item, "external_url")
    guid = _id(item)
    return Entry(
        url=resolve_link(url, link) or (resolve_link(None, guid) if guid else None),
        guid=clean_line(guid, limit=GUID) or None,
        title=title,
        summary=plain_text(_text(item, "summary"), limit=SUMMARY),
        text=text,
        published=parse_date(raw, timezone=timezone),
        published_raw=raw,
        language=detect_language(
            f"{title}\n{text}", hint=_text(item, "language") or language
        ),
        authors=_authors(item) or shared,
    )


def _authors(holder: dict[str, Any]) -> tuple[str, ...]:
    """Names of 1.1 ``authors`` and 1.0 ``author``, each once."""
    listed = holder.get("authors")
    people = [*(listed if isinstance(listed, list) else ()), holder.get("author")]
    names = (
        one_line(_text(person, "name"), limit=AUTHOR)
        for person in people[:AUTHORS]
        if isinstance(person, dict)
    )
    return tuple(dict.fromkeys(name for name in names if name))


def _text(holder: dict[str, Any], key: str) -> str:
    value = holder.get(key)
    return value if isinstance(value, str) else ""


def _id(item: dict[str, Any]) -> str:
    """Numbers too: "must be coerced to a string" (jsonfeed.org/version/1.1, id)."""
    value = item.get("id")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return _text(item, "id")
