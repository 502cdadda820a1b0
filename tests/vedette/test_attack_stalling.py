"""Hundreds of sources that hang, and the one that does not (A25)."""

from __future__ import annotations

import asyncio
import itertools
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crawler.clock import utc_now
from crawler.collect import Collector
from crawler.fetcher import Fetcher
from crawler.items import ArticlePolicy, Kind, Source
from crawler.pool import ParserPool
from tests.alerts.desk import watch
from tests.servers.http import STALL, Answer, Raw, Reply, Request, Server, serve
from vedette.engine import Engine
from vedette.jobs import Jobs
from vedette.setup import Setup
from vedette.store import Store

if TYPE_CHECKING:
    from pathlib import Path

STALLING = 500
PLACES = 32
"""The Fetcher's: requests in their first second, after which they stand aside."""
EVERY_S = 2
GOOD = "127.0.0.1"
FEED = b"<rss version='2.0'><channel><title>Good</title></channel></rss>"


def answer(request: Request) -> Answer:
    """One host is well; of the others every second hangs at its robots.txt already."""
    if request.local == GOOD:
        return Reply(body=FEED)
    sound = request.path == "/robots.txt" and int(request.local[-1]) % 2
    return Reply(status=404) if sound else Raw([STALL])


def sources(site: Server) -> dict[str, Source]:
    hosts = [f"127.2.{n // 100}.{n % 100 + 1}" for n in range(STALLING)]
    every = timedelta(seconds=EVERY_S)
    made = [
        Source(name=host, kind=Kind.FEED, url=site.url("/feed", host=host))
        for host in hosts
    ] + [
        Source(
            name="last in the alphabet",
            kind=Kind.FEED,
            url=site.url("/feed", host=GOOD),
            every_min=every,
            every_max=every,
            article=ArticlePolicy.NEVER,
        )
    ]
    return {source.name: source for source in made}


@pytest.mark.slow
def test_five_hundred_stalling_sources_do_not_hold_up_a_good_one(
    tmp_path: Path,
) -> None:
    """A25: all due at once and the good one last in line, with the daemon's limits.

    It waits for the first second of those before it, once; then it is on time while
    the others still hang.
    """

    async def story(site: Server) -> tuple[float, list[float], int]:
        def good() -> list[float]:
            return [
                request.at
                for request in site.requests
                if request.local == GOOD and request.path == "/feed"
            ]

        fetcher = Fetcher(user_agent="test", allow=("127.0.0.0/8",), min_gap_s=0.0)
        pool = ParserPool(workers=1)
        setup = Setup(watch=watch(), sources=sources(site), channels={}, senders={})
        day = timedelta(days=1)
        with Store.open(tmp_path / "s.db") as store:
            jobs = Jobs(
                store=store,
                collector=Collector(fetcher=fetcher, pool=pool, scraper=None),
                setup=setup,
                clock=utc_now,
            )
            await jobs.adopt(setup, spread=False)
            engine = Engine(jobs, clock=utc_now, items=day, texts=day)
            begun = time.monotonic()
            engine.start()
            while len(good()) < 2 and time.monotonic() - begun < 45:
                await asyncio.sleep(0.1)
            hanging = len(engine._polling)
            assert engine.counts["collect_failed"] == 0
            await engine.stop()
            await jobs.aclose()
        await pool.aclose()
        await fetcher.aclose()
        return begun, good(), hanging

    with serve(answer, host="0.0.0.0") as site:
        begun, polls, hanging = asyncio.run(story(site))
    gaps = [later - sooner for sooner, later in itertools.pairwise(polls)]
    print(polls[0] - begun, gaps, hanging)  # noqa: T201 - the figures, with -s
    assert len({request.local for request in site.requests}) == STALLING + 1
    assert hanging > STALLING / 4
    assert polls[0] - begun < STALLING / PLACES + 6  # robots.txt, then the feed
    assert max(gaps) < EVERY_S + 3  # a tick of a second, and a busy machine
