"""Alerts that wait for an acknowledgement, and what one does, as rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.model import Escalation
from crawler.items import stable_id
from vedette.store import rows
from vedette.store.delivering import telling_of
from vedette.store.errors import Acknowledged

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping
    from datetime import datetime

_DIGESTS = (
    "SELECT DISTINCT d.id FROM delivery d JOIN delivery_alert da ON da.delivery = d.id"
    " WHERE da.alert IN (SELECT value FROM json_each(?))"
    " AND d.state = 'pending' AND d.type = 'digest' AND d.payload IS NULL"
)
_TAKEN_OUT = (
    "INSERT INTO delivery(id, channel, recipient, type, severity, story, headline,"
    " state, reason, created, due, first_due, attempts, detail, settled, period_from,"
    " period_to) SELECT ?1, channel, recipient, type, severity, ?2, headline,"
    " 'suppressed', 'acknowledged', created, due, first_due, 0, '', ?3, period_from,"
    " period_to FROM delivery WHERE id = ?4 ON CONFLICT(id) DO NOTHING"
)


def first_at(db: sqlite3.Connection) -> datetime | None:
    """When the first unacknowledged alert goes on to others; None if none waits."""
    return rows.maybe_when(db.execute("SELECT min(at) FROM escalation").fetchone()[0])


def look(db: sqlite3.Connection, now: datetime) -> tuple[Escalation, ...]:
    """Those that nobody acknowledged in time, the longest waiting first."""
    found = db.execute(
        f"SELECT {rows.ALERT_COLUMNS}, escalation.at"  # noqa: S608 - our own names
        " FROM escalation JOIN alert ON alert.id = escalation.alert"
        " WHERE escalation.at <= ? ORDER BY escalation.at, alert.seq",
        (rows.ticks(now),),
    ).fetchall()
    return rows.readable(found, lambda row: _escalation(db, row), "escalation")


def _escalation(db: sqlite3.Connection, row: sqlite3.Row) -> Escalation:
    alert, story, item = telling_of(db, row)
    alert = replace(alert, story_id=story.id)
    return Escalation(alert=alert, item=item, at=rows.when(row["at"]))


def keep(
    db: sqlite3.Connection, escalations: Iterable[Escalation], ids: Mapping[str, str]
) -> None:
    """Write new ones down; ``ids`` are the stored ids of the alerts just made."""
    db.executemany(
        "INSERT INTO escalation(alert, at) VALUES (?, ?) ON CONFLICT(alert) DO NOTHING",
        ((ids[one.alert.id], rows.ticks(one.at)) for one in escalations),
    )


def check(db: sqlite3.Connection, alerts: Iterable[str]) -> None:
    """Make sure that what goes on was not acknowledged since it was read.

    Raises:
        Acknowledged: one of them was.
    """
    for alert in alerts:
        if db.execute(
            "SELECT 1 FROM alert WHERE id = ? AND acknowledged IS NOT NULL", (alert,)
        ).fetchone():
            raise Acknowledged(alert)


def drop(db: sqlite3.Connection, alerts: Iterable[str]) -> None:
    """Forget those that wait no longer, by the alert's id."""
    db.executemany("DELETE FROM escalation WHERE alert = ?", ((one,) for one in alerts))


def acknowledge(db: sqlite3.Connection, alert: str, now: datetime) -> bool:
    """Take note of an alert and all others of its story; False if there is none such.

    Nothing of them goes on to others, and they leave the digests that still gather:
    a digest that held nothing else is suppressed, else a suppressed row keeps them.
    """
    found = db.execute(
        "SELECT a.id, coalesce(s.merged_into, s.id) FROM alert a"
        " JOIN story s ON s.id = a.story WHERE coalesce(s.merged_into, s.id) ="
        "  (SELECT coalesce(t.merged_into, t.id) FROM alert b"
        "   JOIN story t ON t.id = b.story WHERE b.id = ?)",
        (alert,),
    ).fetchall()
    if not found:
        return False
    alerts, story = [row[0] for row in found], found[0][1]
    db.executemany(
        "UPDATE alert SET acknowledged = ? WHERE id = ? AND acknowledged IS NULL",
        ((rows.ticks(now), one) for one in alerts),
    )
    drop(db, alerts)
    for (digest,) in db.execute(_DIGESTS, (rows.as_json(alerts),)).fetchall():
        _take_out(db, digest, alerts, story, now)
    return True


def _take_out(
    db: sqlite3.Connection, digest: str, alerts: list[str], story: str, now: datetime
) -> None:
    inside = (digest, rows.as_json(alerts))
    others = db.execute(
        "SELECT 1 FROM delivery_alert WHERE delivery = ?"
        " AND alert NOT IN (SELECT value FROM json_each(?))",
        inside,
    ).fetchone()
    if others is None:
        db.execute(
            "UPDATE delivery SET state = 'suppressed', reason = 'acknowledged',"
            " detail = '', settled = ? WHERE id = ?",
            (rows.ticks(now), digest),
        )
        return
    row_id = stable_id(digest, "acknowledged", story)
    db.execute(_TAKEN_OUT, (row_id, story, rows.ticks(now), digest))
    db.execute(
        "UPDATE delivery_alert SET delivery = ?3 WHERE delivery = ?1"
        " AND alert IN (SELECT value FROM json_each(?2))",
        (*inside, row_id),
    )
