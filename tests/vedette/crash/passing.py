"""Time that passes for a store at rest: no test waits for a retry or for tomorrow."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def later(store: Path, span: timedelta) -> None:
    """Let time pass for the outbox, digests apart: every time in it is put back."""
    past = int(span.total_seconds() * 1e6)
    with contextlib.closing(sqlite3.connect(store)) as db, db:
        db.execute(
            "UPDATE delivery SET created = created - ?1, due = due - ?1,"
            " first_due = first_due - ?1, settled = settled - ?1,"
            " leased_until = leased_until - ?1 WHERE type <> 'digest'",
            (past,),
        )
        db.execute(
            "UPDATE attempt SET at = at - ? WHERE delivery IN"
            " (SELECT id FROM delivery WHERE type <> 'digest')",
            (past,),
        )


def waits(store: Path) -> timedelta | None:
    """How long until every message but the digests is due; None if none waits."""
    with contextlib.closing(sqlite3.connect(store)) as db:
        last = db.execute(
            "SELECT max(due) FROM delivery WHERE state = 'pending' AND type <> 'digest'"
        ).fetchone()[0]
    if last is None:
        return None
    return timedelta(seconds=max(0.0, last / 1e6 - time.time()) + 1)


def digest_due(store: Path) -> None:
    """Let the time of the digest come."""
    now = int(time.time() * 1e6)
    with contextlib.closing(sqlite3.connect(store)) as db, db:
        db.execute(
            "UPDATE delivery SET due = ?1, first_due = ?1"
            " WHERE type = 'digest' AND state = 'pending'",
            (now,),
        )
