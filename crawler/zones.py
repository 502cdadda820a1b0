"""The zone of a date: by name, by offset, or by the letters beside the time."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crawler.datewords import ZONES

if TYPE_CHECKING:
    from datetime import tzinfo

CLOCK = "\x00"
"""Stands where the time of day was found."""

_LARGEST_OFFSET = 15 * 60  # minutes; the real world ends at +14:00
_OFFSET = re.compile(
    r"(?:gmt|utc|ut|z)?\s?(?P<sign>[+\-\u2212])(?P<h>\d{1,2}):?(?P<m>\d\d)?(?!\d)"
)
_LONE_ZONE = re.compile(r"^\s*(?:z|[+-]\d\d:?\d\d)\s*$")
_WORD = re.compile(r"[^\W\d_]+")
_IANA = re.compile(r"\b[a-z]+/[a-z_]+(?:/[a-z_]+)?\b", re.IGNORECASE)

_CHINA = frozenset({"Asia/Shanghai", "Asia/Taipei", "Asia/Chongqing"})
BAD_ZONE = timezone(timedelta(hours=23, minutes=59))
"""Marks an offset no place on earth has."""


def zone_of(name: str) -> tzinfo:
    """The zone of that IANA name, UTC when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def find_zone(rest: str, zone_name: str) -> tzinfo | None:
    """The zone written beside the time (``rest`` has ``CLOCK`` in its place)."""
    before, clock, after = rest.partition(CLOCK)
    if not clock:
        after = before if _LONE_ZONE.search(before) else ""
    if offset := _OFFSET.search(after):
        return _offset_zone(offset)
    if named := _IANA.search(after):
        return _place(named.group())
    for word in _WORD.findall(after)[:2]:
        if word == "cst" and zone_name in _CHINA:
            return timezone(timedelta(hours=8))
        if word in ZONES:
            return timezone(timedelta(minutes=ZONES[word]))
    return None


def _offset_zone(offset: re.Match[str]) -> tzinfo:
    hours, minutes = int(offset["h"]), int(offset["m"] or 0)
    total = hours * 60 + minutes
    if total > _LARGEST_OFFSET or minutes > 59:
        return BAD_ZONE
    return timezone(timedelta(minutes=total if offset["sign"] == "+" else -total))


def _place(name: str) -> tzinfo | None:
    try:
        return ZoneInfo("/".join(p.title() for p in name.split("/")))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
