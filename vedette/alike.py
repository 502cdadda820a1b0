"""Which earlier items may report the same event: the same choice for store and replay.

Items are looked up by the keys of their gists (``alerts.stories.gists``), in two
indexes: of every item for seven days, of items of stories that matched for thirty, as
long as their stories take new items (DESIGN section 6).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from heapq import nlargest
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

    def __init__(
        self, recent: WordIndex | None = None, watched: WordIndex | None = None
    ) -> None:
        self._recent = recent or WordIndex(MOST_HELD)
        self._watched = watched or WordIndex(MOST_HELD)

    @property
    def newest(self) -> int:
        """The number of the newest item; 0 without one."""
        return self._recent.newest

    @property
    def folds(self) -> int:
        """Changes of what ``parts`` would write down."""
        return self._recent.folds

    @property
    def parts(self) -> dict[str, WordIndex]:
        """Both indexes by name."""
        return {"recent": self._recent, "watched": self._watched}

    def add(self, number: int, keys: Iterable[int], *, watched: bool) -> None:
        """Take in an item; ``watched`` if its story had matched a topic by then."""
        keys = tuple(keys)
        folds = self._recent.folds
        self._recent.add(number, 0, keys)
        if watched and number > self._watched.newest:
            self._watched.add(number, 0, keys)
        if self._recent.folds > folds:
            self._watched.fold()  # both are written down up to the same item

    def forget(self, *, recent: int, watched: int) -> None:
        """Let go of the items with numbers under these."""
        self._recent.forget(recent)
        self._watched.forget(watched)

    def near(self, keys: frozenset[int]) -> frozenset[int]:
        """The numbers of the items that share most, a rare key counting for more."""
        shared: dict[int, float] = {}
        for index in (self._recent, self._watched):
            seen: defaultdict[int, float] = defaultdict(float)
            for holders in index.held(keys).values():
                worth = 1 / len(holders)
                for number in holders:
                    seen[number] += worth
            for number, worth in seen.items():
                if worth > shared.get(number, 0.0):
                    shared[number] = worth
        ranked = nlargest(MOST_ALIKE, zip(shared.values(), shared, strict=True))
        return frozenset(number for _, number in ranked)
