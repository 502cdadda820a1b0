"""Indexes that were written down: a new process finds what the old one found."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.evaluate import evaluate
from alerts.stories import fingerprints
from tests.alerts.desk import item, watch
from tests.vedette import store_world as world
from vedette import wordindex
from vedette.archive import Archive
from vedette.store import Store

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from alerts.model import Neighbours
    from crawler.items import Item

NOW = world.NOW
BATCH, BATCHES = 6, 12
EVERY = timedelta(days=1, hours=7)
"""Twelve batches in 14 days: some is forgotten, some only if it did not match."""


class Paper:
    """Made-up reports; every third is a copy or tells what an earlier one told."""

    def __init__(self) -> None:
        self.rng = random.Random(11)  # noqa: S311 - made-up words
        self.words = ["".join(self.rng.choices("aeiklmnorst", k=7)) for _ in range(400)]
        self.printed: list[list[str]] = []

    def items(self, at: datetime) -> list[Item]:
        return [self._item(at) for _ in range(BATCH)]

    def _item(self, at: datetime) -> Item:
        said = self.rng.choices(self.words, k=40)
        if self.printed and self.rng.random() < 1 / 3:
            said = list(self.rng.choice(self.printed[-40:]))
            cut = self.rng.randrange(4, 30)
            said[:cut] = self.rng.sample(said[:cut], cut)
        if self.rng.random() < 0.3:
            said[3] = "ferry"
        self.printed.append(said)
        n = len(self.printed)
        made = item(
            " ".join(said[:5]).capitalize(),
            text=" ".join(said),
            url=f"https://s{n % 4}.test/{n}",
            source=f"s{n % 4}",
        )
        return replace(made, seen=at, language="en")


def judge(store: Store, archive: Archive, items: list[Item], at: datetime) -> None:
    store.add_items(world.harvest(items))
    pending = store.pending(99).items
    verdict = evaluate(
        pending, store.neighbours(fingerprints(pending), at), watch(), at
    )
    store.record(verdict)
    archive.apply(verdict)


def found(known: Neighbours) -> tuple[object, ...]:
    return (
        known.posted,
        known.postings,
        known.habits,
        known.recents,
        known.alike,
        known.stories,
    )


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(wordindex, "FOLD", 40)  # of a few items
    return tmp_path / "vedette.db"


def written(path: Path) -> dict[str, int]:
    with contextlib.closing(sqlite3.connect(path)) as raw:
        counted = raw.execute("SELECT name, count(*) FROM written GROUP BY name")
        return dict(counted.fetchall())


def change(path: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.execute(statement)
        raw.commit()


def afresh(path: Path, items: list[Item], at: datetime) -> tuple[object, ...]:
    with Store.open(path) as store:
        return found(store.neighbours(fingerprints(items), at))


def test_a_new_process_finds_what_the_old_one_found(path: Path) -> None:
    paper, archive, at, joined = Paper(), Archive(), NOW, 0
    with Store.open(path) as store:
        for _ in range(BATCHES):
            judge(store, archive, paper.items(at), at)
            at += EVERY
            asked = paper.items(at)
            known = store.neighbours(fingerprints(asked), at)
            assert afresh(path, asked, at) == found(known)
            assert found(archive.neighbours(fingerprints(asked), at)) == found(known)
            joined += len(known.posted) + len(known.recents)
    assert joined > 10 * BATCHES
    assert written(path) == dict.fromkeys(("words", "recent", "watched"), 257)


def grown(path: Path) -> tuple[list[Item], datetime, tuple[object, ...]]:
    """A store of some days, what is asked next, and what it should find."""
    paper, at = Paper(), NOW
    with Store.open(path) as store:
        for _ in range(4):
            judge(store, Archive(), paper.items(at), at)
            at += EVERY
        asked = paper.items(at)
        return asked, at, found(store.neighbours(fingerprints(asked), at))


def test_a_start_reads_what_was_written_not_the_tables(path: Path) -> None:
    asked, at, _ = grown(path)
    change(path, "UPDATE gist SET keys = x''")
    with Store.open(path) as store:
        known = store.neighbours(fingerprints(asked), at)
    assert len(known.recents) > BATCH


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM written WHERE part = 7",
        "DELETE FROM written WHERE part = 0",
        "UPDATE written SET rows = x'0102' WHERE part = 0",
        "UPDATE written SET rows = x'010203' WHERE part = 9",
        "DELETE FROM written",
    ],
)
def test_what_is_damaged_is_read_from_the_tables(path: Path, statement: str) -> None:
    asked, at, known = grown(path)
    change(path, statement)
    assert afresh(path, asked, at) == known


def test_what_was_written_may_be_older_than_the_tables(path: Path) -> None:
    grown(path)
    change(path, "CREATE TABLE old AS SELECT * FROM written")
    paper, at = Paper(), NOW + 5 * EVERY
    paper.rng.seed(5)
    with Store.open(path) as store:
        for _ in range(4):
            judge(store, Archive(), paper.items(at), at)
        asked = paper.items(at)
        known = found(store.neighbours(fingerprints(asked), at))
    change(path, "DELETE FROM written")
    change(path, "INSERT INTO written SELECT * FROM old")
    assert afresh(path, asked, at) == known


def test_an_earlier_clock_finds_what_had_been_let_go(path: Path) -> None:
    paper, at = Paper(), NOW
    first = paper.items(at)
    with Store.open(path) as store:
        judge(store, Archive(), first, at)
        for _ in range(3):
            at += timedelta(days=20)
            judge(store, Archive(), paper.items(at), at)
    copies = [replace(one, id=f"{one.id} again", canonical_url=None) for one in first]
    with Store.open(path) as store:
        known = store.neighbours(fingerprints(copies), NOW + EVERY)
    assert {one.id for one in first} & known.posted.keys()
