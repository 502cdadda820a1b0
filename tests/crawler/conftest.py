"""Fixtures of collecting: a desk with real parts, sites on addresses of their own."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from crawler.collect import Collector
from crawler.crawl import Scraper
from crawler.fetcher import Fetcher
from crawler.pool import ParserPool
from tests.crawler.desk import NOW, Desk, Watch
from tests.servers.http import Handler, Routes, Server, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def open_desk() -> Iterator[Desk]:
    watch = Watch()
    with asyncio.Runner() as runner:

        async def build() -> tuple[Fetcher, ParserPool, Scraper]:
            fetcher = Fetcher(
                user_agent="vedette/test",
                allow=("127.0.0.0/8",),
                clock=watch,
                min_gap_s=0.0,
                deadline_s=5.0,
            )
            pool = ParserPool(workers=1)
            return fetcher, pool, Scraper(fetcher=fetcher, pool=pool)

        fetcher, pool, scraper = runner.run(build())
        collector = Collector(fetcher=fetcher, pool=pool, scraper=scraper, clock=watch)
        yield Desk(runner=runner, collector=collector, watch=watch)
        runner.run(scraper.aclose())
        runner.run(pool.aclose())
        runner.run(fetcher.aclose())


@pytest.fixture
def desk(open_desk: Desk) -> Desk:
    open_desk.watch.now = NOW
    return open_desk


HOSTS = itertools.count(1)


@pytest.fixture
def site_of() -> Iterator[Callable[[Handler | Routes], Server]]:
    """Starts a site on an address of its own: the gate and robots are per host."""
    with ExitStack() as stack:

        def start(handler: Handler | Routes) -> Server:
            number = next(HOSTS)
            host = f"127.{10 + number // 250}.{number % 250}.1"
            return stack.enter_context(serve(handler, host=host))

        yield start
