"""The tables, and how an older file becomes a newer one.

Times are whole microseconds since 1970 in UTC, spans whole microseconds, lists and
evidence JSON. A migration is a function in ``MIGRATIONS``; its place in that list is
the schema number, kept in ``PRAGMA user_version``, which lives in the file's header
and so commits with the very transaction that changes the tables. Add new ones at the
end and never change one that was released.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vedette.store.errors import StoreCorrupt, StoreOutdated, StoreTooNew
from vedette.store.search import spaced
from vedette.store.texts import packed

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sqlite_utils import Database

    Migration = Callable[[Database], None]

APPLICATION_ID = 0x56454445
""""VEDE": tells our files from any other SQLite file (sqlite.org/pragma.html)."""


def _table(  # noqa: PLR0913 - the parts of a CREATE TABLE
    db: Database,
    name: str,
    columns: dict[str, Any],
    *,
    pk: str | tuple[str, ...],
    optional: Sequence[str] = (),
    defaults: dict[str, Any] | None = None,
    foreign_keys: Sequence[tuple[str, str, str]] = (),
) -> None:
    """Create a STRICT table whose columns are NOT NULL unless named ``optional``."""
    db.table(name).create(
        columns,
        pk=pk,
        not_null=[column for column in columns if column not in optional],
        defaults=defaults or {},
        foreign_keys=list(foreign_keys),
        strict=True,
    )


def _first(db: Database) -> None:
    """Schema 1: the first release."""
    _sources(db)
    _items(db)
    _stories(db)
    _outbox(db)


def _sources(db: Database) -> None:
    _table(
        db,
        "source",
        {
            "name": str,
            "url": str,
            "adopted": int,
            "etag": str,
            "last_modified": str,
            "body_hash": str,
            "attempted": int,
            "succeeded": int,
            "first_succeeded": int,
            "due": int,
            "not_before": int,
            "interval": int,
            "failures": int,
            "state": str,
            "reason": str,
            "detail": str,
            "yielded": int,
        },
        pk="name",
        optional=(
            "etag",
            "last_modified",
            "body_hash",
            "attempted",
            "succeeded",
            "first_succeeded",
            "due",
            "not_before",
            "interval",
            "reason",
        ),
    )
    _table(
        db,
        "tally",
        {"source": str, "what": str, "n": int},
        pk=("source", "what"),
    )
    _table(
        db,
        "request",
        {
            "seq": int,
            "source": str,
            "url": str,
            "at": int,
            "status": int,
            "reason": str,
            "bytes": int,
            "ms": int,
            "conditional": int,
        },
        pk="seq",
        optional=("status",),
    )
    db.execute("CREATE INDEX request_source ON request(source, seq)")
    db.execute("CREATE INDEX request_at ON request(at)")


def _items(db: Database) -> None:
    # `text` comes last: SQLite then reads the rest of a long row without it.
    _table(
        db,
        "item",
        {
            "seq": int,
            "id": str,
            "source": str,
            "url": str,
            "canonical_url": str,
            "guid": str,
            "title": str,
            "summary": str,
            "language": str,
            "authors": str,
            "published": int,
            "seen": int,
            "freshness": str,
            "catching_up": int,
            "text_pruned": int,
            "text": str,
        },
        pk="seq",
        optional=("url", "canonical_url", "guid", "language", "published"),
        defaults={"text_pruned": 0},
    )
    db.execute("CREATE UNIQUE INDEX item_id ON item(id)")
    db.execute("CREATE INDEX item_url ON item(url)")
    db.execute("CREATE INDEX item_canonical_url ON item(canonical_url)")
    db.execute("CREATE INDEX item_seen ON item(seen)")
    # What still waits for evaluation. A table of its own: a flag inside the long item
    # row would rewrite its text at every change.
    _table(
        db,
        "pending",
        {"item": int, "unreadable": str},
        pk="item",
        optional=("unreadable",),
        foreign_keys=[("item", "item", "seq")],
    )
    # Ids of items that retention removed: a feed that still lists one must not bring
    # it back as news.
    _table(db, "gone", {"id": str, "at": int}, pk="id")
    db.execute(
        "CREATE VIRTUAL TABLE item_words USING fts5("
        "title, text, content='', tokenize='unicode61 remove_diacritics 2')"
    )


def _stories(db: Database) -> None:
    _table(
        db,
        "story",
        {
            "id": str,
            "headline": str,
            "first_seen": int,
            "last_seen": int,
            "items": int,
            "independent": int,
            "languages": str,
            "official": int,
            "disputed": int,
            "matched": int,
        },
        pk="id",
    )
    db.execute("CREATE INDEX story_last_seen ON story(last_seen)")
    _table(
        db,
        "judgement",
        {
            "item": int,
            "at": int,
            "story": str,
            "duplicate_of": str,
            "opened": int,
            "url_key": str,
            "content_hash": str,
            "matches": str,
            "gates": str,
        },
        pk="item",
        optional=("duplicate_of", "url_key", "content_hash"),
        foreign_keys=[("item", "item", "seq"), ("story", "story", "id")],
    )
    db.execute(
        "CREATE INDEX judgement_url_key ON judgement(url_key, item)"
        " WHERE url_key IS NOT NULL"
    )
    db.execute(
        "CREATE INDEX judgement_content_hash ON judgement(content_hash, item)"
        " WHERE content_hash IS NOT NULL"
    )
    db.execute("CREATE INDEX judgement_story ON judgement(story)")
    _table(
        db,
        "alert",
        {
            "seq": int,
            "id": str,
            "story": str,
            "topic": str,
            "kind": str,
            "milestone": str,
            "reason": str,
            "severity": str,
            "item": str,
            "score": int,
            "threshold": float,
            "created": int,
            "evidence": str,
            "config": str,
            "note": str,
        },
        pk="seq",
        optional=("note",),
        foreign_keys=[("story", "story", "id"), ("item", "item", "id")],
    )
    db.execute("CREATE UNIQUE INDEX alert_id ON alert(id)")
    db.execute(
        "CREATE UNIQUE INDEX alert_milestone ON alert(story, topic, kind, milestone)"
    )
    db.execute("CREATE INDEX alert_item ON alert(item)")
    db.execute("CREATE INDEX alert_created ON alert(created)")
    _table(db, "silence", {"target": str, "until": int}, pk="target")
    _table(db, "caught_up", {"topic": str, "at": int}, pk="topic")


def _outbox(db: Database) -> None:
    _table(
        db,
        "delivery",
        {
            "seq": int,
            "id": str,
            "channel": str,
            "recipient": str,
            "type": str,
            "severity": str,
            "story": str,
            "headline": str,
            "state": str,
            "reason": str,
            "created": int,
            "due": int,
            "first_due": int,
            "attempts": int,
            "detail": str,
            "settled": int,
            "leased_until": int,
            "period_from": int,
            "period_to": int,
            "payload": bytes,
        },
        pk="seq",
        optional=(
            "story",
            "reason",
            "settled",
            "leased_until",
            "period_from",
            "period_to",
            "payload",
        ),
    )
    db.execute("CREATE UNIQUE INDEX delivery_id ON delivery(id)")
    # The order of a claim: per endpoint, fresh rows first, then by due time.
    db.execute(
        "CREATE INDEX delivery_waiting ON"
        " delivery(channel, recipient, attempts, due) WHERE state = 'pending'"
    )
    db.execute("CREATE INDEX delivery_due ON delivery(due) WHERE state = 'pending'")
    db.execute(
        "CREATE INDEX delivery_leased ON delivery(channel, recipient, leased_until)"
        " WHERE state = 'leased'"
    )
    db.execute("CREATE INDEX delivery_state ON delivery(state, settled)")
    # One row per (alert, channel, recipient): the key IS the promise that nobody is
    # told the same thing twice, also after a crash.
    _table(
        db,
        "delivery_alert",
        {"alert": str, "channel": str, "recipient": str, "delivery": str},
        pk=("alert", "channel", "recipient"),
        foreign_keys=[("alert", "alert", "id"), ("delivery", "delivery", "id")],
    )
    db.execute("CREATE INDEX delivery_alert_delivery ON delivery_alert(delivery)")
    _table(
        db,
        "attempt",
        {"seq": int, "delivery": str, "at": int, "outcome": str, "detail": str},
        pk="seq",
        foreign_keys=[("delivery", "delivery", "id")],
    )
    db.execute("CREATE INDEX attempt_delivery ON attempt(delivery)")
    _table(db, "beat", {"name": str, "at": int}, pk="name")


def _words(db: Database) -> None:
    """Schema 2: near-duplicates. Items judged before it have no sketch."""
    _table(
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


def _growing(db: Database) -> None:
    """Schema 3: stories that grow, are held, and are read again."""
    _words_in_order(db)
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
    _table(
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
    _table(
        db,
        "hold",
        {"story": str, "topic": str, "until": int, "alert": str},
        pk=("story", "topic"),
        foreign_keys=[("story", "story", "id")],
    )
    db.execute("CREATE INDEX hold_until ON hold(until)")
    # When a source brought something new, packed; and what was told of it going wrong.
    db.execute("ALTER TABLE source ADD COLUMN arrivals BLOB NOT NULL DEFAULT x''")
    _table(
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
    _table(
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
    _table(
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
    _table(
        db,
        "version",
        {"item": str, "at": int, "sha256": str, "title": str, "text": bytes},
        pk=("item", "at"),
        foreign_keys=[("item", "item", "id")],
    )


def _words_in_order(db: Database) -> None:
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
    _table(
        db, "written", {"name": str, "part": int, "rows": bytes}, pk=("name", "part")
    )


MIGRATIONS: tuple[Migration, ...] = (_first, _words, _growing)


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
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
    return newest
