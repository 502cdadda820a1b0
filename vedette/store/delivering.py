"""What the deliver job reads and writes: the outbox."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from alerts.model import (
    Delivery,
    DeliveryState,
    Outcome,
    Reason,
    Receipt,
)
from vedette.store import claiming, rows
from vedette.store.errors import UnknownDelivery

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from alerts.model import Alert, Story
    from alerts.retries import Wait
    from crawler.items import Item
    from vedette.store.connection import Connections

log = logging.getLogger(__name__)

_DEAD_BY_OUTCOME = {
    Outcome.PERMANENT: Reason.REFUSED,
    Outcome.GONE: Reason.GONE,
}

_LEASE = (
    "UPDATE delivery SET state = 'leased', attempts = attempts + 1,"  # noqa: S608
    f" leased_until = ? WHERE seq = ? RETURNING {rows.DELIVERY_COLUMNS}"
)


class Delivering:
    """The deliver job's share of the store; safe for many workers at once."""

    _db: Connections

    def claim(
        self,
        now: datetime,
        *,
        limit: int,
        lease: timedelta,
        per_recipient: int = 8,
        per_channel: int = 16,
        due_again: Callable[[Wait], datetime] | None = None,
    ) -> tuple[Delivery, ...]:
        """Take at most ``limit`` due rows for this worker until now + ``lease``.

        Due are waiting rows whose time has come and rows whose lease ran out. First
        come those due for at most ``claiming.FRESH`` and never tried, then the other
        never tried ones, then the rest by attempts; each by due time. One (channel,
        recipient) never has more than ``per_recipient`` rows out and one channel never
        more than ``per_channel``, so a server that hangs holds up no other. Each row's
        ``attempts`` counts this claim already. The cost follows the number of
        endpoints, not of rows that wait.

        With ``due_again``, for a clock that may have been set back, rows that were
        made or tried in the future are first dated anew; that reads every row that is
        not due yet.

        Atomic and durable on return, so no worker sends what it cannot prove to hold
        (I6, I9).
        """

        def work(db: sqlite3.Connection) -> tuple[Delivery, ...]:
            at = rows.ticks(now)
            if due_again is not None:
                claiming.date_anew(db, at, due_again)
            chosen = claiming.ripe(
                db, at, per_recipient=per_recipient, per_channel=per_channel
            )
            return tuple(
                delivery
                for seq in chosen[:limit]
                if (delivery := _lease(db, seq, now, now + lease)) is not None
            )

        return self._db.write_together(work)

    def seal(self, delivery_id: str, payload: bytes, headline: str) -> None:
        """Keep the rendered content of a digest; a second call changes nothing.

        Atomic: one transaction, durable on return, so every retry sends the same
        bytes (I5).

        Raises:
            UnknownDelivery: there is no such row.
        """

        def work(db: sqlite3.Connection) -> None:
            changed = db.execute(
                "UPDATE delivery SET payload = coalesce(payload, ?), headline ="
                " CASE WHEN payload IS NULL THEN ? ELSE headline END WHERE id = ?",
                (payload, rows.clean(headline), delivery_id),
            ).rowcount
            if not changed:
                raise UnknownDelivery(delivery_id)

        self._db.write(work)

    def tellings(self, delivery_id: str) -> tuple[tuple[Alert, Story, Item], ...]:
        """The alerts a row covers, each with its story and item, oldest first.

        Parts that cannot be read are left out and logged. Reads one snapshot; stories
        are as they are now.
        """
        with self._db.reading() as db:
            found = db.execute(
                f"SELECT {rows.ALERT_COLUMNS} FROM alert WHERE id IN"  # noqa: S608
                " (SELECT alert FROM delivery_alert WHERE delivery = ?)"
                " ORDER BY seq",
                (delivery_id,),
            ).fetchall()
            return rows.readable(found, lambda row: telling_of(db, row), "alert")

    def settle(
        self,
        delivery_id: str,
        receipt: Receipt,
        *,
        now: datetime,
        due: datetime | None,
        reason: Reason | None = None,
        attempt: int | None = None,
    ) -> None:
        """Write down how an attempt ended; ``due`` is the next one, None for never.

        A receiver's yes settles the row whatever happened to it meanwhile. Anything
        else counts only while the row is leased: it waits until ``due``, or is dead
        for ``reason`` (default: refused, gone or exhausted, by the outcome). A pause
        does not count as an attempt. ``attempt`` is the claimed row's ``attempts``:
        with it, the late no of a worker whose lease was taken over changes nothing.

        Atomic with the row of the attempt log, durable on return; answers that come
        at the same moment share a commit. Pauses in a row are one in the log, the
        last: thousands of rows may wait for days, each asked four times an hour.

        Raises:
            UnknownDelivery: there is no such row.
        """

        def work(db: sqlite3.Connection) -> None:
            row = db.execute(
                "SELECT state, attempts FROM delivery WHERE id = ?", (delivery_id,)
            ).fetchone()
            if row is None:
                raise UnknownDelivery(delivery_id)
            detail = rows.clean(receipt.detail)
            _log(db, delivery_id, receipt.outcome, detail, now)
            if receipt.outcome is Outcome.DELIVERED:
                _finish(db, delivery_id, DeliveryState.DELIVERED, None, detail, now)
            elif row["state"] != DeliveryState.LEASED or (
                attempt is not None and attempt != row["attempts"]
            ):
                return  # somebody else's by now; only the log keeps this answer
            elif due is None:
                why = reason or _DEAD_BY_OUTCOME.get(receipt.outcome, Reason.EXHAUSTED)
                _finish(db, delivery_id, DeliveryState.DEAD, why, detail, now)
            else:
                db.execute(
                    "UPDATE delivery SET state = 'pending', leased_until = NULL,"
                    " due = ?, detail = ?, attempts = attempts - ? WHERE id = ?",
                    (
                        rows.ticks(due),
                        detail,
                        int(receipt.outcome is Outcome.PAUSED),
                        delivery_id,
                    ),
                )

        self._db.write_together(work)

    def release(self, ids: Sequence[str] | None) -> int:
        """Give leased rows back, due as before; the number of rows given back.

        With ids, as a drain does: they were not sent, so the claim is not counted.
        None means every lease there is, each still counted, because it may have been
        sent; only the holder of the ``StoreLock`` may ask that, when it starts after
        a crash, so that nothing waits for a dead worker's lease to run out.

        Atomic: one transaction, durable on return.
        """

        def work(db: sqlite3.Connection) -> int:
            if ids is None:
                return db.execute(
                    "UPDATE delivery SET state = 'pending', leased_until = NULL"
                    " WHERE state = 'leased'"
                ).rowcount
            return db.execute(
                "UPDATE delivery SET state = 'pending', leased_until = NULL,"
                " attempts = max(attempts - 1, 0)"
                " WHERE state = 'leased' AND id IN (SELECT value FROM json_each(?))",
                (rows.as_json(list(ids)),),
            ).rowcount

        return self._db.write(work)


