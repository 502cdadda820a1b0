"""Writes that wait at the same moment share a commit, and nothing else."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from vedette.store.connection import TOGETHER, Connections
from vedette.store.errors import StoreError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Work = Callable[[sqlite3.Connection], str]


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Connections]:
    connections = Connections(tmp_path / "a.db")
    connections.write(lambda db: db.execute("CREATE TABLE word(word TEXT UNIQUE)"))
    yield connections
    connections.close()


def adding(word: str) -> Work:
    def work(db: sqlite3.Connection) -> str:
        db.execute("INSERT INTO word VALUES (?)", (word,))
        return word

    return work


def at_once(table: Connections, works: list[Work]) -> tuple[list[Future[str]], int]:
    """Hand them in while the writer is busy; what came of each, and the commits."""
    said: list[str] = []
    table.on_writer(lambda db: db.set_trace_callback(said.append))
    go = threading.Event()
    with ThreadPoolExecutor(len(works) + 1) as pool:
        busy = pool.submit(table.on_writer, lambda _: go.wait(10))
        done = [pool.submit(table.write_together, work) for work in works]
        while len(table._waiting) < len(works):
            assert not busy.done()
        go.set()
    return done, said.count("COMMIT")


def words(table: Connections) -> set[str]:
    with table.reading() as db:
        return {row[0] for row in db.execute("SELECT word FROM word")}


def test_what_waits_together_is_committed_together(table: Connections) -> None:
    done, commits = at_once(table, [adding(word) for word in "abcde"])
    assert [one.result() for one in done] == list("abcde")
    assert words(table) == set("abcde")
    assert commits == 1


def test_one_that_fails_takes_no_other_with_it(table: Connections) -> None:
    def broken(db: sqlite3.Connection) -> str:
        adding("half")(db)
        return adding("half")(db)  # refused: it is there already

    done, _ = at_once(table, [adding("a"), broken, adding("c")])
    with pytest.raises(StoreError):
        done[1].result()
    assert [done[0].result(), done[2].result()] == ["a", "c"]
    assert words(table) == {"a", "c"}


def test_no_transaction_grows_without_bound(table: Connections) -> None:
    done, commits = at_once(table, [adding(f"{n}") for n in range(TOGETHER + 1)])
    assert {one.result() for one in done} == words(table)
    assert commits == 2


def test_a_closed_store_says_so(table: Connections) -> None:
    table.close()
    with pytest.raises(StoreError, match="closed"):
        table.write_together(adding("late"))
