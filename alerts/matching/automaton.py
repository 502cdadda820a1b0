"""One pass over a text for every spelling of every topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from alerts.matching.boundary import Edge, left_holds, right_end, script

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from alerts.matching.tree import Node

# Letters after the star of ``word*``. Six cover the Romance and Slavic endings of
# MATCHING 2.3; nordkorea-nischen needs seven, Sanktions-paketverlängerungen far more.
TAIL = 8
COMPOUND_TAIL = 20
COMPOUNDING = frozenset(
    {"de", "nl", "sv", "da", "no", "nb", "nn", "fi", "et", "hu", "is"}
)


class Hit(NamedTuple):
    """One mention: a half-open range of the reading's text.

    ``raw`` is (field, start, end) in the original where the range itself cannot say
    it exactly, as for regular expressions.
    """

    start: int
    end: int
    how: str
    atom: str
    raw: tuple[str, int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """What one pattern of the automaton stands for, and what must hold around it.

    ``cased`` are the spellings with their case if case counts; ``hanja`` marks Han
    characters of Korean headlines, which mean nothing where no Hangul stands;
    ``glue`` forgives lost spaces.
    """

    atom: str
    how: str
    left: Edge
    right: Edge
    cased: frozenset[str] = frozenset()
    lang: str | None = None
    hanja: bool = False
    glue: bool = False
    when: Node | None = None
    not_followed_by: tuple[str, ...] = ()
    not_preceded_by: tuple[str, ...] = ()
    not_near: tuple[Node, int] | None = None

    @property
    def plain(self) -> bool:
        """Whether the two edges decide alone."""
        return not (
            self.cased
            or self.hanja
            or self.when
            or self.not_near
            or self.not_followed_by
            or self.not_preceded_by
        )


class Found(NamedTuple):
    """A pattern in place: its edges hold, its other conditions are not yet asked."""

    start: int
    end: int
    spelling: Spelling
    glued: bool


class Automaton:
    """Aho-Corasick over all patterns at once, overlaps included.

    ContiguousNFA: 30 MB and 0.4 s for 100,000 patterns, at 60 % of the speed of the
    fastest engine measured (MATCHING 1.2).
    """

    def __init__(self, patterns: Mapping[str, Sequence[Spelling]]) -> None:
        self._spellings = [tuple(spellings) for spellings in patterns.values()]
        self._engine = AhoCorasick(
            list(patterns),
            implementation=Implementation.ContiguousNFA,
            store_patterns=False,
        )

    def __len__(self) -> int:
        return len(self._spellings)

    def find(self, text: str, *, tail: int) -> Iterator[Found]:
        """Every pattern of ``text`` whose edges hold; text starts and ends in space."""
        spellings = self._spellings
        for index, start, end in self._engine.find_matches_as_indexes(
            text, overlapping=True
        ):
            for spelling in spellings[index]:
                if left_holds(text, start, spelling.left):
                    stop = right_end(text, end, spelling.right, tail)
                    if stop >= 0:
                        yield Found(start, stop, spelling, glued=False)
                        continue
                if spelling.glue:
                    yield Found(start, end, spelling, glued=True)


def followed_by(text: str, end: int, words: tuple[str, ...]) -> bool:
    """Whether one of ``words`` (normal forms) comes next, a space allowed between."""
    at = end + 1 if text[end] == " " else end
    for word in words:
        stem = word.removesuffix("*")
        if text.startswith(stem, at) or text.startswith(stem, end):
            stop = (at if text.startswith(stem, at) else end) + len(stem)
            if word.endswith("*") or not _joined(text, stop):
                return True
    return False


def preceded_by(text: str, start: int, words: tuple[str, ...]) -> bool:
    """Whether one of ``words`` (normal forms) comes right before."""
    at = start - 1 if text[start - 1] == " " else start
    for word in words:
        for stop in (at, start):
            if text.endswith(word, 0, stop) and not _joined(text, stop - len(word)):
                return True
    return False


def _joined(text: str, position: int) -> bool:
    """Whether a word of a spaced script goes on across ``position``."""
    if position <= 0 or position >= len(text):
        return False
    return script(text[position - 1]) == 1 and script(text[position]) == 1
