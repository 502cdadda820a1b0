"""The outbox: claimed, settled, released."""

from __future__ import annotations

import sqlite3
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.model import Delivery, DeliveryState, Outcome, Reason, Receipt
from tests.vedette import store_world as world
from vedette.store import Store, UnknownDelivery, Wish
from vedette.store.claiming import FRESH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW, MINUTE, LEASE = world.NOW, world.MINUTE, world.LEASE
YES = Receipt(outcome=Outcome.DELIVERED, detail="250 queued")
LATER = Receipt(outcome=Outcome.TEMPORARY, detail="451 greylisted")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "vedette.db") as opened:
        yield opened


def fill(store: Store, n: int, *, channel: str = "mail", first: int = 0) -> list[str]:
    """``n`` rows due one microsecond after the other; their ids in that order."""
    items = [world.item(f"{channel}-{first + k}") for k in range(n)]
    store.add_items(world.harvest(items))
    deliveries = [
        world.delivery(
            [world.alert(one)], channel=channel, due=NOW + timedelta(microseconds=k)
        )
        for k, one in enumerate(items)
    ]
    store.record(world.verdict(items, deliveries=deliveries))
    return [row.id for row in deliveries]


def claim(store: Store, at: object = None, **changes: object) -> list[str]:
    values: dict[str, object] = {
        "limit": 99,
        "lease": LEASE,
        "per_recipient": 99,
        "per_channel": 999,
    }
    rows: tuple[Delivery, ...] = store.claim(at or NOW + MINUTE, **(values | changes))  # type: ignore[arg-type]
    return [row.id for row in rows]


def row(store: Store, delivery_id: str) -> Delivery:
    return next(one for one in store.outbox(999) if one.id == delivery_id)


def test_a_claimed_row_is_held_by_one_worker_until_its_lease_ends(store: Store) -> None:
    """I9: never two workers, and an expired lease is taken over once."""
    ids = fill(store, 2)
    assert claim(store) == ids
    assert claim(store, NOW + MINUTE + LEASE - timedelta(microseconds=1)) == []
    assert claim(store, NOW + MINUTE + LEASE) == ids
    assert claim(store, NOW + MINUTE + LEASE) == []
    assert row(store, ids[0]).attempts == 2


def test_a_claim_is_on_the_disk_before_it_is_given(
    store: Store, tmp_path: Path
) -> None:
    """I6: whoever opens the file now sees it."""
    (one,) = fill(store, 1)
    claim(store)
    with Store.open(tmp_path / "vedette.db") as other:
        seen = row(other, one)
    assert (seen.state, seen.attempts) == (DeliveryState.LEASED, 1)


def test_nothing_is_claimed_before_it_is_due(store: Store) -> None:
    """I10."""
    ids = fill(store, 3)
    assert claim(store, NOW - timedelta(microseconds=1)) == []
    assert claim(store, NOW + timedelta(microseconds=1)) == ids[:2]


def test_fresh_rows_leave_before_retries(store: Store) -> None:
    """A backlog after an outage does not starve new alerts."""
    old = fill(store, 2)
    claim(store)
    for one in old:
        store.settle(one, LATER, now=NOW, due=NOW)
    new = fill(store, 2, first=10)
    assert claim(store, limit=3) == [*new, old[0]]


def test_the_newest_alert_goes_before_an_untried_backlog(store: Store) -> None:
    """A receiver that hung for days left rows that nobody tried; fresh first."""
    old = fill(store, 6)
    at = NOW + MINUTE
    items = [world.item(f"new-{k}") for k in range(2)]
    store.add_items(world.harvest(items))
    new = [
        world.delivery([world.alert(one)], channel="mail", due=at - k * FRESH / 2)
        for k, one in enumerate(items)
    ]
    store.record(world.verdict(items, deliveries=new))
    ids = [row.id for row in reversed(new)]
    assert claim(store, at, limit=3) == [*ids, old[0]]
    store.release([*ids, old[0]])
    # A while later they are no better than the rest, and nothing is passed over.
    later = [claim(store, at + 2 * FRESH, limit=3) for _ in range(3)]
    assert later == [old[:3], old[3:], ids]


def test_a_dead_receiver_does_not_starve_the_others(store: Store) -> None:
    hung = fill(store, 30, channel="hook")
    mail = fill(store, 3, channel="mail")
    first = claim(store, limit=10, per_recipient=4)
    assert set(first) == {*hung[:4], *mail}
    # The rows under way count: the next claims take none of that endpoint.
    assert claim(store, limit=10, per_recipient=4) == fill(store, 0)
    store.settle(hung[0], YES, now=NOW, due=None)
    assert claim(store, limit=10, per_recipient=4) == [hung[4]]


def test_two_recipients_of_one_channel_are_two_endpoints(store: Store) -> None:
    items = [world.item(f"r{k}") for k in range(4)]
    store.add_items(world.harvest(items))
    deliveries = [
        world.delivery([world.alert(one)], recipient=f"{k % 2}@example.test")
        for k, one in enumerate(items)
    ]
    store.record(world.verdict(items, deliveries=deliveries))
    assert len(claim(store, per_recipient=1)) == 2


