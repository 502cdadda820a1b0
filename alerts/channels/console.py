"""Alerts on the terminal."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from typing import TYPE_CHECKING, TextIO

from alerts.channels.detail import shown
from alerts.model import Outcome, Receipt

if TYPE_CHECKING:
    from alerts.model import Channel, Delivery
    from crawler.clock import Clock

PATIENCE_S = 10.0
"""How long a terminal held by ^S, or a pipe nobody reads, may hold up a write."""


class ConsoleSender:
    """Writes the stored block to a stream, standard output by default."""

    def __init__(self, *, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._turn = asyncio.Lock()
        self._writer: threading.Thread | None = None

    async def send(self, delivery: Delivery) -> Receipt:
        """Write at once; a closed stream is TEMPORARY, one that blocks AMBIGUOUS."""
        if delivery.payload is None:
            return Receipt(outcome=Outcome.PERMANENT, detail="nothing was rendered")
        async with self._turn:
            if self._writer is not None and self._writer.is_alive():
                return Receipt(outcome=Outcome.TEMPORARY, detail="nobody reads")
            return await self._write_aside(delivery.payload)

    async def probe(self) -> Receipt:
        """A console is there or it is not."""
        stream = self._stream or sys.stdout
        if stream is None or stream.closed:
            return Receipt(outcome=Outcome.TEMPORARY, detail="the stream is closed")
        return Receipt(outcome=Outcome.DELIVERED, detail="standard output is open")

    async def aclose(self) -> None:
        """The stream belongs to whoever opened it."""

    async def _write_aside(self, payload: bytes) -> Receipt:
        # A daemon thread: one of the pool's would be waited for when the process
        # ends, and a pipe nobody reads would keep it from ending.
        loop = asyncio.get_running_loop()
        written: asyncio.Future[Receipt] = loop.create_future()

        def work() -> None:
            receipt = self._write(payload)
            if not loop.is_closed():
                loop.call_soon_threadsafe(_answer, written, receipt)

        self._writer = threading.Thread(target=work, name="console", daemon=True)
        self._writer.start()
        try:
            async with asyncio.timeout(PATIENCE_S):
                receipt = await written
        except TimeoutError:
            return Receipt(outcome=Outcome.AMBIGUOUS, detail="nobody reads")
        self._writer = None
        return receipt

    def _write(self, payload: bytes) -> Receipt:
        stream = self._stream or sys.stdout
        try:
            encoding = stream.encoding or "utf-8"
            # A terminal of LANG=C must not cost the reader the alert.
            data = payload.decode(errors="replace").encode(encoding, "backslashreplace")
            _write_all(stream, data, encoding)
        except (OSError, ValueError, AttributeError) as error:
            return Receipt(outcome=Outcome.TEMPORARY, detail=shown(str(error)))
        return Receipt(outcome=Outcome.DELIVERED, detail="written")


def _write_all(stream: TextIO, data: bytes, encoding: str) -> None:
    """Write past the stream's buffer, whose lock a blocked thread would keep."""
    try:
        number = stream.fileno()
    except (OSError, ValueError):
        if stream.closed:
            raise
        stream.write(data.decode(encoding))  # a stream in memory
        stream.flush()
        return
    while data:
        data = data[os.write(number, data) :]


def _answer(written: asyncio.Future[Receipt], receipt: Receipt) -> None:
    if not written.done():
        written.set_result(receipt)


def open_sender(
    channel: Channel,  # noqa: ARG001 - every kind opens the same way
    *,
    allow: tuple[str, ...],  # noqa: ARG001
    clock: Clock,  # noqa: ARG001
) -> ConsoleSender:
    """The console; it has no options."""
    return ConsoleSender()
