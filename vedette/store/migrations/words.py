"""Schema 2: near-duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.store.migrations.tables import table

if TYPE_CHECKING:
    from sqlite_utils import Database


def words(db: Database) -> None:
    """Schema 2: near-duplicates. Items judged before it have no sketch."""
    table(
        db,
        "sketch",
        {
            "item": int,
            "at": int,
            "host": int,
            "linked": int,
            "kept_under": int,
            "hashes": bytes,
            "boilerplate": bytes,
            "title": bytes,
            "lead": bytes,
            "numbers": bytes,
        },
        pk="item",
        foreign_keys=[("item", "item", "seq")],
    )
    db.execute("CREATE INDEX sketch_at ON sketch(at, item)")
    # Ten million rows in a week of 20,000 items a day: the key is the row.
    db.execute(
        "CREATE TABLE shingle(hash INTEGER NOT NULL, item INTEGER NOT NULL,"
        " host INTEGER NOT NULL, PRIMARY KEY(hash, item)) STRICT, WITHOUT ROWID"
    )
