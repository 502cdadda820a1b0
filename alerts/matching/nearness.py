"""Which mentions stand near each other."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.matching.automaton import Hit
    from alerts.matching.reading import Reading


def near_chain(
    reading: Reading,
    operands: Sequence[Sequence[Hit]],
    gaps: Sequence[tuple[int, bool]],
) -> list[Hit]:
    """The mentions of a NEAR chain that hold it; empty if it does not.

    Each neighbouring pair shares the mention in the middle. Forward and backward
    pass keep only mentions that belong to a whole chain; n log n in the mentions.
    """
    kept = [list(operands[0])]
    for hits, (words, ordered) in zip(operands[1:], gaps, strict=True):
        others = _Places(reading, kept[-1])
        kept.append([hit for hit in hits if others.before(hit, words, ordered=ordered)])
        if not kept[-1]:
            return []
    for index in range(len(kept) - 2, -1, -1):
        words, ordered = gaps[index]
        others = _Places(reading, kept[index + 1])
        kept[index] = [
            hit for hit in kept[index] if others.after(hit, words, ordered=ordered)
        ]
    return [hit for hits in kept for hit in hits]


class _Places:
    """Mentions sorted both ways, asked for the nearest one without overlap."""

    def __init__(self, reading: Reading, hits: Sequence[Hit]) -> None:
        self._reading = reading
        self._starts = sorted(hit.start for hit in hits)
        self._ends = sorted(hit.end for hit in hits)
        self._same: dict[tuple[int, int], set[str]] = {}
        for hit in hits:
            self._same.setdefault((hit.start, hit.end), set()).add(hit.atom)

    def before(self, hit: Hit, words: int, *, ordered: bool) -> bool:
        """Whether one stands at most ``words`` before the hit; after if unordered."""
        if self._left(hit, words) or self._shared(hit):
            return True
        return not ordered and self._right(hit, words)

    def after(self, hit: Hit, words: int, *, ordered: bool) -> bool:
        """Whether one stands at most ``words`` after the hit; before if unordered."""
        if self._right(hit, words) or self._shared(hit):
            return True
        return not ordered and self._left(hit, words)

    def _shared(self, hit: Hit) -> bool:
        """One spelling that names both, as 북러 names two countries."""
        return bool(self._same.get((hit.start, hit.end), set()) - {hit.atom})

    def _left(self, hit: Hit, words: int) -> bool:
        index = bisect_right(self._ends, hit.start) - 1
        return index >= 0 and self._within(self._ends[index], hit.start, words)

    def _right(self, hit: Hit, words: int) -> bool:
        index = bisect_left(self._starts, hit.end)
        return index < len(self._starts) and self._within(
            hit.end, self._starts[index], words
        )

    def _within(self, end: int, start: int, words: int) -> bool:
        if end <= self._reading.title_end <= start:
            return False
        return self._reading.words_between(end, start) <= words


def apart(hits: Sequence[Hit]) -> list[Hit]:
    """As many mentions as fit without overlap, greedily by their end."""
    chosen: list[Hit] = []
    end = -1
    for hit in sorted(hits, key=lambda hit: (hit.end, hit.start)):
        if hit.start >= end:
            chosen.append(hit)
            end = hit.end
    return chosen


def together(reading: Reading, words: Sequence[Sequence[Hit]], slop: int) -> list[Hit]:
    """The mentions of every window of all words and at most ``slop`` others."""
    placed = sorted(
        (hit.start, hit.end, index, hit)
        for index, hits in enumerate(words)
        for hit in hits
    )
    latest: dict[int, Hit] = {}
    found: dict[Hit, None] = {}
    for _, end, index, hit in placed:
        latest[index] = hit
        if len(latest) < len(words):
            continue
        start = min(mention.start for mention in latest.values())
        if start < reading.title_end <= hit.start:
            continue
        own = sum(reading.words_in(hit.start, hit.end) for hit in latest.values())
        if reading.words_in(start, end) - own <= slop:
            found.update(dict.fromkeys(latest.values()))
    return list(found)
