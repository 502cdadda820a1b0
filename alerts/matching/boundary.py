"""Where a word begins and ends, script by script."""

from __future__ import annotations

import re
from enum import IntEnum

# Particles, the copula and delimiters that may close a Korean word (MATCHING 2.1).
JOSA = frozenset(
    [
        "이",
        "가",
        "은",
        "는",
        "을",
        "를",
        "의",
        "에",
        "도",
        "만",
        "과",
        "와",
        "로",
        "으로",
        "에서",
        "에게",
        "에게서",
        "께",
        "께서",
        "한테",
        "한테서",
        "부터",
        "까지",
        "보다",
        "처럼",
        "같이",
        "마다",
        "조차",
        "마저",
        "밖에",
        "뿐",
        "이나",
        "나",
        "이란",
        "란",
        "라는",
        "이라는",
        "이라고",
        "라고",
        "이며",
        "며",
        "이든",
        "든지",
        "이라도",
        "라도",
        "야",
        "아",
        "여",
        "측",
        "들",
        "으로는",
        "로는",
        "에는",
        "에서는",
        "에도",
        "에서도",
        "에게는",
        "과는",
        "와는",
        "과의",
        "와의",
        "에의",
        "으로의",
        "로의",
        "까지의",
        "부터의",
        "만의",
        "이다",
        "다",
        "인",
        "이었다",
        "였다",
        "이고",
        "고",
        "일",
        "씨",
        "님",
    ]
)

_CJK = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HANGUL = re.compile(r"[가-힣ㄱ-ㆎ]*")


class Script(IntEnum):
    """The families that differ in how words are cut."""

    OTHER = 0  # spaces and marks
    SPACED = 1  # Latin, Cyrillic, Greek, digits and everything else with spaces
    HANGUL = 2
    KATAKANA = 3
    HAN = 4  # and hiragana


class Edge(IntEnum):
    """What must stand at one side of a hit."""

    OPEN = 0
    SPACED = 1  # no letter or digit of a spaced script
    HANGUL = 2  # no Hangul syllable
    JOSA = 3  # nothing but particles up to the end of the spaced word
    KATAKANA = 4  # no katakana
    HAN = 5  # no Han or kana
    TAIL = 6  # a few letters more, then a boundary


def script(char: str) -> Script:
    """The family of one code point."""
    if char.isascii():
        return Script.SPACED if char.isalnum() else Script.OTHER
    if "가" <= char <= "힣" or "\u3131" <= char <= "\u318e":
        return Script.HANGUL
    if "\u30a1" <= char <= "\u30fa" or "\u30fc" <= char <= "\u30fe":
        return Script.KATAKANA
    if (
        "\u3005" <= char <= "\u9fff"
        or "\uf900" <= char <= "\ufaff"
        or char >= "\U00020000"
    ):
        return Script.HAN if char.isalnum() else Script.OTHER
    return Script.SPACED if char.isalnum() else Script.OTHER


def edges(text: str, *, boundary: str | None, prefix: bool) -> tuple[Edge, Edge]:
    """The left and right edge of a spelling, given in its normal form.

    ``boundary`` is the alias's own wish, None for the default of its script: words
    for spaced scripts, the start of the spaced word for Hangul, any place for Han
    and hiragana, and for katakana any place but inside a longer katakana word on
    the left (ロシア is not in プロシア).
    """
    if boundary == "none":
        return Edge.OPEN, Edge.OPEN
    left, right = script(text[0]), script(text[-1])
    return _left(left, boundary), _right(right, boundary, prefix=prefix)


def _left(first: Script, boundary: str | None) -> Edge:
    if first is Script.SPACED:
        return Edge.SPACED
    if first is Script.HANGUL:
        return Edge.HANGUL
    if first is Script.KATAKANA:
        return Edge.KATAKANA if boundary is None else Edge.HAN
    if first is Script.HAN and boundary is not None:
        return Edge.HAN
    return Edge.OPEN


def _right(last: Script, boundary: str | None, *, prefix: bool) -> Edge:
    if boundary == "start":
        return Edge.OPEN
    if last is Script.SPACED:
        return Edge.TAIL if prefix else Edge.SPACED
    if boundary == "word" and not prefix:
        return Edge.JOSA if last is Script.HANGUL else Edge.HAN
    return Edge.OPEN


def left_holds(text: str, start: int, edge: Edge) -> bool:
    """Whether the code point before ``start`` (it exists) suits the edge."""
    char = text[start - 1]
    if edge is Edge.OPEN or char == " ":
        return True
    kind = script(char)
    if edge is Edge.SPACED:
        return kind is not Script.SPACED
    if edge is Edge.HANGUL:
        return kind is not Script.HANGUL
    if edge is Edge.KATAKANA:
        return kind is not Script.KATAKANA
    return kind is not Script.HAN and kind is not Script.KATAKANA


def right_end(text: str, end: int, edge: Edge, tail: int) -> int:
    """Where the hit ends, its tail included, or -1 if the edge does not hold.

    ``tail`` is the longest tail of a prefix, in letters.
    """
    char = text[end]
    if edge is Edge.OPEN or char == " ":
        return end
    if edge is Edge.JOSA:
        rest = _HANGUL.match(text, end)
        holds = rest is None or not rest.group() or rest.group() in JOSA
        return end if holds else -1
    kind = script(char)
    if edge is Edge.SPACED:
        return end if kind is not Script.SPACED else -1
    if edge is Edge.HAN:
        return end if kind not in {Script.HAN, Script.KATAKANA} else -1
    stop = end
    while stop - end <= tail and script(text[stop]) is Script.SPACED:
        stop += 1
    return stop if stop - end <= tail else -1
