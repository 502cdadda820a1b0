"""What can go wrong with the store.

StoreError
+-- StoreLocked       another process holds the store (exit code 3)
+-- StoreClosed       it was closed
+-- StoreBusy         another process kept the write lock for longer than we wait
+-- StoreFull         no room on the disk; nothing of the transaction was kept
+-- StoreUnwritable   the file or its folder cannot be opened, read or written
+-- StoreCorrupt      the file is damaged, or not a store at all
+-- StoreTooNew       written by a newer version; carries both numbers
+-- StoreOutdated     written by an older one, and migrating was not asked for
+-- AlreadyEvaluated  an item was judged before (a second evaluator); nothing kept
+-- Acknowledged      somebody took note of an alert that was to go on; nothing kept
+-- UnknownDelivery   no such row in the outbox
"""

from __future__ import annotations

import sqlite3


class StoreError(Exception):
    """Root of the store's errors; whatever raised it, nothing was half written."""


class StoreLocked(StoreError):  # noqa: N818 - reads as the fact it states
    """Another process works on the same store."""

    exit_code = 3


class StoreClosed(StoreError):  # noqa: N818 - reads as the fact it states
    """The store was closed before the call."""


class StoreBusy(StoreError):  # noqa: N818 - reads as the fact it states
    """Another process held the write lock for longer than the busy timeout."""


class StoreFull(StoreError):  # noqa: N818 - reads as the fact it states
    """There is no room left; the transaction was rolled back, reading still works."""


class StoreUnwritable(StoreError):  # noqa: N818 - reads as the fact it states
    """The file cannot be opened, read or written (rights, missing folder, I/O)."""


class StoreCorrupt(StoreError):  # noqa: N818 - reads as the fact it states
    """The file is damaged or is no store of this product."""


class StoreTooNew(StoreError):  # noqa: N818 - reads as the fact it states
    """The file was written by a newer version of this product."""

    def __init__(self, path: str, *, found: int, known: int) -> None:
        super().__init__(
            f"{path} has schema {found}, this version knows {known}: "
            "run the newer version, or restore an older backup"
        )
        self.found = found
        self.known = known


class StoreOutdated(StoreError):  # noqa: N818 - reads as the fact it states
    """The file was written by an older version and has to be migrated first."""

    def __init__(self, path: str, *, found: int, known: int) -> None:
        super().__init__(f"{path} has schema {found} of {known}: run `vedette migrate`")
        self.found = found
        self.known = known


class Acknowledged(StoreError):  # noqa: N818 - reads as the fact it states
    """An alert that was to go on to others was acknowledged meanwhile."""


class AlreadyEvaluated(StoreError):  # noqa: N818 - reads as the fact it states
    """A judged item is not pending: it was judged before, or never stored."""

    def __init__(self, item_id: str) -> None:
        super().__init__(f"item {item_id} does not wait for evaluation")
        self.item_id = item_id


class UnknownDelivery(StoreError):  # noqa: N818 - reads as the fact it states
    """There is no delivery of this id."""

    def __init__(self, delivery_id: str) -> None:
        super().__init__(f"no delivery {delivery_id}")
        self.delivery_id = delivery_id


_BY_CODE: dict[int, type[StoreError]] = {
    sqlite3.SQLITE_FULL: StoreFull,
    sqlite3.SQLITE_BUSY: StoreBusy,
    sqlite3.SQLITE_LOCKED: StoreBusy,
    sqlite3.SQLITE_CORRUPT: StoreCorrupt,
    sqlite3.SQLITE_NOTADB: StoreCorrupt,
    sqlite3.SQLITE_CANTOPEN: StoreUnwritable,
    sqlite3.SQLITE_READONLY: StoreUnwritable,
    sqlite3.SQLITE_PERM: StoreUnwritable,
    sqlite3.SQLITE_IOERR: StoreUnwritable,
}


def translated(error: Exception, what: str) -> StoreError:
    """The store's own error for one of the database driver.

    ``what`` names the work that failed. The primary result code is the low byte of
    the extended one (sqlite.org/rescode.html).
    """
    code = getattr(error, "sqlite_errorcode", None)
    kind = _BY_CODE.get(code & 0xFF, StoreError) if code is not None else StoreError
    return kind(f"{what}: {type(error).__name__}: {error}")
