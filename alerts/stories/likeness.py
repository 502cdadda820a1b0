"""How likely two texts report one event, from their gists alone.

In one language words decide, four parts in five; across languages only anchors can.
Measured on the development halves of ECB+ (English, look-alikes on purpose) and of a
stream in fourteen languages; docs/benchmarks.md says what was tuned on what.
"""

from __future__ import annotations

import math
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from alerts.stories import lexicon
from alerts.stories.background import digest
from alerts.stories.gists import UNIT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from alerts.model import Gist

WORDS = 0.8
"""Share of the words in a likeness within one language; .65 to .95 are within .004."""

ACROSS = 1.17
"""What makes a likeness across languages comparable: anchors alone join two texts
from .29 on, where words and anchors need .34."""

LEAST_WORDS, LEAST_ANCHORS = 3, 2
COUNTS = 3_000
"""Words of at least the weight ``COUNTS`` that texts of one language must share, and
anchors that texts of two must, to be one event: a rare name and a factory are in any
two reports from that town. Both cost next to nothing (.001 of F1, none across)."""

YEARS = 0.06
DAYS = 0.04
"""Added when two texts name a common year or day, taken off when both name some and
none in common: last year's launch is another story."""

ANOTHER_DAY = timedelta(hours=18)
FEW = 2
"""Numbers and days that both must name before they can tell two events apart."""

COMMON = 1 / 3
"""Share of the fewer numbers and days that must be in both; one of four is chance."""

MEMORY = timedelta(days=20)
"""Time after which a likeness counts e times less."""


def likeness(one: Gist, other: Gist, apart: timedelta) -> float:
    """In about [-.06, 1.2]; ``apart`` is the time between the two."""
    anchors = _cosine(one.anchors, other.anchors)
    if one.language == other.language:
        like = WORDS * _cosine(one.words, other.words) + (1 - WORDS) * anchors
    else:
        like = ACROSS * anchors
    like += YEARS * _agreement(one.years, other.years)
    like += DAYS * _agreement(one.days, other.days)
    return like * math.exp(-abs(apart) / MEMORY)


def thin(one: Gist, other: Gist) -> bool:
    """Whether too little is common to be sure, however much it weighs."""
    if one.language != other.language:
        shared = one.anchors.keys() & other.anchors.keys()
        return len(shared) < LEAST_ANCHORS or _elsewhere(one, other, shared)
    common = one.words.keys() & other.words.keys()
    told = sum(min(one.words[key], other.words[key]) >= COUNTS for key in common)
    return told < LEAST_WORDS


def _elsewhere(one: Gist, other: Gist, shared: AbstractSet[int]) -> bool:
    """Whether both name places, all different ones, and only concepts are shared.

    So do a fire in the port of Busan and one in that of Vladivostok. On the development
    half of the stream in fourteen languages F1 is .906 with it and .907 without.
    """
    places = _digests(lexicon.COUNTRY)
    here, there = one.anchors.keys() & places, other.anchors.keys() & places
    if not here or not there or here & there:
        return False
    return shared <= _digests(lexicon.CONCEPT)


@cache
def _digests(sign: str) -> frozenset[int]:
    return frozenset(map(digest, lexicon.of_kind(sign)))


def recurs(one: Gist, other: Gist, apart: timedelta) -> bool:
    """Whether alike texts are of two days and have hardly a number or day in common.

    So differ the weekly launch and the daily situation report from the last one, and
    a story goes on with at least some of its numbers.
    """
    mine, theirs = one.numbers | one.days, other.numbers | other.days
    fewer = min(len(mine), len(theirs))
    if abs(apart) < ANOTHER_DAY or fewer < FEW:
        return False
    return len(mine & theirs) < COMMON * fewer


def _cosine(one: Mapping[int, int], other: Mapping[int, int]) -> float:
    common = one.keys() & other.keys()
    return sum([one[key] * other[key] for key in common]) / (UNIT * UNIT)


def _agreement(one: frozenset[int], other: frozenset[int]) -> int:
    """1 if something is in both, -1 if both have something and nothing in common."""
    if not one or not other:
        return 0
    return -1 if one.isdisjoint(other) else 1
