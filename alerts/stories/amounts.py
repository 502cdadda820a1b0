"""Every number of a sentence by its value, whatever it counts.

``facts`` reads only numbers whose unit it knows. Here all count, so that a change of
any is seen, but for moments told from the reader's own ("5 minutes ago").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.stories.languages import spoken
from alerts.stories.numberwords import SPELLED
from alerts.stories.sentences import plain
from crawler.datewords import MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_SPACE = "[ \u00a0\u202f]"
_SCALES = "백천만억조百千万萬億亿兆"
_SCALED = re.compile(
    rf"\d[\d,.]*(?:[{_SCALES}]+\s?\d[\d,]*)*[{_SCALES}]+(?![가-힣]{{2}}[은는이가])"
)
_COMPOUND = re.compile(r"([^\W\d_]+?)und([^\W\d_]+)")
_DIGITS = re.compile(
    rf"{_SCALED.pattern}|"
    rf"\d{{1,3}}(?:(?:,\d{{3}})+|(?:\.\d{{3}})+|(?:{_SPACE}\d{{3}})+|(?:['’]\d{{3}})+)"
    r"(?![\d])(?:[.,]\d{1,2}(?!\d))?|\d+(?:[.,:/]\d+)*"
)
_GROUPS = re.compile(r"(?<=\d)[.,'’ \u00a0\u202f](?=\d{3}(?:\D|$))")
_AGO = re.compile(
    r"\d+\s?(?:sec(?:ond)?s?|min(?:ute)?s?|hours?|hrs?|days?|weeks?|months?)\sago"
    r"|\bvor\s\d+\s(?:sekunden?|minuten?|stunden?|tag(?:en)?|wochen?)"
    r"|\bil\sy\sa\s\d+\s\w+|\bhace\s\d+\s\w+"
    r"|\d+\s(?:second[oi]|minut[oi]|or[ae]|giorn[oi])\sfa\b"
    r"|\d+\s\w+\s(?:назад|тому|temu)\b"
    r"|\d+\s?(?:초|분|시간|일|주)\s?전|\d+\s?(?:秒|分|時間|日|分钟|分鐘|小时|小時|天)\s?前",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_COUNTERS = "人名명件社国國日年月か个個辆輛艘架枚次岁歲台隻機発發回歳票点點棟軒校"
_HAN = re.compile(
    rf"(?<![\d{_SCALES}])[〇一二三四五六七八九十百千万億亿兆两]+(?=\s?(?:[{_COUNTERS}]|%|ドル|円|元|パーセント))"
)
_KOREAN = re.compile(
    r"(?<![가-힣])(?:(?:열|스물|서른|마흔|쉰)?(?:한|두|세|네|다섯|여섯|일곱|여덟|아홉)|열|스무|서른|마흔|쉰"
    r"|수십|수백|수천|수만)(?=\s?(?:명|대|척|발|건|차례|개|곳|시간|가지|번|채|마리|살|장|배))"
    r"|(?<![가-힣])(?:하루|이틀|사흘|나흘|닷새|엿새|이레|여드레|아흐레|열흘|보름|절반)(?![가-힣]{2})"
)
_EASTERN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_BY_MONTH = re.compile(
    r"(?<![^\W\d_])(?:(?<=\d\s)|(?<=\d\.\s)|(?=[^\W\d_]{3,}\.?,?\s\d))"
    r"(?P<name>[^\W\d_]{3,})"
)
_NEAR_MONTH = 12
_EAST_DATE = re.compile(r"\s?[年月日년월일](?![가-힣]{2})")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number: its value, how it is written, and whether it is part of a date."""

    value: str
    shown: str
    dated: bool


def amounts(sentence: str, language: str | None) -> tuple[Amount, ...]:
    """The numbers of a sentence in text order.

    "1,200", "1.200" and "1 200" are of one value, and so are "twelve" and "12" in the
    nine languages whose number words are known; of an unknown language the words of
    all that its letters allow are tried.
    """
    text = _AGO.sub(lambda found: " " * len(found.group()), sentence)
    found = sorted((*_digits(text), *_months(text), *_spelled(text, language)))
    return tuple(Amount(value, shown, dated) for _, value, shown, dated in found)


def _digits(text: str) -> Iterator[tuple[int, str, str, bool]]:
    for hit in _DIGITS.finditer(text):
        yield hit.start(), _value(hit.group()), hit.group(), _dated(text, hit)


def _value(shown: str) -> str:
    if ":" in shown or "/" in shown:
        return shown
    if any(one in _SCALES for one in shown):
        return re.sub(r"[\s,]", "", shown)
    whole = _GROUPS.sub("", shown)
    whole = whole.replace(",", ".")
    if whole.count(".") == 1:
        whole = whole.rstrip("0").rstrip(".")
    return whole.lstrip("0") or "0"


def _dated(text: str, hit: re.Match[str]) -> bool:
    """Whether it stands in a date or is a time: what a stamp changes."""
    if ":" in hit.group() or "/" in hit.group() or _YEAR.fullmatch(hit.group()):
        return True
    if _EAST_DATE.match(text, hit.end()):
        return True
    around = text[max(0, hit.start() - _NEAR_MONTH) : hit.end() + _NEAR_MONTH]
    return any(word.casefold() in MONTHS for word in _WORD.findall(around))


def _months(text: str) -> Iterator[tuple[int, str, str, bool]]:
    """Month names beside a day or a year: alone "May" and "March" are other words."""
    for hit in _BY_MONTH.finditer(text):
        month = MONTHS.get(hit["name"].casefold())
        if month is not None:
            yield hit.start("name"), f"month {month}", hit["name"], True


def _spelled(text: str, language: str | None) -> Iterator[tuple[int, str, str, bool]]:
    if _EASTERN.search(text):
        for pattern in (_HAN, _KOREAN):
            for hit in pattern.finditer(text):
                yield hit.start(), hit.group(), hit.group(), False
        return
    known = [SPELLED[one] for one in spoken(language, text, SPELLED)]
    for hit in _WORD.finditer(text):
        value = _worth(plain(hit.group()), known)
        if value:
            yield hit.start(), value, hit.group(), False


def _worth(word: str, known: Sequence[Mapping[str, str]]) -> str:
    """What a number word is worth: "20-3" for "twenty-three"; empty if it is none."""
    compound = _COMPOUND.fullmatch(word)
    parts = compound.groups() if compound else word.split("-")
    for words in known:
        if word in words:
            return words[word]
        worth = [words[part] for part in parts if part in words]
        # "dreiundzwanzig", but not "Hund"; "twenty-one", but not "six-party".
        if worth and (len(worth) == len(parts) or (worth[0].endswith("0"))):
            return "-".join(worth)
    return ""
