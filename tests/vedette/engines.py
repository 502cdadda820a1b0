"""The three jobs with everything real about them, and an engine that runs them."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.clock import utc_now
from crawler.collect import Collector
from crawler.fetcher import Fetcher
from crawler.pool import ParserPool
from tests.alerts.desk import watch
from vedette.engine import Engine
from vedette.jobs import Jobs
from vedette.setup import Setup

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from vedette.store import Store

DAY = timedelta(days=1)


@contextlib.asynccontextmanager
async def working(
    store: Store,
    setup: Setup | None = None,
    *,
    clock: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Jobs]:
    """The jobs of ``setup``; by default nothing is watched and nobody told."""
    fetcher, pool = Fetcher(user_agent="test"), ParserPool()
    nothing = Setup(watch=watch(), sources={}, channels={}, senders={})
    jobs = Jobs(
        store=store,
        collector=Collector(fetcher=fetcher, pool=pool, scraper=None, clock=clock),
        setup=setup or nothing,
        clock=clock,
    )
    yield jobs
    await jobs.aclose()
    await pool.aclose()
    await fetcher.aclose()


@contextlib.asynccontextmanager
async def ticking(
    store: Store, *, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[Engine]:
    """An engine that has nothing to do, started."""
    async with working(store, clock=clock) as jobs:
        engine = Engine(jobs, clock=clock, items=DAY, texts=DAY)
        engine.start()
        yield engine
        await engine.stop()
