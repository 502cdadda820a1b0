"""How ``vedette reload`` and the daemon speak: a signal there, a note back.

The note lies in the lock file: who holds the lock wrote it, and it ends with the lock.
"""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from vedette.errors import ReloadRefused
from vedette.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from vedette.store import StoreLock

PATIENCE_S = 120.0
"""Longer than the largest config takes to compile (docs/benchmarks.md)."""

LOOK_S = 0.1
LONGEST_NOTE = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """How a daemon took its config; ``refused`` says why it did not.

    ``strays`` says what waits for channels that the config does not know any more.

    ``begun`` is when it began to read the file, on the machine's monotonic clock
    in seconds: what was asked for before that moment is in it.
    """

    begun: float
    sources: int
    refused: str | None = None
    strays: str = ""


def strays(waiting: Mapping[str, int], channels: Collection[str]) -> str:
    """What to say of messages that wait, by channel; "" if all channels are known."""
    lost = {name: n for name, n in sorted(waiting.items()) if name not in channels}
    if not lost:
        return ""
    said = ", ".join(f"{name} ({n})" for name, n in lost.items())
    return (
        f"messages wait for channels that are not in the config: {said}; when they are "
        "due they become dead letters, unless the channel has its name back by then"
    )


def answer(lock: StoreLock, outcome: Reloaded) -> None:
    """Leave the outcome where ``ask`` looks; the first one says "I take signals"."""
    row = asdict(outcome)
    if outcome.refused is not None:
        row["refused"] = outcome.refused[:LONGEST_NOTE]
    lock.note(json.dumps(row))


def ask(lock: StoreLock, *, patience_s: float = PATIENCE_S) -> Reloaded:
    """Make the daemon of this store read its config anew, and wait for the outcome.

    Raises:
        ReloadRefused: no daemon runs, it takes no signals, or it does not answer.
        StoreError: the lock file cannot be read.
    """
    holder = lock.holder()
    if holder is None:
        raise ReloadRefused(
            "no daemon runs on the store that the config names; `vedette run` starts "
            "one (a daemon keeps its store: after a change of `store` restart it)"
        )
    number, note = holder
    # A signal to a process that does not listen to it would end that process.
    if _read(note) is None:
        raise ReloadRefused(
            f"process {number} holds the store and takes no new config: it is still "
            "starting, or stopping, or no `vedette run`"
        )
    asked = time.monotonic()
    try:
        os.kill(number, signal.SIGHUP)
    except OSError as error:
        raise ReloadRefused(
            f"cannot signal process {number}: {error.strerror}; run this as its user "
            "and on its machine"
        ) from error
    return _await(lock, number, asked, patience_s)


def refusal(lock: StoreLock) -> str | None:
    """Why the daemon of this store works by an older config than its file says.

    The first reason; None when it took the file as it was at its last reload, when no
    daemon runs, or when the lock file cannot be read.
    """
    try:
        holder = lock.holder()
    except StoreError:
        return None
    outcome = _read(holder[1]) if holder else None
    refused = outcome.refused if outcome else None
    return refused.partition("\n")[0] if refused else None


def _await(lock: StoreLock, number: int, asked: float, patience_s: float) -> Reloaded:
    while time.monotonic() - asked < patience_s:
        time.sleep(LOOK_S)
        holder = lock.holder()
        if holder is None or holder[0] != number:
            raise ReloadRefused(f"process {number} ended meanwhile; its log says why")
        outcome = _read(holder[1])
        if outcome is not None and outcome.begun >= asked:
            return outcome
    raise ReloadRefused(
        f"process {number} did not answer within {patience_s:.0f} s; its log says more"
    )


def _read(note: str) -> Reloaded | None:
    """The outcome, or None when there is none, or one just being written."""
    try:
        return Reloaded(**json.loads(note))
    except (ValueError, TypeError):
        return None
