"""English endings: the plural of common nouns, and who owns what."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_VOWELS = "aeiou"
_IRREGULAR = {
    "child": "children",
    "foot": "feet",
    "goose": "geese",
    "mouse": "mice",
    "person": "people",
    "tooth": "teeth",
    **{word: f"{word[:-1]}ves" for word in ("half", "leaf", "shelf", "thief", "wolf")},
    **{word: f"{word[:-2]}ves" for word in ("knife", "life", "wife")},
    **{
        word: f"{word}es"
        for word in ("echo", "embargo", "hero", "torpedo", "tornado", "veto", "volcano")
    },
}
_UNCHANGED = ("craft", "fish", "series", "sheep", "species")
_REGULAR_MAN = ("caiman", "german", "human", "norman", "ottoman", "roman", "shaman")


def plural(text: str) -> str:
    """The plural of a phrase that ends in a noun; itself if it is one already."""
    head, space, word = text.rpartition(" ")
    return f"{head}{space}{_plural(word)}"


def _plural(word: str) -> str:
    if word[-1:].isupper():  # ICBM -> ICBMs
        return word if word.endswith("S") else f"{word}s"
    return _irregular(word) or _regular(word)


def _irregular(word: str) -> str | None:
    low = word.lower()
    if low in _IRREGULAR:
        return word[0] + _IRREGULAR[low][1:]
    if low.endswith(_UNCHANGED):
        return word
    if low.endswith("man") and not low.endswith(_REGULAR_MAN):
        return f"{word[:-2]}en"
    return f"{word[:-2]}es" if low.endswith("sis") else None  # crisis


def _regular(word: str) -> str:
    low = word.lower()
    if low.endswith("s") and not low.endswith(("ss", "us")):
        return word
    if low.endswith(("s", "x", "z", "ch", "sh")):
        return f"{word}es"
    if low.endswith("y") and low[-2:-1] not in _VOWELS:
        return f"{word[:-1]}ies"
    return f"{word}s"


def is_common(text: str, kind: str) -> bool:
    """Whether a spelling of that kind of entity ends in a common noun.

    Things and organisations do when the last word is in small letters; a thing also
    when it is an acronym (ICBMs). Names and places have no plural.
    """
    last = text.rpartition(" ")[2]
    if kind not in ("thing", "org") or not last[-1:].isalpha():
        return False
    return last.islower() or kind == "thing"


def english(text: str, *, many: bool) -> Iterator[str]:
    """Possessives in both apostrophes, and if ``many`` the plural and its own."""
    for mark in ("'", "’"):
        yield f"{text}{mark}s"
        if text.endswith("s"):
            yield f"{text}{mark}"
    if many and text[-1:].isalpha() and (made := plural(text)) != text:
        yield made
        for mark in ("'", "’"):
            yield f"{made}{mark}" if made.endswith("s") else f"{made}{mark}s"
