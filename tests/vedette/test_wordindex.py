"""The index of postings answers as a plain dict of lists would."""

from __future__ import annotations

import random
from collections import defaultdict, deque
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette import wordindex
from vedette.wordindex import WordIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 3


class Plain:
    """The same, as slow and plain as can be."""

    def __init__(self) -> None:
        self.items: deque[tuple[int, int, frozenset[int]]] = deque()

    def held(self, hashes: frozenset[int]) -> dict[int, list[int]]:
        found: defaultdict[int, list[int]] = defaultdict(list)
        for number, _, kept in self.items:
            for one in kept & hashes:
                found[one].append(number)
        return {one: numbers[-MOST:] for one, numbers in found.items()}


def told(index: WordIndex, hashes: frozenset[int]) -> dict[int, list[int]]:
    held = index.held(hashes)
    return {one: list(held[one]) for one in held}


# Few hashes, many of them in the same slots: they differ above the table's bits.
HASHES = [n << shift for n in range(1, 7) for shift in (0, 12, 40)]
steps = st.lists(
    st.one_of(
        st.frozensets(st.sampled_from(HASHES), max_size=12),
        st.integers(1, 9),  # let go of so many
    ),
    max_size=60,
)


def compare(index: WordIndex, plain: Plain) -> None:
    assert told(index, frozenset(HASHES)) == plain.held(frozenset(HASHES))
    for host in (1, 2, 3):
        living = {number for number, at, _ in plain.items if at == host}
        mine = {
            one
            for holders in index.held(HASHES).values()
            for one in index.of_host(host).intersection(holders)
        }
        assert mine <= living
    kept = {number: kept for number, _, kept in plain.items}
    for one in {one for held in index.held(HASHES).values() for one in held}:
        assert index.size(one) == len(kept[one])


def halves(parts: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    return next(parts), parts


def walk(steps: list[frozenset[int] | int], *, fold: int, again: int) -> None:
    """Fold when so many postings are young, write down and read every so many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wordindex, "FOLD", fold)
        index, plain = WordIndex(MOST), Plain()
        for number, step in enumerate(steps, 10):
            if isinstance(step, int):
                for _ in range(min(step, len(plain.items))):
                    plain.items.popleft()
                index.forget(plain.items[0][0] if plain.items else number)
            else:
                index.add(number, 1 + number % 3, step)
                plain.items.append((number, 1 + number % 3, step))
            compare(index, plain)
            if number % again == 0:
                index.fold()
                index = WordIndex.read(MOST, *halves(index.written()))
                compare(index, plain)


@given(steps, st.integers(1, 40))
def test_it_answers_as_a_plain_dict_would(
    steps: list[frozenset[int] | int], fold: int
) -> None:
    walk(steps, fold=fold, again=99)


@given(steps, st.integers(1, 40), st.integers(1, 9))
def test_it_answers_the_same_after_being_written_down_and_read(
    steps: list[frozenset[int] | int], fold: int, again: int
) -> None:
    walk(steps, fold=fold, again=again)


def test_numbers_may_run_far_apart() -> None:
    index = WordIndex(MOST)
    for number in (5, wordindex.SPAN, 10**12, 10**12 + 1):
        index.add(number, 0, HASHES)
        index.fold()
    assert told(index, frozenset(HASHES[:1])) == {HASHES[0]: [10**12, 10**12 + 1]}


def test_what_is_cut_off_is_refused() -> None:
    index = WordIndex(MOST)
    index.add(1, 0, HASHES)
    index.fold()
    head, *buckets = index.written()
    assert told(WordIndex.read(MOST, head, buckets), frozenset(HASHES))
    for first, others in (
        (head, buckets[1:]),
        (head[:-8], buckets),
        (head[:5], buckets),
        (head, [one * 2 for one in buckets]),
    ):
        with pytest.raises(ValueError):  # noqa: PT011 - of whatever wording
            WordIndex.read(MOST, first, others)


def test_it_grows_and_turns_over_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordindex, "FOLD", 2_000)
    rng = random.Random(5)  # noqa: S311 - made-up hashes
    index, plain = WordIndex(MOST), Plain()
    for number in range(600):
        kept = frozenset(rng.getrandbits(61) for _ in range(30))
        kept |= frozenset(rng.sample(range(99), 5))
        index.add(number, 0, kept)
        plain.items.append((number, 0, kept))
        if len(plain.items) > 200:
            plain.items.popleft()
            index.forget(plain.items[0][0])
        if number % 50 == 0:
            every = frozenset().union(*(kept for _, _, kept in plain.items))
            assert told(index, every) == plain.held(every)


def test_a_small_index_is_folded_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Young postings take much memory, folds take time: at most a quarter is young."""
    monkeypatch.setattr(wordindex, "SOONER", 10)
    monkeypatch.setattr(wordindex, "FOLD", 1_000)
    index = WordIndex(MOST)
    folded_at: list[int] = []
    for number in range(1, 101):
        index.add(number, 0, range(10 * number, 10 * number + 10))
        if index.folds > len(folded_at):
            folded_at.append(number)
    gaps = [b - a for a, b in pairwise(folded_at)]
    assert folded_at[0] == 1
    assert all(
        gap <= max(1, -(-at // 4)) for at, gap in zip(folded_at, gaps, strict=False)
    )
    assert len(folded_at) < 30
