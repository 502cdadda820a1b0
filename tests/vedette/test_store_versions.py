"""Pages that are read again, as the store keeps them."""

from __future__ import annotations

import sqlite3
import zlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.looks import first_look
from alerts.model import Verdict, Version
from crawler.visits import fingerprint
from tests.vedette.store_world import NOW, harvest, item, verdict
from vedette.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = timedelta(days=1)
ONE = item("one")
PLAN = first_look(ONE, NOW)


def version(title: str, days: int = 0) -> Version:
    text = "북한 and the harbour. " * 50
    return Version(
        item_id=ONE.id,
        at=NOW + days * DAY,
        sha256=fingerprint(title, text),
        title=title,
        text=text,
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "s.db") as opened:
        opened.add_items(harvest([ONE]))
        opened.record(replace(verdict([ONE]), watched=(PLAN,)))
        yield opened


def test_a_page_is_due_with_its_item_its_story_and_its_last_version(
    store: Store,
) -> None:
    assert store.pending(9).reread_at == PLAN.due
    assert store.pending(9, reread=NOW - DAY).rereadings == ()
    (one,) = store.pending(9, reread=NOW).rereadings
    assert (one.recheck, one.item, one.last) == (PLAN, ONE, None)
    assert store.neighbours((), NOW, about=[one.story_id]).stories.keys() == {
        one.story_id
    }
    moved = replace(PLAN, due=NOW + DAY, step=3, etag='"é"', failures=2)
    kept = (version("first"), version("second", days=1))
    store.record(Verdict(at=NOW, rechecks=(moved,), versions=kept))
    assert store.pending(9, reread=NOW).rereadings == ()
    (one,) = store.pending(9, reread=NOW + DAY).rereadings
    assert (one.recheck, one.last) == (moved, kept[1])


def test_a_second_alert_does_not_begin_the_watch_anew(store: Store) -> None:
    moved = replace(PLAN, due=NOW + DAY, step=3)
    store.record(Verdict(at=NOW, rechecks=(moved,)))
    store.record(Verdict(at=NOW, watched=(PLAN,)))
    assert store.pending(9).reread_at == moved.due
    store.record(Verdict(at=NOW, unwatched=(ONE.id,)))
    assert store.pending(9).reread_at is None


def test_versions_are_compressed_and_go_with_the_texts(
    store: Store, tmp_path: Path
) -> None:
    def kept() -> list[tuple[str, bytes]]:
        with sqlite3.connect(tmp_path / "s.db") as db:
            return db.execute("SELECT sha256, text FROM version").fetchall()

    one = version("first")
    store.record(Verdict(at=NOW, versions=(one,)))
    ((sha256, packed),) = kept()
    assert len(packed) < len(one.text.encode()) / 5
    assert sha256 == fingerprint(one.title, zlib.decompress(packed).decode())
    late = NOW + 31 * DAY
    store.prune(late, items=90 * DAY, texts=30 * DAY)
    assert len(kept()) == 1, "its page is still watched"
    store.record(Verdict(at=NOW, unwatched=(ONE.id,)))
    store.prune(late, items=90 * DAY, texts=30 * DAY)
    assert kept() == []


def test_a_page_whose_row_is_damaged_holds_up_no_other(
    store: Store, tmp_path: Path
) -> None:
    two = item("two")
    store.add_items(harvest([two]))
    later = replace(first_look(two, NOW), due=NOW + DAY)
    store.record(replace(verdict([two]), watched=(later,)))
    with sqlite3.connect(tmp_path / "s.db") as db:
        db.execute("UPDATE item SET authors = 'no JSON' WHERE id = ?", (ONE.id,))
    (one,) = store.pending(1, reread=NOW + DAY).rereadings
    assert one.item == two
    assert store.pending(9).reread_at == later.due
