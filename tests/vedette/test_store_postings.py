"""The words of stored items: found again, forgotten with their time."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlite_utils import Database

from alerts.evaluate import evaluate
from alerts.stories import fingerprint
from tests.alerts.desk import item, watch
from tests.alerts.ferry import TEXTS
from tests.vedette import store_world as world
from vedette.store import Store, schema
from vedette.store.connection import connect
from vedette.store.errors import AlreadyEvaluated
from vedette.store.migrations import MIGRATIONS
from vedette.store.migrations.growing import words_in_order

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
    assert rows(path, "sketch") == 0
    assert rows(path, "judgement") == 1


def test_a_removed_item_takes_its_words_along(store: Store, path: Path) -> None:
    quiet = replace(
        original(), title=TITLE.replace("ferry", "boat").replace("port", "")
    )
    quiet = replace(quiet, text=TEXT.replace("ferry", "boat").replace("port", "pier"))
    judge(store, quiet)
    assert rows(path, "sketch") == 1
    store.prune(NOW + timedelta(days=2), items=timedelta(days=1), texts=WEEK)
    assert rows(path, "item") == rows(path, "sketch") == 0
    assert judge(store, replace(quiet, id="again"), NOW + timedelta(days=3)) is None


def test_versions_on_one_site_are_posted_once(store: Store, path: Path) -> None:
    judge(store, first := original())
    version = replace(
        item(TITLE, text=f"{TEXT} Updated.", url="https://a.test/2", source="a"),
        seen=NOW,
    )
    assert judge(store, version) == first.id
    assert rows(path, "sketch") == 1


def test_a_damaged_sketch_is_passed_over(store: Store, path: Path) -> None:
    judge(store, original())
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE sketch SET hashes = x'010203'")
    raw.close()
    assert judge(store, replace(original("b"), text=TEXT[200:])) is None


def test_what_another_process_judged_is_found_at_once(path: Path) -> None:
    with Store.open(path) as store, Store.open(path) as other:
        assert judge(store, replace(original("c"), text="Quite another text.")) is None
        first = original()
        assert judge(other, first) is None
        assert judge(store, replace(original("b"), text=TEXT[200:])) == first.id


def test_what_was_not_recorded_is_not_found(store: Store) -> None:
    first, copy = original(), replace(original("b"), text=TEXT[200:])
    store.add_items(world.harvest([first]))
    pending = store.pending(9).items
    known = store.neighbours([fingerprint(one) for one in pending], NOW)
    verdict = evaluate(pending, known, watch(), NOW)
    with pytest.raises(AlreadyEvaluated):
        store.record(replace(verdict, judgements=verdict.judgements * 2))
    assert not store.neighbours([fingerprint(copy)], NOW).posted


def test_a_clock_put_back_finds_again_what_was_let_go(store: Store) -> None:
    judge(store, original())
    copy = fingerprint(replace(original("b"), text=TEXT[200:]))
    assert not store.neighbours([copy], NOW + 2 * WEEK).posted
    assert store.neighbours([copy], NOW + MINUTE).posted


def test_numbers_of_removed_sketches_are_not_used_again(
    store: Store, path: Path
) -> None:
    judge(store, original())
    store.prune(NOW + 2 * WEEK, items=90 * WEEK, texts=30 * WEEK)
    late = NOW + 2 * WEEK
    second = item(TITLE, text=TEXT[:900], url="https://c.test/1", source="c", seen=late)
    assert judge(store, second, late) is None
    assert judge(store, replace(original("b"), text=TEXT[200:900]), late) == second.id
    with contextlib.closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT min(seq) FROM sketch").fetchone()[0] == 2


def test_a_store_of_the_second_schema_keeps_its_words(path: Path) -> None:
    first = original()
    sketch = fingerprint(first).sketch
    assert sketch is not None
    with Store.open(path) as store:
        judge(store, first)
    with contextlib.closing(sqlite3.connect(path)) as raw:
        kept = raw.execute("SELECT * FROM sketch").fetchone()
        names = [one[1] for one in raw.execute("PRAGMA table_info(sketch)")]
        raw.execute("DROP TABLE sketch")
        raw.execute(
            "CREATE TABLE sketch(item INTEGER PRIMARY KEY, at INTEGER, host INTEGER,"
            " linked INTEGER, kept_under INTEGER, hashes BLOB, boilerplate BLOB,"
            " title BLOB, lead BLOB, numbers BLOB)"
        )
        raw.execute("CREATE INDEX sketch_at ON sketch(at, item)")
        raw.execute("CREATE TABLE shingle(hash INTEGER, item INTEGER, host INTEGER)")
        raw.execute(
            f"INSERT INTO sketch({', '.join(names[1:])})"  # noqa: S608
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            kept[1:],
        )
        words_in_order(Database(raw))
        raw.commit()
        tables = {row[0] for row in raw.execute("SELECT name FROM sqlite_master")}
        assert "shingle" not in tables
    with Store.open(path) as store:
        assert judge(store, replace(original("b"), text=TEXT[200:])) == first.id


def test_the_texts_of_an_older_store_are_compressed(path: Path) -> None:
    one = original()
    with contextlib.closing(connect(path, read_only=False)) as db:
        schema.migrate(db, path, allowed=True, migrations=MIGRATIONS[:2])
        db.execute(
            "INSERT INTO item(seq, id, source, title, summary, authors, seen,"
            " freshness, catching_up, text)"
            " VALUES (1, ?, 's', 't', '', '[]', 1, 'fresh', 0, ?)",
            (one.id, TEXT),
        )
        db.execute("INSERT INTO pending(item) VALUES (1)")
        db.execute(
            "INSERT INTO item_words(rowid, title, text) VALUES (1, 't', ?)", (TEXT,)
        )
    with Store.open(path) as store:
        (item,) = store.pending(9).items
        assert item.text == TEXT
    with contextlib.closing(sqlite3.connect(path)) as raw:
        names = [one[1] for one in raw.execute("PRAGMA table_info(item)")]
        kept = raw.execute("SELECT length, typeof(text), length(text) FROM item")
        length, kind, size = kept.fetchone()
    assert names[-1] == "text"
    assert (length, kind) == (len(TEXT), "blob")
    assert size < len(TEXT)


def test_a_store_of_the_first_schema_keeps_what_it_knew(path: Path) -> None:
    one = original()
    with contextlib.closing(connect(path, read_only=False)) as db:
        schema.migrate(db, path, allowed=True, migrations=MIGRATIONS[:1])
        db.execute("INSERT INTO story VALUES ('s', 'Old', 1, 1, 1, 1, '[]', 0, 0, 0)")
    with Store.open(path) as store:
        assert store.health(NOW).schema == len(MIGRATIONS)
        assert judge(store, one) is None
    assert rows(path, "story") == 2
    assert rows(path, "sketch") == 1
