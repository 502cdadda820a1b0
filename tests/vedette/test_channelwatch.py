"""Dead channels are told through their fallback, once, and once when they are well."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.model import (
    DeliveryState,
    MessageType,
    Outcome,
    Quiet,
    Reason,
    Receipt,
)
from tests.alerts.desk import NOW, TOPICS, channel, item
from tests.alerts.ferry import unrelated
from tests.vedette.clockwork import Clock, Ear, add, working
from vedette.channelwatch import look
from vedette.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alerts.model import Channel, Delivery
    from crawler.items import Item
    from vedette.jobs import Jobs

MINUTE = timedelta(minutes=1)
PAUSED = Receipt(outcome=Outcome.PAUSED, detail="535 authentication failed")
REFUSED = Receipt(outcome=Outcome.PERMANENT, detail="550 no such user")
FINE = Receipt(outcome=Outcome.DELIVERED)
DESK = channel("desk", "a@x.test", "b@x.test", fallback="hook")
HOOK = channel("hook", quiet=Quiet(start=time(11), end=time(14)))


class Mail(Ear):
    """A channel that answers each recipient by the name."""

    def __init__(self, **answers: Receipt) -> None:
        super().__init__()
        self.answers = answers

    async def send(self, delivery: Delivery) -> Receipt:
        await super().send(delivery)
        return self.answers.get(delivery.recipient[0], FINE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "s.db") as opened:
        yield opened


def news(number: int) -> Item:
    title, text = unrelated(number, 30)
    return item(f"{title} ferry", text=text)


def life(
    store: Store, clock: Clock, mail: Mail, *items: Item, desk: Channel = DESK
) -> None:
    """One process: it judges, sends, looks at the channels, and ends."""

    async def run() -> None:
        async with working(store, clock, mail, TOPICS, desk, HOOK) as jobs:
            if items:
                add(store, *items)
            await jobs.evaluate()
            await _send(jobs)

    asyncio.run(run())


async def _send(jobs: Jobs) -> None:
    await jobs.deliver()
    await jobs.watch()


def dead(store: Store) -> list[Delivery]:
    return [r for r in store.outbox(99) if r.type is MessageType.CHANNEL_DEAD][::-1]


def test_an_authentication_fault_is_told_once_in_quiet_time_too_and_its_end(
    store: Store,
) -> None:
    clock, mail = Clock(), Mail(a=PAUSED, b=PAUSED)
    life(store, clock, mail, news(1))
    (row,) = dead(store)
    assert (row.channel, row.due, row.state) == ("hook", NOW, DeliveryState.PENDING)
    assert row.headline == "[warning] The channel desk is not delivering"
    assert b"535 authentication failed" in (row.payload or b"")
    for _ in range(3):
        clock.now += 20 * MINUTE
        life(store, clock, mail, news(clock.now.minute + 2))
    assert len(dead(store)) == 1
    mail.answers = {}
    clock.now += 20 * MINUTE
    life(store, clock, mail)
    life(store, clock, mail)
    assert [one.headline for one in dead(store)[1:]] == [
        "[recovered] The channel desk delivers again"
    ]
    assert dead(store)[1].reason is Reason.QUIET
    clock.now += 20 * MINUTE
    mail.answers = {"a": PAUSED, "b": PAUSED}
    life(store, clock, mail, news(99))
    assert len(dead(store)) == 3


def test_a_recipient_whose_messages_are_given_up_is_named(store: Store) -> None:
    clock, mail = Clock(), Mail(a=REFUSED)
    life(store, clock, mail, news(1))
    (row,) = dead(store)
    assert row.headline == "[warning] The channel desk: a@x.test is not delivering"
    # The other recipient's mail says nothing of this one.
    clock.now += MINUTE
    life(store, clock, mail, news(2))
    assert len(dead(store)) == 1
    mail.answers = {}
    clock.now += MINUTE
    life(store, clock, mail, news(3))
    assert len(dead(store)) == 2


def test_a_message_given_up_is_told_though_the_next_got_through(store: Store) -> None:
    clock, mail = Clock(), Mail(a=REFUSED)

    async def run() -> None:
        async with working(store, clock, mail, TOPICS, DESK, HOOK) as jobs:
            for number in (1, 2):
                add(store, news(number))
                await jobs.evaluate()
                await jobs.deliver()
                clock.now += MINUTE
                mail.answers = {}
            for _ in range(4):
                await jobs.watch()
                clock.now += MINUTE

    asyncio.run(run())
    assert [row.headline.partition("]")[0] for row in dead(store)] == [
        "[warning",
        "[recovered",
    ]


def test_what_was_told_and_not_recorded_is_told_with_the_same_id(store: Store) -> None:
    clock, mail = Clock(), Mail(a=REFUSED)

    async def run() -> None:
        async with working(store, clock, mail, TOPICS, DESK, HOOK) as jobs:
            add(store, news(1))
            await jobs.evaluate()
            await jobs.deliver()
            assert look(store, jobs.setup, clock.now) == 1
            assert look(store, jobs.setup, clock.now) == 0

    asyncio.run(run())
    assert len(dead(store)) == 1


def test_a_channel_without_fallback_and_a_message_tried_again_tell_nothing(
    store: Store,
) -> None:
    clock, mail = Clock(), Mail(a=REFUSED)
    life(store, clock, mail, news(1), desk=replace(DESK, fallback=None))
    later = Mail(a=Receipt(outcome=Outcome.TEMPORARY), b=FINE)
    clock.now += MINUTE
    life(store, clock, later, news(2), desk=replace(DESK, fallback=None))
    assert dead(store) == []


def test_a_temporary_failure_is_no_death(store: Store) -> None:
    clock = Clock()
    life(store, clock, Mail(a=Receipt(outcome=Outcome.TEMPORARY)), news(1))
    assert dead(store) == []
