"""Which of the last days' items hold a shingle: postings in memory.

    slots    hash table of the shingles: where the newest posting of each one lies
    hashes, before, owner, depth   one row per posting in order of arrival: its
             shingle, the older posting of that shingle, its item, how many lie below
    common   the newest holders of the shingles that many items hold, ready to read

The sketches are the record; this is derived from them and read anew after a start.
A table of postings on disk was measured first: its keys are random, so every shingle
of an item dirtied a page of its own (280 kB of log an item), and the cost per item
grew with the table. Here an item costs the same beside a hundred thousand others.
Plain arrays, 25 to 33 bytes a posting: a dict of lists takes ten times that.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LEAST_SLOTS = 1 << 12
MOST_POSITIONS = (1 << 32) - (1 << 24)
"""Positions are unsigned 32 bits; before they run out all is numbered anew."""

TRIM = 8
"""Dead postings are cut off when they are one in so many: moving the rest costs."""


class WordIndex:
    """Postings of items that come and go in one order; not safe between threads.

    ``most`` (under 256) is how many holders are told per shingle, the newest.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._slots = array("I", [0]) * LEAST_SLOTS
        self._used = 0
        self._hashes = array("q")
        self._before = array("I")
        self._owner = array("I")
        self._depth = array("B")
        self._common: dict[int, array[int]] = {}
        self._first = 1  # position of the arrays' first row; 0 in a slot: empty
        self._alive = 1  # position of the first posting that is not forgotten
        self._numbers = array("q")  # per item, as are the next two
        self._hosts = array("q")
        self._starts = array("q")
        self._of_host: dict[int, set[int]] = {}
        self._cut = 0  # items cut off: what an owner counts from
        self._gone = 0  # the first owner that is not forgotten

    @property
    def _end(self) -> int:
        return self._first + len(self._hashes)

    def add(self, number: int, host: int, hashes: Iterable[int]) -> None:
        """Take in an item, whose number is above all before; every hash once."""
        kept = hashes if isinstance(hashes, array) else array("q", hashes)
        if self._end + len(kept) >= MOST_POSITIONS:
            self._rebuild()
        position, handle = self._end, self._cut + len(self._numbers)
        self._starts.append(position)
        self._owner.extend([handle] * len(kept))
        self._numbers.append(number)
        self._hosts.append(host)
        self._of_host.setdefault(host, set()).add(handle)
        self._hashes.extend(kept)
        self._link(kept, position)
        if 3 * self._used > 2 * len(self._slots):
            self._rebuild()

    def _link(self, kept: array[int], position: int) -> None:
        slots, hashes, depth = self._slots, self._hashes, self._depth
        append, deeper = self._before.append, depth.append
        common, most = self._common, self._most
        mask, first, alive, used = len(slots) - 1, self._first, self._alive, self._used
        for one in kept:
            at, free = one & mask, -1
            while (held := slots[at]) and (held < alive or hashes[held - first] != one):
                if held < alive and free < 0:
                    free = at
                at = (at + 1) & mask
            n = 0
            if held:
                n = depth[held - first] + 1
                if n >= most:
                    n = most
                    self._hold_common(one, held, position)
            else:
                if free < 0:
                    used += 1
                else:
                    at = free
                common.pop(one, None)  # all of its holders are forgotten
            append(held)
            deeper(n)
            slots[at] = position
            position += 1
        self._used = used

    def _hold_common(self, one: int, held: int, position: int) -> None:
        ready = self._common.get(one)
        if ready is None:
            ready = self._common[one] = array("I", reversed(self._walk(held)))
        ready.append(self._owner[position - self._first])
        if len(ready) > 2 * self._most:
            del ready[: -self._most]

    def _walk(self, held: int) -> list[int]:
        owner, before, first, alive = (
            self._owner,
            self._before,
            self._first,
            self._alive,
        )
        holders: list[int] = []
        while held >= alive and len(holders) < self._most:
            holders.append(owner[held - first])
            held = before[held - first]
        return holders

    def held(self, hashes: Iterable[int]) -> dict[int, Sequence[int]]:
        """Per hash that any item holds its newest holders, in any order.

        A holder is told by a handle, good until the next change; larger is newer.
        """
        slots, rows, before, owner = (
            self._slots,
            self._hashes,
            self._before,
            self._owner,
        )
        mask, first, alive = len(slots) - 1, self._first, self._alive
        common, most, gone = self._common, self._most, self._gone
        found: dict[int, Sequence[int]] = {}
        for one in hashes:
            if one in common:
                ready = common[one][-most:]
                if ready[0] < gone:
                    del ready[: bisect_left(ready, gone)]
                if ready:
                    found[one] = ready
                continue
            at = one & mask
            while (held := slots[at]) and (held < alive or rows[held - first] != one):
                at = (at + 1) & mask
            if held:
                holders = []
                while held >= alive:
                    holders.append(owner[held - first])
                    held = before[held - first]
                found[one] = holders
        return found

    def number(self, handle: int) -> int:
        """The number of an item."""
        return self._numbers[handle - self._cut]

    def size(self, handle: int) -> int:
        """How many hashes an item has."""
        at, starts = handle - self._cut, self._starts
        after = starts[at + 1] if at + 1 < len(starts) else self._end
        return after - starts[at]

    def of_host(self, host: int) -> set[int]:
        """The handles of a host's items; to be read only."""
        return self._of_host.get(host, set())

    def forget(self, before: int) -> None:
        """Let go of every item with a number under ``before``."""
        gone = bisect_left(self._numbers, before)
        self._alive = self._starts[gone] if gone < len(self._starts) else self._end
        self._gone = self._cut + gone
        if gone and TRIM * (self._alive - self._first) >= len(self._hashes):
            self._trim(gone)

    def _trim(self, gone: int) -> None:
        for handle, host in enumerate(self._hosts[:gone], self._cut):
            self._of_host[host].discard(handle)
            if not self._of_host[host]:
                del self._of_host[host]
        dead = self._alive - self._first
        del self._hashes[:dead], self._before[:dead]
        del self._owner[:dead], self._depth[:dead]
        del self._numbers[:gone], self._hosts[:gone], self._starts[:gone]
        self._first += dead
        self._cut += gone

    def _rebuild(self) -> None:
        """Number the living postings from 1, in twice as many slots."""
        self._trim(self._gone - self._cut)
        shift = self._first - 1
        self._starts = array("q", [start - shift for start in self._starts])
        self._first = self._alive = 1
        size = LEAST_SLOTS
        while size < 2 * len(self._hashes):
            size *= 2
        self._slots = array("I")  # the old ones go before the new ones come
        self._slots = array("I", [0]) * size
        self._before, self._depth, self._common = array("I"), array("B"), {}
        self._used = 0
        self._link(self._hashes, 1)
