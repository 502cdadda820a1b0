"""The engine under a clock that jumps."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from alerts.model import Channel, Outcome, Receipt
from crawler.clock import utc_now
from crawler.items import Kind, Source
from tests.alerts.desk import item, watch
from tests.vedette import clockwork
from tests.vedette.engines import ticking, working
from vedette.engine import Engine
from vedette.setup import Setup
from vedette.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


SOURCE = Source(name="wire", kind=Kind.FEED, url="https://wire.test/feed")


def test_a_clock_set_back_makes_a_source_due_and_no_other(tmp_path: Path) -> None:
    """A82: neither a stall nor a burst."""

    async def story() -> None:
        now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
        setup = Setup(
            watch=watch(Channel(name="c", kind="console", recipients=("c",))),
            sources={"wire": SOURCE},
            channels={},
            senders={},
        )
        with Store.open(tmp_path / "s.db") as store:
            async with working(store, setup, clock=lambda: now) as jobs:
                await jobs.adopt(setup, spread=False)
                harvest = await jobs.collect("wire")  # no network: it backs off
                assert not harvest.ok
                assert jobs.due(now, limit=9, busy=()) == []
                assert jobs.due(now - timedelta(hours=1), limit=9, busy=()) == ["wire"]
                assert jobs.due(now + timedelta(days=3), limit=9, busy=()) == ["wire"]

    asyncio.run(story())


def test_ticks_go_on_after_the_clock_was_set_back(tmp_path: Path) -> None:
    """A82: APScheduler alone would be silent for the whole hour."""
    shift = timedelta()

    async def story() -> None:
        nonlocal shift
        with Store.open(tmp_path / "s.db") as store:
            async with ticking(store, clock=lambda: utc_now() + shift) as engine:
                await asyncio.sleep(1.2)
                # What the scheduler believes when the wall clock goes back an hour:
                # its next runs lie an hour ahead.
                for job in engine._scheduler.get_jobs():
                    job.modify(next_run_time=job.next_run_time + timedelta(hours=1))
                shift = timedelta(hours=-1)
                await asyncio.sleep(3.5)
                assert engine.silent_s < 2

    asyncio.run(story())


def test_a_clock_set_back_delays_no_retry_by_its_step(tmp_path: Path) -> None:
    """A82: the running engine notices by itself."""
    shift = timedelta()
    ear = clockwork.Ear()
    ear.answer = Receipt(outcome=Outcome.TEMPORARY)

    async def story() -> None:
        nonlocal shift
        with Store.open(tmp_path / "s.db") as store:
            async with clockwork.working(store, lambda: utc_now() + shift, ear) as jobs:
                late = item("The ferry is late again this evening")
                now = jobs.clock()
                clockwork.add(store, replace(late, seen=now, published=now))
                day = timedelta(days=1)
                engine = Engine(jobs, clock=jobs.clock, items=day, texts=day)
                engine.start()
                await _until(lambda: len(ear.heard) == 1)
                shift = timedelta(hours=-1)
                ear.answer = Receipt(outcome=Outcome.DELIVERED)
                # The step is seen within a second or two; then the webhook's five.
                await _until(lambda: len(ear.heard) == 2)
                await engine.stop()

    asyncio.run(story())


async def _until(holds: Callable[[], bool], within_s: float = 30.0) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end
        await asyncio.sleep(0.1)
