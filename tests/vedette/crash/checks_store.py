"""Invariants of the store: the file, items and judgements, alerts and their rows."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections import Counter
from typing import TYPE_CHECKING

from crawler.items import stable_id
from tests.vedette.crash.evidence import Check, entered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.vedette.crash.evidence import Evidence


CHECKS: list[Check] = []

WAL_BYTES = 64 * 2**20
SAID_BYTES = 2_000_000
"""Of one run: a log that grows with every failure fills the disk."""


@entered(CHECKS, "I15")
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


@entered(CHECKS, "I19")
def _bounded(evidence: Evidence, _: sqlite3.Connection) -> Iterator[str]:
    log = evidence.store.with_name(evidence.store.name + "-wal")
    if log.exists() and log.stat().st_size > WAL_BYTES:
        yield f"the write-ahead log has {log.stat().st_size} bytes"
    for text in evidence.said:
        if len(text) > SAID_BYTES:
            yield f"one run said {len(text)} characters"


@entered(CHECKS, "I20")
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


@entered(CHECKS, "I7")
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


@entered(CHECKS, "I7")
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


@entered(CHECKS, "I7", drained=True)
def _nothing_waits(_: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    if n := db.execute("SELECT count(*) FROM pending").fetchone()[0]:
        yield f"(b) {n} items wait for ever"


@entered(CHECKS, "I1")
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


@entered(CHECKS, "I1", drained=True)
def _complete(evidence: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    alerts = db.execute("SELECT count(*) FROM alert").fetchone()[0]
    covered = Counter(
        row[0] for row in db.execute("SELECT channel FROM delivery_alert")
    )
    for channel in evidence.channels:
        if covered[channel] != alerts:
            yield f"{channel} has rows for {covered[channel]} of {alerts} alerts"


@entered(CHECKS, "I2", drained=True)
def _settled(_: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    now = int(time.time() * 1e6)
    for state, n in db.execute(
        "SELECT state, count(*) FROM delivery WHERE state = 'leased'"
        " OR (state = 'pending' AND due <= ?) GROUP BY state",
        (now,),
    ):
        yield f"{n} rows are still {state}"


@entered(CHECKS, "I2", drained=True)
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


@entered(CHECKS, "I13")
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


@entered(CHECKS, "I14")
def _config(evidence: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    named = {row[0] for row in db.execute("SELECT DISTINCT config FROM alert")}
    if not all(named):
        yield "an alert names no config"
    if len(named) > evidence.configs:
        yield f"alerts name {len(named)} configs, there were {evidence.configs}"


@entered(CHECKS, "I12")
def _digests(_: Evidence, db: sqlite3.Connection) -> Iterator[str]:
    for row in db.execute("SELECT * FROM delivery WHERE type = 'digest'"):
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(row["period_from"] / 1e6))
        first = stable_id("digest", row["channel"], row["recipient"], at + "+00:00")
        ids = {first, *(stable_id(first, str(turn)) for turn in range(2, 50))}
        if row["state"] != "suppressed" and row["id"] not in ids:
            yield f"digest {row['id']} is not named by its period"
