"""What a replay remembers: the store's answers to evaluate, kept in memory."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.memory import Memory
from alerts.model import DeliveryState, Fingerprint, Known, Neighbours

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from alerts.model import Severity, Verdict

POSTING_LIFE = timedelta(days=7)
"""How long equal words mean the same story (DESIGN section 6)."""


class Archive:
    """Answers ``neighbours`` as the store does, from the verdicts applied so far."""

    def __init__(self) -> None:
        self._memory = Memory()
        self._postings: dict[str, list[tuple[datetime, Known]]] = {}
        self._alerted: dict[str, set[tuple[str, str, str, str]]] = {}
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
        stories = {k.story_id for k in (*urls.values(), *contents.values())}
        return Neighbours(
            by_url=urls,
            by_content={k: v for k, v in contents.items() if k is not None},
            stories={s: self._memory.stories[s] for s in stories},
            alerted=frozenset().union(*(self._alerted.get(s, set()) for s in stories)),
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
            self._memory.moved(judged.fingerprint, judged.move, story)
        of_alert = {}
        for alert in verdict.alerts:
            of_alert[alert.id] = alert
            key4 = (alert.story_id, alert.topic, alert.kind, alert.milestone)
            self._alerted.setdefault(alert.story_id, set()).add(key4)
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
