"""Public lists of a territory's names, sifted for running text.

    cldr:KP           a territory's name in every language of Unicode's CLDR (babel)
    countrynames:KP   names met in company and sanctions registers (countrynames)

Both lists were made for forms and menus. A running text needs more care: codes,
headings and words that name two countries are left out, a longer name of another
country is guarded against, and a word of a small language counts in its texts only.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from alerts.matching.boundary import Script, script
from alerts.matching.normal import key
from alerts.model import Alias

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ACRONYM = 5
"""Letters up to which a word in capitals is taken for an acronym: case counts."""

SHORT = 4
"""Letters up to which one word means something else in some language (Sina, Kina)."""

TELLING = 7
"""Letters from which one word of unknown language is taken (not Руснак, a surname)."""

# Languages of the news whose words may stand in any text; a word of other languages
# counts in their texts only (Rasha is Russia in Hausa, and a woman elsewhere). The
# first that shares a spelling says how it is inflected.
PREFERRED = ("en", "de", "fr", "it", "es", "pt", "ru", "uk", "pl", "cs", "sv", "ko")

Spoken: TypeAlias = "dict[str, set[str]]"
"""A territory's names, each with the languages that use it; none where unknown."""


# --- the lists -------------------------------------------------------------------


def _cldr() -> dict[str, Spoken]:
    from babel import localedata

    found: dict[str, Spoken] = defaultdict(lambda: defaultdict(set))
    for locale in localedata.locale_identifiers():
        language, *rest = locale.split("_")
        if rest and len(rest[0]) != 4:  # a region's own way of speaking; 4 = a script
            continue
        if len(rest) > 1:
            continue
        data = localedata.load(locale, merge_inherited=False)
        for code, name in data["territories"].items():
            if isinstance(name, str) and code.isalpha():
                found[code][_tidy(name)].add(language)
        # babel keeps every locale it has read: 220 MB for all of them
        localedata._cache.pop(locale, None)  # noqa: SLF001
    return found


def _countrynames() -> dict[str, Spoken]:
    from countrynames.data import DATA

    return {
        code: {_tidy(name): set() for name in names}
        for code, names in DATA.items()
        if code != "FAIL"  # the list of what is no country
    }


LISTS = {"cldr": _cldr, "countrynames": _countrynames}


def _tidy(name: str) -> str:
    """One space between words, none round a hyphen (``Põhja  -Korea``)."""
    return re.sub(r"\s*-\s*", "-", " ".join(name.replace("\u200b", "").split()))


# --- what can stand in a text -------------------------------------------------------


def unfit(name: str, languages: set[str]) -> str:
    """Why a name cannot be looked for in a text; empty if it can."""
    if not name[:1].isalpha() or re.search(r"[,;()/\d]", name):
        return "a heading, not a name"
    if not _has_case(name):
        unspaced = script(name[0]) >= Script.HANGUL
        return "too short" if len(name) < (2 if unspaced else 3) else ""
    if _is_iso_code(name):
        return "a code"
    if not _is_one_word(name):
        return ""
    letters = sum(map(str.isalpha, name))
    if letters < 3 or (letters == 3 and not name.isupper()):
        return "too short"
    if name[0].title() != name[0]:
        return "not a proper name"
    if not languages and letters < TELLING and not name.isupper():
        return "a short word, of unknown language"
    return ""


def _has_case(name: str) -> bool:
    """Whether a name is in Latin, Greek or Cyrillic letters."""
    return any(
        char.isalpha() and (char < "\u0530" or "\u1e00" <= char <= "\u1fff")
        for char in name
    )


def _is_one_word(name: str) -> bool:
    return " " not in name and "-" not in name[2:]  # not Suid-Korea, but i-Russia


def _is_iso_code(name: str) -> bool:
    from countrynames.mappings import mappings

    return name in mappings.values() and name != "USA"


def as_alias(
    name: str, languages: set[str], guards: tuple[list[str], list[str]]
) -> Alias:
    """A name as an alias, with what must hold around it."""
    known = [lang for lang in PREFERRED if lang in languages]
    one_word = _is_one_word(name) and _has_case(name)
    acronym = one_word and name.isupper() and len(name) <= ACRONYM
    short = len(name) <= SHORT and not acronym
    tied = languages and one_word and (short or not known)
    spoken = known or sorted(languages)
    return Alias(
        text=name,
        lang=spoken[0] if spoken else None,
        case=acronym,
        when=" OR ".join(f"lang:{each}" for each in sorted(languages))
        if tied
        else None,
        not_followed_by=tuple(guards[0]),
        not_preceded_by=tuple(guards[1]),
    )


class Rivals:
    """Every other territory's names, to tell which of ours would name two.

    Only territories among ``codes`` may be asked about.
    """

    def __init__(
        self, lists: Mapping[str, Mapping[str, Spoken]], codes: Collection[str]
    ) -> None:
        self._asked = {
            key(name)
            for scheme in lists.values()
            for code in codes
            for name in scheme.get(code, ())
        }
        self._owners: dict[str, set[str]] = defaultdict(set)
        self._names: dict[str, set[str]] = defaultdict(set)
        self._openings: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self._closings: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for scheme in lists.values():
            for code, names in scheme.items():
                for name in names:
                    self._learn(key(name), code)

    def _learn(self, normal: str, code: str) -> None:
        self._owners[normal].add(code)
        self._names[code].add(normal)
        if not normal:
            return
        unspaced = script(normal[0]) >= Script.HANGUL
        for at in range(1, len(normal)):
            if unspaced or normal[at] == " ":
                head, tail = normal[:at].strip(), normal[at:].strip()
                if head in self._asked:
                    self._openings[head].add((tail, code))
                if tail in self._asked:
                    self._closings[tail].add((head, code))

    def mistake(self, normal: str, code: str) -> str:
        """Whose name this is as well; lists contradict each other now and then."""
        others = self._owners[normal] - {code}
        return f"also a name of {min(others)}" if others else ""

    def clash(self, normal: str, code: str) -> str:
        """Why a name is half of two names: Korea, Congo."""
        for parts in (self._openings, self._closings):
            codes = {owner for _, owner in parts.get(normal, ())}
            if code in codes and len(codes) > 1:  # told apart by a second word only
                return f"part of a name of {min(codes - {code})} as well"
        return ""

    def guards(self, normal: str, code: str) -> tuple[list[str], list[str]]:
        """What may not follow or come before: 인도 is India, 인도네시아 is not."""
        own = self._names[code]
        after = {
            tail
            for tail, owner in self._openings.get(normal, ())
            if owner != code and not {normal + tail, f"{normal} {tail}"} & own
        }
        before = {
            head
            for head, owner in self._closings.get(normal, ())
            if owner != code and not {head + normal, f"{head} {normal}"} & own
        }
        return sorted(after), sorted(before)
