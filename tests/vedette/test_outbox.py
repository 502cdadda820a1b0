"""Delivering against real receivers when something beside them goes wrong."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.channels import open_channel
from alerts.evaluate import evaluate
from alerts.model import (
    Channel,
    Delivery,
    DeliveryState,
    Outcome,
    Quiet,
    Receipt,
)
from alerts.stories import fingerprints
from crawler.clock import utc_now
from crawler.secrets import Secret
from tests.alerts.desk import item, watch
from tests.servers.http import STALL, Raw, Reply
from tests.servers.receiver import Receiver, receive
from tests.vedette.clockwork import add
from tests.vedette.lab import SECRET
from vedette.outbox import PER_CHANNEL, Outbox
from vedette.setup import Setup
from vedette.store import Store, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALLOW = ("127.0.0.0/8",)
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Post:
    """A store with alerts for two webhooks, and what delivers them."""

    def __init__(self, path: Path, folder: Path, hooks: dict[str, Receiver]) -> None:
        secret = folder / "secret"
        secret.write_text(SECRET)
        self.path = path
        self.store = Store.open(path)
        self.now = NOW
        self.channels = {
            name: Channel(
                name=name,
                kind="webhook",
                recipients=(name,),
                url=hook.url,
                secrets=(Secret(file=secret),),
            )
            for name, hook in hooks.items()
        }
        self.watch = watch(*self.channels.values())
        self.outbox = Outbox(store=self.store, clock=lambda: self.now)

    def publish(self, count: int) -> None:
        items = tuple(
            item(f"The ferry number {n} is late again this evening")
            for n in range(count)
        )
        add(self.store, *items)
        pending = self.store.pending(999).items
        known = self.store.neighbours(fingerprints(pending), NOW)
        self.store.record(evaluate(pending, known, self.watch, NOW))

    def setup(self, **changes: Channel) -> Setup:
        channels = {**self.channels, **changes}
        return Setup(
            watch=self.watch,
            sources={},
            channels=channels,
            senders={
                name: open_channel(c, allow=ALLOW, clock=utc_now)
                for name, c in channels.items()
            },
        )

    def states(self, channel: str) -> list[str]:
        return [r.state.value for r in self.store.outbox(999) if r.channel == channel]


@pytest.fixture
def hooks() -> Iterator[dict[str, Receiver]]:
    with receive(secrets=[SECRET]) as good, receive(secrets=[SECRET]) as bad:
        yield {"good": good, "bad": bad}


@pytest.fixture
def post(tmp_path: Path, hooks: dict[str, Receiver]) -> Iterator[Post]:
    made = Post(tmp_path / "v.db", tmp_path, hooks)
    yield made
    made.store.close()


def test_a_channel_that_stalls_leaves_room_for_the_others(post: Post) -> None:
    post.publish(60)

    async def claim() -> list[str]:
        return [row.channel for row in await post.outbox.claim(limit=256)]

    taken = asyncio.run(claim())
    assert taken.count("bad") <= PER_CHANNEL
    assert taken.count("good") <= PER_CHANNEL
    # The stalled ones are still out: the other channel goes on alone.
    for row in post.store.outbox(999):
        if row.channel == "good" and row.state is DeliveryState.LEASED:
            asyncio.run(post.outbox.release([row]))
    assert set(asyncio.run(claim())) == {"good"}


def test_an_answer_that_cannot_be_written_down_is_kept_and_nothing_is_claimed(
    post: Post, hooks: dict[str, Receiver]
) -> None:
    """The disk fills between the receiver's yes and our commit: no second message."""
    post.publish(2)

    async def story() -> None:
        setup = post.setup()
        first, *_ = list(await post.outbox.claim(limit=1))
        with sqlite3.connect(post.path) as other:
            other.execute("PRAGMA journal_mode")
            # A trigger refuses what a full disk would refuse.
            other.execute(
                "CREATE TRIGGER full BEFORE UPDATE ON delivery BEGIN"
                " SELECT RAISE(ABORT, 'full'); END"
            )
        with pytest.raises(StoreError):
            await post.outbox.send(first, setup)
        with pytest.raises(StoreError):
            await post.outbox.claim()
        with sqlite3.connect(post.path) as other:
            other.execute("DROP TRIGGER full")
        post.now = NOW + timedelta(hours=1)  # long after the lease
        while rows := await post.outbox.claim():
            await asyncio.gather(*(post.outbox.send(row, setup) for row in rows))
        await setup.aclose()

    asyncio.run(story())
    for hook in hooks.values():
        assert len(hook.ids()) == len(set(hook.ids())) == 2


