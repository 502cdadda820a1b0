"""robots.txt (RFC 9309): what a host lets us read, and how fast.

Answers are kept for 24 hours and asked anew after 12; a host whose robots.txt cannot
be read is closed (section 2.3.1.4) unless a copy of the last 24 hours is at hand. A
failure is remembered for 5 minutes, so that a dead network costs one request per poll,
not two. Texts are kept compressed, and only the rules in use are kept parsed.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from protego import Protego

from crawler.errors import FetchError
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from crawler.clock import Clock

    Read = Callable[[], Awaitable[bytes | None]]

PRODUCT_TOKEN = "vedette"  # noqa: S105 - the name robots.txt knows us by
LONGEST_DELAY_S = 60.0

_REFRESH = timedelta(hours=12)
_GOOD_FOR = timedelta(hours=24)
_FAILURE_FOR = timedelta(minutes=5)
_MAX_HOSTS = 32_768
"""More than are polled: beyond it each poll in turn would ask for robots.txt again."""
_MAX_KEPT_BYTES = 8 * 1024 * 1024
_MAX_PARSED_CHARS = 512 * 1024
"""Parsed rules take about ten times their text (measured: 19 kB for 60 rules)."""

_HEAVY_CHARS = 32 * 1024
"""Longer texts are parsed beside the event loop (500 KiB take half a second)."""

_NO_WAY_THERE = frozenset(
    {
        FetchReason.NAME_NOT_FOUND,
        FetchReason.ADDRESS_REFUSED,
        FetchReason.CONNECT_FAILED,
        FetchReason.TLS_FAILED,
        FetchReason.HOST_BLOCKED,
    }
)
"""Failures that are the host's, whatever was asked for."""


@dataclass(frozen=True, slots=True)
class Rules:
    """One host's rules; ``parsed`` is None where everything is allowed."""

    parsed: Protego | None

    def allows(self, url: str) -> bool:
        """Whether ``vedette`` may read the URL."""
        return self.parsed is None or self.parsed.can_fetch(url, PRODUCT_TOKEN)

    @property
    def delay_s(self) -> float:
        """The crawl-delay asked for, at most 60 s; 0 when none."""
        if self.parsed is None:
            return 0.0
        return min(self.parsed.crawl_delay(PRODUCT_TOKEN) or 0.0, LONGEST_DELAY_S)


EVERYTHING = Rules(None)


@dataclass(slots=True)
class _Kept:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    text: bytes | None = None
    read: datetime | None = None
    failed: datetime | None = None
    failure: FetchError | None = None


class RobotsCache:
    """Rules by origin; concurrent questions about one origin cost one request."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._kept_bytes = 0
        self._parsed: OrderedDict[str, tuple[Rules, int]] = OrderedDict()
        self._parsed_chars = 0

    def __len__(self) -> int:
        return len(self._kept)

    async def rules(self, key: str, read: Read) -> Rules:
        """The rules of an origin, read when they are not known or too old.

        Args:
            key: names the origin, and the way to it if there are several.
            read: fetches robots.txt; None means there is none (a 4xx).

        Raises:
            FetchError: it could not be read, so the host is closed for now; what
                ``read`` raised, or a copy of it while a failure is remembered.
        """
        kept = self._kept.setdefault(key, _Kept())
        self._kept.move_to_end(key)
        async with kept.lock:
            now = self._clock()
            if kept.read is None or not kept.read <= now < kept.read + _REFRESH:
                await self._refresh(key, kept, read, now)
            text = kept.text
        return EVERYTHING if text is None else await self._parse(key, text)

    async def _refresh(self, key: str, kept: _Kept, read: Read, now: datetime) -> None:
        usable = kept.read is not None and kept.read <= now < kept.read + _GOOD_FOR
        failed = kept.failed
        if failed is not None and failed <= now < failed + _FAILURE_FOR:
            if not usable and kept.failure is not None:
                raise _again(kept.failure)
            return
        try:
            body = await read()
        except FetchError as error:
            if error.reason is FetchReason.HOST_BLOCKED:
                raise  # the gate remembers this one
            kept.failed = now
            kept.failure = _again(error)
            if not usable:
                raise
            return
        self._kept_bytes -= len(kept.text or b"")
        kept.text = None if body is None else zlib.compress(body)
        self._kept_bytes += len(kept.text or b"")
        kept.read, kept.failed, kept.failure = now, None, None
        self._forget_parsed(key)
        self._bound()

    async def _parse(self, key: str, text: bytes) -> Rules:
        known = self._parsed.get(key)
        if known is not None:
            self._parsed.move_to_end(key)
            return known[0]
        # Undecodable bytes cannot name a path of ours; they must not stop the rest.
        plain = zlib.decompress(text).decode("utf-8-sig", errors="replace")
        if len(plain) > _HEAVY_CHARS:
            parsed = await asyncio.to_thread(Protego.parse, plain)
        else:
            parsed = Protego.parse(plain)
        rules = Rules(parsed)
        self._forget_parsed(key)
        self._parsed[key] = (rules, len(plain))
        self._parsed_chars += len(plain)
        while self._parsed_chars > _MAX_PARSED_CHARS and len(self._parsed) > 1:
            self._forget_parsed(next(iter(self._parsed)))
        return rules

    def _forget_parsed(self, key: str) -> None:
        _, chars = self._parsed.pop(key, (EVERYTHING, 0))
        self._parsed_chars -= chars

    def _bound(self) -> None:
        for key in list(self._kept):
            if len(self._kept) <= _MAX_HOSTS and self._kept_bytes <= _MAX_KEPT_BYTES:
                return
            if not self._kept[key].lock.locked():
                self._kept_bytes -= len(self._kept.pop(key).text or b"")
                self._forget_parsed(key)


def _again(error: FetchError) -> FetchError:
    # A fresh one each time: a raised error gathers tracebacks, and its request
    # records belong to the request that was really made.
    return FetchError(
        error.reason, error.detail, status=error.status, retry_at=error.retry_at
    )


def opens(error: FetchError) -> bool:
    """Whether a robots.txt that failed so means: everything is allowed."""
    status = error.status or 0
    # RFC 9309 2.3.1.3: unavailable (4xx); 2.3.1.2: too many redirects. A host that
    # says 429 has not said yes.
    return (400 <= status < 500 and status != 429) or error.reason in {
        FetchReason.TOO_MANY_REDIRECTS,
        FetchReason.BAD_REDIRECT,
    }


def closing(error: FetchError) -> FetchError:
    """Why the host is closed while its robots.txt cannot be read (2.3.1.4)."""
    reason, detail = error.reason, error.detail
    if reason is FetchReason.SERVER_ERROR:
        reason = FetchReason.ROBOTS_DISALLOW
    if reason not in _NO_WAY_THERE:
        detail = f"robots.txt: {detail}"
    return FetchError(
        reason,
        detail,
        status=error.status,
        retry_at=error.retry_at,
    )
