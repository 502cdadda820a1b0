"""What an item adds to its story: a voice, facts, an official word, a denial."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.stories.copies import partial, stripped
from alerts.stories.reports import facts_told, joined

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from alerts.model import (
        Byline,
        Fingerprint,
        Match,
        Neighbours,
        Story,
        StoryMove,
    )
    from crawler.items import Item


def copied_from(
    prints: Fingerprint, move: StoryMove, story: Story, neighbours: Neighbours
) -> frozenset[str]:
    """Owners of earlier items of the story whose words the item shares."""
    if prints.sketch is None:
        return frozenset()
    found = stripped(prints.sketch, move.boilerplate)
    return frozenset(
        known.owner
        for known in partial(found, neighbours)
        if known.owner and known.story_id in {story.id, move.merged}
    )


def grown(
    story: Story,
    item: Item,
    byline: Byline,
    matches: Iterable[Match],
    now: datetime,
) -> Story:
    """The story after the item spoke in it.

    The entities that a hit names count as facts of the unit "entity".
    """
    reports = joined(story.reports, item, byline, now)
    named = {
        ("entity", piece.entity)
        for match in matches
        if match.hit
        for piece in match.evidence
        if piece.entity
    }
    told = (*byline.facts, *sorted(named))
    return replace(
        story,
        reports=reports,
        independent=max(1, len(reports)),
        official=story.official or byline.official,
        disputed=story.disputed or byline.denies,
        facts=facts_told(story.facts, told, byline.owner, now),
    )
