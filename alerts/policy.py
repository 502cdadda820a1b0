"""Who is told what, when: from matches to alerts, from alerts to outbox rows.

Pure: data and ``now`` go in, frozen rows come out. The order of the gates is the
order in which ``vedette why`` explains them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from alerts.digests import next_digest
from alerts.messages import headline, render
from alerts.model import (
    Alert,
    Channel,
    Delivery,
    DeliveryState,
    Letter,
    Match,
    MessageType,
    Reason,
    Severity,
    Story,
    Telling,
    Topic,
)
from crawler.items import Freshness, Item, stable_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from alerts.memory import Memory

CATCH_UP_WINDOW = timedelta(hours=1)
"""First polls of a new watch are spread over at most the longest default interval
(60 min); within it one message a topic leaves, the rest waits for the digest."""

_FRESHNESS = {
    Freshness.OLD: Reason.OLD,
    Freshness.UNDATED_FIRST_POLL: Reason.UNDATED_FIRST_POLL,
}


def gate(
    match: Match, topic: Topic, item: Item, story: Story, memory: Memory
) -> Reason:
    """Whether a match makes an alert: FIRST or TOPIC, else the gate that stopped it."""
    if not match.hit:
        return match.gate
    if topic.off:
        return Reason.SHADOW
    if memory.has_alerted(story.id, topic.name):
        return Reason.ALREADY_ALERTED
    if item.freshness is not Freshness.FRESH:
        return _FRESHNESS[item.freshness]
    if story.id in memory.alerted_stories:
        return Reason.TOPIC
    return Reason.FIRST


def make_alert(
    match: Match, topic: Topic, item: Item, story: Story, reason: Reason, now: datetime
) -> Alert:
    """The alert of a match that passed its gate with ``reason`` FIRST or TOPIC."""
    first = reason is Reason.FIRST
    kind, milestone = ("opened", "first") if first else ("updated", "topic")
    return Alert(
        id=stable_id("alert", story.id, topic.name, kind, milestone),
        story_id=story.id,
        topic=topic.name,
        kind=kind,
        milestone=milestone,
        reason=reason,
        severity=topic.severity,
        item_id=item.id,
        score=match.score,
        threshold=match.threshold,
        created=now,
        evidence=match.evidence,
    )


def order(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """The alerts of one message: highest severity, then score, then name first."""
    return tuple(sorted(alerts, key=lambda a: (-a.severity.rank, -a.score, a.topic)))


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
            mine = order(a for a in alerts if self._wants(channel, a.topic))
            for recipient in channel.recipients:
                rows.extend(self._rows(channel, recipient, mine, memory))
        return tuple(rows)

    def _wants(self, channel: Channel, topic: str) -> bool:
        to = self.topics[topic].to
        return to is None or channel.name in to

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
        if not spoken:
            return
        told = memory.told.get((self.story.id, channel.name, recipient))
        if told is not None and spoken[0].severity.rank <= told.rank:
            yield self._row(channel, recipient, spoken, memory, Reason.ALREADY_TOLD)
        elif self._waits(channel, spoken[0], memory):
            yield self._digest_row(channel, recipient, spoken)
        else:
            yield self._row(channel, recipient, spoken, memory)

    def _silenced(self, topic: str, memory: Memory) -> bool:
        targets = {topic, self.story.id}
        return any(s.target in targets and s.until > self.now for s in memory.silences)

    def _waits(self, channel: Channel, primary: Alert, memory: Memory) -> bool:
        """Whether the message belongs into the channel's next digest.

        Catching up may hold even a critical one: its topic was told just now.
        """
        if self.is_crowded(primary.topic, memory):
            return True
        if primary.severity is Severity.CRITICAL:
            return False
        return primary.severity is Severity.LOW or bool(channel.digest)

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
            tellings=(self._telling(alerts),),
        )
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
            reason=suppressed,
            created=self.now,
            due=self.now,
            first_due=self.now,
            detail=self._detail(alerts, suppressed, memory),
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
        self, channel: Channel, recipient: str, alerts: tuple[Alert, ...]
    ) -> Delivery:
        start, due = next_digest(channel, self.now)
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
            reason=None,
            created=self.now,
            due=due,
            first_due=due,
            period_from=start,
            period_to=due,
        )

    def _telling(self, alerts: tuple[Alert, ...]) -> Telling:
        return Telling(
            alert=alerts[0],
            story=self.story,
            item=self.item,
            topic_title=self.topics[alerts[0].topic].title,
            owner=self.owner,
            also=alerts[1:],
        )