def _lease(
    db: sqlite3.Connection, seq: int, now: datetime, until: datetime
) -> Delivery | None:
    row = db.execute(_LEASE, (rows.ticks(until), seq)).fetchone()
    try:
        return rows.delivery_from(row, alert_ids(db, row["id"]))
    except rows.UNREADABLE as error:
        log.exception("Delivery is unreadable", extra={"delivery": row["id"]})
        detail = f"the stored row is unreadable: {error}"
        _finish(
            db, row["id"], DeliveryState.DEAD, Reason.REFUSED, rows.clean(detail), now
        )
        return None


def _log(
    db: sqlite3.Connection,
    delivery_id: str,
    outcome: Outcome,
    detail: str,
    now: datetime,
) -> None:
    at = rows.ticks(now)
    if outcome is Outcome.PAUSED:
        again = db.execute(
            "UPDATE attempt SET at = ?, detail = ? WHERE outcome = 'paused' AND seq ="
            " (SELECT max(seq) FROM attempt WHERE delivery = ?)",
            (at, detail, delivery_id),
        )
        if again.rowcount:
            return
    db.execute(
        "INSERT INTO attempt(delivery, at, outcome, detail) VALUES (?, ?, ?, ?)",
        (delivery_id, at, outcome, detail),
    )


def _finish(
    db: sqlite3.Connection,
    delivery_id: str,
    state: DeliveryState,
    reason: Reason | None,
    detail: str,
    now: datetime,
) -> None:
    db.execute(
        "UPDATE delivery SET state = ?, reason = ?, detail = ?,"
        " settled = coalesce(CASE WHEN state = 'delivered' THEN settled END, ?),"
        " leased_until = NULL WHERE id = ?",
        (state, reason, detail, rows.ticks(now), delivery_id),
    )


def alert_ids(db: sqlite3.Connection, delivery_id: str) -> list[str]:
    """The alerts a row covers, in order of creation."""
    return [
        row[0]
        for row in db.execute(
            "SELECT a.id FROM delivery_alert da JOIN alert a ON a.id = da.alert"
            " WHERE da.delivery = ? ORDER BY a.seq",
            (delivery_id,),
        )
    ]


def story_of(db: sqlite3.Connection, story_id: str) -> Story:
    """The story of this id, which a foreign key keeps there, or its survivor."""
    return rows.story_from(
        db.execute(
            f"SELECT {rows.STORY_COLUMNS} FROM story WHERE id ="  # noqa: S608
            " (SELECT coalesce(merged_into, id) FROM story WHERE id = ?)",
            (story_id,),
        ).fetchone()
    )


def telling_of(db: sqlite3.Connection, row: sqlite3.Row) -> tuple[Alert, Story, Item]:
    """An alert's row as the alert, its story as it is now, and its item."""
    alert = rows.alert_from(row)
    item = db.execute(
        f"SELECT {rows.ITEM_COLUMNS} FROM item WHERE id = ?",  # noqa: S608
        (alert.item_id,),
    ).fetchone()
    return alert, story_of(db, alert.story_id), rows.item_from(item)
