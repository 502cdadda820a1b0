"""Endpoints that take nothing for now: a refused login, a receiver that said 410."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.model import Outcome, Receipt

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from datetime import datetime

    from alerts.model import Delivery

REST = timedelta(minutes=13)
"""A little less than the shortest pause of ``alerts.retries``, so that the message
which met the fault is the one that tries again."""


class Circuits:
    """What this process learnt from the answers; a reload forgets what it may mend.

    A channel that refuses to let us in rests whole: one message tries in each
    ``REST``, the others wait unasked, because a server that sees a wrong password
    with every message locks us out. A recipient that answered 410 is asked no more.
    """

    def __init__(self) -> None:
        # When the rest began; None for a channel that one message may ask at once.
        self._paused: dict[str, tuple[datetime | None, str]] = {}
        self._gone: dict[tuple[str, str], str] = {}

    def closed(self, row: Delivery, now: datetime) -> Receipt | None:
        """What a row is settled with unsent; None when it is to be sent."""
        said = self._gone.get((row.channel, row.recipient))
        if said is not None:
            detail = f"switched off after {said}; `vedette reload` switches it on"
            return Receipt(outcome=Outcome.GONE, detail=detail)
        if row.channel not in self._paused:
            return None
        began, said = self._paused[row.channel]
        # A rest that began in the future is over: the clock was set back (A82).
        if began is not None and began <= now < began + REST:
            return Receipt(outcome=Outcome.PAUSED, detail=said)
        self._paused[row.channel] = (now, said)
        return None

    def note(self, row: Delivery, receipt: Receipt, now: datetime) -> bool:
        """Learn from the answer to a row that was sent.

        Gives whether the channel takes messages again, so that the others may follow.
        """
        if receipt.outcome is Outcome.PAUSED:
            self._paused[row.channel] = (now, receipt.detail or "paused")
            return False
        if receipt.outcome is Outcome.GONE:
            self._gone[row.channel, row.recipient] = receipt.detail or "410"
        rested = self._paused.pop(row.channel, None) is not None
        return rested and receipt.outcome is Outcome.DELIVERED

    def resting(self) -> Container[str]:
        """The channels that refused to let us in and are not to be asked yet."""
        return {name for name, (began, _) in self._paused.items() if began is not None}

    def forget(self) -> None:
        """Begin anew, as with another config: what rests is asked, by one message."""
        self.doubt((name, said) for name, (_, said) in self._paused.items())
        self._gone.clear()

    def doubt(self, channels: Iterable[tuple[str, str]]) -> None:
        """Let one message ask these channels, (name, last answer), before all others.

        A wrong password is the same in the next process.
        """
        self._paused |= {name: (None, said) for name, said in channels}
