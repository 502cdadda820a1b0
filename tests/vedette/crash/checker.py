"""The invariants I1-I21 over a store that nobody works on and its receivers' logs.

    problems(evidence, drained=True) == []

Each problem begins with its number. What no store and no log can show (I8, I17, I18,
I21) has a step of its own in ``steps``; docs/hardening.md says which is where. The
store is looked at in a copy: recovering it is left to the program.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import shutil
import sqlite3
import tempfile
import time
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.items import stable_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.vedette.crash.sightings import Sighting

    Look = Callable[["Evidence", sqlite3.Connection], Iterator[str]]

LEASE_US = 15 * 60 * 1_000_000
WAL_BYTES = 64 * 2**20
SAID_BYTES = 2_000_000
"""Of one run: a log that grows with every failure fills the disk."""
WEBHOOK_TRIES = 11
DELAYS_S = {
    "email": (120, 600, 1800, 3600, 3600, 3600, 3600),
    "": (5, 30, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400),
}
"""DESIGN section 6, written down again: the product's own table proves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All there is to see.

    ``channels`` are those that tell every alert at once; ``mail`` which of them mail.
    ``published`` are the titles written, by the source's cursor, when they are known;
    ``shown`` how many of them the source lists at a time. ``said`` is what each run
    printed and ``secrets`` what must be in none of it. ``faults`` counts kills and
    other interruptions: without any, each message comes exactly once.
    """

    store: Path
    seen: Sequence[Sighting]
    channels: Sequence[str]
    mail: Sequence[str] = ()
    digests: Sequence[str] = ()
    published: Sequence[str] | None = None
    shown: int = 40
    said: Sequence[str] = ()
    secrets: Sequence[str] = ()
    configs: int = 1
    faults: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one invariant says of a store; ``drained``: only once all was sent."""

    number: str
    drained: bool
    look: Look = field(repr=False)


CHECKS: list[Check] = []


def _holds(number: str, *, drained: bool = False) -> Callable[[Look], Look]:
    def enter(look: Look) -> Look:
        CHECKS.append(Check(number=number, drained=drained, look=look))
        return look

    return enter


def problems(evidence: Evidence, *, drained: bool = False) -> list[str]:
    """All that is wrong, each beginning with the number of its invariant.

    Args:
        evidence: of a program that is not running.
        drained: it ended by itself with nothing left to do, and no fault is planned
            any more.
    """
    found = []
    with looking(evidence.store) as db:
        if db is None:
            return []
        for check in CHECKS:
            if drained or not check.drained:
                found += [f"{check.number}: {one}" for one in check.look(evidence, db)]
                if check.number == "I15" and found:
                    break  # of a damaged file no more can be said
    return found


