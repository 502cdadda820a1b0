"""Date strings of feeds and pages to instants, in the languages of the desk.

feedparser reads ``09:00:00 KST`` as 09:00 UTC and ``2024.10.28`` as 1 November, so
its dates are never used. The ladder: the source's own formats, epoch and compact
digits, then one reading of date, time and zone wherever they stand in the string.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from crawler.datewords import HALF_DAYS, MONTHS
from crawler.zones import BAD_ZONE, CLOCK, find_zone, zone_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

_LONGEST = 200
_FUTURE = timedelta(minutes=15)
_OLDEST = datetime(1995, 1, 1, tzinfo=UTC)

_RFC_822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(\d\d?) ([A-Z][a-z][a-z]) (\d{4}) "
    r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d) (?:GMT|UTC|([+-])(0\d|1[0-3])([0-5]\d))",
    re.ASCII,
)
_ISO_8601 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)"
    r"(?:Z|([+-])(0\d|1[0-3]):([0-5]\d))",
    re.ASCII,
)
_EPOCH = re.compile(r"(\d{10}|\d{13})(?:\.\d{1,9})?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)[T ]?(?:(\d\d)(\d\d)(\d\d)?)?")
_REDUCED = re.compile(r"(\d{4})(?:-(\d\d))?")
_ORDINAL = re.compile(r"(\d{4})-?(\d{3})(?=$|T)")

_MONTH = r"(?P<month>[^\W\d_]{3,12}|\d{1,2}월)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|ª|°|\.)?"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_OF = r"(?:de|of|del|d')"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)(?P<year>\d{4})\s?[年년]\s?(?P<m>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일]?",
        r"(?<!\d)(?P<year>[+-]?\d{4})(?P<sep>[-./])\s?(?P<m>\d{1,2})(?P=sep)\s?(?P<day>\d{1,2})(?!\d)",
        rf"(?<!\d){_DAY}[\s,./-]*(?:{_OF}\s)?{_MONTH}\.?[\s,./-]*(?:{_OF}\s)?{_YEAR}(?![\d:])",
        rf"{_MONTH}\.?\s*{_DAY}(?:,\s*|\s+)(?P<year>\d{{4}})(?!\d)",
        rf"{_MONTH}\.?\s+{_DAY}\s+(?P<rest>\d{{1,2}}:\d\d(?::\d\d)?(?:\s[a-z]{{3,5}})?)\s+(?P<year>\d{{4}})(?!\d)",
        rf"(?<!\d)(?P<year>\d{{4}})\.?[\s,-]*{_MONTH}\.?[\s,-]*{_DAY}(?!\d)",
        r"(?<![\d:])(?P<a>\d{1,2})(?P<sep>[-./])\s?(?P<b>\d{1,2})(?P=sep)\s?(?P<c>\d{4}|\d{2})(?![\d:])",
    )
)
_TIMES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)(?P<h>\d{1,2})\s?:\s?(?P<m>\d\d)(?:\s?:\s?(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?)?(?!\d)",
        r"(?<!\d)(?P<h>\d{1,2})\s?[시時点时点]\s?(?:(?P<m>\d{1,2})\s?[분分])?(?:\s?(?P<s>\d{1,2})\s?[초秒])?",
        r"(?<!\d)(?P<h>\d{1,2})\s?h(?:\s?(?P<m>\d\d))?(?![a-z\d])",
        r"(?<![\d.])(?P<h>\d{1,2})\.(?P<m>\d\d)(?![\d.])",
        r"(?<!\d)(?P<h>\d{1,2})\s?(?=[ap]\.?m\b)",
    )
)
_HALF_DAY = re.compile("|".join(map(re.escape, HALF_DAYS)))


def parse_date(
    raw: str,
    *,
    timezone: str = "UTC",
    order: str | None = None,
    formats: Sequence[str] = (),
) -> datetime | None:
    """The instant a reader of the source would understand, aware UTC; else None.

    A date without a time is midnight in its zone. Relative dates ("2 hours ago")
    and dates without a year are None. See ``plausible`` for sanity against now.

    Args:
        raw: the date as published, white space and case of no account.
        timezone: IANA name for strings that carry no zone.
        order: ``dmy``, ``mdy`` or ``ymd`` for numeric dates; None = day first,
            except two-digit years of East Asian sources (year first) and
            ``10/28/2024``-like American dates that cannot be otherwise.
        formats: ``strptime`` formats of the source, tried first.
    """
    if not formats and (exact := _exact(raw)) is not None:
        return exact
    text = " ".join(unicodedata.normalize("NFKC", raw[:_LONGEST]).split())
    if not text:
        return None
    zone = zone_of(timezone)
    try:
        return _by_formats(text, formats, zone) or _read(text, zone, order, timezone)
    except (ValueError, OverflowError):  # 31 February, year 0, beyond year 9999
        return None


def plausible(published: datetime | None, now: datetime) -> datetime | None:
    """The date if a newsroom can have meant it, else None (then first seen counts).

    More than 15 minutes ahead or before 1995 is a mistake or a trick (A34): a future
    date would pin an item to the top and an ancient one hide it.
    """
    if published is None or not _OLDEST <= published <= now + _FUTURE:
        return None
    return published


def _exact(raw: str) -> datetime | None:
    """What feeds write when they keep to their standard, read as ``_read`` would."""
    if found := _RFC_822.fullmatch(raw):
        day, word, year, *rest = found.groups()
        month = MONTHS.get(word.lower(), 0)
    elif found := _ISO_8601.fullmatch(raw):
        year, number, day, *rest = found.groups()
        month = int(number)
    else:
        return None
    hour, minute, second, sign, hours, minutes = rest
    try:
        wall = datetime(
            int(year), month, int(day), int(hour), int(minute), int(second), tzinfo=UTC
        )
        if sign is None:
            return wall
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return wall - offset if sign == "+" else wall + offset
    except (ValueError, OverflowError):
        return None


def _by_formats(text: str, formats: Sequence[str], zone: tzinfo) -> datetime | None:
    for form in formats:
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 - zone set below
        except ValueError:
            continue
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    return None


def _read(
    text: str, zone: tzinfo, order: str | None, zone_name: str
) -> datetime | None:
    digits = _from_digits(text, zone)
    if digits is not None:
        return digits
    text = text.casefold()
    found = _find_date(text, order, zone_name)
    if found is None:
        return None
    day, rest = found
    clock, rest = _find_time(rest)
    own = find_zone(rest, zone_name)
    if own is BAD_ZONE:
        return None
    return _join(day, clock, own or zone)


def _join(day: date, clock: timedelta, zone: tzinfo) -> datetime:
    """The wall-clock time as UTC; 24:00 and second 60 run on into what follows."""
    wall = datetime.combine(day, time()) + clock
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _from_digits(text: str, zone: tzinfo) -> datetime | None:
    if epoch := _EPOCH.fullmatch(text):
        seconds = int(epoch.group(1)) / (1000 if len(epoch.group(1)) == 13 else 1)
        return datetime.fromtimestamp(seconds, UTC)
    if reduced := _REDUCED.fullmatch(text):
        day = date(int(reduced.group(1)), int(reduced.group(2) or 1), 1)
        return _join(day, timedelta(), zone)
    if ordinal := _ORDINAL.match(text):
        first = date(int(ordinal.group(1)), 1, 1)
        day = first + timedelta(days=int(ordinal.group(2)) - 1)
        clock, rest = _find_time(text[ordinal.end() :].casefold())
        own = find_zone(rest, "UTC")
        return None if own is BAD_ZONE else _join(day, clock, own or zone)
    return _from_compact(text, zone)


def _from_compact(text: str, zone: tzinfo) -> datetime | None:
    compact = _COMPACT.match(text)
    if compact is None:
        return None
    rest = text[compact.end() :].casefold()
    own = find_zone(f"{CLOCK} {rest}", "UTC") if rest else zone
    if own is None or own is BAD_ZONE or re.match(r"[\d.:/]", rest):
        return None
    year, month, day, hour, minute, second = (
        int(part or 0) for part in compact.groups()
    )
    clock = timedelta(hours=hour, minutes=minute, seconds=second)
    return _join(date(year, month, day), clock, own)


def _find_date(text: str, order: str | None, zone_name: str) -> tuple[date, str] | None:
    """The first date in the text and the text without it."""
    for pattern in _DATES:
        for found in pattern.finditer(text):
            day = _date_of(found, order, zone_name, text)
            if day is not None:
                kept = found.groupdict().get("rest") or ""
                return day, f"{text[: found.start()]} {kept} {text[found.end() :]}"
    return None


def _date_of(
    found: re.Match[str], order: str | None, zone_name: str, text: str
) -> date | None:
    groups = found.groupdict()
    if "a" in groups:
        return _numeric(found, order, zone_name, text)
    if "m" in groups:
        month: int | None = int(groups["m"])
    else:
        month = _month(groups["month"])
    if month is None:
        return None
    try:
        return date(_year(groups["year"]), month, int(groups["day"]))
    except ValueError:
        return None


def _month(word: str) -> int | None:
    if word.endswith("월"):
        return int(word[:-1]) if word[:-1].isdigit() else None
    return MONTHS.get(word)


def _numeric(
    found: re.Match[str], order: str | None, zone_name: str, text: str
) -> date | None:
    """a.b.c in the declared order, else in the order that is likely, then possible."""
    a, b, c = found["a"], found["b"], found["c"]
    spellings = {
        "dmy": (c, b, a),
        "mdy": (c, a, b),
        "ymd": (a, b, c),
    }
    likely = order or _likely_order(found, zone_name, text)
    for name in dict.fromkeys((likely, "dmy", "mdy", "ymd")):
        if name not in spellings or (name == "ymd" and len(c) == 4):
            continue
        year, month, day = spellings[name]
        try:
            return date(_year(year), int(month), int(day))
        except ValueError:
            continue
    return None


def _likely_order(found: re.Match[str], zone_name: str, text: str) -> str:
    if len(found["c"]) == 2 and zone_name.startswith(
        ("Asia/Seoul", "Asia/Tokyo", "Asia/Shanghai", "Asia/Taipei", "Asia/Pyongyang")
    ):
        return "ymd"
    if found["sep"] == "/" and (
        zone_name.startswith("America/") or re.search(r"\d\s?[ap]m\b", text)
    ):
        return "mdy"
    return "dmy"


def _year(digits: str) -> int:
    """Two-digit years as in RFC 2822 section 4.3: 00-49 are 2000s."""
    year = int(digits)
    if len(digits) == 2:
        year += 2000 if year < 50 else 1900
    return year


def _find_time(text: str) -> tuple[timedelta, str]:
    """The time of day (midnight when there is none) and the text without it."""
    for pattern in _TIMES:
        found = pattern.search(text)
        if found is None:
            continue
        groups = found.groupdict()
        hour, minute, second = (int(groups.get(part) or 0) for part in "hms")
        rest = f"{text[: found.start()]} {CLOCK} {text[found.end() :]}"
        half = _HALF_DAY.search(rest)
        if half and 0 < hour <= 12:
            hour = hour % 12 + HALF_DAYS[half.group()]
            rest = rest.replace(half.group(), " ", 1)
        if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute):
            raise ValueError(found.group())
        micro = int((groups.get("f") or "0")[:6].ljust(6, "0"))
        clock = timedelta(
            hours=hour, minutes=minute, seconds=second, microseconds=micro
        )
        return clock, rest
    return timedelta(), text
