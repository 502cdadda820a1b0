"""What the operator does: silence a target, send a row again, drop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.store import rows

if TYPE_CHECKING:
    from datetime import datetime

    from vedette.store.connection import Connections


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

    def retry(self, delivery_id: str, now: datetime) -> bool:
        """Send a waiting, dead or dropped row now; False if there is none such.

        A dead or dropped one starts its schedule anew. It keeps one attempt on its
        account if it ever was claimed, so "was it ever sent?" stays answerable (I6).

        Atomic: one transaction.
        """
        at = rows.ticks(now)
        return self._db.write(
            lambda db: (
                db.execute(
                    "UPDATE delivery SET due = ?1,"
                    " first_due = CASE state WHEN 'pending' THEN first_due ELSE ?1 END,"
                    " attempts = CASE state WHEN 'pending' THEN attempts"
                    "  ELSE min(attempts, 1) END,"
                    " state = 'pending', reason = NULL, settled = NULL"
                    " WHERE id = ?2 AND (state IN ('pending', 'dead')"
                    "  OR (state = 'suppressed' AND reason = 'dropped'))",
                    (at, delivery_id),
                ).rowcount
                == 1
            )
        )

    def drop(self, delivery_id: str, now: datetime) -> bool:
        """Give up a waiting or dead row: suppressed, reason dropped.

        False if there is none such; a row under way cannot be called back. Atomic:
        one transaction.
        """
        at = rows.ticks(now)
        return self._db.write(
            lambda db: (
                db.execute(
                    "UPDATE delivery SET state = 'suppressed', reason = 'dropped',"
                    " settled = ? WHERE id = ? AND state IN ('pending', 'dead')",
                    (at, delivery_id),
                ).rowcount
                == 1
            )
        )
