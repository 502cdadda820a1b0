"""Nights in which the clock is changed, and clocks that jump: who is told what, once.

A desk works through each night, an item every half hour, with one channel of every
policy; what left is then compared with what the calendar on the wall says.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from alerts.foreseeing import Way, foresee
from alerts.model import (
    DeliveryState,
    MessageType,
    Outcome,
    Quiet,
    Reason,
    Receipt,
    Severity,
)
from tests.alerts.desk import channel, item, topic
from tests.vedette.clockwork import Clock, Ear, add, working
from vedette.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from alerts.model import Channel, Delivery
    from vedette.jobs import Jobs

pytestmark = pytest.mark.slow

STEP = timedelta(minutes=30)
TOPICS = (
    topic("news", "ferry"),
    topic("alarm", "evacuation", severity=Severity.CRITICAL),
)
NIGHT = Quiet(start=time(22), end=time(6, 30))
SMALL = Quiet(start=time(1, 45), end=time(3, 15))

NIGHTS = {
    # zone, the evening before, in UTC
    "Brussels spring": ("Europe/Brussels", "2026-03-28T19:05"),
    "Brussels autumn": ("Europe/Brussels", "2026-10-24T18:05"),
    "New York spring": ("America/New_York", "2026-03-08T01:05"),
    "New York autumn": ("America/New_York", "2026-11-01T00:05"),
    "Lord Howe spring, half an hour": ("Australia/Lord_Howe", "2026-10-03T08:35"),
    "Lord Howe autumn, half an hour": ("Australia/Lord_Howe", "2026-04-04T08:05"),
    "Seoul, which has none": ("Asia/Seoul", "2026-03-28T10:05"),
    "Brussels, 29 February": ("Europe/Brussels", "2028-02-28T19:05"),
    "Seoul, 1 March of no leap year": ("Asia/Seoul", "2027-02-28T10:05"),
    "New York, New Year": ("America/New_York", "2026-12-31T23:05"),
}


def channels(zone: str) -> tuple[Channel, ...]:
    times = (time(0), time(2, 15), time(18))
    return (
        channel("loud", timezone=zone),
        channel("night", timezone=zone, quiet=NIGHT),
        channel("daily", "a", "b", timezone=zone, digest=times),
        channel("both", timezone=zone, digest=(time(2, 30),), quiet=SMALL),
    )


@dataclass(kw_only=True)
class Left:
    """One message as it left: to whom, when by the wall clock, with which items."""

    row: Delivery
    at: datetime
    items: tuple[str, ...]


class Recorder(Ear):
    """A channel that notes the time at which it hears."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.left: list[Left] = []

    async def send(self, delivery: Delivery) -> Receipt:
        data: dict[str, Any] = json.loads(delivery.payload or b"")["data"]
        told = data.get("alerts", [data])
        items = tuple(one["item"]["id"] for one in told)
        self.left.append(Left(row=delivery, at=self.clock.now, items=items))
        return Receipt(outcome=Outcome.DELIVERED)


@dataclass(kw_only=True)
class Watchman:
    """A desk that works through a night."""

    store: Store
    zone: str
    clock: Clock = field(default_factory=Clock)
    items: list[str] = field(default_factory=list)
    critical: set[str] = field(default_factory=set)
    made: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.clock)

    def work(self, start: datetime, steps: int, jumps: Mapping[int, timedelta]) -> None:
        """An item every step; at some steps the wall clock jumps as well."""

        async def night() -> None:
            self.clock.now = start
            async with working(
                self.store, self.clock, self.recorder, TOPICS, *channels(self.zone)
            ) as jobs:
                for step in range(steps):
                    self.clock.now += STEP + jumps.get(step, timedelta())
                    await self._step(jobs, step)
                for _ in range(100):  # two days in which nothing happens
                    self.clock.now += STEP
                    await _send_all(jobs)

        asyncio.run(night())

    async def _step(self, jobs: Jobs, step: int) -> None:
        grave = step % 7 == 3
        # No two share a word but "ferry", so that each is a story of its own.
        pick = random.Random(step)  # noqa: S311 - a seed, not a secret
        words = ["".join(pick.choices("bdfgklmnprstvz", k=2)) for _ in range(24)]
        odd = (f"{a}o{b}i" for a, b in zip(words[::2], words[1::2], strict=True))
        title = f"Ferry {' '.join(odd)}"
        one = item(title + " evacuation" * grave, seen=self.clock.now)
        self.items.append(one.id)
        self.made[one.id] = self.clock.now
        if grave:
            self.critical.add(one.id)
        add(self.store, one)
        await jobs.evaluate()
        self._agrees_with_route(one.id, grave=grave)
        await _send_all(jobs)
        late = [
            row
            for row in self.store.outbox(9999)
            if row.state is DeliveryState.PENDING and row.due <= self.clock.now
        ]
        assert late == [], "what was due did not leave"

    def _agrees_with_route(self, item_id: str, *, grave: bool) -> None:
        """What ``vedette route --at`` says of this moment is what was decided."""
        chosen = TOPICS[1] if grave else TOPICS[0]
        rows = self.store.outbox(9999)
        of_item = {
            alert.id
            for alert in (one.alert for one in self.store.alerts(9999))
            if alert.item_id == item_id and alert.topic == chosen.name
        }
        for said in foresee(
            chosen, chosen.severity, channels(self.zone), self.clock.now
        ):
            (row,) = (
                row
                for row in rows
                if (row.channel, row.recipient) == (said.channel, said.recipient)
                and of_item & set(row.alert_ids)
            )
            assert row.due == said.at, said
            assert (row.type is MessageType.DIGEST) == (said.way is Way.DIGEST), said
            assert (row.reason is Reason.QUIET) == ("quiet until" in said.why), said

    def by_recipient(self) -> dict[tuple[str, str], list[Left]]:
        found: dict[tuple[str, str], list[Left]] = defaultdict(list)
        for one in self.recorder.left:
            found[one.row.channel, one.row.recipient].append(one)
        return found


