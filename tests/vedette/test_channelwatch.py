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
from vedette.health import checks
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
    return [r for r in store.outbox(999) if r.type is MessageType.CHANNEL_DEAD][::-1]


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


@pytest.mark.parametrize(
    ("kind", "silent", "told"),
    [("webhook", 29 * MINUTE, 40 * MINUTE), ("email", 41 * MINUTE, 47 * MINUTE)],
)
def test_an_endpoint_that_takes_nothing_is_told_long_before_it_is_given_up(
    store: Store, kind: str, silent: timedelta, told: timedelta
) -> None:
    """A rotated token, a mail host without an address: days of retries, told now."""
    clock = Clock()
    mail = Mail(a=Receipt(outcome=Outcome.TEMPORARY, detail="HTTP 401 bad token"))
    desk, hook = replace(DESK, kind=kind), replace(HOOK, kind="console")

    def wait(until: timedelta) -> None:
        async def run() -> None:
            async with working(store, clock, mail, TOPICS, desk, hook) as jobs:
                while clock.now < NOW + until:
                    clock.now += MINUTE
                    await _send(jobs)

        asyncio.run(run())

    life(store, clock, mail, news(1), desk=desk)
    wait(silent)
    assert dead(store) == []
    wait(told)
    (row,) = dead(store)
    assert row.headline == "[warning] The channel desk: a@x.test is not delivering"
    said = (row.payload or b"").decode()
    assert "is failing since" in said
    assert "HTTP 401 bad token" in said
    assert "outbox --state pending" in said
    (state,) = (
        c for c in checks(store.health(clock.now), clock.now) if c.name == "channels"
    )
    assert (state.ok, state.detail) == (False, "desk failing")
    wait(told + 300 * MINUTE)
    assert len(dead(store)) == 1
    mail.answers = {}
    wait(told + 900 * MINUTE)
    assert [one.headline for one in dead(store)[1:]] == [
        "[recovered] The channel desk: a@x.test delivers again"
    ]
    assert store.health(clock.now).standing == ()


def test_one_message_that_never_passes_is_no_outage_of_its_receiver(
    store: Store,
) -> None:
    clock = Clock()
    mail = Mail(a=Receipt(outcome=Outcome.TEMPORARY))
    life(store, clock, mail, news(1))
    (stubborn,) = (row.id for row in mail.heard if row.recipient == "a@x.test")

    class Picky(Mail):
        async def send(self, delivery: Delivery) -> Receipt:
            if delivery.id == stubborn:
                return Receipt(outcome=Outcome.TEMPORARY)
            return await super().send(delivery)

    for number in range(60):
        clock.now += MINUTE
        life(store, clock, Picky(), *([news(2)] if number == 1 else []))
    waiting = store.outbox(99, DeliveryState.PENDING)
    (row,) = (row for row in waiting if row.channel == "desk")
    assert (row.id, row.attempts >= 4) == (stubborn, True)
    assert dead(store) == []


@pytest.mark.parametrize("works", [True, False])
def test_a_loss_from_before_the_fallback_is_told_only_if_nothing_got_through_since(
    store: Store, *, works: bool
) -> None:
    clock, mail = Clock(), Mail(a=REFUSED)
    lone = replace(DESK, fallback=None)
    life(store, clock, mail, news(1), desk=lone)
    mail.answers = {}
    clock.now += MINUTE
    life(store, clock, mail, *([news(2)] if works else []), desk=lone)
    clock.now += timedelta(days=2)
    life(store, clock, mail)
    assert len(dead(store)) == (0 if works else 1)


def test_losses_of_an_endpoint_that_works_otherwise_are_told_once_a_day(
    store: Store,
) -> None:
    clock, mail = Clock(), Mail()

    async def run() -> None:
        async with working(store, clock, mail, TOPICS, DESK, HOOK) as jobs:
            for hour in range(27):
                for number, answer in enumerate((REFUSED, FINE)):
                    mail.answers = {"a": answer}
                    add(store, news(2 * hour + number))
                    await jobs.evaluate()
                    await jobs.deliver()
                    clock.now += MINUTE
                await jobs.watch()
                clock.now += 58 * MINUTE

    asyncio.run(run())
    assert [row.headline.partition("]")[0] for row in dead(store)] == [
        "[warning",
        "[recovered",
        "[warning",
        "[recovered",
    ]
    assert b"24 messages were given up, the last: 550" in (
        dead(store)[2].payload or b""
    )
