"""Ending rules for Ukrainian, Polish, Czech and Slovak names, and Ukrainian nouns.

Rules instead of a dictionary: the Ukrainian one is GPL-3, and names of the news are in
none. A rule may make a form nobody writes; that costs a few bytes and hits nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

Cells = Mapping[str, tuple[str, ...]]
"""Forms of one word by case: gen, dat, acc, ins, loc; "pl" and "of" hold the rest."""

Rules = Callable[[str], Cells]

_SURNAMES = frozenset(
    # Korean and Chinese family names as Cyrillic, Polish, Czech and English spell them
    [
        "ким",
        "кім",
        "пак",
        "цой",
        "чхве",
        "чой",
        "ли",
        "лі",
        "юн",
        "чо",
        "чжо",
        "чан",
        "чон",
        "чжон",
        "мун",
        "хон",
        "кан",
        "но",
        "о",
        "ко",
        "ю",
        "сон",
        "син",
        "сін",
        "хан",
        "ан",
        "пан",
        "у",
        "ван",
        "вань",
        "си",
        "сі",
        "чжан",
        "лю",
        "ян",
        "лян",
        "хэ",
        "хуан",
        "чхон",
        "чхе",
        "кю",
        "кён",
        "ім",
        "им",
        "kim",
        "pak",
        "park",
        "choe",
        "choi",
        "cche",
        "čche",
        "ri",
        "li",
        "lee",
        "jun",
        "yoon",
        "cho",
        "čo",
        "jo",
        "jang",
        "chang",
        "kang",
        "mun",
        "moon",
        "hong",
        "han",
        "ko",
        "ro",
        "no",
        "sin",
        "shin",
        "xi",
        "wang",
        "so",
        "ju",
    ]
)


def is_east_asian_name(words: Sequence[str]) -> bool:
    """Whether only the last part declines: a known family name or three short parts."""
    if len(words) < 2:
        return False
    if words[0].lower() in _SURNAMES:
        return True
    return len(words) == 3 and all(len(word) <= 4 for word in words)


def _lookup(word: str, table: Sequence[tuple[str, int, Mapping[str, str]]]) -> Cells:
    """Cells of the first row whose ending fits: cut n letters, add each ending."""
    low = word.lower()
    for ending, cut, cases in table:
        if low.endswith(ending):
            stem = word[: len(word) - cut] if cut else word
            return {
                case: tuple(stem + tail for tail in tails.split())
                for case, tails in cases.items()
            }
    return {}


def _row(
    endings: str, cut: int, **cases: str
) -> list[tuple[str, int, Mapping[str, str]]]:
    return [(ending, cut, cases) for ending in endings.split()]


_UK_NAMES = [
    *_row("ський цький", 2, gen="ого", dat="ому", ins="им", loc="ому"),
    *_row("ий", 2, gen="ого", dat="ому", ins="им", loc="ому"),
    *_row("ська цька", 1, gen="ої", dat="ій", acc="у", ins="ою"),
    *_row("ін їн ов ев єв", 0, gen="а", dat="у ові", ins="им ом", loc="і ові"),
    *_row("й", 1, gen="я", dat="ю єві", ins="єм", loc="ї єві"),
    *_row("ь", 1, gen="я", dat="ю еві", ins="ем", loc="і еві"),
    *_row("ія ея ая оя уя", 1, gen="ї", dat="ї", acc="ю", ins="єю"),
    *_row("я", 1, gen="і", dat="і", acc="ю", ins="ею"),
    *_row("ка", 2, gen="ки", dat="ці", acc="ку", ins="кою"),
    *_row("га", 2, gen="ги", dat="зі", acc="гу", ins="гою"),
    *_row("а", 1, gen="и і", dat="і", acc="у", ins="ою"),
    *_row("ко", 1, gen="а", dat="у ові", ins="ом", loc="ові"),
    *_row("ш ч щ ж", 0, gen="а", dat="у еві", ins="ем", loc="і"),
    *_row(
        "б в г ґ д з к л м н п р с т ф х ц", 0, gen="а", dat="у ові", ins="ом", loc="і"
    ),
]

_UK_NOUNS = [
    *_row(
        "ський цький ний", 2, gen="ого", dat="ому", ins="им", loc="ому ім", pl="і их"
    ),
    *_row("ська цька на", 1, gen="ої и", dat="ій і", acc="у", ins="ою"),
    *_row("ське не", 1, gen="ого", dat="ому", ins="им", loc="ому"),
    *_row("ські цькі ні", 1, gen="их", dat="им", ins="ими", loc="их"),
    *_row("ія ея ая оя уя", 1, gen="ї", dat="ї", acc="ю", ins="єю"),
    *_row("ність", 2, gen="ості", ins="істю"),
    *_row("ство", 1, gen="а", dat="у", ins="ом", loc="і"),
    *_row("ка", 2, gen="ки", dat="ці", acc="ку", ins="кою"),
    *_row("я", 1, gen="і", dat="і", acc="ю", ins="ею"),
    *_row("ва", 1, gen="и", dat="і", acc="у", ins="ою"),
    *_row("а", 1, gen="и", dat="і", acc="у", ins="ою", pl="ам ами ах"),
    *_row("й", 1, gen="я ю", dat="ю", ins="єм", loc="ї"),
    *_row("ь", 1, gen="я і", dat="ю", ins="ем ю", loc="і"),
    *_row(
        "б в г ґ д ж з к л м н п р с т ф х ц ч ш",
        0,
        gen="а у",
        dat="у ові",
        ins="ом ем",
        loc="і у",
        pl="и ів ам ами ах",
    ),
]

_PL_NAMES = [
    *_row("ski cki dzki", 0, gen="ego", dat="emu", ins="m"),
    *_row("ska cka", 1, gen="iej", acc="ą", ins="ą"),
    *_row("ej aj ij", 0, gen="a", dat="owi", ins="em", loc="u"),
    *_row("k g", 0, gen="a", dat="owi", ins="iem", loc="u"),
    *_row("r", 0, gen="a", dat="owi", ins="em", loc="ze"),
    *_row("t", 1, gen="ta", dat="towi", ins="tem", loc="cie"),
    *_row("d", 0, gen="a", dat="owi", ins="em", loc="zie"),
    *_row("l sz cz rz ch j", 0, gen="a", dat="owi", ins="em", loc="u"),
    *_row("b f m n p s v w z", 0, gen="a", dat="owi", ins="em", loc="ie"),
    *_row("la ja", 1, gen="i", dat="i", acc="ę", ins="ą"),
    *_row("ka", 2, gen="ki", dat="ce", acc="kę", ins="ką"),
    *_row("ta", 2, gen="ty", dat="cie", acc="tę", ins="tą"),
    *_row("a", 1, gen="y i", dat="ie", acc="ę", ins="ą"),
]

_CS_NAMES = [
    *_row("ský cký ý", 1, gen="ého", dat="ému", ins="ým", loc="ém"),
    *_row("ová", 1, gen="é", acc="ou", ins="ou"),
    *_row(
        "b c č d f g h ch k l m n p r ř s š t v w x z ž j",
        0,
        gen="a e",
        dat="ovi u",
        ins="em om",
        loc="ovi",
        of="ův ova ovo ovy ově ových",
    ),
    *_row("a", 1, gen="y", dat="ovi ě", acc="u", ins="ou", of="ův ova ovo ovy ově"),
]

NAME_RULES: Mapping[str, Rules] = {
    "uk": lambda word: _lookup(word, _UK_NAMES),
    "pl": lambda word: _lookup(word, _PL_NAMES),
    "cs": lambda word: _lookup(word, _CS_NAMES),
    "sk": lambda word: _lookup(word, _CS_NAMES),
}
NOUN_RULES: Mapping[str, Rules] = {"uk": lambda word: _lookup(word, _UK_NOUNS)}