def test_many_workers_never_share_a_row(store: Store) -> None:
    """I9 under real concurrency."""
    ids = fill(store, 60)
    got: list[str] = []

    def work() -> None:
        while taken := claim(store, limit=3):
            got.extend(taken)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted(ids)


def test_a_delivered_row_is_settled_for_good(store: Store) -> None:
    (one,) = fill(store, 1)
    claim(store)
    store.settle(one, YES, now=NOW + MINUTE, due=None)
    store.settle(one, LATER, now=NOW + 2 * MINUTE, due=NOW)
    seen = row(store, one)
    assert (seen.state, seen.settled) == (DeliveryState.DELIVERED, NOW + MINUTE)
    assert seen.detail == "250 queued"
    assert claim(store, NOW + 9 * LEASE) == []


def test_a_temporary_failure_waits_for_its_next_turn(store: Store) -> None:
    (one,) = fill(store, 1)
    claim(store)
    store.settle(one, LATER, now=NOW, due=NOW + 5 * MINUTE)
    assert claim(store, NOW + 4 * MINUTE) == []
    assert claim(store, NOW + 5 * MINUTE) == [one]
    assert row(store, one).attempts == 2


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome.PERMANENT, Reason.REFUSED),
        (Outcome.GONE, Reason.GONE),
        (Outcome.TEMPORARY, Reason.EXHAUSTED),
        (Outcome.AMBIGUOUS, Reason.EXHAUSTED),
    ],
)
def test_a_row_without_a_next_turn_is_a_dead_letter_with_its_reason(
    store: Store, outcome: Outcome, reason: Reason
) -> None:
    (one,) = fill(store, 1)
    claim(store)
    store.settle(one, Receipt(outcome=outcome, detail="no"), now=NOW, due=None)
    seen = row(store, one)
    assert (seen.state, seen.reason) == (DeliveryState.DEAD, reason)
    assert store.health(NOW).deliveries[DeliveryState.DEAD] == 1


def test_the_caller_may_name_the_reason_of_a_death(store: Store) -> None:
    (one,) = fill(store, 1)
    claim(store)
    store.settle(
        one,
        Receipt(outcome=Outcome.PERMANENT),
        now=NOW,
        due=None,
        reason=Reason.UNKNOWN_CHANNEL,
    )
    assert row(store, one).reason is Reason.UNKNOWN_CHANNEL


def test_a_pause_is_no_attempt(store: Store) -> None:
    (one,) = fill(store, 1)
    claim(store)
    store.settle(one, Receipt(outcome=Outcome.PAUSED), now=NOW, due=NOW + MINUTE)
    assert row(store, one).attempts == 0


def test_a_late_no_does_not_take_a_row_from_its_new_holder(store: Store) -> None:
    """I9: the first worker's answer comes after its lease was taken over."""
    (one,) = fill(store, 1)
    claim(store)
    store.release(None)
    store.settle(one, LATER, now=NOW, due=NOW + 99 * MINUTE)
    assert claim(store) == [one]


def test_a_late_no_is_nothing_to_the_worker_that_took_the_lease_over(
    store: Store,
) -> None:
    """I9: two claims of one row; only the second may put it back."""
    (one,) = fill(store, 1)
    claim(store)
    late = NOW + MINUTE + LEASE
    assert claim(store, late) == [one]
    store.settle(one, LATER, now=late, due=late, attempt=1)
    assert row(store, one).state is DeliveryState.LEASED
    store.settle(one, LATER, now=late, due=late, attempt=2)
    assert row(store, one).state is DeliveryState.PENDING


def test_a_late_yes_counts_even_after_the_row_was_given_up(store: Store) -> None:
    (one,) = fill(store, 1)
    claim(store)
    store.settle(one, Receipt(outcome=Outcome.TEMPORARY), now=NOW, due=None)
    store.settle(one, YES, now=NOW + MINUTE, due=None)
    seen = row(store, one)
    assert (seen.state, seen.reason) == (DeliveryState.DELIVERED, None)


def test_a_drained_row_was_never_tried(store: Store) -> None:
    """I18: nothing stays leased after a drain, and the claim is not counted."""
    ids = fill(store, 2)
    claim(store)
    assert store.release(ids[:1]) == 1
    assert row(store, ids[0]).attempts == 0
    assert row(store, ids[1]).state is DeliveryState.LEASED
    assert claim(store) == [ids[0]]


def test_after_a_crash_every_lease_can_be_given_back_and_stays_counted(
    store: Store,
) -> None:
    """I6: those rows may have been sent, so their attempts stay."""
    ids = fill(store, 2)
    claim(store)
    assert store.release(None) == 2
    assert {row(store, one).attempts for one in ids} == {1}
    assert claim(store) == ids


