"""The pieces that a mail's page is put together from; everything here is escaped."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from alerts.model import Severity
from alerts.rendering.clean import inline, one_line, web_link
from alerts.rendering.highlight import Excerpt, title_excerpt
from alerts.rendering.mailtext import source_line, time_lines
from alerts.rendering.wording import headline_of

if TYPE_CHECKING:
    from alerts.model import Alert, Telling

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
_COLOURS = {
    Severity.LOW: "#5f6b7a",
    Severity.NORMAL: "#1f5fa8",
    Severity.HIGH: "#b45309",
    Severity.CRITICAL: "#b91c1c",
}
_CARD = (
    "max-width:640px;margin:0 auto 12px;padding:16px 18px;background:#ffffff;"
    "border:1px solid #dfe3e8;border-radius:6px"
)
QUIET = "color:#5f6b7a;font-size:14px"
_MARK = "background:#fff3a3;color:inherit;padding:0 2px;border-radius:2px"
_LINK = "color:#1f5fa8;padding:6px 0"
"""The padding moves nothing, but a thumb that is a little off still hits."""


def card(content: str) -> str:
    """A white box."""
    return f"<div {style(_CARD)}>\n{content}</div>\n"


def badge(alert: Alert) -> str:
    """The severity, as a word on its colour."""
    colour = _COLOURS[alert.severity]
    look = (
        f"background:{colour};color:#ffffff;padding:1px 8px;border-radius:10px;"
        "font-size:14px;font-weight:600"
    )
    return f"<span {style(look)}>{alert.severity.value}</span>"


def linked(link: str, content: str) -> str:
    """A link that tells the site nothing of the reader."""
    return (
        f'<a href="{escape(link)}" rel="noopener noreferrer nofollow"'
        f" {style(_LINK)}>{content}</a>"
    )


def item_of(telling: Telling, timezone: str, *, titled: bool) -> str:
    """Title and link, unless the headline above is both; then who said it and when."""
    when = " · ".join(
        f"{name.lower()} {moment}" for name, moment in time_lines(telling, timezone)
    )
    title = (
        f'<p {style("margin:8px 0 0")} dir="auto"{language_of(telling)}>'
        f"{title_of(telling)}</p>\n"
    )
    return (
        f"{title * titled}<p {style(QUIET + ';margin:2px 0 0')}>"
        f"{escape(source_line(telling))} · {escape(when)}</p>\n"
    )


def title_of(telling: Telling) -> str:
    """The item's own title with its evidence marked, linked, and its language."""
    title = f"<bdi>{marked(title_excerpt(telling)) or '(no title)'}</bdi>"
    link = web_link(telling.item.url)
    if link:
        title = linked(link, title)
    language = one_line(telling.item.language or "", limit=12)
    look = style(f"{QUIET};font-weight:400")
    return title + (f" <span {look}>[{escape(language)}]</span>" if language else "")


def is_headline(telling: Telling) -> bool:
    """Whether the item's title is what the story is called."""
    return one_line(telling.item.title, limit=160) == headline_of(telling)


def isolated(words: str) -> str:
    """Text of any direction that does not turn its surroundings."""
    return f"<bdi>{escape(words)}</bdi>"


def marked(excerpt: Excerpt) -> str:
    """The excerpt with its evidence in ``<mark>``, and bold where colours are lost."""
    words = "".join(
        f"<b><mark {style(_MARK)}>{escape(inline(part).strip())}</mark></b>"
        if hit
        else escape(inline(part))
        for part, hit in excerpt.parts
    )
    return f"{'… ' if excerpt.before else ''}{words}{' …' if excerpt.after else ''}"


def language_of(telling: Telling) -> str:
    """The item's language as an attribute, if it is one."""
    language = telling.item.language or ""
    return f' lang="{language}"' if LANGUAGE.match(language) else ""


def sentence(words: str) -> str:
    """The words with a capital and a full stop."""
    return f"{words[:1].upper()}{words[1:]}."


def style(css: str) -> str:
    """An inline style; mail clients drop every other."""
    return f'style="{escape(css)}"'
