"""From a cluster of links to the selectors that a listing is declared with.

Each candidate is tried with the reader that the daemon uses; what is proposed is
what was seen to find the cluster's links again.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.errors import ParseError
from crawler.items import ListingRules
from crawler.listfinding import LONG_CJK, Cluster, find_clusters, time_in
from crawler.listings import read_list
from crawler.urls import canonical_url, resolve_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.html import HtmlElement

    from crawler.items import Entry

MOST_LISTS = 3
MOST_ITEMS = 500
"""Places looked at for one selector; ``div`` may match thousands."""

MOST_CLASSES = 4
"""Classes tried of each element: pages that are all utility classes have dozens."""

LONG_TITLE = 140
"""Median characters beyond which a link's words are a summary, not a headline."""

ENOUGH = 0.9
"""F1 of the links found again, below which a proposal is not made."""

_CLASS = re.compile(r"[A-Za-z_][\w-]{1,40}\Z")
_UNSTABLE = re.compile(
    r"\d{3,}|^(?:css|sc|jsx|svelte|emotion|chakra|tw)-|__\w*\d|-[a-z]*\d[a-z\d]{3,}"
    r"|^(?:col|row|m[tblrxy]?|p[tblrxy]?|w|h|d|bg|text|flex|grid|border|order|gap)-"
    r"|^(?:first|last|odd|even|active|row|col|clearfix|fl|fr)$",
    re.IGNORECASE,
)
_NAMING = re.compile(
    r"item|card|article|news|post|story|entry|teaser|press|release|result|headline",
    re.IGNORECASE,
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TITLE = re.compile(r"title|headline|subject|tit(?:$|[-_])|heading", re.IGNORECASE)
_TWO_DIGITS = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](?:\d{4}|\d{2})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundList:
    """A list of news on a page: how to read it, and what that gives."""

    rules: ListingRules
    entries: tuple[Entry, ...]


def find_lists(root: HtmlElement, url: str) -> tuple[FoundList, ...]:
    """The lists of a page, likeliest first, at most three."""
    found = []
    for cluster in find_clusters(root, url)[: 2 * MOST_LISTS]:
        proposal = _propose(root, url, cluster)
        if proposal is not None:
            found.append(proposal)
    return tuple(found[:MOST_LISTS])


def _propose(root: HtmlElement, url: str, cluster: Cluster) -> FoundList | None:
    best, score = _placed(root, url, cluster)
    if best is None or score < ENOUGH:
        return None
    best = _dated(root, url, _titled(root, url, best, cluster), cluster)
    best = replace(best, max_items=50, min_items=1)
    return FoundList(rules=best, entries=_read(root, url, best))


def _placed(
    root: HtmlElement, url: str, cluster: Cluster
) -> tuple[ListingRules | None, float]:
    """The best selectors of items and links, and how well they find the cluster."""
    wanted = cluster.urls
    best, best_score = None, 0.0
    trial = _Trial(root, url)
    for item, link in _pairs(cluster):
        score = _f1(trial.urls(item, link), wanted)
        if score > best_score:
            best, best_score = (item, link), score
        if best_score >= 1:
            break
    if best is None:
        return None, 0.0
    rules = ListingRules(item=best[0], link=best[1], max_items=1000, min_items=0)
    if best_score < 1 and (pattern := _common_pattern(cluster)):
        tighter = replace(rules, allow=(pattern,))
        score = _f1(_urls(_read(root, url, tighter)), wanted)
        if score > best_score:
            rules = tighter
    return rules, _f1(_urls(_read(root, url, rules)), wanted)


class _Trial:
    """What pairs of selectors would find, a hundred times as fast as reading it."""

    def __init__(self, root: HtmlElement, url: str) -> None:
        self._root = root
        self._keys = {
            element: canonical_url(link)
            for element in root.iter("a")
            if (link := resolve_link(url, element.get("href") or ""))
        }
        self._hits: dict[str, list[HtmlElement]] = {}

    def urls(self, item: str, link: str) -> set[str]:
        """The addresses of the first link of each item."""
        way = link.removesuffix("::attr(href)")
        links = set(self._matching(way)) if way else None
        found = set()
        for each in self._matching(item):
            inner = [each] if links is None else each.iter("a")
            first = next((a for a in inner if links is None or a in links), None)
            if first is not None and first in self._keys:
                found.add(self._keys[first])
        return found

    def _matching(self, selector: str) -> list[HtmlElement]:
        if selector not in self._hits:
            self._hits[selector] = self._root.cssselect(selector)[:MOST_ITEMS]
        return self._hits[selector]


def _pairs(cluster: Cluster) -> Iterator[tuple[str, str]]:
    for item in dict.fromkeys(_item_selectors(cluster)):
        for link in _link_selectors(cluster):
            yield item, link


def _read(root: HtmlElement, url: str, rules: ListingRules) -> tuple[Entry, ...]:
    try:
        return read_list(root, url=url, rules=rules, language="en").entries
    except ParseError:
        return ()


def _urls(entries: Iterable[Entry]) -> set[str]:
    return {canonical_url(entry.url) for entry in entries if entry.url}


def _f1(got: set[str], wanted: frozenset[str]) -> float:
    return 2 * len(got & wanted) / ((len(got) + len(wanted)) or 1)


