"""What was told of the stories at hand, and who heard it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.model import Severity, Told
from vedette.store import rows

if TYPE_CHECKING:
    import sqlite3


def alerted(
    db: sqlite3.Connection, named: str
) -> tuple[
    frozenset[tuple[str, str, str, str]], dict[tuple[str, str], tuple[Told, ...]]
]:
    """The milestones that were told of these stories, and when, oldest first."""
    found = db.execute(
        "SELECT story, topic, kind, milestone, created, due, covers FROM alert"
        " WHERE story IN (SELECT value FROM json_each(?)) ORDER BY seq",
        (named,),
    )
    keys: set[tuple[str, str, str, str]] = set()
    followed: dict[tuple[str, str], tuple[Told, ...]] = {}
    for (story, topic, kind), one, covers in rows.readable(found, _alert, "alert"):
        keys.add((story, topic, kind, one.milestone))
        keys.update((story, topic, "updated", key) for key in covers)
        followed[story, topic] = (*followed.get((story, topic), ()), one)
    return frozenset(keys), followed


def told(db: sqlite3.Connection, named: str) -> dict[tuple[str, str, str], Severity]:
    """The highest severity that each (story, channel, recipient) heard."""
    found = db.execute(
        "SELECT DISTINCT a.story, da.channel, da.recipient, a.severity"
        # CROSS JOIN fixes the order: from the few alerts of the named stories out,
        # not through every delivery there is (sqlite.org/optoverview.html 6.1).
        " FROM alert a CROSS JOIN delivery_alert da ON da.alert = a.id"
        " CROSS JOIN delivery d ON d.id = da.delivery"
        " WHERE a.story IN (SELECT value FROM json_each(?))"
        " AND d.state IN ('pending', 'leased', 'delivered')"
        " AND a.severity IN (SELECT value FROM json_each(?))",
        (named, rows.as_json(list(Severity))),
    )
    heard: dict[tuple[str, str, str], Severity] = {}
    for story, channel, recipient, raw in found:
        key, severity = (story, channel, recipient), Severity(raw)
        if key not in heard or severity.rank > heard[key].rank:
            heard[key] = severity
    return heard


def _alert(row: sqlite3.Row) -> tuple[tuple[str, str, str], Told, tuple[str, ...]]:
    at = rows.when(row["created"] if row["due"] is None else row["due"])
    key = (row["story"], row["topic"], row["kind"])
    return key, Told(milestone=row["milestone"], at=at), rows.covered(row["covers"])
