"""The code points a text is made one by: which are odd, and what they become.

One code point for one where that is possible; ``odd_places`` says where it is not, and
``cluster`` what stands there.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache

# One code point for one: what reads the same matches the same (MATCHING 2.2, 2.4).
_SPACES = (
    "-\t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0‐‑‒–—―−\u2028\u2029\u202f\u3000"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
_APOSTROPHES = "`´‘’‛ʹʼʻ′"
_MIDDLE_DOTS = "・･•‧∙"
ONE_TO_ONE = (
    *((char, " ") for char in _SPACES if not char.isascii()),
    *((char, "'") for char in _APOSTROPHES if not char.isascii()),
    *((char, "·") for char in _MIDDLE_DOTS),
    ("ё", "е"),
    ("…", "."),
)
ASCII = {
    code: (
        " " if chr(code) in _SPACES else "'" if code == 0x60 else chr(code).casefold()
    )
    for code in range(128)
}
ASCII_BEYOND_CASE = tuple(
    (char, " " if char in _SPACES else "'")
    for char in _SPACES + _APOSTROPHES
    if char.isascii()
)
_KEPT = frozenset(char for char, _ in ONE_TO_ONE) | frozenset("·")

_ENTITY = re.compile(
    r"&(?:amp;)*(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
)
_STRESS = re.compile(
    "(?<=[а-яёєіїґ])[\u0300\u0301]"
)  # Росси́я, as encyclopedias mark it
# A reading put between Han characters, as copies of Chinese pages do: 平(píng)壤. Only
# a syllable with a tone mark: 北韓(DPRK) and 朝鲜(北) say something.
_PINYIN = re.compile(
    r"[(（](?<=[\u4e00-\u9fff][(（])"
    r"(?=[a-zü]*[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ\u0300\u0301\u0304\u030c])[a-züāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ\u0300\u0301\u0304\u030c]{1,8}[)）]"
)
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def cluster(raw: str, start: int, floor: int) -> tuple[int, int, str]:
    """The smallest stretch round ``start`` that is normalised as one, and its text."""
    if raw[start] == "&":
        entity = _ENTITY.match(raw, start)
        if entity is None:
            return start, start, ""
        text = entity.group()
        for _ in range(3):  # feeds escape twice, sometimes thrice: &amp;apos;
            text = html.unescape(text)
        return start, entity.end(), _fold(text)
    if raw[start] in "(（" and (noise := _PINYIN.match(raw, start)):
        return start, noise.end(), ""
    if _melts(raw, start) and start > floor and raw[start - 1] not in _KEPT:
        start -= 1
    end = start + 1
    while end < len(raw) and end - start < 32 and _melts(raw, end):
        end += 1
    return start, end, _fold(raw[start:end])


def _fold(text: str) -> str:
    text = "".join(char for char in text if not _vanishes(char))
    text = unicodedata.normalize("NFKC", text).casefold()
    text = unicodedata.normalize("NFKC", text).replace("ё", "е")  # ё́ too is е
    text = _STRESS.sub("", text)
    return "".join(char for char in text if not _vanishes(char))


def _vanishes(char: str) -> bool:
    return unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f"


def _joins(char: str) -> bool:
    """Whether the code point may melt into the one before it under NFKC."""
    return (
        unicodedata.combining(char) != 0 or "\u1160" <= char <= "\u11ff" or char in "ﾞﾟ"
    )


def _melts(raw: str, place: int) -> bool:
    """Whether it joins what stands before, marks that vanish in between left aside."""
    for char in raw[place : place + 8]:
        if _joins(char):
            return True
        if not _vanishes(char):
            return False
    return False


@cache
def _odd() -> re.Pattern[str]:
    """Code points of the first plane that change width or mind their neighbours.

    Ranges beyond it would make ``re`` compare range by range: 15 times slower.
    """
    ranges = (
        (0x80, 0x3400),
        (0xA640, 0xAC00),
        (0xD7B0, 0xD800),
        (0xF900, 0x10000),
    )
    spans: list[tuple[int, int]] = [(ord("&"), ord("&"))]
    for low, high in ranges:
        for code in range(low, high):
            if _is_odd(chr(code)):
                if spans[-1][1] == code - 1:
                    spans[-1] = (spans[-1][0], code)
                else:
                    spans.append((code, code))
    body = "".join(
        re.escape(chr(low)) + (f"-{re.escape(chr(high))}" if high > low else "")
        for low, high in spans
    )
    return re.compile(f"[{body}]")


def odd_places(raw: str) -> list[int]:
    """Where a look is needed, ascending; every code point beyond the first plane."""
    places = [found.start() for found in _odd().finditer(raw)]
    more = [found.start() for found in _ASTRAL.finditer(raw)]
    if "(" in raw:
        more.extend(found.start() for found in _PINYIN.finditer(raw))
    if more:
        places = sorted({*places, *more})
    return places


def _is_odd(char: str) -> bool:
    if char in _KEPT:
        return False
    folded = char.casefold()
    return (
        len(folded) != 1
        or not unicodedata.is_normalized("NFKC", char)
        or not unicodedata.is_normalized("NFKC", folded)
        or _joins(char)
        or _vanishes(char)
        or "\u1100" <= char <= "\u115f"
    )
