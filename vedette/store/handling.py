"""What the operator does: silence, acknowledge, send a row again, drop it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.model import Silence
from vedette.store import acknowledging, rows
from vedette.store.records import Wish

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from vedette.store.connection import Connections


_AGAIN = (
    "UPDATE delivery SET due = :at,"
    " first_due = CASE state WHEN 'pending' THEN first_due ELSE :at END,"
    " attempts = CASE state WHEN 'pending' THEN attempts ELSE min(attempts, 1) END,"
    # What nobody acknowledged stays urgent: its mark makes it pass quiet time.
    " state = 'pending', settled = NULL, reason = (SELECT a.reason"
    "  FROM delivery_alert da JOIN alert a ON a.id = da.alert"
    "  WHERE da.delivery = delivery.id AND a.reason = 'escalated' LIMIT 1)"
)
_RETRY = (
    f"{_AGAIN} WHERE id = :target AND (state IN ('pending', 'dead')"
    "  OR (state = 'suppressed' AND reason = 'dropped'))"
)
_RETRY_DEAD = f"{_AGAIN} WHERE channel = :target AND state = 'dead'"
_GIVE_UP = "UPDATE delivery SET state = 'suppressed', reason = 'dropped', settled = :at"
_DROP = f"{_GIVE_UP} WHERE id = :target AND state IN ('pending', 'dead')"
_DROP_DEAD = f"{_GIVE_UP} WHERE channel = :target AND state = 'dead'"
_RESUME = (
    "UPDATE delivery SET due = :at WHERE state = 'pending' AND due > :at"
    " AND channel = :target AND id IN (SELECT a.delivery FROM attempt a"
    "  INDEXED BY attempt_paused WHERE a.outcome = 'paused' AND a.at > :within"
    "  AND NOT EXISTS (SELECT 1 FROM attempt b"
    "   WHERE b.delivery = a.delivery AND b.seq > a.seq))"
)
_HEARD_AGAIN = (
    "DELETE FROM silence WHERE"
    " coalesce((SELECT merged_into FROM story WHERE id = target), target)"
    " = coalesce((SELECT merged_into FROM story WHERE id = ?1), ?1)"
)
_PAUSED_WITHIN = timedelta(minutes=20)
"""More than the longest pause of ``alerts.retries``; older ones are due by now."""

_CHANGES = {
    Wish.RETRY: _RETRY,
    Wish.RETRY_DEAD: _RETRY_DEAD,
    Wish.DROP: _DROP,
    Wish.DROP_DEAD: _DROP_DEAD,
    Wish.RESUME: _RESUME,
}


class Handling:
    """The operator's share of the store."""

    _db: Connections

    def silence(self, target: str, until: datetime, now: datetime) -> None:
        """Keep a topic (by name) or a story (by id) quiet until then.

        It takes the place of the one before, also of one on a story that has gone
        into this one. A time that is not after ``now`` only ends that. Atomic: one
        transaction.
        """

        def work(db: sqlite3.Connection) -> None:
            db.execute(_HEARD_AGAIN, (target,))
            if until > now:
                db.execute(
                    "INSERT INTO silence(target, until) VALUES (?, ?)",
                    (target, rows.ticks(until)),
                )

        self._db.write(work)

    def redirect(self, target: str, wish: Wish, now: datetime) -> int:
        """Act on a row, an alert or a channel, by its id or name; on how many rows.

        RETRY sends a waiting, dead or dropped one now. A dead or dropped one starts
        its schedule anew and keeps one attempt on its account if it ever was claimed,
        so "was it ever sent?" stays answerable (I6). DROP gives up a waiting or dead
        one: suppressed, reason dropped; a row under way cannot be called back.
        ACKNOWLEDGE takes an alert's id: no alert made of its story so far goes on to
        other channels, and the digests that still gather leave them out; it counts as
        one, 0 if there is no such alert. RETRY_DEAD and DROP_DEAD take a channel's name
        and do to every dead row of it as RETRY and DROP; RESUME too: what was paused at
        its last attempt is due now.

        Atomic: one transaction.
        """
        if wish is Wish.ACKNOWLEDGE:
            return self._db.write(
                lambda db: int(acknowledging.acknowledge(db, target, now))
            )
        values = {
            "at": rows.ticks(now),
            "target": target,
            "within": rows.ticks(now - _PAUSED_WITHIN),
        }
        return self._db.write(lambda db: db.execute(_CHANGES[wish], values).rowcount)


def running_silences(db: sqlite3.Connection, now: datetime) -> tuple[Silence, ...]:
    """Silences still running; one on a story that was merged is on the survivor."""
    found = db.execute(
        "SELECT coalesce(story.merged_into, target) AS target, until FROM silence"
        " LEFT JOIN story ON story.id = target WHERE until > ? ORDER BY target",
        (rows.ticks(now),),
    )
    return rows.readable(
        found,
        lambda row: Silence(target=row["target"], until=rows.when(row["until"])),
        "silence",
    )
