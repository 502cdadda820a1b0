"""The gate every request passes: one at a time per host, so many in all.

A request waits first for its host (its turn, the gap since the last start), and only
then for a place among all; a slow host's queue thus holds no place. A request that
has been under way for longer than ``patience_s`` hands its place to the next and goes
on beside them, so that hosts which stall cannot keep the others out: 500 of them
delay a good one by 500 / max_in_flight seconds, not by 500 deadlines.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crawler.errors import FetchError
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from crawler.clock import Clock

LONGEST_BLOCK = timedelta(days=7)
"""A longer Retry-After is a mistake or a threat; asking weekly is polite."""

_FIRST_BACKOFF = timedelta(minutes=15)
_LONGEST_BACKOFF = timedelta(hours=24)
_IDLE_S = 60.0
_SWEEP_EVERY = 256
"""Turns between two looks for idle hosts to forget."""


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    started: float | None = None
    gap_s: float = 0.0
    blocked: datetime | None = None
    strikes: int = 0


class Gate:
    """Queues requests per host; knows which hosts asked to be left alone."""

    def __init__(
        self,
        *,
        clock: Clock,
        min_gap_s: float = 2.0,
        max_in_flight: int = 32,
        max_open: int = 512,
        patience_s: float = 1.0,
    ) -> None:
        """See the module for what the limits mean.

        Args:
            clock: for Retry-After; gaps are measured on the loop's own clock.
            min_gap_s: between two request starts to one host; up to 10 % is added.
            max_in_flight: requests younger than ``patience_s``.
            max_open: requests of any age, the bound on sockets and memory.
            patience_s: see the module.
        """
        self._clock = clock
        self._min_gap_s = min_gap_s
        self._hosts: dict[str, _Host] = {}
        self._places = _Places(max_in_flight, max(max_open, max_in_flight), patience_s)
        self._turns = 0

    def __len__(self) -> int:
        return len(self._hosts)

    @contextlib.asynccontextmanager
    async def turn(self, host: str, *, gap_s: float = 0.0) -> AsyncIterator[None]:
        """Hold the host's only place and one of all while the request runs.

        Args:
            host: requests are serialised by it, in the order they came.
            gap_s: the host's own wish (crawl-delay) when above ``min_gap_s``.

        Raises:
            FetchError: HOST_BLOCKED with ``retry_at``, before or after the wait.
        """
        self._turns += 1
        if self._turns % _SWEEP_EVERY == 0:
            self.sweep()
        entry = self._hosts.setdefault(host, _Host())
        entry.users += 1
        try:
            self._refuse_blocked(host, entry)
            async with entry.lock:
                entry.gap_s = max(self._min_gap_s, gap_s)
                await self._wait_gap(entry)
                async with self._places.place():
                    self._refuse_blocked(host, entry)
                    entry.started = asyncio.get_running_loop().time()
                    yield
        finally:
            entry.users -= 1

    def block(self, host: str, until: datetime) -> datetime:
        """Let nothing through to the host before ``until`` (aware UTC).

        At most 7 days from now; an earlier block never shortens a later one.
        Returns the moment that holds.
        """
        now = self._clock()
        until = min(until, now + LONGEST_BLOCK)
        entry = self._hosts.setdefault(host, _Host())
        if entry.blocked is None or entry.blocked < until:
            entry.blocked = until
        return entry.blocked

    def strike(self, host: str) -> datetime:
        """Block a host that said "too many" without saying until when.

        15 minutes, doubled by each further strike, 24 hours at most.
        """
        entry = self._hosts.setdefault(host, _Host())
        pause = min(_FIRST_BACKOFF * 2 ** min(entry.strikes, 7), _LONGEST_BACKOFF)
        entry.strikes += 1
        return self.block(host, self._clock() + pause)

    def heed(self, host: str, status: int, until: datetime | None) -> datetime | None:
        """Take an answer to heart: its status and the moment its Retry-After names.

        Returns until when the host is shut because of it, None if it is not. A good
        answer's Retry-After is ignored and its host's strikes are forgotten.
        """
        if status < 300 or status == 304:
            if host in self._hosts:
                self._hosts[host].strikes = 0
            return None
        if until is not None:
            return self.block(host, until)
        return self.strike(host) if status == 429 else None

    def sweep(self) -> None:
        """Forget hosts that are idle, not blocked and have no fresh strikes."""
        now = self._clock()
        try:
            tick = asyncio.get_running_loop().time()
        except RuntimeError:
            return
        for host, entry in list(self._hosts.items()):
            keep_until = entry.blocked
            if keep_until is not None and entry.strikes:
                keep_until += _LONGEST_BACKOFF
            recent = entry.started is not None and (
                tick - entry.started < max(_IDLE_S, entry.gap_s * 1.1)
            )
            if not (entry.users or recent or (keep_until and keep_until > now)):
                del self._hosts[host]

    def _refuse_blocked(self, host: str, entry: _Host) -> None:
        if entry.blocked is not None and entry.blocked > self._clock():
            raise FetchError(
                FetchReason.HOST_BLOCKED,
                f"{host} asked to be left alone until {entry.blocked:%Y-%m-%dT%H:%MZ}",
                retry_at=entry.blocked,
            )

    async def _wait_gap(self, entry: _Host) -> None:
        if entry.started is None:
            return
        gap = entry.gap_s * random.uniform(1.0, 1.1)  # noqa: S311 - not a secret
        left = entry.started + gap - asyncio.get_running_loop().time()
        if left > 0:
            await asyncio.sleep(left)


class _Places:
    """So many young holders, so many in all; first come, first served."""

    def __init__(self, young: int, total: int, patience_s: float) -> None:
        self._young_free = young
        self._free = total
        self._patience_s = patience_s
        self._waiting: deque[asyncio.Future[None]] = deque()

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        await self._enter()
        young = True

        def grow_old() -> None:
            nonlocal young
            young = False
            self._young_free += 1
            self._admit()

        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._patience_s, grow_old)
        try:
            yield
        finally:
            timer.cancel()
            self._leave(young=young)

    async def _enter(self) -> None:
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._admit()
        try:
            await future
        except asyncio.CancelledError:
            if future.cancelled():
                with contextlib.suppress(ValueError):
                    self._waiting.remove(future)
            else:
                self._leave(young=True)  # admitted in the very moment of giving up
            raise

    def _admit(self) -> None:
        while self._waiting and self._young_free > 0 and self._free > 0:
            future = self._waiting.popleft()
            if not future.done():
                self._young_free -= 1
                self._free -= 1
                future.set_result(None)

    def _leave(self, *, young: bool) -> None:
        self._free += 1
        if young:
            self._young_free += 1
        self._admit()
