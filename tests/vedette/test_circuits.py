"""An endpoint that refuses us rests, says so, and is taken up again."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.evaluate import evaluate
from alerts.model import DeliveryState, Neighbours, Outcome, Quiet, Reason, Receipt
from tests.alerts.desk import NOW, TOPICS, channel, item, watch
from tests.alerts.ferry import unrelated
from tests.servers.http import Reply
from tests.servers.receiver import receive
from tests.vedette.clockwork import Clock, Ear, add, working
from tests.vedette.lab import SECRET
from tests.vedette.test_outbox import Post
from vedette.circuits import REST, Circuits
from vedette.health import checks
from vedette.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alerts.model import Delivery
    from crawler.items import Item
    from vedette.jobs import Jobs

REFUSED = Receipt(outcome=Outcome.PAUSED, detail="535 authentication failed")
FINE = Receipt(outcome=Outcome.DELIVERED)
DESK = channel("desk", "a@x.test", fallback="hook")
HOOK = channel("hook")


class Desk(Ear):
    """A channel whose login is refused for as long as ``answer`` says so."""

    def tries(self) -> int:
        return sum(row.channel == "desk" for row in self.heard)

    async def send(self, delivery: Delivery) -> Receipt:
        await super().send(delivery)
        return self.answer if delivery.channel == "desk" else FINE


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "s.db") as opened:
        yield opened


def news(number: int) -> Item:
    title, text = unrelated(number, 30)
    return item(f"{title} ferry", text=text)


async def one_more(store: Store, jobs: Jobs, number: int) -> None:
    add(store, news(number))
    await jobs.evaluate()
    await jobs.deliver()


def waiting(store: Store) -> list[str]:
    return [
        row.detail
        for row in store.outbox(99)
        if row.channel == "desk" and row.state is DeliveryState.PENDING
    ]


def test_a_refused_login_is_tried_once_in_a_quarter_of_an_hour(store: Store) -> None:
    """HARDENING, SMTP codes: the whole channel pauses, its rows are kept."""
    clock, desk = Clock(), Desk()
    desk.answer = REFUSED

    async def run() -> None:
        async with working(store, clock, desk, TOPICS, DESK, HOOK) as jobs:
            for number in range(5):
                await one_more(store, jobs, number)
                clock.now += timedelta(minutes=1)
            assert desk.tries() == 1
            assert waiting(store) == [REFUSED.detail] * 5
            (state,) = [c for c in checks(store.health(NOW), NOW) if not c.vital][:1]
            assert (state.ok, state.detail) == (False, "desk paused")
            clock.now += REST
            await jobs.deliver()
            assert desk.tries() == 2
            desk.answer = FINE
            clock.now += timedelta(minutes=17)
            await jobs.deliver()  # this one finds the door open
            await jobs.watch()
            await jobs.deliver()
            assert waiting(store) == []
            assert all(row.attempts == 1 for row in store.outbox(99))

    asyncio.run(run())


def test_a_mended_config_sends_at_once_what_was_paused(store: Store) -> None:
    clock, desk = Clock(), Desk()
    desk.answer = REFUSED

    async def run() -> None:
        async with working(store, clock, desk, TOPICS, DESK, HOOK) as jobs:
            await one_more(store, jobs, 1)
            await one_more(store, jobs, 2)
            await jobs.outbox.resume([DESK])
            await jobs.deliver()
            assert desk.tries() == 1  # nothing was mended: it rests
            desk.answer = FINE
            await jobs.swap(jobs.setup)
            await jobs.outbox.resume([DESK])
            await jobs.deliver()
            assert desk.tries() == 2  # one asks, the other follows
            await jobs.deliver()
            assert waiting(store) == []

    asyncio.run(run())


async def one_asks_then_all_follow(store: Store, desk: Desk, jobs: Jobs) -> None:
    before = desk.tries()
    for _ in range(2):
        await jobs.watch()
        await jobs.deliver()
        assert desk.tries() == before + 1
    assert waiting(store) == [REFUSED.detail] * 5
    desk.answer = FINE
    await jobs.swap(jobs.setup)
    await jobs.watch()
    await jobs.deliver()
    await jobs.deliver()  # no other look was needed
    assert waiting(store) == []


def test_after_a_reload_one_message_asks_with_the_new_password(store: Store) -> None:
    """Not sixteen at once: if it is wrong still, the server locks us out."""
    clock, desk = Clock(), Desk()
    desk.answer = REFUSED

    async def run() -> None:
        async with working(store, clock, desk, TOPICS, DESK, HOOK) as jobs:
            for number in range(5):
                await one_more(store, jobs, number)
            await jobs.swap(jobs.setup)
            await one_asks_then_all_follow(store, desk, jobs)

    asyncio.run(run())


def test_after_a_start_one_message_asks_where_nobody_was_let_in(store: Store) -> None:
    clock, desk = Clock(), Desk()
    desk.answer = REFUSED

    async def one_life() -> None:
        async with working(store, clock, desk, TOPICS, DESK, HOOK) as jobs:
            for number in range(5):
                await one_more(store, jobs, number)

    async def the_next() -> None:
        async with working(store, clock, desk, TOPICS, DESK, HOOK) as jobs:
            await jobs.adopt(jobs.setup, spread=False)
            await one_asks_then_all_follow(store, desk, jobs)

    asyncio.run(one_life())
    asyncio.run(the_next())


def test_rows_that_wait_for_a_login_write_one_line_however_long(
    store: Store, tmp_path: Path
) -> None:
    """Thousands may wait for days, each asked four times an hour."""
    clock, desk = Clock(), Desk()
    desk.answer = REFUSED

    async def run() -> None:
        async with working(store, clock, desk, TOPICS, DESK, HOOK) as jobs:
            for number in range(5):
                await one_more(store, jobs, number)
            for _ in range(20):
                clock.now += timedelta(minutes=17)
                await jobs.deliver()

    asyncio.run(run())
    assert desk.tries() == 21
    with contextlib.closing(sqlite3.connect(tmp_path / "s.db")) as db:
        (logged,) = db.execute(
            "SELECT count(*) FROM attempt WHERE outcome = 'paused'"
        ).fetchone()
    assert logged == 5
    assert store.health(clock.now).standing[0].at == clock.now


def test_a_rest_ends_when_the_clock_is_set_back() -> None:
    """A82: else the next try is an hour late."""
    circuits, hour = Circuits(), timedelta(hours=1)
    (row,) = evaluate([news(1)], Neighbours(), watch(DESK), NOW).deliveries
    circuits.note(row, REFUSED, NOW)
    assert circuits.closed(row, NOW + REST / 2) == REFUSED
    assert circuits.closed(row, NOW - hour) is None
    assert circuits.closed(row, NOW - hour + REST / 2) == REFUSED


def test_a_resumed_row_is_not_hurried_into_quiet_time_nor_past_its_retry(
    store: Store,
) -> None:
    """I10: no attempt before its time but for the pause."""
    clock, desk = Clock(), Desk()
    quiet = channel("desk", "a@x.test", quiet=Quiet(start=time(11), end=time(14)))
    desk.answer = Receipt(outcome=Outcome.TEMPORARY, detail="451 greylisted")

    async def run() -> None:
        async with working(store, clock, desk, TOPICS, DESK, HOOK) as jobs:
            await one_more(store, jobs, 1)
            await jobs.outbox.resume([DESK])
            await jobs.deliver()
            assert desk.tries() == 1
            desk.answer = REFUSED
            await one_more(store, jobs, 2)
            jobs.outbox.circuits.forget()
            await jobs.outbox.resume([quiet])
            await jobs.deliver()
            assert desk.tries() == 2

    asyncio.run(run())


def test_a_receiver_that_said_410_is_asked_no_more_until_a_reload(
    tmp_path: Path,
) -> None:
    """I10: it switches off that endpoint only, and the rows say so."""
    with receive(secrets=[SECRET]) as good, receive(secrets=[SECRET]) as bad:
        post = Post(tmp_path / "v.db", tmp_path, {"good": good, "bad": bad})
        bad.replies.append(Reply(status=410))

        async def run() -> None:
            setup = post.setup()
            post.publish(3)
            for row in await post.outbox.claim():
                await post.outbox.send(row, setup)
            assert len(bad.ids()) == 1
            assert len(good.ids()) == 3
            dead = [r for r in post.store.outbox(9) if r.channel == "bad"]
            assert {row.reason for row in dead} == {Reason.GONE}
            assert sum("`vedette reload`" in row.detail for row in dead) == 2
            post.outbox.circuits.forget()
            post.publish(4)
            for row in await post.outbox.claim():
                await post.outbox.send(row, setup)
            await setup.aclose()

        asyncio.run(run())
        assert len(bad.ids()) == 2
        post.store.close()
