"""What the operator does: silence, acknowledge, send a row again, drop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.store import acknowledging, rows
from vedette.store.records import Wish

if TYPE_CHECKING:
    from datetime import datetime

    from vedette.store.connection import Connections


_RETRY = (
    "UPDATE delivery SET due = ?1,"
    " first_due = CASE state WHEN 'pending' THEN first_due ELSE ?1 END,"
    " attempts = CASE state WHEN 'pending' THEN attempts ELSE min(attempts, 1) END,"
    " state = 'pending', reason = NULL, settled = NULL"
    " WHERE id = ?2 AND (state IN ('pending', 'dead')"
    "  OR (state = 'suppressed' AND reason = 'dropped'))"
)
_DROP = (
    "UPDATE delivery SET state = 'suppressed', reason = 'dropped', settled = ?1"
    " WHERE id = ?2 AND state IN ('pending', 'dead')"
)


class Handling:
    """The operator's share of the store."""

    _db: Connections

    def silence(self, target: str, until: datetime, now: datetime) -> None:
        """Keep a topic (by name) or a story (by id) quiet until then.

        A time that is not after ``now`` ends a silence. Atomic: one transaction.
        """
        if until <= now:
            self._db.write(
                lambda db: db.execute("DELETE FROM silence WHERE target = ?", (target,))
            )
            return
        self._db.write(
            lambda db: db.execute(
                "INSERT INTO silence(target, until) VALUES (?, ?)"
                " ON CONFLICT(target) DO UPDATE SET until = excluded.until",
                (target, rows.ticks(until)),
            )
        )

    def redirect(self, target: str, wish: Wish, now: datetime) -> bool:
        """Send a row again, give it up, or take note of an alert; False if none such.

        RETRY sends a waiting, dead or dropped one now. A dead or dropped one starts
        its schedule anew and keeps one attempt on its account if it ever was claimed,
        so "was it ever sent?" stays answerable (I6). DROP gives up a waiting or dead
        one: suppressed, reason dropped; a row under way cannot be called back.
        ACKNOWLEDGE takes an alert's id: no alert made of its story so far goes on to
        other channels, and the digests that still gather leave them out.

        Atomic: one transaction.
        """
        if wish is Wish.ACKNOWLEDGE:
            return self._db.write(lambda db: acknowledging.acknowledge(db, target, now))
        change = _RETRY if wish is Wish.RETRY else _DROP
        return self._db.write(
            lambda db: db.execute(change, (rows.ticks(now), target)).rowcount == 1
        )
