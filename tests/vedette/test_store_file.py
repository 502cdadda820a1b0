"""The file: its settings, its lock, its schema, a full disk."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.vedette import store_world as world
from vedette.store import (
    Store,
    StoreClosed,
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreLock,
    StoreLocked,
    StoreOutdated,
    StoreTooNew,
    StoreUnwritable,
    schema,
)
from vedette.store.connection import connect
from vedette.store.migrations import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

NOW = world.NOW
ROOT = Path(__file__).parents[2]

_opened: list[sqlite3.Connection] = []
_watching = threading.Event()


def _watch(event: str, args: tuple[object, ...]) -> None:
    if event == "sqlite3.connect/handle" and _watching.is_set():
        connection = args[0]
        assert isinstance(connection, sqlite3.Connection)
        _opened.append(connection)


sys.addaudithook(_watch)  # cannot be taken back, so it sleeps outside of its test


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "vedette.db"


@pytest.fixture
def every_connection() -> Iterator[list[sqlite3.Connection]]:
    """Every connection that the interpreter opens during the test."""
    _opened.clear()
    _watching.set()
    yield _opened
    _watching.clear()
    _opened.clear()


def test_every_connection_waits_for_the_disk(
    path: Path, every_connection: list[sqlite3.Connection]
) -> None:
    """Trap 7: synchronous=FULL (2) on each, whatever thread or method opened it."""
    with Store.open(path) as store:
        store.add_items(world.harvest([world.item("a")]))
        barrier = threading.Barrier(4)

        def read() -> None:
            with store._db.reading() as db:
                db.execute("SELECT count(*) FROM item").fetchone()
                barrier.wait(10)

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        settings = {
            "synchronous": 2,
            "journal_mode": "wal",
            "foreign_keys": 1,
            "trusted_schema": 0,
            "cell_size_check": 1,
            "busy_timeout": 10_000,
        }
        assert len(every_connection) == 5
        for db in every_connection:
            found = {
                name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in settings
            }
            assert found == settings
            assert db.isolation_level is None


def test_the_only_doors_to_the_database_are_two_files() -> None:
    """A connection opened anywhere else would miss the settings."""
    users = {
        one.relative_to(ROOT).as_posix()
        for floor in ("crawler", "alerts", "vedette")
        for one in (ROOT / floor).rglob("*.py")
        if "sqlite3.connect(" in one.read_text()
    }
    assert users == {"vedette/store/connection.py", "vedette/store/copying.py"}


def test_the_store_has_at_most_25_public_methods() -> None:
    public = {name for name in dir(Store) if not name.startswith("_")}
    assert len(public) <= 25, sorted(public)
    assert all(getattr(Store, name).__doc__ for name in public)


def test_a_reader_cannot_write(path: Path) -> None:
    with Store.open(path):
        pass
    with (
        contextlib.closing(connect(path, read_only=True)) as db,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        db.execute("DELETE FROM item")


def test_a_new_store_is_readable_by_its_owner_alone(path: Path) -> None:
    with Store.open(path) as store:
        store.beat("x", NOW)
        for one in path.parent.iterdir():
            assert stat.S_IMODE(one.stat().st_mode) == 0o600


def test_a_closed_store_says_so(path: Path) -> None:
    store = Store.open(path)
    store.close()
    store.close()
    with pytest.raises(StoreClosed):
        store.beat("x", NOW)
    with pytest.raises(StoreClosed):
        store.states()


def test_a_closed_store_leaves_one_file(path: Path) -> None:
    with Store.open(path) as store:
        store.add_items(world.harvest([world.item("a")]))
        store.pending(1)
    assert [one.name for one in path.parent.iterdir()] == ["vedette.db"]


# --- the lock --------------------------------------------------------------------


def test_a_second_process_is_refused_until_the_first_is_killed(path: Path) -> None:
    """I17; the kernel frees the lock on kill -9, and a child does not keep it."""
    script = (
        "import subprocess, sys, time; from pathlib import Path\n"
        "from vedette.store import StoreLock\n"
        "lock = StoreLock(Path(sys.argv[1])); lock.acquire()\n"
        "child = subprocess.Popen(['sleep', '30'], close_fds=False)\n"
        "print(child.pid, flush=True); time.sleep(30)\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    )
    assert holder.stdout is not None
    child = int(holder.stdout.readline())
    try:
        with pytest.raises(StoreLocked, match=f"process {holder.pid}") as refused:
            StoreLock(path).acquire()
        assert refused.value.exit_code == 3
        holder.kill()
        holder.wait()
        with StoreLock(path), pytest.raises(StoreLocked):
            StoreLock(path).acquire()
        StoreLock(path).acquire()
    finally:
        os.kill(child, 9)
        holder.stdout.close()


def test_opening_takes_no_lock(path: Path) -> None:
    with StoreLock(path), Store.open(path) as one, Store.open(path) as two:
        one.beat("x", NOW)
        assert two.health(NOW).beats == {"x": NOW}


# --- the schema ------------------------------------------------------------------


def test_a_file_of_a_newer_version_is_refused(path: Path) -> None:
    with Store.open(path):
        pass
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA user_version = 99")
    raw.close()
    with pytest.raises(StoreTooNew, match="newer version") as refused:
        Store.open(path)
    assert refused.value.found == 99


def test_a_file_of_another_program_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE theirs(x)")
    raw.close()
    with pytest.raises(StoreCorrupt, match="another program"):
        Store.open(path)


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database, but long enough to look at" * 99)
    with pytest.raises(StoreCorrupt):
        Store.open(path)


def test_migrating_has_to_be_allowed(path: Path) -> None:
    with pytest.raises(StoreOutdated, match="vedette migrate"):
        Store.open(path, migrate=False)
    with Store.open(path):
        pass
    with Store.open(path, migrate=False) as store:
        assert store.health(NOW).schema == len(MIGRATIONS)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnwritable, match="file"):
        Store.open(tmp_path / "file" / "vedette.db")


def tables_of(path: Path) -> tuple[int, set[str]]:
    with contextlib.closing(sqlite3.connect(path)) as raw:
        version = raw.execute("PRAGMA user_version").fetchone()[0]
        found = raw.execute("SELECT name FROM sqlite_master WHERE name LIKE 'new%'")
        return version, {row[0] for row in found}


def test_a_migration_that_fails_half_way_leaves_the_old_schema(path: Path) -> None:
    """I15; also: sqlite-utils commits nothing inside our transaction."""
    with Store.open(path) as store:
        store.add_items(world.harvest([world.item("a")]))

    def second(db: Database) -> None:
        db.table("new_one").create({"x": int}, pk="x")
        db.table("new_one").insert_all([{"x": n} for n in range(200)])
        db.table("new_one").transform(rename={"x": "y"})
        db.table("new_one").create_index(["y"])
        assert db.conn.in_transaction
        raise RuntimeError("half way")

    def mended(db: Database) -> None:
        db.table("new_two").create({"x": int}, pk="x")

    first = MIGRATIONS
    newest = len(first)
    with contextlib.closing(connect(path, read_only=False)) as db:
        with pytest.raises(RuntimeError):
            schema.migrate(db, path, allowed=True, migrations=(*first, mended, second))
        assert not db.in_transaction
    assert tables_of(path) == (newest + 1, {"new_two"})
    with contextlib.closing(connect(path, read_only=False)) as db:
        schema.migrate(db, path, allowed=True, migrations=(*first, mended, mended_two))
    assert tables_of(path) == (newest + 2, {"new_two", "new_three"})


def test_what_waits_in_an_older_store_is_indexed_once(path: Path) -> None:
    """It was indexed with its poll, and is so with its verdict now."""
    one = world.item("a", title="Moon", text="over the bay")
    path.parent.mkdir()
    with contextlib.closing(connect(path, read_only=False)) as db:
        schema.migrate(db, path, allowed=True, migrations=MIGRATIONS[:2])
        db.execute(
            "INSERT INTO item(seq, id, source, title, summary, authors, seen,"
            " freshness, catching_up, text)"
            " VALUES (1, ?, 's', ?, '', '[]', 1, 'fresh', 0, ?)",
            (one.id, one.title, one.text),
        )
        db.execute("INSERT INTO pending(item) VALUES (1)")
        db.execute(
            "INSERT INTO item_words(rowid, title, text) VALUES (1, ?, ?)",
            (one.title, one.text),
        )

    with Store.open(path) as store:
        assert words_of(path) == {}
        (item,) = store.pending(9).items
        store.record(world.verdict([item], alerts=(), deliveries=()))
        assert words_of(path) == {"bay": 1, "moon": 1, "over": 1, "the": 1}


def words_of(path: Path) -> dict[str, int]:
    """The words of the search index, and how often each stands there."""
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.execute(
            "CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, item_words, row)"
        )
        return dict(raw.execute("SELECT term, cnt FROM temp.words"))


def mended_two(db: Database) -> None:
    db.table("new_three").create({"x": int}, pk="x")


def test_two_processes_may_open_a_new_store_at_once(path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from vedette.store import Store\n"
        "sys.stdin.read(1); Store.open(Path(sys.argv[1])).close()\n"
    )
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, cwd=ROOT
        )
        for _ in range(3)
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.close()
    assert [racer.wait(30) for racer in racers] == [0, 0, 0]


def test_the_schema_library_is_loaded_only_when_there_is_work(path: Path) -> None:
    """It costs 32 MB of memory that an up-to-date daemon does not owe."""
    with Store.open(path):
        pass
    script = (
        "import sys; from pathlib import Path; from vedette.store import Store\n"
        "Store.open(Path(sys.argv[1])).close(); print('sqlite_utils' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\n"


# --- a full disk -----------------------------------------------------------------


def test_a_full_disk_fails_the_write_and_nothing_else(path: Path) -> None:
    """A38: reading goes on, the store is whole, and works again with room."""
    with Store.open(path) as store:
        store.add_items(world.harvest([world.item("a")], etag="one"))
        pages = store._db.on_writer(
            lambda db: db.execute("PRAGMA page_count").fetchone()[0]
        )
        store._db.on_writer(
            lambda db: db.execute(f"PRAGMA max_page_count = {pages + 2}").fetchall()
        )
        words = os.urandom(5000).hex()  # a text that does not become small
        big = [world.item(f"b{n}", text=words) for n in range(9)]
        for _ in range(3):
            with pytest.raises(StoreFull):
                store.add_items(world.harvest(big, etag="two"))
        assert [one.guid for one in store.pending(99).items] == ["a"]
        assert store.states()["gazette"].etag == "one"
        store.beat("still", NOW)
        store._db.on_writer(
            lambda db: db.execute("PRAGMA max_page_count = 1000000").fetchall()
        )
        assert store.add_items(world.harvest(big, etag="two")).new == 9
        with store._db.reading() as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_store_that_is_written_elsewhere_too_long_is_busy_not_broken(
    path: Path,
) -> None:
    with Store.open(path) as store, contextlib.closing(sqlite3.connect(path)) as other:
        store._db.on_writer(lambda db: db.execute("PRAGMA busy_timeout = 50"))
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            store.beat("x", NOW)
        other.execute("ROLLBACK")
        store.beat("x", NOW)
