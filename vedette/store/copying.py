"""Backup of a store in use, and restore of a store at rest."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING

from vedette.failpoints import Point, reach
from vedette.store import schema
from vedette.store.connection import connect
from vedette.store.errors import (
    StoreCorrupt,
    StoreTooNew,
    StoreUnwritable,
    translated,
)
from vedette.store.migrations import MIGRATIONS

if TYPE_CHECKING:
    from pathlib import Path

    from vedette.store.connection import Connections


class Copying:
    """The backup's share of the store."""

    _db: Connections

    def backup(self, path: Path) -> None:
        """Copy the whole store into one file while others go on writing.

        The copy is one snapshot, and ``path`` is replaced only when it is complete
        and on the disk; a kill leaves at most ``<path>.part`` behind (I21).

        Raises:
            StoreUnwritable: the copy cannot be written there.
            StoreFull: there is no room for it.
        """
        if path.exists() and path.samefile(self._db.path):
            raise StoreUnwritable(f"{path} is the store itself")
        part = path.with_name(path.name + ".part")
        try:
            part.unlink(missing_ok=True)
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            # Outside of `reading`: the copy holds its own snapshot, and a target that
            # fails must not cost the reader.
            with (
                contextlib.closing(connect(self._db.path, read_only=True)) as db,
                contextlib.closing(sqlite3.connect(part)) as target,
            ):
                db.backup(target)
                # A plain file that opens everywhere, without a log beside it.
                target.execute("PRAGMA journal_mode = DELETE")
            reach(Point.COPYING)
            _replace(part, path)
        except OSError as error:
            raise StoreUnwritable(f"cannot write {path}: {error}") from error
        except sqlite3.Error as error:
            raise translated(error, f"backup to {path} failed") from error
        finally:
            # Half a copy would keep a full disk full; after a success it is gone.
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


def restore(backup: Path, path: Path, *, kept: Path | None = None) -> None:
    """Put a backup in the place of the store; the caller holds its ``StoreLock``.

    The backup is copied beside the store and checked there (whole, ours, not newer
    than this code) before it is moved over the store, so a kill leaves the old or the
    new store. The old one, even a damaged one, stays under the name ``kept``.

    Raises:
        StoreError: the backup cannot be used; the store was not touched.
    """
    if not backup.is_file():
        raise StoreUnwritable(f"{backup} is not a file")
    if path.exists() and backup.samefile(path):
        raise StoreUnwritable(f"{backup} is the store itself")
    part = path.with_name(path.name + ".part")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        try:
            _copy(backup, part)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _set_aside(path, kept)
        _replace(part, path)
    except OSError as error:
        raise StoreUnwritable(f"cannot restore {path}: {error}") from error
    except sqlite3.Error as error:
        raise translated(error, f"cannot restore {backup}") from error


def _copy(backup: Path, part: Path) -> None:
    """By the database's own copying: a log beside the backup comes over as well."""
    with (
        contextlib.closing(sqlite3.connect(backup)) as source,
        contextlib.closing(sqlite3.connect(part)) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
        _check(target, backup)
    part.chmod(0o600)


def _set_aside(path: Path, kept: Path | None) -> None:
    """Take the old store's log away, which would be replayed into the new file.

    (sqlite.org/howtocorrupt.html section 1.4.) What it held is folded into the old
    file first; what a reader keeps from being folded goes along with ``kept``.
    """
    if path.exists():
        with (
            contextlib.suppress(sqlite3.Error),
            contextlib.closing(sqlite3.connect(path, timeout=1)) as old,
        ):
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if kept is not None:
            # A second name, not a move: at every moment a store lies at `path`.
            os.link(path, kept)
    for suffix in ("-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        if kept is not None and beside.exists():
            beside.replace(kept.with_name(kept.name + suffix))
        beside.unlink(missing_ok=True)


def _check(db: sqlite3.Connection, path: Path) -> None:
    found = schema.found_version(db, path)
    if found > len(MIGRATIONS):
        raise StoreTooNew(str(path), found=found, known=len(MIGRATIONS))
    if found == 0:
        raise StoreCorrupt(f"{path} is an empty database")
    problem = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if problem != "ok":
        raise StoreCorrupt(f"{path} is damaged: {problem}")


def _replace(part: Path, path: Path) -> None:
    """Move a finished file into place so that it survives a power loss."""
    _sync(part)
    part.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
