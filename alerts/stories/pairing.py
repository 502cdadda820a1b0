"""Which sentence of the new text was which of the old one.

Equal ones are found wherever they stand. Of the others two are one when their words
are alike with all numbers masked, and when a neighbour of theirs is shared: what a
site puts under an article looks like prose at times, but its neighbours change too.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from alerts.stories.sentences import Sentence, sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

ALIKE = 0.55
"""Share of common words, in order, from which two sentences are one reworded."""

SURE = 0.8
"""From here on a pair needs no shared neighbour in a text of few sentences."""

NEAR = 2
"""How many sentences away a neighbour may stand."""

FEW = 3
MOST_PAIRS = 20_000
"""Comparisons at most; two texts with nothing in common are not worth more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """``reworded`` are pairs (old, new) in the order of the new text.

    ``kept`` is the share of the old text's prose that is still there, as it was or
    reworded, in [0, 1] (1 if there was none); ``gone`` are the old sentences without
    a counterpart.
    """

    old: tuple[Sentence, ...]
    new: tuple[Sentence, ...]
    reworded: tuple[tuple[Sentence, Sentence], ...]
    gone: tuple[Sentence, ...]
    kept: float


def pair(old_text: str, new_text: str) -> Pairing:
    """Find the counterparts of the old text's prose in the new one."""
    old, new = sentences(old_text), sentences(new_text)
    old_keys, new_keys = {s.key for s in old}, {s.key for s in new}
    left = [s for s in old if s.key not in new_keys and s.is_prose]
    come = [s for s in new if s.key not in old_keys and s.is_prose]
    pairs = _best(left, come)
    partners = {a.number: b for a, b, _ in pairs}
    # Common prose vouches for its neighbours; a line that is no prose does not.
    shared = {s.key for s in (*old, *new) if s.is_prose} & old_keys & new_keys
    reworded = [
        (a, b)
        for a, b, like in pairs
        if _neighbours(a, b, old, new, shared, partners)
        or (like >= SURE and min(len(old), len(new)) <= FEW)
    ]
    reworded.sort(key=lambda one: one[1].number)
    found = {a.number for a, _ in reworded}
    gone = tuple(s for s in left if s.number not in found)
    prose = [s for s in old if s.is_prose]
    kept = 1 - len(gone) / len(prose) if prose else 1.0
    return Pairing(old=old, new=new, reworded=tuple(reworded), gone=gone, kept=kept)


def likeness(a: Sentence, b: Sentence) -> float:
    """Twice the words they share in order over the words of both, in [0, 1]."""
    if not a.units or not b.units:
        return 0.0
    return SequenceMatcher(None, a.units, b.units, autojunk=False).ratio()


def _best(
    left: Sequence[Sentence], come: Sequence[Sentence]
) -> list[tuple[Sentence, Sentence, float]]:
    """The likest pairs first, each sentence in one at most."""
    if len(left) * len(come) > MOST_PAIRS:
        return []
    ranked = []
    for a in left:
        for b in come:
            if _bound(a, b) < ALIKE:
                continue
            like = likeness(a, b)
            if like >= ALIKE:
                ranked.append((-like, abs(a.number - b.number), a.number, a, b))
    ranked.sort(key=lambda one: one[:3])
    used_old: set[int] = set()
    used_new: set[int] = set()
    found = []
    for negative, _, _, a, b in ranked:
        if a.number in used_old or b.number in used_new:
            continue
        used_old.add(a.number)
        used_new.add(b.number)
        found.append((a, b, -negative))
    return found


def _bound(a: Sentence, b: Sentence) -> float:
    """What their likeness is at most: the words in common, whatever their order."""
    both = len(a.units) + len(b.units)
    common = (a.bag & b.bag).total()
    return 2 * common / both if both else 0.0


def _neighbours(
    a: Sentence,
    b: Sentence,
    old: Sequence[Sentence],
    new: Sequence[Sentence],
    shared: set[str],
    partners: dict[int, Sentence],
) -> bool:
    """Whether a sentence beside the one is, or became, a sentence beside the other."""
    beside_new = _beside(b, new)
    numbers = {s.number for s in beside_new}
    keys = {s.key for s in beside_new}
    return any(
        (s.key in shared and s.key in keys)
        or (s.number in partners and partners[s.number].number in numbers)
        for s in _beside(a, old)
    )


def _beside(one: Sentence, text: Sequence[Sentence]) -> list[Sentence]:
    first = max(0, one.number - NEAR)
    return [s for s in text[first : one.number + NEAR + 1] if s is not one]
