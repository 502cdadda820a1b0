"""The jobs at work for tests that turn the clock: a store, a channel that hears."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from alerts.model import Outcome, Receipt
from crawler.items import Harvest, SourceState
from crawler.reasons import FetchReason
from tests.alerts.desk import NOW, TOPICS, channel, watch
from tests.vedette import engines
from vedette.setup import Setup

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import datetime

    from alerts.model import Channel, Delivery, Topic
    from crawler.items import Item
    from vedette.jobs import Jobs
    from vedette.store import Store


class Clock:
    """Time as a test sets it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Ear:
    """A channel that hears."""

    def __init__(self) -> None:
        self.heard: list[Delivery] = []
        self.answer = Receipt(outcome=Outcome.DELIVERED)

    async def send(self, delivery: Delivery) -> Receipt:
        self.heard.append(delivery)
        return self.answer

    async def probe(self) -> Receipt:
        return Receipt(outcome=Outcome.DELIVERED)

    async def aclose(self) -> None:
        pass


def add(store: Store, *items: Item) -> None:
    store.add_items(
        Harvest(
            source="wire",
            at=NOW,
            reason=FetchReason.OK,
            detail="",
            items=items,
            dropped=(),
            records=(),
            state=SourceState(name="wire", url="https://wire.test/", adopted=NOW),
        )
    )


@asynccontextmanager
async def working(
    store: Store,
    clock: Callable[[], datetime],
    ear: Ear,
    topics: Sequence[Topic] = TOPICS,
    *channels: Channel,
) -> AsyncIterator[Jobs]:
    named = {one.name: one for one in channels or (channel("hook"),)}
    setup = Setup(
        watch=watch(*named.values(), topics=topics),
        sources={},
        channels=named,
        senders=dict.fromkeys(named, ear),
    )
    async with engines.working(store, setup, clock=clock) as jobs:
        yield jobs
