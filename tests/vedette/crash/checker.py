"""The invariants I1-I21 over a store that nobody works on and its receivers' logs.

    problems(evidence, drained=True) == []

Each problem begins with its number. What no store and no log can show (I8, I17, I18,
I21) has a step of its own in ``steps``; docs/hardening.md says which is where. The
store is looked at in a copy: recovering it is left to the program.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.vedette.crash import checks_messages, checks_store
from tests.vedette.crash.evidence import Check, Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CHECKS", "Check", "Evidence", "looking", "problems"]

CHECKS = (*checks_store.CHECKS, *checks_messages.CHECKS)
"""The file comes first: of a damaged one no more can be said."""


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
