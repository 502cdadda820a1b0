"""A document as the matcher sees it: one text, its fields, its hits."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING

from alerts.matching.dateline import dateline_end
from alerts.matching.normal import normalise

if TYPE_CHECKING:
    from alerts.matching.automaton import Hit
    from alerts.model import Document

LEAD = 500
"""Code points of the original text that count as its lead (DESIGN section 4)."""

_KANA_HAN = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
_SYLLABLES = "\u3131-\u318e가-힣"
_HANGUL = re.compile("[가-힣]")
_DENSE = re.compile(f"[{_KANA_HAN}{_SYLLABLES}]")
# Vowel points and the like are no letters to ``re``, yet do not end a word.
_INSIDE = "'\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0963\u0e31-\u0e4e"
_LETTER = f"[^\\W_{_KANA_HAN}{_SYLLABLES}]"
WORD = re.compile(rf"{_LETTER}+(?:[{_INSIDE}]+{_LETTER}+)*")
_REST = re.compile(rf"[^\W_{_KANA_HAN}]+(?:'[^\W_{_KANA_HAN}]+)*")


class Reading:
    r"""Title and text in one normal form, so that one pass reads both.

    The text is " title \\n body " with the positions below; hits are kept per atom,
    in text order.
    """

    __slots__ = (
        "__dict__",
        "_body",
        "_title",
        "body_start",
        "document",
        "hits",
        "text",
        "title_end",
    )

    def __init__(self, document: Document) -> None:
        self.document = document
        self._title = normalise(document.title)
        self._body = normalise(document.text)
        self.text = f" {self._title.text} \n {self._body.text} "
        self.title_end = 1 + len(self._title.text)
        self.body_start = self.title_end + 3
        self.hits: dict[str, list[Hit]] = {}

    @cached_property
    def lead_end(self) -> int:
        """Where the lead ends; a hit that starts before it stands in the lead."""
        if len(self.document.text) <= LEAD:
            return len(self.text)
        return self.body_start + self._body.forward(LEAD)

    @cached_property
    def dateline(self) -> int:
        """Where the dateline or byline of the body ends; ``body_start`` without one."""
        end = dateline_end(self.document.text)
        return self.body_start + self._body.forward(end) if end else self.body_start

    @cached_property
    def has_hangul(self) -> bool:
        """Whether any Hangul syllable stands in title or text."""
        return _HANGUL.search(self.text) is not None

    def in_dateline(self, start: int) -> bool:
        """Whether a position stands in the dateline, which is about nothing."""
        return self.body_start <= start < self.dateline

    def original(self, hit: Hit) -> tuple[str, int, int]:
        """Field ("title" or "text"), start and end of a hit in the original."""
        if hit.raw is not None:
            return hit.raw
        if hit.start < self.title_end:
            return ("title", *self._title.span(hit.start - 1, hit.end - 1))
        base = self.body_start
        return ("text", *self._body.span(hit.start - base, hit.end - base))

    def surface(self, hit: Hit) -> str:
        """The original text of a hit."""
        field, start, end = self.original(hit)
        return self._raw(field)[start:end]

    def before(self, hit: Hit) -> str:
        """The original code point before a hit, "" at the beginning."""
        field, start, _ = self.original(hit)
        return self._raw(field)[start - 1 : start] if start else ""

    def after(self, hit: Hit) -> str:
        """The original code point after a hit, "" at the end."""
        field, _, end = self.original(hit)
        return self._raw(field)[end : end + 1]

    def position(self, field: str, start: int) -> int:
        """The place in ``text`` of a code point of the original field."""
        if field == "title":
            return 1 + self._title.forward(start)
        return self.body_start + self._body.forward(start)

    def _raw(self, field: str) -> str:
        return self.document.title if field == "title" else self.document.text

    # --- words, for NEAR, the 30-word bonus and density ----------------------------
    #
    # One count for all: only letters and digits make words, never marks. Read once,
    # and only for the few documents in which a distance matters.

    @cached_property
    def _words(self) -> tuple[list[int], list[int]]:
        """Where words of spaced scripts begin, and where CJK characters stand."""
        text = self.text
        spaced = [found.start() for found in WORD.finditer(text)]
        if text.isascii():
            return spaced, []
        return spaced, [found.start() for found in _DENSE.finditer(text)]

    @cached_property
    def word_count(self) -> float:
        """Words of title and text together, at least 1."""
        return max(1.0, self.words_in(0, len(self.text)))

    def words_between(self, end: int, start: int) -> float:
        """Words between two mentions; 2 CJK characters are 1 word.

        What is left of the word in which the first mention ends does not count.
        """
        rest = _REST.match(self.text, end)
        return self.words_in(rest.end() if rest else end, start)

    def words_in(self, start: int, end: int) -> float:
        """Words that begin in a stretch."""
        if end <= start:
            return 0.0
        spaced, dense = self._words
        count = float(bisect_left(spaced, end) - bisect_left(spaced, start))
        if dense:
            count += (bisect_left(dense, end) - bisect_left(dense, start)) / 2
        return count
