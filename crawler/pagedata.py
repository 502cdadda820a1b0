"""What a page says about itself: JSON-LD, meta tags, links, times.

Of 172 pages of the fundus collection 170 name a canonical link and a language, 161
carry JSON-LD, 172 an og:title (CRAWLING).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.bylines import find_authors

if TYPE_CHECKING:
    from lxml.html import HtmlElement

SCRIPT_LIMIT = 2 * 1024 * 1024
NODES = 5_000
"""Most JSON-LD nodes looked at; a page of a news site has some dozens."""

ARTICLE_TYPES = frozenset(
    {
        "article",
        "newsarticle",
        "reportagenewsarticle",
        "analysisnewsarticle",
        "opinionnewsarticle",
        "backgroundnewsarticle",
        "reviewnewsarticle",
        "askpublicnewsarticle",
        "liveblogposting",
        "blogposting",
        "socialmediaposting",
        "techarticle",
        "report",
        "webpage",
    }
)

OTHERS = frozenset(
    {"liveBlogUpdate", "comment", "hasPart", "isPartOf", "mentions", "relatedLink"}
)
"""What hangs on an article and is none, or another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageData:
    """The page's own statements, raw; ``published`` is in order of trust."""

    headline: str
    og_title: str
    site_name: str
    description: str
    canonical: str
    og_url: str
    article_body: str
    published: tuple[str, ...]
    authors: tuple[str, ...]
    language: str | None


def read_page_data(root: HtmlElement) -> PageData:
    """Collect the statements; absent ones are empty."""
    metas = _metas(root)
    nodes = list(_nodes(root))
    node = _article_node(nodes)
    published = (
        _word(node.get("datePublished")),
        metas.get("article:published_time", ""),
        metas.get("og:article:published_time", ""),
        metas.get("datepublished", ""),
        metas.get("parsely-pub-date", ""),
        *_times(root),
        _word(node.get("dateCreated")),
        metas.get("date", ""),
    )
    named = {str(one["@id"]): one["name"] for one in nodes if _is_named(one)}
    authors = find_authors(root, node.get("author"), named=named, metas=metas)
    return PageData(
        headline=_word(node.get("headline")),
        og_title=metas.get("og:title", "") or metas.get("twitter:title", ""),
        site_name=metas.get("og:site_name", ""),
        description=metas.get("og:description", "") or metas.get("description", ""),
        canonical=_first(root, "//link[contains(@rel,'canonical')]/@href"),
        og_url=metas.get("og:url", ""),
        article_body=_word(node.get("articleBody")),
        published=tuple(raw for raw in published if raw),
        authors=authors,
        language=_code(
            _first(root, "/html/@lang")
            or _first(root, "/html/@*[local-name()='lang']")
            or metas.get("og:locale", "")
        ),
    )


def _metas(root: HtmlElement) -> dict[str, str]:
    """Name or property in lower case to content; the first of each counts."""
    metas: dict[str, str] = {}
    for meta in root.iter("meta"):
        content = (meta.get("content") or "").strip()
        for key in ("property", "name", "itemprop"):
            name = (meta.get(key) or "").strip().lower()
            if name and content:
                metas.setdefault(name, content)
    return metas


def _times(root: HtmlElement) -> list[str]:
    """The `<time datetime>` of the page, the declared publication first."""
    marked = root.xpath(
        "//*[@itemprop='datePublished']/@content"
        " | //time[@itemprop='datePublished' or @pubdate]/@datetime"
    )
    plain = root.xpath("(//time/@datetime)[position() <= 3]")
    return [str(raw).strip() for raw in (*marked[:3], *plain)]


def _article_node(nodes: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The JSON-LD node of the article: the typed one with most of what we seek."""
    best: Mapping[str, Any] = {}
    best_score = 0
    for node in nodes:
        kinds = _words(node.get("@type"))
        if not kinds & ARTICLE_TYPES:
            continue
        score = sum(
            weight
            for key, weight in (
                ("datePublished", 4),
                ("headline", 4),
                ("articleBody", 2),
                ("author", 1),
            )
            if node.get(key)
        ) + (8 if kinds - {"webpage"} else 0)
        if score > best_score:
            best, best_score = node, score
    return best


def _nodes(root: HtmlElement) -> Iterator[Mapping[str, Any]]:
    """Every object of every JSON-LD script, breadth first, bounded."""
    queue: list[Any] = []
    for script in root.xpath("//script[contains(@type,'ld+json')]"):
        text = (script.text or "").strip()[:SCRIPT_LIMIT]
        try:
            # Publishers leave raw line breaks in their strings: strict=False.
            queue.append(json.loads(text, strict=False))
        except (ValueError, RecursionError):
            continue
    for count in range(NODES):
        if count >= len(queue):
            return
        value = queue[count]
        if isinstance(value, Mapping):
            yield value
            queue.extend(
                part
                for key, part in value.items()
                if key not in OTHERS and isinstance(part, Mapping | list)
            )
        elif isinstance(value, list):
            queue.extend(value[:NODES])


def _is_named(node: Mapping[str, Any]) -> bool:
    return "@id" in node and "name" in node


def _word(value: object) -> str:
    if isinstance(value, list):
        value = next((one for one in value if isinstance(one, str)), "")
    return value.strip() if isinstance(value, str) else ""


def _words(value: object) -> set[str]:
    values = value if isinstance(value, list) else [value]
    return {one.rpartition("/")[2].lower() for one in values if isinstance(one, str)}


def _first(root: HtmlElement, path: str) -> str:
    for value in root.xpath(path):
        text = str(value).strip()
        if text:
            return text
    return ""


def _code(tag: str) -> str | None:
    code = tag.strip().lower().replace("_", "-").split("-")[0]
    return code if code.isalpha() and 2 <= len(code) <= 3 else None
