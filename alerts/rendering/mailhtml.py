"""The HTML half of a mail: no images, no scripts, nothing untrusted unescaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from alerts.model import MessageType
from alerts.rendering.changes import (
    Entry,
    is_followup,
    news,
    timeline,
    timeline_holds,
)
from alerts.rendering.clean import one_line
from alerts.rendering.groups import Group, by_topic, more
from alerts.rendering.highlight import text_excerpts
from alerts.rendering.mailparts import (
    LANGUAGE,
    QUIET,
    badge,
    card,
    is_headline,
    isolated,
    item_of,
    language_of,
    linked,
    marked,
    sentence,
    style,
    title_of,
)
from alerts.rendering.mailtext import (
    reasons,
    service_lines,
    source_line,
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
    from alerts.model import Letter, Telling


_MOST_EXCERPTS = 6
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
# A word of 5,000 letters must not push the page wider than a phone.
_PAGE = (
    f"margin:0;padding:12px;background:#f4f5f7;color:#1b1f24;{_FONT};"
    "font-size:16px;line-height:1.45;overflow-wrap:anywhere;"
    "-webkit-text-size-adjust:100%"
)
_TOPIC = (
    "margin:0 0 4px;padding:0 0 8px;border-bottom:1px solid #dfe3e8;font-size:18px;"
    "line-height:1.3"
)
_HIDDEN = (
    "display:none;mso-hide:all;max-height:0;overflow:hidden;font-size:1px;color:#f4f5f7"
)


def page(letter: Letter) -> str:
    """The letter as one HTML page with inline styles, evidence in ``<mark>``."""
    if letter.type is MessageType.DIGEST:
        content = _digest(letter)
    elif letter.tellings:
        content = card(_alert(letter.tellings[0], letter.channel.timezone))
    else:
        first, *rest = service_lines(letter)
        content = card(
            f"<h1 {style('margin:0 0 8px;font-size:20px')}>{escape(first)}</h1>"
            + "".join(f"<p>{escape(line)}</p>" for line in rest if line)
        )
    name = escape(one_line(letter.channel.name, limit=60))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(subject(letter))}</title></head>\n"
        f"<body {style(_PAGE)}>\n"
        f"<div {style(_HIDDEN)}>{escape(_preview(letter))}</div>\n{content}"
        f"<p {style(QUIET + ';max-width:640px;margin:0 auto')}>"
        f"Vedette, channel {name}<br>Message {escape(letter.id)}</p>\n</body></html>\n"
    )


def _preview(letter: Letter) -> str:
    """What a list of mails shows beside the subject, so nothing of the subject."""
    zone = letter.channel.timezone
    if letter.type is MessageType.DIGEST or not letter.tellings:
        first = [headline_of(telling) for telling in letter.tellings[:3]]
        about = letter.notice.lines if letter.notice else service_lines(letter)[2:]
        return " · ".join(first or filter(None, about))
    telling = letter.tellings[0]
    told = sentence("; ".join(told_lines(telling, zone)))
    return f"{told} {source_line(telling)}. {sentence(story_facts(telling.story))}"


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
        f"<p {style('margin:8px 0;padding-left:10px;border-left:3px solid #dfe3e8')}"
        f' dir="auto"{language_of(telling)}><bdi>{marked(piece)}</bdi></p>\n'
        for piece in text_excerpts(telling, most=_MOST_EXCERPTS)
    )
    return (
        f"{_head(telling)}{_item(telling, timezone)}"
        f"<p {style('margin:12px 0 0')}>{escape(sentence(reason_of(alert)))}"
        f" {_story_line(telling)}</p>\n"
        + (f"<p {style('margin:4px 0 0')}>{isolated(related)}</p>\n" * bool(related))
        + f"<p {style('margin:14px 0 2px')}>Why: score {alert.score},"
        f" {alert.threshold:g} needed</p>\n"
        f"<ul {style('margin:0;padding-left:20px')}>{why}</ul>\n{quotes}"
    )


def _head(telling: Telling) -> str:
    """Topic and headline; the headline is the link if the item's title says it."""
    content = isolated(headline_of(telling))
    language = ""
    if is_headline(telling):
        content, language = title_of(telling), language_of(telling)
    return (
        f"<p {style('margin:0 0 6px')}>{badge(telling.alert)} "
        f"{escape(one_line(telling.topic_title, limit=200))}</p>\n"
        f"<h1 {style('margin:0 0 4px;font-size:20px;line-height:1.3')}"
        f' dir="auto"{language}>{content}</h1>\n'
    )


