"""One normal form for matching, with a way back to the original code points."""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

from alerts.matching.codepoints import (
    ASCII,
    ASCII_BEYOND_CASE,
    ONE_TO_ONE,
    cluster,
    odd_places,
)
from alerts.matching.lookalikes import repair

_RUN = re.compile("  +")


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
        return _squeeze(raw.translate(ASCII), ())
    layers: tuple[_Layer, ...] = ()
    text = raw
    places = odd_places(raw)
    if places:
        text, layer = _unfold(raw, places)
        layers = (layer,)
    folded = text.casefold()
    if len(folded) != len(text):  # a letter outside the tables below
        folded = "".join(
            small if len(small := char.casefold()) == 1 else char for char in text
        )
    for before, after in ONE_TO_ONE:
        if before in folded:
            folded = folded.replace(before, after)
    for before, after in ASCII_BEYOND_CASE:
        folded = folded.replace(before, after)
    return _squeeze(repair(folded), layers)


def key(raw: str) -> str:
    """The normal form of a spelling, without surrounding space."""
    return normalise(raw).text.strip()


def cased(raw: str) -> str:
    """Like ``key`` but with case kept, for aliases that are told apart by it."""
    text = unicodedata.normalize("NFKC", html.unescape(raw))
    text = "".join(char for char in text if unicodedata.category(char) != "Cf")
    for before, after in (*ONE_TO_ONE, *ASCII_BEYOND_CASE):
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
        start, end, text = cluster(raw, start, at)
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
