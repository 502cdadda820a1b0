"""Verdicts: recorded whole, once, and read back as neighbours."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.model import (
    DeliveryState,
    Known,
    MessageType,
    Outcome,
    Reason,
    Receipt,
    Severity,
    Silence,
    Verdict,
)
from crawler.items import stable_id
from tests.vedette import store_world as world
from vedette.store import AlreadyEvaluated, Store, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crawler.items import Item

NOW, MINUTE = world.NOW, world.MINUTE


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "vedette.db") as opened:
        yield opened


def filled(store: Store, *keys: str) -> list[Item]:
    items = [world.item(key) for key in keys]
    store.add_items(world.harvest(items))
    return items


def test_a_judged_item_waits_no_longer(store: Store) -> None:
    first, second = filled(store, "a", "b")
    store.record(world.verdict([first]))
    assert store.pending(5).items == (second,)


def test_a_verdict_comes_back_field_by_field(store: Store) -> None:
    (one,) = filled(store, "a")
    store.record(world.verdict([one]))
    stored = store.item(one.id)
    assert stored is not None
    assert stored.item == one
    assert stored.matches == (world.MATCH,)
    assert stored.gates == (("dprk", Reason.FIRST),)
    assert stored.story == world.story_of(one)
    assert stored.alerts == (world.alert(one),)
    assert stored.deliveries == (world.delivery([world.alert(one)]),)
    assert stored.evaluated == NOW
    assert stored.fetch == world.record_of(one)


def test_a_second_evaluator_changes_nothing(store: Store) -> None:
    """I7b: one judged item in the batch refuses the whole verdict."""
    first, second = filled(store, "a", "b")
    store.record(world.verdict([first]))
    with pytest.raises(AlreadyEvaluated) as refused:
        store.record(world.verdict([second, first]))
    assert refused.value.item_id == first.id
    assert store.pending(5).items == (second,)
    assert len(store.outbox(9)) == 1


def test_an_item_that_was_never_stored_cannot_be_judged(store: Store) -> None:
    with pytest.raises(AlreadyEvaluated):
        store.record(world.verdict([world.item("ghost")]))
    assert store.health(NOW).deliveries == {}


def test_a_milestone_is_told_once_whatever_the_verdict_says(store: Store) -> None:
    """The UNIQUE keys are the promise, not the evaluator's care."""
    first, second = filled(store, "a", "b")
    store.record(world.verdict([first]))
    twin = replace(world.alert(first), id=stable_id("another id"), item_id=second.id)
    row = replace(world.delivery([twin]), id=stable_id("another row"))
    store.record(world.verdict([second], alerts=[twin], deliveries=[row]))
    assert len(store.alerts(9)) == 1
    assert len(store.outbox(9)) == 1


def test_neighbours_name_the_oldest_item_of_a_key(store: Store) -> None:
    first = world.item("a")
    later = world.item("b", canonical_url=first.canonical_url, text=first.text)
    store.add_items(world.harvest([first, later]))
    story = world.story_of(first)
    store.record(world.verdict([first]))
    store.record(
        Verdict(
            at=NOW,
            judgements=(world.judgement(later, story, duplicate_of=first.id),),
            stories=(replace(story, items=2),),
        )
    )
    asked = [world.fingerprint(world.item("c", text=first.text))]
    around = store.neighbours([*asked, world.fingerprint(first)], NOW)
    known = Known(item_id=first.id, story_id=story.id)
    assert around.by_url == {first.canonical_url: known}
    assert around.by_content == {world.fingerprint(first).content_hash: known}
    assert around.stories == {story.id: replace(story, items=2)}
    assert around.alerted == {(story.id, "dprk", "opened", "first")}
    assert around.told == {(story.id, "mail", "desk@example.test"): Severity.HIGH}
    stored = store.item(later.id)
    assert stored is not None
    assert stored.duplicate_of == first.id


def test_equal_words_are_forgotten_after_seven_days_but_a_url_is_not(
    store: Store,
) -> None:
    (one,) = filled(store, "a")
    store.record(world.verdict([one]))
    asked = [world.fingerprint(one)]
    week = timedelta(days=7)
    assert store.neighbours(asked, NOW + week).by_content
    late = store.neighbours(asked, NOW + week + MINUTE)
    assert not late.by_content
    assert late.by_url


