"""The second job's thinking: pending items in, one verdict out.

    pending | match | decide -> verdict

``match`` looks at each item alone and may run anywhere in parallel; ``decide`` sees
the stories and runs in one place at a time. Neither does I/O.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from alerts.deciding import Desk
from alerts.holding import is_due
from alerts.memory import Memory
from alerts.model import (
    Channel,
    Document,
    Judgement,
    Matched,
    Neighbours,
    Reason,
    Topic,
    Verdict,
)
from alerts.stories import fingerprint, place
from alerts.stories.bylines import byline
from alerts.stories.growing import copied_from, grown
from alerts.stories.outlets import Outlets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from alerts.matching import Matcher
    from crawler.items import Item, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What the user watches for, compiled; swapped whole on a reload.

    ``version`` names the config it came from and is kept with every alert.
    """

    matcher: Matcher
    topics: Mapping[str, Topic]
    channels: Mapping[str, Channel] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    outlets: Outlets = field(default_factory=lambda: Outlets.of({}))
    version: str = ""

    def counted_since(self, now: datetime) -> datetime | None:
        """Since when messages count for the channels' limits; None without limits."""
        limits = (one.limit for one in self.channels.values())
        longest = max((limit.span for limit in limits if limit), default=None)
        return None if longest is None else now - longest


def document(item: Item, sources: Mapping[str, Source]) -> Document:
    """An item as the matcher reads it; an unknown source has no tags and no owner."""
    source = sources.get(item.source)
    tags = source.tags if source else ()
    owner = (source.owner,) if source and source.owner else ()
    return Document(
        title=item.title,
        text=item.text,
        language=item.language,
        url=item.url,
        source=item.source,
        tags=tags,
        source_names=(item.source, *owner, *tags),
    )


def match(items: Iterable[Item], watch: Watch) -> tuple[Matched, ...]:
    """Every item with the topics whose query holds in it, in order."""
    return tuple(
        Matched(item=item, matches=watch.matcher.match(document(item, watch.sources)))
        for item in items
    )


def decide(
    matched: Iterable[Matched], neighbours: Neighbours, watch: Watch, now: datetime
) -> Verdict:
    """What becomes of matched items; those of one batch see each other's moves.

    Ids are functions of the input, so the same batch judged twice gives equal
    verdicts.
    """
    desk = Desk(watch, Memory(neighbours), now)
    for one in matched:
        prints = fingerprint(one.item)
        known = desk.memory.neighbours(prints)
        move, story = place(one.item, prints, known, now)
        voice = byline(one.item, watch.outlets)
        copies = copied_from(prints, move, story, known)
        voice = replace(voice, copies=copies - {voice.owner})
        if move.mixed:  # whose toll, whose denial, cannot be known
            voice = replace(voice, facts=(), denies=False)
        story = grown(story, one.item, voice, one.matches, now)
        desk.judge(one, prints, move, story, voice.owner)
    return desk.verdict()


def evaluate(
    items: Iterable[Item], neighbours: Neighbours, watch: Watch, now: datetime
) -> Verdict:
    """Match and decide in one call."""
    return decide(match(items, watch), neighbours, watch, now)


def release(neighbours: Neighbours, watch: Watch, now: datetime) -> Verdict:
    """The verdict on alerts that waited long enough, for a second report or an ack.

    The held ones are told without it, the unacknowledged ones go on to others. It
    judges no item, so an item that cannot be judged never keeps one back.
    """
    desk = Desk(watch, Memory(neighbours), now)
    held = neighbours.holds.values()
    desk.release(hold for hold in held if is_due(hold.until, now))
    desk.escalate(neighbours.escalations)
    return desk.verdict()


def give_up(item: Item, neighbours: Neighbours, now: datetime) -> Verdict:
    """The verdict on an item that judging itself failed on: placed, matched by none.

    It keeps one poisonous item from holding up every alert behind it; ``why`` shows
    the gate FAILED.
    """
    # It joins only what it repeats: nothing else is to follow from it.
    prints = replace(fingerprint(item), gist=None)
    move, story = place(item, prints, neighbours, now)
    judged = Judgement(
        item_id=item.id,
        fingerprint=prints,
        move=move,
        matches=(),
        gates=(("", Reason.FAILED),),
    )
    return Verdict(at=now, judgements=(judged,), stories=(story,))
