"""Selectors of an item's title and date, tried with the reader of list pages."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

from crawler.errors import ParseError
from crawler.listfinding import LONG_CJK, time_in
from crawler.listings import read_list
from crawler.markclasses import class_of, says_title, shared_classes
from crawler.urls import canonical_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.html import HtmlElement

    from crawler.items import Entry, ListingRules
    from crawler.listfinding import Cluster

LONG_TITLE = 140
"""Median characters beyond which a link's words are a summary, not a headline."""

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TWO_DIGITS = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](?:\d{4}|\d{2})\b")


def read_quietly(root: HtmlElement, url: str, rules: ListingRules) -> tuple[Entry, ...]:
    """The entries that the rules find, none when they find nothing."""
    try:
        return read_list(root, url=url, rules=rules, language="en").entries
    except ParseError:
        return ()


def with_title(
    root: HtmlElement, url: str, rules: ListingRules, cluster: Cluster
) -> ListingRules:
    """With a selector of the title, unless the link's own words are it."""
    heading = _most(_first_tag(item, HEADINGS) for item in cluster.items)
    named = _most(_title_class(item) for item in cluster.items)
    if heading is None and not _says_more(root, url, rules, cluster):
        return rules
    for title in filter(None, (heading, named)):
        titled = replace(rules, title=title)
        titles = [entry.title for entry in read_quietly(root, url, titled)]
        distinct = len(set(titles)) * 1.5 > len(titles)
        if titles and distinct and median(map(len, titles)) >= LONG_CJK:
            return titled
    return rules


def _says_more(
    root: HtmlElement, url: str, rules: ListingRules, cluster: Cluster
) -> bool:
    """Whether the link that is read says more, or less, than a headline.

    It may be another one than the cluster's (a picture, "read more"), hold the date
    or a whole summary.
    """
    words = {canonical_url(link.url): link.words for link in cluster.links}
    entries = read_quietly(root, url, rules)
    if median([len(entry.title) for entry in entries] or [0]) > LONG_TITLE:
        return True
    timed = [time_in(link.element) for link in cluster.links]
    if sum(each is not None for each in timed) * 2 > len(timed):
        return True
    same = [e for e in entries if words.get(canonical_url(e.url or "")) == e.title]
    return len(same) * 2 < len(entries)


def _first_tag(item: HtmlElement, tags: tuple[str, ...]) -> str | None:
    if item.tag in tags:
        return None
    return next((str(each.tag) for each in item.iter(*tags)), None)


def _title_class(item: HtmlElement) -> str | None:
    """A class that says title, else that of the part with most words."""
    named = [each for each in item.iterdescendants() if class_of(each)]
    for each in named:
        if says_title(class_of(each)):
            return f".{class_of(each)}"
    leaves = [each for each in named if not len(each)]
    longest = max(leaves, key=lambda each: len(each.text or ""), default=None)
    return None if longest is None else f".{class_of(longest)}"


def _most(names: Iterable[str | None]) -> str | None:
    counts = Counter(names)
    top, count = counts.most_common(1)[0]
    return top if count * 2 > counts.total() else None


def with_date(
    root: HtmlElement, url: str, rules: ListingRules, cluster: Cluster
) -> ListingRules:
    """With a selector of the date if most items carry one that can be read."""
    found = [time for item in cluster.items if (time := time_in(item)) is not None]
    if len(found) * 2 < len(cluster.items):
        return rules
    order = _order([raw for _, raw in found])
    best, most = rules, 0
    for date in _date_selectors([element for element, _ in found]):
        dated = replace(rules, date=date, date_order=order)
        read = sum(1 for entry in read_quietly(root, url, dated) if entry.published)
        if read > most:
            best, most = dated, read
    return best if most * 2 >= len(cluster.items) else rules


def _date_selectors(elements: list[HtmlElement]) -> Iterator[str]:
    if all(element.tag == "time" for element in elements):
        if all(element.get("datetime") for element in elements):
            yield "time::attr(datetime)"
        yield "time"
        return
    tag = str(elements[0].tag)
    for name in shared_classes(elements):
        yield f".{name}"
    yield tag
    yield f"{tag}:last-of-type"
    yield from (f"{tag}:nth-of-type({n})" for n in (2, 3, 4, 5))


def _order(raws: list[str]) -> str | None:
    """``dmy`` or ``mdy`` if the dates are written in two digits and one shows which."""
    pairs = [found for raw in raws if (found := _TWO_DIGITS.match(raw))]
    if len(pairs) * 2 < len(raws):
        return None
    if any(int(pair[1]) > 12 for pair in pairs):
        return "dmy"
    return "mdy" if any(int(pair[2]) > 12 for pair in pairs) else None
