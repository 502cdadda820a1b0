"""What a publisher asks of those who poll: how long to wait, when to stay away.

From the answer's head (Cache-Control, Expires, Age, also of a 304) and from the feed
itself (ttl, sy:updatePeriod, skipHours, skipDays). Every wish is kept up to six
hours: a longer one is a web server's default, not a publisher's (CRAWLING 4.3, 8).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_WISH = timedelta(hours=6)

HEAD = 64 * 1024
"""Bytes before the first entry and after the last that are searched for wishes."""

_PERIODS = {
    b"hourly": timedelta(hours=1),
    b"daily": timedelta(days=1),
    b"weekly": timedelta(weeks=1),
    b"monthly": timedelta(days=30),
    b"yearly": timedelta(days=365),
}
_DAYS = (b"monday", b"tuesday", b"wednesday", b"thursday", b"friday", b"saturday")
_ENTRY = re.compile(rb"<(?:\w{1,20}:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ENTRY_END = re.compile(rb"</(?:\w{1,20}:)?(?:item|entry)\s*>", re.IGNORECASE)
_TTL = re.compile(rb"<ttl>\s*(\d{1,7})\s*</ttl>", re.IGNORECASE)
_PERIOD = re.compile(rb"<\w{1,20}:updatePeriod>\s*(\w{5,7})\s*</", re.IGNORECASE)
_FREQUENCY = re.compile(rb"<\w{1,20}:updateFrequency>\s*(\d{1,6})\s*</", re.IGNORECASE)
_HOUR = re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_DAY = re.compile(rb"<day>\s*([a-z]{6,9})\s*</day>", re.IGNORECASE)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_NOW = re.compile(r"(?:^|[\s,])(?:no-cache|no-store)(?:$|[\s,=])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The wishes of one source; none at all by default.

    ``ttl`` is the feed's own, ``max_age`` the web server's, each at most six hours;
    ``skip_hours`` are hours of the day (UTC), ``skip_days`` count from Monday = 0.
    """

    ttl: timedelta = timedelta()
    max_age: timedelta = timedelta()
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()

    @property
    def least(self) -> timedelta:
        """The shortest pause they allow."""
        return max(self.ttl, self.max_age)

    def open_from(self, at: datetime) -> datetime:
        """The first moment from ``at`` on (aware UTC) that is not to be skipped."""
        if len(self.skip_hours) >= 24 or len(self.skip_days) >= 7:
            return at  # never and nowhere: a mistake
        moment = at
        while moment.hour in self.skip_hours or moment.weekday() in self.skip_days:
            moment = moment.replace(minute=0, second=0, microsecond=0)
            moment += timedelta(hours=1)
        # Not all who stayed away come back in the same second.
        return moment if moment == at else moment + (at - _hour_of(at)) / 6


def heard(
    terms: Terms, headers: Mapping[str, str], body: bytes | None, *, now: datetime
) -> Terms:
    """The terms after a good answer.

    Args:
        terms: as they were.
        headers: lower-case names. A 304 that says nothing leaves ``max_age`` as the
            200 before it said (RFC 9111 4.3.4).
        body: of a 200 that was parsed; None for a 304 or the same body again.
        now: aware UTC.
    """
    age = freshness_of(headers, now=now)
    if age is None and body is not None:
        age = timedelta()
    terms = terms if age is None else replace(terms, max_age=age)
    return terms if body is None else replace(_channel(body), max_age=terms.max_age)


def freshness_of(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """How much longer an answer is fresh (RFC 9111 4.2), at most six hours.

    None if nothing is said; zero if it is stale already or must not be kept.
    """
    control = headers.get("cache-control", "")[:1000]
    if _NOW.search(control):
        return timedelta()
    asked = _MAX_AGE.search(control)
    if asked:
        span = timedelta(seconds=int(asked[1]))
    elif "expires" in headers:
        made = _date(headers.get("date", "")) or now
        expires = _date(headers["expires"])
        if expires is None:
            return timedelta()  # "Expires: 0" and the like: expired (5.3)
        span = expires - made
    else:
        return None
    age = headers.get("age", "").strip()[:10]
    if age.isascii() and age.isdigit():
        span -= timedelta(seconds=int(age))
    return min(max(span, timedelta()), LONGEST_WISH)


def _channel(body: bytes) -> Terms:
    """What a feed says of itself; nothing where it is no XML."""
    first = _ENTRY.search(body)
    head = body[: min(first.start() if first else HEAD, HEAD)]
    tail = body[-HEAD:]
    ends = list(_ENTRY_END.finditer(tail))
    said = head + (tail[ends[-1].end() :] if ends else b"")
    ttl = _TTL.search(said)
    wish = timedelta(minutes=int(ttl[1])) if ttl else timedelta()
    period = _PERIOD.search(said)
    if period and period[1].lower() in _PERIODS:
        often = _FREQUENCY.search(said)
        times = max(int(often[1]), 1) if often else 1
        wish = max(wish, _PERIODS[period[1].lower()] / times)
    days = [*_DAYS, b"sunday"]
    return Terms(
        ttl=min(wish, LONGEST_WISH),
        # Some count 1 to 24 (RSS 0.91); 24 is midnight.
        skip_hours=tuple(
            sorted({int(h) % 24 for h in _HOUR.findall(said) if int(h) <= 24})
        ),
        skip_days=tuple(
            sorted(
                {days.index(d.lower()) for d in _DAY.findall(said) if d.lower() in days}
            )
        ),
    )


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text[:60])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else None


def _hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
