"""What was told of the stories at hand, and who heard it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.memory import in_order
from alerts.model import Link, Severity, Told
from vedette.store import rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping
    from datetime import datetime

Heard = dict[tuple[str, str, str], Severity]
"""The highest severity that each (story, channel, recipient) heard."""


def whose(db: sqlite3.Connection, stories: Iterable[str]) -> dict[str, str]:
    """These stories and all that were merged into them, each with its survivor."""
    found = db.execute(
        "SELECT id, id FROM story WHERE id IN (SELECT value FROM json_each(?1))"
        " UNION ALL SELECT id, merged_into FROM story"
        " WHERE merged_into IN (SELECT value FROM json_each(?1))",
        (rows.as_json(sorted(stories)),),
    )
    return dict(tuple(row) for row in found)


def links(db: sqlite3.Connection, stories: Iterable[str]) -> dict[str, Link]:
    """These stories as others name them; one that was merged as its survivor."""
    found = db.execute(
        "SELECT s.id, t.id, t.headline FROM story s"
        " JOIN story t ON t.id = coalesce(s.merged_into, s.id)"
        " WHERE s.id IN (SELECT value FROM json_each(?))",
        (rows.as_json(sorted(stories)),),
    )
    return {known: Link(id=one, headline=headline) for known, one, headline in found}


def merged(db: sqlite3.Connection, story: str) -> tuple[Link, ...]:
    """The stories that this one took in, the first seen first."""
    found = db.execute(
        "SELECT id, headline FROM story WHERE merged_into = ? ORDER BY first_seen, id",
        (story,),
    )
    return tuple(Link(id=one, headline=headline) for one, headline in found)


def alerted(
    db: sqlite3.Connection, whose: Mapping[str, str]
) -> tuple[
    frozenset[tuple[str, str, str, str]], dict[tuple[str, str], tuple[Told, ...]]
]:
    """The milestones that were told of these stories, and when each leaves."""
    found = db.execute(
        "SELECT story, topic, kind, milestone, created, due, covers FROM alert"
        " WHERE story IN (SELECT value FROM json_each(?))",
        (rows.as_json(sorted(whose)),),
    )
    keys: set[tuple[str, str, str, str]] = set()
    followed: dict[tuple[str, str], list[Told]] = {}
    for (told_of, topic, kind), one, covers in rows.readable(found, _alert, "alert"):
        story = whose[told_of]
        keys.add((story, topic, kind, one.milestone))
        keys.update((story, topic, "updated", key) for key in covers)
        followed.setdefault((story, topic), []).append(one)
    return frozenset(keys), {key: in_order(told) for key, told in followed.items()}


def told(db: sqlite3.Connection, whose: Mapping[str, str]) -> tuple[Heard, Heard]:
    """What was heard of these stories; and the same of escalations alone."""
    found = db.execute(
        "SELECT DISTINCT a.story, da.channel, da.recipient, a.severity,"
        " a.reason = 'escalated'"
        # CROSS JOIN fixes the order: from the few alerts of the named stories out,
        # not through every delivery there is (sqlite.org/optoverview.html 6.1).
        " FROM alert a CROSS JOIN delivery_alert da ON da.alert = a.id"
        " CROSS JOIN delivery d ON d.id = da.delivery"
        " WHERE a.story IN (SELECT value FROM json_each(?))"
        " AND d.state IN ('pending', 'leased', 'delivered')"
        " AND a.severity IN (SELECT value FROM json_each(?))",
        (rows.as_json(sorted(whose)), rows.as_json(list(Severity))),
    )
    heard: Heard = {}
    roused: Heard = {}
    for told_of, channel, recipient, raw, escalated in found:
        key, severity = (whose[told_of], channel, recipient), Severity(raw)
        for table in (heard, roused) if escalated else (heard,):
            table[key] = max(table.get(key, severity), severity, key=lambda s: s.rank)
    return heard, roused


def planned(
    db: sqlite3.Connection, since: datetime
) -> dict[tuple[str, str], tuple[datetime, ...]]:
    """When the messages about one story leave, after that time, by (channel, who)."""
    found = db.execute(
        "SELECT channel, recipient, first_due FROM delivery"
        " INDEXED BY delivery_planned WHERE first_due > ?"
        " AND type IN ('alert.opened', 'alert.updated') AND state <> 'suppressed'"
        " ORDER BY first_due",
        (rows.ticks(since),),
    )
    leaving: dict[tuple[str, str], list[datetime]] = {}
    for channel, recipient, due in found:
        leaving.setdefault((channel, recipient), []).append(rows.when(due))
    return {who: tuple(moments) for who, moments in leaving.items()}


def _alert(row: sqlite3.Row) -> tuple[tuple[str, str, str], Told, tuple[str, ...]]:
    at = rows.when(row["created"] if row["due"] is None else row["due"])
    key = (row["story"], row["topic"], row["kind"])
    told = Told(milestone=row["milestone"], at=at, story_id=row["story"])
    return key, told, rows.covered(row["covers"])
