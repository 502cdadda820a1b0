"""Putting the house together, in one straight line, for ``run`` and ``once`` alike."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.clock import utc_now
from crawler.collect import Collector
from crawler.crawl import Scraper
from crawler.fetcher import Fetcher, user_agent
from crawler.pool import ParserPool
from vedette.jobs import Jobs
from vedette.setup import prepare
from vedette.store import Store, StoreLock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from crawler.clock import Clock
    from vedette.config import Config

log = logging.getLogger(__name__)


HANDS = 32
"""Threads that wait for the disk at once. Answers of receivers that wait together
share a commit; asyncio's own number, 6 on two cores, would let no more than that."""


@asynccontextmanager
async def assemble(
    config: Config,
    *,
    spread: bool,
    clock: Clock = utc_now,
    lock: StoreLock | None = None,
) -> AsyncIterator[Jobs]:
    """The three jobs over an open, locked store; closed in the reverse order.

    With ``spread`` the first polls of new sources are spread over minutes, else they
    are due at once. ``lock`` is taken and given back here. This is one straight line
    on purpose: nearly every step needs the one before, and the stack closes them from
    the last to the first.

    Raises:
        ConfigError: a query or alias is refused.
        StoreLocked: another process runs on this store.
        StoreError: the store cannot be opened or migrated.
    """
    async with AsyncExitStack() as closing:
        asyncio.get_running_loop().set_default_executor(
            ThreadPoolExecutor(HANDS, thread_name_prefix="work")
        )
        path = Path(config.store)
        lock = lock or StoreLock(path)
        lock.acquire()
        closing.callback(lock.release)
        store = await asyncio.to_thread(Store.open, path)
        closing.callback(store.close)
        # The lock is ours, so whoever leased a row is dead: without this a kill
        # would hold its messages back for the rest of their lease.
        await asyncio.to_thread(store.release, None)
        setup = await asyncio.to_thread(
            prepare, config, clock=clock, cache=path.parent / "cache"
        )
        fetcher = Fetcher(
            user_agent=user_agent(config.contact), allow=config.allow, clock=clock
        )
        closing.push_async_callback(fetcher.aclose)
        pool = ParserPool()
        closing.push_async_callback(pool.aclose)
        # Loads Scrapy with its first list page or sitemap, and nothing before.
        scraper = Scraper(fetcher=fetcher, pool=pool)
        closing.push_async_callback(scraper.aclose)
        collector = Collector(fetcher=fetcher, pool=pool, scraper=scraper, clock=clock)
        jobs = Jobs(store=store, collector=collector, setup=setup, clock=clock)
        closing.push_async_callback(jobs.aclose)
        await jobs.adopt(setup, spread=spread)
        for state in jobs.states.values():
            if state.not_before is not None and state.not_before > clock():
                for url in {state.url, state.trail.settled or state.url}:
                    fetcher.block(urlsplit(url).hostname or "", state.not_before)
        yield jobs
