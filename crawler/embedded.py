"""Article text that a page carries only inside its scripts.

Pages built in the browser hold the body in JSON, sometimes JSON inside JSON: as
escaped markup (`__NEXT_DATA__`, `self.__next_f.push`), or as a list of pieces
(`Fusion.globalContent`: `content_elements` of type "text"). What looks like
paragraphs there is taken; the script is never run.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crawler.text import plain_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

SCRIPT_LIMIT = 2 * 1024 * 1024
"""Characters of one script that are looked at."""

VALUES = 50_000
"""Most JSON values of a script that are looked at."""

STARTS = 20
"""So many places of a script are tried as the beginning of its data."""

PIECES = 3
"""Fewer pieces of text in a list are no article."""

_UNICODE = re.compile(r"\\+u([0-9a-fA-F]{4})")
_ESCAPED = re.compile(r'\\+(["/nrt])')
_PLAIN = {'"': '"', "/": "/", "n": "\n", "r": " ", "t": " "}
_PARAGRAPH = re.compile(r"<p(?:\s[^<>]{0,300})?>(.{1,5000}?)</p>", re.DOTALL)
_START = re.compile(r"(?:^|=)[\s(]{0,10}(?=[\[{])")
_TEXT_KEYS = ("content", "text", "html", "body", "value")
_KIND_KEYS = ("type", "_type", "kind", "__typename")


def embedded_text(root: HtmlElement, *, limit: int) -> str:
    """The paragraphs of the script that holds most of them, as plain text, or ""."""
    best = ""
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or ""):
            continue
        source = (script.text or "")[:SCRIPT_LIMIT]
        for text in (_marked_up(source, limit), _listed(source, limit)):
            if len(text) > len(best):
                best = text
    return best[:limit]


def _marked_up(source: str, limit: int) -> str:
    """What stands between `<p>` and `</p>`, however often it is escaped."""
    if "u003cp" not in source.lower() and "<p" not in source:
        return ""
    markup = _ESCAPED.sub(
        lambda found: _PLAIN[found[1]],
        _UNICODE.sub(lambda found: chr(int(found[1], 16)), source),
    )
    # One body may be there twice, for the server and for the browser.
    paragraphs = dict.fromkeys(_PARAGRAPH.findall(markup))
    return _lines(paragraphs, limit)


def _listed(source: str, limit: int) -> str:
    """The list of pieces that holds most text."""
    best = ""
    if not any(f'"{key}"' in source for key in _TEXT_KEYS):
        return best
    for values in _lists(source):
        for key in _TEXT_KEYS:
            text = _lines(_pieces(values, key), limit)
            if len(text) > len(best):
                best = text
    return best


def _lists(source: str) -> Iterator[list[Any]]:
    """Every list in the data of a script, breadth first, bounded."""
    queue = list(_data(source))
    for count in range(VALUES):
        if count >= len(queue):
            return
        value = queue[count]
        if isinstance(value, list):
            yield value
        parts = value.values() if isinstance(value, Mapping) else value
        queue.extend(part for part in parts if isinstance(part, Mapping | list))


def _data(source: str) -> Iterator[Any]:
    """What is JSON in a script: all of it, or what is assigned."""
    decoder = json.JSONDecoder(strict=False)
    end = 0
    for count, start in enumerate(_START.finditer(source)):
        if count >= STARTS:
            return
        if start.end() < end:
            continue
        try:
            value, end = decoder.raw_decode(source, start.end())
        except (ValueError, RecursionError):
            continue
        yield value


def _pieces(values: list[Any], key: str) -> list[str]:
    """The texts of a list, of its main kind and its subheads."""
    texts = [
        (_kind(value), value[key])
        for value in values
        if isinstance(value, Mapping) and isinstance(value.get(key), str)
    ]
    if len(texts) < PIECES:
        return []
    sizes: Counter[str] = Counter()
    for kind, text in texts:
        sizes[kind] += len(text)
    main = sizes.most_common(1)[0][0]
    return [text for kind, text in texts if kind == main or "head" in kind]


def _kind(value: Mapping[str, Any]) -> str:
    kinds = (value.get(key) for key in _KIND_KEYS)
    return next((kind.lower() for kind in kinds if isinstance(kind, str)), "")


def _lines(texts: Iterable[str], limit: int) -> str:
    return "\n".join(words for one in texts if (words := plain_text(one, limit=limit)))