# --- where the items stand ---------------------------------------------------------


def _item_selectors(cluster: Cluster) -> Iterator[str]:
    """Candidates, those that will outlive a redesign longest first."""
    tag, count = Counter(str(item.tag) for item in cluster.items).most_common(1)[0]
    own = [item for item in cluster.items if item.tag == tag]
    classes = _shared_classes(own)
    around = list(_places(cluster.items))
    mixed = count < len(cluster.items)
    for name in classes:
        yield f".{name}" if mixed else f"{tag}.{name}"
    for place in around:
        for name in classes:
            yield f"{place} {tag}.{name}"
        yield f"{place} > {tag}"
        yield f"{place} {tag}"
    parents = {item.getparent() for item in cluster.items}
    for name in _shared_classes([each for each in parents if each is not None]):
        yield f".{name} > {tag}"
        for place in around:
            yield f"{place} .{name} > {tag}"
    yield tag


def _shared_classes(elements: list[HtmlElement]) -> list[str]:
    """Classes that all the elements have and a person may have chosen."""
    sets = [set((element.get("class") or "").split()) for element in elements]
    shared = set.intersection(*sets) if sets else set()
    return sorted(filter(_is_stable, shared), key=_by_promise)[:MOST_CLASSES]


def _is_stable(name: str) -> bool:
    return _CLASS.match(name) is not None and not _UNSTABLE.search(name)


def _by_promise(name: str) -> tuple[bool, int, str]:
    return (_NAMING.search(name) is None, len(name), name)


def _places(items: list[HtmlElement]) -> Iterator[str]:
    """Selectors of what holds all the items, the nearest first."""
    common = list(items[0].iterancestors())
    for item in items[1:]:
        above = set(item.iterancestors())
        common = [each for each in common if each in above]
    for each in common[:6]:
        name = each.get("id") or ""
        if _is_stable(name):
            yield f"#{name}"
        for one in _shared_classes([each]):
            yield f"{each.tag}.{one}"
        if each.tag in {"main", "section", "table", "article"}:
            yield str(each.tag)


# --- what stands in an item --------------------------------------------------------


def _link_selectors(cluster: Cluster) -> Iterator[str]:
    """Ways from an item to its link, the plainest first."""
    pairs = list(zip(cluster.items, cluster.links, strict=True))
    if all(item is link.element for item, link in pairs):
        yield "::attr(href)"
        return
    yield "a::attr(href)"
    for name in _shared_classes([link.element for link in cluster.links]):
        yield f"a.{name}::attr(href)"
    parents = [link.element.getparent() for link in cluster.links]
    held = [each for each in parents if each is not None]
    for name in _shared_classes(held):
        yield f".{name} > a::attr(href)"
    for tag in {str(each.tag) for each in held}:
        yield f"{tag} > a::attr(href)"
    headings = {str(each.tag) for each in held} & set(_HEADINGS)
    yield from (f"{tag} a::attr(href)" for tag in sorted(headings))


def _titled(
    root: HtmlElement, url: str, rules: ListingRules, cluster: Cluster
) -> ListingRules:
    """With a selector of the title, unless the link's own words are it."""
    heading = _most(_first_tag(item, _HEADINGS) for item in cluster.items)
    named = _most(_title_class(item) for item in cluster.items)
    if heading is None and not _says_more(root, url, rules, cluster):
        return rules
    for title in filter(None, (heading, named)):
        titled = replace(rules, title=title)
        titles = [entry.title for entry in _read(root, url, titled)]
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
    entries = _read(root, url, rules)
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
    named = [each for each in item.iterdescendants() if _class_of(each)]
    for each in named:
        if _TITLE.search(_class_of(each)):
            return f".{_class_of(each)}"
    leaves = [each for each in named if not len(each)]
    longest = max(leaves, key=lambda each: len(each.text or ""), default=None)
    return None if longest is None else f".{_class_of(longest)}"


def _class_of(element: HtmlElement) -> str:
    """The class of an element that says most, "" if it has none to rely on."""
    names = [each for each in (element.get("class") or "").split() if _is_stable(each)]
    return min(names, key=lambda each: _TITLE.search(each) is None, default="")


def _most(names: Iterable[str | None]) -> str | None:
    counts = Counter(names)
    top, count = counts.most_common(1)[0]
    return top if count * 2 > counts.total() else None


def _dated(
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
        read = sum(1 for entry in _read(root, url, dated) if entry.published)
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
    for name in _shared_classes(elements):
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


def _common_pattern(cluster: Cluster) -> str | None:
    """A pattern for the addresses: what all share is kept, the rest is any."""
    paths = [urlsplit(link.url).path.strip("/").split("/") for link in cluster.links]
    if len({len(path) for path in paths}) != 1:
        return None
    steps = [_step({path[n] for path in paths}) for n in range(len(paths[0]))]
    return "/" + "/".join(steps)


def _step(values: set[str]) -> str:
    if len(values) == 1:
        return re.escape(values.pop())
    if all(value.isdecimal() for value in values):
        return r"\d+"
    ends = {value.rpartition(".")[2] for value in values if "." in value}
    return r"[^/?#]+\." + ends.pop() if len(ends) == 1 else "[^/?#]+"
