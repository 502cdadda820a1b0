"""The deliver job: claim, send, settle; what was answered is never forgotten."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.departing import held
from alerts.model import Outcome, Reason, Receipt
from alerts.retries import next_attempt
from vedette.digest import seal_digest
from vedette.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from alerts.model import Channel, Delivery
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

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self._unsettled: dict[str, _Settlement] = {}

    async def claim(
        self, *, limit: int = CLAIM_BATCH, now: datetime | None = None
    ) -> tuple[Delivery, ...]:
        """Take due rows for this process; the claim is durable on return (I6).

        Raises:
            StoreError: the store cannot be written; nothing was claimed.
        """
        for left in tuple(self._unsettled.values()):
            await self._write_down(left)
        return await asyncio.to_thread(
            self.store.claim,
            now or self.clock(),
            limit=limit,
            lease=LEASE,
            per_recipient=PER_RECIPIENT,
            per_channel=PER_CHANNEL,
        )

    async def release(self, rows: Iterable[Delivery]) -> None:
        """Give claimed rows back unsent, as a drain does."""
        ids = [row.id for row in rows]
        if ids:
            await asyncio.to_thread(self.store.release, ids)

    async def send(self, row: Delivery, setup: Setup) -> Receipt:
        """Send one claimed row and settle it right after the receiver's answer.

        Cancelled under way it is AMBIGUOUS and due at once: the receiver may have it.
        """
        channel = setup.channels.get(row.channel)
        reason, cut_off = None, False
        if channel is None or row.recipient not in channel.recipients:
            reason = Reason.UNKNOWN_CHANNEL
            receipt = Receipt(
                outcome=Outcome.PERMANENT, detail="not in the config any more"
            )
        else:
            receipt, cut_off = await self._attempt(row, channel, setup)
        now = self.clock()
        due = now if cut_off else _next(channel, row, receipt, now)
        settled = _Settlement(row=row, receipt=receipt, now=now, due=due, reason=reason)
        # Shielded: an answer in hand is written down even while the loop ends.
        writing = asyncio.ensure_future(self._write_down(settled))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing
        log.info(
            "Delivery attempted",
            extra={
                "delivery": row.id,
                "channel": row.channel,
                "outcome": receipt.outcome.value,
                "detail": receipt.detail,
            },
        )
        return receipt

    async def _attempt(
        self, row: Delivery, channel: Channel, setup: Setup
    ) -> tuple[Receipt, bool]:
        """The attempt's receipt, and whether it was cut off by a cancellation."""
        try:
            sealed = await asyncio.to_thread(self._seal, row, channel, setup)
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

    def _seal(self, row: Delivery, channel: Channel, setup: Setup) -> Delivery:
        """The row with its content; a digest is rendered once, when it is due."""
        if row.payload is not None:
            return row
        return seal_digest(self.store, row, channel, setup)

    async def _write_down(self, left: _Settlement) -> None:
        try:
            await asyncio.to_thread(
                self.store.settle,
                left.row.id,
                left.receipt,
                now=left.now,
                due=left.due,
                reason=left.reason,
                attempt=left.row.attempts,
            )
        except StoreError:
            self._unsettled[left.row.id] = left
            raise
        self._unsettled.pop(left.row.id, None)


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
