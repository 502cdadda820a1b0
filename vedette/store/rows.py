"""How the nouns are written into columns and read back.

Times are whole microseconds since 1970, UTC. Every reader raises ``ValueError``,
``TypeError`` or ``KeyError`` on a row it cannot make sense of (``UNREADABLE``); the
caller sets that row aside and goes on with the others.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from alerts.model import (
    Alert,
    Changed,
    Delivery,
    DeliveryState,
    Difference,
    Evidence,
    Fact,
    Match,
    MessageType,
    Reason,
    Report,
    Severity,
    Story,
)
from crawler.items import FetchReason, FetchRecord, Freshness, Item, SourceState
from vedette.store.texts import packed, unpacked

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping, Sequence

log = logging.getLogger(__name__)

T = TypeVar("T")

UNREADABLE = (ValueError, TypeError, KeyError, IndexError, OverflowError)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def ticks(at: datetime) -> int:
    """An aware time as microseconds since 1970.

    Raises:
        TypeError: the time is naive.
    """
    return (at - _EPOCH) // _TICK


def maybe_ticks(at: datetime | None) -> int | None:
    """The same for a time that may be missing."""
    return None if at is None else ticks(at)


def when(value: int) -> datetime:
    """Microseconds since 1970 as aware UTC."""
    return _EPOCH + value * _TICK


def maybe_when(value: int | None) -> datetime | None:
    """The same for a time that may be missing."""
    return None if value is None else when(value)


def clean(text: str) -> str:
    """The text with every lone surrogate replaced by U+FFFD; length unchanged.

    A lone surrogate has no UTF-8 form, and one such title would fail its whole batch.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    return text


def maybe_clean(text: str | None) -> str | None:
    """The same for a text that may be missing."""
    return None if text is None else clean(text)


