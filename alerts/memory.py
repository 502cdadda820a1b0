"""What a batch, or a whole replay, remembers of the items before."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from alerts.followups import Past
from alerts.model import (
    Alert,
    Fingerprint,
    Hold,
    Known,
    Link,
    Neighbours,
    Posted,
    Recent,
    Severity,
    Story,
    StoryMove,
    Told,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


class Memory:
    """A working copy of the neighbours that grows item by item.

    The stored neighbours it starts from are never changed: what it learned takes
    effect for others only when the verdict it helped to make is recorded.
    """

    def __init__(self, start: Neighbours | None = None) -> None:
        start = start or Neighbours()
        self.by_url = dict(start.by_url)
        self.by_content = dict(start.by_content)
        self.posted = dict(start.posted)
        self.postings = dict(start.postings)
        self.habits = dict(start.habits)
        self.recents = dict(start.recents)
        self.alike = dict(start.alike)
        self._told: list[str] = []  # items of this batch with a gist, in order
        self._by_key: dict[int, list[int]] = {}  # places in that list
        self.stories = dict(start.stories)
        self.links = start.links
        self.alerted = set(start.alerted)
        self.alerted_stories = {key[0] for key in start.alerted}
        self.followed = dict(start.followed)
        self.holds = dict(start.holds)
        self.told = dict(start.told)
        self.roused = dict(start.roused)
        self.planned = dict(start.planned)
        self.silences = start.silences
        self.caught_up = dict(start.caught_up)

    def neighbours(self, prints: Fingerprint) -> Neighbours:
        """Everything known so far that this item may need; a live view."""
        if prints.gist is not None:
            found = (self._by_key.get(key, ()) for key in prints.gist.keys)
            mates = (self._told[at] for at in sorted(set(chain.from_iterable(found))))
            stored = self.alike.get(prints.item_id, ())
            self.alike[prints.item_id] = tuple(dict.fromkeys((*stored, *mates)))
        return Neighbours(
            by_url=self.by_url,
            by_content=self.by_content,
            posted=self.posted,
            postings=self.postings,
            habits=self.habits,
            recents=self.recents,
            alike=self.alike,
            stories=self.stories,
            followed=self.followed,
            silences=self.silences,
        )

    def moved(
        self,
        prints: Fingerprint,
        move: StoryMove,
        story: Story,
        owner: str,
        now: datetime,
    ) -> None:
        """Take in where an item went. The first holder of a key keeps it."""
        known = Known(item_id=move.item_id, story_id=move.story_id, owner=owner)
        if prints.url_key is not None:
            self.by_url.setdefault(prints.url_key, known)
        if prints.content_hash is not None:
            self.by_content.setdefault(prints.content_hash, known)
        self.stories[story.id] = story
        self._post(known, prints, move)
        if prints.gist is not None and move.guides:
            recent = Recent(known=known, gist=prints.gist, at=now)
            self.recents[move.item_id] = recent
            for key in prints.gist.keys:
                self._by_key.setdefault(key, []).append(len(self._told))
            self._told.append(move.item_id)

    def merge(self, old: str, new: str) -> tuple[Story, ...]:
        """Let a story have been the other all along; gives the rows that change.

        They are its own and those merged into it before, which point to the survivor
        from now on. What was told of it was told of the survivor, and who is silent
        on it is silent on both. Its holds are left to the caller.
        """
        moved = tuple(
            replace(story, merged_into=new)
            for story in self.stories.values()
            if old in {story.id, story.merged_into}
        )
        self.stories.update({story.id: story for story in moved})
        for table in (self.by_url, self.by_content):
            table.update(
                {k: _of(new, one) for k, one in table.items() if one.story_id == old}
            )
        self.posted.update(
            {
                k: replace(one, known=_of(new, one.known))
                for k, one in self.posted.items()
                if one.known.story_id == old
            }
        )
        self.recents.update(
            {
                k: replace(one, known=_of(new, one.known))
                for k, one in self.recents.items()
                if one.known.story_id == old
            }
        )
        self._merge_told(old, new)
        self.silences = tuple(
            replace(one, target=new) if one.target == old else one
            for one in self.silences
        )
        return moved

    def link(self, story_id: str) -> Link | None:
        """How a message names this story, or the one that took it in."""
        story = self.stories.get(story_id)
        if story is None:
            known = self.links.get(story_id)
            story = self.stories.get(known.id) if known else None
            if story is None:
                return known
        if story.merged_into is not None:
            return self.link(story.merged_into)
        return Link(id=story.id, headline=story.headline)

    def _merge_told(self, old: str, new: str) -> None:
        self.alerted |= {(new, *key[1:]) for key in self.alerted if key[0] == old}
        if old in self.alerted_stories:
            self.alerted_stories.add(new)
        for (story, topic), told in tuple(self.followed.items()):
            if story == old:
                before = self.followed.get((new, topic), ())
                self.followed[new, topic] = in_order((*before, *told))
        for table in (self.told, self.roused):
            for (story, channel, recipient), severity in tuple(table.items()):
                if story == old:
                    _raise(table, (new, channel, recipient), severity)

    def _post(self, known: Known, prints: Fingerprint, move: StoryMove) -> None:
        """Take in an item's words, as the store will once the verdict is recorded."""
        sketch = prints.sketch
        if sketch is None or not move.posted or known.item_id in self.posted:
            return
        for one in sketch.hashes:
            self.postings[one] = (*self.postings.get(one, ()), known.item_id)
            habit = (sketch.host, one)
            self.habits[habit] = self.habits.get(habit, 0) + 1
        own = sketch
        if move.boilerplate:
            own = replace(sketch, hashes=sketch.hashes - move.boilerplate)
        self.posted[known.item_id] = Posted(known=known, sketch=own)

    def made(self, alert: Alert) -> None:
        """Take in an alert, so that neither it nor what it covers is made again."""
        self.alerted.update(keys(alert))
        self.alerted_stories.add(alert.story_id)
        topic = (alert.story_id, alert.topic)
        told = told_by(alert)
        self.followed[topic] = (*self.followed.get(topic, ()), told)

    def past(self, story_id: str, topic: str) -> Past:
        """What the topic told of the story so far."""
        return Past(
            keys=frozenset(
                key[3] for key in self.alerted if key[:2] == (story_id, topic)
            ),
            told=self.followed.get((story_id, topic), ()),
        )

    def held(self, story_id: str) -> tuple[Hold, ...]:
        """The first alerts on the story that wait for a second report."""
        return tuple(h for (story, _), h in self.holds.items() if story == story_id)

    def has_alerted(self, story_id: str, topic: str) -> bool:
        """Whether the topic already spoke of the story, as first or as joining."""
        return bool(
            {
                (story_id, topic, "opened", "first"),
                (story_id, topic, "updated", "topic"),
            }
            & self.alerted
        )

    def hear(self, who: tuple[str, str, str], severity: Severity) -> None:
        """Raise the highest severity (story, channel, recipient) heard."""
        _raise(self.told, who, severity)

    def rouse(self, who: tuple[str, str, str], severity: Severity) -> None:
        """Raise the highest severity of an escalation to them."""
        _raise(self.roused, who, severity)

    def plan(self, who: tuple[str, str], due: datetime) -> None:
        """Note when one more message leaves for a (channel, recipient)."""
        self.planned[who] = (*self.planned.get(who, ()), due)

    def caught(self, topic: str, now: datetime) -> None:
        """Note that a catching-up message left for the topic."""
        self.caught_up[topic] = now


def told_by(alert: Alert) -> Told:
    """What is remembered of an alert, for the pace of the next ones."""
    at = alert.due or alert.created
    return Told(milestone=alert.milestone, at=at, story_id=alert.story_id)


def in_order(told: Iterable[Told]) -> tuple[Told, ...]:
    """What was told, by when it leaves: the same order whoever remembers it."""
    return tuple(sorted(told, key=lambda one: (one.at, one.milestone, one.story_id)))


def _raise(
    table: dict[tuple[str, str, str], Severity],
    who: tuple[str, str, str],
    severity: Severity,
) -> None:
    before = table.get(who)
    if before is None or severity.rank > before.rank:
        table[who] = severity


def _of(story_id: str, known: Known) -> Known:
    return replace(known, story_id=story_id)


def keys(alert: Alert) -> frozenset[tuple[str, str, str, str]]:
    """Each (story, topic, kind, milestone) an alert settles: its own, all it covers."""
    story, topic = alert.story_id, alert.topic
    covered = ((story, topic, "updated", key) for key in alert.covers)
    return frozenset({(story, topic, alert.kind, alert.milestone), *covered})
