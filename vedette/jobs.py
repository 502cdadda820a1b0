"""The three jobs, each read, think, write, with only the store between them.

    crawler.collect -> store.add_items -> store.pending -> alerts.evaluate
      -> store.record -> store.claim -> channel.send -> store.settle

The pages of items that alerted are read again beside them (``rechecks``).

Engines decide when and where a job runs, never what it does. Each job may crash
between any two of these calls: the next run takes up what the store says.

Longer than other files on purpose: every call between the floors is made here, so that
the trip of an item can be read in one place (DESIGN section 3).
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from alerts.evaluate import evaluate, give_up, release
from alerts.holding import HELD_FOR, is_due
from alerts.model import Receipt
from alerts.stories import fingerprints
from crawler.pace import USUAL
from crawler.schedule import abandoned, first_due
from vedette.channelwatch import look, paused
from vedette.failpoints import Point, reach
from vedette.ledger import Ledger
from vedette.outbox import Outbox
from vedette.polling import (
    PACE_FOR,
    due_ones,
    is_barred,
    late_ones,
    pace_of,
    taken_anew,
)
from vedette.rechecks import Rechecks, log_alerts
from vedette.sourcewatch import SourceWatch
from vedette.store.errors import Acknowledged, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence
    from datetime import datetime

    from alerts.evaluate import Watch
    from alerts.model import Neighbours, Verdict
    from crawler.clock import Clock
    from crawler.collect import Collector
    from crawler.items import Harvest, Item, Source, SourceState
    from vedette.setup import Setup
    from vedette.store import Store

log = logging.getLogger(__name__)

T = TypeVar("T")

EVALUATE_BATCH = 100
"""Items judged per transaction: about 50 ms of matching, so a batch delays a fresh
alert by less than the commit it saves."""

PAUSE_UNSTORED = timedelta(minutes=5)


class Jobs:
    """Runs the three jobs against one store.

    ``states`` is this process's copy of the source states; it is the only writer of
    them while it holds the store's lock. ``held_until`` is when the first of the held
    alerts must be let go, ``escalate_at`` when the first unacknowledged one goes on to
    others, ``reread_at`` when the first page must be read again, all as of the last
    look into the store.
    """

    def __init__(
        self, *, store: Store, collector: Collector, setup: Setup, clock: Clock
    ) -> None:
        self.store = store
        self.collector = collector
        self.setup = setup
        self.clock = clock
        self.states: dict[str, SourceState] = {}
        self.pace = USUAL
        self._paced: datetime | None = None
        self.held_until: datetime | None = None
        self.escalate_at: datetime | None = None
        self.reread_at: datetime | None = None
        self._reread_after: datetime | None = None
        self.rechecks = Rechecks(store=store, collector=collector, clock=clock)
        self.ledger = Ledger()
        self.outbox = Outbox(store=store, clock=clock, ledger=self.ledger)
        self._source_watch = SourceWatch(store)
        self._watching = asyncio.Lock()
        # Evaluate is CPU work and a single writer: one thread, off the loop.
        self._thinker = ThreadPoolExecutor(1, thread_name_prefix="evaluate")
        self._evaluating = asyncio.Lock()

    async def adopt(self, setup: Setup, *, spread: bool) -> None:
        """Take in a config's sources; new ones are due now or spread over minutes.

        What this process knows of a source is newer than what the store says. A
        channel that let nobody in before is asked by one message first.
        """
        now = self.clock()

        def first(source: Source) -> datetime:
            return first_due(source, now) if spread else now

        sources = tuple(setup.sources.values())
        await asyncio.to_thread(self.store.adopt, sources, now, due=first)
        stored = await asyncio.to_thread(self.store.states)
        self.states = {**stored, **self.states}
        for source in sources:
            self.states[source.name] = taken_anew(
                source,
                self.states[source.name],
                before=self.setup.sources.get(source.name),
                first=first(source),
                now=now,
            )
        self._paced = None
        if spread:
            self.stagger(now)
        self.outbox.circuits.doubt(await asyncio.to_thread(paused, self.store, now))

    def stagger(self, now: datetime) -> None:
        """Spread the sources that were missed: after a sleep, or before this start."""
        for name, due in late_ones(self.setup.sources, self.states, now).items():
            self.states[name] = replace(self.states[name], due=due)

    async def swap(self, setup: Setup) -> Setup:
        """Work by another config from the next call on; gives the old one back.

        Calls under way end as they began, so the caller closes the old senders when
        its last send ended.

        Raises:
            StoreError: the new sources could not be stored; the old config stays.
        """
        await self.adopt(setup, spread=True)
        old, self.setup = self.setup, setup
        self.outbox.circuits.forget()
        return old

    def is_barred(self, name: str, now: datetime) -> bool:
        """Whether it is not to be polled now: by Retry-After, or as given up."""
        return is_barred(self.states[name], now)

    def due(self, now: datetime, *, limit: int, busy: Container[str]) -> list[str]:
        """Sources whose time has come, longest overdue first, at most ``limit``."""
        return due_ones(self.setup.sources, self.states, now, busy=busy)[:limit]

    async def begin(self, names: Sequence[str]) -> None:
        """Note durably that these are about to be polled, before anything is sent.

        Raises:
            StoreError: it could not be noted, so they are not to be polled now.
        """
        now, sources = self.clock(), self.setup.sources
        if self._paced is None or not self._paced <= now < self._paced + PACE_FOR:
            self._paced = now
            states = dict(self.states)
            self.pace = await asyncio.to_thread(pace_of, sources, states, now)
        begun = {name: abandoned(sources[name], now) for name in names}
        try:
            await asyncio.to_thread(self.store.beat, "collect", now, begun=begun)
        except StoreError:
            for name in names:
                due = now + max(sources[name].every_min, PAUSE_UNSTORED)
                self.states[name] = replace(self.states[name], due=due)
            raise

    async def collect(self, name: str) -> Harvest:
        """Poll one source; its items and its new state are stored together."""
        source, before = self.setup.sources[name], self.states[name]
        harvest = await self.collector.collect(
            source, before, known=self.store.known, pace=self.pace
        )
        reach(Point.FETCHED)
        try:
            added = await asyncio.to_thread(self.store.add_items, harvest)
        except StoreError:
            # Nothing was stored, so the poll is repeated; but not at once, for the
            # publisher's sake: a full disk must not hammer 150 sites.
            pause = max(source.every_min, PAUSE_UNSTORED)
            self.states[name] = replace(before, due=self.clock() + pause)
            raise
        reach(Point.INGESTED)
        self.states[name] = harvest.state
        log.log(
            logging.INFO if harvest.ok else logging.WARNING,
            "Source polled",
            extra={
                "source": name,
                "reason": harvest.reason.value,
                "detail": harvest.detail,
                "new": added.new,
                "known": added.known,
            },
        )
        return harvest

    async def evaluate(self) -> int:
        """Let go what was held long enough, and judge one batch of pending items.

        Gives the number of both; 0 means that nothing waits.
        """
        return await self._alone(self._evaluate)

    async def recheck(self) -> int:
        """Read again the pages whose time has come, 20 at most; gives their number."""
        try:
            done = await self.rechecks.run(self.setup, self._alone)
        except Exception:
            # As for a poll that could not be stored: a full disk, or whatever else is
            # there a second later too, hammers no site and fills no log.
            self._reread_after = self.clock() + PAUSE_UNSTORED
            raise
        self.reread_at = self.rechecks.first_due
        return done

    def has_due_recheck(self, now: datetime) -> bool:
        """Whether a page is to be read again, as of the last look into the store."""
        due = max(filter(None, (self.reread_at, self._reread_after)), default=None)
        return self.reread_at is not None and due is not None and due <= now

    async def _alone(self, work: Callable[[], T]) -> T:
        """Run work that decides, off the loop; nothing else decides meanwhile."""
        async with self._evaluating:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thinker, work)

    def _evaluate(self) -> int:
        watch, now = self.setup.watch, self.clock()
        waiting = self.store.pending(EVALUATE_BATCH)
        items, self.held_until = waiting.items, waiting.held_until
        self.escalate_at, self.reread_at = waiting.escalate_at, waiting.reread_at
        freed = self._release(watch, now) if self.has_due_hold(now) else 0
        if not items:
            return freed
        neighbours = self._neighbours(items, now)
        try:
            self._record(evaluate(items, neighbours, watch, now))
        except StoreError:
            raise
        except Exception:
            log.exception("A batch could not be judged; its items go one by one")
            for item in items:
                self._evaluate_alone(item, watch)
        return len(items) + freed

    def has_due_hold(self, now: datetime) -> bool:
        """Whether an alert waited long enough, as of the last evaluation.

        For a second report, or for somebody to acknowledge it.
        """
        if self.escalate_at is not None and self.escalate_at <= now:
            return True
        return self.held_until is not None and is_due(self.held_until, now)

    def _release(self, watch: Watch, now: datetime) -> int:
        """Tell the alerts that waited too long; one that cannot be holds up no item.

        Raises:
            StoreError: nothing was told, and no item can be judged either.
        """
        try:
            verdict = release(self._neighbours((), now), watch, now)
            self._record(verdict)
        except Acknowledged:  # between reading and writing: what still waits goes
            return self._release(watch, now)
        except StoreError:
            raise
        except Exception:
            log.exception("A held alert could not be told; tried again in a while")
            self.held_until = self.escalate_at = now + HELD_FOR
            return 0
        done = len(verdict.released) + len(verdict.escalated)
        if not done:  # its row cannot be read, which the store has logged
            self.held_until = self.escalate_at = now + HELD_FOR
        return done

    def _neighbours(self, items: Iterable[Item], now: datetime) -> Neighbours:
        since = self.setup.watch.counted_since(now)
        return self.store.neighbours(fingerprints(items), now, counted_since=since)

    def _evaluate_alone(self, item: Item, watch: Watch) -> None:
        """Judge one item of a batch that failed; a poisonous one is given up."""
        now = self.clock()
        neighbours = self._neighbours([item], now)
        try:
            verdict = evaluate([item], neighbours, watch, now)
        except Exception:
            log.exception("An item could not be judged", extra={"item": item.id})
            verdict = give_up(item, neighbours, now)
        self._record(verdict)

    def _record(self, verdict: Verdict) -> None:
        reach(Point.JUDGED)
        self.store.record(verdict)
        reach(Point.RECORDED)
        self.ledger.judged(verdict)
        planned = [one.due for one in verdict.watched]
        self.reread_at = min(filter(None, (self.reread_at, *planned)), default=None)
        log_alerts(verdict)

    async def watch(self) -> int:
        """Look whether sources or channels fell ill or got well; send the heartbeat.

        Gives the number of messages made.
        """
        async with self._watching:
            states, setup, now = dict(self.states), self.setup, self.clock()
            await self.outbox.resume(setup.channels.values())
            told = await asyncio.to_thread(self._source_watch.look, states, setup, now)
            return told + await asyncio.to_thread(look, self.store, setup, now)

    async def deliver(self, *, now: datetime | None = None) -> tuple[Receipt, ...]:
        """Claim what is due at ``now`` and send it; one receipt per attempt."""
        rows = await self.outbox.claim(now=now, setup=self.setup)
        sends = (self.outbox.send(row, self.setup) for row in rows)
        done = await asyncio.gather(*sends, return_exceptions=True)
        for result in done:
            if isinstance(result, BaseException):
                raise result
        return tuple(one for one in done if isinstance(one, Receipt))

    async def aclose(self) -> None:
        """End the evaluating thread, a running batch first, and the senders."""
        await asyncio.to_thread(self._thinker.shutdown, wait=True)
        await self.setup.aclose()
