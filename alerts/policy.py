"""Whether a match makes an alert, and which alert a change of its story makes.

Pure. The order of the gates is the order in which ``vedette why`` explains them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.followups import WEIGHT, milestones, untold
from alerts.model import Alert, Match, Reason, Story, Topic
from alerts.pacing import turns
from crawler.items import Item, stable_id
from crawler.reasons import Freshness

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from alerts.followups import Milestone
    from alerts.memory import Memory
    from alerts.model import Difference, Matched
    from alerts.pacing import Turn

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
    if story.independent < topic.first:
        return Reason.HELD
    return opening(story, memory)


def opening(story: Story, memory: Memory) -> Reason:
    """What a topic's first word on a story is: FIRST, or TOPIC after another's."""
    told = story.id in memory.alerted_stories
    return Reason.TOPIC if told else Reason.FIRST


def make_alert(
    match: Match, topic: Topic, item: Item, story: Story, reason: Reason, now: datetime
) -> Alert:
    """The alert of a match that passed its gate with ``reason`` FIRST or TOPIC."""
    kind, milestone = _opened(reason)
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


def opened_as(alert: Alert, reason: Reason, now: datetime) -> Alert:
    """A first alert that was held, made now for ``reason`` FIRST or TOPIC."""
    kind, milestone = _opened(reason)
    return replace(
        alert,
        id=stable_id("alert", alert.story_id, alert.topic, kind, milestone),
        kind=kind,
        milestone=milestone,
        reason=reason,
        created=now,
    )


def _opened(reason: Reason) -> tuple[str, str]:
    return ("opened", "first") if reason is Reason.FIRST else ("updated", "topic")


def covering(before: Story | None, after: Story, now: datetime) -> tuple[str, ...]:
    """The milestones that a topic's first alert tells by the way."""
    return tuple(one.key for one in milestones(before, after, now))


def follow_ups(
    before: Story,
    after: Story,
    one: Matched,
    topics: Mapping[str, Topic],
    memory: Memory,
    now: datetime,
) -> tuple[Alert, ...]:
    """What every topic that alerted on the story has to tell now that it grew.

    The item itself need not match the topic, but it must be fresh. The caller leaves
    out items that only repeat another.
    """
    is_fresh = one.item.freshness is Freshness.FRESH
    if not is_fresh or after.id not in memory.alerted_stories:
        return ()
    matches = {match.topic: match for match in one.matches if match.hit}
    made = []
    for name, topic in sorted(topics.items()):
        if topic.off or not memory.has_alerted(after.id, name):
            continue
        past = memory.past(after.id, name)
        found = untold(before, after, now, past)
        for turn in turns(found, past.followups, now):
            made += [
                _follow_up(milestone, turn, topic, matches.get(name), now)
                for milestone in turn.milestones
            ]
    return _about(made, after, one.item)


def revisions(  # noqa: PLR0913, PLR0917 - what changed, where, and who must know
    milestone: Milestone,
    difference: tuple[Difference, ...],
    item: Item,
    story: Story,
    topics: Mapping[str, Topic],
    memory: Memory,
    now: datetime,
) -> tuple[Alert, ...]:
    """The alerts on a revised page, for every topic that alerted on its story.

    None for a topic that told this version before.
    """
    made = []
    for name, topic in sorted(topics.items()):
        past = memory.past(story.id, name)
        known = milestone.key in past.keys
        if topic.off or known or not memory.has_alerted(story.id, name):
            continue
        for turn in turns((milestone,), past.followups, now):
            alert = _follow_up(milestone, turn, topic, None, now)
            made.append(replace(alert, difference=difference))
    return _about(made, story, item)


def _about(made: Iterable[Alert], story: Story, item: Item) -> tuple[Alert, ...]:
    """Follow-ups with their ids, of an item of a story."""
    return tuple(
        replace(
            alert,
            id=stable_id("alert", story.id, alert.topic, alert.kind, alert.milestone),
            story_id=story.id,
            item_id=item.id,
        )
        for alert in made
    )


def _follow_up(
    milestone: Milestone, turn: Turn, topic: Topic, match: Match | None, now: datetime
) -> Alert:
    """A follow-up for a topic, its story and item still to be filled in."""
    return Alert(
        id="",
        story_id="",
        topic=topic.name,
        kind="updated",
        milestone=milestone.key,
        reason=milestone.reason,
        severity=topic.severity,
        item_id="",
        score=match.score if match else 0,
        threshold=match.threshold if match else topic.threshold,
        created=now,
        evidence=match.evidence if match else (),
        note=Reason.CAPPED if turn.capped else None,
        due=turn.due if turn.due > now else None,
    )


def order(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """The alerts of one message: highest severity, then score, then name first.

    Of one severity the story itself comes before its changes, and of one topic the
    weightiest milestone first.
    """
    return tuple(
        sorted(
            alerts,
            key=lambda a: (
                -a.severity.rank,
                a.reason in WEIGHT,
                -a.score,
                a.topic,
                WEIGHT.get(a.reason, 0),
                a.milestone,
            ),
        )
    )
