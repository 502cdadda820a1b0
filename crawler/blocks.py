"""The pieces of text of a page: paragraphs, subheads, list items, where they stand.

What never holds an article (menus, asides, forms, figures and their captions, posts
of other people's networks) is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_BLOCK_NAMES = """
address article blockquote body center dd details dialog div dl dt fieldset
h1 h2 h3 h4 h5 h6 header hr li main ol p pre section summary ul
"""
_SKIPPED_NAMES = """
script style noscript template nav footer aside form figure figcaption button
select svg iframe textarea table head video audio picture
"""
BLOCKS = frozenset(_BLOCK_NAMES.split())
SKIPPED = frozenset(_SKIPPED_NAMES.split())
HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})

_EMBEDDED = re.compile("tweet|twitter|instagram|tiktok|bluesky|embed")
_DIGITS = re.compile(r"\d+")
CLASSES = 4
"""So many class names tell one kind of container from another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One piece of text.

    ``key`` is its letters, by which two readings of it are compared; ``kind`` is the
    same for pieces that the page's template makes alike; ``links`` is the share of
    the letters that are links.
    """

    element: HtmlElement
    tag: str
    text: str
    key: str
    kind: tuple[str, str]
    links: float


def letters(text: str) -> str:
    """What two readings of one text have in common."""
    return re.sub(r"\W+", "", text.casefold())


def read_blocks(root: HtmlElement) -> list[Block]:
    """The pieces in the order of the page."""
    body = root.find("body")
    reader = _Reader(holders=_holders(root))
    reader.read(body if body is not None else root, in_link=False)
    return reader.blocks


def _holders(root: HtmlElement) -> set[HtmlElement]:
    """Every element that has a block somewhere inside."""
    holders: set[HtmlElement] = set()
    for element in root.iter(*BLOCKS):
        for around in element.iterancestors():
            if around in holders:
                break
            holders.add(around)
    return holders


@dataclass(slots=True, kw_only=True)
class _Reader:
    """One walk through the page; ``parts`` is the piece that is being read."""

    holders: set[HtmlElement]
    blocks: list[Block] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)

    def read(self, element: HtmlElement, *, in_link: bool) -> None:
        """Pages are at most 250 deep (``crawler.markup``), so is this."""
        whole = element.tag in BLOCKS or element in self.holders
        in_link = in_link or element.tag == "a"
        if element.tag == "br":
            self.parts.append("\n")
        self._add(element.text, in_link=in_link)
        for child in element:
            if not _skipped(child):
                apart = child.tag in BLOCKS or child in self.holders
                if apart:
                    self._close(element)
                self.read(child, in_link=in_link)
            self._add(child.tail, in_link=in_link)
        if whole:
            self._close(element)

    def _add(self, text: str | None, *, in_link: bool) -> None:
        if text:
            self.parts.append(re.sub(r"\s+", " ", text))
            if in_link:
                self.linked.append(text)

    def _close(self, element: HtmlElement) -> None:
        lines = (" ".join(line.split()) for line in "".join(self.parts).split("\n"))
        text = "\n".join(line for line in lines if line)
        linked = letters("".join(self.linked))
        self.parts.clear()
        self.linked.clear()
        key = letters(text)
        if key:
            self.blocks.append(
                Block(
                    element=element,
                    tag=str(element.tag),
                    text=text,
                    key=key,
                    kind=_kind(element),
                    links=len(linked) / len(key),
                )
            )


def _skipped(element: HtmlElement) -> bool:
    return element.tag in SKIPPED or (
        element.tag == "blockquote"
        and _EMBEDDED.search(element.get("class") or "") is not None
    )


def _kind(element: HtmlElement) -> tuple[str, str]:
    around = element.getparent()
    own = _named(element) if element.tag == "div" else str(element.tag)
    return own, "" if around is None else _named(around)


def _named(element: HtmlElement) -> str:
    """Tag and classes without numbers, which count the containers of one kind."""
    classes = " ".join(sorted((element.get("class") or "").split())[:CLASSES])
    return f"{element.tag}.{_DIGITS.sub('', classes)}"
