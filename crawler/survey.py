"""What one page offers to be watched by: feeds, lists of links, lists in its JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.errors import ParseError
from crawler.hosts import domain
from crawler.jsonfinding import guess_rules
from crawler.jsonlists import parse_json
from crawler.listfinding import FEWEST, LONG, LONG_CJK, is_cjk, telling
from crawler.listselectors import find_lists
from crawler.markup import read_html
from crawler.urls import canonical_url, resolve_link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from crawler.items import JsonRules
    from crawler.listselectors import FoundList

MOST_FEEDS = 20

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_FEED_LINK = re.compile(
    r"(?:^|[/._-])(?:rss|atom|feed)s?\d?(?:\.(?:xml|rss|rdf|json))?/?\Z", re.IGNORECASE
)
_COMMENTS = re.compile(r"comments?/|/\d{4}/\d\d/", re.IGNORECASE)
"""Feeds of readers' comments, or of one article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What was found, likeliest first; feeds are only named, nobody read them.

    ``declared`` come from ``<link rel=alternate>``, ``linked`` from ordinary links
    that look like a feed's. ``json`` is a list in the page's own data.
    """

    declared: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    lists: tuple[FoundList, ...] = ()
    json: JsonRules | None = None
    language: str | None = None


def survey_page(body: bytes, *, url: str, content_type: str | None) -> Survey:
    """Look a page over.

    Raises:
        ParseError: NOT_A_PAGE, TOO_LARGE.
    """
    root = read_html(body, content_type)
    declared = tuple(dict.fromkeys(_declared(root, url)))[:MOST_FEEDS]
    linked = dict.fromkeys(_linked(root, url))
    return Survey(
        declared=declared,
        linked=tuple(each for each in linked if each not in declared)[:MOST_FEEDS],
        lists=find_lists(root, url),
        json=_news_json(body, url, content_type),
        language=_language(root),
    )


def _news_json(body: bytes, url: str, content_type: str | None) -> JsonRules | None:
    """The longest list in the page's data, if it reads like news, not a menu."""
    try:
        rules = guess_rules(body, content_type)
        entries = parse_json(
            body, url=url, content_type=content_type, rules=rules, language="en"
        )
    except ParseError:
        return None
    titles = "".join(entry.title for entry in entries)
    least = LONG_CJK if is_cjk(titles) else LONG
    news = [each for each in entries if each.published or telling(each.url or "")]
    if len(entries) < FEWEST or len(news) * 2 < len(entries):
        return None
    return rules if len(titles) / len(entries) >= least else None


def _declared(root: HtmlElement, url: str) -> Iterator[str]:
    for link in root.iter("link"):
        relations = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").split(";")[0].strip().lower()
        if "alternate" in relations and kind in _FEED_TYPES:
            found = resolve_link(url, link.get("href") or "")
            if found is not None and not _COMMENTS.search(urlsplit(found).path):
                yield found


def _linked(root: HtmlElement, url: str) -> Iterator[str]:
    home = canonical_url(url)
    site = domain(urlsplit(url).hostname or "")
    for link in root.iter("a"):
        found = resolve_link(url, link.get("href") or "")
        if found is None or canonical_url(found) == home:
            continue
        if domain(urlsplit(found).hostname or "") != site:
            continue  # "share this page in my feed"
        path = urlsplit(found).path
        if _FEED_LINK.search(path) and not _COMMENTS.search(path):
            yield found


def _language(root: HtmlElement) -> str | None:
    """The language of the page's ``lang``, None for anything odd."""
    found = re.match(r"[a-z]{2,3}(?=$|[-_])", (root.get("lang") or "").strip().lower())
    return found.group() if found else None
