"""A digest's tellings in the order a reader wants them: by topic, then by story."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.rendering.clean import one_line

if TYPE_CHECKING:
    from alerts.model import Telling


MOST = 80
"""Stories of a digest that are shown, about 85 kB of HTML: Gmail hides what is beyond
102 kB, and servers refuse what is beyond a few MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One topic of a digest; ``stories`` holds at least one telling each.

    ``left_out`` counts those that had no room.
    """

    topic: str
    title: str
    stories: tuple[tuple[Telling, ...], ...]
    left_out: int = 0


def by_topic(tellings: tuple[Telling, ...], *, most: int = MOST) -> tuple[Group, ...]:
    """The topics, highest severity first, then by name; stories in order of arrival.

    Over ``most`` stories every topic gets its equal share of them, and what one topic
    does not need goes to the others.
    """
    topics: dict[str, dict[str, list[Telling]]] = {}
    for telling in tellings:
        stories = topics.setdefault(telling.alert.topic, {})
        stories.setdefault(telling.story.id, []).append(telling)
    room = _shares({topic: len(stories) for topic, stories in topics.items()}, most)
    groups = [
        Group(
            topic=one_line(topic, limit=60),
            title=next(iter(stories.values()))[0].topic_title,
            stories=tuple(tuple(story) for story in stories.values())[: room[topic]],
            left_out=len(stories) - room[topic],
        )
        for topic, stories in topics.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-_rank(group), group.topic)))


def more(groups: tuple[Group, ...], tellings: tuple[Telling, ...]) -> str:
    """How many stories are left out, and the command that lists them; or nothing."""
    count = sum(group.left_out for group in groups)
    if not count:
        return ""
    alerts = sum(1 + len(telling.also) for telling in tellings)
    return f"and {count} more in all: `vedette alerts --limit {alerts}` lists them"


def _shares(sizes: dict[str, int], most: int) -> dict[str, int]:
    shares: dict[str, int] = {}
    for topic, size in sorted(sizes.items(), key=lambda one: one[1]):
        fair = (most - sum(shares.values())) // (len(sizes) - len(shares))
        shares[topic] = min(size, max(fair, 1))
    return shares


def _rank(group: Group) -> int:
    return max(t.alert.severity.rank for story in group.stories for t in story)
