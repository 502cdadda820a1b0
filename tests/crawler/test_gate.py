"""The gate: whose turn it is, and who asked to be left alone."""

from __future__ import annotations

import asyncio
import itertools
import time
from datetime import UTC, datetime, timedelta

import pytest

from crawler.errors import FetchError
from crawler.gate import LONGEST_BLOCK, Gate
from crawler.reasons import FetchReason

START = datetime(2024, 10, 28, 9, 0, tzinfo=UTC)


class Watch:
    """A clock that goes when told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


async def visit(
    gate: Gate, host: str, starts: list[float], *, stay_s: float = 0.0, gap_s: float = 0
) -> None:
    async with gate.turn(host, gap_s=gap_s):
        starts.append(time.monotonic())
        await asyncio.sleep(stay_s)


def gaps(starts: list[float]) -> list[float]:
    return [b - a for a, b in itertools.pairwise(starts)]


def test_starts_at_one_host_keep_the_gap_and_others_do_not_wait() -> None:
    async def run() -> tuple[list[float], list[float]]:
        gate = Gate(clock=Watch(), min_gap_s=0.2)
        one: list[float] = []
        others: list[float] = []
        await asyncio.gather(
            *(visit(gate, "one.test", one) for _ in range(4)),
            *(visit(gate, f"{n}.test", others) for n in range(4)),
        )
        return one, others

    one, others = asyncio.run(run())
    assert all(0.199 <= gap < 1 for gap in gaps(one))
    assert max(others) - min(others) < 0.19


def test_a_longer_wish_of_the_host_raises_the_gap() -> None:
    async def run() -> list[float]:
        gate = Gate(clock=Watch(), min_gap_s=0.0)
        starts: list[float] = []
        await visit(gate, "slow.test", starts)
        await visit(gate, "slow.test", starts, gap_s=0.15)
        return starts

    assert gaps(asyncio.run(run()))[0] >= 0.149


def test_one_host_is_asked_one_thing_at_a_time() -> None:
    async def run() -> list[float]:
        gate = Gate(clock=Watch(), min_gap_s=0.0)
        starts: list[float] = []
        await asyncio.gather(
            *(visit(gate, "one.test", starts, stay_s=0.05) for _ in range(4))
        )
        return starts

    assert all(gap >= 0.049 for gap in gaps(asyncio.run(run())))


def test_so_many_at_once_and_no_more() -> None:
    async def run() -> float:
        gate = Gate(clock=Watch(), min_gap_s=0.0, max_in_flight=5)
        starts: list[float] = []
        begun = time.monotonic()
        await asyncio.gather(
            *(visit(gate, f"{n}.test", starts, stay_s=0.05) for n in range(20))
        )
        return time.monotonic() - begun

    assert 0.19 < asyncio.run(run()) < 3


def test_waiting_for_a_host_holds_no_place_among_all() -> None:
    async def run() -> float:
        gate = Gate(clock=Watch(), min_gap_s=0.5, max_in_flight=2)
        queue = [
            asyncio.create_task(visit(gate, "busy.test", [], stay_s=0.2))
            for _ in range(10)
        ]
        await asyncio.sleep(0.05)
        begun = time.monotonic()
        await visit(gate, "good.test", [])
        took = time.monotonic() - begun
        for task in queue:
            task.cancel()
        await asyncio.gather(*queue, return_exceptions=True)
        return took

    assert asyncio.run(run()) < 0.45


def test_stalled_requests_make_room_for_the_next() -> None:
    """A25: 40 stalled hosts before a good one cost 40 / 4 patiences, not deadlines."""

    async def run() -> float:
        gate = Gate(clock=Watch(), min_gap_s=0.0, max_in_flight=4, patience_s=0.02)
        stalled = [
            asyncio.create_task(visit(gate, f"{n}.test", [], stay_s=30))
            for n in range(40)
        ]
        await asyncio.sleep(0)
        begun = time.monotonic()
        await visit(gate, "good.test", [])
        took = time.monotonic() - begun
        for task in stalled:
            task.cancel()
        await asyncio.gather(*stalled, return_exceptions=True)
        await visit(gate, "good.test", [])  # and every place came back
        return took

    assert 0.15 < asyncio.run(run()) < 5


def test_the_bound_on_all_open_requests_holds() -> None:
    async def run() -> int:
        gate = Gate(
            clock=Watch(), min_gap_s=0, max_in_flight=2, max_open=6, patience_s=0.01
        )
        starts: list[float] = []
        tasks = [
            asyncio.create_task(visit(gate, f"{n}.test", starts, stay_s=30))
            for n in range(20)
        ]
        await asyncio.sleep(0.2)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return len(starts)

    assert asyncio.run(run()) == 6


def test_giving_up_while_waiting_leaves_no_place_lost() -> None:
    async def run() -> None:
        gate = Gate(clock=Watch(), min_gap_s=0.0, max_in_flight=1, patience_s=60)
        for _ in range(5):
            holder = asyncio.create_task(visit(gate, "a.test", [], stay_s=0.01))
            waiters = [
                asyncio.create_task(visit(gate, f"{n}.test", [])) for n in range(3)
            ]
            await asyncio.sleep(0)
            waiters[1].cancel()
            holder.cancel()
            await asyncio.gather(holder, *waiters, return_exceptions=True)
        async with asyncio.timeout(1):
            await visit(gate, "b.test", [])

    asyncio.run(run())


def blocked(gate: Gate, host: str) -> datetime | None:
    """When the gate would let the host be asked again, by trying."""

    async def run() -> None:
        await visit(gate, host, [])

    try:
        asyncio.run(run())
    except FetchError as error:
        return error.retry_at
    return None


def test_a_blocked_host_is_not_asked_before_its_time() -> None:
    """I10."""
    watch = Watch()
    gate = Gate(clock=watch, min_gap_s=0.0)
    until = START + timedelta(hours=1)
    gate.block("tired.test", until)
    assert blocked(gate, "tired.test") == until
    assert blocked(gate, "other.test") is None
    watch.now = until - timedelta(seconds=1)
    assert blocked(gate, "tired.test") == until
    watch.now = until
    assert blocked(gate, "tired.test") is None


def test_a_block_never_shortens_another_and_never_exceeds_a_week() -> None:
    gate = Gate(clock=Watch())
    gate.block("x.test", START + timedelta(hours=2))
    assert gate.block("x.test", START + timedelta(hours=1)) == START + timedelta(
        hours=2
    )
    assert gate.block("x.test", START + timedelta(days=400)) == START + LONGEST_BLOCK


def test_a_block_that_comes_while_waiting_still_holds() -> None:
    async def run() -> FetchError:
        gate = Gate(clock=Watch(), min_gap_s=0.0)
        first = asyncio.create_task(visit(gate, "x.test", [], stay_s=0.05))
        await asyncio.sleep(0)
        second = asyncio.create_task(visit(gate, "x.test", []))
        await asyncio.sleep(0.01)
        gate.block("x.test", START + timedelta(hours=1))
        await first
        with pytest.raises(FetchError) as caught:
            await second
        return caught.value

    assert asyncio.run(run()).reason is FetchReason.HOST_BLOCKED


def test_too_many_without_a_date_doubles_from_15_minutes_to_a_day() -> None:
    watch = Watch()
    gate = Gate(clock=watch, min_gap_s=0.0)
    pauses = []
    for _ in range(9):
        until = gate.heed("x.test", 429, None)
        assert until is not None
        pauses.append((until - watch.now) / timedelta(minutes=1))
        watch.now = until
    assert pauses == [15, 30, 60, 120, 240, 480, 960, 1440, 1440]
    gate.heed("x.test", 200, None)
    until = gate.heed("x.test", 429, None)
    assert until == watch.now + timedelta(minutes=15)


def test_a_named_moment_goes_before_the_doubling() -> None:
    gate = Gate(clock=Watch())
    until = START + timedelta(minutes=3)
    assert gate.heed("x.test", 429, until) == until
    assert gate.heed("y.test", 404, None) is None


def test_idle_hosts_are_forgotten_and_blocked_ones_are_not() -> None:
    watch = Watch()
    gate = Gate(clock=watch, min_gap_s=0.0)

    async def run() -> int:
        for n in range(300):
            gate.block(f"{n}.test", START + timedelta(minutes=1))
        gate.block("kept.test", START + timedelta(hours=5))
        watch.now = START + timedelta(hours=1)
        await visit(gate, "fresh.test", [])
        gate.sweep()
        return len(gate)

    assert asyncio.run(run()) == 2
