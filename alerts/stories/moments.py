"""The years and days a text names: what tells this year's launch from last year's."""

from __future__ import annotations

import re

MOST = 12
HEAD = 3_000
"""Code points looked at."""

_YEAR = re.compile(r"(?<!\d)(?:19[5-9]\d|20[0-4]\d)(?!\d)")
_MONTHS = (
    "jan янв січ gen ene ianu led styc stycz",
    "feb fév févr фев лют febr úno luty lut",
    "mar mär mars märz мар бер březen břez marz",
    "apr avr avril апр кві kwie kwiec dub abr",
    "may mai mei май мая тра maj mag květ mayo magg",
    "jun juin июн чер czerw červn giu gius iun",
    "jul juil июл лип lip lipca července lug lugl iul",
    "aug août авг сер sierp srp ago agos",
    "sep sept сен вер wrześ září set sett",
    "oct okt окт жов paźdz říj ott otto",
    "nov ноя лис listop listopad noi",
    "dec déc dez дек гру grud pros dic",
)
_NUMBER_OF = {name: n for n, row in enumerate(_MONTHS, 1) for name in row.split()}
_WORDY = re.compile(
    r"(?<![\w.])(?:(\d{1,2})(?:\.|st|nd|rd|th|er|º)?\s+(?:de\s+)?([^\W\d_]{3,10})"
    r"|([^\W\d_]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?)(?![\w:])"
)
_CJK = re.compile(r"(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")


def moments(text: str) -> tuple[frozenset[int], frozenset[int]]:
    """Years as they are, days as 32 x month + day; the first dozen of each."""
    head = text[:HEAD]
    years = list(dict.fromkeys(int(one) for one in _YEAR.findall(head)))
    days: dict[int, None] = {}
    for before, month, name, after in _WORDY.findall(head):
        number = _month(month or name)
        if number and 1 <= int(before or after) <= 31:
            days[32 * number + int(before or after)] = None
    for month, day in _CJK.findall(head):
        if 1 <= int(month) <= 12 and 1 <= int(day) <= 31:
            days[32 * int(month) + int(day)] = None
    return frozenset(years[:MOST]), frozenset(list(days)[:MOST])


def _month(word: str) -> int:
    """The number of a month by its first letters; 0 for another word."""
    low = word.lower()
    for size in range(min(len(low), 8), 2, -1):
        if low[:size] in _NUMBER_OF:
            return _NUMBER_OF[low[:size]]
    return 0
