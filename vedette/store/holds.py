"""First alerts that wait for a second report, as rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from alerts.holding import HELD_FOR
from alerts.model import Hold
from vedette.store import rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime


def first_until(db: sqlite3.Connection) -> datetime | None:
    """When the first of them must be let go; None if nothing is held."""
    return rows.maybe_when(db.execute("SELECT min(until) FROM hold").fetchone()[0])


def look(
    db: sqlite3.Connection, stories: Iterable[str], now: datetime
) -> tuple[Hold, ...]:
    """Those of these stories and all that are due, the longest waiting first.

    Due is, too, what a clock that was set back would keep for longer.
    """
    found = db.execute(
        f"SELECT hold.alert, hold.until, {_ITEM} FROM hold JOIN item"  # noqa: S608
        " ON item.id = json_extract(hold.alert, '$.item')"
        " WHERE hold.until <= ?1 OR hold.until > ?2"
        " OR hold.story IN (SELECT value FROM json_each(?3))"
        " ORDER BY hold.until, hold.story, hold.topic",
        (
            rows.ticks(now),
            rows.ticks(now + HELD_FOR),
            rows.as_json(sorted(stories)),
        ),
    )
    return rows.readable(found, _hold, "hold")


def keep(db: sqlite3.Connection, holds: Iterable[Hold]) -> None:
    """Write new ones down; one that is there already stays as it is."""
    db.executemany(
        "INSERT INTO hold(story, topic, until, alert) VALUES (?, ?, ?, ?)"
        " ON CONFLICT(story, topic) DO NOTHING",
        (
            (
                one.alert.story_id,
                one.alert.topic,
                rows.ticks(one.until),
                rows.alert_json(one.alert),
            )
            for one in holds
        ),
    )


def drop(db: sqlite3.Connection, released: Iterable[tuple[str, str]]) -> None:
    """Forget those that wait no longer, by (story, topic)."""
    db.executemany("DELETE FROM hold WHERE story = ? AND topic = ?", released)


_ITEM = ", ".join(f"item.{name.strip()}" for name in rows.ITEM_COLUMNS.split(","))


def _hold(row: sqlite3.Row) -> Hold:
    return Hold(
        alert=rows.alert_from(json.loads(row["alert"])),
        item=rows.item_from(row),
        until=rows.when(row["until"]),
    )
