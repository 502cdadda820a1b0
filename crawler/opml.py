"""OPML, the lists of feeds that feed readers exchange (opml.org/spec2.opml)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from crawler.errors import ParseError
from crawler.reasons import FetchReason
from crawler.text import clean_line
from crawler.urls import resolve_link
from crawler.xmltree import xml_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.etree import _Element

    from crawler.items import Source

MOST = 10_000
_TAG = 80
_TITLE = 200
_LONGEST = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One feed of an OPML file; ``folders`` from the outermost in, and categories.

    ``url`` is None when what stands there is no address that can be read.
    """

    url: str | None
    raw_url: str
    title: str
    folders: tuple[str, ...] = ()
    language: str | None = None


def parse_opml(body: bytes) -> tuple[Subscription, ...]:
    """The feeds of a file in its order, nested outlines included, at most 10,000.

    Raises:
        ParseError: PARSE_FAILED, with what was found instead.
    """
    root = xml_tree(body, FetchReason.PARSE_FAILED)
    if root is None or str(root.tag).lower() != "opml":
        name = "nothing" if root is None else f"<{root.tag}>"
        raise ParseError(FetchReason.PARSE_FAILED, f"the root is {name}, not <opml>")
    found = []
    for outline in root.iter("outline"):
        held = _attributes(outline)
        if "xmlurl" in held:
            found.append(_subscription(outline, held))
        if len(found) >= MOST:
            break
    return tuple(found)


def _subscription(outline: _Element, held: dict[str, str]) -> Subscription:
    raw = held["xmlurl"]
    above = list(outline.iterancestors("outline"))[::-1]
    folders = [_title(_attributes(each)) for each in above]
    categories = [
        part for path in held.get("category", "").split(",") for part in path.split("/")
    ]
    tags = (clean_line(each, limit=_TAG) for each in (*folders, *categories))
    return Subscription(
        url=resolve_link(None, raw),
        raw_url=clean_line(raw, limit=_TITLE),
        title=_title(held),
        folders=tuple(dict.fromkeys(tag for tag in tags if tag)),
        language=held.get("language") or None,
    )


def _attributes(outline: _Element) -> dict[str, str]:
    """By lower-case name: half of the files in the world write ``xmlurl``."""
    return {str(key).lower(): str(value) for key, value in outline.items()}


def _title(held: dict[str, str]) -> str:
    return clean_line(held.get("title") or held.get("text") or "", limit=_TITLE)


def write_opml(sources: Iterable[Source], *, title: str) -> str:
    """An OPML 2.0 document; each source in the folder of its first tag.

    Further tags are its categories. Sources that are no feeds have no place in it:
    give feeds only.
    """
    folders: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        folders[source.tags[0] if source.tags else ""].append(source)
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<opml version="2.0">',
            f"<head><title>{_escaped(title)}</title></head>",
            "<body>",
            *_outlines(folders),
            "</body>",
            "</opml>",
            "",
        ]
    )


def _outlines(folders: dict[str, list[Source]]) -> Iterator[str]:
    for folder, held in folders.items():
        if folder:
            yield f"<outline text={_quoted(folder)}>"
        for source in held:
            named = {
                "type": "rss",
                "text": source.name,
                "xmlUrl": source.url,
                "language": source.language or "",
                "category": ",".join(f"/{tag}" for tag in source.tags[1:]),
            }
            pairs = (f"{k}={_quoted(v)}" for k, v in named.items() if v)
            yield f"<outline {' '.join(pairs)}/>"
        if folder:
            yield "</outline>"


def _quoted(text: str) -> str:
    """An attribute's value without what XML 1.0 forbids."""
    return quoteattr(clean_line(text, limit=_LONGEST))


def _escaped(text: str) -> str:
    from xml.sax.saxutils import escape

    return escape(clean_line(text, limit=_TITLE))
