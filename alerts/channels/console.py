"""Alerts on the terminal."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, TextIO

from alerts.channels.detail import shown
from alerts.model import Outcome, Receipt

if TYPE_CHECKING:
    from alerts.model import Channel, Delivery
    from crawler.clock import Clock


class ConsoleSender:
    """Writes the stored block to a stream, standard output by default."""

    def __init__(self, *, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._turn = asyncio.Lock()

    async def send(self, delivery: Delivery) -> Receipt:
        """Write and flush; a closed or full stream is TEMPORARY."""
        if delivery.payload is None:
            return Receipt(outcome=Outcome.PERMANENT, detail="nothing was rendered")
        # In a thread: a terminal held by ^S, or a pipe nobody reads, blocks a write.
        async with self._turn:
            return await asyncio.to_thread(self._write, delivery.payload)

    async def probe(self) -> Receipt:
        """A console is there or it is not."""
        stream = self._stream or sys.stdout
        if stream is None or stream.closed:
            return Receipt(outcome=Outcome.TEMPORARY, detail="the stream is closed")
        return Receipt(outcome=Outcome.DELIVERED, detail="standard output is open")

    async def aclose(self) -> None:
        """The stream belongs to whoever opened it."""

    def _write(self, payload: bytes) -> Receipt:
        stream = self._stream or sys.stdout
        try:
            encoding = stream.encoding or "utf-8"
            text = payload.decode(errors="replace")
            # A terminal of LANG=C must not cost the reader the alert.
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            stream.flush()
        except (OSError, ValueError, AttributeError) as error:
            return Receipt(outcome=Outcome.TEMPORARY, detail=shown(str(error)))
        return Receipt(outcome=Outcome.DELIVERED, detail="written")


def open_sender(
    channel: Channel,  # noqa: ARG001 - every kind opens the same way
    *,
    allow: tuple[str, ...],  # noqa: ARG001
    clock: Clock,  # noqa: ARG001
) -> ConsoleSender:
    """The console; it has no options."""
    return ConsoleSender()
