"""The plain half of a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.model import MessageType
from alerts.rendering.changes import (
    is_followup,
    news,
    timeline,
    timeline_holds,
)
from alerts.rendering.clean import cut, inline, one_line, web_link
from alerts.rendering.groups import by_topic, more
from alerts.rendering.highlight import (
    Excerpt,
    evidence_of,
    text_excerpts,
    title_excerpt,
)
from alerts.rendering.wording import (
    also_topics,
    headline_of,
    how_found,
    joined,
    local_time,
    reason_of,
    related_line,
    story_facts,
    subject,
)

if TYPE_CHECKING:
    from alerts.model import Letter, Telling

_MOST_EXCERPTS = 6
_MOST_NAMES = 20


def plain(letter: Letter) -> str:
    """The letter as plain text, lines ended by a line feed, evidence in «…»."""
    if letter.type is MessageType.DIGEST:
        lines = _digest(letter)
    elif letter.tellings:
        lines = _alert(letter.tellings[0], letter.channel.timezone)
    else:
        lines = service_lines(letter)
    lines += ["", "-- ", f"Vedette, channel {one_line(letter.channel.name, limit=60)}"]
    lines.append(f"Message {letter.id}")
    return "\n".join(lines) + "\n"


def service_lines(letter: Letter) -> list[str]:
    """What a message about Vedette itself says; the first line is the subject."""
    made = local_time(letter.created, letter.channel.timezone)
    lines = [subject(letter), "", f"Sent {made}."]
    if letter.notice:
        lines += ["", *letter.notice.lines]
    if letter.type is MessageType.TEST:
        lines.append("This is a test. Alerts of this channel will arrive like this.")
    return lines


def title_line(telling: Telling) -> str:
    """The item's own title with its language, evidence marked."""
    language = one_line(telling.item.language or "", limit=12)
    return _marked(title_excerpt(telling)) + (f" [{language}]" if language else "")


def source_line(telling: Telling) -> str:
    """Who reports, and who owns them."""
    source = one_line(telling.item.source, limit=80)
    return (
        f"{source} ({one_line(telling.owner, limit=80)})" if telling.owner else source
    )


def time_lines(telling: Telling, timezone: str) -> list[tuple[str, str]]:
    """When it was published and when it was first in our feeds, in words."""
    item = telling.item
    published = (
        local_time(item.published, timezone) if item.published else "no time given"
    )
    return [("Published", published), ("First seen", local_time(item.seen, timezone))]


def told_lines(telling: Telling, timezone: str) -> tuple[str, ...]:
    """Why a digest names a story: that it is new, and what changed of it since."""
    changed = news(telling, timezone)
    return changed if is_followup(telling) else (reason_of(telling.alert), *changed)


def reasons(telling: Telling) -> list[tuple[str, str]]:
    """Per topic named: its name and what was found for it, in words."""
    topics = (telling.alert.topic, *also_topics(telling))
    found: dict[str, dict[str, None]] = {topic: {} for topic in topics}
    for piece in evidence_of(telling):
        how = how_found(piece)
        surface = one_line(piece.surface, limit=80)
        words = f"«{surface}»"
        details = [part for part in (piece.entity, how) if part]
        if details:
            words += f" ({joined(details)})"
        found.setdefault(piece.topic, {})[words] = None
    # A follow-up's item need not be about the topic that its story alerted.
    none = "matched by an earlier report" if is_followup(telling) else "no quote"
    return [
        (one_line(topic, limit=60), ", ".join(list(words)[:_MOST_NAMES]) or none)
        for topic, words in found.items()
    ]


def _alert(telling: Telling, timezone: str) -> list[str]:
    if is_followup(telling):
        return _follow_up(telling, timezone)
    alert = telling.alert
    lines = [
        headline_of(telling),
        "",
        f"{one_line(telling.topic_title, limit=200)} [{alert.severity.value}]",
        reason_of(alert)[:1].upper() + reason_of(alert)[1:] + ".",
        f"Story: {story_facts(telling.story)}",
        *filter(None, [related_line(telling)]),
        "",
        *_item(telling, timezone),
        "",
        f"Why: score {alert.score}, {alert.threshold:g} needed",
        *(f"  {topic}: {words}" for topic, words in reasons(telling)),
    ]
    excerpts = text_excerpts(telling, most=_MOST_EXCERPTS)
    if excerpts:
        lines += ["", "In the text:", *(f"  {_marked(piece)}" for piece in excerpts)]
    return lines


def _follow_up(telling: Telling, timezone: str) -> list[str]:
    lines = [
        headline_of(telling),
        "",
        f"{one_line(telling.topic_title, limit=200)} [{telling.alert.severity.value}]",
        *(f"* {line}" for line in news(telling, timezone)),
        f"Story: {story_facts(telling.story)}",
        "",
    ]
    if not timeline_holds(telling):
        lines += [*_item(telling, timezone), ""]
    left_out, entries = timeline(telling.story, timezone)
    if left_out:
        lines.append(f"Reports, without the {left_out} oldest:")
    elif entries:
        lines.append("Reports:")
    for entry in entries:
        tag = f" [{entry.language}]" if entry.language else ""
        lines.append(f"  {entry.when}  {entry.outlet}{tag}: {entry.title}")
        if entry.link:
            lines.append(f"    {entry.link}")
    also = also_topics(telling)
    if also:
        lines += ["", f"Also: {joined(also)}"]
    return lines


def _item(telling: Telling, timezone: str) -> list[str]:
    lines = [
        f"Title: {title_line(telling)}",
        f"Source: {source_line(telling)}",
        *(f"{name}: {when}" for name, when in time_lines(telling, timezone)),
    ]
    link = web_link(telling.item.url)
    return [*lines, f"Link: {link}"] if link else lines


def _digest(letter: Letter) -> list[str]:
    lines = [subject(letter)]
    zone = letter.channel.timezone
    if letter.period:
        start, end = letter.period
        lines.append(f"{local_time(start, zone)} to {local_time(end, zone)}")
    groups = by_topic(letter.tellings)
    for group in groups:
        lines += ["", f"== {one_line(group.title, limit=200)} ({group.topic})"]
        for story in group.stories:
            lines += ["", headline_of(story[0]), f"  {story_facts(story[-1].story)}"]
            for telling in story:
                lines += [f"  * {line}" for line in told_lines(telling, zone)]
                lines += [f"    {line}" for line in _item(telling, zone)]
                lines += [f"    {t}: {words}" for t, words in reasons(telling)]
        if group.left_out:
            lines += ["", f"and {group.left_out} more"]
    left_out = more(groups, letter.tellings)
    return [*lines, "", left_out] if left_out else lines


def _marked(excerpt: Excerpt) -> str:
    words = "".join(
        f"«{inline(part).strip()}»" if hit else inline(part)
        for part, hit in excerpt.parts
    )
    line = cut(words.strip(), limit=600)
    return f"{'… ' if excerpt.before else ''}{line}{' …' if excerpt.after else ''}"
