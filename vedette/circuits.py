"""Endpoints that take nothing for now: a refused login, a receiver that said 410."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.model import Outcome, Receipt

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import datetime

    from alerts.model import Delivery

REST = timedelta(minutes=13)
"""A little less than the shortest pause of ``alerts.retries``, so that the message
which met the fault is the one that tries again."""


class Circuits:
    """What this process learnt from the answers; a restart and a reload forget it.

    A channel that refuses to let us in rests whole: one message tries in each
    ``REST``, the others wait unasked, because a server that sees a wrong password
    with every message locks us out. A recipient that answered 410 is asked no more.
    """

    def __init__(self) -> None:
        self._paused: dict[str, tuple[datetime, str]] = {}
        self._gone: dict[tuple[str, str], str] = {}

    def closed(self, row: Delivery, now: datetime) -> Receipt | None:
        """What a row is settled with unsent; None when it is to be sent."""
        said = self._gone.get((row.channel, row.recipient))
        if said is not None:
            detail = f"switched off after {said}; `vedette reload` switches it on"
            return Receipt(outcome=Outcome.GONE, detail=detail)
        until, said = self._paused.get(row.channel, (now, ""))
        if now < until:
            return Receipt(outcome=Outcome.PAUSED, detail=said)
        if said:
            self._paused[row.channel] = (now + REST, said)
        return None

    def note(self, row: Delivery, receipt: Receipt, now: datetime) -> None:
        """Learn from the answer to a row that was sent."""
        if receipt.outcome is Outcome.PAUSED:
            said = receipt.detail or "paused"
            self._paused[row.channel] = (now + REST, said)
            return
        self._paused.pop(row.channel, None)
        if receipt.outcome is Outcome.GONE:
            self._gone[row.channel, row.recipient] = receipt.detail or "410"

    def resting(self) -> Container[str]:
        """The channels that refused to let us in."""
        return self._paused.keys()

    def forget(self) -> None:
        """Begin anew, as with another config."""
        self._paused.clear()
        self._gone.clear()
