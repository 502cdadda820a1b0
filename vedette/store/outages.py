"""Which endpoints fail, and the outages that were told, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.model import Reason
from alerts.outages import DAY, FAILING_FOR, FAILING_TRIES, Outage, Standing
from vedette.store import rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

_DEAD = (
    "SELECT channel, recipient, max(settled) AS at, reason, detail FROM delivery"
    " WHERE state = 'dead' GROUP BY channel, recipient"
)
# Of a day: a paused row is tried every quarter of an hour for as long as it takes.
_PAUSED = (
    "SELECT d.channel, '' AS recipient, max(a.at) AS at, 'paused' AS reason, a.detail"
    " FROM attempt a INDEXED BY attempt_paused JOIN delivery d ON d.id = a.delivery"
    " WHERE a.outcome = 'paused' AND a.at > ? GROUP BY d.channel"
)
_FAILING = (
    # The covering index is read, not the rows: 50,000 that wait take milliseconds.
    "SELECT channel, recipient, min(attempts), seq FROM delivery"
    " INDEXED BY delivery_waiting WHERE state = 'pending' AND attempts >= ?1"
    " GROUP BY channel, recipient UNION ALL"
    # One that is out has this attempt counted already.
    " SELECT channel, recipient, min(attempts), seq FROM delivery"
    " INDEXED BY delivery_leased WHERE state = 'leased' AND attempts > ?1"
    " GROUP BY channel, recipient"
)
_BEGAN = (
    "SELECT coalesce((SELECT min(a.at) FROM attempt a WHERE a.delivery = d.id),"
    " d.first_due), d.detail FROM delivery d WHERE d.seq = ?"
)
_LOST = (
    "SELECT count(*) FROM delivery WHERE state = 'dead' AND settled > ?"
    " AND channel = ? AND recipient = ?"
)
_WORKS = (
    "SELECT 1 FROM delivery WHERE state = 'delivered' AND settled > ?"
    " AND channel = ? AND (? = '' OR recipient = ?) LIMIT 1"
)


def told(db: sqlite3.Connection) -> tuple[Outage, ...]:
    """The last outage that was told of each endpoint."""
    found = db.execute(
        "SELECT channel, recipient, since, reason, detail, ended FROM outage"
        " ORDER BY since, channel, recipient"
    )
    return rows.readable(found, _outage, "outage")


def standing(
    db: sqlite3.Connection, outages: Collection[Outage], now: datetime
) -> tuple[Standing, ...]:
    """How every endpoint stands that failed or fails, or whose outage lasts."""
    last = {
        one.key: (rows.ticks(one.since), one.reason, one.detail)
        for one in outages
        if one.ended is None
    }
    day_ago = rows.ticks(now - DAY)
    ends = {one.key: rows.ticks(one.ended) for one in outages if one.ended}
    failed = (
        *db.execute(_DEAD).fetchall(),
        *db.execute(_PAUSED, (day_ago,)).fetchall(),
        *_failing(db, now),
    )
    for channel, recipient, at, reason, detail in failed:
        before = last.get((channel, recipient))
        if before is None or at > before[0]:
            last[channel, recipient] = (at, reason, detail)
    return tuple(
        Standing(
            channel=channel,
            recipient=recipient,
            at=rows.when(at),
            reason=reason,
            detail=detail,
            works=_works(db, channel, recipient, at),
            lost=_lost(db, channel, recipient, ends.get((channel, recipient), day_ago)),
        )
        for (channel, recipient), (at, reason, detail) in last.items()
    )


def _failing(
    db: sqlite3.Connection, now: datetime
) -> Iterator[tuple[str, str, int, str, str]]:
    """Endpoints that took nothing since a message that waits still was first tried.

    Of several the one that was tried least tells: it is the youngest.
    """
    tried: dict[tuple[str, str], tuple[int, int]] = {}
    for channel, recipient, attempts, seq in db.execute(_FAILING, (FAILING_TRIES,)):
        before = tried.get((channel, recipient), (attempts, seq))
        tried[channel, recipient] = min(before, (attempts, seq))
    for (channel, recipient), (_, seq) in tried.items():
        began, detail = db.execute(_BEGAN, (seq,)).fetchone()
        if rows.when(began) > now - FAILING_FOR:
            continue
        if not _works(db, channel, recipient, began):
            yield channel, recipient, began, Reason.FAILING, detail


def _works(db: sqlite3.Connection, channel: str, recipient: str, at: int) -> bool:
    """Whether something was delivered since; without a recipient, to any."""
    found = db.execute(_WORKS, (at, channel, recipient, recipient)).fetchone()
    return found is not None


def _lost(db: sqlite3.Connection, channel: str, recipient: str, since: int) -> int:
    number: int = db.execute(_LOST, (since, channel, recipient)).fetchone()[0]
    return number


def keep(db: sqlite3.Connection, outages: Iterable[Outage]) -> None:
    """Write these down, each over the one before of its endpoint."""
    db.executemany(
        "INSERT INTO outage(channel, recipient, since, reason, detail, ended)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(channel, recipient) DO UPDATE SET"
        " since = excluded.since, reason = excluded.reason, detail = excluded.detail,"
        " ended = excluded.ended",
        (
            (
                one.channel,
                one.recipient,
                rows.ticks(one.since),
                one.reason,
                rows.clean(one.detail),
                rows.maybe_ticks(one.ended),
            )
            for one in outages
        ),
    )


def _outage(row: sqlite3.Row) -> Outage:
    return Outage(
        channel=row["channel"],
        recipient=row["recipient"],
        since=rows.when(row["since"]),
        reason=row["reason"],
        detail=row["detail"],
        ended=rows.maybe_when(row["ended"]),
    )