def as_json(value: object) -> str:
    """Compact JSON, readable in any script."""
    return clean(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def readable(
    found: Iterable[sqlite3.Row], read: Callable[[sqlite3.Row], T], what: str
) -> tuple[T, ...]:
    """What can be read of these rows; the others are logged and left out."""
    good = []
    for row in found:
        try:
            good.append(read(row))
        except UNREADABLE:
            log.exception("A stored row is unreadable", extra={"table": what})
    return tuple(good)


# --- collecting ------------------------------------------------------------------

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
        None if state.interval is None else state.interval // _TICK,
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
        interval=None if row["interval"] is None else row["interval"] * _TICK,
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


# --- evaluating ------------------------------------------------------------------

_EVIDENCE = (
    "topic",
    "clause",
    "entity",
    "surface",
    "field",
    "start",
    "end",
    "how",
)


def evidence_json(evidence: Iterable[Evidence]) -> list[dict[str, Any]]:
    """Evidence as plain objects."""
    return [{name: getattr(one, name) for name in _EVIDENCE} for one in evidence]


def evidence_from(raw: Iterable[dict[str, Any]]) -> tuple[Evidence, ...]:
    """Read evidence; keys of a newer version are passed over."""
    return tuple(Evidence(**{name: one[name] for name in _EVIDENCE}) for one in raw)


def matches_json(matches: Iterable[Match]) -> str:
    """An item's matches as JSON."""
    return as_json(
        [
            {
                "topic": match.topic,
                "hit": match.hit,
                "score": match.score,
                "threshold": match.threshold,
                "gate": match.gate,
                "evidence": evidence_json(match.evidence),
                "parts": match.parts,
                "stopped_by": match.stopped_by,
            }
            for match in matches
        ]
    )


def matches_from(raw: str) -> tuple[Match, ...]:
    """Read an item's matches."""
    return tuple(
        Match(
            topic=one["topic"],
            hit=one["hit"],
            score=one["score"],
            threshold=one["threshold"],
            gate=Reason(one["gate"]),
            evidence=evidence_from(one["evidence"]),
            parts=tuple((what, points) for what, points in one["parts"]),
            stopped_by=one["stopped_by"],
        )
        for one in json.loads(raw)
    )


def gates_from(raw: str) -> tuple[tuple[str, Reason], ...]:
    """Read the gate of each topic that hit."""
    return tuple((topic, Reason(gate)) for topic, gate in json.loads(raw))


STORY_COLUMNS = (
    "id, headline, first_seen, last_seen, items, independent, languages, official,"
    " disputed, matched, carried, reports, facts, related, merged_into"
)


def _listed(raw: str) -> list[Any]:
    """A JSON list; most are empty, and a thousand stories may stand near a batch."""
    found: list[Any] = [] if raw == "[]" else json.loads(raw)
    return found


def story_row(story: Story) -> tuple[Any, ...]:
    """In the order of ``STORY_COLUMNS``."""
    return (
        story.id,
        clean(story.headline),
        ticks(story.first_seen),
        ticks(story.last_seen),
        story.items,
        story.independent,
        as_json(story.languages),
        int(story.official),
        int(story.disputed),
        int(story.matched),
        story.carried,
        as_json([_report_json(one) for one in story.reports]),
        as_json([_fact_json(one) for one in story.facts]),
        as_json(story.related),
        story.merged_into,
    )


def story_from(row: sqlite3.Row) -> Story:
    """Read a story."""
    return Story(
        id=row["id"],
        headline=row["headline"],
        first_seen=when(row["first_seen"]),
        last_seen=when(row["last_seen"]),
        items=row["items"],
        independent=row["independent"],
        languages=tuple(_listed(row["languages"])),
        official=bool(row["official"]),
        disputed=bool(row["disputed"]),
        matched=bool(row["matched"]),
        carried=row["carried"],
        reports=tuple(map(_report_from, _listed(row["reports"]))),
        facts=tuple(map(_fact_from, _listed(row["facts"]))),
        related=tuple(_listed(row["related"])),
        merged_into=row["merged_into"],
    )


def _report_json(report: Report) -> dict[str, Any]:
    return {
        "owners": report.owners,
        "wires": report.wires,
        "countries": report.countries,
        "languages": report.languages,
        "official": report.official,
        "items": report.items,
        "url": report.url,
        "title": report.title,
        "source": report.source,
        "seen": ticks(report.seen),
    }


def _report_from(one: dict[str, Any]) -> Report:
    return Report(
        owners=tuple(one["owners"]),
        wires=tuple(one["wires"]),
        countries=tuple(one["countries"]),
        languages=tuple(one["languages"]),
        official=one["official"],
        items=one["items"],
        url=one["url"],
        title=one["title"],
        source=one["source"],
        seen=when(one["seen"]),
    )


def _fact_json(fact: Fact) -> list[Any]:
    return [fact.unit, fact.value, fact.owners, ticks(fact.seen)]


def _fact_from(one: list[Any]) -> Fact:
    unit, value, owners, seen = one
    return Fact(unit=unit, value=value, owners=tuple(owners), seen=when(seen))


ALERT_COLUMNS = (
    "id, story, topic, kind, milestone, reason, severity, item, score, threshold,"
    " created, evidence, config, note, due, covers, difference"
)


def alert_row(alert: Alert) -> tuple[Any, ...]:
    """In the order of ``ALERT_COLUMNS``."""
    return (
        alert.id,
        alert.story_id,
        alert.topic,
        alert.kind,
        alert.milestone,
        alert.reason,
        alert.severity,
        alert.item_id,
        alert.score,
        alert.threshold,
        ticks(alert.created),
        as_json(evidence_json(alert.evidence)),
        alert.config,
        alert.note,
        maybe_ticks(alert.due),
        as_json(alert.covers),
        as_json([_difference_json(one) for one in alert.difference]),
    )


def alert_json(alert: Alert) -> str:
    """A whole alert as JSON, for the one that is held."""
    names = ALERT_COLUMNS.replace(",", "").split()
    return as_json(dict(zip(names, alert_row(alert), strict=True)))


def covered(raw: str) -> tuple[str, ...]:
    """The milestones an alert covers."""
    return tuple(json.loads(raw))


def alert_from(row: sqlite3.Row | Mapping[str, Any]) -> Alert:
    """Read an alert, from its row or from what ``alert_json`` wrote."""
    return Alert(
        id=row["id"],
        story_id=row["story"],
        topic=row["topic"],
        kind=row["kind"],
        milestone=row["milestone"],
        reason=Reason(row["reason"]),
        severity=Severity(row["severity"]),
        item_id=row["item"],
        score=row["score"],
        threshold=row["threshold"],
        created=when(row["created"]),
        evidence=evidence_from(json.loads(row["evidence"])),
        config=row["config"],
        note=None if row["note"] is None else Reason(row["note"]),
        due=maybe_when(row["due"]),
        covers=covered(row["covers"]),
        difference=tuple(map(_difference_from, json.loads(row["difference"]))),
    )


def _difference_json(one: Difference) -> list[str]:
    return [one.what, one.old, one.new, one.context]


def _difference_from(one: list[str]) -> Difference:
    what, old, new, context = one
    return Difference(what=Changed(what), old=old, new=new, context=context)


# --- delivering ------------------------------------------------------------------

DELIVERY_COLUMNS = (
    "id, channel, recipient, type, severity, story, headline, state, reason, created,"
    " due, first_due, attempts, detail, settled, period_from, period_to, payload"
)


def delivery_row(delivery: Delivery) -> tuple[Any, ...]:
    """In the order of ``DELIVERY_COLUMNS``."""
    return (
        delivery.id,
        delivery.channel,
        delivery.recipient,
        delivery.type,
        delivery.severity,
        delivery.story_id,
        clean(delivery.headline),
        delivery.state,
        delivery.reason,
        ticks(delivery.created),
        ticks(delivery.due),
        ticks(delivery.first_due),
        delivery.attempts,
        clean(delivery.detail),
        maybe_ticks(delivery.settled),
        maybe_ticks(delivery.period_from),
        maybe_ticks(delivery.period_to),
        delivery.payload,
    )


def delivery_from(row: sqlite3.Row, alert_ids: Sequence[str]) -> Delivery:
    """Read an outbox row; the alerts it covers are looked up by the caller."""
    return Delivery(
        id=row["id"],
        channel=row["channel"],
        recipient=row["recipient"],
        type=MessageType(row["type"]),
        severity=Severity(row["severity"]),
        story_id=row["story"],
        alert_ids=tuple(alert_ids),
        headline=row["headline"],
        payload=row["payload"],
        state=DeliveryState(row["state"]),
        reason=None if row["reason"] is None else Reason(row["reason"]),
        created=when(row["created"]),
        due=when(row["due"]),
        first_due=when(row["first_due"]),
        attempts=row["attempts"],
        detail=row["detail"],
        settled=maybe_when(row["settled"]),
        period_from=maybe_when(row["period_from"]),
        period_to=maybe_when(row["period_to"]),
    )
