"""Sources, items and requests as rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from crawler.items import FetchRecord, Item, SourceState
from crawler.reasons import FetchReason, Freshness
from vedette.store.rows.values import (
    TICK,
    as_json,
    clean,
    maybe_clean,
    maybe_ticks,
    maybe_when,
    ticks,
    when,
)
from vedette.store.texts import packed, unpacked

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

STATE_COLUMNS = (
    "name, url, adopted, etag, last_modified, body_hash, attempted, succeeded,"
    " first_succeeded, due, not_before, interval, failures, state, reason, detail,"
    " yielded, memory, arrivals"
)


def state_row(state: SourceState, memory: str) -> tuple[Any, ...]:
    """In the order of ``STATE_COLUMNS``; see ``store.memory`` for the last."""
    return (
        state.name,
        clean(state.url),
        ticks(state.adopted),
        maybe_clean(state.etag),
        maybe_clean(state.last_modified),
        state.body_hash,
        maybe_ticks(state.attempted),
        maybe_ticks(state.succeeded),
        maybe_ticks(state.first_succeeded),
        maybe_ticks(state.due),
        maybe_ticks(state.not_before),
        None if state.interval is None else state.interval // TICK,
        state.failures,
        state.state,
        state.reason,
        clean(state.detail),
        state.yielded,
        memory,
        state.arrivals,
    )


def state_from(row: sqlite3.Row, memory: Mapping[str, Any]) -> SourceState:
    """Read a source's state."""
    return SourceState(
        name=row["name"],
        url=row["url"],
        adopted=when(row["adopted"]),
        etag=row["etag"],
        last_modified=row["last_modified"],
        body_hash=row["body_hash"],
        attempted=maybe_when(row["attempted"]),
        succeeded=maybe_when(row["succeeded"]),
        first_succeeded=maybe_when(row["first_succeeded"]),
        due=maybe_when(row["due"]),
        not_before=maybe_when(row["not_before"]),
        interval=None if row["interval"] is None else row["interval"] * TICK,
        failures=row["failures"],
        state=row["state"],
        reason=None if row["reason"] is None else FetchReason(row["reason"]),
        detail=row["detail"],
        yielded=row["yielded"],
        **memory,
        arrivals=row["arrivals"],
    )


ITEM_COLUMNS = (
    "id, source, url, canonical_url, guid, title, summary, language, authors,"
    " published, seen, freshness, catching_up, extractor, length, text"
)


def item_row(item: Item) -> tuple[Any, ...]:
    """In the order of ``ITEM_COLUMNS``."""
    return (
        item.id,
        item.source,
        maybe_clean(item.url),
        maybe_clean(item.canonical_url),
        maybe_clean(item.guid),
        clean(item.title),
        clean(item.summary),
        item.language,
        as_json(item.authors),
        maybe_ticks(item.published),
        ticks(item.seen),
        item.freshness,
        int(item.catching_up),
        item.extractor,
        len(item.text),
        packed(clean(item.text)),
    )


def item_from(row: sqlite3.Row) -> Item:
    """Read an item."""
    return Item(
        id=row["id"],
        source=row["source"],
        url=row["url"],
        canonical_url=row["canonical_url"],
        guid=row["guid"],
        title=row["title"],
        text=unpacked(row["text"]),
        summary=row["summary"],
        language=row["language"],
        authors=tuple(json.loads(row["authors"])),
        published=maybe_when(row["published"]),
        seen=when(row["seen"]),
        freshness=Freshness(row["freshness"]),
        catching_up=bool(row["catching_up"]),
        extractor=row["extractor"],
    )


REQUEST_COLUMNS = (
    "source, url, at, status, reason, bytes, ms, conditional, purpose, sent, got,"
    " frowned"
)
ADD_REQUEST = (
    f"INSERT INTO request({REQUEST_COLUMNS})"  # noqa: S608 - our own names
    f" VALUES ({', '.join('?' * 12)})"
)


def request_row(record: FetchRecord) -> tuple[Any, ...]:
    """In the order of ``REQUEST_COLUMNS``."""
    return (
        record.source,
        clean(record.url),
        ticks(record.at),
        record.status,
        record.reason,
        record.bytes,
        record.ms,
        int(record.conditional),
        record.purpose,
        record.sent,
        record.got,
        record.frowned,
    )


def request_from(row: sqlite3.Row) -> FetchRecord:
    """Read one row of the request log."""
    return FetchRecord(
        source=row["source"],
        url=row["url"],
        at=when(row["at"]),
        status=row["status"],
        reason=FetchReason(row["reason"]),
        bytes=row["bytes"],
        ms=row["ms"],
        conditional=bool(row["conditional"]),
        purpose=row["purpose"],
        sent=row["sent"],
        got=row["got"],
        frowned=row["frowned"],
    )
