"""One TCP or TLS connection as httpcore wants it, straight on the event loop.

httpcore's own goes through anyio, whose cancel scopes and task groups are a third of
what a request costs. Deadlines around whole requests are the gate's; here only single
operations end in time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

import httpcore

if TYPE_CHECKING:
    import ssl

_NAMES = {"client_addr": "sockname", "server_addr": "peername"}
HELD = 64 * 1024
"""Bytes that wait to be read before the sender is held up; one piece may pass it."""


async def dial(address: str, port: int, *, timeout: float | None) -> Wire:  # noqa: ASYNC109 - as httpcore's
    """Connect to a literal address.

    Raises:
        httpcore.ConnectTimeout, httpcore.ConnectError: the cause names the errno.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout):
            _, wire = await loop.create_connection(Wire, address, port)
    except OSError as error:
        if (
            isinstance(error, TimeoutError) and not error.errno
        ):  # ours, not the system's
            raise httpcore.ConnectTimeout from error
        raise httpcore.ConnectError(str(error)) from error
    return wire


class Wire(asyncio.Protocol, httpcore.AsyncNetworkStream):
    """One reader and one writer at a time; whoever made it closes it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: Any = None
        self._pieces: deque[bytes] = deque()
        self._held = 0
        self._ended = False
        self._error: Exception | None = None
        self._heard: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None

    # --- called by the loop -------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep it until it is read."""
        self._pieces.append(data)
        self._held += len(data)
        if self._held >= HELD:
            self._transport.pause_reading()
        _wake(self._heard)

    def eof_received(self) -> bool:
        """The peer says no more; over TCP it may still listen."""
        self._ended = True
        _wake(self._heard)
        return self._transport.get_extra_info("sslcontext") is None

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone, by an error or in order."""
        self._ended = True
        self._error = exc
        _wake(self._heard)
        _wake(self._drained)

    def pause_writing(self) -> None:
        """The peer does not take what was sent as fast as it came."""
        self._drained = self._loop.create_future()

    def resume_writing(self) -> None:
        """It did."""
        _wake(self._drained)
        self._drained = None

    # --- called by httpcore -------------------------------------------------------

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> bytes:
        """What came, at most so much; nothing at the end."""
        if not self._pieces and not self._ended:
            self._heard = self._loop.create_future()
            await self._wait(self._heard, timeout, httpcore.ReadTimeout)
        if not self._pieces:
            if self._error is not None:
                raise httpcore.ReadError(str(self._error)) from self._error
            return b""
        piece = self._pieces.popleft()
        if len(piece) > max_bytes:
            self._pieces.appendleft(piece[max_bytes:])
            piece = piece[:max_bytes]
        was, self._held = self._held, self._held - len(piece)
        if was >= HELD > self._held and not self._ended:
            self._transport.resume_reading()
        return piece

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> None:
        """Send it, or leave it to the loop where it is less than 64 KiB."""
        if not buffer:
            return
        if not self._transport.is_closing():
            self._transport.write(buffer)
        if self._drained is not None:
            await self._wait(self._drained, timeout, httpcore.WriteTimeout)
        if self._transport.is_closing():
            raise httpcore.WriteError("the connection is closed") from self._error

    async def aclose(self) -> None:
        """Close at once; the socket is free on return."""
        self._transport.abort()
        await asyncio.sleep(0)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        """Shake hands; the connection is closed where that fails or is cut off."""
        try:
            async with asyncio.timeout(timeout):
                self._transport = await self._loop.start_tls(
                    self._transport, self, ssl_context, server_hostname=server_hostname
                )
        except TimeoutError as error:
            await self.aclose()
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            await self.aclose()
            raise httpcore.ConnectError(str(error)) from error
        except BaseException:
            self._transport.abort()
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        """What httpcore or asyncio has a name for.

        A kept connection on which anything came unasked is of no use any more.
        """
        if info == "is_readable":
            return bool(self._pieces) or self._ended or self._transport.is_closing()
        return self._transport.get_extra_info(_NAMES.get(info, info))

    async def _wait(
        self,
        event: asyncio.Future[None],
        timeout: float | None,  # noqa: ASYNC109 - of one operation
        late: type[Exception],
    ) -> None:
        timer = None
        if timeout is not None:
            timer = self._loop.call_later(timeout, _fail, event, late)
        try:
            await event
        finally:
            if timer is not None:
                timer.cancel()


class FreshConnections:
    """What a pool does that keeps no connection and counts none: dial each time."""

    def __init__(
        self, backend: httpcore.AsyncNetworkBackend, tls: ssl.SSLContext
    ) -> None:
        self._backend = backend
        self._tls = tls

    async def handle_async_request(
        self, request: httpcore.Request
    ) -> httpcore.Response:
        """Its stream, closed, closes the connection: we say ``Connection: close``."""
        connection = httpcore.AsyncHTTPConnection(
            origin=request.url.origin,
            ssl_context=self._tls,
            network_backend=self._backend,
        )
        try:
            return await connection.handle_async_request(request)
        except BaseException:
            await connection.aclose()
            raise

    async def aclose(self) -> None:
        """Nothing is kept."""


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


def _fail(waiting: asyncio.Future[None], late: type[Exception]) -> None:
    if not waiting.done():
        waiting.set_exception(late())