class Faulty:
    """A sender with a fault of its own: it raises where a receipt is due."""

    async def send(self, _: Delivery) -> Receipt:
        raise OSError(24, "Too many open files")

    async def probe(self) -> Receipt:
        raise NotImplementedError

    async def aclose(self) -> None:
        pass


def test_a_sender_that_raises_costs_an_attempt_and_ends_as_a_dead_letter(
    post: Post,
) -> None:
    """Else its row would circle from lease to lease, and nobody would see it."""
    post.publish(1)

    async def story() -> None:
        made = post.setup()
        setup = replace(made, senders={**made.senders, "bad": Faulty()})
        while post.states("bad") != ["dead"] and post.now < NOW + timedelta(days=30):
            rows = await post.outbox.claim(now=post.now)
            await asyncio.gather(*(post.outbox.send(row, setup) for row in rows))
            post.now += timedelta(hours=8)
        await made.aclose()

    asyncio.run(story())
    assert (post.states("bad"), post.states("good")) == (["dead"], ["delivered"])
    (row,) = (r for r in post.store.outbox(9) if r.channel == "bad")
    assert row.detail == "sending failed: OSError"


def test_a_recipient_that_left_the_config_gets_nothing(
    post: Post, hooks: dict[str, Receiver]
) -> None:
    post.publish(1)
    left = replace(post.channels["bad"], recipients=("somebody-else",))

    async def story() -> list[Outcome]:
        setup = post.setup(bad=left)
        rows = await post.outbox.claim()
        receipts = [await post.outbox.send(row, setup) for row in rows]
        await setup.aclose()
        return [receipt.outcome for receipt in receipts]

    assert sorted(asyncio.run(story())) == [Outcome.DELIVERED, Outcome.PERMANENT]
    assert not hooks["bad"].messages
    (row,) = [r for r in post.store.outbox(9) if r.channel == "bad"]
    assert row.state is DeliveryState.DEAD
    assert row.reason is not None
    assert row.reason.value == "unknown_channel"


def test_a_send_cut_off_by_the_drain_counts_as_perhaps_delivered(
    post: Post, hooks: dict[str, Receiver]
) -> None:
    """I6, I18: the receiver may have it, so the attempt stays counted."""
    post.publish(1)
    hooks["good"].replies.append(Raw([STALL]))

    async def story() -> None:
        setup = post.setup()
        (row,) = [r for r in await post.outbox.claim() if r.channel == "good"]
        task = asyncio.create_task(post.outbox.send(row, setup))
        while not hooks["good"].messages:
            await asyncio.sleep(0.01)
        task.cancel()
        receipt = await task
        assert receipt.outcome is Outcome.AMBIGUOUS
        await setup.aclose()

    asyncio.run(story())
    (row,) = [r for r in post.store.outbox(9) if r.channel == "good"]
    assert row.state is DeliveryState.PENDING
    assert row.attempts == 1
    assert row.due == NOW


