"""Who would be told of an alert, when and why: the routing of one that never was.

Pure. It asks the same ``depart`` that decides for real alerts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from alerts.departing import depart
from alerts.model import Reason, Severity
from crawler.shapes import write_duration

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from alerts.departing import Departure
    from alerts.model import Channel, Topic


class Way(StrEnum):
    """How a recipient would hear of it."""

    AT_ONCE = "at once"
    HELD = "held"
    DIGEST = "digest"
    ESCALATION = "escalation"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What one recipient would get; ``at`` (aware UTC) is None for never."""

    channel: str
    recipient: str
    way: Way
    at: datetime | None
    why: str


def foresee(
    topic: Topic, severity: Severity, channels: Iterable[Channel], at: datetime
) -> tuple[Foreseen, ...]:
    """What every recipient would get of a first alert that is made then.

    It assumes that no silence is on, that the recipient knows nothing of the story,
    that no backlog is read, and that no limit is used up.
    """
    return tuple(
        one
        for channel in channels
        for recipient in channel.recipients
        for one in _ways(topic, severity, channel, recipient, at)
    )


def _ways(
    topic: Topic, severity: Severity, channel: Channel, recipient: str, at: datetime
) -> tuple[Foreseen, ...]:
    first = _foreseen(topic, severity, channel, recipient, at)
    later = _escalation(topic, severity, channel, recipient, at)
    if later is None:
        return (first,)
    return (later,) if first.way is Way.NEVER else (first, later)


def _escalation(
    topic: Topic, severity: Severity, channel: Channel, recipient: str, at: datetime
) -> Foreseen | None:
    escalate = topic.escalate
    urgent = severity.rank >= Severity.HIGH.rank and not topic.off
    if escalate is None or not urgent or channel.name not in escalate.to:
        return None
    leaving = depart(channel, severity, at + escalate.after, escalated=True)
    return Foreseen(
        channel=channel.name,
        recipient=recipient,
        way=Way.ESCALATION,
        at=leaving.due,
        why=f"unless acknowledged within {write_duration(escalate.after)}",
    )


def _foreseen(
    topic: Topic, severity: Severity, channel: Channel, recipient: str, at: datetime
) -> Foreseen:
    never = _never(topic, channel)
    leaving = None if never else depart(channel, severity, at)
    return Foreseen(
        channel=channel.name,
        recipient=recipient,
        way=_way(leaving),
        at=leaving.due if leaving else None,
        why=never or _why(leaving, severity, channel),
    )


def _never(topic: Topic, channel: Channel) -> str:
    if topic.off:
        return "a shadow topic (alert: off): recorded, never sent"
    if topic.to is not None and channel.name not in topic.to:
        return f"the topic's alert.to names {', '.join(topic.to)} only"
    return ""


def _way(leaving: Departure | None) -> Way:
    if leaving is None:
        return Way.NEVER
    if leaving.period is not None:
        return Way.DIGEST
    return Way.HELD if leaving.reason is Reason.QUIET else Way.AT_ONCE


def _why(leaving: Departure | None, severity: Severity, channel: Channel) -> str:
    if leaving is None:
        return ""
    parts = []
    if leaving.period is not None:
        low = severity is Severity.LOW
        parts.append("severity low" if low else "the channel gathers digests")
    if leaving.reason is Reason.QUIET:
        parts.append(leaving.detail)
    if not parts and severity is Severity.CRITICAL:
        parts.append("critical waits for nothing")
    if not parts:
        parts.append("nothing to wait for")
        parts += ["if the limit is not used up"] if channel.limit else []
    return ", ".join(parts)
