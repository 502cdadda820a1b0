"""Who is told what, when: from alerts to outbox rows.

Pure: data and ``now`` go in, frozen rows come out.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.departing import Departure, depart
from alerts.followups import says_merged
from alerts.messages import headline, render
from alerts.model import (
    Alert,
    Channel,
    Delivery,
    DeliveryState,
    Letter,
    Link,
    MessageType,
    Reason,
    Story,
    Telling,
    Topic,
)
from alerts.policy import order
from crawler.items import Item, stable_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from alerts.memory import Memory

_OPENING = frozenset({Reason.FIRST, Reason.TOPIC})
"""What a recipient who knows the story hears only if it is more urgent; a change of
the story is news to everyone."""

_ESCALATED = frozenset({Reason.ESCALATED})
"""What one who was roused for the story hears only if it is more urgent than that."""

CATCH_UP_WINDOW = timedelta(hours=1)
"""First polls of a new watch are spread over at most the longest default interval
(60 min); within it one message a topic leaves, the rest waits for the digest."""


class Router:
    """Turns the alerts of one item into outbox rows, one for each recipient."""

    def __init__(
        self,
        *,
        topics: Mapping[str, Topic],
        channels: Mapping[str, Channel],
        owner: str | None,
        item: Item,
        story: Story,
        now: datetime,
    ) -> None:
        self.topics = topics
        self.channels = channels
        self.owner = owner
        self.item = item
        self.story = story
        self.now = now

    def route(self, alerts: tuple[Alert, ...], memory: Memory) -> tuple[Delivery, ...]:
        """The rows for all channels, in the order of the config.

        Every (alert, channel, recipient) is covered by exactly one row. ``memory``
        is read only; the caller tells it what was decided.
        """
        rows: list[Delivery] = []
        for channel in self.channels.values():
            mine = order(a for a in alerts if self._wants(channel, a))
            for recipient in channel.recipients:
                rows.extend(self._rows(channel, recipient, mine, memory))
        return tuple(rows)

    def _wants(self, channel: Channel, alert: Alert) -> bool:
        topic = self.topics[alert.topic]
        if alert.reason is Reason.ESCALATED:
            return topic.escalate is not None and channel.name in topic.escalate.to
        return topic.to is None or channel.name in topic.to

    def _rows(
        self,
        channel: Channel,
        recipient: str,
        alerts: tuple[Alert, ...],
        memory: Memory,
    ) -> Iterable[Delivery]:
        silenced = tuple(a for a in alerts if self._silenced(a.topic, memory))
        if silenced:
            yield self._row(channel, recipient, silenced, memory, Reason.SILENCED)
        spoken = tuple(a for a in alerts if a not in silenced)
        who = (self.story.id, channel.name, recipient)
        for heard, reasons in ((memory.told, _OPENING), (memory.roused, _ESCALATED)):
            before = heard.get(who)
            known = tuple(a for a in spoken if a.reason in reasons)
            if known and before is not None and known[0].severity.rank <= before.rank:
                yield self._row(channel, recipient, known, memory, Reason.ALREADY_TOLD)
                spoken = tuple(a for a in spoken if a not in known)
        planned = [*memory.planned.get((channel.name, recipient), ())]
        for turn in _by_turn(spoken):
            leaving = self._departure(channel, turn[0], planned, memory)
            if leaving.period is not None:
                yield self._digest_row(channel, recipient, turn, leaving)
            else:
                planned.append(leaving.due)
                yield self._row(channel, recipient, turn, memory, leaving=leaving)

    def _silenced(self, topic: str, memory: Memory) -> bool:
        targets = {topic, self.story.id}
        return any(s.target in targets and s.until > self.now for s in memory.silences)

    def _departure(
        self,
        channel: Channel,
        primary: Alert,
        planned: Sequence[datetime],
        memory: Memory,
    ) -> Departure:
        """When a message leaves; catching up may hold even a critical one."""
        crowded = self.is_crowded(primary.topic, memory)
        return depart(
            channel,
            primary.severity,
            self.now,
            due=primary.due,
            gathered=crowded or primary.note is Reason.CAPPED,
            escalated=primary.reason is Reason.ESCALATED,
            planned=planned,
        )

    def is_crowded(self, topic: str, memory: Memory) -> bool:
        """Whether catching up already sent this topic's one message."""
        last = memory.caught_up.get(topic)
        return (
            self.item.catching_up
            and last is not None
            and self.now - last < CATCH_UP_WINDOW
        )

    def _row(
        self,
        channel: Channel,
        recipient: str,
        alerts: tuple[Alert, ...],
        memory: Memory,
        suppressed: Reason | None = None,
        leaving: Departure | None = None,
    ) -> Delivery:
        opened = alerts[0].kind == "opened"
        kind = MessageType.OPENED if opened else MessageType.UPDATED
        keys = sorted(f"{a.topic}\x1e{a.milestone}" for a in alerts)
        letter = Letter(
            id=stable_id(
                "delivery", channel.name, recipient, self.story.id, kind, *keys
            ),
            type=kind,
            channel=channel,
            recipient=recipient,
            created=self.now,
            tellings=(self._telling(alerts, memory),),
        )
        leaving = leaving or Departure(due=self.now, reason=suppressed)
        state = DeliveryState.SUPPRESSED if suppressed else DeliveryState.PENDING
        return Delivery(
            id=letter.id,
            channel=channel.name,
            recipient=recipient,
            type=kind,
            severity=alerts[0].severity,
            story_id=self.story.id,
            alert_ids=tuple(a.id for a in alerts),
            headline=headline(letter),
            payload=None if suppressed else render(letter),
            state=state,
            reason=leaving.reason,
            created=self.now,
            due=leaving.due,
            first_due=leaving.due,
            detail=leaving.detail or self._detail(alerts, suppressed, memory),
            settled=self.now if suppressed else None,
        )

    def _detail(
        self, alerts: tuple[Alert, ...], suppressed: Reason | None, memory: Memory
    ) -> str:
        if suppressed is not Reason.SILENCED:
            return ""
        targets = {self.story.id, *(a.topic for a in alerts)}
        until = max(s.until for s in memory.silences if s.target in targets)
        return f"silenced until {until.isoformat(timespec='seconds')}"

    def _digest_row(
        self,
        channel: Channel,
        recipient: str,
        alerts: tuple[Alert, ...],
        leaving: Departure,
    ) -> Delivery:
        start, end = leaving.period or (self.now, self.now)
        return Delivery(
            id=stable_id("digest", channel.name, recipient, start.isoformat()),
            channel=channel.name,
            recipient=recipient,
            type=MessageType.DIGEST,
            severity=alerts[0].severity,
            story_id=None,
            alert_ids=tuple(a.id for a in alerts),
            headline="",
            payload=None,
            state=DeliveryState.PENDING,
            reason=leaving.reason,
            detail=leaving.detail,
            created=self.now,
            due=leaving.due,
            first_due=leaving.due,
            period_from=start,
            period_to=end,
        )

    def _telling(self, alerts: tuple[Alert, ...], memory: Memory) -> Telling:
        near = {one.id: one for s in self.story.related if (one := memory.link(s))}
        near.pop(self.story.id, None)
        return Telling(
            alert=alerts[0],
            story=self.story,
            item=self.item,
            topic_title=self.topics[alerts[0].topic].title,
            owner=self.owner,
            also=alerts[1:],
            related=tuple(near.values()),
            merged=tuple(
                Link(id=other.id, headline=other.headline)
                for other in memory.stories.values()
                if says_merged(alerts, other.id)
            ),
        )


def _by_turn(alerts: tuple[Alert, ...]) -> Iterable[tuple[Alert, ...]]:
    """The alerts that leave together, in one message each; their order is kept."""
    turns: dict[object, list[Alert]] = {}
    for alert in alerts:
        turn = (alert.due, alert.note is Reason.CAPPED)
        turns.setdefault(turn, []).append(alert)
    return map(tuple, turns.values())
