"""Which rows of the outbox a claim takes, and in which order."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from alerts.model import Reason, Severity
from alerts.retries import Wait
from vedette.store import rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from datetime import datetime

FRESH = timedelta(seconds=5)
"""For so long a message that was never tried goes before all that waited longer.

Half of the ten seconds in which 99 of 100 are to be accepted (HARDENING, time to
alert), so that a send has the other half. Whoever waited longer cannot be on time any
more: were he first, nobody behind a backlog would be.
"""


def ripe(
    db: sqlite3.Connection, at: int, *, per_recipient: int, per_channel: int
) -> list[int]:
    """The numbers of the rows that may leave at ``at``, in the order of a claim."""
    room = _Room(db, at, per_channel)
    found = sorted(
        (one, channel)
        for channel, recipient in _endpoints(db)
        for one in _ripe(db, channel, recipient, at, per_recipient)
    )
    return [one.seq for one, channel in found if room.take(channel)]


def date_anew(
    db: sqlite3.Connection, at: int, due_again: Callable[[Wait], datetime]
) -> None:
    """Give rows made or tried in the future a time of now.

    Reads every row that is not due yet.
    """
    waiting = db.execute(
        "SELECT d.seq, d.id, d.channel, d.severity, d.reason, d.attempts, d.due,"
        " d.period_from IS NOT NULL AND d.payload IS NULL AS gathers,"
        " coalesce((SELECT a.at FROM attempt a WHERE a.delivery = d.id"
        "  ORDER BY a.seq DESC LIMIT 1), d.created) AS since"
        " FROM delivery d INDEXED BY delivery_due"
        " WHERE d.state = 'pending' AND d.due > ?",
        (at,),
    ).fetchall()
    for row in waiting:
        if row["since"] <= at:
            continue
        wait = Wait(
            delivery_id=row["id"],
            channel=row["channel"],
            severity=Severity(row["severity"]),
            escalated=row["reason"] == Reason.ESCALATED,
            gathers=bool(row["gathers"]),
            attempts=row["attempts"],
            since=rows.when(row["since"]),
            due=rows.when(row["due"]),
        )
        due = rows.ticks(due_again(wait))
        db.execute("UPDATE delivery SET due = ? WHERE seq = ?", (due, row["seq"]))


class _Room:
    """How many more rows each channel may have out."""

    def __init__(self, db: sqlite3.Connection, at: int, most: int) -> None:
        self._most = most
        self._out = dict(
            db.execute(
                "SELECT channel, count(*) FROM delivery WHERE state = 'leased'"
                " AND leased_until > ? GROUP BY channel",
                (at,),
            ).fetchall()
        )

    def take(self, channel: str) -> bool:
        """Whether one more row fits, which then counts."""
        out: int = self._out.get(channel, 0)
        self._out[channel] = out + 1
        return out < self._most


def _endpoints(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """Every (channel, recipient) with rows that wait or are under way.

    Steps from one to the next in the index instead of reading all its entries, so
    50,000 waiting rows cost as little as one.
    """
    found = set()
    for state, index in (
        ("pending", "delivery_waiting"),
        ("leased", "delivery_leased"),
    ):
        select = (
            f"SELECT channel, recipient FROM delivery INDEXED BY {index}"  # noqa: S608
            f" WHERE state = '{state}' AND "
        )
        order = " ORDER BY channel, recipient LIMIT 1"
        row = db.execute(select + "channel >= ''" + order).fetchone()
        while row is not None:
            found.add((row[0], row[1]))
            # Two seeks: SQLite 3.40 reads all entries of an endpoint to find the
            # first beyond it when asked for (channel, recipient) > (?, ?).
            row = (
                db.execute(
                    select + "channel = ? AND recipient > ?" + order, (row[0], row[1])
                ).fetchone()
                or db.execute(select + "channel > ?" + order, (row[0],)).fetchone()
            )
    return sorted(found)


class _Ripe(NamedTuple):
    """A row that may be claimed, in the order of claims; ``rank`` 0 is fresh."""

    rank: int
    attempts: int
    due: int
    seq: int


def _ripe(
    db: sqlite3.Connection, channel: str, recipient: str, at: int, most: int
) -> list[_Ripe]:
    """What one endpoint may get now, in order."""
    out = db.execute(
        "SELECT count(*) FROM delivery WHERE state = 'leased'"
        " AND channel = ? AND recipient = ? AND leased_until > ?",
        (channel, recipient, at),
    ).fetchone()[0]
    room = most - out
    if room <= 0:
        return []
    ripe = [
        _Ripe(1, *row)
        for row in db.execute(
            "SELECT attempts, due, seq FROM delivery WHERE state = 'leased'"
            " AND channel = ? AND recipient = ? AND leased_until <= ?",
            (channel, recipient, at),
        )
    ]
    line = at - FRESH // rows.TICK
    fresh = _waiting(db, channel, recipient, 0, (line, at), room)
    ripe += [_Ripe(0, *row) for row in fresh]
    attempts = -1
    while len(ripe) < room:
        # One step per number of attempts: rows that wait for a later retry are
        # never read through.
        attempts = db.execute(
            "SELECT min(attempts) FROM delivery WHERE state = 'pending'"
            " AND channel = ? AND recipient = ? AND attempts > ?",
            (channel, recipient, attempts),
        ).fetchone()[0]
        if attempts is None:
            break
        span = (0, at if attempts else line)
        more = _waiting(db, channel, recipient, attempts, span, room - len(ripe))
        ripe += [_Ripe(1, *row) for row in more]
    return sorted(ripe)[:room]


def _waiting(
    db: sqlite3.Connection,
    channel: str,
    recipient: str,
    attempts: int,
    span: tuple[int, int],
    most: int,
) -> Iterator[tuple[int, int, int]]:
    """(attempts, due, seq) of what one endpoint waits for; ``span`` is after, until."""
    return db.execute(
        "SELECT attempts, due, seq FROM delivery WHERE state = 'pending'"
        " AND channel = ? AND recipient = ? AND attempts = ?"
        " AND due > ? AND due <= ? ORDER BY due, seq LIMIT ?",
        (channel, recipient, attempts, *span, most),
    )
