"""When a delivery that did not go through is tried again; pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.model import Outcome

if TYPE_CHECKING:
    from datetime import datetime

    from alerts.model import Receipt, Severity

_WEBHOOK = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
_MAIL = (
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    *(timedelta(hours=1),) * 4,
)
_MAIL_LATER = timedelta(hours=4)
_MAIL_SPAN = timedelta(hours=96)
_PAUSE = timedelta(minutes=15)
_JITTER = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A message that is not due yet (all aware UTC).

    ``attempts`` counts those that were made, ``since`` is when the last one ended or,
    before the first, when the message was made. A digest ``gathers`` until it was
    tried once.
    """

    delivery_id: str
    channel: str
    severity: Severity
    escalated: bool
    gathers: bool
    attempts: int
    since: datetime
    due: datetime


def due_again(wait: Wait, kind: str, now: datetime) -> datetime:
    """When a message is due by a clock that may have been set back meanwhile.

    A last attempt in the future means that it was, and then the message waits for as
    long from now as it did from then, not for the step as well. Asked once more before
    the clock is there again it may name an earlier time, but none that is nearer than
    the schedule's own wait.
    """
    if wait.since <= now:
        return wait.due
    planned = wait.due - wait.since
    if wait.attempts:
        planned = max(planned, _own_wait(kind, wait.delivery_id, wait.attempts))
    return min(wait.due, now + max(planned, timedelta()))


def _own_wait(kind: str, delivery_id: str, attempts: int) -> timedelta:
    delays = _MAIL if kind == "email" else _WEBHOOK
    delay = delays[attempts - 1] if attempts <= len(delays) else _MAIL_LATER
    return delay * (1 + _JITTER * _spread(delivery_id, attempts))


def next_attempt(
    kind: str,
    *,
    attempts: int,
    first_due: datetime,
    now: datetime,
    delivery_id: str,
    receipt: Receipt,
) -> datetime | None:
    """When to try again, or None when this was the last attempt.

    The delays of DESIGN section 6, ±10 %, counted from ``now``: 5 s to 24 h for
    webhooks (11 attempts, 76 h), 2 minutes to 4 hours for mail until 96 h after
    ``first_due``; every other kind goes by the webhook's. A mail is tried at least 8
    times, so that our own downtime does not use up its days. The receiver's
    Retry-After is a floor. PAUSED comes again every 15 minutes for as long as it
    takes; a caller that counts such an attempt shortens the schedule after it.

    Args:
        kind: the channel's kind.
        attempts: how many were made, the one just ended included (from 1).
        first_due: when the first was due, aware UTC.
        now: when the last one ended, aware UTC.
        delivery_id: seeds the jitter, with ``attempts``.
        receipt: how the last one ended.
    """
    if receipt.outcome is Outcome.PAUSED:
        delay: timedelta | None = _PAUSE
    elif receipt.outcome in {Outcome.TEMPORARY, Outcome.AMBIGUOUS}:
        delay = _delay(kind, attempts, now - first_due)
    else:
        return None
    if delay is None:
        return None
    delay *= 1 + _JITTER * _spread(delivery_id, attempts)
    return now + max(delay, receipt.retry_after or timedelta(0))


def _delay(kind: str, attempts: int, age: timedelta) -> timedelta | None:
    delays = _MAIL if kind == "email" else _WEBHOOK
    if attempts <= len(delays):
        return delays[max(attempts, 1) - 1]
    if kind == "email" and age + _MAIL_LATER <= _MAIL_SPAN:
        return _MAIL_LATER
    return None


def _spread(delivery_id: str, attempts: int) -> float:
    """A number in [-1, 1] that the same delivery and attempt always get."""
    digest = hashlib.sha256(f"{delivery_id}:{attempts}".encode()).digest()
    return int.from_bytes(digest[:4]) / 0xFFFFFFFF * 2 - 1
