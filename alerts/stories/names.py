"""The names of outlets as they stand in a text, found in one pass."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import ahocorasick_rs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PART = re.compile(r"[-_.]+")
_GENERIC = """
en ru ko ja uk ua de fr it es pl zh gnews all nation world europe asia politics
international northkorea rss feed top stories
"""
_NOT_IN_NAMES = frozenset(_GENERIC.split())
LEAST_DERIVED = 6
"""Letters from which the name of a source may stand for the outlet's: ``dw`` and
``rbc`` are too short to be told from other words."""

_COMMON = frozenset({"pravda", "novaya"})
"""Names of sources that are a word in the names of others as well."""

_ALPHABETIC = re.compile(r"[A-Za-z0-9_\u00c0-\u024f\u0400-\u04ff]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")


class Named(NamedTuple):
    """One name in a text: whose it is and where it stands (code points)."""

    owner: str
    agency: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Names:
    """Every known name in one automaton; ``agencies`` are the owners of wires."""

    agencies: frozenset[str]
    _known: Mapping[str, tuple[str, bool]] = field(repr=False)
    _loose: Mapping[str, str] = field(repr=False)
    _patterns: tuple[str, ...] = field(repr=False)
    _automaton: ahocorasick_rs.AhoCorasick = field(repr=False)

    @classmethod
    def of(
        cls, known: Iterable[tuple[str, str, bool]], loose: Iterable[tuple[str, str]]
    ) -> Names:
        """From (name, owner, agency), matched as written, and loose (name, owner).

        A loose name is lower case and stands for any spelling with a capital in it;
        one that two owners share names none.
        """
        exact = {name: (owner, agency) for name, owner, agency in known}
        owners: dict[str, set[str]] = {}
        for name, owner in loose:
            if len(name) >= LEAST_DERIVED and name not in _COMMON:
                owners.setdefault(name, set()).add(owner)
        single = {name: o.pop() for name, o in owners.items() if len(o) == 1}
        patterns = tuple(sorted({*(name.lower() for name in exact), *single}))
        return cls(
            agencies=frozenset(owner for owner, agency in exact.values() if agency),
            _known=exact,
            _loose=single,
            _patterns=patterns,
            _automaton=ahocorasick_rs.AhoCorasick(
                patterns, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
            ),
        )

    def owner(self, name: str) -> str | None:
        """Whose a name is, if it is known as written."""
        if name in self._known:
            return self._known[name][0]
        return self._loose.get(name.lower())

    def within(self, text: str) -> list[Named]:
        """The names in a text, in its order, none inside another or inside a word."""
        lower = text.lower()
        if len(lower) != len(text):  # a letter that grows: offsets would lie
            lower = "".join(c if len(c.lower()) != 1 else c.lower() for c in text)
        found = []
        for _, start, end in self._automaton.find_matches_as_indexes(lower):
            name = text[start:end]
            owner, agency = self._known.get(name) or (self._looked_up(name), False)
            if owner is not None and _whole(text, start, end):
                found.append(Named(owner, agency, start, end))
        return found

    def _looked_up(self, name: str) -> str | None:
        return self._loose.get(name.lower()) if name != name.lower() else None


def derived(source: str) -> str:
    """What the name of a source says of the outlet's: ``kyiv-independent``."""
    parts = [p for p in _PART.split(source.lower()) if p not in _NOT_IN_NAMES]
    return " ".join(parts)


def _whole(text: str, start: int, end: int) -> bool:
    """Whether no letter of its own script touches a name; Hangul takes particles."""
    before = text[start - 1 : start]
    after = text[end : end + 1]
    first, last = text[start], text[end - 1]
    if _HANGUL.match(first) and _HANGUL.match(before):
        return False
    if _ALPHABETIC.match(first) and _ALPHABETIC.match(before):
        return False
    return not (_ALPHABETIC.match(last) and _ALPHABETIC.match(after))
