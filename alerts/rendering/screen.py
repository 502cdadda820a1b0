"""The block of plain text a console shows, safe for any terminal."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from alerts.model import MessageType
from alerts.rendering.clean import cut, visible, web_link
from alerts.rendering.highlight import evidence_of
from alerts.rendering.wording import (
    also_topics,
    how_found,
    local_time,
    reason_of,
    story_facts,
    subject,
)

if TYPE_CHECKING:
    from alerts.model import Letter, Telling

_MOST_EVIDENCE = 8

WIDTH = 92
"""Letters of a wrapped line; with its indent it fits a terminal of 100 columns."""


def block(letter: Letter) -> bytes:
    """The letter as UTF-8 text without escape sequences, ending in an empty line."""
    lines = [subject(letter)]
    if letter.type is MessageType.DIGEST:
        for telling in letter.tellings:
            lines.append(f"  [{telling.alert.severity.value}] {_title(telling)}")
            lines += [f"    {line}" for line in _facts(telling, letter)]
    elif letter.tellings:
        lines += [f"  {line}" for line in _facts(letter.tellings[0], letter)]
    lines.append(f"  message {letter.id}")
    text = "\n".join(visible(line) for line in lines)
    return f"{text}\n\n".encode()


def _title(telling: Telling) -> str:
    title = cut(telling.story.headline or telling.item.title, limit=160)
    return f"{title} ({telling.alert.topic})"


def _facts(telling: Telling, letter: Letter) -> list[str]:
    item, alert = telling.item, telling.alert
    when = local_time(item.published or item.seen, letter.channel.timezone)
    source = f"{item.source} ({telling.owner})" if telling.owner else item.source
    lines = [
        f"{reason_of(alert)}; score {alert.score} ({alert.threshold:g} needed)",
        f"{source}, {'published' if item.published else 'seen'} {when}",
    ]
    if item.title and item.title != telling.story.headline:
        lines.append(cut(item.title, limit=200))
    link = web_link(item.url)
    if link:
        lines.append(link)
    found = _evidence(telling)
    if found:
        lines += wrap(f"why: {found}", WIDTH, subsequent_indent="     ")
    also = also_topics(telling)
    if also:
        lines.append(f"also: {', '.join(also)}")
    lines.append(f"story: {story_facts(telling.story)}")
    return lines


def _evidence(telling: Telling) -> str:
    shown: dict[str, None] = {}
    for piece in evidence_of(telling):
        how = how_found(piece)
        name = piece.entity or "literal"
        shown[f"«{piece.surface}» {name}" + (f", {how}" if how else "")] = None
    more = len(shown) - _MOST_EVIDENCE
    tail = f" and {more} more" if more > 0 else ""
    return "; ".join(list(shown)[:_MOST_EVIDENCE]) + tail
