"""What a replay remembers: the store's answers to evaluate, kept in memory."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alerts.memory import Memory, in_order, keys, told_by
from alerts.model import (
    DeliveryState,
    Fingerprint,
    Known,
    Neighbours,
    Posted,
    Recent,
    Told,
)
from alerts.stories import pack, pack_gist, unpack, unpack_gist
from vedette.alike import RECENT, WATCHED, AlikeIndex
from vedette.nearby import MOST_POSTINGS, POSTING_LIFE, Nearby
from vedette.wordindex import WordIndex

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from alerts.model import Gist, Judgement, Severity, Sketch, Verdict


@dataclass(frozen=True, slots=True)
class _Kept:
    """The words of an item, packed: a replay may hold a hundred thousand."""

    at: datetime
    posted: Posted
    own: bytes


class _Words:
    """The postings of the last seven days."""

    def __init__(self) -> None:
        self._kept: dict[int, _Kept] = {}
        self._order: deque[int] = deque()
        self._index = WordIndex(MOST_POSTINGS)
        self._number = 0

    def look(
        self, sketches: Iterable[Sketch], now: datetime
    ) -> tuple[Nearby, dict[int, Posted]]:
        """What shares words with the sketches, oldest first."""
        self._forget(now)
        nearby = Nearby()
        for sketch in sketches:
            nearby.look(sketch, self._index)
        return nearby, {n: self._posted(n) for n in sorted(nearby.shared)}

    def _posted(self, number: int) -> Posted:
        kept = self._kept[number]
        own = replace(kept.posted.sketch, hashes=unpack(kept.own))
        return replace(kept.posted, sketch=own)

    def post(self, judged: Judgement, at: datetime) -> None:
        """Take in the words of an item, unless its site carried them before."""
        sketch = judged.fingerprint.sketch
        if sketch is None or not judged.move.posted:
            return
        self._number += 1
        known = _known(judged)
        bare = replace(sketch, hashes=frozenset())
        self._kept[self._number] = _Kept(
            at,
            Posted(known=known, sketch=bare),
            pack(sketch.hashes - judged.move.boilerplate),
        )
        self._order.append(self._number)
        self._index.add(self._number, sketch.host, sketch.hashes)

    def _forget(self, now: datetime) -> None:
        while self._order and now - self._kept[self._order[0]].at > POSTING_LIFE:
            del self._kept[self._order.popleft()]
        self._index.forget(self._order[0] if self._order else self._number + 1)


class _Gists:
    """What items are about: of seven days, of matched stories of thirty."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[datetime, Known, bytes]] = {}
        self._recent: deque[int] = deque()
        self._watched: deque[int] = deque()
        self._index = AlikeIndex()
        self._number = 0

    def look(self, gists: Iterable[Gist], now: datetime) -> dict[str, Recent]:
        """What may be of one story with these, oldest first, by item."""
        self._forget(now)
        near: set[int] = set()
        for gist in gists:
            near |= self._index.near(gist.keys)
        found = {}
        for number in sorted(near):
            at, known, packed = self._kept[number]
            found[known.item_id] = Recent(known=known, gist=unpack_gist(packed), at=at)
        return found

    def post(self, judged: Judgement, at: datetime, *, watched: bool) -> None:
        """Take in what an item is about, if others may be placed by it."""
        gist = judged.fingerprint.gist
        if gist is None or not judged.move.guides:
            return
        self._number += 1
        self._kept[self._number] = (at, _known(judged), pack_gist(gist))
        self._recent.append(self._number)
        if watched:
            self._watched.append(self._number)
        self._index.add(self._number, gist.keys, watched=watched)

    def _forget(self, now: datetime) -> None:
        watched, recent = self._watched, self._recent
        while watched and now - self._kept[watched[0]][0] > WATCHED:
            del self._kept[watched.popleft()]
        kept = set(watched) if recent and self._is_old(recent[0], now) else set()
        while recent and self._is_old(recent[0], now):
            number = recent.popleft()
            if number not in kept:
                self._kept.pop(number, None)
        beyond = self._number + 1
        self._index.forget(
            recent=recent[0] if recent else beyond,
            watched=watched[0] if watched else beyond,
        )

    def _is_old(self, number: int, now: datetime) -> bool:
        at, _, _ = self._kept.get(number, (None, None, None))
        return at is None or now - at > RECENT


def _known(judged: Judgement) -> Known:
    return Known(
        item_id=judged.item_id, story_id=judged.move.story_id, owner=judged.owner
    )


