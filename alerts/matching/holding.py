"""Whether a query holds in a reading, and through which mentions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.matching.nearness import apart, near_chain, together
from alerts.matching.tree import (
    About,
    AllOf,
    AnyOf,
    AtLeast,
    Leaf,
    Loose,
    Near,
    Pattern,
    Weighted,
    Within,
    Without,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from alerts.matching.automaton import Hit
    from alerts.matching.reading import Reading
    from alerts.matching.tree import Node
    from alerts.model import Document

    Search = Callable[[str, Reading], list[Hit]]

EVERYWHERE = (0, 1 << 60)


class Holding:
    """Evaluates trees over one reading; ``search`` runs a user's pattern."""

    def __init__(self, reading: Reading, search: Search) -> None:
        self._reading = reading
        self._search = search

    def mentions(
        self, node: Node, window: tuple[int, int] = EVERYWHERE
    ) -> list[Hit] | None:
        """The mentions that make the node hold, None if it does not hold.

        The list is empty for what holds without a mention: NOT, ``lang:``, ``url:``.
        """
        match node:
            case AllOf(nodes):
                return self._all(nodes, window)
            case AnyOf(nodes):
                return self._any(nodes, window)
            case Without(child):
                return [] if self.mentions(child, window) is None else None
            case Within(field, child):
                return self.mentions(child, self._window(field, window))
            case Weighted(_, child):
                return self.mentions(child, window)
            case About(fact, value):
                return [] if is_about(self._reading.document, fact, value) else None
            case _:
                return self._places(node, window) or None

    def _all(
        self, nodes: tuple[Node, ...], window: tuple[int, int]
    ) -> list[Hit] | None:
        found: list[Hit] = []
        for node in nodes:
            hits = self.mentions(node, window)
            if hits is None:
                return None
            found.extend(hits)
        return found

    def _any(
        self, nodes: tuple[Node, ...], window: tuple[int, int]
    ) -> list[Hit] | None:
        held = [self.mentions(node, window) for node in nodes]
        if all(hits is None for hits in held):
            return None
        return [hit for hits in held if hits for hit in hits]

    def _places(
        self, node: Leaf | Pattern | Near | AtLeast | Loose, window: tuple[int, int]
    ) -> list[Hit]:
        """Mentions of what cannot hold without one."""
        reading = self._reading
        match node:
            case Leaf(atom):
                return _clip(reading.hits.get(atom, ()), window)
            case Pattern(source):
                return _clip(self._search(source, reading), window)
            case Near(nodes, gaps):
                operands = [self._operand(child, window) for child in nodes]
                return near_chain(reading, operands, gaps) if all(operands) else []
            case AtLeast(count, child):
                hits = apart(self._operand(child, window))
                return hits if len(hits) >= count else []
            case Loose(slop, words):
                placed = [
                    _clip(reading.hits.get(word.atom, ()), window) for word in words
                ]
                return together(reading, placed, slop) if all(placed) else []

    def _operand(self, node: Node, window: tuple[int, int]) -> list[Hit]:
        """Every mention an operand of NEAR or ATLEAST can offer, datelines left out."""
        hits = self.mentions(node, window) or []
        return [hit for hit in hits if not self._reading.in_dateline(hit.start)]

    def _window(self, field: str, window: tuple[int, int]) -> tuple[int, int]:
        reading = self._reading
        if field == "title":
            low, high = 0, reading.title_end
        elif field == "lead":
            low, high = reading.dateline, reading.lead_end
        else:
            low, high = reading.body_start, EVERYWHERE[1]
        return max(low, window[0]), min(high, window[1])


def _clip(hits: Sequence[Hit], window: tuple[int, int]) -> list[Hit]:
    low, high = window
    return [hit for hit in hits if low <= hit.start < high]


def is_about(document: Document, fact: str, value: str) -> bool:
    """Whether ``source:``, ``lang:`` or ``url:`` holds; case does not count."""
    wanted = value.casefold()
    if fact == "lang":
        return same_language(document.language, wanted)
    if fact == "url":
        return wanted.rstrip("*") in (document.url or "").casefold()
    names = {name.casefold() for name in (document.source, *document.source_names)}
    names.update(tag.casefold() for tag in document.tags)
    if wanted.endswith("*"):
        return any(name.startswith(wanted[:-1]) for name in names)
    return wanted in names


def same_language(known: str | None, wanted: str) -> bool:
    """Whether two language tags agree; ``zh`` takes in ``zh-TW``, not the reverse."""
    if not known:
        return False
    tag, wanted = (
        known.casefold().replace("_", "-"),
        wanted.casefold().replace("_", "-"),
    )
    return tag == wanted or tag.startswith(wanted + "-")
