"""Which earlier items share words with a batch: the same choice for store and replay.

Both ask the same kind of index and must hand the same neighbours to evaluate, or a
replay would not decide as the daemon does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alerts.model import Sketch
    from vedette.wordindex import WordIndex

POSTING_LIFE = timedelta(days=7)
"""How long equal words mean the same story (DESIGN section 6)."""

MOST_POSTINGS = 24
"""Items looked at per shingle, the newest: "at the end of" stands in every tenth
article."""

MOST_READ = 480
"""Postings counted per item, those of its rarest shingles: a copy is found by them.
Both bounds make an item cost the same in a large store."""

Holders = dict[int, "Sequence[int]"]
"""Numbers of items by shingle, as ``WordIndex.held`` gives them."""

LEAST_SHARED = 3
LEAST_SHARE = 0.15
"""An item is handed over only if it has that share of the shorter text's shingles: far
under any containment that counts (.35), as boilerplate and different limits may hide
half of it. Measured on the development half: at 0, .15 and .25 the same copies are
found; .15 hands over half as many items as 0, and a tenth on made-up news."""

MOST_NEAR = 20
"""Earlier items handed over per item: those with most shingles in common."""


@dataclass(frozen=True, slots=True)
class Nearby:
    """What was found for a batch.

    ``shared`` maps an item's number to the shingles it has in common with any of the
    batch, ``habits`` a (host, shingle) to its number of articles, counted to
    ``MOST_POSTINGS``.
    """

    shared: dict[int, set[int]] = field(default_factory=dict)
    habits: dict[tuple[int, int], int] = field(default_factory=dict)

    def look(self, sketch: Sketch, index: WordIndex) -> None:
        """Take in what the index holds of one sketch's shingles."""
        found = index.held(sketch.hashes)
        if sketch.host:
            site = index.of_host(sketch.host)
            for shingle, holders in found.items():
                if same := len(site.intersection(holders)):
                    self.habits[sketch.host, shingle] = same
        read = _rarest(found)
        counts = Counter(chain.from_iterable(read.values()))
        likely = LEAST_SHARE * len(read) / max(1, len(found))
        close = [
            (-n, one)
            for one, n in counts.items()
            if n >= LEAST_SHARED
            and n >= likely * min(len(sketch.hashes), index.size(one))
        ]
        near = {one for _, one in sorted(close)[:MOST_NEAR]}
        if not near:
            return
        for shingle, holders in read.items():
            for one in near.intersection(holders):
                self.shared.setdefault(one, set()).add(shingle)

    def postings(self, ids: Mapping[int, str]) -> dict[int, tuple[str, ...]]:
        """Per shingle the ids of the items that hold it, oldest first."""
        held: dict[int, list[str]] = {}
        for number in sorted(self.shared):
            if number in ids:
                for shingle in self.shared[number]:
                    held.setdefault(shingle, []).append(ids[number])
        return {shingle: tuple(items) for shingle, items in held.items()}


def _rarest(found: Holders) -> Holders:
    """The shingles with the fewest holders, ``MOST_READ`` postings in all."""
    if sum(map(len, found.values())) <= MOST_READ:
        return found
    left = MOST_READ
    read: Holders = {}
    for shingle, holders in sorted(found.items(), key=lambda one: (len(one[1]), one)):
        left -= len(holders)
        if left < 0:
            break
        read[shingle] = holders
    return read
