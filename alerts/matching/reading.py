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

_CJK = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
_HANGUL = re.compile("[가-힣]")
_DENSE = re.compile(f"[{_CJK}]")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_WORD_OR_DENSE = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+(?:'[^\W_{_CJK}]+)*")


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

    # --- words, for NEAR -----------------------------------------------------------

    @cached_property
    def _words(self) -> tuple[list[int], list[int] | None]:
        """Starts of all words, and their running length in half-words if CJK occurs."""
        text = self.text
        if text.isascii() or not _DENSE.search(text):
            return [word.start() for word in _WORD.finditer(text)], None
        starts: list[int] = []
        lengths = [0]
        for word in _WORD_OR_DENSE.finditer(text):
            starts.append(word.start())
            dense = word.end() - word.start() == 1 and _DENSE.match(word.group())
            lengths.append(lengths[-1] + (1 if dense else 2))
        return starts, lengths

    @cached_property
    def word_count(self) -> float:
        """Words of title and text together, at least 1."""
        starts, lengths = self._words
        return max(1.0, lengths[-1] / 2 if lengths else len(starts))

    def words_between(self, end: int, start: int) -> float:
        """Words that start in [end, start); 2 CJK characters are 1 word."""
        starts, lengths = self._words
        first, last = bisect_left(starts, end), bisect_left(starts, start)
        if last <= first:
            return 0
        return (lengths[last] - lengths[first]) / 2 if lengths else last - first
