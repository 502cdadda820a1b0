"""The HTML half of a mail: no images, no scripts, nothing untrusted unescaped."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from alerts.model import MessageType, Severity
from alerts.rendering.changes import (
    Entry,
    is_followup,
    news,
    timeline,
    timeline_holds,
)
from alerts.rendering.clean import inline, one_line, web_link
from alerts.rendering.groups import by_topic
from alerts.rendering.highlight import Excerpt, text_excerpts, title_excerpt
from alerts.rendering.mailtext import (
    reasons,
    service_lines,
    source_line,
    time_lines,
    told_lines,
)
from alerts.rendering.wording import (
    also_topics,
    headline_of,
    joined,
    local_time,
    reason_of,
    related_line,
    story_facts,
    subject,
)

if TYPE_CHECKING:
    from alerts.model import Alert, Letter, Telling

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
_MOST_EXCERPTS = 6
_COLOURS = {
    Severity.LOW: "#5f6b7a",
    Severity.NORMAL: "#1f5fa8",
    Severity.HIGH: "#b45309",
    Severity.CRITICAL: "#b91c1c",
}
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_PAGE = (
    f"margin:0;padding:16px;background:#f4f5f7;color:#1b1f24;{_FONT};"
    "font-size:15px;line-height:1.45"
)
_CARD = (
    "max-width:640px;margin:0 auto 12px;padding:18px 20px;background:#ffffff;"
    "border:1px solid #dfe3e8;border-radius:6px"
)
_QUIET = "color:#5f6b7a;font-size:13px"
_MARK = "background:#fff3a3;color:inherit;padding:0 2px;border-radius:2px"


def page(letter: Letter) -> str:
    """The letter as one HTML page with inline styles, evidence in ``<mark>``."""
    if letter.type is MessageType.DIGEST:
        content = _digest(letter)
    elif letter.tellings:
        content = _card(_alert(letter.tellings[0], letter.channel.timezone))
    else:
        first, *rest = service_lines(letter)
        content = _card(
            f"<h1 {_style('margin:0 0 8px;font-size:20px')}>{escape(first)}</h1>"
            + "".join(f"<p>{escape(line)}</p>" for line in rest if line)
        )
    name = escape(one_line(letter.channel.name, limit=60))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(subject(letter))}</title></head>\n"
        f"<body {_style(_PAGE)}>\n{content}"
        f"<p {_style(_QUIET + ';max-width:640px;margin:0 auto')}>"
        f"Vedette, channel {name}<br>Message {escape(letter.id)}</p>\n</body></html>\n"
    )


def _alert(telling: Telling, timezone: str) -> str:
    if is_followup(telling):
        return _follow_up(telling, timezone)
    alert = telling.alert
    why = "".join(
        f"<li><b>{escape(topic)}</b>: {escape(words)}</li>"
        for topic, words in reasons(telling)
    )
    related = related_line(telling)
    quotes = "".join(
        f"<p {_style('margin:6px 0;padding-left:10px;border-left:3px solid #dfe3e8')}"
        f"{_language(telling)}><bdi>{_marked(piece)}</bdi></p>\n"
        for piece in text_excerpts(telling, most=_MOST_EXCERPTS)
    )
    return (
        f"{_head(telling)}"
        f"<p {_style('margin:0 0 12px')}>{escape(_sentence(reason_of(alert)))}</p>\n"
        f"{_item(telling, timezone)}"
        f"<p {_style('margin:14px 0 2px')}>Why: score {alert.score},"
        f" {alert.threshold:g} needed</p>\n"
        f"<ul {_style('margin:0;padding-left:20px')}>{why}</ul>\n{quotes}"
        f"<p {_style(_QUIET + ';margin:14px 0 0')}>"
        f"Story: {escape(story_facts(telling.story))}</p>\n"
        + (f"<p {_style(_QUIET)}><bdi>{escape(related)}</bdi></p>\n" if related else "")
    )


def _head(telling: Telling) -> str:
    return (
        f"<p {_style('margin:0 0 6px')}>{_badge(telling.alert)} "
        f"{escape(one_line(telling.topic_title, limit=200))}</p>\n"
        f"<h1 {_style('margin:0 0 4px;font-size:20px;line-height:1.25')}>"
        f"<bdi>{escape(headline_of(telling))}</bdi></h1>\n"
    )


def _follow_up(telling: Telling, timezone: str) -> str:
    style = _style("margin:0 0 6px;font-weight:600")
    changed = "".join(
        f"<p {style}><bdi>{escape(_sentence(line))}</bdi></p>\n"
        for line in news(telling, timezone)
    )
    item = "" if timeline_holds(telling) else _item(telling, timezone)
    left_out, entries = timeline(telling.story, timezone)
    head = f", without the {left_out} oldest" if left_out else ""
    reports = "".join(map(_report, entries))
    if reports:
        reports = (
            f"<p {_style('margin:14px 0 2px')}>Reports{head}:</p>\n"
            f"<ul {_style('margin:0;padding-left:20px')}>{reports}</ul>\n"
        )
    also = joined(also_topics(telling))
    return (
        f"{_head(telling)}{changed}{item}{reports}"
        + (f"<p {_style('margin:14px 0 0')}>Also: {escape(also)}</p>\n" if also else "")
        + f"<p {_style(_QUIET + ';margin:14px 0 0')}>"
        f"Story: {escape(story_facts(telling.story))}</p>\n"
    )


def _report(entry: Entry) -> str:
    title = f"<bdi>{escape(entry.title)}</bdi>"
    if entry.link:
        title = _linked(entry.link, title)
    tag = f" [{escape(entry.language)}]" if entry.language else ""
    return f"<li>{escape(entry.when)} · {escape(entry.outlet)}{tag}: {title}</li>\n"


def _linked(link: str, content: str) -> str:
    return (
        f'<a href="{escape(link)}" rel="noopener noreferrer nofollow"'
        f" {_style('color:#1f5fa8')}>{content}</a>"
    )


def _item(telling: Telling, timezone: str) -> str:
    title = _marked(title_excerpt(telling)) or "(no title)"
    link = web_link(telling.item.url)
    if link:
        title = _linked(link, title)
    language = one_line(telling.item.language or "", limit=12)
    tag = f" <span {_style(_QUIET)}>[{escape(language)}]</span>" if language else ""
    when = " · ".join(
        f"{name.lower()} {moment}" for name, moment in time_lines(telling, timezone)
    )
    return (
        f"<p {_style('margin:0')}{_language(telling)}><bdi>{title}</bdi>{tag}</p>\n"
        f"<p {_style(_QUIET + ';margin:2px 0 0')}>"
        f"{escape(source_line(telling))} · {escape(when)}</p>\n"
    )


def _digest(letter: Letter) -> str:
    zone = letter.channel.timezone
    head = f"<h1 {_style('margin:0;font-size:20px')}>{escape(subject(letter))}</h1>\n"
    if letter.period:
        start, end = (local_time(moment, zone) for moment in letter.period)
        head += f"<p {_style(_QUIET)}>{escape(start)} to {escape(end)}</p>\n"
    return _card(head) + "".join(
        _card(
            f"<h2 {_style('margin:0 0 4px;font-size:16px')}>"
            f"{escape(one_line(group.title, limit=200))}"
            f" <span {_style(_QUIET)}>({escape(group.topic)})</span></h2>\n"
            + "".join(_story(story, zone) for story in group.stories)
        )
        for group in by_topic(letter.tellings)
    )


def _story(story: tuple[Telling, ...], zone: str) -> str:
    return (
        f"<h3 {_style('margin:14px 0 0;font-size:15px')}>"
        f"<bdi>{escape(headline_of(story[0]))}</bdi></h3>\n"
        f"<p {_style(_QUIET + ';margin:0 0 6px')}>"
        f"{escape(story_facts(story[-1].story))}</p>\n"
        + "".join(
            f"<p {_style('margin:6px 0 0')}>{_badge(telling.alert)}"
            f" {escape(_sentence('; '.join(told_lines(telling, zone))))}</p>\n"
            f"{_item(telling, zone)}<ul {_style('margin:2px 0;padding-left:20px')}>"
            + "".join(
                f"<li><b>{escape(topic)}</b>: {escape(words)}</li>"
                for topic, words in reasons(telling)
            )
            + "</ul>\n"
            for telling in story
        )
    )


def _card(content: str) -> str:
    return f"<div {_style(_CARD)}>\n{content}</div>\n"


def _badge(alert: Alert) -> str:
    colour = _COLOURS[alert.severity]
    style = (
        f"background:{colour};color:#ffffff;padding:1px 8px;border-radius:9px;"
        "font-size:12px;font-weight:600"
    )
    return f"<span {_style(style)}>{alert.severity.value}</span>"


def _marked(excerpt: Excerpt) -> str:
    words = "".join(
        f"<mark {_style(_MARK)}>{escape(inline(part).strip())}</mark>"
        if hit
        else escape(inline(part))
        for part, hit in excerpt.parts
    )
    return f"{'… ' if excerpt.before else ''}{words}{' …' if excerpt.after else ''}"


def _language(telling: Telling) -> str:
    language = telling.item.language or ""
    return f' lang="{language}"' if _LANGUAGE.match(language) else ""


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _style(css: str) -> str:
    return f'style="{escape(css)}"'
