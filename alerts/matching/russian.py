"""Russian declension: a dictionary for Russian words, one rule for Korean names."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
_DECLINED = {"NOUN", "ADJF", "PRTF"}
_CONSONANTS = "бвгджзклмнпрстфхцчшщ"


def letter_rule(name: str) -> tuple[str, ...]:
    """How the last part of an East-Asian name declines.

    pymorphy3 must never see those names: it makes «кимом ченом ын» of them. This
    rule covered 28 of 28 real occurrences.
    """
    low = name.lower()
    if low[-1:] in _CONSONANTS and low[-1:]:
        return tuple(name + ending for ending in ("а", "у", "ом", "е"))
    if low.endswith(("ь", "й")):
        return tuple(name[:-1] + ending for ending in ("я", "ю", "ем", "е"))
    return ()


def release() -> None:
    """Drop the dictionary and everything made from it."""
    decline.cache_clear()
    _analyzer.cache_clear()


@lru_cache(maxsize=4096)
def decline(word: str, *, person: bool) -> Mapping[str, tuple[str, ...]]:
    """Forms of one word by cell (case and number), cased like ``word``.

    Only readings as a noun, adjective or participle in the nominative count
    (otherwise «Северная» yields «посевернее»); words without one (prepositions,
    genitive tails, acronyms) give no cells and stay as written. Persons stay in the
    singular.
    """
    if not _declines(word):
        return {}
    cells: dict[str, dict[str, None]] = {}
    for reading in _readings(word, person=person):
        for number in ("sing",) if person else ("sing", "plur"):
            for case in _CASES:
                made = reading.inflect({case, number})
                if made is not None:
                    text = _cased_like(word, made.word)
                    cells.setdefault(f"{number} {case}", {}).setdefault(text)
    if person:
        for cell, text in _surname(word):
            cells.setdefault(f"sing {cell}", {}).setdefault(text)
    return {cell: tuple(forms) for cell, forms in cells.items()}


def _declines(word: str) -> bool:
    """Whether a word is Russian and no acronym."""
    if word.isupper() and len(word) > 1:
        return False
    return any("а" <= letter <= "я" or letter == "ё" for letter in word.lower()[1:])


def _surname(word: str) -> Iterator[tuple[str, str]]:
    """Cells of a surname in -ов, -ев, -ин and their feminines, known or not.

    The dictionary has many of them and declines the others (Умеров) as nouns:
    «Умеровом» instead of «Умеровым».
    """
    low = word.lower()
    if len(low) > 4 and low.endswith(("ов", "ев", "ёв", "ин", "ын")):
        ends = ("а", "у", "а", "ым", "е")
        stem = word
    elif len(low) > 5 and low.endswith(("ова", "ева", "ёва", "ина", "ына")):
        ends = ("ой", "ой", "у", "ой", "ой")
        stem = word[:-1]
    else:
        return
    for cell, end in zip(_CASES[1:], ends, strict=True):
        yield cell, stem + end


def _readings(word: str, *, person: bool) -> list[Any]:
    readings = [
        reading
        for reading in _analyzer().parse(word)
        if reading.tag.POS in _DECLINED and "nomn" in reading.tag
    ]
    if person:  # Лавров is a surname before it is anything else
        named = [
            reading
            for reading in readings
            if {"Surn", "Name"} & set(reading.tag.grammemes)
        ]
        return named or readings
    return readings


@lru_cache(maxsize=1)
def _analyzer() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


def _cased_like(model: str, word: str) -> str:
    if model[:1].isupper():
        return "-".join(
            part[:1].upper() + part[1:] if like[:1].isupper() else part
            for part, like in _paired(word.split("-"), model.split("-"))
        )
    return word


def _paired(parts: list[str], models: list[str]) -> list[tuple[str, str]]:
    models = models + [models[-1]] * (len(parts) - len(models))
    return list(zip(parts, models, strict=False))
