"""Words that mean the same in fourteen languages: news concepts, places.

``concepts.txt`` and ``places.txt`` are written by hand, ``countries.txt`` comes from
Unicode's CLDR (``benchmarks/background.py``). A row is a concept or a country, a
column a language. In spaced scripts an entry is the beginning of a word, in Hangul,
Han and kana any part of a text; the longest entry wins, if only to say ``_none``.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick, MatchKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CONCEPT = "~"
COUNTRY = "@"

TAIL = 6
"""Letters that may follow the beginning of a word; one after fewer than 4 letters."""

SPACELESS = frozenset({"ja", "ko", "zh"})

ACRONYMS = {
    "US": "@US",
    "UK": "@GB",
    "EU": "@EU",
    "UE": "@EU",
    "UN": "@UN",
    "ЕС": "@EU",
    "ЄС": "@EU",
}
"""Names too short for an entry; they count as written only."""

_NONE = "_none"
"""The row of words that begin like an entry and mean something else."""

_FOLDED = str.maketrans("şţ", "șț")
"""Romanian is written with a cedilla for want of a comma."""

_FILES = (
    ("concepts.txt", CONCEPT),
    ("places.txt", COUNTRY),
    ("countries.txt", COUNTRY),
)


@lru_cache(maxsize=1 << 15)
def in_word(word: str, language: str) -> tuple[str, ...]:
    """What a lower-case word of a spaced script means: anchors like "~flood", "@UA".

    Names of several words are found by ``in_row``.
    """
    entries = _tables(language)[0]
    word = word.translate(_FOLDED)
    for size in range(len(word), 1, -1):
        found = entries.get(word[:size])
        if found is not None:
            return found if len(word) - size <= (TAIL if size > 3 else 1) else ()
    return ()


def in_row(words: list[str], language: str) -> Iterator[tuple[int, str]]:
    """Countries of several words ("north kore…"): (place of the first word, anchor)."""
    rows = _tables(language)[1]
    if not rows:
        return
    for at, word in enumerate(words):
        for rest, anchor in rows.get(word[:3], ()):
            following = words[at : at + len(rest)]
            if len(following) == len(rest) and all(map(_begins, following, rest)):
                yield at, anchor
                break


def _begins(word: str, beginning: str) -> bool:
    extra = len(word) - len(beginning)
    return word.startswith(beginning) and extra <= (4 if len(beginning) > 3 else 1)


def in_text(text: str, language: str) -> Iterator[tuple[int, str]]:
    """What a text in Hangul, Han or kana speaks of: (offset, anchor), in no order."""
    for automaton, anchors in _automata(language):
        for number, start, _ in automaton.find_matches_as_indexes(text):
            for anchor in anchors[number]:
                yield start, anchor


def names() -> tuple[str, ...]:
    """Every concept, in file order."""
    return tuple(row for row, _ in _rows("concepts.txt") if row != _NONE)


@cache
def of_kind(sign: str) -> frozenset[str]:
    """Every anchor there is of ``CONCEPT`` or ``COUNTRY``: "~flood", "@UA"."""
    return frozenset(
        sign + row
        for name, kind in _FILES
        for row, _ in _rows(name)
        if kind == sign and row != _NONE
    )


@cache
def _rows(name: str) -> tuple[tuple[str, dict[str, str]], ...]:
    text = files("alerts.stories.lexicon").joinpath(name).read_text("utf-8")
    head, *lines = text.splitlines()
    languages = head.split("|")[1:]
    found = []
    for line in lines:
        row, *columns = line.split("|")
        found.append((row, dict(zip(languages, columns, strict=True))))
    return tuple(found)


def _entries(name: str, language: str) -> Iterator[tuple[str, str]]:
    """(row, entry) of a column; ``_`` stands for the space of a longer name."""
    for row, columns in _rows(name):
        for entry in columns.get(language, "").split():
            yield row, entry.replace("_", " ")


Words = dict[str, tuple[str, ...]]
InRow = dict[str, list[tuple[list[str], str]]]


@cache
def _tables(language: str) -> tuple[Words, InRow]:
    words: Words = {}
    rows: InRow = {}
    if language in SPACELESS:
        return words, rows
    for name, sign in _FILES:
        for row, entry in _entries(name, language):
            if " " in entry:
                parts = entry.split()
                rows.setdefault(parts[0][:3], []).append((parts, sign + row))
            elif row == _NONE:
                words.setdefault(entry, ())
            elif entry not in words or sign == CONCEPT:
                words[entry] = (*words.get(entry, ()), sign + row)
    for found in rows.values():
        found.sort(key=lambda one: -len(one[0]))
    return words, rows


@cache
def _automata(language: str) -> tuple[tuple[AhoCorasick, list[tuple[str, ...]]], ...]:
    """One for concepts, one for places: a place's name may hold a concept's word."""
    if language not in SPACELESS:
        return ()
    return (_automaton(_FILES[:1], language), _automaton(_FILES[1:], language))


def _automaton(
    sources: Iterable[tuple[str, str]], language: str
) -> tuple[AhoCorasick, list[tuple[str, ...]]]:
    held: Words = {}
    for name, sign in sources:
        for row, entry in _entries(name, language):
            if row == _NONE:
                held.setdefault(entry, ())
            elif sign == CONCEPT or entry not in held:
                held[entry] = (*held.get(entry, ()), sign + row)
    matches = MatchKind.LeftmostLongest
    return AhoCorasick(list(held), matchkind=matches), list(held.values())
