"""When and where the jobs run in one process: a ticker, two wake-ups, a sweep.

Each job asks for the next when it ends; the tick finds due times, which live in the
store's tables, so a restart neither forgets a poll nor repeats one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, TypeVar

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from vedette.failpoints import Point, reach
from vedette.health import FREE_FLOOR, SEND_FLOOR
from vedette.steady import Steady

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from datetime import datetime

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
FIRST_PRUNE = timedelta(minutes=5)
MAX_POLLS = 2000
"""Polls under way at once. The Fetcher bounds requests; a tight bound here would let
500 stalling sources hold up a good one (A25)."""
MAX_SENDS = 256
"""Sends under way at once: the outbox gives a channel at most 16 of them."""
DRAIN_S = 35.0
"""Longer than a webhook's deadline of 30 s, so that its answer is not cut off."""
CLOCK_SLIP_S = 2.0
SLEPT = timedelta(minutes=1)
"""No tick for so long: what came due meanwhile is spread, not polled at once."""


class Engine:
    """Runs the jobs until it is stopped; one instance per process."""

    def __init__(
        self, jobs: Jobs, *, clock: Clock, items: timedelta, texts: timedelta
    ) -> None:
        self.jobs = jobs
        self.clock = clock
        self.retention = (items, texts)
        self.counts: Counter[str] = Counter()
        self.sending: set[asyncio.Task[None]] = set()
        self._ticked_s = self._claimed_s = time.monotonic()
        self._ticked: datetime | None = None
        self._polling: dict[str, asyncio.Task[None]] = {}
        self._loops: list[asyncio.Task[None]] = []
        self._to_evaluate = asyncio.Event()
        self._to_deliver = asyncio.Event()
        self._stopping = asyncio.Event()
        self._disk_low = self._disk_full = False
        self._rereading: asyncio.Task[None] | None = None
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
        every(self._tick, Steady(TICK_S), id="tick")
        every(self._sweep, Steady(SWEEP_S), id="sweep")
        every(self._beat, Steady(BEAT_S), id="beat")
        first_prune = self.clock() + FIRST_PRUNE
        every(self._prune, Steady(PRUNE_S), id="prune", next_run_time=first_prune)
        self._scheduler.add_listener(
            self._on_trouble, EVENT_JOB_ERROR | EVENT_JOB_MISSED
        )
        self._scheduler.start()
        self._loops = [
            asyncio.create_task(self._evaluate_for_ever()),
            asyncio.create_task(self._deliver_for_ever()),
        ]
        self._clock_guard = asyncio.create_task(self._guard_clock())
        self.wake()

    def wake(self) -> None:
        """Ask for an evaluation and a delivery round now."""
        self._to_evaluate.set()
        self._to_deliver.set()

    async def resume(self) -> None:
        """Look at once whether what a mended config is for can leave."""
        channels = self.jobs.setup.channels.values()
        await self._guarded("resume", self.jobs.outbox.resume(channels))
        self.wake()

    @property
    def silent_s(self) -> float:
        """Seconds since the last tick or look into the outbox, the longer of both.

        Infinity when a job's loop has died.
        """
        if any(loop.done() for loop in self._loops) and not self._stopping.is_set():
            return float("inf")
        return time.monotonic() - min(self._ticked_s, self._claimed_s)

    async def stop(self, *, timeout_s: float = DRAIN_S) -> None:
        """Stop ticking and claiming, let sends end, give up polls; leaves no lease.

        Polls under way are abandoned: nothing of them was stored, so the next start
        does them again. The evaluate and deliver loops end by themselves, since a
        claim or a commit cut short would leave its thread working on.
        """
        self._stopping.set()
        reach(Point.STOPPING)
        self._scheduler.shutdown(wait=False)
        self._clock_guard.cancel()
        fetching = [*self._polling.values(), *filter(None, [self._rereading])]
        for task in fetching:
            task.cancel()
        self.wake()
        await asyncio.gather(*self._loops, *fetching, return_exceptions=True)
        if self.sending:
            _, late = await asyncio.wait(self.sending, timeout=timeout_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        reach(Point.DRAINED)
        await self._guarded("settle", self.jobs.outbox.settle_left())

    # --- ticks -------------------------------------------------------------------

    async def _tick(self) -> None:
        self._ticked_s = time.monotonic()
        self._to_deliver.set()
        now = self.clock()
        if self.jobs.has_due_hold(now):
            self._to_evaluate.set()
        if self._ticked is not None and now - self._ticked > SLEPT:
            log.warning("The machine slept", extra={"until": now})
            self.jobs.stagger(now)
        self._ticked = now
        if self._disk_low:
            return
        if self._rereading is None and self.jobs.has_due_recheck(self.clock()):
            self._rereading = asyncio.create_task(self._reread())
        room = MAX_POLLS - len(self._polling)
        busy = self._polling.keys()
        names = self.jobs.due(now, limit=room, busy=busy)
        if not names or not await self._guarded("begin", self._begin(names)):
            return
        for name in names:
            if name in self.jobs.setup.sources and not self._stopping.is_set():
                self._polling[name] = asyncio.create_task(self._poll(name))

    async def _sweep(self) -> None:
        """Cover what a crash or a lost wake-up left lying; look after the sources."""
        await self._guarded("watch", self.jobs.watch())
        self.wake()

    async def _beat(self) -> None:
        await self.look_at_disk()
        await asyncio.to_thread(self.jobs.store.beat, "engine", self.clock())

    async def look_at_disk(self) -> None:
        """Stop fetching, then sending, where room gets short; begin again with room.

        What cannot be written down must not be sent, or it is sent for ever.
        """
        health = await asyncio.to_thread(self.jobs.store.health, self.clock())
        free, was = health.free_bytes, (self._disk_low, self._disk_full)
        self._disk_low, self._disk_full = free < FREE_FLOOR, free < SEND_FLOOR
        for job, before, now in zip(
            ("Fetching", "Sending"), was, (self._disk_low, self._disk_full), strict=True
        ):
            if now is not before:
                said = "stopped: the disk is full" if now else "taken up again"
                log.error("%s %s", job, said, extra={"free": free})

    async def _prune(self) -> None:
        items, texts = self.retention
        await asyncio.to_thread(
            self.jobs.store.prune, self.clock(), items=items, texts=texts
        )

    async def _guard_clock(self) -> None:
        """Tick on after the wall clock was set back.

        APScheduler keeps wall times: after a step of an hour back it would do nothing
        for an hour (HARDENING trap 5).
        """
        offset = self.clock().timestamp() - time.monotonic()
        while True:
            await asyncio.sleep(TICK_S)
            now = self.clock()
            slip = now.timestamp() - time.monotonic() - offset
            offset += slip
            if slip < -CLOCK_SLIP_S:
                log.warning("The clock was set back", extra={"seconds": -slip})
                self.jobs.outbox.clock_set_back()
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=now.astimezone(UTC))

    def _on_trouble(self, event: JobExecutionEvent) -> None:
        if self._stopping.is_set():
            return  # a tick that the stop cut short is no failure
        self.counts["ticks_in_trouble"] += 1
        log.error(
            "A tick failed or was missed",
            extra={"job": event.job_id},
            exc_info=getattr(event, "exception", None),
        )

    # --- jobs --------------------------------------------------------------------

    async def _begin(self, names: Sequence[str]) -> bool:
        await self.jobs.begin(names)
        return True

    async def _poll(self, name: str) -> None:
        try:
            harvest = await self._guarded("collect", self.jobs.collect(name))
            if harvest is not None and harvest.items:
                self._to_evaluate.set()
        finally:
            self._polling.pop(name, None)

    async def _reread(self) -> None:
        try:
            await self._guarded("recheck", self.jobs.recheck())
            self._to_deliver.set()
        finally:
            self._rereading = None

    async def _evaluate_for_ever(self) -> None:
        while not self._stopping.is_set():
            await self._to_evaluate.wait()
            self._to_evaluate.clear()
            while not self._stopping.is_set():
                if not await self._guarded("evaluate", self.jobs.evaluate()):
                    break
                self._to_deliver.set()

    async def _deliver_for_ever(self) -> None:
        outbox = self.jobs.outbox
        while not self._stopping.is_set():
            await self._to_deliver.wait()
            self._to_deliver.clear()
            self._claimed_s = time.monotonic()
            room = MAX_SENDS - len(self.sending)
            if room <= 0 or self._disk_full or self._stopping.is_set():
                continue
            claiming = outbox.claim(limit=room, setup=self.jobs.setup)
            rows = await self._guarded("claim", claiming) or ()
            if self._stopping.is_set():
                await self._guarded("release", outbox.release(rows))
                return
            for row in rows:
                task = asyncio.create_task(self._send(row))
                self.sending.add(task)
                task.add_done_callback(self._sent)

    async def _send(self, row: Delivery) -> None:
        await self._guarded("deliver", self.jobs.outbox.send(row, self.jobs.setup))

    def _sent(self, task: asyncio.Task[None]) -> None:
        self.sending.discard(task)
        self._to_deliver.set()

    async def _guarded(self, job: str, work: Coroutine[None, None, T]) -> T | None:
        """Run a job; its failure is logged and counted, never the daemon's end."""
        try:
            self.counts[job] += 1
            return await work
        except Exception:
            self.counts[f"{job}_failed"] += 1
            log.exception("A job failed", extra={"job": job})
            return None
