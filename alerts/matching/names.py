"""Misspelled names: windows of capitalised words against joined keys, few edits."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from alerts.matching.automaton import Hit
from alerts.matching.normal import key
from alerts.matching.reading import WORD
from alerts.matching.typos import Typos, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alerts.matching.reading import Reading
    from alerts.model import Alias, Entity

_CAPITAL = "A-ZÀ-ÖØ-ÞĀ-ɎḀ-Ỿ"
_LETTER = "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ\u0300-\u036f"
_TOKEN = rf"[{_CAPITAL}][{_LETTER}]*(?:[-‐‑'’][{_LETTER}]+)*"
_RUN = re.compile(rf"{_TOKEN}(?:[ \u00a0]{_TOKEN})+")
_WORD = re.compile(_TOKEN)
_POSSESSIVE = re.compile(r"['’]s$")
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "ð": "d", "'": None, "’": None}
)

SHORTEST = 8
"""Letters of the shortest joined key; shorter ones meet too many other words."""
PART = 3
"""Letters of the shortest part of a name that makes it likely (Suk, Lee)."""
_REMEMBERED = 50_000

_Entry: TypeAlias = "tuple[str, int, frozenset[str]]"
"""Atom, edits allowed, parts of the name in normal form."""
_Shelves: TypeAlias = "dict[tuple[str, int], list[str]]"
"""Joined keys by their first letter and length."""


def name_key(name: str) -> str:
    """Latin letters only: case folded, accents and hyphens dropped."""
    if name.isascii():
        text = name.casefold()
    else:
        text = unicodedata.normalize("NFKD", name.casefold()).translate(_PLAIN)
    return "".join(filter(str.isalpha, text))


def edits_allowed(letters: int) -> int:
    """Edits a key of so many letters may be away (MATCHING 2.5): 0, 1 or 2."""
    return 0 if letters < 10 else 1 if letters < 14 else 2


def guessed_edits(alias: Alias, entity: Entity) -> int | None:
    """Edits forgiven in an alias by its length, None if it is not guessed at all.

    Persons are guessed by default, everything else only on request.
    """
    wish = _wish(alias, entity) or ("auto" if entity.kind == "person" else "off")
    words = alias.text.split()
    if wish == "off" or alias.case or alias.when or not 1 <= len(words) <= 4:
        return None
    if not all(map(_WORD.fullmatch, words)) or (
        len(words) == 1 and "-" not in words[0]
    ):
        return None
    letters = len(name_key(alias.text))
    if letters < SHORTEST or (isinstance(wish, int) and wish > 0):
        return None
    return 0 if isinstance(wish, int) else edits_allowed(letters)


def counted_edits(alias: Alias, entity: Entity) -> int:
    """Wrong letters that the watch itself allows in an alias.

    That is its number, or for an ``auto`` that is written down and whose alias
    cannot be guessed as a name (one word, small letters, Cyrillic), one or two by
    length. A number for the whole entity passes over the aliases that cannot take it.
    """
    wish = _wish(alias, entity)
    if wish == "auto" and guessed_edits(alias, entity) is None:
        edits = edits_allowed(sum(map(str.isalpha, alias.text)))
    elif isinstance(wish, int):
        edits = wish
    else:
        return 0
    own = isinstance(alias.fuzzy, int)
    if refusal(alias, edits) or (alias.when and not own):
        return 0
    return edits


def fuzzy_edits(alias: Alias, entity: Entity) -> int:
    """Wrong letters forgiven in an alias, one way or the other."""
    return counted_edits(alias, entity) or guessed_edits(alias, entity) or 0


def _wish(alias: Alias, entity: Entity) -> str | int | None:
    return alias.fuzzy if alias.fuzzy is not None else entity.fuzzy


@dataclass(slots=True)
class Names:
    """The joined keys of every alias that may be misspelled."""

    typos: Typos = field(default_factory=Typos)
    _keys: dict[str, list[_Entry]] = field(default_factory=dict)
    _parts: dict[str, list[str]] = field(default_factory=dict)
    _shelves: _Shelves = field(default_factory=dict)
    _denied: dict[str, frozenset[str]] = field(default_factory=dict)
    _known: dict[str, tuple[tuple[int, _Entry], ...]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether no alias may be misspelled."""
        return not self._keys and self.typos.empty

    def add(self, entity: Entity, alias: Alias) -> None:
        """Take in one alias, unless it may not be misspelled."""
        edits = guessed_edits(alias, entity)
        if edits is None:
            return
        joined = name_key(alias.text)
        parts = frozenset(
            part for part in key(alias.text).split(" ") if len(part) >= PART
        )
        atom = f"@{entity.id}"
        entries = self._keys.setdefault(joined, [])
        if not entries:
            for part in parts:
                self._parts.setdefault(part, []).append(joined)
            self._shelves.setdefault((joined[0], len(joined)), []).append(joined)
        entries.append((atom, edits, parts))
        self._denied[atom] = frozenset(map(name_key, entity.deny))

    def find(self, reading: Reading, *, anchored: bool) -> Iterator[Hit]:
        """Misspelled names, with or without an entity that ``anchored`` the text.

        Without one, a part of the very name must stand in the text as it should.
        """
        document = reading.document
        runs = [
            (name, text, run.span())
            for name, text in (("title", document.title), ("text", document.text))
            for run in _RUN.finditer(text)
        ]
        if not self._keys or not runs:
            return
        search = self._lookup
        present: set[str] = set()
        if not anchored:
            present = self._parts.keys() & set(WORD.findall(reading.text))
            if not present:
                return
            search = partial(self._search, shelves=self._likely(present))
        for name, text, (first, last) in runs:
            for start, end in _windows(text, first, last):
                near = [
                    (edits, entry[0])
                    for edits, entry in search(text[start:end])
                    if anchored or not present.isdisjoint(entry[2])
                ]
                nearest = min(near, default=(0, ""))[0]
                for edits, atom in dict.fromkeys(near):
                    if edits == nearest:
                        yield _hit(reading, atom, edits, (name, start, end))

    def _lookup(self, name: str) -> tuple[tuple[int, _Entry], ...]:
        """Every alias this spelling may stand for, with its edits."""
        found = self._known.get(name)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[name] = self._search(name, self._shelves)
        return found

    def _likely(self, present: set[str]) -> _Shelves:
        """The few keys of which a part stands in the text."""
        shelves: _Shelves = {}
        for joined in {each for part in present for each in self._parts[part]}:
            shelves.setdefault((joined[0], len(joined)), []).append(joined)
        return shelves

    def _search(self, name: str, shelves: _Shelves) -> tuple[tuple[int, _Entry], ...]:
        wanted = name_key(name)
        if len(wanted) < SHORTEST - 1:
            return ()
        found: list[tuple[int, _Entry]] = []
        for length in range(len(wanted) - 2, len(wanted) + 3):
            most = edits_allowed(length)
            shelf = shelves.get((wanted[0], length))
            if not shelf or abs(length - len(wanted)) > most:
                continue
            if most == 0:
                shelf = [wanted] if wanted in self._keys else []
            for near, edits, _ in extract(
                wanted, shelf, scorer=OSA.distance, score_cutoff=most, limit=None
            ):
                found.extend(
                    (int(edits), entry)
                    for entry in self._keys[near]
                    if edits <= entry[1] and wanted not in self._denied[entry[0]]
                )
        return tuple(found)


def _windows(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Every stretch of 2 to 4 words of a run, a closing possessive left out."""
    words = [found.span() for found in _WORD.finditer(text, start, end)]
    for first in range(len(words) - 1):
        for last in range(first + 1, min(first + 4, len(words))):
            left, right = words[first][0], words[last][1]
            if owner := _POSSESSIVE.search(text, left, right):
                right = owner.start()
            yield left, right


def _hit(reading: Reading, atom: str, edits: int, raw: tuple[str, int, int]) -> Hit:
    how = f"fuzzy(d={edits})" if edits else "form"
    field_name, start, end = raw
    first = reading.position(field_name, start)
    last = reading.position(field_name, end - 1) + 1
    return Hit(first, last, how, atom, raw)
