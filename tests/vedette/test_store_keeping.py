"""Health, backup, restore, retention."""

from __future__ import annotations

import contextlib
import resource
import sqlite3
import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.model import DeliveryState, Outcome, Reason, Receipt, Verdict
from tests.vedette import store_world as world
from vedette.health import checks
from vedette.store import (
    Added,
    Store,
    StoreCorrupt,
    StoreError,
    StoreTooNew,
    StoreUnwritable,
    restore,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW, MINUTE = world.NOW, world.MINUTE
DAY = timedelta(days=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vedette.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        yield opened


def deliver(store: Store) -> None:
    for row in store.claim(
        NOW + MINUTE, limit=99, lease=world.LEASE, per_recipient=99, per_channel=99
    ):
        store.settle(
            row.id, Receipt(outcome=Outcome.DELIVERED), now=NOW + MINUTE, due=None
        )


# --- health ----------------------------------------------------------------------


def test_an_empty_store_is_well(store: Store) -> None:
    health = store.health(NOW)
    assert (health.items, health.pending, health.deliveries) == (0, 0, {})
    assert health.oldest_pending is None
    assert health.overdue == timedelta(0)
    assert health.store_bytes > 0
    assert health.free_bytes > 0


def test_health_tells_what_waits_and_since_when(store: Store) -> None:
    first, second = world.item("a", seen=NOW - MINUTE), world.item("b")
    store.add_items(world.harvest([first, second]))
    store.record(world.verdict([second]))
    health = store.health(NOW + 5 * MINUTE)
    assert (health.items, health.pending) == (2, 1)
    assert health.oldest_pending == NOW - MINUTE
    assert health.overdue == health.stuck == 5 * MINUTE
    assert health.deliveries == {DeliveryState.PENDING: 1}


def test_a_receiver_that_hangs_makes_a_queue_and_no_illness(store: Store) -> None:
    """Being well must not depend on other people's servers: no restart mends that."""
    items = [world.item(str(n)) for n in range(3)]
    store.add_items(world.harvest(items))
    store.record(world.verdict(items))
    lease = timedelta(minutes=15)
    store.claim(NOW, limit=1, lease=lease)
    health = store.health(NOW + 12 * MINUTE)
    assert (health.overdue, health.stuck) == (12 * MINUTE, timedelta(0))
    assert next(c for c in checks(health, NOW) if c.name == "deliver").ok
    # Its worker is gone: now nobody sends, and that is ours.
    health = store.health(NOW + 16 * MINUTE)
    assert health.stuck == 16 * MINUTE
    assert not next(c for c in checks(health, NOW) if c.name == "deliver").ok


def test_a_row_that_waits_for_later_is_not_overdue(store: Store) -> None:
    one = world.item("a")
    store.add_items(world.harvest([one]))
    late = world.delivery([world.alert(one)], due=NOW + DAY)
    store.record(world.verdict([one], deliveries=[late]))
    assert store.health(NOW).overdue == timedelta(0)


def test_the_last_beat_of_each_name_is_kept(store: Store) -> None:
    store.beat("sweep", NOW)
    store.beat("sweep", NOW + MINUTE)
    store.beat("sender", NOW)
    assert store.health(NOW).beats == {"sender": NOW, "sweep": NOW + MINUTE}


# --- backup and restore ----------------------------------------------------------


def test_a_backup_under_load_is_one_whole_moment(store: Store, tmp_path: Path) -> None:
    """I21: whatever is written meanwhile, the copy obeys I7a and I7b."""
    stop = threading.Event()

    def work() -> None:
        poll = 0
        while not stop.is_set():
            poll += 1
            items = [world.item(f"{poll}-{n}") for n in range(3)]
            store.add_items(world.harvest(items, etag=str(poll)))
            store.record(world.verdict(items))

    writer = threading.Thread(target=work)
    writer.start()
    try:
        for turn in range(4):
            copy = tmp_path / f"{turn}.backup"
            store.backup(copy)
            assert sorted(tmp_path.glob(f"{turn}.*")) == [copy]
            with contextlib.closing(sqlite3.connect(copy)) as raw:
                assert raw.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
                assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
            with Store.open(copy, migrate=False) as past:
                health = past.health(NOW)
                state = past.states().get("gazette")
                polls = int(state.etag or 0) if state else 0
                assert health.items == 3 * polls
                judged = health.items - health.pending
                assert len(past.outbox(99_999)) == judged
    finally:
        stop.set()
        writer.join()


def test_a_backup_replaces_the_one_before_it(store: Store, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    store.backup(copy)
    store.add_items(world.harvest([world.item("a")]))
    store.backup(copy)
    with Store.open(copy) as past:
        assert past.health(NOW).items == 1


def test_a_backup_cannot_go_over_the_store_or_into_nowhere(
    store: Store, path: Path, tmp_path: Path
) -> None:
    with pytest.raises(StoreUnwritable, match="itself"):
        store.backup(path)
    with pytest.raises(StoreUnwritable):
        store.backup(tmp_path / "no" / "folder")
    store.beat("still works", NOW)


def test_a_backup_that_finds_no_room_leaves_nothing_behind(
    store: Store, tmp_path: Path
) -> None:
    """Half a copy would keep a full disk full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(StoreError):
            store.backup(tmp_path / "copy")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.glob("copy*"))


def test_a_restored_store_is_the_old_one_and_nothing_of_the_new(
    path: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    with Store.open(path) as store:
        store.add_items(world.harvest([world.item("a")], etag="one"))
        store.backup(copy)
        store.add_items(world.harvest([world.item("b")], etag="two"))
        # Left as a crash leaves it: part of the store is in the log beside it.
        crashed = tmp_path / "crashed.db"
        for suffix in ("", "-wal", "-shm"):
            found = path.with_name(path.name + suffix)
            crashed.with_name(crashed.name + suffix).write_bytes(found.read_bytes())
    restore(copy, crashed)
    with Store.open(crashed) as past:
        assert past.states()["gazette"].etag == "one"
        assert [one.guid for one in past.pending(9).items] == ["a"]


def test_what_was_backed_up_under_load_keeps_its_promises_when_restored(
    path: Path, tmp_path: Path
) -> None:
    """I21: in the restored store I1 to I7 hold, and the store before it is kept."""
    copy, kept = tmp_path / "copy", tmp_path / "kept"
    stop = threading.Event()

    def work(store: Store) -> None:
        poll = 0
        while not stop.is_set():
            poll += 1
            items = [world.item(f"{poll}-{n}") for n in range(3)]
            store.add_items(world.harvest(items, etag=str(poll)))
            store.record(world.verdict(items))
            deliver(store)

    with Store.open(path) as store:
        writer = threading.Thread(target=work, args=(store,))
        writer.start()
        try:
            while store.health(NOW).items < 60:
                time.sleep(0.01)
            store.backup(copy)
            at_backup = store.health(NOW).items
            while store.health(NOW).items < at_backup + 30:
                time.sleep(0.01)
        finally:
            stop.set()
            writer.join()
        newest = store.health(NOW).items
    restore(copy, path, kept=kept)
    with contextlib.closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
        for broken in (
            (
                "SELECT id FROM delivery WHERE id NOT IN"
                " (SELECT delivery FROM delivery_alert)"
            ),
            "SELECT id FROM alert WHERE id NOT IN (SELECT alert FROM delivery_alert)",
            (
                "SELECT id FROM delivery WHERE state = 'delivered' AND"
                " (attempts < 1 OR id NOT IN (SELECT delivery FROM attempt))"
            ),
            (
                "SELECT seq FROM item WHERE (seq IN (SELECT item FROM pending))"
                " = (seq IN (SELECT item FROM judgement))"
            ),
        ):
            assert raw.execute(broken).fetchall() == [], broken
    with Store.open(path) as past:
        assert 60 <= past.health(NOW).items <= at_backup
        past.release(None)  # as every start does
        deliver(past)
        assert set(past.health(NOW).deliveries) == {DeliveryState.DELIVERED}
    with Store.open(kept) as replaced:
        assert replaced.health(NOW).items == newest


def test_the_replaced_store_is_kept_with_the_log_that_a_reader_holds_open(
    path: Path, tmp_path: Path
) -> None:
    copy, kept = tmp_path / "copy", tmp_path / "kept.db"
    with Store.open(path) as store:
        store.backup(copy)
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM item").fetchall()
        store.add_items(world.harvest([world.item("a")]))
    restore(copy, path, kept=kept)
    reader.close()
    with Store.open(kept) as replaced:
        assert replaced.health(NOW).items == 1
    with Store.open(path) as past:
        assert past.health(NOW).items == 0


def test_a_damaged_store_gives_way_and_is_kept(store: Store, tmp_path: Path) -> None:
    copy, path, kept = tmp_path / "copy", tmp_path / "ill.db", tmp_path / "kept.db"
    store.backup(copy)
    path.write_bytes(b"no database" * 999)
    restore(copy, path, kept=kept)
    assert kept.read_bytes() == b"no database" * 999
    assert [p.name for p in tmp_path.glob("ill.db*")] == ["ill.db"]
    with Store.open(path, migrate=False) as restored:
        assert restored.health(NOW).items == 0


def test_a_restore_refuses_what_is_no_backup_and_keeps_the_store(
    path: Path, tmp_path: Path
) -> None:
    with Store.open(path) as store:
        store.add_items(world.harvest([world.item("a")]))
        newer = tmp_path / "newer"
        store.backup(newer)
    with contextlib.closing(sqlite3.connect(newer)) as raw:
        raw.execute("PRAGMA user_version = 99")
    text = tmp_path / "text"
    text.write_text("hello " * 999)
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    for backup, kind in (
        (newer, StoreTooNew),
        (text, StoreCorrupt),
        (empty, StoreCorrupt),
        (tmp_path / "absent", StoreUnwritable),
        (path, StoreUnwritable),
    ):
        with pytest.raises(kind):
            restore(backup, path, kept=tmp_path / "kept")
    assert not list(tmp_path.glob("vedette.db.*"))
    assert not (tmp_path / "kept").exists()
    with Store.open(path) as store:
        assert store.health(NOW).items == 1


# --- retention -------------------------------------------------------------------


def test_old_texts_are_emptied_and_titles_stay(store: Store) -> None:
    one = world.item("a", seen=NOW - 40 * DAY)
    young = world.item("b")
    store.add_items(world.harvest([one, young]))
    store.record(world.verdict([one, young]))
    deliver(store)
    pruned = store.prune(NOW, items=90 * DAY, texts=30 * DAY)
    assert (pruned.texts, pruned.items) == (1, 0)
    stored = store.item(one.id)
    assert stored is not None
    assert (stored.item.text, stored.item.title) == ("", one.title)
    assert stored.text_pruned
    again = store.prune(NOW, items=90 * DAY, texts=30 * DAY)
    assert again.texts == 0


def test_texts_lie_compressed_in_the_file(store: Store) -> None:
    """Who found a text and how long it was outlive the text."""
    text = "김정은 said that talks about grain go on. " * 100
    one = world.item("a", seen=NOW - 40 * DAY, text=text, extractor="structure")
    store.add_items(world.harvest([one]))
    assert store.pending(9).items == (one,)
    store.record(world.verdict([one], alerts=(), deliveries=()))
    ask = "SELECT length(text), length, extractor FROM item"
    with store._db.reading() as db:
        size, length, extractor = db.execute(ask).fetchone()
    assert size < len(text.encode()) / 4
    assert (length, extractor) == (len(text), "structure")
    store.prune(NOW, items=90 * DAY, texts=30 * DAY)
    with store._db.reading() as db:
        assert tuple(db.execute(ask).fetchone()) == (0, len(text), "structure")


def test_a_damaged_text_is_set_aside_and_does_not_hold_up_retention(
    store: Store,
) -> None:
    items = [world.item(key, seen=NOW - 40 * DAY) for key in "abc"]
    store.add_items(world.harvest(items))
    store.record(world.verdict(items[:1], alerts=(), deliveries=()))
    store._db.write(
        lambda db: db.execute("UPDATE item SET text = x'00' WHERE seq IN (1, 2)")
    )
    assert store.pending(9).items == (items[2],)
    assert store.health(NOW).unreadable == 1
    store.record(world.verdict(items[2:], alerts=(), deliveries=()))
    assert store.prune(NOW, items=90 * DAY, texts=30 * DAY).texts == 2
    assert store.prune(NOW, items=30 * DAY, texts=30 * DAY).items == 2


def test_an_item_that_retention_took_does_not_come_back_as_news(store: Store) -> None:
    """I8: an undated entry that stays in its feed for a year is no alert."""
    one = world.item("a", seen=NOW - 100 * DAY)
    store.add_items(world.harvest([one]))
    store.record(world.verdict([one]))
    deliver(store)
    later = NOW + 200 * DAY
    pruned = store.prune(later, items=90 * DAY, texts=30 * DAY)
    assert (pruned.items, pruned.alerts, pruned.deliveries) == (1, 1, 1)
    assert (pruned.stories, pruned.requests) == (1, 1)
    assert store.item(one.id) is None
    assert store.known([one.id]) == {one.id}
    assert store.add_items(world.harvest([one])) == Added(new=0, known=1)
    assert store.pending(9).items == ()


def test_what_is_not_finished_is_never_pruned(store: Store) -> None:
    """No matched item is dropped: waiting items, waiting rows, dead letters stay."""
    waits, due, dead = (world.item(key, seen=NOW - 400 * DAY) for key in "abc")
    store.add_items(world.harvest([waits, due, dead]))
    store.record(world.verdict([dead]))
    (row,) = store.claim(NOW, limit=1, lease=world.LEASE)
    store.settle(row.id, Receipt(outcome=Outcome.GONE), now=NOW, due=None)
    store.record(world.verdict([due]))
    store.prune(NOW + 400 * DAY, items=DAY, texts=DAY)
    assert store.health(NOW).items == 3
    assert store.pending(9).items == (waits,)
    assert {one.state for one in store.outbox(9)} == {
        DeliveryState.PENDING,
        DeliveryState.DEAD,
    }
    (again,) = store.claim(NOW, limit=9, lease=world.LEASE)
    alert, story, told = store.tellings(again.id)[0]
    assert (alert.item_id, story.id, told.text) == (due.id, alert.story_id, due.text)


def test_a_story_that_still_moves_keeps_its_milestones(store: Store) -> None:
    """A milestone is told once, also when its first alert is older than retention."""
    first = world.item("a", seen=NOW - 100 * DAY)
    store.add_items(world.harvest([first]))
    moving = world.verdict([first])
    store.record(moving)
    deliver(store)
    story = replace(moving.stories[0], last_seen=NOW + 100 * DAY, items=2)
    store.record(Verdict(at=NOW, stories=(story,)))
    pruned = store.prune(NOW + 101 * DAY, items=90 * DAY, texts=30 * DAY)
    assert (pruned.alerts, pruned.deliveries, pruned.stories) == (0, 0, 0)
    around = store.neighbours([world.fingerprint(first)], NOW)
    assert (story.id, "dprk", "opened", "first") in around.alerted


def test_retention_leaves_the_search_index_whole(store: Store) -> None:
    """Also where some items wait, which are in the index only with their verdict."""
    items = [world.item(f"{n}", seen=NOW - 100 * DAY) for n in range(30)]
    store.add_items(world.harvest(items))
    store.record(world.verdict(items[:20], alerts=(), deliveries=()))
    store.prune(NOW, items=200 * DAY, texts=30 * DAY)
    store.prune(NOW, items=90 * DAY, texts=30 * DAY)
    with store._db.reading() as db:
        found = db.execute(
            "SELECT count(*) FROM item_words WHERE item_words MATCH ?", ('"북한"',)
        ).fetchone()[0]
    assert found == 0
    assert store.health(NOW).items == 10
    store.record(world.verdict(items[20:], alerts=(), deliveries=()))
    with store._db.reading() as db:
        found = db.execute(
            "SELECT count(*) FROM item_words WHERE item_words MATCH ?", ('"북한"',)
        ).fetchone()[0]
    assert found == 10
    store._db.write(
        lambda db: db.execute(
            "INSERT INTO item_words(item_words) VALUES ('integrity-check')"
        )
    )


def test_retention_folds_the_log_into_the_file(store: Store) -> None:
    store.add_items(world.harvest([world.item(f"{n}") for n in range(50)]))
    assert store.health(NOW).wal_bytes > 0
    store.prune(NOW, items=90 * DAY, texts=30 * DAY)
    assert store.health(NOW).wal_bytes == 0


def test_a_silence_over_is_forgotten(store: Store) -> None:
    store.silence("dprk", NOW + MINUTE, NOW)
    store.prune(NOW + DAY, items=90 * DAY, texts=30 * DAY)
    assert store.neighbours([], NOW).silences == ()


def test_an_item_is_found_by_id_url_and_canonical_url(store: Store) -> None:
    one = world.item("a", url="https://gazette.test/a?utm_source=x#top")
    twin = world.item("z", source="other", url=one.url, canonical_url=None)
    store.add_items(world.harvest([one]))
    store.add_items(world.harvest([twin], source="other"))
    for key in (one.id, one.url, one.canonical_url):
        stored = store.item(key or "")
        assert stored is not None
        assert stored.item == one
        assert stored.evaluated is None
    by_url = store.item(one.url or "")
    assert by_url is not None
    assert by_url.others == (twin.id,)
    assert store.item("https://gazette.test/nothing") is None
    assert store.item("\ud800") is None


def test_the_alert_table_names_headline_item_and_state(store: Store) -> None:
    one = world.item("a")
    store.add_items(world.harvest([one]))
    made = world.alert(one)
    rows = [
        world.delivery([made]),
        world.delivery(
            [made],
            channel="hook",
            recipient="hook",
            state=DeliveryState.SUPPRESSED,
            reason=Reason.ALREADY_TOLD,
        ),
    ]
    store.record(world.verdict([one], deliveries=rows))
    (line,) = store.alerts(9)
    assert (line.alert, line.source, line.url) == (made, "gazette", one.url)
    assert (line.headline, line.title) == (one.title, one.title)
    assert line.told == {DeliveryState.PENDING: 1, DeliveryState.SUPPRESSED: 1}
