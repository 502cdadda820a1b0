"""The block of plain text a console shows, safe for any terminal."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from alerts.model import MessageType
from alerts.rendering.changes import (
    is_followup,
    news,
    timeline,
    timeline_holds,
)
from alerts.rendering.clean import cut, visible, web_link
from alerts.rendering.highlight import evidence_of
from alerts.rendering.mailtext import told_lines
from alerts.rendering.wording import (
    also_topics,
    how_found,
    local_time,
    related_line,
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
            lines += [f"    {line}" for line in _wrapped(telling, letter)]
    elif letter.tellings:
        lines += [f"  {line}" for line in _wrapped(letter.tellings[0], letter)]
    if letter.notice:
        lines += [f"  {line}" for line in letter.notice.lines]
    lines.append(f"  message {letter.id}")
    text = "\n".join(visible(line) for line in lines)
    return f"{text}\n\n".encode()


def _wrapped(telling: Telling, letter: Letter) -> list[str]:
    lines: list[str] = []
    for line in facts(telling, letter):
        why = line.startswith("why: ")
        lines += wrap(line, WIDTH, subsequent_indent="     ") if why else [line]
    return lines


def _title(telling: Telling) -> str:
    title = cut(telling.story.headline or telling.item.title, limit=160)
    return f"{title} ({telling.alert.topic})"


def facts(telling: Telling, letter: Letter) -> list[str]:
    """What is told of a story below its headline; a link has a line of its own."""
    if is_followup(telling):
        return _follow_up(telling, letter)
    item, alert = telling.item, telling.alert
    when = local_time(item.published or item.seen, letter.channel.timezone)
    source = f"{item.source} ({telling.owner})" if telling.owner else item.source
    told = "; ".join(told_lines(telling, letter.channel.timezone))
    lines = [
        f"{told}; score {alert.score} ({alert.threshold:g} needed)",
        f"{source}, {'published' if item.published else 'seen'} {when}",
    ]
    if item.title and item.title != telling.story.headline:
        lines.append(cut(item.title, limit=200))
    link = web_link(item.url)
    if link:
        lines.append(link)
    found = _evidence(telling)
    if found:
        lines.append(f"why: {found}")
    also = also_topics(telling)
    if also:
        lines.append(f"also: {', '.join(also)}")
    lines.append(f"story: {story_facts(telling.story)}")
    related = related_line(telling)
    return [*lines, related] if related else lines


def _follow_up(telling: Telling, letter: Letter) -> list[str]:
    zone = letter.channel.timezone
    lines = list(news(telling, zone))
    left_out, entries = timeline(telling.story, zone)
    if not timeline_holds(telling):
        lines.append(f"{telling.item.source}: {cut(telling.item.title, limit=200)}")
        lines += filter(None, [web_link(telling.item.url)])
    if left_out:
        lines.append(f"… {left_out} older reports")
    for entry in entries:
        tag = f" [{entry.language}]" if entry.language else ""
        lines.append(f"{entry.when}  {entry.outlet}{tag}: {entry.title}")
        lines += filter(None, [entry.link])
    also = also_topics(telling)
    if also:
        lines.append(f"also: {', '.join(also)}")
    return [*lines, f"story: {story_facts(telling.story)}"]


def _evidence(telling: Telling) -> str:
    shown: dict[str, None] = {}
    for piece in evidence_of(telling):
        how = how_found(piece)
        name = piece.entity or "literal"
        shown[f"«{piece.surface}» {name}" + (f", {how}" if how else "")] = None
    more = len(shown) - _MOST_EVIDENCE
    tail = f" and {more} more" if more > 0 else ""
    return "; ".join(list(shown)[:_MOST_EVIDENCE]) + tail
