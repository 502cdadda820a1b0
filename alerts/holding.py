"""First alerts that wait for a second report (`first: 2`), ten minutes at most."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.model import Alert, Hold, Reason, Story
from alerts.policy import opened_as, opening

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from alerts.memory import Memory
    from alerts.model import Topic

HELD_FOR = timedelta(minutes=10)
"""The longest wait for a second report (STORIES, "What an alert says", level 0)."""


def is_due(until: datetime, now: datetime) -> bool:
    """Whether a hold waited long enough; also if the clock was set back meanwhile."""
    return not now < until <= now + HELD_FOR


def released(
    hold: Hold,
    story: Story,
    topics: Mapping[str, Topic],
    memory: Memory,
    now: datetime,
) -> Alert | None:
    """The alert a hold becomes once it ends, by today's topics.

    None for a topic that has become a shadow, is gone, or spoke meanwhile. Without
    the reports it waited for, the alert says so (its note is HELD).
    """
    topic = topics.get(hold.alert.topic)
    if topic is None or topic.off or memory.has_alerted(story.id, topic.name):
        return None
    alert = opened_as(hold.alert, opening(story, memory), now)
    alone = story.independent < max(topic.first, 2)
    return replace(alert, severity=topic.severity, note=Reason.HELD if alone else None)
