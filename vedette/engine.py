"""When and where the jobs run in one process: a ticker, two wake-ups, a sweep.

Each job asks for the next when it ends; the tick finds due times, which live in the
store's tables, so a restart neither forgets a poll nor repeats one.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import TYPE_CHECKING, TypeVar

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED
from apscheduler.schedulers.asyncio import AsyncIOScheduler

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import datetime, timedelta

    from apscheduler.events import JobExecutionEvent

    from alerts.model import Delivery
    from crawler.clock import Clock
    from vedette.jobs import Jobs

log = logging.getLogger(__name__)

T = TypeVar("T")

TICK_S = 1.0
SWEEP_S = 60.0
BEAT_S = 10.0
PRUNE_S = 6 * 3600.0
MAX_POLLS = 2000
"""Polls under way at once. The Fetcher bounds requests; a tight bound here would let
500 stalling sources hold up a good one (A25)."""
MAX_SENDS = 64


class Engine:
    """Runs the jobs until it is stopped; one instance per process."""

    def __init__(
        self, jobs: Jobs, *, clock: Clock, items: timedelta, texts: timedelta
    ) -> None:
        self.jobs = jobs
        self.clock = clock
        self.retention = (items, texts)
        self.counts: Counter[str] = Counter()
        self.ticked: datetime | None = None
        self._polling: dict[str, asyncio.Task[None]] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._loops: list[asyncio.Task[None]] = []
        self._to_evaluate = asyncio.Event()
        self._to_deliver = asyncio.Event()
        self._stopping = False
        # APScheduler drops a late run and forgets it unless told otherwise
        # (HARDENING trap 5), hence no grace limit, coalescing and one instance.
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={
                "misfire_grace_time": None,
                "coalesce": True,
                "max_instances": 1,
            },
        )

    def start(self) -> None:
        """Begin ticking; work left over from before a crash is taken up at once."""
        every = self._scheduler.add_job
        every(self._tick, "interval", seconds=TICK_S, id="tick")
        every(self._sweep, "interval", seconds=SWEEP_S, id="sweep")
        every(self._beat, "interval", seconds=BEAT_S, id="beat")
        every(self._prune, "interval", seconds=PRUNE_S, id="prune")
        self._scheduler.add_listener(
            self._on_trouble, EVENT_JOB_ERROR | EVENT_JOB_MISSED
        )
        self._scheduler.start()
        self._loops = [
            asyncio.create_task(self._evaluate_for_ever()),
            asyncio.create_task(self._deliver_for_ever()),
        ]
        self.wake()

    def wake(self) -> None:
        """Ask for an evaluation and a delivery round now."""
        self._to_evaluate.set()
        self._to_deliver.set()

    async def stop(self, *, timeout_s: float = 25.0) -> None:
        """Stop ticking and claiming, let sends end, give up polls; leaves no lease.

        Polls under way are abandoned: nothing of them was stored, so the next start
        does them again. Sends get ``timeout_s``, then their rows are released.
        """
        self._stopping = True
        self._scheduler.shutdown(wait=False)
        for task in (*self._loops, *self._polling.values()):
            task.cancel()
        await asyncio.gather(
            *self._loops, *self._polling.values(), return_exceptions=True
        )
        if self._sending:
            _, late = await asyncio.wait(self._sending, timeout=timeout_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    # --- ticks -------------------------------------------------------------------

    async def _tick(self) -> None:
        now = self.clock()
        self.ticked = now
        room = MAX_POLLS - len(self._polling)
        for name in self.jobs.due(now, limit=room, busy=self._polling.keys()):
            task = asyncio.create_task(self._poll(name))
            self._polling[name] = task
        self._to_deliver.set()

    async def _sweep(self) -> None:
        """Cover what a crash or a lost wake-up left lying."""
        self.wake()

    async def _beat(self) -> None:
        await asyncio.to_thread(self.jobs.store.beat, "engine", self.clock())

    async def _prune(self) -> None:
        items, texts = self.retention
        await asyncio.to_thread(
            self.jobs.store.prune, self.clock(), items=items, texts=texts
        )

    def _on_trouble(self, event: JobExecutionEvent) -> None:
        self.counts["ticks_in_trouble"] += 1
        log.error(
            "A tick failed or was missed",
            extra={"job": event.job_id},
            exc_info=getattr(event, "exception", None),
        )

    # --- jobs --------------------------------------------------------------------

    async def _poll(self, name: str) -> None:
        try:
            harvest = await self._guarded("collect", self.jobs.collect(name))
            if harvest is not None and harvest.items:
                self._to_evaluate.set()
        finally:
            self._polling.pop(name, None)

    async def _evaluate_for_ever(self) -> None:
        while True:
            await self._to_evaluate.wait()
            self._to_evaluate.clear()
            while await self._guarded("evaluate", self.jobs.evaluate()):
                self._to_deliver.set()

    async def _deliver_for_ever(self) -> None:
        while True:
            await self._to_deliver.wait()
            self._to_deliver.clear()
            if len(self._sending) >= MAX_SENDS:
                continue
            for row in await self._guarded("claim", self.jobs.claim()) or ():
                task = asyncio.create_task(self._send(row))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)

    async def _send(self, row: Delivery) -> None:
        try:
            await self._guarded("deliver", self.jobs.send(row))
            self._to_deliver.set()
        except asyncio.CancelledError:
            await self.jobs.release([row])
            raise

    async def _guarded(self, job: str, work: Coroutine[None, None, T]) -> T | None:
        """Run a job; its failure is logged and counted, never the daemon's end."""
        try:
            self.counts[job] += 1
            return await work
        except Exception:
            self.counts[f"{job}_failed"] += 1
            log.exception("A job failed", extra={"job": job})
            return None
