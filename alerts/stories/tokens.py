"""A text cut into tokens, and tokens into terms that survive inflection.

Prefixes of six letters did as well as a stemmer on Russian headlines (.82 against .79
for words) and cost nothing on English; Hangul, Han and kana are read as pairs of
characters, since particles and compounds are written without a space.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HAN_KANA = "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HANGUL = "\uac00-\ud7a3"
_LETTER = rf"[^\W\d_{_HAN_KANA}{_HANGUL}]"
_TOKEN = re.compile(
    rf"[{_HAN_KANA}]+|[{_HANGUL}]+|\d+(?:[.,]\d+)*|{_LETTER}+(?:['’]{_LETTER}+)?"
)
_PAIRED = re.compile(rf"[{_HAN_KANA}{_HANGUL}]")

PREFIX = 6
PREFIX_EN = 7


def base(language: str | None) -> str:
    """The language without region or script: "pt" of "pt-BR"; empty if unknown."""
    return re.split("[-_]", language.casefold(), maxsplit=1)[0] if language else ""


def tokens(text: str, most: int) -> list[str]:
    """Words, numbers and runs of Hangul, Han and kana, in text order, as written."""
    found: list[str] = []
    for one in _TOKEN.finditer(text):
        found.append(one.group())
        if len(found) == most:
            break
    return found


def is_paired(token: str) -> bool:
    """Whether a token is read as pairs of characters."""
    return _PAIRED.match(token) is not None


def length(token: str) -> float:
    """Its length in words: two Hangul, Han or kana characters are one (MATCHING)."""
    return max(1.0, len(token) / 2) if is_paired(token) else 1.0


def terms(token: str, language: str) -> Iterator[str]:
    """The terms a token stands for; numbers stand for themselves."""
    if is_paired(token):
        if len(token) == 1:
            yield token
        for at in range(len(token) - 1):
            yield token[at : at + 2]
    elif token[0].isdigit():
        yield token
    else:
        yield stem(token.lower(), language)


def stem(word: str, language: str) -> str:
    """A lower-case word cut to what its inflected forms share."""
    if language != "en":
        return word[:PREFIX]
    word = word.removesuffix("'s").removesuffix("’s")
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return word[:PREFIX_EN]
