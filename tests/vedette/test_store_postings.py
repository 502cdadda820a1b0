"""The words of stored items: found again, forgotten with their time."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.evaluate import evaluate
from alerts.stories import fingerprint
from tests.alerts.desk import item, watch
from tests.alerts.ferry import TEXTS
from tests.vedette import store_world as world
from vedette.store import Store, schema
from vedette.store.connection import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from crawler.items import Item

NOW, MINUTE = world.NOW, world.MINUTE
WEEK = timedelta(days=7)
TITLE, TEXT = TEXTS["en"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vedette.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        yield opened


def original(site: str = "a") -> Item:
    return item(TITLE, text=TEXT, url=f"https://{site}.test/1", source=site, seen=NOW)


def judge(store: Store, one: Item, at: datetime = NOW) -> str | None:
    """Take an item the whole way; the id of the item that it repeats."""
    store.add_items(world.harvest([one]))
    pending = store.pending(9).items
    known = store.neighbours([fingerprint(each) for each in pending], at)
    verdict = evaluate(pending, known, watch(), at)
    store.record(verdict)
    return verdict.judgements[-1].move.duplicate_of


def rows(path: Path, table: str) -> int:
    with contextlib.closing(sqlite3.connect(path)) as raw:
        count: int = raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
        return count


def test_words_outlive_a_restart(path: Path) -> None:
    with Store.open(path) as store:
        first = original()
        assert judge(store, first) is None
    copy = replace(original("b"), text=TEXT[200:])
    with Store.open(path) as store:
        assert judge(store, copy) == first.id
        known = store.neighbours([fingerprint(copy)], NOW)
    assert set(known.posted) == {first.id, copy.id}
    sketch = fingerprint(first).sketch
    assert known.posted[first.id].sketch == sketch


def test_words_are_told_for_seven_days_and_then_removed(
    store: Store, path: Path
) -> None:
    judge(store, original())
    copy = fingerprint(replace(original("b"), text=TEXT[200:]))
    assert store.neighbours([copy], NOW + WEEK).posted
    late = NOW + WEEK + MINUTE
    assert not store.neighbours([copy], late).posted
    store.prune(NOW + WEEK, items=90 * WEEK, texts=30 * WEEK)
    assert rows(path, "sketch") == 1
    store.prune(late, items=90 * WEEK, texts=30 * WEEK)
    assert rows(path, "sketch") == rows(path, "shingle") == 0
    assert rows(path, "judgement") == 1


def test_a_removed_item_takes_its_words_along(store: Store, path: Path) -> None:
    quiet = replace(
        original(), title=TITLE.replace("ferry", "boat").replace("port", "")
    )
    quiet = replace(quiet, text=TEXT.replace("ferry", "boat").replace("port", "pier"))
    judge(store, quiet)
    assert rows(path, "shingle") > 16
    store.prune(NOW + timedelta(days=2), items=timedelta(days=1), texts=WEEK)
    assert rows(path, "item") == rows(path, "sketch") == rows(path, "shingle") == 0


def test_versions_on_one_site_are_posted_once(store: Store, path: Path) -> None:
    judge(store, first := original())
    before = rows(path, "shingle")
    version = replace(
        item(TITLE, text=f"{TEXT} Updated.", url="https://a.test/2", source="a"),
        seen=NOW,
    )
    assert judge(store, version) == first.id
    assert rows(path, "shingle") == before


def test_a_damaged_sketch_is_passed_over(store: Store, path: Path) -> None:
    judge(store, original())
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE sketch SET hashes = x'010203'")
    raw.close()
    assert judge(store, replace(original("b"), text=TEXT[200:])) is None


def test_a_store_of_the_first_schema_keeps_what_it_knew(path: Path) -> None:
    one = original()
    with contextlib.closing(connect(path, read_only=False)) as db:
        schema.migrate(db, path, allowed=True, migrations=schema.MIGRATIONS[:1])
        db.execute("INSERT INTO story VALUES ('s', 'Old', 1, 1, 1, 1, '[]', 0, 0, 0)")
    with Store.open(path) as store:
        assert store.health(NOW).schema == len(schema.MIGRATIONS)
        assert judge(store, one) is None
    assert rows(path, "story") == 2
    assert rows(path, "sketch") == 1
