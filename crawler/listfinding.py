"""Which links of a page are its list of news: clusters of links that look alike.

The rules are those of CRAWLING, "Sources without feeds": links on one path of the
DOM, at least five, with long anchors, to the page's own site, and something that
says article: a date or long number or many words in the address, a time beside it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from crawler.dates import parse_date
from crawler.hosts import domain
from crawler.urls import canonical_url, resolve_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.html import HtmlElement

FEWEST = 5
LONG = 25
LONG_CJK = 10
"""Fewest links of a list, and least median length of their words."""

MOST_LINKS = 5_000

_CJK = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_DATED = re.compile(r"(?:19|20)\d\d[-/._]?(?:0?[1-9]|1[0-2])(?!\d{3,4}\b)")
_NUMBER = re.compile(r"\d{5,}")
_WORDS = re.compile(r"[^\W\d_]+(?:[-_+%20]+[^\W_]+){3,}")
_FRAME = re.compile(
    r"(?:^|[\s_-])(?:nav|navi|navigation|menu|gnb|lnb|footer|breadcrumbs?|pagination"
    r"|pager|paging|share|sns|tags?|langs?|languages?|cookie)(?:$|[\s_-])",
    re.IGNORECASE,
)
_SIDE = re.compile(
    r"(?:^|[\s_-])(?:aside|sidebar|related|popular|ranking|rank|trending|most"
    r"|promo|banner|recommend(?:ed)?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ITEM = frozenset({"article", "li", "section", "tr"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One ``<a>`` that may lead to an article."""

    element: HtmlElement
    url: str
    words: str
    path: tuple[str, ...]
    telling: bool
    aside: bool


@dataclass(slots=True, kw_only=True)
class Cluster:
    """Links that look alike; ``items`` are the parts of the page around each one."""

    links: list[Link]
    items: list[HtmlElement] = field(default_factory=list)
    dated: float = 0.0
    score: float = 0.0

    @property
    def urls(self) -> frozenset[str]:
        """The canonical addresses."""
        return frozenset(canonical_url(link.url) for link in self.links)


def find_clusters(root: HtmlElement, url: str) -> list[Cluster]:
    """The clusters that may be a list of news, likeliest first; perhaps none.

    Args:
        root: the page.
        url: where it was read.
    """
    groups: dict[tuple[tuple[str, ...], bool], list[Link]] = defaultdict(list)
    for link in _links(root, url):
        groups[link.path, link.telling].append(link)
    good = [
        cluster
        for links in _merged(groups)
        if (cluster := _judged(_unique(links))) is not None
    ]
    good.sort(key=lambda cluster: -cluster.score)
    kept: list[Cluster] = []
    for cluster in good:
        if not any(_repeats(cluster, better) for better in kept):
            kept.append(cluster)
    return kept


def _links(root: HtmlElement, url: str) -> Iterator[Link]:
    base = next((e.get("href") for e in root.iter("base") if e.get("href")), None)
    base = (resolve_link(url, base) if base else None) or url
    home = canonical_url(url)
    site = domain(urlsplit(url).hostname or "")
    for count, element in enumerate(root.iter("a")):
        if count >= MOST_LINKS:
            return
        link = resolve_link(base, element.get("href") or "")
        if link is None or domain(urlsplit(link).hostname or "") != site:
            continue
        if canonical_url(link) == home:
            continue
        ancestors = list(element.iterancestors())
        if _in_frame(element, ancestors) or _in_running_text(element):
            continue
        yield Link(
            element=element,
            url=link,
            words=_words(element),
            path=tuple(str(each.tag) for each in ancestors),
            telling=telling(link),
            aside=any(_is_aside(each) for each in ancestors),
        )


def telling(url: str) -> bool:
    """Whether an address looks like an article's: a date, a number, many words."""
    parts = urlsplit(url)
    rest = unquote(f"{parts.path}?{parts.query}", errors="replace")
    return any(pattern.search(rest) for pattern in (_DATED, _NUMBER, _WORDS))


def is_cjk(text: str) -> bool:
    """Whether most of the letters are Hangul, Kana or Han: they say more each."""
    return len(_CJK.findall(text)) * 2 > len(re.findall(r"[^\W\d_]", text))


