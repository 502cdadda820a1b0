"""Urgent alerts go on to others unless somebody acknowledges them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.escalating import FIRST_STEP
from alerts.evaluate import release
from alerts.followups import Past
from alerts.model import (
    DeliveryState,
    Escalate,
    Limit,
    MessageType,
    Quiet,
    Reason,
    Severity,
    Told,
    Verdict,
)
from tests.alerts.desk import NOW, Desk, channel, item, topic
from tests.vedette.clockwork import Clock, Ear, add, working
from vedette.engine import Engine
from vedette.store import Store, Wish
from vedette.why import sentences, why

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from alerts.model import Delivery, Neighbours, Topic
    from crawler.items import Item
    from vedette.jobs import Jobs

MINUTE = timedelta(minutes=1)
ESCALATE = Escalate(after=30 * MINUTE, to=("phone",))
TOPICS = (
    topic("ferry", "ferry", severity=Severity.HIGH, to=("desk",), escalate=ESCALATE),
    topic("port", "port", to=("desk",), escalate=ESCALATE),
)
DESK = channel("desk", "a@x.test", "b@x.test")
PHONE = channel(
    "phone",
    quiet=Quiet(start=time(11), end=time(14)),
    digest=(time(8),),
    limit=Limit(most=1, span=10 * MINUTE),
)
LATE = item("The ferry is late again this morning", source="a")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "s.db") as opened:
        yield opened


def life(
    store: Store,
    clock: Clock,
    what: Callable[[Jobs], None] = lambda _: None,
    topics: tuple[Topic, ...] = TOPICS,
    desk: object = DESK,
) -> int:
    """One process that evaluates until nothing is left; the number of rounds."""

    async def run() -> int:
        async with working(store, clock, Ear(), topics, desk, PHONE) as jobs:  # type: ignore[arg-type]
            what(jobs)
            rounds = 0
            while await jobs.evaluate():
                rounds += 1
                assert rounds < 9
            return rounds

    return asyncio.run(run())


def to_phone(store: Store) -> list[Delivery]:
    return [row for row in store.outbox(99) if row.channel == "phone"]


def opened(store: Store) -> str:
    return next(row.alert.id for row in store.alerts(99) if row.alert.kind == "opened")


def test_what_nobody_acknowledged_goes_on_once_and_passes_quiet_time(
    store: Store,
) -> None:
    """Escalation passes quiet time."""
    clock = Clock()
    add(store, LATE)
    life(store, clock)
    clock.now = NOW + 29 * MINUTE
    assert life(store, clock) == 0
    assert to_phone(store) == []
    clock.now += MINUTE
    assert life(store, clock) == 1
    (row,) = to_phone(store)
    assert (row.type, row.due, row.reason) == (
        MessageType.UPDATED,
        clock.now,
        Reason.ESCALATED,
    )
    assert store.redirect(row.id, Wish.RETRY, clock.now)
    assert to_phone(store)[0].reason is Reason.ESCALATED  # urgent still
    alert = store.alerts(1)[0].alert
    assert (alert.reason, alert.milestone) == (Reason.ESCALATED, "escalated:1")
    assert b'"reason":"escalated"' in (row.payload or b"")
    clock.now += 30 * MINUTE
    assert life(store, clock) == 0
    assert len(to_phone(store)) == 1


def test_one_acknowledgement_stops_it_for_all(store: Store) -> None:
    """An acknowledgement by one recipient stops the escalation for all."""
    clock = Clock()
    add(store, LATE)
    life(store, clock)
    assert store.redirect(opened(store), Wish.ACKNOWLEDGE, NOW + MINUTE)
    clock.now += 60 * MINUTE
    assert life(store, clock) == 0
    assert to_phone(store) == []
    assert store.alerts(1)[0].acknowledged == NOW + MINUTE
    # What was sent is not called back, and a second word changes nothing.
    assert store.redirect(opened(store), Wish.ACKNOWLEDGE, clock.now)
    assert store.alerts(1)[0].acknowledged == NOW + MINUTE
    assert [r.state for r in store.outbox(9)] == [DeliveryState.PENDING] * 2
    assert not store.redirect("no such alert", Wish.ACKNOWLEDGE, clock.now)


def test_an_acknowledgement_while_it_is_decided_still_stops_it(store: Store) -> None:
    """Between the reading and the writing of one round; another alert goes on."""
    clock = Clock()
    add(store, LATE, item("A ferry ran aground near the northern lighthouse"))
    life(store, clock)
    one, other = {row.alert.story_id: row.alert.id for row in store.alerts(9)}.items()
    clock.now += 60 * MINUTE

    def slow_reader(jobs: Jobs) -> None:
        read = jobs._neighbours

        def and_then_somebody_takes_note(
            items: Iterable[Item], now: datetime
        ) -> Neighbours:
            found = read(items, now)
            if len(found.escalations) == 2:
                assert store.redirect(one[1], Wish.ACKNOWLEDGE, clock.now)
            return found

        jobs._neighbours = and_then_somebody_takes_note  # type: ignore[method-assign]

    assert life(store, clock, slow_reader) == 1
    assert [row.story_id for row in to_phone(store)] == [other[0]]
    assert store.pending(1).escalate_at is None


def test_only_high_and_critical_alerts_escalate(store: Store) -> None:
    clock = Clock()
    add(store, item("The port was built in a hurry long ago"))
    life(store, clock)
    clock.now += 60 * MINUTE
    assert life(store, clock) == 0
    assert len(store.alerts(9)) == 1


def test_a_verdict_that_was_lost_or_came_twice_escalates_once(store: Store) -> None:
    clock = Clock()
    add(store, LATE)
    life(store, clock)
    clock.now += 30 * MINUTE

    def kill(jobs: Jobs) -> None:
        known = store.neighbours((), clock.now)
        lost = release(known, jobs.setup.watch, clock.now)
        assert release(known, jobs.setup.watch, clock.now) == lost
        store.record(lost)
        store.record(lost)

    assert life(store, clock, kill) == 0
    assert len(to_phone(store)) == 1
    assert len(store.alerts(9)) == 2


def test_an_escalation_counts_as_no_follow_up() -> None:
    """Else the next change of the story would wait half an hour for it."""
    told = tuple(
        Told(milestone=milestone, at=NOW, story_id="s")
        for milestone in ("first", FIRST_STEP, "corroborated")
    )
    assert Past(told=told).followups == told[2:]


@pytest.mark.parametrize(
    "topics",
    [
        (),
        (replace(TOPICS[0], escalate=None),),
        (replace(TOPICS[0], off=True),),
    ],
)
def test_it_goes_by_todays_topics(store: Store, topics: tuple[Topic, ...]) -> None:
    clock = Clock()
    add(store, LATE)
    life(store, clock)
    clock.now += 30 * MINUTE
    assert life(store, clock, topics=topics) == 1
    assert life(store, clock, topics=topics) == 0
    assert to_phone(store) == []


def test_a_silence_meanwhile_is_obeyed(store: Store) -> None:
    clock = Clock()
    add(store, LATE)
    life(store, clock)
    store.silence("ferry", NOW + 60 * MINUTE, NOW)
    clock.now += 30 * MINUTE
    life(store, clock)
    assert [row.reason for row in to_phone(store)] == [Reason.SILENCED]


def test_what_a_silence_kept_from_all_escalates_not_when_it_ends(store: Store) -> None:
    clock = Clock()
    store.silence("ferry", NOW + 10 * MINUTE, NOW)
    add(store, LATE)
    life(store, clock)
    assert {row.reason for row in store.outbox(9)} == {Reason.SILENCED}
    assert store.pending(1).escalate_at is None
    clock.now += 30 * MINUTE
    assert life(store, clock) == 0
    assert to_phone(store) == []


@pytest.mark.parametrize(
    ("to", "starts"), [(("desk",), ["ferry"]), (("desk", "room"), ["ferry", "port"])]
)
def test_what_was_told_already_escalates_only_if_somebody_was_sent_it(
    to: tuple[str, ...], starts: list[str]
) -> None:
    """A second topic is no news to the desk; to another room it is."""
    port = replace(TOPICS[1], severity=Severity.HIGH, to=to)
    desk = Desk(DESK, channel("room"), PHONE, topics=(TOPICS[0], port))
    text = "The ferry is late again this morning, says the harbour office."
    begun = [
        one.alert.topic
        for source, title in (("a", "x"), ("b", "An old port"))
        for one in desk.see(
            item(title, text=text, source=source, url="https://p.test/1")
        ).escalations
    ]
    assert begun == starts


BOTH = (TOPICS[0], replace(TOPICS[1], severity=Severity.HIGH))
URGENT = (TOPICS[0], replace(TOPICS[1], severity=Severity.CRITICAL))
IN_PORT = item("The ferry never left the port this morning", source="a")


def test_the_topics_of_one_story_go_on_in_one_message(store: Store) -> None:
    """Escalation passes quiet time and limits: one story rings once."""
    clock = Clock()
    add(store, IN_PORT)
    life(store, clock, topics=BOTH)
    clock.now += 30 * MINUTE
    assert life(store, clock, topics=BOTH) == 1
    (row,) = to_phone(store)
    assert len(row.alert_ids) == 2
    assert b'"also":["port"]' in (row.payload or b"")


@pytest.mark.parametrize(
    ("topics", "told"),
    [(BOTH, [Reason.ESCALATED, Reason.ALREADY_TOLD]), (URGENT, [Reason.ESCALATED] * 2)],
)
def test_a_later_topic_rouses_again_only_if_it_is_more_urgent(
    store: Store, topics: tuple[Topic, ...], told: list[Reason]
) -> None:
    clock = Clock()
    later = replace(topics[1], escalate=replace(ESCALATE, after=40 * MINUTE))
    add(store, IN_PORT)
    life(store, clock, topics=(topics[0], later))
    for minutes in (30, 10):
        clock.now += minutes * MINUTE
        assert life(store, clock, topics=(topics[0], later)) == 1
    assert [row.reason for row in reversed(to_phone(store))] == told


def test_who_was_told_but_not_roused_is_roused(store: Store) -> None:
    """The first word of a story, kept for the end of the night, is no escalation."""
    clock = Clock()
    both = tuple(replace(one, to=("desk", "phone")) for one in BOTH)
    add(store, IN_PORT)
    life(store, clock, topics=both)
    before = len(to_phone(store))
    clock.now += 30 * MINUTE
    life(store, clock, topics=both)
    (row,) = to_phone(store)[:-before]
    assert row.reason is Reason.ESCALATED


def test_what_a_silence_kept_back_rouses_nobody_and_counts_as_no_escalation(
    store: Store,
) -> None:
    clock = Clock()
    add(store, IN_PORT)
    life(store, clock, topics=BOTH)
    store.silence("ferry", NOW + 60 * MINUTE, NOW)
    clock.now += 30 * MINUTE
    life(store, clock, topics=BOTH)
    assert {row.reason for row in to_phone(store)} == {
        Reason.SILENCED,
        Reason.ESCALATED,
    }


def test_a_backlog_escalates_one_message_a_topic(store: Store) -> None:
    clock = Clock()
    add(
        store,
        replace(LATE, catching_up=True),
        replace(
            item("Captain of a ferry finds an old violin at sea"), catching_up=True
        ),
    )
    life(store, clock)
    assert sum(row.alert.kind == "opened" for row in store.alerts(9)) == 2
    clock.now += 30 * MINUTE
    life(store, clock)
    assert len(to_phone(store)) == 1


def test_an_acknowledged_story_leaves_the_digest_that_gathers(store: Store) -> None:
    """An acknowledged story stays out of the next digest."""
    clock, desk = Clock(), replace(DESK, digest=(time(8),))
    add(store, LATE)
    life(store, clock, desk=desk)
    mine = opened(store)
    add(store, item("The port was built in a hurry long ago"))
    life(store, clock, desk=desk)
    assert [len(row.alert_ids) for row in store.outbox(9)] == [2, 2]
    store.redirect(mine, Wish.ACKNOWLEDGE, NOW + MINUTE)
    rows = store.outbox(9)
    left = [row for row in rows if row.state is DeliveryState.PENDING]
    out = [row for row in rows if row.reason is Reason.ACKNOWLEDGED]
    assert [mine in row.alert_ids for row in left] == [False, False]
    assert [row.alert_ids for row in out] == [(mine,), (mine,)]
    assert {row.state for row in out} == {DeliveryState.SUPPRESSED}
    assert len(left) == len(out) == 2
    # The rest too: then there is nothing to send, and a later alert has a new row.
    port = next(r.alert.id for r in store.alerts(9) if r.alert.topic == "port")
    store.redirect(port, Wish.ACKNOWLEDGE, NOW + MINUTE)
    assert {row.state for row in store.outbox(9)} == {DeliveryState.SUPPRESSED}
    add(store, item("A port gets a lighthouse made of glass and steel"))
    life(store, clock, desk=desk)
    assert [r.state for r in store.outbox(2)] == [DeliveryState.PENDING] * 2


def test_what_changes_after_an_acknowledgement_is_told_anew(store: Store) -> None:
    clock, desk = Clock(), replace(DESK, digest=(time(8),))
    add(store, LATE)
    life(store, clock, desk=desk)
    store.redirect(opened(store), Wish.ACKNOWLEDGE, NOW)
    (first,), (row, _) = store.alerts(9), store.outbox(9)
    change = replace(first.alert, id="c", kind="updated", milestone="corroborated")
    told = replace(row, state=DeliveryState.PENDING, reason=None, alert_ids=("c",))
    store.record(Verdict(at=NOW, alerts=(change,), deliveries=(told,)))
    assert store.alerts(1)[0].acknowledged is None
    newest = store.outbox(1)[0]
    assert (newest.state, newest.alert_ids) == (DeliveryState.PENDING, ("c",))
    assert newest.id != row.id


def test_why_tells_of_an_escalation_and_retention_keeps_what_it_needs(
    store: Store,
) -> None:
    clock = Clock()
    add(store, LATE)
    life(store, clock)
    clock.now += timedelta(days=400)
    for _ in range(3):
        store.prune(clock.now, items=timedelta(days=90), texts=timedelta(days=30))
    answers = []
    life(store, clock)
    life(
        store,
        clock,
        lambda jobs: answers.append(why(store, jobs.setup.watch, LATE.id, None)),
    )
    assert any("nobody acknowledged it in time" in s for s in sentences(answers[0]))


def test_the_engine_escalates_within_a_tick(store: Store) -> None:
    """No item comes, nobody asks: the ticker alone sends it on."""
    clock, ear = Clock(), Ear()

    async def story() -> None:
        async with working(store, clock, ear, TOPICS, DESK, PHONE) as jobs:
            engine = Engine(
                jobs, clock=clock, items=timedelta(days=90), texts=timedelta(days=30)
            )
            add(store, LATE)
            engine.start()
            async with asyncio.timeout(10):
                while jobs.escalate_at is None:
                    await asyncio.sleep(0.02)
                clock.now += 30 * MINUTE
                while not any(row.channel == "phone" for row in ear.heard):
                    await asyncio.sleep(0.02)
            await engine.stop()

    asyncio.run(story())
