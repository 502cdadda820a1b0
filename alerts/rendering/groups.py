"""A digest's tellings in the order a reader wants them: by topic, then by story."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.rendering.clean import one_line

if TYPE_CHECKING:
    from alerts.model import Telling


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One topic of a digest; ``stories`` holds at least one telling each."""

    topic: str
    title: str
    stories: tuple[tuple[Telling, ...], ...]


def by_topic(tellings: tuple[Telling, ...]) -> tuple[Group, ...]:
    """The topics, highest severity first, then by name; stories in order of arrival."""
    topics: dict[str, dict[str, list[Telling]]] = {}
    for telling in tellings:
        stories = topics.setdefault(telling.alert.topic, {})
        stories.setdefault(telling.story.id, []).append(telling)
    groups = [
        Group(
            topic=one_line(topic, limit=60),
            title=next(iter(stories.values()))[0].topic_title,
            stories=tuple(tuple(story) for story in stories.values()),
        )
        for topic, stories in topics.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-_rank(group), group.topic)))


def _rank(group: Group) -> int:
    return max(t.alert.severity.rank for story in group.stories for t in story)
