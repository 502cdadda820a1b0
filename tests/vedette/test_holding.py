"""First alerts held for a second report: kept by the store, let go by the clock."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.evaluate import release
from alerts.model import Reason, Verdict
from tests.alerts.desk import NOW, TOPICS, item, topic
from tests.alerts.growing import voices
from tests.vedette.clockwork import Clock, Ear, add, working
from vedette.engine import Engine
from vedette.store import Store
from vedette.why import sentences, why

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MINUTE = timedelta(minutes=1)
PATIENT = (topic("ferry", "ferry", first=2), *TOPICS[1:])
LATE = item("The ferry is late again this morning", source="a")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "s.db") as opened:
        yield opened


def told(store: Store) -> list[tuple[str, Reason, Reason | None]]:
    return [(r.alert.topic, r.alert.reason, r.alert.note) for r in store.alerts(9)]


def test_a_hold_outlives_its_process_and_ends_by_the_clock(store: Store) -> None:
    clock, ear = Clock(), Ear()

    async def first() -> None:
        async with working(store, clock, ear, PATIENT) as jobs:
            add(store, LATE)
            assert await jobs.evaluate() == 1
            assert await jobs.evaluate() == 0
            assert jobs.held_until == NOW + 10 * MINUTE

    async def second() -> None:
        async with working(store, clock, ear, PATIENT) as jobs:
            clock.now += 9 * MINUTE
            assert await jobs.evaluate() == 0
            assert not jobs.has_due_hold(clock.now)
            clock.now += MINUTE
            assert jobs.has_due_hold(clock.now)
            assert await jobs.evaluate() == 1
            assert await jobs.evaluate() == 0
            assert jobs.held_until is None
            await jobs.deliver()

    asyncio.run(first())
    assert told(store) == []
    asyncio.run(second())
    assert told(store) == [("ferry", Reason.FIRST, Reason.HELD)]
    (row,) = ear.heard
    assert b'"reason":"first"' in (row.payload or b"")


def test_a_hold_whose_verdict_was_lost_is_let_go_once(store: Store) -> None:
    """A kill between deciding and recording, or right after, repeats nothing."""
    clock, ear = Clock(), Ear()

    async def story() -> None:
        async with working(store, clock, ear, PATIENT) as jobs:
            add(store, LATE)
            await jobs.evaluate()
            clock.now += 10 * MINUTE
            known = store.neighbours((), clock.now)
            lost = release(known, jobs.setup.watch, clock.now)
            assert release(known, jobs.setup.watch, clock.now) == lost
            await jobs.evaluate()
            store.record(lost)
            assert await jobs.evaluate() == 0

    asyncio.run(story())
    assert len(store.alerts(9)) == 1
    assert len(store.outbox(9)) == 1


def test_a_clock_set_back_does_not_prolong_a_hold(store: Store) -> None:
    clock, ear = Clock(), Ear()

    async def story() -> None:
        async with working(store, clock, ear, PATIENT) as jobs:
            add(store, LATE)
            await jobs.evaluate()
            clock.now -= 60 * MINUTE
            await jobs.evaluate()

    asyncio.run(story())
    assert len(store.alerts(9)) == 1


def test_a_second_report_lets_it_go_at_once(store: Store) -> None:
    clock, ear = Clock(), Ear()

    async def story() -> None:
        async with working(store, clock, ear, PATIENT) as jobs:
            add(store, LATE)
            await jobs.evaluate()
            (row,) = store.stories(9)
            grown = replace(row.story, **voices("a", "b"))
            store.record(Verdict(at=NOW, stories=(grown,)))
            clock.now += MINUTE
            add(store, item("The ferry is late again this morning", source="b"))
            assert await jobs.evaluate() == 1
            assert await jobs.evaluate() == 0

    asyncio.run(story())
    assert told(store) == [("ferry", Reason.FIRST, None)]
    assert store.alerts(9)[0].alert.item_id == LATE.id


def test_a_silence_meanwhile_is_obeyed(store: Store) -> None:
    clock, ear = Clock(), Ear()

    async def story() -> None:
        async with working(store, clock, ear, PATIENT) as jobs:
            add(store, LATE)
            await jobs.evaluate()
            store.silence("ferry", NOW + 60 * MINUTE, NOW)
            clock.now += 10 * MINUTE
            await jobs.evaluate()

    asyncio.run(story())
    (row,) = store.outbox(9)
    assert row.reason is Reason.SILENCED


def test_a_topic_that_is_gone_lets_its_hold_go_without_a_word(store: Store) -> None:
    clock, ear = Clock(), Ear()

    async def story() -> None:
        async with working(store, clock, ear, PATIENT) as jobs:
            add(store, LATE)
            await jobs.evaluate()
        async with working(store, clock, ear, TOPICS[1:]) as jobs:
            clock.now += 10 * MINUTE
            assert await jobs.evaluate() == 1
            assert await jobs.evaluate() == 0

    asyncio.run(story())
    assert told(store) == []


def test_why_tells_of_the_hold_and_of_its_end(store: Store) -> None:
    clock, ear = Clock(), Ear()
    answers = []

    async def story() -> None:
        async with working(store, clock, ear, PATIENT) as jobs:
            add(store, LATE)
            await jobs.evaluate()
            answers.append(why(store, jobs.setup.watch, LATE.id, None))
            clock.now += 10 * MINUTE
            await jobs.evaluate()
            answers.append(why(store, jobs.setup.watch, LATE.id, None))

    asyncio.run(story())
    held, sent = answers
    assert held["gate"] == "held"
    assert any("held for a second" in line for line in sentences(held))
    assert sent["gate"] == "alerted"
    assert any("without a second report" in line for line in sentences(sent))


def test_retention_keeps_what_a_hold_still_needs(store: Store) -> None:
    clock, ear = Clock(), Ear()

    async def story() -> None:
        async with working(store, clock, ear, PATIENT) as jobs:
            add(store, LATE)
            await jobs.evaluate()
            late = NOW + timedelta(days=400)
            store.prune(late, items=timedelta(days=90), texts=timedelta(days=30))
            clock.now = late
            await jobs.evaluate()

    asyncio.run(story())
    assert len(store.alerts(9)) == 1


def test_the_engine_lets_a_hold_go_within_a_tick(store: Store) -> None:
    """No item comes, nobody asks: the ticker alone ends the hold."""
    clock, ear = Clock(), Ear()

    async def story() -> None:
        async with working(store, clock, ear, PATIENT) as jobs:
            engine = Engine(
                jobs, clock=clock, items=timedelta(days=90), texts=timedelta(days=30)
            )
            add(store, LATE)
            engine.start()
            await _until(lambda: jobs.held_until is not None)
            await asyncio.sleep(1.2)
            assert ear.heard == []
            clock.now += 10 * MINUTE
            await _until(lambda: bool(ear.heard))
            await engine.stop()

    asyncio.run(story())
    assert told(store) == [("ferry", Reason.FIRST, Reason.HELD)]


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.02)
