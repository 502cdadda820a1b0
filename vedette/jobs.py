"""The three jobs, each read, think, write, with only the store between them.

    crawler.collect -> store.add_items -> store.pending -> alerts.evaluate
      -> store.record -> store.claim -> channel.send -> store.settle

Engines decide when and where a job runs, never what it does. Each job may crash
between any two of these calls: the next run takes up what the store says.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.evaluate import evaluate, give_up
from alerts.model import Channel, Delivery, Outcome, Reason, Receipt
from alerts.retries import next_attempt
from alerts.stories import fingerprints
from crawler.schedule import first_due
from vedette.digest import seal_digest
from vedette.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from datetime import datetime

    from alerts.evaluate import Watch
    from alerts.model import Verdict
    from crawler.clock import Clock
    from crawler.collect import Collector
    from crawler.items import Harvest, Item, Source, SourceState
    from vedette.setup import Setup
    from vedette.store import Store

log = logging.getLogger(__name__)

EVALUATE_BATCH = 100
"""Items judged per transaction: about 50 ms of matching, so a batch delays a fresh
alert by less than the commit it saves."""

CLAIM_BATCH = 64
PER_CHANNEL = 8
"""Rows of one channel claimed at a time: a receiver that hangs holds eight rows for
one lease, never the whole outbox."""

LEASE = timedelta(minutes=15)
"""Longer than the longest send: the SMTP dot timeout is 10 minutes (RFC 5321
section 4.5.3.2.6), so no row is ever held by two workers (I9)."""


class Jobs:
    """Runs the three jobs against one store.

    ``states`` is this process's copy of the source states; it is the only writer of
    them while it holds the store's lock.
    """

    def __init__(
        self, *, store: Store, collector: Collector, setup: Setup, clock: Clock
    ) -> None:
        self.store = store
        self.collector = collector
        self.setup = setup
        self.clock = clock
        self.states: dict[str, SourceState] = {}
        # Evaluate is CPU work and a single writer: one thread, off the loop.
        self._thinker = ThreadPoolExecutor(1, thread_name_prefix="evaluate")
        self._evaluating = asyncio.Lock()

    async def adopt(self, *, spread: bool) -> None:
        """Take in the config's sources; new ones are due now or spread over minutes."""
        now = self.clock()

        def first(source: Source) -> datetime:
            return first_due(source, now) if spread else now

        sources = tuple(self.setup.sources.values())
        await asyncio.to_thread(self.store.adopt, sources, now, due=first)
        self.states = await asyncio.to_thread(self.store.states)

    async def swap(self, setup: Setup) -> None:
        """Work by another config from the next call on; calls under way end as begun.

        Old senders stay open until the process ends if a send is using them; their
        connections are closed here, which such a send reports as temporary.
        """
        old, self.setup = self.setup, setup
        await self.adopt(spread=True)
        await old.aclose()

    def is_barred(self, name: str, now: datetime) -> bool:
        """Whether the publisher asked not to be polled now: Retry-After, or 410."""
        state = self.states[name]
        waits = state.not_before is not None and state.not_before > now
        return waits or state.state == "gone"

    def due(self, now: datetime, *, limit: int, busy: Container[str]) -> list[str]:
        """Sources whose time has come, longest overdue first, at most ``limit``.

        A due time further away than twice the longest interval means that the clock
        went back since it was written, and counts as due (HARDENING, scheduler).
        """
        ripe: list[tuple[datetime, str]] = []
        for name, source in self.setup.sources.items():
            state = self.states.get(name)
            if state is None or name in busy:
                continue
            due = state.due or now
            if due <= now or self._is_beyond(due, source, state, now):
                ripe.append((due, name))
        return [name for _, name in sorted(ripe)[:limit]]

    @staticmethod
    def _is_beyond(
        due: datetime, source: Source, state: SourceState, now: datetime
    ) -> bool:
        attempted = state.attempted
        return (
            attempted is not None
            and attempted > now
            and due > now + (2 * source.every_max)
        )

    async def collect(self, name: str) -> Harvest:
        """Poll one source; its items and its new state are stored together."""
        source = self.setup.sources[name]
        harvest = await self.collector.collect(
            source, self.states[name], known=self._is_known
        )
        added = await asyncio.to_thread(self.store.add_items, harvest)
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

    def _is_known(self, item_id: str) -> bool:
        return item_id in self.store.known([item_id])

    async def evaluate(self) -> int:
        """Judge one batch of pending items; the number judged (0: nothing waits)."""
        async with self._evaluating:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thinker, self._evaluate)

    def _evaluate(self) -> int:
        items = self.store.pending(EVALUATE_BATCH).items
        if not items:
            return 0
        watch, now = self.setup.watch, self.clock()
        neighbours = self.store.neighbours(fingerprints(items), now)
        try:
            self._record(evaluate(items, neighbours, watch, now))
        except StoreError:
            raise
        except Exception:
            log.exception("A batch could not be judged; its items go one by one")
            for item in items:
                self._evaluate_alone(item, watch)
        return len(items)

    def _evaluate_alone(self, item: Item, watch: Watch) -> None:
        """Judge one item of a batch that failed; a poisonous one is given up."""
        now = self.clock()
        neighbours = self.store.neighbours(fingerprints([item]), now)
        try:
            verdict = evaluate([item], neighbours, watch, now)
        except Exception:
            log.exception("An item could not be judged", extra={"item": item.id})
            verdict = give_up(item, neighbours, now)
        self._record(verdict)

    def _record(self, verdict: Verdict) -> None:
        self.store.record(verdict)
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

    async def deliver(self) -> tuple[Receipt, ...]:
        """Claim what is due and send it; one receipt per attempt."""
        rows = await self.claim()
        return tuple(await asyncio.gather(*(self.send(row) for row in rows)))

    async def claim(self) -> tuple[Delivery, ...]:
        """Take due rows for this process; the claim is durable on return (I6)."""
        return await asyncio.to_thread(
            self.store.claim,
            self.clock(),
            limit=CLAIM_BATCH,
            lease=LEASE,
            per_channel=PER_CHANNEL,
        )

    async def release(self, rows: Iterable[Delivery]) -> None:
        """Give claimed rows back unsent, as a drain does."""
        ids = [row.id for row in rows]
        if ids:
            await asyncio.to_thread(self.store.release, ids)

    async def send(self, row: Delivery) -> Receipt:
        """Send one claimed row and settle it right after the receiver's answer."""
        setup = self.setup
        sender, channel = (
            setup.senders.get(row.channel),
            setup.channels.get(row.channel),
        )
        if sender is None or channel is None:
            receipt = Receipt(
                outcome=Outcome.PERMANENT,
                detail="channel is not in the config any more",
            )
        else:
            sealed = await asyncio.to_thread(self._seal, row, channel)
            receipt = await sender.send(sealed)
        now = self.clock()
        due = None
        if receipt.outcome is not Outcome.DELIVERED:
            due = next_attempt(
                channel.kind if channel else "file",
                attempts=row.attempts,
                first_due=row.first_due,
                now=now,
                delivery_id=row.id,
                receipt=receipt,
            )
        await asyncio.to_thread(
            self.store.settle,
            row.id,
            receipt,
            now=now,
            due=due,
            reason=None if channel else Reason.UNKNOWN_CHANNEL,
            attempt=row.attempts,
        )
        log.info(
            "Delivery attempted",
            extra={
                "delivery": row.id,
                "channel": row.channel,
                "outcome": receipt.outcome.value,
                "detail": receipt.detail,
            },
        )
        return receipt

    def _seal(self, row: Delivery, channel: Channel) -> Delivery:
        """The row with its content; a digest is rendered once, when it is due."""
        if row.payload is not None:
            return row
        return seal_digest(self.store, row, channel, self.setup)

    async def aclose(self) -> None:
        """End the evaluating thread, a running batch first, and the senders."""
        await asyncio.to_thread(self._thinker.shutdown, wait=True)
        await self.setup.aclose()
