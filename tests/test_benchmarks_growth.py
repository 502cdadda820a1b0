"""Stories cost the same beside many items, and a start does not read them one by one.

The short form of ``benchmarks/growth.py``. Times are CPU and are compared within a
run: what a text itself costs tells how busy the machine was.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from typing import TYPE_CHECKING

import pytest

from benchmarks.filling import SEED, Filler
from benchmarks.growth import Point, point
from benchmarks.neardup import NOW
from benchmarks.press import Press
from vedette import wordindex
from vedette.store import Store

if TYPE_CHECKING:
    from pathlib import Path

FEW, MANY = 300, 6_000


def of_store(found: Point) -> float:
    """What looking for neighbours costs, in readings of a text."""
    return found.stages["neighbours"] / found.stages["fingerprint"]


def opening(path: Path) -> float:
    """CPU seconds until a new process could judge."""
    began = time.process_time()
    with Store.open(path) as store:
        store.neighbours((), NOW)
    return time.process_time() - began


@pytest.mark.slow
def test_stories_cost_the_same_beside_many_items(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wordindex, "FOLD", 1 << 15)
    path = tmp_path / "vedette.db"
    filler = Filler(path, phrased=False, stock=150)
    press = Press(SEED, phrased=False)
    found = []
    for mark in (FEW, MANY):
        filler.fill(mark)
        with Store.open(path) as store:
            found.append(point(store, press, mark, mark, block=300))
    few, many = found
    assert of_store(many) < 5 * of_store(few), "twenty times the items"
    written = opening(path)
    with contextlib.closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT count(*) FROM written").fetchone()[0] == 3 * 257
        raw.execute("DELETE FROM written")
        raw.commit()
    assert written < opening(path) / 2
