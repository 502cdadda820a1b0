"""Misspelled names: windows of capitalised words against joined keys, few edits."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from alerts.matching.automaton import Hit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

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
_REMEMBERED = 50_000


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


def fuzzy_edits(alias: Alias, entity: Entity) -> int | None:
    """Edits forgiven in an alias, None if its joined key is not looked up at all.

    Persons are forgiven by default, everything else only on request.
    """
    wish = alias.fuzzy if alias.fuzzy is not None else entity.fuzzy
    if wish is None:
        wish = "auto" if entity.kind == "person" else "off"
    words = alias.text.split()
    if wish == "off" or alias.case or alias.when or not 1 <= len(words) <= 4:
        return None
    if not all(map(_WORD.fullmatch, words)) or (
        len(words) == 1 and "-" not in words[0]
    ):
        return None
    letters = len(name_key(alias.text))
    if letters < SHORTEST:
        return None
    return wish if isinstance(wish, int) else edits_allowed(letters)


@dataclass(slots=True)
class Names:
    """The joined keys of every alias that may be misspelled."""

    _keys: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    _shelves: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    _denied: dict[str, frozenset[str]] = field(default_factory=dict)
    _known: dict[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether no alias may be misspelled."""
        return not self._keys

    def add(self, entity: Entity, alias: Alias) -> None:
        """Take in one alias, unless it may not be misspelled."""
        edits = fuzzy_edits(alias, entity)
        if edits is None:
            return
        joined = name_key(alias.text)
        atom = f"@{entity.id}"
        entries = self._keys.setdefault(joined, [])
        if not entries:
            self._shelves.setdefault((joined[0], len(joined)), []).append(joined)
        entries.append((atom, edits))
        self._denied[atom] = frozenset(map(name_key, entity.deny))

    def find(self, reading: Reading, known: Collection[str]) -> Iterator[Hit]:
        """Misspelled mentions of entities that are not among the ``known`` atoms."""
        document = reading.document
        for name, text in (("title", document.title), ("text", document.text)):
            for run in _RUN.finditer(text):
                for start, end in _windows(text, run.start(), run.end()):
                    for atom, edits in self.lookup(text[start:end]):
                        if atom not in known:
                            yield _hit(reading, atom, edits, (name, start, end))

    def lookup(self, name: str) -> tuple[tuple[str, int], ...]:
        """(atom, edits) of every entity this spelling may stand for; nearest only."""
        found = self._known.get(name)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[name] = self._search(name_key(name))
        return found

    def _search(self, wanted: str) -> tuple[tuple[str, int], ...]:
        if len(wanted) < SHORTEST - 1:
            return ()
        best: dict[str, int] = {}
        for length in range(len(wanted) - 2, len(wanted) + 3):
            shelf = self._shelves.get((wanted[0], length))
            if not shelf:
                continue
            for key, edits, _ in extract(
                wanted, shelf, scorer=OSA.distance, score_cutoff=2, limit=None
            ):
                for atom, allowed in self._keys[key]:
                    if edits <= allowed and wanted not in self._denied[atom]:
                        best[atom] = min(int(edits), best.get(atom, 9))
        nearest = min(best.values(), default=0)
        return tuple((atom, edits) for atom, edits in best.items() if edits == nearest)


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
