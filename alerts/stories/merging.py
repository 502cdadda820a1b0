"""Two stories that turn out to be one: which of them stays, and what it then holds.

Stories only merge: the other one keeps its id, its items and what was told of it, and
points to the survivor; no id is ever given anew.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.stories.reports import both, facts_of

if TYPE_CHECKING:
    from alerts.model import Neighbours, Story


def elder(one: Story, other: Story, neighbours: Neighbours) -> tuple[Story, Story]:
    """The story that stays, and the one it takes in.

    A story that was alerted stays before one that was not: its id stands in messages,
    which then need no correction. Otherwise the one seen first, by id if together.
    """
    told = {story_id for story_id, _ in neighbours.followed}
    first, second = sorted(
        (one, other), key=lambda s: (s.id not in told, s.first_seen, s.id)
    )
    return first, second


def united(story: Story, other: Story) -> Story:
    """The first story with all that the other one holds."""
    ids = {story.id, other.id}
    reports = both(story.reports, other.reports)
    return replace(
        story,
        first_seen=min(story.first_seen, other.first_seen),
        last_seen=max(story.last_seen, other.last_seen),
        items=story.items + other.items,
        independent=max(1, len(reports)),
        languages=tuple(sorted({*story.languages, *other.languages})),
        official=story.official or other.official,
        disputed=story.disputed or other.disputed,
        matched=story.matched or other.matched,
        carried=story.carried + other.carried,
        reports=reports,
        facts=facts_of(story.facts, other.facts),
        related=tuple(
            one
            for one in dict.fromkeys((*story.related, *other.related))
            if one not in ids
        ),
    )
