"""Which story tells the same event, in whatever words and language."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.stories.likeness import likeness, recurs

if TYPE_CHECKING:
    from datetime import datetime

    from alerts.model import Fingerprint, Neighbours, Recent, Story

SAME = 0.34
"""Likeness from which an item joins the story of the report most like it."""

LARGE = 30
GROWTH = 0.1
"""A story of more than ``LARGE`` items asks for more, a tenth for every ten times as
many: otherwise a long war becomes one story, link by link."""

RELATED = 0.22
"""From here to ``SAME`` is the grey zone: a story of its own, linked as related. A
swallowed story is worse than a doubled alert."""

OPEN = timedelta(days=7)
OPEN_MATCHED = timedelta(days=30)
"""A story takes items for so long after its last one (DESIGN section 6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """The report most like a text, how much, and whether it tells the same event."""

    recent: Recent
    like: float
    same: bool


def nearest(
    prints: Fingerprint, neighbours: Neighbours, now: datetime
) -> Nearest | None:
    """The most alike report of a story that is still open, if it is like at all.

    Of equals the oldest: its story is told already. Looks only at the reports that
    share a key: comparing a batch with all that any of it may be like took 12 ms an
    item, and what an item joined depended on its batch.
    """
    found = prints.gist
    if found is None:
        return None
    best: Nearest | None = None
    for one in neighbours.alike.get(prints.item_id, ()):
        recent = neighbours.recents[one]
        story = neighbours.stories.get(recent.known.story_id)
        if story is None or not is_open(story, now):
            continue
        apart = now - recent.at
        like = likeness(found, recent.gist, apart)
        if like < RELATED:
            continue
        same = like >= asked(story) and not recurs(found, recent.gist, apart)
        if best is None or (same, like) > (best.same, best.like):
            best = Nearest(recent=recent, like=like, same=same)
    return best


def asked(story: Story) -> float:
    """The likeness that a story asks of an item to join it."""
    return SAME * (1 + GROWTH * math.log10(max(1.0, story.items / LARGE)))


def is_open(story: Story, now: datetime) -> bool:
    """Whether the story still takes items."""
    return now - story.last_seen <= (OPEN_MATCHED if story.matched else OPEN)
