"""Items and source states."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crawler.reasons import DropReason, FetchReason, Freshness
from tests.vedette import store_world as world
from vedette.store import Added, Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW, MINUTE = world.NOW, world.MINUTE


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "vedette.db") as opened:
        yield opened


def test_a_harvest_comes_back_field_by_field(store: Store) -> None:
    sent = (
        world.item("a", published=None, freshness=Freshness.UNDATED_FIRST_POLL),
        world.item("b", url=None, canonical_url=None, guid=None, language=None),
        world.item("c", catching_up=True, authors=(), title="«Ёлки» 🎄\x00 \u202e"),
    )
    assert store.add_items(world.harvest(sent)) == Added(new=3, known=0)
    assert store.pending(10).items == sent


def test_a_second_poll_of_the_same_items_adds_nothing(store: Store) -> None:
    """I8: unchanged and reordered content stays known."""
    sent = [world.item(key) for key in "abc"]
    store.add_items(world.harvest(sent))
    again = store.add_items(world.harvest([*reversed(sent), world.item("d")]))
    assert again == Added(new=1, known=3)
    assert [one.guid for one in store.pending(10).items] == ["a", "b", "c", "d"]


def test_an_empty_poll_forgets_nothing(store: Store) -> None:
    """I8: an empty or truncated feed never resets what was seen."""
    sent = [world.item(key) for key in "abc"]
    store.add_items(world.harvest(sent))
    store.add_items(world.harvest([]))
    assert store.known([one.id for one in sent]) == {one.id for one in sent}
    assert store.add_items(world.harvest(sent)) == Added(new=0, known=3)


def test_the_state_of_a_source_comes_back_field_by_field(store: Store) -> None:
    state = replace(
        world.harvest([]).state,
        etag='W/"x\u00ff"',
        last_modified="Sun, 22 Nov 2026 12:00:00 GMT",
        body_hash="abc",
        attempted=NOW,
        succeeded=NOW - MINUTE,
        first_succeeded=NOW - 2 * MINUTE,
        not_before=NOW + MINUTE,
        interval=timedelta(minutes=10, microseconds=1),
        failures=3,
        state="failing",
        reason=FetchReason.TIMEOUT,
        detail="no answer in 30 s",
        yielded=7,
        arrivals=bytes(range(22)),
    )
    store.add_items(replace(world.harvest([]), state=state))
    assert store.states() == {"gazette": state}


def test_a_new_source_is_adopted_once(store: Store) -> None:
    store.adopt([world.source()], NOW, due=lambda _: NOW + MINUTE)
    store.adopt([world.source()], NOW + MINUTE, due=lambda _: NOW + 9 * MINUTE)
    state = store.states()["gazette"]
    assert (state.adopted, state.due) == (NOW, NOW + MINUTE)


def test_a_removed_source_keeps_its_row_but_is_not_due(store: Store) -> None:
    store.adopt([world.source()], NOW, due=lambda _: NOW)
    store.add_items(world.harvest([], etag="kept"))
    store.adopt([world.source("other")], NOW, due=lambda _: NOW)
    assert store.states()["gazette"].due is None
    store.adopt([world.source()], NOW + MINUTE, due=lambda _: NOW + 2 * MINUTE)
    state = store.states()["gazette"]
    assert (state.due, state.etag, state.adopted) == (NOW + 2 * MINUTE, "kept", NOW)
    assert store.states()["other"].due is None


def test_a_source_that_comes_and_goes_is_not_asked_each_time(store: Store) -> None:
    store.adopt([world.source()], NOW, due=lambda _: NOW)
    polled = world.harvest([])
    store.add_items(replace(polled, state=replace(polled.state, attempted=NOW)))
    store.adopt([], NOW, due=lambda _: NOW)
    store.adopt([world.source()], NOW + MINUTE, due=lambda _: NOW + MINUTE)
    assert store.states()["gazette"].due == NOW + 10 * MINUTE


def test_a_lone_surrogate_does_not_fail_its_batch(store: Store) -> None:
    """A41: one poison title must not lose the poll; its length stays the same."""
    poison = world.item("bad", title="x\ud800y", text="\udfff", summary="\ud800")
    added = store.add_items(world.harvest([world.item("good"), poison]))
    assert added.new == 2
    stored = store.pending(2).items[1]
    assert (stored.title, stored.text, stored.summary) == (
        "x\ufffdy",
        "\ufffd",
        "\ufffd",
    )


def test_the_counters_of_a_source_add_up(store: Store) -> None:
    old = world.item("o", freshness=Freshness.OLD)
    sent = replace(
        world.harvest([world.item("a"), old]),
        dropped=((DropReason.BAD_LINK, 2), (DropReason.REPEATED, 1)),
    )
    store.add_items(sent)
    store.add_items(sent)
    store.add_items(world.harvest([], reason=FetchReason.TIMEOUT))
    assert store.health(NOW).tallies["gazette"] == {
        "polls": 3,
        "failed": 1,
        "new": 2,
        "known": 2,
        "fresh": 1,
        "old": 1,
        "bad_link": 4,
        "repeated": 2,
    }


def test_the_request_log_is_read_newest_first(store: Store) -> None:
    for key in "abc":
        store.add_items(world.harvest([world.item(key)]))
    urls = [one.url[-1] for one in store.requests("gazette", 2)]
    assert urls == ["c", "b"]
    assert store.requests("nobody", 5) == ()
    assert len(store.requests(None, 5)) == 3


def test_a_failed_write_leaves_neither_items_nor_cursor(store: Store) -> None:
    """I7a: the cursor is never ahead of the items."""
    store.add_items(world.harvest([world.item("a")], etag="one"))
    naive = world.item("c", seen=NOW.replace(tzinfo=None))
    with pytest.raises(TypeError):
        store.add_items(world.harvest([world.item("b"), naive], etag="two"))
    assert store.states()["gazette"].etag == "one"
    assert [one.guid for one in store.pending(9).items] == ["a"]


def test_words_of_two_hangul_or_han_can_be_found(store: Store) -> None:
    """The index cuts CJK runs into pairs; unicode61 alone misses 한군 in 북한군.

    An item comes into it with its verdict: what waits has cost its poll nothing.
    """
    items = [
        world.item("a", title="러시아로 간 북한군", text=""),
        world.item("b", title="朝鮮労働党の発表", text="Zürich"),
        world.item("c", title="Пхеньян заявил", text="nothing else"),
    ]
    store.add_items(world.harvest(items))

    def found(query: str) -> list[int]:
        with store._db.reading() as db:
            rows = db.execute(
                "SELECT rowid FROM item_words WHERE item_words MATCH ? ORDER BY rowid",
                (query,),
            )
            return [row[0] for row in rows]

    assert found('"북한"') == []
    store.record(world.verdict(items[:2], alerts=(), deliveries=()))
    assert found('"북한"') == [1]
    assert found("пхеньян") == []
    store.record(world.verdict(items[2:], alerts=(), deliveries=()))
    assert found('"북한 한군"') == [1]
    assert found('"북 군"') == []
    assert found('"労働"') == [2]
    assert found("zurich") == [2]
    assert found("пхеньян") == [3]