def test_neighbours_of_strangers_are_empty(store: Store) -> None:
    (one,) = filled(store, "a")
    store.record(world.verdict([one]))
    around = store.neighbours([world.fingerprint(world.item("z"))], NOW)
    assert (around.by_url, around.by_content, around.stories) == ({}, {}, {})
    assert (around.alerted, around.told) == (frozenset(), {})


def test_what_died_or_was_suppressed_was_not_heard(store: Store) -> None:
    first, second = filled(store, "a", "b")
    mute = world.delivery(
        [world.alert(second)],
        state=DeliveryState.SUPPRESSED,
        reason=Reason.ALREADY_TOLD,
    )
    store.record(
        world.verdict(
            [first, second], deliveries=[world.delivery([world.alert(first)]), mute]
        )
    )
    asked = [world.fingerprint(first), world.fingerprint(second)]
    heard = (stable_id(first.id), "mail", "desk@example.test")
    assert set(store.neighbours(asked, NOW).told) == {heard}
    (row,) = store.claim(NOW, limit=5, lease=world.LEASE)
    store.settle(row.id, Receipt(outcome=Outcome.PERMANENT), now=NOW, due=None)
    assert store.neighbours(asked, NOW).told == {}


def test_told_is_the_highest_severity(store: Store) -> None:
    (one,) = filled(store, "a")
    alerts = [
        world.alert(one, topic="a", severity=Severity.NORMAL),
        world.alert(one, topic="b", severity=Severity.CRITICAL),
        world.alert(one, topic="c", severity=Severity.LOW),
    ]
    store.record(
        world.verdict([one], alerts=alerts, deliveries=[world.delivery(alerts)])
    )
    told = store.neighbours([world.fingerprint(one)], NOW).told
    assert list(told.values()) == [Severity.CRITICAL]
    assert store.outbox(1)[0].alert_ids == tuple(made.id for made in alerts)


def test_silences_and_catching_up_come_with_the_neighbours(store: Store) -> None:
    store.silence("dprk", NOW + MINUTE, NOW)
    store.silence("kursk", NOW + 9 * MINUTE, NOW)
    store.record(Verdict(at=NOW, caught_up=(("dprk", NOW),)))
    store.record(Verdict(at=NOW, caught_up=(("dprk", NOW + MINUTE),)))
    around = store.neighbours([], NOW + MINUTE)
    assert around.silences == (Silence(target="kursk", until=NOW + 9 * MINUTE),)
    assert around.caught_up == {"dprk": NOW + MINUTE}
    store.silence("kursk", NOW, NOW)
    assert store.neighbours([], NOW).silences == (
        Silence(target="dprk", until=NOW + MINUTE),
    )


def test_a_digest_gathers_the_alerts_of_several_verdicts(store: Store) -> None:
    first, second = filled(store, "a", "b")
    for one in (first, second):
        made = world.alert(one, severity=Severity.LOW)
        store.record(
            world.verdict([one], alerts=[made], deliveries=[world.digest([made])])
        )
    (row,) = store.outbox(9)
    assert row.type is MessageType.DIGEST
    told = store.tellings(row.id)
    assert [part[2] for part in told] == [first, second]
    assert row.alert_ids == tuple(part[0].id for part in told)


@pytest.mark.parametrize("moment", ["claimed", "sealed", "delivered"])
def test_an_alert_that_comes_too_late_for_a_digest_gets_one_of_its_own(
    store: Store, moment: str
) -> None:
    """I12 and the promise: the row under way cannot take it, so it is not lost."""
    first, second, third = filled(store, "a", "b", "c")
    made = [world.alert(one, severity=Severity.LOW) for one in (first, second, third)]
    store.record(
        world.verdict([first], alerts=made[:1], deliveries=[world.digest(made[:1])])
    )
    due = NOW + 60 * MINUTE
    (row,) = store.claim(due, limit=9, lease=world.LEASE)
    if moment != "claimed":
        store.seal(row.id, b"rendered", "1 alert")
    if moment == "delivered":
        store.settle(row.id, Receipt(outcome=Outcome.DELIVERED), now=due, due=None)
    for one, late in ((second, made[1]), (third, made[2])):
        store.record(
            world.verdict([one], alerts=[late], deliveries=[world.digest([late])])
        )
    follower = store.outbox(9)[0]
    assert follower.id == stable_id(row.id, "2")
    assert follower.alert_ids == (made[1].id, made[2].id)
    assert store.tellings(row.id)[0][2] == first
    assert len(store.outbox(9)) == 2


