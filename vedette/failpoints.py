"""Named places at which a test lets the process die, as kill -9 would.

``VEDETTE_FAILPOINT=claimed:2`` ends it the second time a claim is durable. Without
the variable a place costs one comparison. Between connecting and the receiver's
answer there is no place: there the receiver's side kills (tests/vedette/crash).
"""

from __future__ import annotations

import itertools
import os
import signal
from enum import StrEnum

VARIABLE = "VEDETTE_FAILPOINT"


class Point(StrEnum):
    """The places, along the trip of an item and then of the process."""

    FETCHED = "fetched"
    """A poll is read, nothing of it is stored."""
    INGESTING = "ingesting"
    """Its items are written, its cursor is not; inside one transaction."""
    INGESTED = "ingested"
    JUDGED = "judged"
    """A batch is decided and not written down."""
    RECORDED = "recorded"
    CLAIMED = "claimed"
    ANSWERED = "answered"
    """The receiver answered and nobody wrote it down."""
    SETTLED = "settled"
    CHECKPOINTING = "checkpointing"
    """Retention is about to fold the write-ahead log into the file."""
    MIGRATING = "migrating"
    """A step of the schema is made and not committed; once a step."""
    RELOADING = "reloading"
    """Another config is ready and the old one still works."""
    RELOADED = "reloaded"
    DIGESTING = "digesting"
    """A digest is rendered and not kept."""
    COPYING = "copying"
    """A backup is complete and not yet in its place."""
    STOPPING = "stopping"
    """SIGTERM came, sends are under way."""
    DRAINED = "drained"
    """They ended, and the store is still open."""


def _parsed(text: str) -> tuple[Point | None, int]:
    """The place and its turn; a mistake is an error, for it would test nothing."""
    if not text:
        return None, 0
    name, _, turn = text.partition(":")
    return Point(name), int(turn or 1)


_point, _turn = _parsed(os.environ.get(VARIABLE, ""))
_reached = itertools.count(1)  # its next() is atomic, whichever thread comes by


def reach(point: Point) -> None:
    """Die here, if this is the chosen place and turn."""
    if point is _point and next(_reached) == _turn:
        os.kill(os.getpid(), signal.SIGKILL)
