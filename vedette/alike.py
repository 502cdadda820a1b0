"""Which earlier items may report the same event: the same choice for store and replay.

Items are looked up by the keys of their gists (``alerts.stories.gists``), in two
indexes: of every item for seven days, of items of stories that matched for thirty, as
long as their stories take new items (DESIGN section 6).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from vedette.wordindex import WordIndex

if TYPE_CHECKING:
    from collections.abc import Iterable

RECENT = timedelta(days=7)
WATCHED = timedelta(days=30)

MOST_HELD = 24
"""Items looked at per key, the newest."""

MOST_ALIKE = 40
"""Earlier items handed over per item: those with the rarest keys in common."""


class AlikeIndex:
    """The keys of earlier items; numbers must come in ascending order."""

    def __init__(self) -> None:
        self._recent = WordIndex(MOST_HELD)
        self._watched = WordIndex(MOST_HELD)

    def add(self, number: int, keys: Iterable[int], *, watched: bool) -> None:
        """Take in an item; ``watched`` if its story had matched a topic by then."""
        keys = tuple(keys)
        self._recent.add(number, 0, keys)
        if watched:
            self._watched.add(number, 0, keys)

    def forget(self, *, recent: int, watched: int) -> None:
        """Let go of the items with numbers under these."""
        self._recent.forget(recent)
        self._watched.forget(watched)

    def near(self, keys: frozenset[int]) -> frozenset[int]:
        """The numbers of the items that share most, a rare key counting for more."""
        shared: defaultdict[int, float] = defaultdict(float)
        for index in (self._recent, self._watched):
            seen: defaultdict[int, float] = defaultdict(float)
            for holders in index.held(keys).values():
                worth = 1 / len(holders)
                for handle in holders:
                    seen[handle] += worth
            for handle, worth in seen.items():
                number = index.number(handle)
                shared[number] = max(shared[number], worth)
        ranked = sorted(shared.items(), key=lambda one: (-one[1], -one[0]))
        return frozenset(number for number, _ in ranked[:MOST_ALIKE])
