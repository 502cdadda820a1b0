"""What comes of an item once its place is known: alerts, holds, outbox rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.escalating import escalated, started
from alerts.holding import HELD_FOR, released
from alerts.looks import first_look, is_watchable
from alerts.model import (
    Alert,
    Delivery,
    DeliveryState,
    Escalation,
    Hold,
    Judgement,
    MessageType,
    Reason,
    Story,
    Verdict,
)
from alerts.policy import covering, follow_ups, gate, make_alert, order
from alerts.routing import Router

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from alerts.evaluate import Watch
    from alerts.memory import Memory
    from alerts.model import Fingerprint, Matched, Recheck, StoryMove
    from crawler.items import Item


class Desk:
    """The state of one evaluation: what it has seen and what it will write.

    It is told where each item went, and decides what that means: which held alerts
    are let go, what is told again, which gates open, and who hears of it.
    """

    def __init__(self, watch: Watch, memory: Memory, now: datetime) -> None:
        self.watch = watch
        self.memory = memory
        self.now = now
        self.judgements: list[Judgement] = []
        self.stories: dict[str, Story] = {}
        self.alerts: list[Alert] = []
        self.rows: dict[str, Delivery] = {}
        self.caught_up: dict[str, datetime] = {}
        self.holds: dict[tuple[str, str], Hold] = {}
        self.released: list[tuple[str, str]] = []
        self.escalations: list[Escalation] = []
        self.escalated: list[str] = []
        self.watched: dict[str, Recheck] = {}

    def judge(
        self,
        one: Matched,
        prints: Fingerprint,
        move: StoryMove,
        story: Story,
        owner: str,
    ) -> None:
        """Take in where an item went; ``story`` is its story with the item counted."""
        item = one.item
        story = replace(story, matched=story.matched or any(m.hit for m in one.matches))
        before = None if move.opened else self.memory.stories.get(story.id)
        if before is not None and move.merged is not None:
            before = self._merge(before, self.memory.stories[move.merged])
        self.memory.moved(prints, move, story, owner, self.now)
        self.stories[story.id] = story
        self._release_reported(story)
        gates: dict[str, Reason] = {}
        alerts: list[Alert] = []
        if before is not None and move.duplicate_of is None:
            alerts = self._changes(before, story, one)
            for alert in alerts:
                gates.setdefault(alert.topic, alert.reason)
        for found in one.matches:
            topic = self.watch.topics[found.topic]
            why = gate(found, topic, item, story, self.memory)
            gates.setdefault(topic.name, why)
            if why not in {Reason.FIRST, Reason.TOPIC, Reason.HELD}:
                continue
            alert = make_alert(found, topic, item, story, why, self.now)
            alert = replace(alert, config=self.watch.version)
            if why is Reason.HELD:
                until = self.now + HELD_FOR
                self._hold(Hold(alert=alert, item=item, until=until))
            else:
                covers = covering(before, story, self.now)
                alerts.append(replace(alert, covers=covers))
        self.tell(tuple(alerts), item, story)
        self.judgements.append(
            Judgement(
                item_id=item.id,
                fingerprint=prints,
                move=move,
                matches=one.matches,
                gates=tuple(gates.items()),
                owner=owner,
            )
        )

    def _merge(self, story: Story, other: Story) -> Story:
        """Let the other story go into this one, with all that is kept of it.

        Gives the story as it stood before the item, last seen when either was.
        """
        memory = self.memory
        moved = memory.merge(other.id, story.id)
        self.stories.update({one.id: one for one in moved})
        for hold in memory.held(other.id):
            topic = hold.alert.topic
            self._end_hold((other.id, topic))
            if not memory.has_alerted(story.id, topic):
                alert = replace(hold.alert, story_id=story.id)
                self._hold(replace(hold, alert=alert))
        return replace(story, last_seen=max(story.last_seen, other.last_seen))

    def _changes(self, before: Story, story: Story, one: Matched) -> list[Alert]:
        topics = self.watch.topics
        made = follow_ups(before, story, one, topics, self.memory, self.now)
        return [replace(alert, config=self.watch.version) for alert in made]

    def _hold(self, hold: Hold) -> None:
        """Keep a first alert back; one that waits already is not prolonged."""
        key = (hold.alert.story_id, hold.alert.topic)
        if key not in self.memory.holds:
            self.memory.holds[key] = self.holds[key] = hold

    def _end_hold(self, key: tuple[str, str]) -> None:
        del self.memory.holds[key]
        if self.holds.pop(key, None) is None:
            self.released.append(key)

    def _release_reported(self, story: Story) -> None:
        """Let go what waited for the reports that the story has by now."""
        topics = self.watch.topics
        self.release(
            hold
            for hold in self.memory.held(story.id)
            if hold.alert.topic not in topics
            or story.independent >= topics[hold.alert.topic].first
        )

    def release(self, holds: Iterable[Hold]) -> None:
        """End holds; an alert is made of each that its topic still wants.

        Those of one item are told together, as they would have been at first.
        """
        items: dict[str, list[Hold]] = {}
        for hold in holds:
            items.setdefault(hold.item.id, []).append(hold)
        for together in items.values():
            story = self.memory.stories[together[0].alert.story_id]
            covers = covering(None, story, self.now)
            alerts = []
            for hold in together:
                self._end_hold((story.id, hold.alert.topic))
                topics = self.watch.topics
                alert = released(hold, story, topics, self.memory, self.now)
                if alert is not None:
                    alerts.append(replace(alert, covers=covers))
            self.tell(tuple(alerts), together[0].item, story)

    def escalate(self, waiting: Iterable[Escalation]) -> None:
        """Tell the next channels of what nobody acknowledged in time.

        The topics of one story that go on to the same channels are told together,
        the most urgent first.
        """
        late: dict[str, tuple[Alert, Item]] = {}
        for one in waiting:
            self.escalated.append(one.alert.id)
            alert = escalated(one, self.watch.topics, self.memory, self.now)
            if alert is not None:
                late.setdefault(alert.id, (alert, one.item))
        together: dict[object, list[Alert]] = {}
        for alert in order(alert for alert, _ in late.values()):
            onward = self.watch.topics[alert.topic].escalate
            channels = onward.to if onward else ()
            together.setdefault((alert.story_id, channels), []).append(alert)
        for alerts in together.values():
            _, item = late[alerts[0].id]
            self.tell(tuple(alerts), item, self.memory.stories[alerts[0].story_id])

    def tell(self, alerts: tuple[Alert, ...], item: Item, story: Story) -> None:
        """Write alerts on one item down, and the messages that tell of them."""
        if not alerts:
            return
        source = self.watch.sources.get(item.source)
        if source is not None and is_watchable(item, source):
            self.watched.setdefault(item.id, first_look(item, self.now))
        router = Router(
            topics=self.watch.topics,
            channels=self.watch.channels,
            owner=source.owner if source else None,
            item=item,
            story=story,
            now=self.now,
        )
        rows = router.route(alerts, self.memory)
        covered = {alert_id for row in rows for alert_id in row.alert_ids}
        # Nobody can acknowledge what nobody was sent.
        sent = {
            alert_id
            for row in rows
            if row.state is not DeliveryState.SUPPRESSED
            for alert_id in row.alert_ids
        }
        begun = (
            started(alert, item, self.watch.topics[alert.topic])
            for alert in alerts
            if alert.id in sent and not router.is_crowded(alert.topic, self.memory)
        )
        self.escalations += filter(None, begun)
        for alert in alerts:
            self.memory.made(alert)
            lost = alert.id not in covered
            self.alerts.append(
                replace(alert, note=Reason.NO_CHANNEL) if lost else alert
            )
        topics = {alert.id: alert.topic for alert in alerts}
        for row in rows:
            self._put(row, story)
            if item.catching_up and _leaves_now(row):
                for alert_id in row.alert_ids:
                    self.memory.caught(topics[alert_id], self.now)
                    self.caught_up[topics[alert_id]] = self.now

    def _put(self, row: Delivery, story: Story) -> None:
        """Add an outbox row; a digest row gathers the alerts of several items."""
        if row.state is not DeliveryState.SUPPRESSED:
            who = (story.id, row.channel, row.recipient)
            self.memory.hear(who, row.severity)
            if row.reason is Reason.ESCALATED:
                self.memory.rouse(who, row.severity)
            if row.type is not MessageType.DIGEST:
                self.memory.plan((row.channel, row.recipient), row.due)
        before = self.rows.get(row.id)
        if before is not None:
            row = replace(
                before,
                alert_ids=(*before.alert_ids, *row.alert_ids),
                reason=before.reason or row.reason,
                detail=before.detail or row.detail,
            )
        self.rows[row.id] = row

    def verdict(self) -> Verdict:
        """Everything decided so far, ready to be recorded."""
        return Verdict(
            at=self.now,
            judgements=tuple(self.judgements),
            stories=tuple(self.stories.values()),
            alerts=tuple(self.alerts),
            deliveries=tuple(self.rows.values()),
            caught_up=tuple(self.caught_up.items()),
            holds=tuple(self.holds.values()),
            released=tuple(self.released),
            escalations=tuple(self.escalations),
            escalated=tuple(self.escalated),
            watched=tuple(self.watched.values()),
        )


def _leaves_now(row: Delivery) -> bool:
    return row.state is DeliveryState.PENDING and row.type is not MessageType.DIGEST
