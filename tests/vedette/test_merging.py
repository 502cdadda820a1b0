"""A merged story in the store: every id leads somewhere, nothing is told twice."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.evaluate import evaluate
from alerts.model import Neighbours, Outcome, Receipt, Severity, Story, Verdict
from alerts.stories import fingerprint
from tests.alerts import twins
from tests.alerts.desk import NOW, Desk, channel, topic, watch
from tests.vedette.crash.stream import stream
from tests.vedette.test_archive import add
from vedette.digest import seal_digest
from vedette.setup import Setup
from vedette.store import Store
from vedette.why import sentences, why

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from crawler.items import Item

HALF_HOUR = timedelta(minutes=31)
HOOK = channel("hook")
TOPICS = (topic("ferry", "ferry"),)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "s.db") as opened:
        yield opened


class Newsroom:
    """Items through the store, half an hour after each other."""

    def __init__(self, store: Store, *topics: object) -> None:
        self.store = store
        self.watch = watch(HOOK, topics=topics or TOPICS)  # type: ignore[arg-type]
        self.now: datetime = NOW

    def see(self, *items: Item) -> list[Verdict]:
        verdicts = []
        for one in items:
            self.now += HALF_HOUR
            add(self.store, [one], self.now)
            known = self.store.neighbours([fingerprint(one)], self.now)
            verdicts.append(evaluate([one], known, self.watch, self.now))
            self.store.record(verdicts[-1])
        return verdicts

    def near(self, one: Item) -> Neighbours:
        return self.store.neighbours([fingerprint(one)], self.now)


def story_of(verdict: Verdict) -> str:
    return verdict.judgements[0].move.story_id


@pytest.fixture
def room(store: Store) -> Newsroom:
    return Newsroom(store)


def merge(room: Newsroom) -> tuple[str, str]:
    """Let two stories be told and merged; gives the survivor and the other."""
    first, _ = room.see(*twins.elder())
    second, *_ = room.see(*twins.younger())
    (last,) = room.see(twins.bridge())
    assert last.judgements[0].move.merged == story_of(second)
    return story_of(first), story_of(second)


def test_archive_and_store_merge_alike(store: Store) -> None:
    """All they know of a merged story too: a replay decides as the daemon does."""
    room, desk = Newsroom(store), Desk(HOOK, topics=TOPICS)
    items = [
        *twins.elder(),
        *twins.younger(),
        twins.bridge(),
        twins.bridge("later"),
        replace(
            twins.younger()[1], id="copy", canonical_url="c", url="https://c.test/"
        ),
    ]
    for one in items:
        (stored,) = room.see(one)
        assert desk.see(one, after=HALF_HOUR) == stored
        held, kept = (
            room.near(one),
            desk.archive.neighbours([fingerprint(one)], desk.now),
        )
        for name in Neighbours.__dataclass_fields__:
            assert getattr(held, name) == getattr(kept, name), name
    assert any(v.merged_into for v in desk.archive._memory.stories.values())


def test_the_merged_id_reaches_the_survivor(room: Newsroom) -> None:
    survivor, gone = merge(room)
    (row,) = room.store.stories(9, gone)
    assert row.story.id == survivor
    assert [one.id for one in row.merged] == [gone]
    assert [a.milestone for a in row.alerts].count("first") == 2
    assert [one.story.id for one in room.store.stories(9)] == [survivor]
    item = room.store.item(twins.younger()[0].id)
    assert item is not None
    assert item.story == row.story


def test_a_silence_on_either_id_is_on_the_survivor(room: Newsroom) -> None:
    """Set before the two were one, or by the old id afterwards."""
    room.see(*twins.elder())
    second, *_ = room.see(*twins.younger())
    until = NOW + timedelta(days=9)
    room.store.silence(story_of(second), until, NOW)
    (verdict,) = room.see(twins.bridge())
    assert [row.state for row in verdict.deliveries] == ["suppressed"]
    near = room.near(twins.bridge())
    assert [one.target for one in near.silences] == [story_of(verdict)]


@pytest.mark.parametrize("by_old_id", [False, True])
def test_a_silence_on_a_story_that_was_merged_is_ended_and_replaced(
    room: Newsroom, *, by_old_id: bool
) -> None:
    day = timedelta(days=1)
    room.see(*twins.elder())
    second, *_ = room.see(*twins.younger())
    room.store.silence(story_of(second), NOW + 9 * day, NOW)
    room.store.silence("ferry", NOW + day, NOW)
    (verdict,) = room.see(twins.bridge())
    target = story_of(second if by_old_id else verdict)
    room.store.silence(target, NOW + 3 * day, NOW)
    room.store.silence(target, NOW + 2 * day, NOW)
    assert {(one.target, one.until) for one in room.store.health(NOW).silences} == {
        (story_of(verdict), NOW + 2 * day),
        ("ferry", NOW + day),
    }
    other = story_of(verdict if by_old_id else second)
    room.store.silence(other, NOW, NOW)
    assert [one.target for one in room.store.health(NOW).silences] == ["ferry"]


def test_who_heard_of_the_merged_story_heard_of_the_survivor(room: Newsroom) -> None:
    survivor, gone = merge(room)
    near = room.near(twins.bridge())
    assert set(near.stories) == {survivor}
    assert {key[0] for key in near.alerted} == {survivor}
    assert {key[0] for key in near.told} == {survivor}
    assert {t.story_id for t in near.followed[survivor, "ferry"]} == {survivor, gone}


def test_stories_merged_one_after_the_other_lead_to_the_last(store: Store) -> None:
    stories = {n: Story(id=n, headline=n, first_seen=NOW, last_seen=NOW) for n in "abc"}
    store.record(Verdict(at=NOW, stories=tuple(stories.values())))
    for old, new in ("ab", "bc"):
        gone = replace(stories[old], merged_into=new)
        store.record(Verdict(at=NOW, stories=(gone, stories[new])))
    (row,) = store.stories(9, "a")
    assert row.story.id == "c"
    assert {one.id for one in row.merged} == {"a", "b"}


def test_a_digest_tells_a_merged_story_once_and_names_both(store: Store) -> None:
    room = Newsroom(store, topic("ferry", "ferry", severity=Severity.LOW))
    survivor, gone = merge(room)
    (digest,) = store.claim(room.now + timedelta(days=2), limit=9, lease=HALF_HOUR)
    setup = Setup(watch=room.watch, sources={}, channels={"hook": HOOK}, senders={})
    sealed = seal_digest(store, digest, HOOK, setup)
    (told,) = json.loads(sealed.payload or b"")["data"]["alerts"]
    assert told["story"]["id"] == survivor
    assert [one["id"] for one in told["story"]["merged"]] == [gone]


def test_a_digest_names_what_a_story_may_belong_to(store: Store) -> None:
    room = Newsroom(store, topic("ferry", "ferry", severity=Severity.LOW))
    first, _ = room.see(*twins.elder())
    room.see(*twins.younger())
    (digest,) = store.claim(room.now + timedelta(days=2), limit=9, lease=HALF_HOUR)
    setup = Setup(watch=room.watch, sources={}, channels={"hook": HOOK}, senders={})
    sealed = seal_digest(store, digest, HOOK, setup)
    _, told = json.loads(sealed.payload or b"")["data"]["alerts"]
    assert [one["id"] for one in told["story"]["related"]] == [story_of(first)]


def test_a_later_message_still_names_what_the_story_may_belong_to(
    room: Newsroom,
) -> None:
    """Though the item itself is like no report of that story, and no neighbour is."""
    first, _ = room.see(*twins.elder())
    room.see(twins.younger()[0])
    far = twins.report("far", *twins.OTHER[:28], title="Notice")
    near = room.near(far)
    assert story_of(first) not in near.stories
    assert near.links[story_of(first)].headline == "Ferry"
    (verdict,) = room.see(far)
    story = json.loads(verdict.deliveries[0].payload or b"")["data"]["story"]
    assert [one["id"] for one in story["related"]] == [story_of(first)]


def test_a_hold_goes_over_with_its_story(store: Store) -> None:
    room = Newsroom(store, topic("ferry", "ferry", first=7))
    survivor, _ = merge(room)
    (last,) = room.see(twins.bridge("later"))
    assert [a.milestone for a in last.alerts] == ["first"]
    assert last.alerts[0].story_id == survivor
    assert store.pending(1).held_until is None


def test_a_story_that_others_went_into_keeps_what_was_told_of_them(
    room: Newsroom,
) -> None:
    """While the survivor moves, no alert of the other is forgotten, however old."""
    survivor, gone = merge(room)
    due = room.now + HALF_HOUR * 100
    for sent in room.store.claim(due, limit=99, lease=HALF_HOUR):
        receipt = Receipt(outcome=Outcome.DELIVERED)
        room.store.settle(sent.id, receipt, now=room.now, due=None)
    (row,) = room.store.stories(1)
    late = NOW + timedelta(days=100)
    moved = replace(row.story, last_seen=late)
    room.store.record(Verdict(at=late, stories=(moved,)))
    room.store.prune(late, items=timedelta(days=9), texts=timedelta(days=9))
    (kept,) = room.store.stories(9, gone)
    assert kept.alerts == row.alerts
    later = late + timedelta(days=100)
    for _ in range(3):
        room.store.prune(later, items=timedelta(days=9), texts=timedelta(days=9))
    assert room.store.stories(9, survivor) == room.store.stories(9, gone) == ()


def test_why_and_stories_name_what_a_story_may_belong_to(room: Newsroom) -> None:
    (first, _), (second, *_) = room.see(*twins.elder()), room.see(*twins.younger())
    answer = why(room.store, room.watch, twins.younger()[0].id, None)
    assert answer["related"] == [{"id": story_of(first), "headline": "Ferry"}]
    said = "\n".join(sentences(answer))
    assert f"may belong to “Ferry” (story {story_of(first)})" in said
    room.see(twins.bridge())
    again = why(room.store, room.watch, twins.younger()[0].id, None)
    assert again["story"] == story_of(first)
    assert again["related"] == []
    assert story_of(second) != story_of(first)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 99), st.lists(st.integers(1, 9), min_size=30, max_size=30))
def test_archive_and_store_agree_in_any_order_and_batches(
    seed: int, sizes: list[int]
) -> None:
    """Three events in turns, each told as two stories at first, copies among them."""
    desk, left = Desk(HOOK, topics=TOPICS), stream(seed, 3, NOW)
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(Path(folder, "s.db")) as store,
    ):
        merged = 0
        for size in sizes:
            batch, left = left[:size], left[size:]
            now = desk.now + HALF_HOUR
            add(store, batch, now)
            known = store.neighbours([fingerprint(one) for one in batch], now)
            verdict = evaluate(batch, known, desk.watch, now)
            store.record(verdict)
            assert desk.see(*batch, after=HALF_HOUR) == verdict
            made = {(a.story_id, a.topic, a.kind, a.milestone) for a in verdict.alerts}
            assert not made & known.alerted, "told again"
            merged += sum(j.move.merged is not None for j in verdict.judgements)
        assert not left
        rows = store.stories(99)
        assert sum(len(row.merged) for row in rows) == merged
        assert sum(row.story.items for row in rows) == len(stream(seed, 3, NOW))
