"""The article's paragraphs by the structure of the page.

An extractor that knows no page loses paragraphs behind an advertisement and keeps
boxes between them. Publishers' templates put all paragraphs of an article into
containers of one kind: what the extractor found tells which kind, and the kind tells
which pieces of the page are the article's.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from crawler.blocks import HEADINGS, Block, letters, read_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.html import HtmlElement

SURE = 20
"""So many letters found anywhere in the extractor's text are the same piece."""

SHARE = 0.3
"""A kind that holds this share of what the main kind holds is the article's too."""

LINKED = 0.6
"""A piece of which more is links points elsewhere, unless the extractor took it."""

LEAD = 60
"""Letters of the shortest text before the first paragraph that can be its lead, and
of the beginning by which a lead is known from the page's description."""

LEADS = 3
"""Most pieces before the first paragraph that are its lead."""

REPEATED = 40
"""A piece this long is printed once, for screens of one size."""

LEAST = 0.6
"""Less than this of the extractor's text means that the page is of another make."""


def by_structure(
    root: HtmlElement, found: str, *, title: str, description: str
) -> str | None:
    """The article again, whole paragraphs and subheads, one a line; None = no luck.

    Args:
        root: the page.
        found: what the extractor took for the article.
        title: the article's, which is not repeated in the text.
        description: the page's own; the lead is known by it.
    """
    blocks = [one for one in read_blocks(root) if one.key != letters(title)]
    taken = _taken(blocks, found)
    kinds = _kinds(blocks, taken)
    if not kinds:
        return None
    inside = _around(blocks, taken, kinds[0])
    mains = [
        place
        for place, block in enumerate(blocks)
        if (place in taken and block.kind in kinds)
        or (block.kind == kinds[0] and block.element in inside)
    ]
    kept = [
        place
        for place in range(mains[0], mains[-1] + 1)
        if _belongs(blocks[place], kinds, inside, taken=place in taken)
    ]
    while kept and blocks[kept[-1]].tag in HEADINGS:
        kept.pop()
    lead = _lead(blocks, taken, kept, description)
    text = "\n".join(_once(blocks[place] for place in [*lead, *kept]))
    return text if len(text) >= LEAST * len(found) else None


def _taken(blocks: list[Block], found: str) -> set[int]:
    """Places of the blocks that the extractor took."""
    lines = {letters(line) for line in found.split("\n")}
    whole = letters(found)
    return {
        place
        for place, block in enumerate(blocks)
        if block.key in lines or (len(block.key) >= SURE and block.key in whole)
    }


def _kinds(blocks: list[Block], taken: set[int]) -> list[tuple[str, str]]:
    """The kinds of container the article stands in, the main one first."""
    held: Counter[tuple[str, str]] = Counter()
    for place in taken:
        block = blocks[place]
        if block.tag not in HEADINGS | {"h1", "li"} and block.links <= LINKED:
            held[block.kind] += len(block.key)
    ranked = held.most_common()
    return [kind for kind, size in ranked if size >= SHARE * ranked[0][1]]


def _around(
    blocks: list[Block], taken: set[int], main: tuple[str, str]
) -> set[HtmlElement]:
    """What stands in the largest element around the article and no other's heading."""
    mains = [
        blocks[place].element for place in sorted(taken) if blocks[place].kind == main
    ]
    common = list(mains[0].iterancestors())
    for element in mains[1:]:
        others = set(element.iterancestors())
        common = [one for one in common if one in others]
    best = common[0]
    for around in common[1:]:
        if (
            around.tag in {"body", "html"}
            or len(around.xpath("(.//h1)[position()<3]")) > 1
        ):
            break
        best = around
    return set(best.iter())


def _belongs(
    block: Block,
    kinds: list[tuple[str, str]],
    inside: set[HtmlElement],
    *,
    taken: bool,
) -> bool:
    if block.tag == "h1":
        return False
    if block.tag in HEADINGS:
        return taken or block.kind[1] == kinds[0][1]
    if block.tag == "li":
        return taken and block.links <= LINKED
    if block.kind not in kinds:
        return False
    return taken or (block.links <= LINKED and block.element in inside)


def _lead(
    blocks: list[Block], taken: set[int], kept: list[int], description: str
) -> list[int]:
    """Places before the first paragraph that hold what leads into it."""
    first = kept[0] if kept else 0
    told = letters(description)
    lead = []
    for place, block in enumerate(blocks[:first]):
        key = block.key[:LEAD]
        long = len(block.key) >= LEAD and block.links <= LINKED and block.tag != "h1"
        if (place in taken and long) or (
            len(key) >= SURE and (key in told or (told and told[:LEAD] in block.key))
        ):
            lead.append(place)
    return lead[-LEADS:]


def _once(blocks: Iterable[Block]) -> Iterator[str]:
    """Text of the blocks; long ones that come again are another screen's."""
    seen: set[str] = set()
    for block in blocks:
        if block.key not in seen or len(block.key) < REPEATED:
            yield f"- {block.text}" if block.tag == "li" else block.text
        seen.add(block.key)
