"""Schema 1: sources, items, stories and the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.store.migrations.tables import table

if TYPE_CHECKING:
    from sqlite_utils import Database


def first(db: Database) -> None:
    """Schema 1: the first release."""
    _sources(db)
    _items(db)
    _stories(db)
    _outbox(db)


def _sources(db: Database) -> None:
    table(
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
    table(
        db,
        "tally",
        {"source": str, "what": str, "n": int},
        pk=("source", "what"),
    )
    table(
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
    table(
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
    table(
        db,
        "pending",
        {"item": int, "unreadable": str},
        pk="item",
        optional=("unreadable",),
        foreign_keys=[("item", "item", "seq")],
    )
    # Ids of items that retention removed: a feed that still lists one must not bring
    # it back as news.
    table(db, "gone", {"id": str, "at": int}, pk="id")
    db.execute(
        "CREATE VIRTUAL TABLE item_words USING fts5("
        "title, text, content='', tokenize='unicode61 remove_diacritics 2')"
    )


def _stories(db: Database) -> None:
    table(
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
    table(
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
    table(
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
    table(db, "silence", {"target": str, "until": int}, pk="target")
    table(db, "caught_up", {"topic": str, "at": int}, pk="topic")


def _outbox(db: Database) -> None:
    table(
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
    table(
        db,
        "delivery_alert",
        {"alert": str, "channel": str, "recipient": str, "delivery": str},
        pk=("alert", "channel", "recipient"),
        foreign_keys=[("alert", "alert", "id"), ("delivery", "delivery", "id")],
    )
    db.execute("CREATE INDEX delivery_alert_delivery ON delivery_alert(delivery)")
    table(
        db,
        "attempt",
        {"seq": int, "delivery": str, "at": int, "outcome": str, "detail": str},
        pk="seq",
        foreign_keys=[("delivery", "delivery", "id")],
    )
    db.execute("CREATE INDEX attempt_delivery ON attempt(delivery)")
    table(db, "beat", {"name": str, "at": int}, pk="name")