async def _send_all(jobs: Jobs) -> None:
    while await jobs.deliver():
        pass


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "s.db") as opened:
        yield opened


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def check_once(desk: Watchman) -> None:
    """I12: everything reaches every recipient once, in one message or digest."""
    heard = desk.by_recipient()
    assert len(heard) == 5
    for who, messages in heard.items():
        told = Counter(one for left in messages for one in left.items)
        assert set(told) == set(desk.items), who
        assert set(told.values()) == {1}, who
        ids = [left.row.id for left in messages]
        assert len(ids) == len(set(ids)), who
    assert {row.state for row in desk.store.outbox(9999)} <= {DeliveryState.DELIVERED}


def check_digests(desk: Watchman) -> None:
    """One per period and recipient, at its time on the wall, of that period's items."""
    for (name, _), messages in desk.by_recipient().items():
        digests = [left for left in messages if left.row.type is MessageType.DIGEST]
        plan = next(one for one in channels(desk.zone) if one.name == name)
        spans = sorted(
            (left.row.period_from, left.row.period_to)
            for left in digests
            if left.row.period_from and left.row.period_to
        )
        assert len(spans) == len(digests) == len(set(spans))
        assert all(a[1] <= b[0] for a, b in pairwise(spans))
        per_day = Counter(
            end.astimezone(ZoneInfo(desk.zone)).date() for _, end in spans
        )
        assert all(count <= len(plan.digest) for count in per_day.values())
        for left in digests:
            assert left.row.period_from is not None
            assert left.row.period_to is not None
            for one in left.items:
                made = desk.made[one]
                assert left.row.period_from <= made < left.row.period_to


def wall_clock(zone: str, start: datetime) -> dict[datetime, datetime]:
    """What the clock on the wall shows first when, read minute by minute: UTC by it."""
    shown: dict[datetime, datetime] = {}
    for minute in range(-24 * 60, 72 * 60):
        at = start.replace(second=0) + timedelta(minutes=minute)
        shown.setdefault(at.astimezone(ZoneInfo(zone)).replace(tzinfo=None), at)
    return shown


def check_times(desk: Watchman, evening: datetime) -> None:
    """Digests end when the wall first shows their time, or when the gap has passed."""
    shown, zone = wall_clock(desk.zone, evening), ZoneInfo(desk.zone)
    for left in desk.recorder.left:
        end = left.row.period_to
        if end is None:
            continue
        plan = next(o for o in channels(desk.zone) if o.name == left.row.channel)
        wall = end.astimezone(zone).replace(tzinfo=None)
        if wall.time() in plan.digest:
            assert shown[wall] == end
            continue
        before, after = ((end + n * timedelta(hours=12)) for n in (-1, 1))
        gap = after.astimezone(zone).utcoffset() - before.astimezone(zone).utcoffset()  # type: ignore[operator]
        assert (wall - gap).time() in plan.digest
        assert wall - gap not in shown


@pytest.mark.parametrize("name", NIGHTS)
def test_a_night_tells_everything_once_and_leaves_quiet_time_quiet(
    store: Store, name: str
) -> None:
    """A82, I12: also as `vedette route` foretold it, at every step."""
    zone, evening = NIGHTS[name]
    desk = Watchman(store=store, zone=zone)
    desk.work(utc(evening), steps=44, jumps={})
    check_once(desk)
    check_digests(desk)
    check_times(desk, utc(evening))
    for (who, _), messages in desk.by_recipient().items():
        for left in messages:
            wall = left.at.astimezone(ZoneInfo(zone)).time()
            grave = set(left.items) & desk.critical
            if who == "night" and not grave:
                assert time(6, 30) <= wall < time(22), left
            if who == "both" and not grave:
                assert not time(1, 45) <= wall < time(3, 15), left
            if who in {"loud", "night"} or grave:
                (one,) = left.items
                waited = left.at - desk.made[one]
                assert not waited or (who == "night" and not grave)


JUMPS = {
    "an hour ahead": {20: timedelta(hours=1)},
    "an hour back": {20: timedelta(hours=-1)},
    "back over a digest that has left": {14: timedelta(hours=-1)},
    "back again and again": {n: timedelta(hours=-1) for n in range(6, 30, 4)},
    "ahead and back": {12: timedelta(hours=1), 16: timedelta(hours=-1)},
    "a day ahead": {20: timedelta(days=1)},
    "a day back": {20: timedelta(days=-1)},
    "ten years back and on again": {
        10: timedelta(days=-3653),
        20: timedelta(days=3653),
    },
}


@pytest.mark.parametrize("name", JUMPS)
def test_a_clock_that_jumps_tells_everything_once(store: Store, name: str) -> None:
    """A82, I12: no stall, no digest that is sent twice or swallows an item."""
    desk = Watchman(store=store, zone="Europe/Brussels")
    desk.work(utc("2026-10-24T18:05"), steps=44, jumps=JUMPS[name])
    check_once(desk)


def test_a_start_with_the_clock_at_1970_tells_everything_once(store: Store) -> None:
    """A82: a machine without a battery learns the time after ten items."""
    desk = Watchman(store=store, zone="Europe/Brussels")
    jump = utc("2026-10-24T18:05") - utc("1970-01-01T05:00")
    desk.work(utc("1970-01-01T00:00"), steps=44, jumps={10: jump})
    check_once(desk)
