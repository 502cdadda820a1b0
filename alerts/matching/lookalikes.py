"""Letters of one script that stand in for those of another inside one word."""

from __future__ import annotations

import re

# Case folding comes first, so capitals count too: Latin K, H, B in КНДР.
_TO_CYRILLIC = dict(zip("abcehijkmopstxy", "авсеніјкморѕтху", strict=True))
_CYRILLIC_TO_LATIN = {cyrillic: latin for latin, cyrillic in _TO_CYRILLIC.items()}
_GREEK_TO_LATIN = dict(zip("αβεζηικμνορτυχ", "abezhikmnoptyx", strict=True))
_TO_LATIN = _CYRILLIC_TO_LATIN | _GREEK_TO_LATIN | {"һ": "h", "ԁ": "d", "ԛ": "q"}

_LATIN = re.compile(r"[a-z]")
_FOREIGN = re.compile(r"[\u0370-\u052f]")
_LATIN_RUN = re.compile(r"[a-z]+")
_FOREIGN_RUN = re.compile(r"[\u0370-\u052f]+")
_MIXED = re.compile(r"[a-z][\u0370-\u052f]|[\u0370-\u052f][a-z]")
_LETTERS = re.compile(r"[a-zß-ɏ\u0370-\u052f]+")


def repair(folded: str) -> str:
    """Case-folded text in which no word mixes look-alike scripts, length kept.

    A word goes to the script of its majority; at a tie to Cyrillic if the text has
    more of it than of Latin. A word with a letter that has no twin stays as it is.
    """
    if not _FOREIGN.search(folded) or not _is_mixed(folded):
        return folded
    pieces: list[str] = []
    at = 0
    for found in _MIXED.finditer(folded):
        if found.start() < at:
            continue
        word = _word_at(folded, found.start(), at)
        pieces.append(folded[at : word[0]])
        pieces.append(_one_script(folded[word[0] : word[1]], folded))
        at = word[1]
    pieces.append(folded[at:])
    return "".join(pieces)


def _is_mixed(folded: str) -> bool:
    """Whether any word mixes scripts, asked of the rarer script's runs."""
    head = folded[:400]
    foreign_text = len(_FOREIGN.findall(head)) > len(_LATIN.findall(head))
    runs, other = (_LATIN_RUN, _FOREIGN) if foreign_text else (_FOREIGN_RUN, _LATIN)
    for run in runs.finditer(folded):
        start, end = run.span()
        if (start and other.match(folded, start - 1)) or other.match(folded, end):
            return True
    return False


def _word_at(text: str, position: int, floor: int) -> tuple[int, int]:
    start = position
    while start > floor and _LETTERS.match(text[start - 1]):
        start -= 1
    end = position
    while end < len(text) and _LETTERS.match(text[end]):
        end += 1
    return start, end


def _one_script(word: str, text: str) -> str:
    latin = len(_LATIN.findall(word))
    foreign = len(_FOREIGN.findall(word))
    latin_first = latin > foreign or (
        latin == foreign and len(_LATIN.findall(text)) > len(_FOREIGN.findall(text))
    )
    maps = (_TO_LATIN, _TO_CYRILLIC) if latin_first else (_TO_CYRILLIC, _TO_LATIN)
    for twins in maps:
        moved = "".join(twins.get(char, char) for char in word)
        if not _MIXED.search(moved):
            return moved
    return word
