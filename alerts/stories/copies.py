"""Whether an item repeats an earlier one in other words, cuts and additions."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.stories.shingles import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.model import Known, Neighbours, Sketch

LEAST_SHARED = 3
"""Hashes two texts must share to be compared at all."""

COPY = 0.5
"""Containment from which a text is a copy; .4 finds 1 % more and hits twice as many
strangers."""

PARTIAL = 0.35
"""Containment from which a text is a copy in part and no report of its own. On the
development half it finds all 51 pairs that share three tenths of their 5-word
shingles, and 20 more; 13 of the 71 are of two stories by the gold, and those looked at
carry one agency's report."""

SHORT_COPY = 0.8
"""The same where one of the texts is a headline: a word or two tell it from the next
one of its kind."""

HABIT = 3
"""Articles of one site that share a shingle make it the site's boilerplate."""

SAME_TITLE = 0.5
SAME_LEAD = 0.5
SAME_TEXT = 0.8
LEAST_SAME = 32
"""Two pages of one site are one article if half of the words of the shorter title
stand in the other, or half of the lead's shingles, or if four fifths of all shingles
are common and these are more than a footer is long (32 hashes are 130 words).
Otherwise what they share may be boilerplate not yet known as such."""

SAME_NUMBERS = 0.5
FEW_NUMBERS = 3

MOST_COMPARED = 20


def habits(found: Sketch, neighbours: Neighbours) -> frozenset[int]:
    """The shingles of a text that are its site's habit, not its own words."""
    if not found.host:
        return frozenset()
    known = neighbours.habits
    return frozenset(
        one for one in found.hashes if known.get((found.host, one), 0) >= HABIT
    )


def stripped(found: Sketch, boilerplate: frozenset[int]) -> Sketch:
    """The sketch without its site's boilerplate."""
    if not boilerplate:
        return found
    return replace(found, hashes=found.hashes - boilerplate)


def original(found: Sketch, neighbours: Neighbours) -> Known | None:
    """The earlier item that a stripped sketch repeats.

    The closest one names the story; of the items of that story that are repeated
    too, the oldest is the original.
    """
    close: list[tuple[float, Known]] = []
    for item_id in _candidates(found.hashes, neighbours):
        posted = neighbours.posted[item_id]
        share = copied(found, posted.sketch)
        if share is not None and posted.known.story_id in neighbours.stories:
            close.append((share, posted.known))
    if not close:
        return None
    best = max(close, key=lambda one: one[0])[1]  # the first of equals: the oldest
    return next(known for _, known in close if known.story_id == best.story_id)


def _candidates(hashes: Iterable[int], neighbours: Neighbours) -> list[str]:
    """Items that share enough hashes to be looked at, oldest first."""
    postings = neighbours.postings
    shared = Counter(item_id for one in hashes for item_id in postings.get(one, ()))
    ranked = [
        item_id for item_id, n in shared.most_common(MOST_COMPARED) if n >= LEAST_SHARED
    ]
    if len(ranked) < 2:
        return ranked
    wanted = set(ranked)
    return [item_id for item_id in neighbours.posted if item_id in wanted]


def partial(found: Sketch, neighbours: Neighbours) -> tuple[Known, ...]:
    """The earlier items, of any story, that share text with a stripped sketch.

    Oldest first; copies are among them. Numbers, titles and sites are not asked: who
    carries the same paragraphs is no second witness, whatever it adds to them.
    """
    return tuple(
        posted.known
        for item_id in _candidates(found.hashes, neighbours)
        if _reaches(found, (posted := neighbours.posted[item_id]).sketch, PARTIAL)
    )


def _reaches(one: Sketch, other: Sketch, least: float) -> bool:
    mine, theirs = _comparable(one, other)
    shared = len(mine & theirs)
    if WHOLE in {one.limit, other.limit}:
        least = max(least, SHORT_COPY)
    return shared >= LEAST_SHARED and shared / min(len(mine), len(theirs)) >= least


def _comparable(one: Sketch, other: Sketch) -> tuple[frozenset[int], frozenset[int]]:
    """The hashes of both under the lower of their limits."""
    mine, theirs = one.hashes, other.hashes
    limit = min(one.limit, other.limit)
    if limit != one.limit:
        mine = frozenset(h for h in mine if h < limit)
    if limit != other.limit:
        theirs = frozenset(h for h in theirs if h < limit)
    return mine, theirs


def copied(one: Sketch, other: Sketch) -> float | None:
    """How much of the smaller text stands in the larger one; None: no copy."""
    if not _reaches(one, other, COPY):
        return None
    mine, theirs = _comparable(one, other)
    shared = len(mine & theirs)
    share = shared / min(len(mine), len(theirs))
    short = WHOLE in {one.limit, other.limit}
    strict = False
    if one.host == other.host != 0:
        union = len(mine) + len(theirs) - shared
        same_text = shared >= LEAST_SAME and shared >= SAME_TEXT * union
        same_lead = _overlap(one.lead, other.lead) >= SAME_LEAD
        if not (same_text or same_lead or same_title(one, other)):
            return None
        strict = one.linked and other.linked
    agree = _numbers_agree(one.numbers, other.numbers, strict=strict or short)
    return share if agree else None


def same_title(one: Sketch, other: Sketch) -> bool:
    """Whether half of the shorter title's words stand in the other title."""
    return _overlap(one.title, other.title) >= SAME_TITLE


def _overlap(one: frozenset[int], other: frozenset[int]) -> float:
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0


def _numbers_agree(one: frozenset[int], other: frozenset[int], *, strict: bool) -> bool:
    """Whether the numbers allow two texts to be reports of the same.

    The daily report of a ministry repeats its phrases with new numbers. ``strict``
    (same site, headlines): no number of its own on both sides. Otherwise both must
    have at least three, half of the smaller set common.
    """
    if strict:
        return one <= other or other <= one
    if min(len(one), len(other)) < FEW_NUMBERS:
        return True
    return _overlap(one, other) >= SAME_NUMBERS
