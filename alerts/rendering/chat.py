"""The text a chat shows: plain, short, and unable to call anybody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alerts.model import MessageType
from alerts.rendering.clean import cut, one_line, web_link
from alerts.rendering.screen import facts
from alerts.rendering.wording import headline_of, subject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.model import Letter, Telling

LIMIT = 1900
"""Code points of a message. Discord takes 2,000 and no chat takes less."""
_LINE = 500
_ZERO_WIDTH_SPACE = "\u200b"
_OPENING = re.compile(r"[@<]|\](?=[(\[:])")


def text(letter: Letter) -> bytes:
    """The letter as UTF-8 text of at most LIMIT code points, its id in the last line.

    What does not fit is counted, with the command that shows it.
    """
    head = [defused(subject(letter))]
    if letter.type is MessageType.DIGEST:
        blocks = [_entry(telling) for telling in letter.tellings]
        more = "and {} more: `vedette stories`"
    else:
        lines = [line for one in letter.tellings[:1] for line in facts(one, letter)]
        lines += letter.notice.lines if letter.notice else ()
        blocks = [[line] for line in lines if line]
        more = "and {} more lines: `vedette why` with the link tells all"
    tail = [f"message {letter.id}"]
    shown = [[defused(line) for line in block] for block in blocks]
    return "\n".join(head + _fitting(shown, more, head + tail) + tail).encode()


def defused(line: str) -> str:
    """The line with everything broken that a chat takes for a call or hidden link.

    Not a list of words: `@everyone`, `@channel`, `@room`, `@all`, `<!here>`, `<@id>`
    and `<users/all>` all begin with one of two characters, and a link that shows one
    address and leads to another needs `](` or `<`.
    """
    link = web_link(line)
    if link:
        scheme, _, rest = link.partition("://")
        host, slash, path = rest.partition("/")
        return f"{scheme}://{host}{slash}{path.replace('@', '%40')}"
    safe = one_line(line, limit=_LINE)
    return _OPENING.sub(rf"\g<0>{_ZERO_WIDTH_SPACE}", safe)


def _entry(telling: Telling) -> list[str]:
    title = cut(headline_of(telling), limit=160)
    line = f"[{telling.alert.severity.value}] {title} ({telling.alert.topic})"
    link = web_link(telling.item.url)
    return [line, link] if link and len(link) <= _LINE else [line]


def _fitting(
    blocks: Iterable[list[str]], more: str, around: Iterable[str]
) -> list[str]:
    """As many whole blocks as fit beside ``around``, then how many are left out."""
    room = LIMIT - sum(len(line) + 1 for line in around) - len(more) - 8
    shown: list[str] = []
    left_out = 0
    for block in blocks:
        size = sum(len(line) + 1 for line in block)
        if left_out or size > room:
            left_out += 1
            continue
        room -= size
        shown += block
    return [*shown, more.format(left_out)] if left_out else shown
