"""Spellings with wrong letters, as many as the watch itself allows.

Names of persons are guessed with care (``names``); here the user said how many
letters may be wrong, so that any kind of name, any length and every script with
spaces counts, large letters or small, with nothing else beside it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick, Implementation
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from alerts.matching.automaton import Found
from alerts.matching.boundary import Script, script
from alerts.matching.normal import key
from alerts.matching.reading import WORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from alerts.matching.automaton import Spelling
    from alerts.matching.reading import Reading
    from alerts.model import Alias, Entity

LETTERS_PER_EDIT = 3
"""Letters a spelling needs for each wrong one; "Kim" with 2 wrong is any word."""
MAX_FORMS = 60
_PIECE = 2
_ACCENTED = re.compile("[À-ɏḀ-ỿ]")
_POSSESSIVE = re.compile("'s?$")


def refusal(alias: Alias, edits: int) -> str | None:
    """Why so many wrong letters cannot be forgiven in a spelling, None if they can."""
    normal = key(alias.text.strip().removesuffix("*"))
    letters = [char for char in normal if char.isalnum()]
    if any(script(char) > Script.SPACED for char in letters):
        return (
            f"fuzzy: {edits} cannot be done in {alias.text!r}: a Han, kana or Hangul "
            "character is a syllable or word; list the spellings"
        )
    if alias.text.strip().endswith("*"):
        return f"fuzzy: {edits} cannot be done in {alias.text!r}: * has no end to miss"
    if alias.case:
        return f"fuzzy: {edits} and case: true exclude each other in {alias.text!r}"
    if len(letters) < LETTERS_PER_EDIT * edits:
        return (
            f"fuzzy: {edits} is too much for {alias.text!r}; it needs at least "
            f"{LETTERS_PER_EDIT * edits} letters"
        )
    return None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A form without its spaces; ``spellings`` stand for 0, 1, 2 … wrong letters."""

    joined: str
    words: int
    edits: int
    spellings: tuple[Spelling, ...]
    denied: frozenset[str]


@dataclass(slots=True)
class Typos:
    """The spellings in which a number of wrong letters is allowed."""

    _wanted: list[_Wanted] = field(default_factory=list)
    _gate: AhoCorasick | None = None
    _gated: list[list[int]] = field(default_factory=list)
    _always: list[int] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether no spelling allows a number of wrong letters."""
        return not self._wanted

    def add(
        self,
        entity: Entity,
        alias: Alias,
        edits: int,
        forms: Iterable[str],
        spelling: Callable[[str], Spelling],
    ) -> None:
        """Take in a spelling and its forms; ``spelling`` makes one for a ``how``."""
        spellings = tuple(
            spelling(f"fuzzy(d={count})" if count else "form")
            for count in range(edits + 1)
        )
        denied = frozenset(_plain(key(text).replace(" ", "")) for text in entity.deny)
        seen: set[str] = set()
        for text in (alias.text, *forms):
            words = key(text).split(" ")
            joined = _plain("".join(filter(str.isalnum, "".join(words))))
            if joined in seen or _POSSESSIVE.search(words[-1]):
                continue
            seen.add(joined)
            self._wanted.append(_Wanted(joined, len(words), edits, spellings, denied))
            if len(seen) >= MAX_FORMS:
                break
        self._gate = None

    def find(self, reading: Reading) -> Iterator[Found]:
        """Every stretch of words that comes near enough to a spelling."""
        # Most texts end here; punctuation may stay, no mention spans it.
        near = self._near(_plain("".join(reading.text.replace("'", "").split())))
        if not near:
            return
        windows = _Windows(reading.text)
        for index in near:
            wanted = self._wanted[index]
            for text, edits, spans in windows.like(wanted):
                if text not in wanted.denied:
                    for start, end in spans:
                        yield Found(start, end, wanted.spellings[edits], glued=False)

    def _near(self, joined: str) -> list[int]:
        """The spellings of which a piece stands in the text, so that it may be near.

        One wrong letter spoils at most two neighbouring pieces (when it swaps two
        letters), so of 2n + 1 pieces one survives n of them.
        """
        gate = self._gate or self._prepare()
        found = set(self._always)
        for piece, _, _ in gate.find_matches_as_indexes(joined, overlapping=True):
            found.update(self._gated[piece])
        return sorted(found)

    def _prepare(self) -> AhoCorasick:
        pieces: dict[str, list[int]] = {}
        always: list[int] = []
        for index, wanted in enumerate(self._wanted):
            parts = 2 * wanted.edits + 1
            cuts = [len(wanted.joined) * part // parts for part in range(parts + 1)]
            cut = {wanted.joined[left:right] for left, right in pairwise(cuts)}
            if min(map(len, cut)) < _PIECE:
                always.append(index)
            else:
                for piece in cut:
                    pieces.setdefault(piece, []).append(index)
        self._always = always
        self._gated = list(pieces.values())
        self._gate = AhoCorasick(
            list(pieces),
            implementation=Implementation.ContiguousNFA,
            store_patterns=False,
        )
        return self._gate


class _Windows:
    """Stretches of words with nothing but spaces between, by their letters."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = list(_words(text))
        self._sizes: dict[int, dict[str, list[tuple[int, int]]]] = {}

    def like(self, wanted: _Wanted) -> Iterator[tuple[str, int, list[tuple[int, int]]]]:
        """Letters, wrong ones and places; a space of a name may be lost or added."""
        count = wanted.words
        sizes = (count,) if count == 1 else (count - 1, count, count + 1)
        for size in sizes:
            windows = self._of(size)
            for text, edits, _ in extract(
                wanted.joined,
                windows.keys(),
                scorer=OSA.distance,
                score_cutoff=wanted.edits,
                limit=None,
            ):
                yield text, int(edits), windows[text]

    def _of(self, size: int) -> dict[str, list[tuple[int, int]]]:
        if size not in self._sizes:
            found: dict[str, list[tuple[int, int]]] = {}
            for first in range(len(self._words) - size + 1):
                group = self._words[first : first + size]
                if all(
                    self._text[left[1] : right[0]] == " "
                    for left, right in pairwise(group)
                ):
                    joined = "".join(word for _, _, word in group)
                    found.setdefault(joined, []).append((group[0][0], group[-1][1]))
            self._sizes[size] = found
        return self._sizes[size]


def _words(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and letters of each word, a closing possessive left out."""
    for found in WORD.finditer(text):
        start, end = found.span()
        if owner := _POSSESSIVE.search(text, start, end):
            end = owner.start()
        yield start, end, _plain(text[start:end].replace("'", ""))


def _plain(text: str) -> str:
    """Latin letters without accents; й, ї and others are letters of their own."""
    if text.isascii():
        return text
    return _ACCENTED.sub(lambda found: _base(found.group()), text)


def _base(char: str) -> str:
    base = unicodedata.normalize("NFD", char)[0]
    return base if base.isascii() else char
