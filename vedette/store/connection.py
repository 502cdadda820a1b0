"""The door to the file: settings, one writer thread, a few readers."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from vedette.store.errors import (
    StoreClosed,
    StoreError,
    StoreUnwritable,
    translated,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

T = TypeVar("T")

BUSY_MS = 10_000
IDLE_READERS = 4
"""Read connections kept open between calls; each may cache up to 2 MB of pages."""

MINIMUM_SQLITE = (3, 38, 0)
"""STRICT tables need 3.37, built-in JSON functions 3.38 (sqlite.org/changes.html)."""


TOGETHER = 64
"""Most writes in one transaction: some 200 ms of polls full of news."""


@dataclass(slots=True)
class _Waiting:
    """A write that shares its transaction, and the promise to its caller."""

    work: Callable[[sqlite3.Connection], Any]
    done: Future[Any] = field(default_factory=Future)


def _lenient(raw: bytes) -> str:
    """Damaged UTF-8 becomes U+FFFD, so one bad row does not stop a whole read."""
    return str(raw, "utf-8", "replace")


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """One connection with every setting of HARDENING "SQLite settings".

    Autocommit on the driver's side: every transaction is opened and closed by us.

    Raises:
        sqlite3.Error: the file cannot be opened or is no database.
    """
    db = sqlite3.connect(
        path,
        timeout=BUSY_MS / 1000,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    try:
        db.row_factory = sqlite3.Row
        db.text_factory = _lenient
        for pragma in (
            f"busy_timeout = {BUSY_MS}",
            # FULL, not NORMAL: under NORMAL a power loss forgot the claim of 6 of 6
            # sends (HARDENING, trap 7). WAL itself is a property of the file.
            "synchronous = FULL",
            "foreign_keys = ON",
            "trusted_schema = OFF",
            "cell_size_check = ON",
            "temp_store = MEMORY",
            f"query_only = {'ON' if read_only else 'OFF'}",
        ):
            db.execute(f"PRAGMA {pragma}")
    except BaseException:
        db.close()
        raise
    return db


class Connections:
    """Every connection of one store: writes in one thread, reads in any.

    A write is a function that gets the connection inside ``BEGIN IMMEDIATE``; it is
    committed when the function returns and rolled back when it raises. A read sees
    one snapshot, however many queries it makes.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, creating it and its folder when missing.

        Raises:
            StoreUnwritable: the folder or the file cannot be created or opened.
            StoreCorrupt: the file is no database.
        """
        if sqlite3.sqlite_version_info < MINIMUM_SQLITE:
            raise StoreError(
                f"SQLite {sqlite3.sqlite_version} is too old, "
                f"{'.'.join(map(str, MINIMUM_SQLITE))} is needed"
            )
        self.path = path
        self._guard = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise StoreUnwritable(f"cannot open {path}: {error}") from error
        try:
            self._writer = connect(path, read_only=False)
        except sqlite3.Error as error:
            raise translated(error, f"cannot open {path}") from error
        try:
            self._writer.execute("PRAGMA journal_mode = WAL")
        except sqlite3.Error as error:
            self._writer.close()
            raise translated(error, f"cannot open {path}") from error
        self._waiting: deque[_Waiting] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-writer")

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` in one transaction on the writer thread and wait for it.

        Raises:
            StoreError: nothing of the work was kept; the store stays usable.
        """
        return self.on_writer(lambda db: self._transaction(db, work))

    def on_writer(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` on the writer thread outside of any transaction.

        For what cannot run inside one: checkpoints and migrations.

        Raises:
            StoreError: the driver's errors, translated.
        """
        return self._result(self._submit(work, self._writer))

    def write_together(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """As ``write``, in one transaction with all who wait at the same moment.

        A commit waits for the disk, and many small ones for each other; so those that
        came meanwhile share the next. Each stays all or nothing by itself: if one of
        them fails, nothing is kept and each is written again, alone. So ``work`` may
        run twice.

        Raises:
            StoreError: nothing of this work was kept; the store stays usable.
        """
        mine = _Waiting(work)
        self._waiting.append(mine)
        self._submit(self._write_waiting)
        result: T = self._result(mine.done)
        return result

    def _write_waiting(self) -> None:
        """Write what waits by now; who finds nothing was written by the one before."""
        together: list[_Waiting] = []
        while self._waiting and len(together) < TOGETHER:
            together.append(self._waiting.popleft())
        if len(together) > 1:
            try:
                results = self._transaction(
                    self._writer, lambda db: [one.work(db) for one in together]
                )
            except Exception:  # noqa: BLE001 - each one's own error is told below
                results = None
            if results is not None:
                for one, result in zip(together, results, strict=True):
                    one.done.set_result(result)
                return
        for one in together:
            try:
                one.done.set_result(self._transaction(self._writer, one.work))
            except BaseException as error:  # noqa: BLE001 - raised where it is awaited
                one.done.set_exception(error)

    def _submit(self, work: Callable[..., T], *args: object) -> Future[T]:
        try:
            return self._thread.submit(work, *args)
        except RuntimeError as error:  # the executor was shut down
            raise StoreClosed(f"{self.path} is closed") from error

    def _result(self, future: Future[T]) -> T:
        try:
            return future.result()
        except (sqlite3.Error, UnicodeError, OverflowError) as error:
            raise translated(error, f"writing {self.path} failed") from error

    @staticmethod
    def _transaction(
        db: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]
    ) -> T:
        db.execute("BEGIN IMMEDIATE")
        try:
            result = work(db)
            db.execute("COMMIT")
        except BaseException:
            # After SQLITE_FULL and some I/O errors SQLite has rolled back already,
            # and a second ROLLBACK would raise over the real error.
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        return result

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A read connection inside one snapshot, given back at the end.

        Raises:
            StoreError: the driver's errors, translated.
        """
        try:
            db = self._borrow()
            try:
                db.execute("BEGIN")
                yield db
                db.execute("COMMIT")
            except BaseException:
                db.close()  # its state is unknown; the next reader opens a new one
                raise
            self._give_back(db)
        except sqlite3.Error as error:
            raise translated(error, f"reading {self.path} failed") from error

    def asked(self, query: str, values: Sequence[Any]) -> list[sqlite3.Row]:
        """The rows of one statement, which is a snapshot by itself.

        Raises:
            StoreError: the driver's errors, translated.
        """
        try:
            db = self._borrow()
            try:
                found = db.execute(query, values).fetchall()
            except BaseException:
                db.close()
                raise
            self._give_back(db)
        except sqlite3.Error as error:
            raise translated(error, f"reading {self.path} failed") from error
        return found

    def _borrow(self) -> sqlite3.Connection:
        with self._guard:
            if self._closed:
                raise StoreClosed(f"{self.path} is closed")
            if self._idle:
                return self._idle.pop()
        return connect(self.path, read_only=True)

    def _give_back(self, db: sqlite3.Connection) -> None:
        with self._guard:
            if not self._closed and len(self._idle) < IDLE_READERS:
                self._idle.append(db)
                return
        db.close()

    def close(self) -> None:
        """Finish the writes that were handed in, then close; harmless twice."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
            idle, self._idle = self._idle, []
        for db in idle:
            db.close()
        # Behind the last write; the last connection folds the WAL into the file.
        self._thread.submit(self._writer.close)
        self._thread.shutdown(wait=True)
