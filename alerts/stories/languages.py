"""Which languages' words to try on a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

_SCRIPTS = (
    (re.compile(r"[A-Za-z]{3}"), ("en", "de", "fr", "it", "es", "pl")),
    (re.compile(r"[\u0400-\u04ff]{3}"), ("ru", "uk")),
    (re.compile(r"[\uac00-\ud7a3]"), ("ko",)),
    (re.compile(r"[\u3040-\u30ff]"), ("ja",)),
    (re.compile(r"[\u4e00-\u9fff]"), ("zh",)),
)


def spoken(language: str | None, text: str, known: Container[str]) -> tuple[str, ...]:
    """The item's language if its words are known; of none, all its letters allow.

    A language that is known, but not its words, has none to try.
    """
    base = (language or "").partition("-")[0].lower()
    if base:
        return (base,) if base in known else ()
    return tuple(
        one
        for letters, languages in _SCRIPTS
        if letters.search(text)
        for one in languages
        if one in known
    )
