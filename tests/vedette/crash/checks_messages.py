"""Invariants of messages: their ids and contents, their leases and attempts."""

from __future__ import annotations

import itertools
import time
import uuid
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from crawler.items import stable_id
from tests.vedette.crash.evidence import Check, entered

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from tests.vedette.crash.evidence import Evidence


CHECKS: list[Check] = []

LEASE_US = 15 * 60 * 1_000_000
WEBHOOK_TRIES = 11
DELAYS_S = {
    "email": (120, 600, 1800, 3600, 3600, 3600, 3600),
    "": (5, 30, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400),
}
"""DESIGN section 6, written down again: the product's own table proves nothing."""


@entered(CHECKS, "I3")
def _ids(evidence: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    rows = {row[0] for row in db.execute("SELECT id FROM delivery")}
    told: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in evidence.seen:
        if one.id not in rows:
            yield f"{one.channel} got {one.id!r}, which no row has"
        for title in one.titles if one.channel not in evidence.digests else ():
            told[one.channel, title].add(one.id)
            if evidence.published is not None and title not in evidence.published:
                yield f"{one.channel} got {title!r}, which nobody wrote"
    if evidence.published is not None:
        for (channel, title), ids in told.items():
            if len(ids) > 1:
                yield f"{channel} got {title!r} under {len(ids)} ids"


@entered(CHECKS, "I3")
def _derived(_: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    keys: dict[str, list[str]] = defaultdict(list)
    for row in db.execute(
        "SELECT da.delivery, a.topic, a.milestone FROM delivery_alert da"
        " JOIN alert a ON a.id = da.alert"
    ):
        keys[row["delivery"]].append(f"{row['topic']}\x1e{row['milestone']}")
    for row in db.execute("SELECT id, channel, recipient, story, type FROM delivery"):
        if uuid.UUID(row["id"]).version != 5:
            yield f"{row['id']} is not derived from anything"
        elif row["type"] in {"alert.opened", "alert.updated"}:
            wanted = stable_id("delivery", *row[1:], *sorted(keys[row["id"]]))
            if row["id"] != wanted:
                yield f"{row['id']} is not the id of what it tells"


@entered(CHECKS, "I4")
def _repeats(evidence: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    tries = dict(db.execute("SELECT id, attempts FROM delivery").fetchall())
    noes = Counter(
        row[0]
        for row in db.execute(
            "SELECT delivery FROM attempt WHERE outcome <> 'delivered'"
        )
    )
    ever = Counter(one.id for one in evidence.seen)
    for number, n in ever.items():
        if n > tries.get(number, n):
            yield f"{number} came {n} times in {tries[number]} attempts"
    for (number, run), n in Counter((o.id, o.run) for o in evidence.seen).items():
        if n > 1 + noes[number]:
            yield f"run {run} gave {number} {n} times"


@entered(CHECKS, "I4", drained=True)
def _once(evidence: Evidence, _: sqlite3.Connection) -> Iterator[str]:
    if not evidence.faults:
        for number, n in Counter(one.id for one in evidence.seen).items():
            if n > 1:
                yield f"{number} came {n} times though nothing went wrong"


@entered(CHECKS, "I5")
def _contents(evidence: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    stored = dict(db.execute("SELECT id, payload FROM delivery").fetchall())
    bodies: dict[str, set[bytes]] = defaultdict(set)
    for one in evidence.seen:
        if not one.flaws:
            bodies[one.id].add(one.body.rstrip(b"\r\n"))
    for number, found in bodies.items():
        if len(found) > 1:
            yield f"{number} came with {len(found)} contents"
        kept = stored.get(number)
        if kept is not None and found != {kept.rstrip(b"\r\n")}:
            yield f"{number} is not what the row holds"


@entered(CHECKS, "I6")
def _claimed(evidence: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    tries = dict(db.execute("SELECT id, attempts FROM delivery").fetchall())
    for one in evidence.seen:
        if tries.get(one.id, 1) < 1:
            yield f"{one.channel} got {one.id}, which nobody claimed"


@entered(CHECKS, "I16")
def _uncut(evidence: Evidence, _: sqlite3.Connection) -> Iterator[str]:
    for one in evidence.seen:
        for flaw in one.flaws:
            yield f"{one.channel} got {one.id}: {flaw}"


@entered(CHECKS, "I11")
def _threads(evidence: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    stories = dict(db.execute("SELECT id, story FROM delivery").fetchall())
    for one in evidence.seen:
        if one.channel in evidence.mail and one.root != stories.get(one.id, one.root):
            yield f"mail {one.id} refers to {one.root}, not to its story"


@entered(CHECKS, "I9")
def _leases(_: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    latest = int(time.time() * 1e6) + LEASE_US
    for (number,) in db.execute(
        "SELECT id FROM delivery WHERE (state = 'leased') <> (leased_until IS NOT NULL)"
        " OR leased_until > ?",
        (latest,),
    ):
        yield f"row {number} is held without a lease, or for too long"
    for number, n in db.execute(
        "SELECT delivery, count(*) FROM attempt WHERE outcome = 'delivered'"
        " GROUP BY delivery HAVING count(*) > 1"
    ):
        yield f"row {number} was delivered {n} times"


@entered(CHECKS, "I10")
def _schedule(evidence: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    """No attempt before its time, and not too many; by the log of attempts."""
    attempts: dict[str, list[sqlite3.Row]] = defaultdict(list)
    for row in db.execute(
        "SELECT a.delivery, a.at, a.outcome, a.detail, d.first_due, d.channel FROM"
        " attempt a JOIN delivery d ON d.id = a.delivery ORDER BY a.seq"
    ):
        attempts[row["delivery"]].append(row)
    for number, made in attempts.items():
        if made[0]["at"] < made[0]["first_due"]:
            yield f"row {number} was tried before it was due"
        mail = made[0]["channel"] in evidence.mail
        counted = [row for row in made if row["outcome"] != "paused"]
        if not mail and len(counted) > WEBHOOK_TRIES:
            yield f"row {number} was tried {len(counted)} times"
        for n, (row, after) in enumerate(itertools.pairwise(counted)):
            delays = DELAYS_S["email" if mail else ""]
            wanted = delays[min(n, len(delays) - 1)] * 0.9e6
            if (
                row["outcome"] in {"temporary", "ambiguous"}
                and row["detail"] != "stopped while sending"
                and after["at"] - row["at"] < wanted
            ):
                yield f"row {number} was tried again too soon"
