"""Which of the last days' items hold a shingle: postings in memory, newest first.

    slots   hash table of the shingles: where the newest posting of each one lies
    hashes, before, owner   one row per posting in order of arrival: its shingle,
                            the older posting of the same shingle, its item

The sketches are the record; this is derived from them and read anew after a start.
A table of postings on disk was measured first: its keys are random, so every shingle
of an item dirtied a page of its own (280 kB of log an item), and the cost per item
grew with the table. Here an item costs the same beside a hundred thousand others.
Plain arrays, 24 to 32 bytes a posting: a dict of lists takes ten times that.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST_SLOTS = 1 << 12
MOST_POSITIONS = (1 << 32) - (1 << 24)
"""Positions are unsigned 32 bits; before they run out all is numbered anew."""

TRIM = 8
"""Dead postings are cut off when they are one in so many: moving the rest costs."""


class WordIndex:
    """Postings of items that come and go in one order; not safe between threads.

    ``number`` names an item and grows from one to the next.
    """

    def __init__(self) -> None:
        self._slots = array("I", [0]) * LEAST_SLOTS
        self._used = 0
        self._hashes = array("q")
        self._before = array("I")
        self._owner = array("I")
        self._first = 1  # position of the arrays' first row; 0 in a slot: empty
        self._alive = 1  # position of the first posting that is not forgotten
        self._numbers = array("q")  # per item, as are the next two
        self._hosts = array("q")
        self._starts = array("q")
        self._cut = 0  # items cut off: what an owner counts from

    @property
    def newest(self) -> int:
        """The number of the item added last; 0 if none is held."""
        return self._numbers[-1] if self._numbers else 0

    def add(self, number: int, host: int, hashes: Iterable[int]) -> None:
        """Take in an item; every hash once."""
        kept = hashes if isinstance(hashes, array) else array("q", hashes)
        position = self._first + len(self._hashes)
        if position + len(kept) >= MOST_POSITIONS:
            self._rebuild()
            position = self._first + len(self._hashes)
        self._starts.append(position)
        self._owner.extend([self._cut + len(self._numbers)] * len(kept))
        self._numbers.append(number)
        self._hosts.append(host)
        self._hashes.extend(kept)
        self._link(kept, position)
        if 3 * self._used > 2 * len(self._slots):
            self._rebuild()

    def _link(self, kept: array[int], position: int) -> None:
        slots, hashes, append = self._slots, self._hashes, self._before.append
        mask, first, alive, used = len(slots) - 1, self._first, self._alive, self._used
        for one in kept:
            at, free = one & mask, -1
            while (held := slots[at]) and (
                held < alive or hashes[held - first] != one
            ):
                if held < alive and free < 0:
                    free = at
                at = (at + 1) & mask
            if not held:
                if free < 0:
                    used += 1
                else:
                    at = free
            append(held)
            slots[at] = position
            position += 1
        self._used = used

    def held(self, hashes: Iterable[int], most: int) -> dict[int, list[int]]:
        """Per hash that any item holds its newest holders, at most ``most``.

        A holder is told by a handle for ``number`` and ``host``, good until the next
        change; larger is newer.
        """
        slots, rows, before, owner = self._slots, self._hashes, self._before, self._owner
        mask, first, alive = len(slots) - 1, self._first, self._alive
        found: dict[int, list[int]] = {}
        for one in hashes:
            at = one & mask
            while (held := slots[at]) and (held < alive or rows[held - first] != one):
                at = (at + 1) & mask
            if not held:
                continue
            holders: list[int] = []
            while held >= alive and len(holders) < most:
                holders.append(owner[held - first])
                held = before[held - first]
            found[one] = holders
        return found

    def number(self, handle: int) -> int:
        """The number of an item."""
        return self._numbers[handle - self._cut]

    def of_host(self, handles: list[int], host: int) -> int:
        """How many of these items are the host's."""
        hosts, cut = self._hosts, self._cut
        return [hosts[one - cut] for one in handles].count(host)

    def forget(self, before: int) -> None:
        """Let go of every item with a number under ``before``."""
        gone = bisect_left(self._numbers, before)
        if gone < len(self._starts):
            self._alive = self._starts[gone]
        else:
            self._alive = self._first + len(self._hashes)
        if gone and TRIM * (self._alive - self._first) >= len(self._hashes):
            self._trim(gone)

    def _trim(self, gone: int) -> None:
        dead = self._alive - self._first
        del self._hashes[:dead], self._before[:dead], self._owner[:dead]
        del self._numbers[:gone], self._hosts[:gone], self._starts[:gone]
        self._first += dead
        self._cut += gone

    def _rebuild(self) -> None:
        """Number the living postings from 1, in twice as many slots."""
        self._trim(bisect_left(self._starts, self._alive))
        shift = self._first - 1
        self._starts = array("q", [start - shift for start in self._starts])
        self._first = self._alive = 1
        size = LEAST_SLOTS
        while size < 2 * len(self._hashes):
            size *= 2
        self._slots = array("I")  # the old ones go before the new ones come
        self._slots = array("I", [0]) * size
        self._before = array("I")
        self._used = 0
        self._link(self._hashes, 1)
