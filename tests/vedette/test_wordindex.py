"""The index of postings answers as a plain dict of lists would."""

from __future__ import annotations

import random
from collections import defaultdict, deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette import wordindex
from vedette.wordindex import WordIndex

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
    return {one: sorted(map(index.number, held[one])) for one in held}


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
    for host in range(3):
        living = {number for number, at, _ in plain.items if at == host}
        handles = {
            one
            for holders in index.held(HASHES).values()
            for one in index.of_host(host).intersection(holders)
        }
        assert {index.number(one) for one in handles} <= living
    for handle in {one for held in index.held(HASHES).values() for one in held}:
        kept = {number: kept for number, _, kept in plain.items}
        assert index.size(handle) == len(kept[index.number(handle)])


def walk(steps: list[frozenset[int] | int]) -> None:
    index, plain = WordIndex(MOST), Plain()
    for number, step in enumerate(steps, 10):
        if isinstance(step, int):
            for _ in range(min(step, len(plain.items))):
                plain.items.popleft()
            index.forget(plain.items[0][0] if plain.items else number)
        else:
            index.add(number, number % 3, step)
            plain.items.append((number, number % 3, step))
        compare(index, plain)


@given(steps)
def test_it_answers_as_a_plain_dict_would(
    steps: list[frozenset[int] | int],
) -> None:
    walk(steps)


@given(steps)
def test_it_answers_the_same_after_numbering_anew(
    steps: list[frozenset[int] | int],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wordindex, "MOST_POSITIONS", 40)
        patch.setattr(wordindex, "LEAST_SLOTS", 32)
        walk(steps)


def test_it_grows_and_turns_over_without_end() -> None:
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
