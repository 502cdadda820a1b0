"""Which story tells the same event, in whatever words and language."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.stories.likeness import likeness, recurs, thin

if TYPE_CHECKING:
    from datetime import datetime

    from alerts.model import Gist, Neighbours, Recent, Story

SAME = 0.34
"""Likeness from which an item joins the story of the report most like it."""

LARGE = 30
GROWTH = 0.1
"""A story of more than ``LARGE`` items asks for more, a tenth for every ten times as
many: otherwise a long war becomes one story, link by link."""

RELATED = 0.22
"""From here to ``SAME`` is the grey zone: a story of its own, linked as related. A
swallowed story is worse than a doubled alert."""

MERGE = 0.42
"""Likeness of the reports of two stories, on average, from which they are one.

One report that is like both is not enough: on the development half of ECB+ that held
for 334 pairs of two events and 237 of one, in five orders, and even if it is like both
by .5 and more for 27 and 28. Of the pairs with an average of .40 and more all 30 were
of one event.
"""

MOST_COMPARED = 12
"""Reports of a story that are compared with the other's, the newest."""

OPEN = timedelta(days=7)
OPEN_MATCHED = timedelta(days=30)
"""A story takes items for so long after its last one (DESIGN section 6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """The report most like a text, how much, and whether it tells the same event."""

    recent: Recent
    like: float
    same: bool


def nearest(found: Gist, neighbours: Neighbours, now: datetime) -> tuple[Nearest, ...]:
    """The most alike report of each open story that is like at all, the best first.

    Of equals the oldest: its story is told already.
    """
    best: dict[str, Nearest] = {}
    for recent in neighbours.recents.values():
        story = neighbours.stories.get(recent.known.story_id)
        if story is None or not is_open(story, now):
            continue
        apart = now - recent.at
        like = likeness(found, recent.gist, apart)
        if like < RELATED:
            continue
        same = (
            like >= asked(story)
            and not thin(found, recent.gist)
            and not recurs(found, recent.gist, apart)
        )
        before = best.get(story.id)
        if before is None or (same, like) > (before.same, before.like):
            best[story.id] = Nearest(recent=recent, like=like, same=same)
    return tuple(sorted(best.values(), key=lambda one: (-one.same, -one.like)))


def twin(near: tuple[Nearest, ...], neighbours: Neighbours) -> Story | None:
    """The story that turns out to be one with the story that a report joins.

    The report must tell the same event as both, and so must their earlier reports
    among the neighbours, each with each and on average.
    """
    joined, *others = (one for one in near if one.same)
    story = neighbours.stories[joined.recent.known.story_id]
    mine = _reports(story.id, neighbours)
    for one in others:
        other = neighbours.stories[one.recent.known.story_id]
        theirs = _reports(other.id, neighbours)
        if _average(mine, theirs) >= max(asked(story, MERGE), asked(other, MERGE)):
            return other
    return None


def _reports(story_id: str, neighbours: Neighbours) -> list[Recent]:
    recents = neighbours.recents.values()
    return [one for one in recents if one.known.story_id == story_id][-MOST_COMPARED:]


def _average(mine: list[Recent], theirs: list[Recent]) -> float:
    """What recurs is not alike at all: last week's report is never merged."""
    total = 0.0
    for one in mine:
        for other in theirs:
            apart = one.at - other.at
            if not recurs(one.gist, other.gist, apart):
                total += likeness(one.gist, other.gist, apart)
    return total / (len(mine) * len(theirs))


def asked(story: Story, least: float = SAME) -> float:
    """The likeness that a story asks of an item; ``least`` while it is small."""
    return least * (1 + GROWTH * math.log10(max(1.0, story.items / LARGE)))


def is_open(story: Story, now: datetime) -> bool:
    """Whether the story still takes items."""
    return now - story.last_seen <= (OPEN_MATCHED if story.matched else OPEN)
