"""What the head of an HTTP answer says: status, headers, Retry-After, Location."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from crawler.errors import FetchError
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_HEADER_BYTES = 64 * 1024

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})

_BY_STATUS = {
    401: FetchReason.FORBIDDEN,
    402: FetchReason.FORBIDDEN,
    403: FetchReason.FORBIDDEN,
    404: FetchReason.NOT_FOUND,
    407: FetchReason.FORBIDDEN,
    410: FetchReason.GONE,
    304: FetchReason.PROTOCOL_ERROR,  # nobody asked whether
    429: FetchReason.RATE_LIMITED,
    451: FetchReason.FORBIDDEN,
}


def header_map(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name; repeated ones joined by a comma.

    Values are decoded as latin-1, which gives every byte back when encoded again.

    Raises:
        FetchError: PROTOCOL_ERROR for more than 64 KiB of them.
    """
    headers: dict[str, str] = {}
    size = 0
    for name, value in raw:
        size += len(name) + len(value) + 4
        if size > MAX_HEADER_BYTES:
            raise FetchError(FetchReason.PROTOCOL_ERROR, "more than 64 KiB of headers")
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def redirect_of(status: int, headers: Mapping[str, str]) -> str | None:
    """Where a redirect leads (as sent, perhaps relative), None if it is none.

    Raises:
        FetchError: BAD_REDIRECT for another 3xx or a redirect to nowhere.
    """
    if not 300 <= status < 400 or status == 304:
        return None
    place = headers.get("location", "").strip()
    if status not in REDIRECTS or not place or min(place) < " ":
        raise FetchError(
            FetchReason.BAD_REDIRECT, f"HTTP {status} to nowhere", status=status
        )
    with contextlib.suppress(UnicodeDecodeError):
        place = place.encode("latin-1").decode("utf-8")  # many send it unescaped
    return place.replace(" ", "%20")


def reason_of(status: int) -> FetchReason:
    """Why an answer that is neither 2xx nor 3xx is of no use."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return FetchReason.CLIENT_ERROR if status < 500 else FetchReason.SERVER_ERROR


def retry_after(value: str | None, now: datetime) -> datetime | None:
    """The moment a Retry-After names (RFC 9110 10.2.3), None if it is not to come.

    Seconds or an HTTP date; anything else is ignored. Not clamped but to what a
    datetime can hold; the gate clamps.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        seconds = min(int(text[:12]), 10 * 365 * 86400)
        moment = now + timedelta(seconds=seconds)
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        moment = moment.astimezone(UTC)
    return moment if moment > now else None
