"""What the operator does: silence a target, send a row again, drop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.store import rows
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

    def redirect(self, delivery_id: str, wish: Wish, now: datetime) -> bool:
        """Send a row again, or give it up; False if there is none such.

        RETRY sends a waiting, dead or dropped one now. A dead or dropped one starts
        its schedule anew and keeps one attempt on its account if it ever was claimed,
        so "was it ever sent?" stays answerable (I6). DROP gives up a waiting or dead
        one: suppressed, reason dropped; a row under way cannot be called back.

        Atomic: one transaction.
        """
        change = _RETRY if wish is Wish.RETRY else _DROP
        return self._db.write(
            lambda db: db.execute(change, (rows.ticks(now), delivery_id)).rowcount == 1
        )