@contextlib.contextmanager
def looking(store: Path) -> Iterator[sqlite3.Connection | None]:
    """A copy of the store with its log, recovered; None if there are no tables yet."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / store.name
        for suffix in ("", "-wal"):
            part = store.with_name(store.name + suffix)
            if part.exists():
                shutil.copyfile(part, copy.with_name(copy.name + suffix))
        if not copy.exists():
            yield None
            return
        with contextlib.closing(sqlite3.connect(copy)) as db:
            db.row_factory = sqlite3.Row
            with contextlib.suppress(sqlite3.DatabaseError):  # I15 tells it
                if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
                    yield None
                    return
            yield db


# --- the file ---------------------------------------------------------------------


@_holds("I15")
def _whole(_: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    try:
        if (said := db.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            yield said
        if db.execute("PRAGMA foreign_key_check").fetchall():
            yield "dangling references"
        version = db.execute("PRAGMA user_version").fetchone()[0]
        tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError as error:
        yield f"{error}"
        return
    for since, table in ((1, "delivery"), (2, "sketch"), (3, "gist")):
        if (version >= since) != (table in tables):
            yield f"schema {version} and table {table} do not go together"


@_holds("I19")
def _bounded(evidence: Evidence, _: sqlite3.Connection) -> Iterator[str]:
    log = evidence.store.with_name(evidence.store.name + "-wal")
    if log.exists() and log.stat().st_size > WAL_BYTES:
        yield f"the write-ahead log has {log.stat().st_size} bytes"
    for text in evidence.said:
        if len(text) > SAID_BYTES:
            yield f"one run said {len(text)} characters"


@_holds("I20")
def _secret(evidence: Evidence, _: sqlite3.Connection) -> Iterator[str]:
    parts = [evidence.store, evidence.store.with_name(evidence.store.name + "-wal")]
    data = b"".join(part.read_bytes() for part in parts if part.exists())
    for secret in evidence.secrets:
        if secret.encode() in data:
            yield "a secret is in the store"
        if any(secret in text for text in evidence.said):
            yield "a secret is in what the program printed"
        if any(secret.encode() in one.body for one in evidence.seen):
            yield "a secret is in a message"


# --- items and judgements ---------------------------------------------------------


@_holds("I7")
def _cursor(evidence: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    """(a): the cursor is the number of titles published when the feed was read."""
    if evidence.published is None:
        return
    stored = {row[0] for row in db.execute("SELECT title FROM item")}
    etag = db.execute("SELECT max(etag) FROM source").fetchone()[0]
    cursor = int(re.sub(r"\D", "", etag)) if etag else 0
    for title in evidence.published[max(0, cursor - evidence.shown) : cursor]:
        if title not in stored:
            yield f"(a) the cursor is at {cursor} and {title!r} is not stored"
    for title in stored - set(evidence.published[:cursor]):
        yield f"(a) {title!r} is stored and the cursor is at {cursor}"


@_holds("I7")
def _judged(_: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    """(b): an item waits or is judged, and what was decided of it is there."""
    for (title,) in db.execute(
        "SELECT title FROM item WHERE (seq IN (SELECT item FROM pending)) ="
        " (seq IN (SELECT item FROM judgement))"
    ):
        yield f"(b) {title!r} is neither judged nor waiting, or both"
    made = {
        (row[0], row[1], row[2])
        for row in db.execute("SELECT item, topic, reason FROM alert")
    }
    for item, gates in db.execute(
        "SELECT i.id, j.gates FROM judgement j JOIN item i ON i.seq = j.item"
    ):
        for topic, reason in json.loads(gates):
            if reason == "first" and (item, topic, reason) not in made:
                yield f"(b) {item} was judged worth an alert on {topic} and has none"


@_holds("I7", drained=True)
def _nothing_waits(_: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    if n := db.execute("SELECT count(*) FROM pending").fetchone()[0]:
        yield f"(b) {n} items wait for ever"


# --- alerts and rows --------------------------------------------------------------


@_holds("I1")
def _covered(_: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    for (alert,) in db.execute(
        "SELECT id FROM alert WHERE id NOT IN (SELECT alert FROM delivery_alert)"
    ):
        yield f"alert {alert} is in no row"
    for (row,) in db.execute(
        "SELECT id FROM delivery WHERE id NOT IN (SELECT delivery FROM delivery_alert)"
        " AND type IN ('alert.opened', 'alert.updated')"
    ):
        yield f"row {row} tells no alert"
    for alert, topic, matches in db.execute(
        "SELECT a.id, a.topic, j.matches FROM alert a JOIN item i ON i.id = a.item"
        " JOIN judgement j ON j.item = i.seq WHERE a.kind = 'opened'"
    ):
        if not any(one["topic"] == topic and one["hit"] for one in json.loads(matches)):
            yield f"alert {alert} is of an item that did not match {topic}"


@_holds("I1", drained=True)
def _complete(evidence: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    alerts = db.execute("SELECT count(*) FROM alert").fetchone()[0]
    covered = Counter(
        row[0] for row in db.execute("SELECT channel FROM delivery_alert")
    )
    for channel in evidence.channels:
        if covered[channel] != alerts:
            yield f"{channel} has rows for {covered[channel]} of {alerts} alerts"


@_holds("I2", drained=True)
def _settled(_: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    now = int(time.time() * 1e6)
    for state, n in db.execute(
        "SELECT state, count(*) FROM delivery WHERE state = 'leased'"
        " OR (state = 'pending' AND due <= ?) GROUP BY state",
        (now,),
    ):
        yield f"{n} rows are still {state}"


@_holds("I2", drained=True)
def _arrived(evidence: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    """Nothing lost: what the store calls delivered came, and what was written came."""
    ids = {one.id for one in evidence.seen}
    for number, channel in db.execute(
        "SELECT id, channel FROM delivery WHERE state = 'delivered'"
    ):
        if channel in (*evidence.channels, *evidence.digests) and number not in ids:
            yield f"lost: {channel} never got {number}, which is called delivered"
    for channel in evidence.channels if evidence.published is not None else ():
        got = {t for o in evidence.seen if o.channel == channel for t in o.titles}
        for title in set(evidence.published or ()) - got:
            yield f"lost: {channel} never got {title!r}"


@_holds("I13")
def _with_reason(_: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    for number, state in db.execute(
        "SELECT id, state FROM delivery WHERE state IN ('dead', 'suppressed')"
        " AND reason IS NULL"
    ):
        yield f"row {number} is {state} without a reason"
    for (number,) in db.execute(
        "SELECT id FROM delivery WHERE state IN ('delivered', 'dead', 'suppressed')"
        " AND settled IS NULL"
    ):
        yield f"row {number} was settled at no time"


@_holds("I14")
def _config(evidence: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    named = {row[0] for row in db.execute("SELECT DISTINCT config FROM alert")}
    if not all(named):
        yield "an alert names no config"
    if len(named) > evidence.configs:
        yield f"alerts name {len(named)} configs, there were {evidence.configs}"


@_holds("I12")
def _digests(_: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    for row in db.execute("SELECT * FROM delivery WHERE type = 'digest'"):
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(row["period_from"] / 1e6))
        first = stable_id("digest", row["channel"], row["recipient"], at + "+00:00")
        ids = {first, *(stable_id(first, str(turn)) for turn in range(2, 50))}
        if row["state"] != "suppressed" and row["id"] not in ids:
            yield f"digest {row['id']} is not named by its period"


# --- ids and contents -------------------------------------------------------------


@_holds("I3")
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


@_holds("I3")
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


@_holds("I4")
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


@_holds("I4", drained=True)
def _once(evidence: Evidence, _: sqlite3.Connection) -> Iterator[str]:
    if not evidence.faults:
        for number, n in Counter(one.id for one in evidence.seen).items():
            if n > 1:
                yield f"{number} came {n} times though nothing went wrong"


@_holds("I5")
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


@_holds("I6")
def _claimed(evidence: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    tries = dict(db.execute("SELECT id, attempts FROM delivery").fetchall())
    for one in evidence.seen:
        if tries.get(one.id, 1) < 1:
            yield f"{one.channel} got {one.id}, which nobody claimed"


@_holds("I16")
def _uncut(evidence: Evidence, _: sqlite3.Connection) -> Iterator[str]:
    for one in evidence.seen:
        for flaw in one.flaws:
            yield f"{one.channel} got {one.id}: {flaw}"


@_holds("I11")
def _threads(evidence: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    stories = dict(db.execute("SELECT id, story FROM delivery").fetchall())
    for one in evidence.seen:
        if one.channel in evidence.mail and one.root != stories.get(one.id, one.root):
            yield f"mail {one.id} refers to {one.root}, not to its story"


# --- leases and attempts ----------------------------------------------------------


@_holds("I9")
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


@_holds("I10")
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
