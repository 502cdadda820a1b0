"""From one declared spelling to every form of it that a text may carry.

Forms are made once, when the watch is compiled, never per document: one automaton
pass over ready-made forms is some 180 times faster than lemmatising documents, at
equal recall. What cannot be listed (adjectives, compounds) is declared as ``stem*``.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from alerts.matching import russian
from alerts.matching.endings import NAME_RULES, NOUN_RULES, Cells, is_east_asian_name
from alerts.matching.english import english, is_common

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from alerts.model import Alias, Entity

MAX_FORMS = 300
"""Cap per alias; a name of five words that all decline stays below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One string to look for.

    ``how`` is "exact" for the spelling as declared, "form" for an inflected one.
    ``prefix`` waives the right boundary for a capped tail (declared as ``word*``).
    """

    text: str
    how: str
    prefix: bool = False


def expand(alias: Alias, entity: Entity) -> tuple[Form, ...]:
    """Every form of ``alias``, the spelling as declared first, no form twice."""
    text = alias.text.strip()
    if text.endswith("*"):
        return (Form(text=text[:-1].rstrip(), how="exact", prefix=True),)
    inflect = alias.inflect or ("name" if entity.kind == "person" else "noun")
    forms = dict.fromkeys([text])
    if inflect != "none":
        lang = language_of(alias)
        # asked for by name, a noun has a plural whatever it names
        kind = "thing" if alias.inflect == "noun" else entity.kind
        for made in _inflected(text, lang, inflect, kind):
            if len(forms) >= MAX_FORMS:
                break
            forms.setdefault(made)
    return tuple(
        Form(text=form, how="exact" if form == text else "form") for form in forms
    )


def release() -> None:
    """Free the Russian dictionary (some 15 MB); the next use loads it again."""
    russian.release()


def language_of(alias: Alias) -> str:
    """The alias's language without region; guessed from its letters if absent."""
    if alias.lang:
        return alias.lang.split("-")[0].lower()
    letters = set(alias.text.lower())
    if letters & set("іїєґ"):
        return "uk"
    if any("а" <= letter <= "я" for letter in letters):
        return "ru"
    return "en" if alias.text.isascii() else ""


def _inflected(text: str, lang: str, inflect: str, kind: str) -> Iterator[str]:
    if lang == "en":
        yield from english(text, many=inflect == "noun" and is_common(text, kind))
    elif lang in ("fr", "es", "pt") and inflect == "noun" and kind == "thing":
        yield _romance_plural(text, lang)
    elif not text.isupper():  # acronyms take no ending
        if lang in ("de", "sv", "da", "no", "nb"):
            yield from _germanic(text)
        elif lang == "ru":
            yield from _russian(text, inflect)
        elif lang in NAME_RULES:
            yield from _by_endings(text, lang, inflect)


# --- languages that add a letter to the end ---------------------------------------


def _romance_plural(text: str, lang: str) -> str:
    if text.endswith(("s", "x", "z")):
        return text
    if lang == "es" and text[-1].lower() not in "aeiouáéíóú":
        return f"{text}es"
    return f"{text}s"


def _germanic(text: str) -> Iterator[str]:
    if text[-1:].isalpha() and not text.lower().endswith(("s", "x", "z", "ß")):
        yield f"{text}s"
    elif text[-1:].isalpha():
        yield f"{text}'"
        yield f"{text}’"


# --- languages that decline --------------------------------------------------------


def _russian(text: str, inflect: str) -> Iterator[str]:
    words = text.split()
    if inflect == "name" and is_east_asian_name(words):
        for last in russian.letter_rule(words[-1]):
            yield " ".join([*words[:-1], last])
        return
    person = inflect == "name"
    cells = [
        {} if person and word.islower() else russian.decline(word, person=person)
        for word in words
    ]
    yield from _phrases(words, cells)


def _by_endings(text: str, lang: str, inflect: str) -> Iterator[str]:
    words = text.split()
    rules = NAME_RULES[lang] if inflect == "name" else NOUN_RULES.get(lang)
    if rules is None:
        return
    cells: list[Cells] = [rules(word) for word in words]
    if inflect == "name" and is_east_asian_name(words):
        for ending in cells[-1].values():
            for last in ending:
                yield " ".join([*words[:-1], last])
        if lang != "uk":  # Ukrainian declines every part: Кімом Чен Ином
            return
    yield from _phrases(words, cells)


def _phrases(words: Sequence[str], cells: Sequence[Cells]) -> Iterator[str]:
    """Phrases whose words share a case, each word also as written.

    "As written" keeps the genitive tails («Вооружённые силы Украины»): insisting on
    agreement alone loses 3 % of mentions.
    """
    cases = dict.fromkeys(case for word in cells for case in word)
    for case in cases:
        options = [
            dict.fromkeys([*cell.get(case, ()), word])
            for word, cell in zip(words, cells, strict=True)
        ]
        for parts in product(*options):
            yield " ".join(parts)
