"""From a cluster of links to the selectors that a listing is declared with.

Each candidate is tried with the reader that the daemon uses; what is proposed is
what was seen to find the cluster's links again.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.items import ListingRules
from crawler.listfields import HEADINGS, read_quietly, with_date, with_title
from crawler.listfinding import Cluster, find_clusters
from crawler.markclasses import is_stable, shared_classes
from crawler.urls import canonical_url, resolve_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.html import HtmlElement

    from crawler.items import Entry

MOST_LISTS = 3
MOST_ITEMS = 500
"""Places looked at for one selector; ``div`` may match thousands."""

ENOUGH = 0.9
"""F1 of the links found again, below which a proposal is not made."""


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
    best = with_date(root, url, with_title(root, url, best, cluster), cluster)
    best = replace(best, max_items=50, min_items=1)
    return FoundList(rules=best, entries=read_quietly(root, url, best))


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
        score = _f1(_urls(read_quietly(root, url, tighter)), wanted)
        if score > best_score:
            rules = tighter
    return rules, _f1(_urls(read_quietly(root, url, rules)), wanted)


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


def _urls(entries: Iterable[Entry]) -> set[str]:
    return {canonical_url(entry.url) for entry in entries if entry.url}


def _f1(got: set[str], wanted: frozenset[str]) -> float:
    return 2 * len(got & wanted) / ((len(got) + len(wanted)) or 1)


# --- where the items stand ---------------------------------------------------------


def _item_selectors(cluster: Cluster) -> Iterator[str]:
    """Candidates, those that will outlive a redesign longest first."""
    tag, count = Counter(str(item.tag) for item in cluster.items).most_common(1)[0]
    own = [item for item in cluster.items if item.tag == tag]
    classes = shared_classes(own)
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
    for name in shared_classes([each for each in parents if each is not None]):
        yield f".{name} > {tag}"
        for place in around:
            yield f"{place} .{name} > {tag}"
    yield tag


def _places(items: list[HtmlElement]) -> Iterator[str]:
    """Selectors of what holds all the items, the nearest first."""
    common = list(items[0].iterancestors())
    for item in items[1:]:
        above = set(item.iterancestors())
        common = [each for each in common if each in above]
    for each in common[:6]:
        name = each.get("id") or ""
        if is_stable(name):
            yield f"#{name}"
        for one in shared_classes([each]):
            yield f"{each.tag}.{one}"
        if each.tag in {"main", "section", "table", "article"}:
            yield str(each.tag)


def _link_selectors(cluster: Cluster) -> Iterator[str]:
    """Ways from an item to its link, the plainest first."""
    pairs = list(zip(cluster.items, cluster.links, strict=True))
    if all(item is link.element for item, link in pairs):
        yield "::attr(href)"
        return
    yield "a::attr(href)"
    for name in shared_classes([link.element for link in cluster.links]):
        yield f"a.{name}::attr(href)"
    parents = [link.element.getparent() for link in cluster.links]
    held = [each for each in parents if each is not None]
    for name in shared_classes(held):
        yield f".{name} > a::attr(href)"
    for tag in {str(each.tag) for each in held}:
        yield f"{tag} > a::attr(href)"
    headings = {str(each.tag) for each in held} & set(HEADINGS)
    yield from (f"{tag} a::attr(href)" for tag in sorted(headings))


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
