"""What a text puts into somebody's mouth: the words between quotation marks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from alerts.stories.sentences import MOST_TOKENS, plain
from alerts.stories.tokens import length, tokens

LEAST_WORDS = 3
"""Shorter ones are names and single words at a distance, not statements."""

MOST_QUOTES = 100

_PAIRS = re.compile(
    r"“([^“”\n]+)”|„([^“”„\n]+)[“”]|«([^«»\n]+)»|»([^«»\n]+)«|「([^「」\n]+)」"
    r"|『([^『』\n]+)』|\"([^\"\n]+)\"|(?<!\w)‘([^‘\n]+?)’(?!\w)"
)


@dataclass(frozen=True)
class Quotation:
    """The words quoted, as written, and the number of their paragraph."""

    words: str
    paragraph: int

    @cached_property
    def key(self) -> str:
        """As compared: without case, punctuation and white space."""
        return words_only(self.words)


def words_only(text: str) -> str:
    """The text's letters and digits alone, words set apart."""
    return " ".join(re.findall(r"[^\W_]+", plain(text)))


def quotations(text: str) -> tuple[Quotation, ...]:
    """The quotations of a text in order; a line is a paragraph."""
    found: list[Quotation] = []
    for paragraph, line in enumerate(text.splitlines()):
        for hit in _PAIRS.finditer(line):
            words = next(group for group in hit.groups() if group).strip()
            if sum(map(length, tokens(words, MOST_TOKENS))) >= LEAST_WORDS:
                found.append(Quotation(words, paragraph))
    return tuple(found[:MOST_QUOTES])
