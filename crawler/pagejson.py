"""The JSON of an answer: the body itself, or what a page carries in its scripts.

Scripts are read, never run (HARDENING A12).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from crawler.decode import to_utf8
from crawler.errors import ParseError
from crawler.markup import read_html
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

LD = "ld+json"
"""As ``script``: the page's JSON-LD, all of it as one list."""


def read_json(body: bytes, content_type: str | None, script: str | None) -> Any:
    """The document that a source's paths lead into.

    Args:
        body: as fetched.
        content_type: as the server sent it.
        script: None for a body that is JSON; else ``ld+json``, the id of a script
            element (``__NEXT_DATA__``), or the variable that a script assigns it to
            (``window.__STATE__``).

    Raises:
        ParseError: NOT_JSON, with what was found instead; NOT_A_PAGE.
    """
    if script is None:
        return _whole(body, content_type)
    page = read_html(body, content_type)
    if script == LD:
        return list(linked_data(page))
    for element in page.iter("script"):
        if element.get("id") == script:
            return _loaded(element.text or "", f"the script #{script}")
    for element in page.iter("script"):
        found = _assigned(element.text or "", script)
        if found is not None:
            return found
    raise ParseError(FetchReason.NOT_JSON, f"no script is or assigns {script!r}")


def linked_data(page: HtmlElement) -> Iterator[Any]:
    """Each JSON-LD block of a page; damaged ones are passed over."""
    for element in page.iter("script"):
        if (element.get("type") or "").strip().lower() == "application/ld+json":
            try:
                yield json.loads(element.text or "")
            except (ValueError, RecursionError):
                continue


def _whole(body: bytes, content_type: str | None) -> Any:
    data = to_utf8(body, content_type).lstrip()
    if data.startswith(b"<"):
        said = "a page or XML; `script:` names JSON inside a page"
        raise ParseError(FetchReason.NOT_JSON, said)
    return _loaded(data, "the body")


def _loaded(text: str | bytes, what: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        said = f"{what} cannot be read: {type(error).__name__}"
        raise ParseError(FetchReason.NOT_JSON, said) from error


def _assigned(text: str, variable: str) -> Any:
    """What stands behind `variable =`, also as ``JSON.parse("…")``; None if nothing."""
    at = re.compile(
        rf"(?<![\w$.]){re.escape(variable)}\s*=\s*(?P<quoted>JSON\.parse\(\s*)?"
    )
    decoder = json.JSONDecoder()
    for found in at.finditer(text):
        try:
            value, _ = decoder.raw_decode(text, found.end())
            if found["quoted"] and isinstance(value, str):
                value = json.loads(value)
        except (ValueError, RecursionError):
            continue
        return value
    return None
