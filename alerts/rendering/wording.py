"""The words a reader meets: reasons, times, facts of a story."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alerts.followups import MERGED
from alerts.model import MessageType, Reason
from alerts.rendering.clean import cut, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from alerts.model import Alert, Evidence, Letter, Story, Telling

_REASONS = {
    Reason.FIRST: "first report in your sources",
    Reason.TOPIC: "a known story now matches this topic",
    Reason.CORROBORATED: "reported independently by a second owner",
    Reason.CONFIRMED: "confirmed by several independent owners",
    Reason.WIDE: "reported widely, in several languages",
    Reason.OFFICIAL: "an official source speaks",
    Reason.DISPUTED: "the report is disputed",
    Reason.DEVELOPMENT: "there is a new fact",
    Reason.REVISED: "the report was revised",
    Reason.REOPENED: "the story is back after a pause",
    Reason.ESCALATED: "nobody has acknowledged this yet",
}
_STILL_ONE = "no second report within 10 minutes"
_STILL_FEW = "no further report within 10 minutes"
_HEADLINE = 160
"""Code points of a story's headline in a subject line."""


def reason_of(alert: Alert) -> str:
    """Why this alert was sent, in words."""
    words = _REASONS.get(alert.reason, alert.reason.value)
    _, _, value = alert.milestone.partition(":")
    if value.startswith(f"{MERGED}="):
        return "two stories you were told of are the same"
    if value.partition("=")[2]:
        words += f" ({one_line(value, limit=80)})"
    if alert.note is not Reason.HELD:
        return words
    few = Reason.CORROBORATED.value in alert.covers
    return f"{words}; {_STILL_FEW if few else _STILL_ONE}"


def local_time(moment: datetime, timezone: str) -> str:
    """The moment in the reader's zone, to the minute, with the zone's short name."""
    return moment.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M %Z")


def story_facts(story: Story) -> str:
    """How far a story has spread, on one line."""
    facts = [
        _count(story.items, "item"),
        f"{_count(story.independent, 'independent report')}",
    ]
    if story.carried:
        facts.append(f"carried by {story.carried}")
    if story.languages:
        names = ", ".join(one_line(x, limit=20) for x in story.languages)
        facts.append(f"language{'s' * (len(story.languages) > 1)} {names}")
    if story.official:
        facts.append("officially confirmed")
    if story.disputed:
        facts.append("disputed")
    if story.independent <= 1 and not story.official:
        facts.append("unconfirmed")
    return ", ".join(facts)


def related_line(telling: Telling) -> str:
    """The stories it may be one with, by their headlines; empty if none is known."""
    names = [one_line(one.headline, limit=_HEADLINE) for one in telling.related]
    return f"May belong to: {'; '.join(name for name in names if name)}" * any(names)


def how_found(piece: Evidence) -> str:
    """How sure the match is: nothing for an exact one."""
    if piece.how.startswith("fuzzy(d="):
        edits = piece.how.removeprefix("fuzzy(d=").removesuffix(")")
        return f"{edits} edit{'' if edits == '1' else 's'} away"
    return {"exact": "", "form": "inflected"}.get(piece.how, piece.how)


def also_topics(telling: Telling) -> tuple[str, ...]:
    """The other topics the message names: by severity, then score, then name."""
    ranked = sorted(
        telling.also,
        key=lambda alert: (-alert.severity.rank, -alert.score, alert.topic),
    )
    names = dict.fromkeys(alert.topic for alert in ranked)
    names.pop(telling.alert.topic, None)
    return tuple(names)


def subject(letter: Letter, *, headline: int = _HEADLINE) -> str:
    """One line for tables and subjects: ``[severity] headline (topic)``.

    ``headline`` is the most code points of the headline, which a cut is marked in.
    """
    if letter.type is MessageType.DIGEST:
        return _digest_subject(letter)
    if not letter.tellings:
        return _service_subject(letter)
    telling = letter.tellings[0]
    return (
        f"[{telling.alert.severity.value}] {cut(headline_of(telling), limit=headline)}"
        f" ({one_line(telling.alert.topic, limit=60)})"
    )


def headline_of(telling: Telling) -> str:
    """The story's headline, else the item's title, else its link, on one line."""
    for raw in (telling.story.headline, telling.item.title, telling.item.url or ""):
        words = one_line(raw, limit=_HEADLINE)
        if words:
            return words
    return "(no title)"


def _digest_subject(letter: Letter) -> str:
    stories = len({telling.story.id for telling in letter.tellings})
    alerts = sum(1 + len(telling.also) for telling in letter.tellings)
    topics = list(dict.fromkeys(telling.alert.topic for telling in letter.tellings))
    named = ", ".join(one_line(topic, limit=60) for topic in topics[:3])
    if len(topics) > 3:
        named += f" and {len(topics) - 3} more"
    return f"[digest] {_count(alerts, 'alert')} in {_count(stories, 'story')}" + (
        f" ({named})" if named else ""
    )


def _service_subject(letter: Letter) -> str:
    if letter.notice:
        return letter.notice.title
    name = one_line(letter.channel.name, limit=60)
    return f"[test] Vedette can reach you here ({name})"


def joined(words: Iterable[str]) -> str:
    """Names in a row, made safe for one line."""
    return ", ".join(one_line(word, limit=60) for word in words)


def _count(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"