def test_a_row_that_cannot_be_read_does_not_hold_up_the_others(
    store: Store, tmp_path: Path
) -> None:
    bad, good = filled(store, "a", "b")
    with sqlite3.connect(tmp_path / "vedette.db") as raw:
        raw.execute("UPDATE item SET freshness = 'from the future' WHERE seq = 1")
    raw.close()
    assert store.pending(1).items == (good,)
    assert store.pending(9).items == (good,)
    assert store.health(NOW).unreadable == 1
    assert store.health(NOW).pending == 1
    assert store.item(bad.id) is None


def test_damaged_utf8_is_read_with_replacements(store: Store, tmp_path: Path) -> None:
    filled(store, "a", "b")
    with sqlite3.connect(tmp_path / "vedette.db") as raw:
        raw.execute("UPDATE item SET title = CAST(x'41ff42' AS TEXT) WHERE seq = 1")
    raw.close()
    assert store.pending(9).items[0].title == "A\ufffdB"


def test_a_verdict_that_cannot_be_written_is_not_half_written(store: Store) -> None:
    """I7b: the alert names an item that is not stored."""
    (one,) = filled(store, "a")
    stray = replace(world.alert(one), item_id="nowhere")
    with pytest.raises(StoreError):
        store.record(world.verdict([one], alerts=[stray]))
    assert store.pending(5).items == (one,)
    assert store.outbox(5) == ()
    assert store.neighbours([world.fingerprint(one)], NOW).stories == {}


def test_a_damaged_story_does_not_stop_the_evaluation(
    store: Store, tmp_path: Path
) -> None:
    first, second = filled(store, "a", "b")
    store.record(world.verdict([first, second]))
    with sqlite3.connect(tmp_path / "vedette.db") as raw:
        raw.execute(
            "UPDATE story SET languages = '{' WHERE id = ?", (stable_id(first.id),)
        )
    raw.close()
    asked = [world.fingerprint(first), world.fingerprint(second)]
    around = store.neighbours(asked, NOW)
    assert set(around.stories) == {stable_id(second.id)}
    assert {one.item_id for one in around.by_url.values()} == {second.id}
    (row,) = (
        one for one in store.outbox(9) if one.alert_ids[0] == world.alert(first).id
    )
    assert store.tellings(row.id) == ()


def test_damaged_silences_and_catching_up_do_not_stop_the_evaluation(
    store: Store, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "vedette.db") as db:
        db.execute("INSERT INTO caught_up VALUES ('kursk', 9000000000000000000)")
        db.execute(
            "INSERT INTO silence(target, until) VALUES ('x', 9000000000000000000)"
        )
    found = store.neighbours([], NOW)
    assert not found.caught_up
    assert not found.silences


def test_looking_around_costs_the_same_in_a_store_ten_times_as_large(
    store: Store,
) -> None:
    asked = [world.fingerprint(world.item(f"0-{n}")) for n in range(20)]

    def steps() -> int:
        """Virtual machine steps, which no other load on the machine can change."""
        count = 0

        def step() -> int:
            nonlocal count
            count += 1
            return 0

        store.neighbours(asked, NOW)
        (db,) = store._db._idle
        db.set_progress_handler(step, 10)
        store.neighbours(asked, NOW)
        db.set_progress_handler(None, 0)
        return count

    def fill(blocks: range) -> None:
        for block in blocks:
            items = filled(store, *(f"{block}-{n}" for n in range(100)))
            store.record(world.verdict(items))

    fill(range(2))
    small = steps()
    fill(range(2, 20))
    assert steps() <= small * 1.1
