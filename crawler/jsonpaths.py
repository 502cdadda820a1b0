"""Dotted paths into JSON: `props.pageProps.articles`, `itemListElement.*.url`.

A step is a key, the number of an element, or `*` for each of them; a key that holds
a dot stands in double quotes; `.` alone is the whole document.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

WIDEST = 10_000
"""Most values one path may lead to: a page of lists in lists stays bounded."""

_STEP = re.compile(r'"(?P<quoted>[^"]+)"|(?P<plain>[^."{}]+)')
_HOLE = re.compile(r"\{([^{}]+)\}")


def read_path(text: str) -> tuple[str | None, ...]:
    """The steps of a path; None stands for `*`.

    Raises:
        ValueError: with the sentence that the user reads.
    """
    if text == ".":
        return ()
    steps: list[str | None] = []
    position = 0
    while found := _STEP.match(text, position):
        plain = found["plain"]
        steps.append(None if plain == "*" else plain or found["quoted"])
        position = found.end()
        if position == len(text):
            return tuple(steps)
        if text[position] != ".":
            break
        position += 1
    raise ValueError("expected a dotted path such as data.articles or list.*.node")


def check_template(text: str) -> str:
    """The text, if it is a path or an address with paths in braces.

    Raises:
        ValueError: with the sentence that the user reads.
    """
    if "{" not in text and "}" not in text:
        read_path(text)
        return text
    holes = _HOLE.findall(text)
    if not holes or re.search(r"[{}]", _HOLE.sub("", text)):
        raise ValueError("expected a path, or an address such as /news/{slug}")
    for hole in holes:
        read_path(hole)
    return text


def find(data: Any, path: str) -> list[Any]:
    """What the path leads to, in document order; nothing is no error."""
    found = [data]
    for step in read_path(path):
        found = [child for value in found for child in _below(value, step)][:WIDEST]
    return found


def fill(data: Any, template: str) -> str:
    """The first scalar at a path, or the address with its paths filled in.

    Filled-in values are percent-encoded but for `/`. "" when something is missing.
    """
    if "{" not in template:
        return first(data, template)
    values = {hole: first(data, hole) for hole in _HOLE.findall(template)}
    if not all(values.values()):
        return ""
    return _HOLE.sub(lambda hole: quote(values[hole[1]], safe="/"), template)


def first(data: Any, path: str) -> str:
    """The first text or number at a path as text, "" when there is none."""
    return next((text for value in find(data, path) if (text := scalar(value))), "")


def scalar(value: Any) -> str:
    """A text or number as text; anything else is ""."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""


def _below(value: Any, step: str | None) -> list[Any]:
    if isinstance(value, dict):
        if step is None:
            return list(value.values())
        return [value[step]] if step in value else []
    if isinstance(value, list):
        if step is None:
            return value
        if step.isdecimal() and int(step) < len(value):
            return [value[int(step)]]
    return []
