"""Alerts as rows, and as JSON while they are held."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from alerts.model import Alert, Changed, Difference, Reason, Severity
from vedette.store.rows.matches import evidence_from, evidence_json
from vedette.store.rows.values import as_json, maybe_ticks, maybe_when, ticks, when

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

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