def test_a_clock_that_jumps_ahead_sends_nothing_again_that_is_under_way(
    post: Post, hooks: dict[str, Receiver]
) -> None:
    """A82, I9: by the new time every lease has run out, but its holder is alive."""
    post.publish(3)
    hooks["good"].replies.append(Raw([STALL]))

    async def story() -> None:
        setup = post.setup()
        rows = await post.outbox.claim()
        sends = [asyncio.create_task(post.outbox.send(row, setup)) for row in rows]
        while sum(not one.done() for one in sends) > 1:
            await asyncio.sleep(0.01)
        post.now += timedelta(hours=1)
        assert await post.outbox.claim() == ()
        (stalled,) = [one for one in sends if not one.done()]
        stalled.cancel()
        await stalled
        post.now += timedelta(hours=1)
        (again,) = await post.outbox.claim()  # its end was seen: now it may be tried
        await post.outbox.send(again, setup)
        await setup.aclose()

    asyncio.run(story())
    assert len(hooks["bad"].ids()) == 3
    assert set(post.states("good")) == set(post.states("bad")) == {"delivered"}


def test_a_receiver_that_fails_is_tried_again_by_the_schedule(
    post: Post, hooks: dict[str, Receiver]
) -> None:
    post.publish(1)
    hooks["good"].replies.append(Reply(status=500))

    async def story() -> None:
        setup = post.setup()
        for row in await post.outbox.claim():
            await post.outbox.send(row, setup)
        await setup.aclose()

    asyncio.run(story())
    (row,) = [r for r in post.store.outbox(9) if r.channel == "good"]
    wait = (row.due - NOW).total_seconds()
    assert 4.5 <= wait <= 5.5


@pytest.mark.parametrize("restarted", [False, True])
def test_a_clock_set_back_delays_no_retry_by_its_step(
    post: Post, hooks: dict[str, Receiver], restarted: bool
) -> None:
    """A82: seen while it runs or only by the next start; quiet time still holds."""
    post.publish(1)
    hooks["good"].replies.append(Reply(status=500))
    hooks["bad"].replies.append(Reply(status=500))
    # 11:01 UTC, when the clock will say it, is quiet at the one and not at the other.
    quiet = Quiet(start=time(10, 30), end=time(11, 30))
    post.channels["bad"] = replace(post.channels["bad"], quiet=quiet, timezone="UTC")

    async def story() -> None:
        setup = post.setup()
        for row in await post.outbox.claim(setup=setup):
            await post.outbox.send(row, setup)
        post.now = NOW - timedelta(hours=1)
        if restarted:
            post.outbox = Outbox(store=post.store, clock=lambda: post.now)
        else:
            assert await post.outbox.claim(setup=setup) == ()
            waits = {r.channel: r.due - post.now for r in post.store.outbox(9)}
            assert min(waits.values()) > timedelta(minutes=59)
            post.outbox.clock_set_back()
        assert await post.outbox.claim(setup=setup) == ()
        due = {row.channel: row.due for row in post.store.outbox(9)}
        assert due["good"] - post.now <= timedelta(seconds=5.5)
        assert due["bad"] == NOW - timedelta(minutes=30)
        post.now += timedelta(seconds=6)
        (row,) = await post.outbox.claim(setup=setup)
        assert row.channel == "good"
        await setup.aclose()

    asyncio.run(story())


def test_a_digest_does_not_wait_for_the_year_of_a_clock_that_was_wrong(
    post: Post, hooks: dict[str, Receiver]
) -> None:
    """A82: it gathers until the next time of day that is in the config."""
    post.channels["good"] = replace(
        post.channels["good"], digest=(time(18, 0),), timezone="UTC"
    )
    post.watch = watch(*post.channels.values())
    post.publish(1)

    async def story() -> None:
        setup = post.setup()
        post.now = NOW - timedelta(days=365)
        post.outbox.clock_set_back()
        await post.outbox.claim(setup=setup)
        post.now = NOW.replace(hour=18) - timedelta(days=365)
        for row in await post.outbox.claim(setup=setup):
            await post.outbox.send(row, setup)
        await setup.aclose()

    asyncio.run(story())
    assert post.states("good") == ["delivered"]
    assert len(hooks["good"].ids()) == 1