def test_a_sealed_digest_never_changes(store: Store) -> None:
    """I5: one id, one content."""
    one = world.item("a")
    store.add_items(world.harvest([one]))
    digest = world.digest([world.alert(one)])
    store.record(world.verdict([one], deliveries=[digest]))
    store.seal(digest.id, b"first", "1 alert")
    store.seal(digest.id, b"second", "2 alerts")
    seen = row(store, digest.id)
    assert (seen.payload, seen.headline) == (b"first", "1 alert")


def test_an_unknown_delivery_is_refused(store: Store) -> None:
    with pytest.raises(UnknownDelivery):
        store.settle("nobody", YES, now=NOW, due=None)
    with pytest.raises(UnknownDelivery):
        store.seal("nobody", b"", "")
    assert store.tellings("nobody") == ()


def test_an_unreadable_row_is_dead_and_the_others_leave(
    store: Store, tmp_path: Path
) -> None:
    ids = fill(store, 3)
    with sqlite3.connect(tmp_path / "vedette.db") as raw:
        raw.execute("UPDATE delivery SET type = 'carrier pigeon' WHERE seq = 1")
    raw.close()
    assert claim(store) == ids[1:]
    health = store.health(NOW)
    assert health.deliveries[DeliveryState.DEAD] == 1


def test_every_attempt_is_logged(store: Store, tmp_path: Path) -> None:
    (one,) = fill(store, 1)
    for receipt, due in ((LATER, NOW), (YES, None)):
        claim(store)
        store.settle(one, receipt, now=NOW, due=due)
    with sqlite3.connect(tmp_path / "vedette.db") as raw:
        found = raw.execute("SELECT outcome, detail FROM attempt ORDER BY seq")
        log = found.fetchall()
    raw.close()
    assert log == [("temporary", "451 greylisted"), ("delivered", "250 queued")]


def test_the_operator_can_send_a_dead_letter_again(store: Store) -> None:
    (one,) = fill(store, 1)
    for _ in range(4):
        claim(store, NOW + 9 * LEASE)
        store.settle(one, LATER, now=NOW, due=NOW)
    claim(store, NOW + 9 * LEASE)
    store.settle(one, LATER, now=NOW, due=None)
    again = NOW + 10 * LEASE
    assert store.redirect(one, Wish.RETRY, again)
    seen = row(store, one)
    assert (seen.state, seen.reason) == (DeliveryState.PENDING, None)
    assert (seen.attempts, seen.first_due, seen.due) == (1, again, again)
    assert claim(store, again) == [one]
    assert not store.redirect(one, Wish.RETRY, again)
    assert not store.redirect("nobody", Wish.RETRY, again)


def test_all_dead_letters_of_a_channel_can_be_sent_again(store: Store) -> None:
    mails, hooks = fill(store, 3), fill(store, 1, channel="hook")
    store.redirect(mails[2], Wish.DROP, NOW)
    claim(store)
    for one in (*mails[:2], *hooks):
        store.settle(one, LATER, now=NOW, due=None)
    assert store.redirect("mail", Wish.RETRY_DEAD, NOW + LEASE) == 2
    assert claim(store, NOW + LEASE) == mails[:2]
    assert row(store, hooks[0]).state is DeliveryState.DEAD
    assert store.redirect("mail", Wish.RETRY_DEAD, NOW + LEASE) == 0


def test_the_operator_can_drop_a_row_that_is_not_under_way(store: Store) -> None:
    """I13: dropped is suppressed with a reason, never gone."""
    ids = fill(store, 2)
    claim(store, limit=1)
    assert not store.redirect(ids[0], Wish.DROP, NOW)
    assert store.redirect(ids[1], Wish.DROP, NOW)
    seen = row(store, ids[1])
    assert (seen.state, seen.reason) == (DeliveryState.SUPPRESSED, Reason.DROPPED)
    assert claim(store) == []
    assert store.redirect(ids[1], Wish.RETRY, NOW)
    assert claim(store) == [ids[1]]


def test_the_outbox_is_listed_by_state_newest_first(store: Store) -> None:
    ids = fill(store, 3)
    claim(store, limit=1)
    waiting = store.outbox(9, DeliveryState.PENDING)
    assert [one.id for one in waiting] == [ids[2], ids[1]]
    assert [one.id for one in store.outbox(1)] == [ids[2]]
    (told,) = {one.told[DeliveryState.PENDING] for one in store.alerts(2)}
    assert told == 1


def test_a_claim_costs_the_same_with_a_backlog_of_5_000_rows(store: Store) -> None:
    """HARDENING, load: 50,000 rows wait for their retry after a receiver's outage."""
    for block in range(5):
        fill(store, 1000, first=block * 1000)
    with store._db.reading() as db:
        backlog = db.execute(
            "SELECT count(*) FROM delivery WHERE state = 'pending'"
        ).fetchone()[0]
    assert backlog == 5_000
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    # 1 call per 1,000 virtual machine steps: a scan of the backlog would take 50.
    store._db.on_writer(lambda db: db.set_progress_handler(count, 1000))
    assert len(claim(store, limit=8, per_recipient=8)) == 8
    store._db.on_writer(lambda db: db.set_progress_handler(None, 0))
    assert steps <= 5