def _words(element: HtmlElement) -> str:
    """The heading inside a link, else all of its words."""
    for inner in element.iter(*_HEADINGS):
        if words := " ".join(inner.text_content().split()):
            return words
    return " ".join(element.text_content().split())


def _in_running_text(element: HtmlElement) -> bool:
    """Whether it is a few words of a paragraph."""
    parent = element.getparent()
    if parent is None or parent.tag != "p":
        return False
    around = " ".join(parent.text_content().split())
    return len(_words(element)) * 2 < len(around)


def _in_frame(element: HtmlElement, ancestors: list[HtmlElement]) -> bool:
    """Whether it stands in a menu or the page's head or foot; an item may have both."""
    for each in (element, *ancestors):
        names = f"{each.get('class') or ''} {each.get('id') or ''}"
        if each.tag == "nav" or each.get("role") == "navigation":
            return True
        if each.tag in {"header", "footer"}:
            if not any(above.tag in _ITEM for above in each.iterancestors()):
                return True
        elif each.tag != "body" and len(names) < 80 and _FRAME.search(names):
            return True
    return False


def _is_aside(element: HtmlElement) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return element.tag == "aside" or (
        element.tag not in {"body", "html"} and _SIDE.search(names) is not None
    )


def _merged(
    groups: dict[tuple[tuple[str, ...], bool], list[Link]],
) -> Iterator[list[Link]]:
    """Groups of one path together if both have long words: some slugs are short."""
    for (path, is_telling), links in groups.items():
        other = groups.get((path, not is_telling), [])
        if not other or not (_is_long(links) and _is_long(other)):
            yield links
        elif is_telling:
            yield links + other


def _unique(links: Iterable[Link]) -> list[Link]:
    """One link for each address, the one that says most."""
    best: dict[str, Link] = {}
    for link in links:
        key = canonical_url(link.url)
        if key not in best or len(link.words) > len(best[key].words):
            best[key] = link
    return list(best.values())


def _is_long(links: list[Link]) -> bool:
    words = [link.words for link in links]
    least = LONG_CJK if is_cjk("".join(words)) else LONG
    return median(map(len, words)) >= least


def _judged(links: list[Link]) -> Cluster | None:
    """The cluster with its items and score, None if it is no list of news."""
    if len(links) < FEWEST or not _is_long(links):
        return None
    cluster = Cluster(links=links, items=_items(links))
    timed = sum(map(_has_time, cluster.items))
    cluster.dated = timed / len(links)
    say_article = sum(link.telling for link in links)
    if max(timed, say_article) * 2 < len(links):
        return None
    words = [link.words for link in links]
    weight = 2.5 if is_cjk("".join(words)) else 1.0
    length = min(median(map(len, words)) * weight, 80)
    cluster.score = len(links) ** 0.5 * length * (1 + cluster.dated)
    cluster.score *= 0.3 if sum(link.aside for link in links) * 2 > len(links) else 1.0
    if any(each.tag == "main" for each in links[0].element.iterancestors()):
        cluster.score *= 1.3
    return cluster


def _items(links: list[Link]) -> list[HtmlElement]:
    """Around each link the largest part of the page that holds no other one."""
    holds: dict[HtmlElement, set[str]] = defaultdict(set)
    for link in links:
        for each in link.element.iterancestors():
            holds[each].add(link.url)
    items = []
    for link in links:
        item = link.element
        for each in link.element.iterancestors():
            if len(holds[each]) > 1 or each.tag in {"body", "html"}:
                break
            item = each
        items.append(item)
    return items


def _has_time(item: HtmlElement) -> bool:
    return time_in(item) is not None


def time_in(item: HtmlElement) -> tuple[HtmlElement, str] | None:
    """The first part of an item that is a date, and how it is written."""
    for each in item.iter("time"):
        raw = each.get("datetime") or each.text_content()
        if parse_date(raw.strip()) is not None:
            return each, raw.strip()
    for each in item.iter():
        if each.tag in {"a", *_HEADINGS} or len(each) > 1:
            continue
        raw = " ".join(each.text_content().split())
        if 6 <= len(raw) <= 40 and parse_date(raw) is not None:
            return each, raw
    return None


def _repeats(cluster: Cluster, better: Cluster) -> bool:
    return len(cluster.urls & better.urls) * 2 > len(cluster.urls)
