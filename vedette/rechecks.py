"""The watch for revisions: pages of items that alerted, read again when it is time.

    store.pending(reread=now) -> collector.revisit -> alerts.revising -> store.record

Each page is read, judged and recorded alone, in one transaction: one that breaks
stops no other, and a kill between two of these calls reads it again.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol, TypeVar

from alerts.revising import is_wanted, let_go, put_off, reread
from crawler.visits import Page
from vedette.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from alerts.evaluate import Watch
    from alerts.model import Rereading, Verdict
    from crawler.clock import Clock
    from crawler.collect import Collector
    from crawler.visits import Visit
    from vedette.setup import Setup
    from vedette.store import Store

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST = 20
"""Pages of one round."""

AT_ONCE = 4
"""Pages in flight: a poll of the same host waits for at most these."""


class Alone(Protocol):
    """Runs work while nothing else decides."""

    async def __call__(self, work: Callable[[], T], /) -> T:
        """What the work gives."""
        ...


class Rechecks:
    """Looks again at pages; ``first_due`` is the next look as of the last round."""

    def __init__(self, *, store: Store, collector: Collector, clock: Clock) -> None:
        self._store = store
        self._collector = collector
        self._clock = clock
        self.first_due: datetime | None = None

    async def run(self, setup: Setup, alone: Alone) -> int:
        """Read the pages that are due, at most 20; gives their number.

        Raises:
            StoreError: the store cannot be read or written; what is not recorded is
                done again.
        """
        waiting = await self._pending()
        gate = asyncio.Semaphore(AT_ONCE)

        async def look(one: Rereading) -> None:
            async with gate:
                visit = await self._visit(one, setup)
            await alone(lambda: self._judge(one, visit, setup.watch))

        looks = (look(one) for one in waiting)
        ends = await asyncio.gather(*looks, return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        await self._pending()
        return len(waiting)

    async def _pending(self) -> tuple[Rereading, ...]:
        now = self._clock()
        found = await asyncio.to_thread(self._store.pending, MOST, reread=now)
        self.first_due = found.reread_at
        return found.rereadings

    async def _visit(self, one: Rereading, setup: Setup) -> Visit | None:
        """A look at the page, None if it is wanted no more."""
        # A source that is switched off is known, so that what it told keeps its name,
        # and nothing of it is asked for.
        source = setup.sources.get(one.item.source)
        if source is None or one.item.url is None:
            return None
        if not is_wanted(one, setup.watch):
            return None
        page = Page(
            item_id=one.item.id,
            url=one.item.url,
            is_first=one.last is None,
            etag=one.recheck.etag,
            last_modified=one.recheck.last_modified,
        )
        visit = await self._collector.revisit(source, page)
        log.info(
            "Page read again",
            extra={
                "item": one.item.id,
                "sight": visit.sight.value,
                "reason": visit.reason.value,
                "detail": visit.detail,
            },
        )
        return visit

    def _judge(self, one: Rereading, visit: Visit | None, watch: Watch) -> None:
        now = self._clock()
        if visit is None:
            self._store.record(let_go(one, now))
            return
        try:
            since = watch.counted_since(now)
            known = self._store.neighbours(
                (), now, about=[one.story_id], counted_since=since
            )
            verdict = reread(one, visit, known, watch, now)
        except StoreError:
            raise
        except Exception:
            log.exception("A page could not be judged", extra={"item": one.item.id})
            verdict = put_off(one, now)
        self._store.record(verdict)
        log_alerts(verdict)


def log_alerts(verdict: Verdict) -> None:
    """One line for each alert that was recorded."""
    for alert in verdict.alerts:
        log.info(
            "Alert made",
            extra={
                "alert": alert.id,
                "topic": alert.topic,
                "reason": alert.reason.value,
                "score": alert.score,
            },
        )