def _item(telling: Telling, timezone: str) -> str:
    return item_of(telling, timezone, titled=not is_headline(telling))


def _story_line(telling: Telling) -> str:
    return f"Story: {escape(story_facts(telling.story))}."


def _follow_up(telling: Telling, timezone: str) -> str:
    look = style("margin:0 0 6px;font-weight:600")
    changed = "".join(
        f"<p {look}>{isolated(sentence(line))}</p>\n"
        for line in news(telling, timezone)
    )
    item = "" if timeline_holds(telling) else _item(telling, timezone)
    left_out, entries = timeline(telling.story, timezone)
    head = f", without the {left_out} oldest" if left_out else ""
    reports = "".join(map(_report, entries))
    if reports:
        reports = (
            f"<p {style('margin:14px 0 2px')}>Reports{head}:</p>\n"
            f"<ul {style('margin:0;padding-left:20px')}>{reports}</ul>\n"
        )
    also = joined(also_topics(telling))
    return (
        f"{_head(telling)}{changed}"
        f"<p {style('margin:10px 0 0')}>{_story_line(telling)}</p>\n{item}{reports}"
        + (f"<p {style('margin:14px 0 0')}>Also: {escape(also)}</p>\n" if also else "")
    )


def _report(entry: Entry) -> str:
    title = isolated(entry.title)
    if entry.link:
        title = linked(entry.link, title)
    tag = f" [{escape(entry.language)}]" if entry.language else ""
    lang = f' lang="{entry.language}"' if LANGUAGE.match(entry.language) else ""
    return (
        f"<li {style('margin:0 0 6px')}><span {style(QUIET)}>{escape(entry.when)}"
        f" · {escape(entry.outlet)}{tag}</span><br><span{lang}>{title}</span></li>\n"
    )


def _digest(letter: Letter) -> str:
    zone = letter.channel.timezone
    groups = by_topic(letter.tellings)
    left_out = more(groups, letter.tellings)
    head = f"<h1 {style('margin:0;font-size:20px')}>{escape(subject(letter))}</h1>\n"
    if letter.period:
        start, end = (local_time(moment, zone) for moment in letter.period)
        head += (
            f"<p {style(QUIET + ';margin:8px 0 0')}>"
            f"{escape(start)} to {escape(end)}</p>\n"
        )
    return (
        card(head)
        + "".join(card(_topic(group, zone)) for group in groups)
        + (card(f"<p {style('margin:0')}>{escape(left_out)}</p>") if left_out else "")
    )


def _topic(group: Group, zone: str) -> str:
    left_out = f"and {group.left_out} more" if group.left_out else ""
    return (
        f"<h2 {style(_TOPIC)}>{escape(one_line(group.title, limit=200))}"
        f" <span {style(QUIET)}>({escape(group.topic)})</span></h2>\n"
        + "".join(_story(story, zone) for story in group.stories)
        + (f"<p {style('margin:16px 0 0')}>{left_out}</p>\n" if left_out else "")
    )


def _story(story: tuple[Telling, ...], zone: str) -> str:
    # One telling whose title is the headline: said once, and the headline links.
    apart = len(story) > 1 or not is_headline(story[0])
    head = isolated(headline_of(story[0])) if apart else title_of(story[0])
    language = "" if apart else language_of(story[0])
    return (
        f'<h3 {style("margin:16px 0 0;font-size:16px")} dir="auto"{language}>'
        f"{head}</h3>\n"
        f"<p {style(QUIET + ';margin:0 0 6px')}>"
        f"{escape(story_facts(story[-1].story))}</p>\n"
        + "".join(_in_digest(telling, zone, titled=apart) for telling in story)
    )


def _in_digest(telling: Telling, zone: str, *, titled: bool) -> str:
    why = "".join(
        f"<li><b>{escape(topic)}</b>: {escape(words)}</li>"
        for topic, words in reasons(telling)
    )
    return (
        f"<p {style('margin:6px 0 0')}>{badge(telling.alert)}"
        f" {escape(sentence('; '.join(told_lines(telling, zone))))}</p>\n"
        f"{item_of(telling, zone, titled=titled)}"
        f"<ul {style('margin:2px 0;padding-left:20px')}>{why}</ul>\n"
    )
