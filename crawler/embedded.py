"""Article text that a page carries only inside its scripts.

Pages built in the browser (`__NEXT_DATA__`, `self.__next_f.push`) hold the body as
escaped markup in JSON, sometimes JSON inside JSON. What looks like paragraphs there
is taken; the script is never run.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.text import plain_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

SCRIPT_LIMIT = 2 * 1024 * 1024
"""Characters of one script that are looked at."""

_UNICODE = re.compile(r"\\+u([0-9a-fA-F]{4})")
_ESCAPED = re.compile(r'\\+(["/nrt])')
_PLAIN = {'"': '"', "/": "/", "n": "\n", "r": " ", "t": " "}
_PARAGRAPH = re.compile(r"<p(?:\s[^<>]{0,300})?>(.{1,5000}?)</p>", re.DOTALL)


def embedded_text(root: HtmlElement, *, limit: int) -> str:
    """The paragraphs of the script that holds most of them, as plain text, or ""."""
    best = ""
    for script in root.iter("script"):
        source = (script.text or "")[:SCRIPT_LIMIT]
        if "u003cp" not in source.lower() and "<p" not in source:
            continue
        markup = _ESCAPED.sub(
            lambda found: _PLAIN[found[1]],
            _UNICODE.sub(lambda found: chr(int(found[1], 16)), source),
        )
        # One body may be there twice, for the server and for the browser.
        paragraphs = dict.fromkeys(_PARAGRAPH.findall(markup))
        text = "\n".join(
            words for one in paragraphs if (words := plain_text(one, limit=limit))
        )
        if len(text) > len(best):
            best = text
    return best[:limit]
