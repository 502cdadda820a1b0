"""Which schema a file has, and how it is brought to the newest.

The schema number is kept in ``PRAGMA user_version``, which lives in the file's header
and so commits with the very transaction that changes the tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.failpoints import Point, reach
from vedette.store.errors import StoreCorrupt, StoreOutdated, StoreTooNew
from vedette.store.migrations import MIGRATIONS

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from vedette.store.migrations import Migration

APPLICATION_ID = 0x56454445
""""VEDE": tells our files from any other SQLite file (sqlite.org/pragma.html)."""


def found_version(db: sqlite3.Connection, path: Path) -> int:
    """The schema number of the file; 0 for an empty one.

    Raises:
        StoreCorrupt: it is a database of something else.
    """
    application = db.execute("PRAGMA application_id").fetchone()[0]
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    if application == APPLICATION_ID:
        return version
    tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application or version or tables:
        raise StoreCorrupt(f"{path} is a database of another program")
    return 0


def migrate(
    db: sqlite3.Connection,
    path: Path,
    *,
    allowed: bool,
    migrations: tuple[Migration, ...] = MIGRATIONS,
) -> int:
    """Bring the file to the newest schema; gives that number.

    Each step is one transaction with its new number, so a kill between or inside
    steps leaves a whole older schema that the next start takes up.

    Raises:
        StoreTooNew: the file is newer than this code.
        StoreOutdated: it is older, and ``allowed`` is false.
        StoreCorrupt: it is not ours.
    """
    newest = len(migrations)
    found = found_version(db, path)
    if found > newest:
        raise StoreTooNew(str(path), found=found, known=newest)
    if found == newest:
        return newest
    if not allowed:
        raise StoreOutdated(str(path), found=found, known=newest)
    from sqlite_utils import Database  # 32 MB: only when there is work to do

    # Inside an open transaction its own `atomic()` blocks are savepoints, so it never
    # commits for us (held by a test).
    tables = Database(db, recursive_triggers=False, execute_plugins=False)
    while found < newest:
        db.execute("BEGIN IMMEDIATE")
        try:
            found = found_version(db, path)  # another process may have been faster
            if found < newest:
                migrations[found](tables)
                found += 1
                db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                db.execute(f"PRAGMA user_version = {found}")
                reach(Point.MIGRATING)
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
    return newest
