"""The connection under every request, against sockets that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import httpcore
import pytest

from crawler.wire import HELD, Wire, dial

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def wired(talk: Talk) -> AsyncIterator[Wire]:
    """A connection to a server that talks so; both are closed at the end."""
    gone: asyncio.Queue[None] = asyncio.Queue()
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await talk(reader, writer)
        await over.wait()
        writer.transport.abort()
        gone.put_nowait(None)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        wire = await dial("127.0.0.1", server.sockets[0].getsockname()[1], timeout=5)
        try:
            yield wire
        finally:
            over.set()
            await wire.aclose()
            await gone.get()
            await asyncio.sleep(0)


async def silent(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    """Accept, and that is all."""


def test_what_is_sent_is_read_in_order_and_to_its_end() -> None:
    sent = bytes(range(256)) * 4_000

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        writer.write_eof()

    async def read() -> bytes:
        got = b""
        async with wired(talk) as wire:
            while piece := await wire.read(1_000, timeout=5):
                assert len(piece) <= 1_000
                got += piece
            assert wire.get_extra_info("is_readable")
        return got

    assert asyncio.run(read()) == sent


def test_a_sender_faster_than_its_reader_is_held_up() -> None:
    """A21: what nobody has read yet is bounded, however much is sent."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes(32 << 20))
        await writer.drain()

    async def look() -> tuple[int, int]:
        async with wired(talk) as wire:
            most = 0
            for _ in range(20):
                await asyncio.sleep(0.01)
                most = max(most, wire._held)
            got = 0
            while got < 8 << 20:
                got += len(await wire.read(1 << 16, timeout=5))
                most = max(most, wire._held)
            return most, got

    most, got = asyncio.run(look())
    assert got >= 8 << 20
    assert most < HELD + (256 << 10)  # asyncio's largest piece


def test_a_peer_that_says_nothing_or_takes_nothing_is_given_up() -> None:
    async def try_both() -> None:
        async with wired(silent) as wire:
            with pytest.raises(httpcore.ReadTimeout):
                await wire.read(10, timeout=0.05)
            with pytest.raises(httpcore.WriteTimeout):
                await wire.write(bytes(64 << 20), timeout=0.05)

    asyncio.run(try_both())


def test_a_broken_connection_is_an_error_and_not_an_end() -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"half")
        await writer.drain()
        await asyncio.sleep(0.05)
        # Zero seconds of lingering: the peer gets a reset.
        sock = writer.get_extra_info("socket")
        sock.setsockopt(1, 13, b"\x01\0\0\0\0\0\0\0")  # SOL_SOCKET, SO_LINGER
        writer.transport.abort()

    async def read() -> None:
        async with wired(talk) as wire:
            assert await wire.read(100, timeout=5) == b"half"
            with pytest.raises(httpcore.ReadError):
                await wire.read(100, timeout=5)
            with pytest.raises(httpcore.WriteError):
                await wire.write(b"more", timeout=5)

    asyncio.run(read())


def test_a_kept_connection_that_got_anything_unasked_is_no_more_of_use() -> None:
    """Else a late 408 would be taken for the answer to the next request."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 408 Request Timeout\r\n\r\n")

    async def look() -> tuple[bool, bool]:
        async with wired(talk) as wire:
            before = wire.get_extra_info("is_readable")
            await wire.write(b"x", timeout=5)
            async with asyncio.timeout(5):
                while not wire.get_extra_info("is_readable"):
                    await asyncio.sleep(0.01)
            return before, wire.get_extra_info("is_readable")

    assert asyncio.run(look()) == (False, True)


@pytest.mark.parametrize("cut_off", [False, True])
def test_a_handshake_that_does_not_end_leaves_no_socket(cut_off: bool) -> None:
    async def shake() -> None:
        async with wired(silent) as wire:
            sock = wire.get_extra_info("socket")
            tls = wire.start_tls(ssl.create_default_context(), "a.test", timeout=0.05)
            if cut_off:
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await tls
            else:
                with pytest.raises(httpcore.ConnectTimeout):
                    await tls
            await asyncio.sleep(0.01)
            assert sock.fileno() == -1

    asyncio.run(shake())


def test_a_port_where_nobody_listens_is_told_with_its_cause() -> None:
    async def knock() -> None:
        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        with pytest.raises(httpcore.ConnectError) as caught:
            await dial("127.0.0.1", port, timeout=5)
        assert isinstance(caught.value.__cause__, ConnectionRefusedError)

    asyncio.run(knock())
