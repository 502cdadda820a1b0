"""Which earlier items share words with a batch: the same choice for store and replay.

Each holds its postings (shingle to items) in its own way; both must hand the same
neighbours to evaluate, or a replay would not decide as the daemon does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from alerts.model import Sketch

POSTING_LIFE = timedelta(days=7)
"""How long equal words mean the same story (DESIGN section 6)."""

MOST_POSTINGS = 24
"""Items looked at per shingle, the newest. "at the end of" stands in every tenth
article; the bound makes the cost of an item the same in a large store, and a copy is
found by its rarer words."""

LEAST_SHARED = 3
MOST_NEAR = 20
"""Earlier items handed over per item: those with most shingles in common."""

Posting = tuple[int, int]
"""(number of the item, its host); numbers grow with time."""


@dataclass(frozen=True, slots=True)
class Nearby:
    """What was found for a batch.

    ``shared`` maps an item's number to the shingles it has in common with any of the
    batch, ``habits`` a (host, shingle) to its number of articles, counted to
    ``MOST_POSTINGS``.
    """

    shared: dict[int, set[int]] = field(default_factory=dict)
    habits: dict[tuple[int, int], int] = field(default_factory=dict)

    def look(self, sketch: Sketch, found: Mapping[int, Sequence[Posting]]) -> None:
        """Take in the postings of one sketch's shingles, newest first each."""
        counts: Counter[int] = Counter()
        for shingle, postings in found.items():
            counts.update([number for number, _ in postings])
            same = [host for _, host in postings].count(sketch.host)
            if same and sketch.host:
                self.habits[sketch.host, shingle] = same
        near = {number for number, _ in _most(counts)}
        if not near:
            return
        for shingle, postings in found.items():
            for number, _ in postings:
                if number in near:
                    self.shared.setdefault(number, set()).add(shingle)

    def postings(self, ids: Mapping[int, str]) -> dict[int, tuple[str, ...]]:
        """Per shingle the ids of the items that hold it, oldest first."""
        held: dict[int, list[str]] = {}
        for number in sorted(self.shared):
            if number in ids:
                for shingle in self.shared[number]:
                    held.setdefault(shingle, []).append(ids[number])
        return {shingle: tuple(items) for shingle, items in held.items()}


def _most(counts: Counter[int]) -> Iterable[Posting]:
    near = [(number, n) for number, n in counts.items() if n >= LEAST_SHARED]
    return sorted(near, key=lambda one: (-one[1], one[0]))[:MOST_NEAR]
