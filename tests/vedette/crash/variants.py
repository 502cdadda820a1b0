"""``vedette once`` with one planted mistake, which the checker has to find.

    python -m tests.vedette.crash.variants BUG

settled-first: a row is delivered before it is sent; judged-first: an item is judged
in one transaction and its alert made in a second; new-ids: the webhook gets an id of
its own each time; unsynced: a commit does not wait for the disk.
"""

from __future__ import annotations

import asyncio
import sys
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alerts.model import Outcome, Receipt
from vedette.assembly import assemble
from vedette.config import load_config
from vedette.jobs import Jobs
from vedette.outbox import Outbox
from vedette.store import Store

if TYPE_CHECKING:
    from alerts.channels import Sender
    from alerts.model import Delivery, Verdict
    from vedette.setup import Setup


class _Hasty(Outbox):
    """Believes that what is about to be sent was sent."""

    async def send(self, row: Delivery, setup: Setup) -> Receipt:
        sure = Receipt(outcome=Outcome.DELIVERED)
        await asyncio.to_thread(
            self.store.settle, row.id, sure, now=self.clock(), due=None
        )
        return await super().send(row, setup)


class SettledFirst(Jobs):
    """Delivers by a hasty outbox."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.outbox = _Hasty(store=self.store, clock=self.clock)


class _Split(Store):
    """Splits what I7b wants in one transaction."""

    def record(self, verdict: Verdict) -> None:
        super().record(replace(verdict, alerts=(), deliveries=()))
        super().record(replace(verdict, judgements=(), stories=()))


class JudgedFirst(Jobs):
    """Judges, then tells."""

    def __init__(self, *, store: Store, **parts: Any) -> None:
        super().__init__(store=_Split(store._db), **parts)


class _Reborn:
    """A sender that forgets who the message is."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def send(self, delivery: Delivery) -> Receipt:
        return await self._sender.send(replace(delivery, id=str(uuid.uuid4())))

    async def probe(self) -> Receipt:
        return await self._sender.probe()

    async def aclose(self) -> None:
        await self._sender.aclose()


class NewIds(Jobs):
    """Names each attempt anew."""

    def __init__(self, *, setup: Setup, **parts: Any) -> None:
        senders = {n: _Reborn(s) for n, s in setup.senders.items()}
        super().__init__(setup=replace(setup, senders=senders), **parts)


class Unsynced(Jobs):
    """Works on a store whose commits a power loss may forget (HARDENING, trap 7)."""

    def __init__(self, *, store: Store, **parts: Any) -> None:
        store._db.on_writer(lambda db: db.execute("PRAGMA synchronous = NORMAL"))
        super().__init__(store=store, **parts)


async def main(bug: str) -> None:
    kind = {
        "unsynced": Unsynced,
        "settled-first": SettledFirst,
        "judged-first": JudgedFirst,
        "new-ids": NewIds,
    }[bug]
    async with assemble(load_config(Path("config.yaml")), spread=False) as sound:
        jobs = kind(
            store=sound.store,
            collector=sound.collector,
            setup=sound.setup,
            clock=sound.clock,
        )
        jobs.states = sound.states
        for name in jobs.setup.sources:
            await jobs.collect(name)
        while await jobs.evaluate():
            pass
        while await jobs.deliver():
            pass


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
