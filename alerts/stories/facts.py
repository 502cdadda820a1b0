"""The numbers a report tells: ("toll", "47"), ("usd", "1500000000").

Only numbers that stand beside the word for what they count; a year, an age or a time
does not. Ranges give their upper end. What is read is the title and the first lines.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING

from alerts.stories.cyrillicwords import CYRILLIC
from alerts.stories.eastcounts import counted
from alerts.stories.languages import spoken
from alerts.stories.westernwords import WESTERN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from alerts.stories.countwords import CountWords
    from crawler.items import Item

Pair = tuple[str, str]

LEAD = 1_500
"""Characters of the text that are read: the news, seldom its background."""

MOST_FACTS = 12
MOST_DIGITS = 15

COUNT_WORDS = {**WESTERN, **CYRILLIC}
_EAST = frozenset({"ko", "ja", "zh"})
_KNOWN = frozenset({*COUNT_WORDS, *_EAST})

_DIGITS = (
    r"(?:\d{1,3}(?:[ \u00a0\u202f.,'’]\d{3}){1,4}|\d{1,15}(?:[.,]\d{1,3})?)"
    r"(?!\d|[.,]\d|[.,] \d{3}(?!\d))"
)
_NOT_BEFORE = r"(?<![\w.,:/№#%$€£-])"
_COUNT_END = (
    r"(?=\s+(?:in|on|at|near|and|as|after|during|across|outside|inside|в|во|на|при|под|"
    r"после|и|у|та|під|після|bei|nach|und|dans|à|en|et|nei|nel|w|po|i|y)\b"
    r"|\s*[.,;:!?»”\")…–—](?!\d)|\s*$|\s+(?:{people})\b)"
)

_DISTANCE = re.compile(
    rf"{_NOT_BEFORE}(?P<n>{_DIGITS})[\s-]?(?:km|kilomet(?:er|re)s?|kilometern?|"
    r"kilomètres?|chilometri|kilómetros|kilometrów|км|километр\w*|кілометр\w*)"
    r"(?![\w²/]|\s?(?:/|per\shour|an\shour|в\sчас|[зн]а\sгодину|pro\sstunde|h\b|ч\b|"
    r"мкад|(?:\w+ной\s)?(?:авто)?(?:трасс|дорог)))",
    re.IGNORECASE,
)
_MAGNITUDE = re.compile(
    r"(?:\b(?:magnitud[eo]?|stärke|magnitudzie|магнитуд\w+|магнітуд\w+)\s+"
    r"(?:of\s+|von\s+|de\s+|di\s+)?(?P<n>\d(?:[.,]\d)?)(?![\w%]|[.,]\d)"
    r"|(?<![\w.,])(?P<m>\d[.,]\d)[\s-]magnitude\b)",
    re.IGNORECASE,
)
_SIGNS = {"$": "usd", "€": "eur", "₩": "won", "₽": "rub"}
_CURRENCY = (
    r"(?P<usd>dollars?\b|dollari\b|dólares\b|dolarów\b|доллар\w*|долар\w*|usd\b)"
    r"|(?P<eur>euros?\b|eur\b|евро\b|євро\b)"
    r"|(?P<won>wons?\b|krw\b|вон\b|воны\b)"
    r"|(?P<rub>ro?ubles?\b|rubel\b|rubli\b|rublos\b|rubl[ie]\b|рублей|рубля|рублів|руб\.)"
)
_SHORT_SCALES = {"k": 10**3, "m": 10**6, "mm": 10**6, "b": 10**9, "tn": 10**12}
_YEAR = re.compile(r"(?:19|20)\d\d")
_GROUPED = re.compile(r"\d{1,3}(?:[.,'’]\d{3})+")
LEAST_MONEY = 1_000
"""Less is a price (a barrel, a ticket), in "47 won" a victory; no sum to follow."""


class _Spaced:
    """The compiled patterns of one spaced language."""

    def __init__(self, words: CountWords) -> None:
        self.numbers: Mapping[str, int] = words.numbers
        self.scales: Mapping[str, int] = {**words.scales, **_SHORT_SCALES}
        spelled = "|".join(sorted(map(re.escape, words.numbers), key=len, reverse=True))
        scales = _either(words.scales)
        count = (
            rf"(?P<n>{_DIGITS}|(?:{spelled})\b)(?:[ \u00a0]?(?P<s>{scales})(?!\w)"
            r"(?: de| di| d)?)?"
        )
        after = "|".join(f"(?P<{unit}>{what})" for unit, what in words.after.items())
        before = "|".join(f"(?P<{unit}>{what})" for unit, what in words.before.items())
        self.after = re.compile(
            rf"{_NOT_BEFORE}(?<!\bno )(?<!\bno - )(?<!number ){count}\s+"
            rf"(?:(?:{words.fill})\s+){{0,6}}(?:{after})",
            re.IGNORECASE,
        )
        self.before = re.compile(
            rf"(?<![\w-])(?:{before})\s+(?:(?:{words.about})\s+){{0,2}}{_NOT_BEFORE}"
            rf"{count}{_COUNT_END.replace('{people}', words.people)}",
            re.IGNORECASE,
        )
        self.signed = re.compile(
            rf"(?:(?<![A-Za-z])|(?<=US))(?P<sign>[$€₩₽])\s?(?P<n>{_DIGITS})"
            rf"(?:[\s-]?(?P<s>{scales}|bn|tn|mm|[kmb])(?!\w))?",
            re.IGNORECASE,
        )
        self.named = re.compile(
            rf"{_NOT_BEFORE}(?P<n>{_DIGITS})[\s-]?(?:(?P<s>{scales})(?!\w)[\s-]?)?"
            rf"(?:d['’]|de |di )?(?:(?:u\.?s\.?|us-|американск\w+|american|"
            rf"south korean|южнокорейск\w+)[\s-]?)?(?:{_CURRENCY}|(?P<sign>[€₽₩$]))",
            re.IGNORECASE,
        )


def _either(words: Mapping[str, int]) -> str:
    return "|".join(re.escape(one) for one in sorted(words, key=len, reverse=True))


@lru_cache(maxsize=len(COUNT_WORDS))
def _spaced(language: str) -> _Spaced:
    return _Spaced(COUNT_WORDS[language])


def facts(item: Item) -> tuple[Pair, ...]:
    """(unit, value) pairs in order of appearance by kind, no pair twice, at most 12.

    Units: toll, injured, missing, troops, missiles, drones, usd, eur, won, rub, km,
    magnitude. Values are plain digits ("1 200" and "1.200" are "1200"), with a point
    for magnitudes and broken distances.
    """
    text = f"{item.title}\n{(item.text or item.summary)[:LEAD]}"
    pairs: dict[Pair, None] = {}
    for language in spoken(item.language, text, _KNOWN):
        found = counted(text) if language in _EAST else _told(text, language)
        pairs.update(dict.fromkeys(found))
    return tuple(pairs)[:MOST_FACTS]


def _told(text: str, language: str) -> Iterator[Pair]:
    words = _spaced(language)
    for pattern in (words.before, words.after):
        for hit in pattern.finditer(text):
            value = _count(hit["n"], hit["s"], words)
            if value is not None and hit.lastgroup is not None:
                yield next(u for u in _UNITS if hit.groupdict().get(u)), value
    if any(sign in text for sign in _SIGNS):
        yield from _money(words.signed, text, words)
    yield from _money(words.named, text, words)
    for hit in _DISTANCE.finditer(text):
        value = _plain(_value(hit["n"], None))
        if value is not None:
            yield "km", value
    for hit in _MAGNITUDE.finditer(text):
        yield "magnitude", (hit["n"] or hit["m"]).replace(",", ".")


_UNITS = ("toll", "injured", "missing", "troops", "missiles", "drones")


def _money(pattern: re.Pattern[str], text: str, words: _Spaced) -> Iterator[Pair]:
    for hit in pattern.finditer(text):
        groups = hit.groupdict()
        sign = groups.get("sign")
        unit = _SIGNS[sign] if sign else hit.lastgroup or ""
        amount = _value(hit["n"], _scale(hit["s"], words))
        value = _plain(amount)
        if value is not None and amount >= LEAST_MONEY:
            yield unit, value


def _scale(name: str | None, words: _Spaced) -> int | None:
    return words.scales.get(name.lower()) if name else None


def _count(number: str, scale: str | None, words: _Spaced) -> str | None:
    """A number of people or things: whole, and no year."""
    spelled = words.numbers.get(number.lower())
    if spelled is not None:
        return _plain(Decimal(spelled) * (_scale(scale, words) or 1))
    if scale is None and _YEAR.fullmatch(number) and not number.endswith("00"):
        return None
    value = _value(number, _scale(scale, words))
    return None if value % 1 or not value else _plain(value)


def _value(number: str, scale: int | None) -> Decimal:
    """What a number says, whichever of point, comma and space its country uses.

    "1.200" is a thousand and two hundred, but "1.234 billion" has decimals.
    """
    packed = re.sub(r"[\s\u00a0\u202f]", "", number)
    if _GROUPED.fullmatch(packed) and not (scale and len(packed) <= 7):
        packed = re.sub(r"\D", "", packed)
    try:
        return Decimal(packed.replace(",", ".")) * (scale or 1)
    except InvalidOperation:  # "1.234.567 billion"
        return Decimal(re.sub(r"\D", "", packed)) * (scale or 1)


def _plain(value: Decimal) -> str | None:
    text = f"{value.normalize():f}"
    return text if len(text) <= MOST_DIGITS else None
