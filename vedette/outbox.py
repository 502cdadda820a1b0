"""The deliver job: claim, send, settle; what was answered is never forgotten."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from alerts.departing import held
from alerts.digests import next_digest
from alerts.model import MessageType, Outcome, Reason, Receipt, Severity
from alerts.retries import due_again, next_attempt
from vedette.circuits import Circuits
from vedette.digest import seal_digest
from vedette.failpoints import Point, reach
from vedette.ledger import Ledger
from vedette.store import Wish
from vedette.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from alerts.model import Channel, Delivery
    from alerts.retries import Wait
    from crawler.clock import Clock
    from vedette.setup import Setup
    from vedette.store import Store

log = logging.getLogger(__name__)

CLAIM_BATCH = 64
PER_RECIPIENT = 8
PER_CHANNEL = 16
"""Rows of one channel out at a time: a mail server that stalls for ten minutes after
the dot holds sixteen of the engine's places, never all of them."""

LEASE = timedelta(minutes=15)
"""Longer than the longest send of 12 minutes (the SMTP dot timeout is 10, RFC 5321
section 4.5.3.2.6), so no row is ever held by two workers (I9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settlement:
    """An answer that is known and not yet written down."""

    row: Delivery
    receipt: Receipt
    now: datetime
    due: datetime | None
    reason: Reason | None


class Outbox:
    """Moves rows of one store from due to settled.

    When an answer cannot be written down (a full disk), it is kept here and nothing
    is claimed until it is: a lease that ran out would send the message once more.
    """

    def __init__(
        self, *, store: Store, clock: Clock, ledger: Ledger | None = None
    ) -> None:
        self.store = store
        self.clock = clock
        self.ledger = ledger or Ledger()
        self.circuits = Circuits()
        self._unsettled: dict[str, _Settlement] = {}
        self._held: dict[str, int] = {}
        # It may have been set back while nobody ran.
        self._clock_set_back = True

    def clock_set_back(self) -> None:
        """Let the next claim date anew what waits by the clock as it was (A82)."""
        self._clock_set_back = True

    async def claim(
        self,
        *,
        limit: int = CLAIM_BATCH,
        now: datetime | None = None,
        setup: Setup | None = None,
    ) -> tuple[Delivery, ...]:
        """Take due rows for this process; the claim is durable on return (I6).

        A row that is still out here is not given twice, even if its lease ran out:
        the clock was put forward, or the machine slept while it was being sent (A82).
        Without ``setup`` nothing is dated anew after the clock was set back.

        Raises:
            StoreError: the store cannot be written; nothing was claimed.
        """
        await self.settle_left()
        now, anew = now or self.clock(), None
        if self._clock_set_back and setup is not None:
            self._clock_set_back = False
            anew = partial(_due_again, setup, now)
        try:
            rows = await asyncio.to_thread(
                self.store.claim,
                now,
                limit=limit,
                lease=LEASE,
                per_recipient=PER_RECIPIENT,
                per_channel=PER_CHANNEL,
                due_again=anew,
            )
        except StoreError:
            self._clock_set_back |= anew is not None
            raise
        if rows:
            reach(Point.CLAIMED)
        fresh = tuple(row for row in rows if row.id not in self._held)
        # Each claim is counted in the row, and an answer must name the last count.
        self._held.update((row.id, row.attempts) for row in rows)
        return fresh

    async def settle_left(self) -> None:
        """Write down the answers that could not be written down before.

        Raises:
            StoreError: some still cannot; if the process ends now, the next one sends
                these messages once more.
        """
        for left in tuple(self._unsettled.values()):
            await self._write_down(left)

    async def release(self, rows: Iterable[Delivery]) -> None:
        """Give claimed rows back unsent, as a drain does."""
        ids = [row.id for row in rows]
        for one in ids:
            self._held.pop(one, None)
        if ids:
            await asyncio.to_thread(self.store.release, ids)

    async def resume(self, channels: Iterable[Channel]) -> None:
        """Make due what still waits for a channel that lets us in again.

        In a channel's quiet time nothing is hurried: it waits its quarter of an hour.
        """
        now, resting = self.clock(), self.circuits.resting()
        for one in channels:
            if one.name in resting or held(one, Severity.NORMAL, now).due > now:
                continue
            await asyncio.to_thread(self.store.redirect, one.name, Wish.RESUME, now)

    async def send(self, row: Delivery, setup: Setup) -> Receipt:
        """Send one claimed row and settle it right after the receiver's answer.

        A row of an endpoint that takes nothing for now is settled without asking it.
        Cancelled under way it is AMBIGUOUS and due at once: the receiver may have it.
        """
        try:
            return await self._send(row, setup)
        finally:
            self._held.pop(row.id, None)

    async def _send(self, row: Delivery, setup: Setup) -> Receipt:
        channel = setup.channels.get(row.channel)
        reason, cut_off, opened, level = None, False, False, logging.INFO
        if channel is None or row.recipient not in channel.recipients:
            reason = Reason.UNKNOWN_CHANNEL
            receipt = Receipt(
                outcome=Outcome.PERMANENT, detail="not in the config any more"
            )
        elif (closed := self.circuits.closed(row, self.clock())) is not None:
            receipt, level = closed, logging.DEBUG  # thousands, each for days
        else:
            receipt, cut_off = await self._attempt(row, channel, setup)
            opened = self.circuits.note(row, receipt, self.clock())
        reach(Point.ANSWERED)
        now = self.clock()
        due = now if cut_off else _next(channel, row, receipt, now)
        row = replace(row, attempts=self._held.get(row.id, row.attempts))
        settled = _Settlement(row=row, receipt=receipt, now=now, due=due, reason=reason)
        # Shielded: an answer in hand is written down even while the loop ends.
        writing = asyncio.ensure_future(self._write_down(settled))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing
        reach(Point.SETTLED)
        log.log(
            level,
            "Delivery attempted",
            extra={
                "delivery": row.id,
                "channel": row.channel,
                "outcome": receipt.outcome.value,
                "detail": receipt.detail,
            },
        )
        if opened and not cut_off and channel is not None:
            with contextlib.suppress(StoreError):  # then the next watch does
                await self.resume([channel])
        return receipt

    def _enter(self, row: Delivery, now: datetime) -> None:
        """Enter an accepted message into the ledger; a digest waited by plan."""
        if row.type is MessageType.DIGEST:
            return
        try:
            for alert, _, item in self.store.tellings(row.id):
                self.ledger.accepted(row, alert, item, now)
        except StoreError:
            log.exception("A delivery is missing in the ledger")

    async def _attempt(
        self, row: Delivery, channel: Channel, setup: Setup
    ) -> tuple[Receipt, bool]:
        """The attempt's receipt, and whether it was cut off by a cancellation."""
        try:
            # Only a digest is rendered here; all else takes no turn of a thread.
            sealed = row
            if row.payload is None:
                sealed = await asyncio.to_thread(
                    seal_digest, self.store, row, channel, setup
                )
        except Exception as error:
            # Counted as an attempt, so that a digest that cannot be rendered ends
            # as a dead letter for all to see.
            log.exception("A digest could not be rendered", extra={"delivery": row.id})
            detail = f"rendering failed: {type(error).__name__}"
            return Receipt(outcome=Outcome.TEMPORARY, detail=detail), False
        sending = asyncio.ensure_future(setup.senders[row.channel].send(sealed))
        try:
            return await asyncio.shield(sending), False
        except asyncio.CancelledError:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            if not sending.cancelled() and sending.exception() is None:
                return sending.result(), False
            detail = "stopped while sending"
            return Receipt(outcome=Outcome.AMBIGUOUS, detail=detail), True
        except Exception as error:
            # The sender's own fault. Were it not an attempt, the row would circle from
            # lease to lease for ever, and no check would see it.
            log.exception("A sender failed", extra={"delivery": row.id})
            detail = f"sending failed: {type(error).__name__}"
            return Receipt(outcome=Outcome.AMBIGUOUS, detail=detail), False

    async def _write_down(self, left: _Settlement) -> None:
        try:
            await asyncio.to_thread(self._settle, left)
        except StoreError:
            self._unsettled[left.row.id] = left
            raise
        self._unsettled.pop(left.row.id, None)

    def _settle(self, left: _Settlement) -> None:
        self.store.settle(
            left.row.id,
            left.receipt,
            now=left.now,
            due=left.due,
            reason=left.reason,
            attempt=left.row.attempts,
        )
        if left.receipt.outcome is Outcome.DELIVERED:
            self._enter(left.row, left.now)


def _due_again(setup: Setup, now: datetime, wait: Wait) -> datetime:
    """When what waits is due by a clock that was set back, never in quiet time."""
    channel = setup.channels.get(wait.channel)
    if channel is not None and wait.gathers and wait.since > now:
        due = min(wait.due, next_digest(channel, now)[1])
    else:
        due = due_again(wait, channel.kind if channel else "file", now)
    if channel is None:
        return due
    return held(channel, wait.severity, due, escalated=wait.escalated).due


def _next(
    channel: Channel | None, row: Delivery, receipt: Receipt, now: datetime
) -> datetime | None:
    """When the row is tried again, never in quiet time; None for never."""
    if receipt.outcome is Outcome.DELIVERED:
        return None
    due = next_attempt(
        channel.kind if channel else "file",
        attempts=row.attempts,
        first_due=row.first_due,
        now=now,
        delivery_id=row.id,
        receipt=receipt,
    )
    if due is None or channel is None:
        return due
    escalated = row.reason is Reason.ESCALATED
    return held(channel, row.severity, due, escalated=escalated).due
