"""Quiet time and limits at work: kept by the store across restarts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.model import (
    DeliveryState,
    Limit,
    MessageType,
    Outcome,
    Quiet,
    Reason,
    Receipt,
    Severity,
    Verdict,
)
from alerts.notices import Pulse, beat
from tests.alerts.desk import NOW, channel, item, topic
from tests.vedette.clockwork import Clock, Ear, add, working
from vedette.store import Store
from vedette.why import sentences, why

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alerts.model import Channel

MINUTE = timedelta(minutes=1)
TOPICS = tuple(topic(name, name) for name in ("alderney", "borkum", "capri", "djerba"))
NEWS = [
    item("A wildfire on Alderney burns down forty empty barns"),
    item("Fishermen off Borkum find a crate of old violins"),
    item("The mayor of Capri forbids noisy sandals in summer"),
    item("Archaeologists on Djerba uncover mosaics of dolphins"),
]
SIESTA = Quiet(start=time(11), end=time(13))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "s.db") as opened:
        yield opened


def tell(store: Store, clock: Clock, hook: Channel, number: int) -> None:
    """One process that judges one item and ends."""

    async def life() -> None:
        async with working(store, clock, Ear(), TOPICS, hook) as jobs:
            add(store, NEWS[number])
            assert await jobs.evaluate() == 1

    asyncio.run(life())


def types(store: Store) -> list[MessageType]:
    return [row.type for row in reversed(store.outbox(9))]


def test_the_limit_survives_restarts_and_ends_with_its_span(store: Store) -> None:
    clock = Clock()
    hook = channel("hook", limit=Limit(most=2, span=10 * MINUTE))
    for number in range(3):
        clock.now = NOW + number * MINUTE
        tell(store, clock, hook, number)
    opened, digest = MessageType.OPENED, MessageType.DIGEST
    assert types(store) == [opened, opened, digest]
    row = store.outbox(1)[0]
    assert (row.reason, row.detail) == (Reason.LIMITED, "over the limit of 2/10m")
    clock.now = NOW + 10 * MINUTE
    tell(store, clock, hook, 3)
    assert types(store) == [opened, opened, digest, opened]


def test_the_limit_counts_per_recipient_without_digests_and_heartbeats(
    store: Store,
) -> None:
    """`limit` counts messages per recipient, digests and heartbeats exempt."""
    clock = Clock()
    hook = channel("hook", "a@x.test", limit=Limit(most=1, span=10 * MINUTE))
    low = channel("hook", "a@x.test", digest=(time(8),))
    tell(store, clock, low, 0)  # a digest gathers
    pulse = Pulse(healthy=1, sources=1, alerts=0)
    beats = [beat(hook, "a@x.test", NOW, pulse, clock.now) for _ in range(2)]
    store.record(Verdict(at=clock.now, deliveries=tuple(beats)))
    tell(store, clock, hook, 1)
    opened, digest = MessageType.OPENED, MessageType.DIGEST
    assert sorted(types(store)) == [opened, digest, MessageType.HEARTBEAT]
    # The limit is full for one recipient and not for the other who comes to it.
    both = replace(hook, recipients=("a@x.test", "b@x.test"))
    tell(store, clock, both, 2)
    rows = [row for row in store.outbox(9) if row.type is opened]
    assert sorted(row.recipient for row in rows) == ["a@x.test", "b@x.test"]
    # A full limit holds back no heartbeat.
    next_day = beat(hook, "a@x.test", NOW + 1440 * MINUTE, pulse, clock.now)
    store.record(Verdict(at=clock.now, deliveries=(next_day,)))
    (row,) = (one for one in store.outbox(9) if one.id == next_day.id)
    assert (row.due, row.reason) == (clock.now, None)


def test_a_silenced_message_uses_no_limit_up(store: Store) -> None:
    clock = Clock()
    hook = channel("hook", limit=Limit(most=1, span=10 * MINUTE))
    store.silence("alderney", NOW + 60 * MINUTE, NOW)
    tell(store, clock, hook, 0)
    tell(store, clock, hook, 1)
    assert [row.state for row in store.outbox(9)] == [
        DeliveryState.PENDING,
        DeliveryState.SUPPRESSED,
    ]
    assert types(store) == [MessageType.OPENED] * 2


def test_a_digest_that_gathers_already_says_that_the_limit_was_passed(
    store: Store,
) -> None:
    clock = Clock()
    tell(store, clock, channel("hook", digest=(time(8),)), 0)
    assert store.outbox(1)[0].reason is None
    hook = channel("hook", limit=Limit(most=1, span=10 * MINUTE))
    tell(store, clock, hook, 1)
    tell(store, clock, hook, 2)
    (digest,) = (r for r in store.outbox(9) if r.type is MessageType.DIGEST)
    assert len(digest.alert_ids) == 2
    assert digest.reason is Reason.LIMITED


def test_what_is_held_leaves_at_the_end_of_quiet_time_and_why_says_so(
    store: Store,
) -> None:
    clock, ear = Clock(), Ear()

    async def story() -> None:
        async with working(
            store, clock, ear, TOPICS, channel("hook", quiet=SIESTA)
        ) as jobs:
            add(store, NEWS[0])
            await jobs.evaluate()
            said = sentences(why(store, jobs.setup.watch, NEWS[0].id, None))
            assert any("quiet until 2026-03-02T13:00+00:00" in one for one in said)
            clock.now = NOW + 59 * MINUTE
            assert await jobs.deliver() == ()
            clock.now += MINUTE
            await jobs.deliver()

    asyncio.run(story())
    assert len(ear.heard) == 1
    assert store.outbox(1)[0].state is DeliveryState.DELIVERED


@pytest.mark.parametrize(
    ("severity", "minutes"), [(Severity.NORMAL, 60), (Severity.CRITICAL, 0)]
)
def test_a_retry_waits_for_the_end_of_quiet_time_too(
    store: Store, severity: Severity, minutes: int
) -> None:
    clock, ear = Clock(), Ear()
    ear.answer = Receipt(outcome=Outcome.TEMPORARY)
    clock.now = NOW - 61 * MINUTE  # a minute before quiet time
    topics = (topic("alderney", "alderney", severity=severity),)

    async def story() -> None:
        async with working(
            store, clock, ear, topics, channel("hook", quiet=SIESTA)
        ) as jobs:
            add(store, NEWS[0])
            await jobs.evaluate()
            clock.now = NOW
            await jobs.deliver()

    asyncio.run(story())
    due = store.outbox(1)[0].due
    assert NOW + minutes * MINUTE <= due <= NOW + minutes * MINUTE + MINUTE
