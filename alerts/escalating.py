"""Urgent alerts that nobody acknowledges go on to other channels; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.model import Alert, Escalation, Reason, Severity
from crawler.items import stable_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from alerts.memory import Memory
    from alerts.model import Topic
    from crawler.items import Item

FIRST_STEP = f"{Reason.ESCALATED}:1"
"""The milestone; a topic escalates a story once."""

_STARTS = frozenset({Reason.FIRST, Reason.TOPIC})


def started(alert: Alert, item: Item, topic: Topic) -> Escalation | None:
    """What waits for an acknowledgement once a topic spoke of a story.

    None for a follow-up, for a severity below high, and without `escalate`.
    """
    escalate, urgent = topic.escalate, alert.severity.rank >= Severity.HIGH.rank
    if escalate is None or not urgent or alert.reason not in _STARTS:
        return None
    return Escalation(alert=alert, item=item, at=alert.created + escalate.after)


def escalated(
    waiting: Escalation, topics: Mapping[str, Topic], memory: Memory, now: datetime
) -> Alert | None:
    """The alert it becomes once nobody acknowledged in time, by today's topics.

    None if the topic is gone, off or escalates no more, or did so already.
    """
    first = waiting.alert
    topic = topics.get(first.topic)
    if topic is None or topic.off or topic.escalate is None:
        return None
    if (first.story_id, topic.name, "updated", FIRST_STEP) in memory.alerted:
        return None
    return replace(
        first,
        id=stable_id("alert", first.story_id, topic.name, "updated", FIRST_STEP),
        kind="updated",
        milestone=FIRST_STEP,
        reason=Reason.ESCALATED,
        created=now,
        note=None,
        covers=(),
    )
