"""Schema 3: stories that grow, are held, and are read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.store.migrations.tables import table
from vedette.store.search import spaced
from vedette.store.texts import packed

if TYPE_CHECKING:
    from sqlite_utils import Database


def growing(db: Database) -> None:
    """Schema 3: stories that grow, are held, and are read again."""
    words_in_order(db)
    _gists(db)
    _words_when_judged(db)
    _packed_texts(db)
    for column in (
        "carried INTEGER NOT NULL DEFAULT 0",
        "reports TEXT NOT NULL DEFAULT '[]'",
        "facts TEXT NOT NULL DEFAULT '[]'",
        "related TEXT NOT NULL DEFAULT '[]'",
        "merged_into TEXT",
    ):
        db.execute(f"ALTER TABLE story ADD COLUMN {column}")
    _remembering(db)
    # Always the last survivor, so that one step leads to it.
    db.execute(
        "CREATE INDEX story_merged_into ON story(merged_into)"
        " WHERE merged_into IS NOT NULL"
    )
    db.execute("ALTER TABLE judgement ADD COLUMN owner TEXT NOT NULL DEFAULT ''")
    # When a follow-up may leave, and the milestones a first alert tells by the way.
    db.execute("ALTER TABLE alert ADD COLUMN due INTEGER")
    db.execute("ALTER TABLE alert ADD COLUMN covers TEXT NOT NULL DEFAULT '[]'")
    db.execute("ALTER TABLE alert ADD COLUMN difference TEXT NOT NULL DEFAULT '[]'")
    # What waits for an acknowledgement, which is of all alerts of a story.
    db.execute("ALTER TABLE alert ADD COLUMN acknowledged INTEGER")
    table(
        db,
        "escalation",
        {"alert": str, "at": int},
        pk="alert",
        foreign_keys=[("alert", "alert", "id")],
    )
    db.execute("CREATE INDEX escalation_at ON escalation(at)")
    # What a channel's limit counts.
    db.execute(
        "CREATE INDEX delivery_planned ON delivery(first_due)"
        " WHERE type IN ('alert.opened', 'alert.updated') AND state <> 'suppressed'"
    )
    # First alerts that wait for a second report (`alert.first: 2`): the alert as JSON.
    table(
        db,
        "hold",
        {"story": str, "topic": str, "until": int, "alert": str},
        pk=("story", "topic"),
        foreign_keys=[("story", "story", "id")],
    )
    db.execute("CREATE INDEX hold_until ON hold(until)")
    # When a source brought something new, packed; and what was told of it going wrong.
    db.execute("ALTER TABLE source ADD COLUMN arrivals BLOB NOT NULL DEFAULT x''")
    table(
        db,
        "episode",
        {
            "name": str,
            "aspect": str,
            "since": int,
            "ailment": str,
            "detail": str,
            "opened": int,
            "ended": int,
        },
        pk=("name", "aspect", "since"),
        optional=("ended",),
    )
    # Channels that went dead: the last that was told of each endpoint.
    table(
        db,
        "outage",
        {
            "channel": str,
            "recipient": str,
            "since": int,
            "reason": str,
            "detail": str,
            "ended": int,
        },
        pk=("channel", "recipient"),
        optional=("ended",),
    )
    db.execute("CREATE INDEX attempt_paused ON attempt(at) WHERE outcome = 'paused'")
    # Pages of alerted items that are read again, and every version that differed.
    table(
        db,
        "recheck",
        {
            "item": str,
            "due": int,
            "step": int,
            "etag": str,
            "last_modified": str,
            "failures": int,
        },
        pk="item",
        optional=("etag", "last_modified"),
        defaults={"step": 0, "failures": 0},
        foreign_keys=[("item", "item", "id")],
    )
    db.execute("CREATE INDEX recheck_due ON recheck(due)")
    table(
        db,
        "version",
        {"item": str, "at": int, "sha256": str, "title": str, "text": bytes},
        pk=("item", "at"),
        foreign_keys=[("item", "item", "id")],
    )


def words_in_order(db: Database) -> None:
    """Postings live in memory (``vedette.wordindex``), read from the sketches.

    Their number tells what came since the last look, so it must never be used twice.
    """
    db.execute("DROP TABLE shingle")
    db.execute("DROP INDEX sketch_at")
    db.execute("ALTER TABLE sketch RENAME TO old_sketch")
    columns = (
        "item, at, host, linked, kept_under, hashes, boilerplate, title, lead, numbers"
    )
    db.execute(
        "CREATE TABLE sketch(seq INTEGER PRIMARY KEY AUTOINCREMENT,"
        " item INTEGER NOT NULL UNIQUE REFERENCES item(seq), at INTEGER NOT NULL,"
        " host INTEGER NOT NULL, linked INTEGER NOT NULL, kept_under INTEGER NOT NULL,"
        " hashes BLOB NOT NULL, boilerplate BLOB NOT NULL, title BLOB NOT NULL,"
        " lead BLOB NOT NULL, numbers BLOB NOT NULL) STRICT"
    )
    db.execute(
        f"INSERT INTO sketch({columns})"  # noqa: S608 - our own column names
        f" SELECT {columns} FROM old_sketch ORDER BY at, item"
    )
    db.execute("DROP TABLE old_sketch")
    db.execute("CREATE INDEX sketch_at ON sketch(at, seq)")


def _words_when_judged(db: Database) -> None:
    """What waits for evaluation is indexed with its verdict, no more with its poll."""
    waiting = db.execute(
        "SELECT seq, title, text FROM item JOIN pending ON pending.item = item.seq"
    ).fetchall()
    for seq, title, text in waiting:
        db.execute(
            "INSERT INTO item_words(item_words, rowid, title, text)"
            " VALUES ('delete', ?, ?, ?)",
            (seq, spaced(title), spaced(text)),
        )


def _packed_texts(db: Database) -> None:
    """Texts compressed, in the last column still; who found them and their length."""
    db.execute("ALTER TABLE item ADD COLUMN extractor TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE item ADD COLUMN length INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE item ADD COLUMN packed BLOB NOT NULL DEFAULT x''")
    db.conn.create_function("packed", 1, packed, deterministic=True)
    db.execute("UPDATE item SET length = length(text), packed = packed(text)")
    db.execute("ALTER TABLE item DROP COLUMN text")
    db.execute("ALTER TABLE item RENAME COLUMN packed TO text")


def _remembering(db: Database) -> None:
    """How sources post, what publishers ask, and what each request carried."""
    db.execute("ALTER TABLE source ADD COLUMN memory TEXT NOT NULL DEFAULT '{}'")
    for column in ("purpose", "sent", "got", "frowned"):
        db.execute(f"ALTER TABLE request ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")


def _gists(db: Database) -> None:
    """What items are about; numbered as sketches are, for the index in memory."""
    db.execute(
        "CREATE TABLE gist(seq INTEGER PRIMARY KEY AUTOINCREMENT,"
        " item INTEGER NOT NULL UNIQUE REFERENCES item(seq), at INTEGER NOT NULL,"
        " watched INTEGER NOT NULL, keys BLOB NOT NULL, gist BLOB NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX gist_at ON gist(at, seq)")
    db.execute("CREATE INDEX gist_watched ON gist(at, seq) WHERE watched")
    # The indexes of both tables as they stood a while ago (``indexes.py``).
    table(db, "written", {"name": str, "part": int, "rows": bytes}, pk=("name", "part"))
