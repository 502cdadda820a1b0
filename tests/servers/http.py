"""A real HTTP/1.1 server for tests, which can be told to misbehave.

    with serve({"/feed": Reply(body=b"<rss/>")}) as site:
        fetch(site.url("/feed"))
        assert site.requests[0].header("if-none-match") is None

A handler is a mapping from path to reply, or a function from ``Request`` to reply;
a reply is a well-formed ``Reply`` or a ``Raw`` script of bytes, pauses and gestures.
It runs its own event loop in its own thread, so tests may be sync or async.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl


class Gesture(Enum):
    """What a script can do beside writing and waiting."""

    STALL = "say nothing more, keep the connection open"
    RESET = "close with a TCP reset"


STALL = Gesture.STALL
RESET = Gesture.RESET

Step = bytes | float | Gesture
"""Bytes are written, a number is a pause in seconds, a gesture ends the script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came; header names keep their case and order.

    ``at`` is ``time.monotonic()`` at the end of its head, ``local`` the address of
    ours that was dialled, ``connection`` counts accepted connections from 1.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    at: float
    local: str
    connection: int

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    def header(self, name: str) -> str | None:
        """The first header of that name (any case), or None."""
        wanted = name.lower()
        return next((v for n, v in self.headers if n.lower() == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A well-formed answer; Content-Length and Date are added unless given."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Raw:
    """A script written to the wire as it is, status line included; then closed."""

    script: Iterable[Step]


Answer = Reply | Raw
Handler = Callable[[Request], Answer]
Routes = Mapping[str, Answer | Handler]


def redirect(location: str, status: int = 302) -> Reply:
    """A redirect to ``location``, sent as it is."""
    return Reply(status=status, headers={"Location": location})


def drip(data: bytes, every_s: float, *, head: bytes = b"") -> Raw:
    """``head`` at once, then ``data`` byte by byte, one per ``every_s`` seconds."""

    def script() -> Iterator[Step]:
        yield head
        for value in data:
            yield bytes([value])
            yield every_s

    return Raw(script())


def endless(chunk: bytes, *, head: bytes | None = None) -> Raw:
    """A body that never ends: ``chunk`` for ever."""

    def script() -> Iterator[Step]:
        yield head if head is not None else b"HTTP/1.1 200 OK\r\n\r\n"
        while True:
            yield chunk

    return Raw(script())


class Server:
    """A running server; read ``requests``, which grows as they come."""

    def __init__(self, handler: Handler, addresses: tuple[str, ...]) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.open_now = 0
        self.open_most = 0
        self.host = addresses[0]
        self.port = 0
        self.scheme = "http"
        self._handler = handler
        self._transports: set[asyncio.BaseTransport] = set()

    def url(self, path: str = "/", *, host: str | None = None) -> str:
        """The absolute URL of a path here, optionally under another host name."""
        return f"{self.scheme}://{host or self.host}:{self.port}{path}"

    def paths(self) -> list[str]:
        """The targets asked for so far, in order."""
        return [request.target for request in self.requests]

    def protocol(self) -> asyncio.Protocol:
        """What speaks on the next connection."""
        reader = asyncio.StreamReader()
        return _Noted(reader, self.on_connection, self._transports)

    async def on_connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Serve one connection until either side ends it."""
        self.connections += 1
        self.open_now += 1
        self.open_most = max(self.open_most, self.open_now)
        number = self.connections
        try:
            while await self._one_request(reader, writer, number):
                pass
        except (OSError, EOFError, asyncio.LimitOverrunError, ValueError):
            pass  # the client went away or spoke nonsense: both are its business
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self.open_now -= 1
            writer.close()

    async def _one_request(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *rest = head[:-4].split("\r\n")
        method, target, _ = line.split(" ", 2)
        pairs = tuple(
            (name, value.strip()) for name, _, value in (h.partition(":") for h in rest)
        )
        length = next((int(v) for n, v in pairs if n.lower() == "content-length"), 0)
        request = Request(
            method=method,
            target=target,
            headers=pairs,
            body=await reader.readexactly(length),
            at=time.monotonic(),
            local=str(writer.get_extra_info("sockname")[0]),
            connection=number,
        )
        self.requests.append(request)
        answer = self._handler(request)
        if isinstance(answer, Raw):
            await _play(answer, reader, writer)
            return False
        if answer.wait_s:
            await asyncio.sleep(answer.wait_s)
        writer.write(_rendered(answer, head_only=method == "HEAD"))
        await writer.drain()
        asked = request.header("connection") or ""
        return asked.lower() != "close" and "Connection" not in answer.headers

    async def close(self) -> None:
        """Cut every open connection."""
        # All that runs in this loop: a handshake under way is a task of asyncio's own.
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # Also those whose handler ended, which wait for a slow reader, or never began.
        for transport in self._transports:
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
        for _ in range(5):  # a closed transport lets go of its socket a turn later
            await asyncio.sleep(0)


class _Noted(asyncio.StreamReaderProtocol):
    """Notes its transport at once: a task that is cancelled unbegun notes nothing."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
        transports: set[asyncio.BaseTransport],
    ) -> None:
        super().__init__(reader, serve)
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transports.add(transport)
        super().connection_made(transport)


@contextlib.contextmanager
def serve(
    handler: Handler | Routes,
    host: str = "127.0.0.1",
    *,
    port: int = 0,
    more_hosts: Sequence[str] = (),
    tls: ssl.SSLContext | None = None,
) -> Iterator[Server]:
    """Serve on ``host`` (and ``more_hosts``, same port) until the block ends.

    Args:
        handler: a function, or replies by path (others get a 404).
        host: a loopback address; anywhere in 127.0.0.0/8.
        port: 0 picks a free one, see ``Server.port``.
        more_hosts: further loopback addresses, to play many hosts at once.
        tls: a server context (trustme makes one) to speak https.
    """
    answer = handler if callable(handler) else _by_path(handler)
    server = Server(answer, (host, *more_hosts))
    server.scheme = "https" if tls else "http"
    listeners: list[socket.socket] = []
    for address in (host, *more_hosts):
        listener = socket.create_server((address, server.port or port), backlog=256)
        server.port = listener.getsockname()[1]
        listeners.append(listener)
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def main() -> None:
        running = [
            await loop.create_server(server.protocol, sock=listener, ssl=tls)
            for listener in listeners
        ]
        ready.set()
        await stop.wait()
        # First nobody is let in any more: a connection that was just accepted fails on
        # a closed asyncio server (its `_attach` asserts), and its socket stays open.
        for listener in listeners:
            loop.remove_reader(listener)
        for _ in range(10):  # an accepted one takes several turns to get its task
            await asyncio.sleep(0)
        for one in running:
            one.close()
        await server.close()

    def run() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(main())
        finally:
            loop.close()

    thread = threading.Thread(target=run, name="test-http", daemon=True)
    thread.start()
    ready.wait(5)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


def _by_path(routes: Routes) -> Handler:
    def handle(request: Request) -> Answer:
        found = routes.get(request.path, Reply(status=404, body=b"no such page"))
        return found(request) if callable(found) else found

    return handle


def _rendered(reply: Reply, *, head_only: bool) -> bytes:
    names = {name.lower() for name in reply.headers}
    try:
        phrase = HTTPStatus(reply.status).phrase
    except ValueError:
        phrase = "Odd"
    lines = [f"HTTP/1.1 {reply.status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    if "content-length" not in names and reply.status not in {204, 304}:
        lines.append(f"Content-Length: {len(reply.body)}")
    if "date" not in names:
        lines.append(f"Date: {formatdate(usegmt=True)}")
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    return head if head_only or reply.status in {204, 304} else head + reply.body


async def _play(
    raw: Raw, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    for step in raw.script:
        if step is RESET:
            sock = writer.get_extra_info("socket")
            linger = struct.pack("ii", 1, 0)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
            return
        if step is STALL:
            await reader.read()  # until the client gives up
            return
        if isinstance(step, bytes):
            writer.write(step)
            await writer.drain()
        elif isinstance(step, float | int):
            await asyncio.sleep(step)