class Archive:
    """Answers ``neighbours`` as the store does, from the verdicts applied so far.

    With ``all_matched`` every story counts as one that matched a topic.
    """

    def __init__(self, *, all_matched: bool = False) -> None:
        self._all_matched = all_matched
        self._memory = Memory()
        self._postings: dict[str, list[tuple[datetime, Known]]] = {}
        self._words = _Words()
        self._gists = _Gists()
        self._merged: dict[str, list[str]] = {}
        self._alerted: dict[str, set[tuple[str, str, str, str]]] = {}
        self._followed: dict[str, dict[tuple[str, str], tuple[Told, ...]]] = {}
        self._told: dict[str, dict[tuple[str, str, str], Severity]] = {}

    def neighbours(self, prints: Iterable[Fingerprint], now: datetime) -> Neighbours:
        """Only what these fingerprints touch, so its size is that of the batch."""
        prints = tuple(prints)
        by_url = self._memory.by_url
        urls = {
            p.url_key: self._now(by_url[p.url_key])
            for p in prints
            if p.url_key in by_url
        }
        contents = {
            p.content_hash: self._now(known)
            for p in prints
            if (known := self._by_content(p.content_hash, now))  # None: too old
        }
        near, words = self._words.look((p.sketch for p in prints if p.sketch), now)
        posted = {
            n: replace(one, known=self._now(one.known)) for n, one in words.items()
        }
        stories = {k.story_id for k in (*urls.values(), *contents.values())}
        stories |= {one.known.story_id for one in posted.values()}
        gists = self._gists.look((p.gist for p in prints if p.gist), now)
        recents = {
            item: replace(one, known=self._now(one.known))
            for item, one in gists.items()
        }
        stories |= {one.known.story_id for one in recents.values()}
        return Neighbours(
            by_url=urls,
            by_content={k: v for k, v in contents.items() if k is not None},
            posted={one.known.item_id: one for one in posted.values()},
            postings=near.postings({n: p.known.item_id for n, p in posted.items()}),
            habits=near.habits,
            recents=recents,
            stories={s: self._memory.stories[s] for s in stories},
            links={
                other: link
                for s in stories
                for other in self._memory.stories[s].related
                if (link := self._memory.link(other))
            },
            alerted=frozenset().union(*(self._alerted.get(s, set()) for s in stories)),
            followed={
                k: in_order(v)
                for s in stories
                for k, v in self._followed.get(s, {}).items()
            },
            told={k: v for s in stories for k, v in self._told.get(s, {}).items()},
        )

    def _by_content(self, key: str | None, now: datetime) -> Known | None:
        """The oldest posting of these words that still lives."""
        postings = self._postings.get(key or "", [])
        return next((k for at, k in postings if now - at <= POSTING_LIFE), None)

    def _now(self, known: Known) -> Known:
        """The item, with the story that took its own in."""
        into = self._survivor(known.story_id)
        return known if into == known.story_id else replace(known, story_id=into)

    def _survivor(self, story_id: str) -> str:
        return self._memory.stories[story_id].merged_into or story_id

    def _merge(self, old: str, new: str) -> None:
        stories = self._memory.stories
        gone = [old, *self._merged.pop(old, [])]
        stories.update({one: replace(stories[one], merged_into=new) for one in gone})
        self._merged.setdefault(new, []).extend(gone)
        told = {(new, *key[1:]) for key in self._alerted.pop(old, set())}
        self._alerted.setdefault(new, set()).update(told)
        followed = self._followed.setdefault(new, {})
        for (_, topic), more in self._followed.pop(old, {}).items():
            followed[new, topic] = (*followed.get((new, topic), ()), *more)
        heard = self._told.setdefault(new, {})
        for (_, channel, recipient), severity in self._told.pop(old, {}).items():
            who = (new, channel, recipient)
            heard[who] = max(heard.get(who, severity), severity, key=lambda s: s.rank)

    def apply(self, verdict: Verdict) -> None:
        """Take in a verdict, as ``store.record`` would."""
        stories = {story.id: story for story in verdict.stories}
        for judged in verdict.judgements:
            known = _known(judged)
            if key := judged.fingerprint.content_hash:
                self._postings.setdefault(key, []).append((verdict.at, known))
            story = stories[judged.move.story_id]
            if self._all_matched:
                story = replace(story, matched=True)
            self._words.post(judged, verdict.at)
            self._gists.post(judged, verdict.at, watched=story.matched)
            bare = replace(judged.fingerprint, sketch=None, gist=None)
            self._memory.moved(bare, judged.move, story, judged.owner, verdict.at)
            if judged.move.merged is not None:
                self._merge(judged.move.merged, story.id)
        self._apply_told(verdict)

    def _apply_told(self, verdict: Verdict) -> None:
        of_alert = {}
        for made in verdict.alerts:
            alert = replace(made, story_id=self._survivor(made.story_id))
            of_alert[alert.id] = alert
            self._alerted.setdefault(alert.story_id, set()).update(keys(alert))
            topics = self._followed.setdefault(alert.story_id, {})
            about = (alert.story_id, alert.topic)
            topics[about] = (*topics.get(about, ()), told_by(made))
        for row in verdict.deliveries:
            if row.state is DeliveryState.SUPPRESSED:
                continue
            for alert_id in row.alert_ids:
                alert = of_alert[alert_id]
                heard = self._told.setdefault(alert.story_id, {})
                who = (alert.story_id, row.channel, row.recipient)
                before = heard.get(who)
                if before is None or alert.severity.rank > before.rank:
                    heard[who] = alert.severity
