"""Feeds that are none, and feeds made to harm: what is looked at before the parser.

A page that asks who we are, an endless start tag, a hundred thousand entries, numbers
of characters that are none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.errors import ParseError
from crawler.limits import ENTRIES, START_TAG
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

ROOT = re.compile(
    rb"<(?:[\w.-]{1,40}:)?(?:rss|rdf|feed|channel|item|entry)\b", re.IGNORECASE
)
"""The root of any feed; else it is spared the parser."""

ENTRY_START = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ENTRY_END = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
# Quote-aware, since an attribute may hold ">"; possessive, so that it is linear.
_LONG_TAG = re.compile(rb"<[^\s<>!?/](?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+'|[\"'])*+")
# Four hex digits or five decimal ones may name no character at all.
_REFERENCE = re.compile(rb"&#(?:[xX]0*+([0-9a-fA-F]{4,}+)|0*+([0-9]{5,}+));?")
_CHALLENGE = re.compile(
    rb"just a moment|cf-chl|cf_chl|challenge-platform|checking your browser|captcha"
    rb"|ddos-guard|access denied|enable javascript and cookies|attention required"
    rb"|are you a robot|unusual traffic|incapsula|bot detection",
    re.IGNORECASE,
)


def refuse_long_tags(data: bytes) -> None:
    """Raises ``ParseError``: PARSE_FAILED."""
    for tag in _LONG_TAG.finditer(data):
        if tag.end() - tag.start() > START_TAG:
            detail = f"a start tag of {tag.end() - tag.start()} bytes"
            raise ParseError(FetchReason.PARSE_FAILED, detail)


def sound_references(data: bytes) -> bytes:
    """The document without references to what is no character."""
    return _REFERENCE.sub(_character_or_none, data)


def _character_or_none(found: re.Match[bytes]) -> bytes:
    """The reference as it is, U+FFFD for one beyond Unicode and for half a pair.

    feedparser raises on them, and one in one title would cost the whole feed.
    """
    hexadecimal, decimal = found.groups()
    digits = hexadecimal or decimal
    number = int(digits, 16 if hexadecimal else 10) if len(digits) < 9 else 1 << 32
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        return b"\xef\xbf\xbd"
    return found.group()


def first_entries(data: bytes) -> bytes:
    """The document without the entries beyond the cap, still well-formed.

    200,000 items cost feedparser 4.8 s although only the first thousand are kept.
    """
    if data.count(b"</item") + data.count(b"</entry") <= ENTRIES:
        return data
    ends = [found.end() for found in _ENTRY_END.finditer(data)]
    if len(ends) <= ENTRIES:
        return data
    return data[: ends[ENTRIES - 1]] + data[ends[-1] :]


def explain_nothing(data: bytes, feed: Mapping[str, Any]) -> None:
    """Return when the feed is merely empty, else raise with what was found."""
    if feed["version"]:
        if not feed["bozo"] or not ENTRY_START.search(data):
            return
        reason = type(feed.get("bozo_exception")).__name__
        raise ParseError(FetchReason.PARSE_FAILED, f"a damaged feed: {reason}")
    raise ParseError(FetchReason.NOT_A_FEED, what_is_it(data))


def what_is_it(data: bytes) -> str:
    """What a document is that is no feed, in words."""
    head = data[:20_000]
    root = re.search(rb"<([A-Za-z][\w:.-]{0,40})", head)
    name = root.group(1).decode("ascii", "replace").lower() if root else ""
    if name == "html" or b"<!doctype html" in head.lower():
        challenged = _CHALLENGE.search(head)
        return "a challenge page (HTML)" if challenged else "an HTML page"
    if name in {"urlset", "sitemapindex"}:
        return "a sitemap"
    if name:
        return f"XML or HTML with the root <{name}>"
    return "plain text or binary"
