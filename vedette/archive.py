"""What a replay remembers: the store's answers to evaluate, kept in memory."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alerts.memory import Memory, keys
from alerts.model import DeliveryState, Fingerprint, Known, Neighbours, Posted, Told
from alerts.stories import pack, unpack
from vedette.nearby import MOST_POSTINGS, POSTING_LIFE, Nearby

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from alerts.model import Judgement, Severity, Sketch, Verdict


@dataclass(frozen=True, slots=True)
class _Kept:
    """The words of an item, packed: a replay may hold a hundred thousand."""

    at: datetime
    posted: Posted
    shingles: bytes
    own: bytes


class _Words:
    """The postings of the last seven days."""

    def __init__(self) -> None:
        self._kept: dict[int, _Kept] = {}
        self._order: deque[int] = deque()
        self._held: dict[int, tuple[int, ...]] = {}
        self._number = 0

    def look(
        self, sketches: Iterable[Sketch], now: datetime
    ) -> tuple[Nearby, dict[int, Posted]]:
        """What shares words with the sketches, oldest first."""
        self._forget(now)
        nearby = Nearby()
        for sketch in sketches:
            nearby.look(
                sketch,
                {
                    one: [
                        (number, self._kept[number].posted.sketch.host)
                        for number in reversed(self._held[one][-MOST_POSTINGS:])
                    ]
                    for one in sketch.hashes
                    if one in self._held
                },
            )
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
        known = Known(item_id=judged.item_id, story_id=judged.move.story_id)
        bare = replace(sketch, hashes=frozenset())
        self._kept[self._number] = _Kept(
            at,
            Posted(known=known, sketch=bare),
            pack(sketch.hashes),
            pack(sketch.hashes - judged.move.boilerplate),
        )
        self._order.append(self._number)
        for one in sketch.hashes:
            self._held[one] = (*self._held.get(one, ()), self._number)

    def _forget(self, now: datetime) -> None:
        while self._order and now - self._kept[self._order[0]].at > POSTING_LIFE:
            number = self._order.popleft()
            for one in unpack(self._kept.pop(number).shingles):
                rest = self._held.pop(one)[1:]
                if rest:
                    self._held[one] = rest


class Archive:
    """Answers ``neighbours`` as the store does, from the verdicts applied so far."""

    def __init__(self) -> None:
        self._memory = Memory()
        self._postings: dict[str, list[tuple[datetime, Known]]] = {}
        self._words = _Words()
        self._alerted: dict[str, set[tuple[str, str, str, str]]] = {}
        self._followed: dict[str, dict[tuple[str, str], tuple[Told, ...]]] = {}
        self._told: dict[str, dict[tuple[str, str, str], Severity]] = {}

    def neighbours(self, prints: Iterable[Fingerprint], now: datetime) -> Neighbours:
        """Only what these fingerprints touch, so its size is that of the batch."""
        prints = tuple(prints)
        by_url = self._memory.by_url
        urls = {p.url_key: by_url[p.url_key] for p in prints if p.url_key in by_url}
        contents = {
            p.content_hash: known
            for p in prints
            if (known := self._by_content(p.content_hash, now))  # None: too old
        }
        near, posted = self._words.look((p.sketch for p in prints if p.sketch), now)
        stories = {k.story_id for k in (*urls.values(), *contents.values())}
        stories |= {one.known.story_id for one in posted.values()}
        return Neighbours(
            by_url=urls,
            by_content={k: v for k, v in contents.items() if k is not None},
            posted={one.known.item_id: one for one in posted.values()},
            postings=near.postings({n: p.known.item_id for n, p in posted.items()}),
            habits=near.habits,
            stories={s: self._memory.stories[s] for s in stories},
            alerted=frozenset().union(*(self._alerted.get(s, set()) for s in stories)),
            followed={
                k: v for s in stories for k, v in self._followed.get(s, {}).items()
            },
            told={k: v for s in stories for k, v in self._told.get(s, {}).items()},
        )

    def _by_content(self, key: str | None, now: datetime) -> Known | None:
        """The oldest posting of these words that still lives."""
        postings = self._postings.get(key or "", [])
        return next((k for at, k in postings if now - at <= POSTING_LIFE), None)

    def apply(self, verdict: Verdict) -> None:
        """Take in a verdict, as ``store.record`` would."""
        stories = {story.id: story for story in verdict.stories}
        for judged in verdict.judgements:
            known = Known(item_id=judged.item_id, story_id=judged.move.story_id)
            if key := judged.fingerprint.content_hash:
                self._postings.setdefault(key, []).append((verdict.at, known))
            story = stories[judged.move.story_id]
            self._words.post(judged, verdict.at)
            bare = replace(judged.fingerprint, sketch=None)
            self._memory.moved(bare, judged.move, story)
        of_alert = {}
        for alert in verdict.alerts:
            of_alert[alert.id] = alert
            self._alerted.setdefault(alert.story_id, set()).update(keys(alert))
            told = Told(milestone=alert.milestone, at=alert.due or alert.created)
            topics = self._followed.setdefault(alert.story_id, {})
            about = (alert.story_id, alert.topic)
            topics[about] = (*topics.get(about, ()), told)
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
