"""One normal form for matching, with a way back to the original code points."""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache

from alerts.matching.lookalikes import repair

# One code point for one: what reads the same matches the same (MATCHING 2.2, 2.4).
_SPACES = (
    "-\t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0‐‑‒–—―−\u2028\u2029\u202f\u3000"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
_APOSTROPHES = "`´‘’‛ʹʼʻ′"
_MIDDLE_DOTS = "・･•‧∙"
_ONE_TO_ONE = (
    *((char, " ") for char in _SPACES if not char.isascii()),
    *((char, "'") for char in _APOSTROPHES if not char.isascii()),
    *((char, "·") for char in _MIDDLE_DOTS),
    ("ё", "е"),
    ("…", "."),
)
_ASCII = {
    code: (
        " " if chr(code) in _SPACES else "'" if code == 0x60 else chr(code).casefold()
    )
    for code in range(128)
}
_ASCII_BEYOND_CASE = tuple(
    (char, " " if char in _SPACES else "'")
    for char in _SPACES + _APOSTROPHES
    if char.isascii()
)
_KEPT = frozenset(char for char, _ in _ONE_TO_ONE) | frozenset("·")

_ENTITY = re.compile(
    r"&(?:amp;)*(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
)
_RUN = re.compile("  +")
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


@dataclass(frozen=True, slots=True)
class _Layer:
    """One rewriting step, as pieces: where each starts after and before it.

    ``ends`` holds the end before the step of a piece that is replaced whole, -1 for
    a piece in which every code point kept its width.
    """

    after: list[int]
    before: list[int]
    ends: list[int]

    def back(self, start: int, end: int) -> tuple[int, int]:
        first = bisect_right(self.after, start) - 1
        last = bisect_right(self.after, max(start, end - 1)) - 1
        if self.ends[first] < 0:
            start = self.before[first] + start - self.after[first]
        else:
            start = self.before[first]
        if self.ends[last] < 0:
            end = self.before[last] + end - self.after[last]
        else:
            end = self.ends[last]
        return start, max(start, end)


@dataclass(frozen=True, slots=True)
class Normal:
    """A normalised text; ``span`` leads from its positions back to the original."""

    text: str
    layers: tuple[_Layer, ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Start and end, in code points of the original, of a normalised range."""
        for layer in reversed(self.layers):
            start, end = layer.back(start, end)
        return start, end

    def forward(self, position: int) -> int:
        """The first normalised position whose original is at or after ``position``."""
        if not self.layers:
            return min(position, len(self.text))
        low, high = 0, len(self.text)
        while low < high:
            middle = (low + high) // 2
            if self.span(middle, middle + 1)[0] < position:
                low = middle + 1
            else:
                high = middle
        return low


def normalise(raw: str) -> Normal:
    """The normal form: entities read, NFKC, case folded, equal marks made one.

    Zero-width and bidi marks vanish, runs of spaces and hyphens become one space,
    ё reads as е, and look-alike letters of a word that mixes scripts are repaired
    (HARDENING A42).
    """
    if raw.isascii() and "&" not in raw:
        return _squeeze(raw.translate(_ASCII), ())
    layers: tuple[_Layer, ...] = ()
    text = raw
    places = _odd_places(raw)
    if places:
        text, layer = _unfold(raw, places)
        layers = (layer,)
    folded = text.casefold()
    if len(folded) != len(text):  # a letter outside the tables below
        folded = "".join(
            small if len(small := char.casefold()) == 1 else char for char in text
        )
    for before, after in _ONE_TO_ONE:
        if before in folded:
            folded = folded.replace(before, after)
    for before, after in _ASCII_BEYOND_CASE:
        folded = folded.replace(before, after)
    return _squeeze(repair(folded), layers)


def key(raw: str) -> str:
    """The normal form of a spelling, without surrounding space."""
    return normalise(raw).text.strip()


def cased(raw: str) -> str:
    """Like ``key`` but with case kept, for aliases that are told apart by it."""
    text = unicodedata.normalize("NFKC", html.unescape(raw))
    text = "".join(char for char in text if unicodedata.category(char) != "Cf")
    for before, after in (*_ONE_TO_ONE, *_ASCII_BEYOND_CASE):
        text = text.replace(before, after)
    return _RUN.sub(" ", text).strip()


def _squeeze(text: str, layers: tuple[_Layer, ...]) -> Normal:
    if "  " not in text:
        return Normal(text, layers)
    pieces: list[str] = []
    after, before = [0], [0]
    at = width = 0
    for run in _RUN.finditer(text):
        start = run.start() + 1
        pieces.append(text[at:start])
        width += start - at
        at = run.end()
        after.append(width)
        before.append(at)
    pieces.append(text[at:])
    layer = _Layer(after, before, [-1] * len(after))
    return Normal("".join(pieces), (*layers, layer))


def _unfold(raw: str, places: list[int]) -> tuple[str, _Layer]:
    """Rewrite what is not one code point for one; the rest keeps its width."""
    pieces: list[str] = []
    after: list[int] = []
    before: list[int] = []
    ends: list[int] = []
    at = width = 0
    for place in places:
        start = place
        if start < at:
            continue
        start, end, text = _cluster(raw, start, at)
        if end <= start:
            continue
        if start > at:
            after.append(width)
            before.append(at)
            ends.append(-1)
            pieces.append(raw[at:start])
            width += start - at
        if text:
            after.append(width)
            before.append(start)
            ends.append(end)
            pieces.append(text)
            width += len(text)
        at = end
    if at < len(raw) or not after:
        after.append(width)
        before.append(at)
        ends.append(-1)
        pieces.append(raw[at:])
    return "".join(pieces), _Layer(after, before, ends)


def _cluster(raw: str, start: int, floor: int) -> tuple[int, int, str]:
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


def _odd_places(raw: str) -> list[int]:
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
