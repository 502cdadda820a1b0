"""Which of the last days' items hold a hash: postings in memory, packed in buckets.

    buckets  the postings of all but the newest items: a sorted row of 64-bit numbers
             per bucket, each the hash's low 40 bits and, under them, the item
    young    the newest items' postings in a dict, folded into the buckets when many

The sketches are the record and this is derived from them. The buckets can be written
down as they are and read back in a fraction of a second (``store/segments.py``), where
linking ten million postings one by one took a start 11 s. A table of postings on disk
was measured first: its keys are random, so every shingle of an item dirtied a page of
its own (280 kB of log an item), and the cost per item grew with the table. Eight bytes
a posting; a hash table of arrays took 25 to 33, a dict of lists ten times that.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Self

BUCKETS = 256
HASH_BITS = 40
LOW = (1 << HASH_BITS) - 1
"""A bucket is told by the eight bits above these, so 48 bits tell a hash: beside ten
million postings one hash in thirty million is taken for another."""

ITEM_BITS = 24
SPAN = 1 << ITEM_BITS
"""Items that can be told apart: those of two years at 20,000 a day. Older ones go."""

FOLD = 1 << 19
"""Young postings at most, of some 8,000 items, then they are folded into the buckets.
Folding them into ten million takes 0.7 s, 1.5 s if the dead are cut out; the young ones
take about 60 MB, and a start after a crash links them again in half a second."""

SOONER = 1 << 15
"""Young postings, of some 500 items, that are folded already if they are a quarter
of all: a young one takes 115 bytes, so a small index would be mostly young."""

TRIM = 8
"""The dead are cut out when they are one item in so many."""

HEAD = 3  # numbers before those of the items in what is written down


class WordIndex:
    """Postings of items that come and go in one order; not safe between threads.

    ``most`` is how many holders are told per hash, the newest.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._buckets = [array("Q") for _ in range(BUCKETS)]
        self._origin = 0  # what item numbers in the buckets count from
        self._folded = 0  # items in the buckets: so many of the following
        self._numbers = array("q")
        self._hosts = array("q")
        self._sizes = array("q")
        self._of_host: dict[int, set[int]] = {}
        self._gone = 0  # items under this number are forgotten
        self._young: dict[int, tuple[int, ...]] = {}
        self._fresh = 0  # postings in there
        self._packed = 0  # postings in the buckets
        self.folds = 0
        """Changes of the buckets, to know when to write them down again."""

    @property
    def newest(self) -> int:
        """The number of the newest item; 0 without one."""
        return self._numbers[-1] if self._numbers else 0

    @property
    def gone(self) -> int:
        """The number from which on nothing was forgotten."""
        return self._gone

    def add(self, number: int, host: int, hashes: Iterable[int]) -> None:
        """Take in an item, whose number is above all before; every hash once."""
        young, most, before = self._young, self._most, self._fresh
        for one in hashes:
            young[one] = (*young.get(one, ()), number)[-most:]
            self._fresh += 1
        self._numbers.append(number)
        self._hosts.append(host)
        self._sizes.append(self._fresh - before)
        if host:
            self._of_host.setdefault(host, set()).add(number)
        if self._fresh >= min(FOLD, max(SOONER, self._packed // 4)):
            self.fold()

    def fold(self) -> None:
        """Take the young postings into the buckets; cut out the dead if many."""
        self._gone = max(self._gone, self.newest - SPAN + 1)
        dead = bisect_left(self._numbers, self._gone)
        many = dead and TRIM * dead >= len(self._numbers)
        shift = 0
        if many or self.newest - self._origin >= SPAN:
            shift = self._gone - self._origin
            self._origin += shift
            self._forget_items(dead)
        for at, fresh in enumerate(self._rows()):
            rows = self._buckets[at].tolist()
            if shift:
                rows = [one - shift for one in rows if one & SPAN - 1 >= shift]
            fresh.sort()
            rows += fresh
            rows.sort()  # two sorted runs: one pass
            self._buckets[at] = array("Q", rows)
        self._young, self._fresh = {}, 0
        self._packed = sum(map(len, self._buckets))
        self._folded = len(self._numbers)
        self.folds += 1

    def _rows(self) -> list[list[int]]:
        """The young postings that live as the buckets hold them."""
        rows: list[list[int]] = [[] for _ in range(BUCKETS)]
        origin, gone = self._origin, self._gone
        for one, numbers in self._young.items():
            low = (one & LOW) << ITEM_BITS
            into = rows[one >> HASH_BITS & BUCKETS - 1]
            into += [low + number - origin for number in numbers if number >= gone]
        return rows

    def _forget_items(self, dead: int) -> None:
        for number, host in zip(self._numbers[:dead], self._hosts[:dead], strict=True):
            if host:
                self._of_host[host].discard(number)
                if not self._of_host[host]:
                    del self._of_host[host]
        del self._numbers[:dead], self._hosts[:dead], self._sizes[:dead]

    def forget(self, before: int) -> None:
        """Let go of every item with a number under ``before``, for good."""
        self._gone = max(self._gone, before)

    def held(self, hashes: Iterable[int]) -> dict[int, Sequence[int]]:
        """Per hash that any item holds the numbers of its newest holders, ascending."""
        buckets, young, origin = self._buckets, self._young, self._origin
        most, gone, least = self._most, self._gone, max(0, self._gone - self._origin)
        found: dict[int, Sequence[int]] = {}
        for one in hashes:
            bucket = buckets[one >> HASH_BITS & BUCKETS - 1]
            low = (one & LOW) << ITEM_BITS
            at = bisect_left(bucket, low + least)
            holders: list[int] = []
            if at < len(bucket) and bucket[at] < low + SPAN:
                end = bisect_left(bucket, low + SPAN, at)
                start = max(at, end - most)
                holders = [row - low + origin for row in bucket[start:end]]
            if one in young:
                holders += [number for number in young[one] if number >= gone]
                del holders[:-most]
            if holders:
                found[one] = holders
        return found

    def size(self, number: int) -> int:
        """How many hashes an item has."""
        return self._sizes[bisect_left(self._numbers, number)]

    def of_host(self, host: int) -> set[int]:
        """The numbers of a host's items, forgotten ones too; to be read only."""
        return self._of_host.get(host, set())

    def written(self) -> Iterator[bytes]:
        """The buckets with their items in parts, for ``read``; without the young."""
        items = self._numbers, self._hosts, self._sizes
        head = array("q", (self._origin, self._gone, self._folded))
        for column in items:
            head += column[: self._folded]
        yield _little(head).tobytes()
        for bucket in self._buckets:
            yield _little(bucket).tobytes()

    @classmethod
    def read(cls, most: int, first: bytes, buckets: Iterable[bytes]) -> Self:
        """What was written down; ``first`` is the first part.

        Raises:
            ValueError: parts are missing or cut off.
        """
        read = cls(most)
        head = _row("q", first)
        read._origin, read._gone, folded = head[:HEAD]
        read._buckets = [_row("Q", bucket) for bucket in buckets]
        if len(read._buckets) != BUCKETS or len(head) != HEAD + 3 * folded:
            raise ValueError("the written postings are incomplete")
        read._packed = sum(map(len, read._buckets))
        read._folded = folded
        read._numbers = head[HEAD : HEAD + folded]
        read._hosts = head[HEAD + folded : HEAD + 2 * folded]
        read._sizes = head[HEAD + 2 * folded :]
        if sum(read._sizes) < read._packed:
            raise ValueError("the written postings do not belong together")
        for number, host in zip(read._numbers, read._hosts, strict=True):
            if host:
                read._of_host.setdefault(host, set()).add(number)
        return read


def _row(code: str, raw: bytes) -> array[int]:
    row = array(code)
    row.frombytes(raw)
    return _little(row)


def _little(row: array[int]) -> array[int]:
    """A copy in the other byte order where that is needed."""
    if sys.byteorder == "big":
        row = row[:]
        row.byteswap()
    return row
