"""Guesses where a JSON document lists its news: the longest list that looks like it.

For `discover` and a bare `preview --kind json`; what is guessed is shown, and never
guessed again at run time.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from crawler.dates import parse_date
from crawler.errors import ParseError
from crawler.items import JsonRules
from crawler.jsonpaths import scalar
from crawler.markup import read_html
from crawler.pagejson import LD, linked_data, read_json
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

DEEPEST = 12
FEWEST = 3
MOST_LISTS = 2000
"""Lists looked at; a page's whole state may hold thousands of small ones."""

_TITLES = ("headline", "title", "name", "subject", "heading")
_LINKS = ("url", "link", "href", "permalink", "canonical_url", "canonicalUrl", "path")
_DATES = (
    *("datePublished", "published_at", "publishedAt", "publishDate", "pubDate"),
    *("published", "date", "created_at", "createdAt", "first_publish_date"),
)
_TEXTS = ("articleBody", "description", "summary", "excerpt", "lead", "text", "body")
_LINK = re.compile(r"(?:https?:/)?/[^\s]+\Z")
_INNER = ("item", "node", "attributes", "article")
"""Objects in which a list's elements often wrap what they are about."""

Steps = tuple[str, ...]


def guess_rules(body: bytes, content_type: str | None) -> JsonRules:
    """The rules for the likeliest list of a body, JSON or a page with JSON in it.

    Raises:
        ParseError: NOT_JSON when there is none; NOT_A_PAGE.
    """
    for script, data in _documents(body, content_type):
        found = _best(data)
        if found is not None:
            path, fields = found
            return JsonRules(
                items=_written(path),
                script=script,
                link=fields["link"],
                title=fields["title"],
                date=fields.get("date"),
                text=fields.get("text"),
            )
    raise ParseError(FetchReason.NOT_JSON, "no list of titles and links in its JSON")


def _documents(
    body: bytes, content_type: str | None
) -> Iterator[tuple[str | None, Any]]:
    if not body.lstrip().startswith(b"<"):
        yield None, read_json(body, content_type, None)
        return
    page = read_html(body, content_type)
    yield LD, list(linked_data(page))
    for element in page.iter("script"):
        name, text = element.get("id"), (element.text or "").strip()
        if name and text.startswith(("{", "[")):
            try:
                yield name, read_json(body, content_type, name)
            except ParseError:
                continue
        elif named := re.match(r"(?:var |let |const )?([\w$.]{1,60})\s*=\s*", text):
            try:
                yield named[1], read_json(body, content_type, named[1])
            except ParseError:
                continue


def _best(data: Any) -> tuple[Steps, dict[str, str]] | None:
    """The list with most elements that have a title and a link of their own."""
    best: tuple[int, Steps, dict[str, str]] = (FEWEST - 1, (), {})
    for path, elements in _lists(data):
        rules = _fields(elements)
        if "title" in rules and "link" in rules and len(elements) > best[0]:
            best = (len(elements), path, rules)
    return best[1:] if best[2] else None


def _lists(data: Any) -> Iterator[tuple[Steps, list[dict[str, Any]]]]:
    """Lists of objects with their paths, breadth first, bounded."""
    queue: list[tuple[Steps, Any]] = [((), data)]
    for seen, (path, value) in enumerate(queue):
        if seen > MOST_LISTS:
            return
        children: Iterator[tuple[str, Any]] = iter(())
        if isinstance(value, list):
            objects = [each for each in value if isinstance(each, dict)]
            if len(objects) >= FEWEST:
                yield path, objects
            children = ((str(n), each) for n, each in enumerate(value[:20]))
        elif isinstance(value, dict):
            children = iter(value.items())
        if len(path) < DEEPEST:
            queue.extend(
                ((*path, key), child)
                for key, child in children
                if isinstance(child, dict | list) and '"' not in key
            )


def _fields(elements: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Key of the rules -> path, for what most elements have."""
    wanted: tuple[tuple[str, tuple[str, ...], Callable[[str], bool]], ...] = (
        ("title", _TITLES, lambda text: len(text) >= 8 and "://" not in text),
        ("link", _LINKS, lambda text: _LINK.match(text) is not None),
        ("date", _DATES, lambda text: parse_date(text) is not None),
        ("text", _TEXTS, lambda text: len(text) >= 40),
    )
    rules = {}
    for rule, names, good in wanted:
        for path in [*((name,) for name in names), *_wrapped(names)]:
            values = [_at(each, path) for each in elements]
            fits = Counter(value for value in values if value and good(value))
            # A title or link that all elements share names the list, not them.
            count = len(fits) if rule in {"title", "link"} else fits.total()
            if count > len(elements) / 2:
                rules[rule] = _written(path)
                break
    return rules


def _wrapped(names: Sequence[str]) -> Iterator[Steps]:
    return ((inner, name) for inner in _INNER for name in names)


def _at(element: Any, path: Steps) -> str:
    for step in path:
        if not isinstance(element, dict):
            return ""
        element = element.get(step)
    return scalar(element)


def _written(path: Steps) -> str:
    steps = (f'"{step}"' if re.search(r"[.{}*]", step) else step for step in path)
    return ".".join(steps) or "."
