"""Servers that waste our time: one deadline ends each, and leaves nothing taken."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
import trustme

from crawler.errors import FetchError
from crawler.fetcher import Fetcher, FetchRequest, Purpose, tls_context
from crawler.reasons import FetchReason
from tests.servers.http import (
    STALL,
    Answer,
    Handler,
    Raw,
    Reply,
    Request,
    Server,
    drip,
    redirect,
    serve,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

DEADLINE_S = 0.4
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
TLS = tls_context()

SLOW: dict[str, Handler] = {
    "a body by the byte": lambda _: drip(b"x" * 1000, 0.05, head=OK + b"\r\n"),
    "a head by the byte": lambda _: drip(OK + b"X: " + b"y" * 1000, 0.05),
    "chunks of one byte": lambda _: drip(b"1\r\nx\r\n" * 500, 0.02, head=CHUNKED),
    "a chunk of 2**64": lambda _: Raw([CHUNKED + b"FFFFFFFFFFFFFFF\r\nx", STALL]),
    "a body that never ends well": lambda _: Raw(
        [OK + b"Content-Length: 9\r\n\r\nx", STALL]
    ),
    "no answer": lambda _: Raw([STALL]),
    "half a status line": lambda _: Raw([b"HTTP/1.", STALL]),
    "100 Continue for ever": lambda _: Raw([b"HTTP/1.1 100 C\r\n\r\n", 0.05] * 99),
    "slow redirects": lambda _: Reply(
        status=302, headers={"Location": "/again"}, wait_s=0.15
    ),
}


def ask(url: str, source: str = "s") -> FetchRequest:
    return FetchRequest(source=source, url=url, purpose=Purpose.FEED, obey_robots=False)


def fetcher(tls: ssl.SSLContext = TLS, **limits: object) -> Fetcher:
    given: dict[str, object] = {"min_gap_s": 0.0, "deadline_s": DEADLINE_S, **limits}
    return Fetcher(user_agent="t", allow=("127.0.0.0/8",), tls=tls, **given)  # type: ignore[arg-type]


async def outcome(mine: Fetcher, url: str) -> tuple[FetchReason, float]:
    """The reason a request ended for, and the seconds it took."""
    begun = time.monotonic()
    try:
        await mine.fetch(ask(url))
    except FetchError as error:
        return error.reason, time.monotonic() - begun
    return FetchReason.OK, time.monotonic() - begun


@pytest.mark.parametrize("case", SLOW)
def test_one_deadline_ends_it_and_the_host_is_free_again(case: str) -> None:
    """A19, A20, A21, A24, and endless chunks of A17."""

    def answer(request: Request) -> Answer:
        return Reply(body=b"ok") if request.path == "/good" else SLOW[case](request)

    async def run(site: Server) -> list[tuple[FetchReason, float]]:
        mine = fetcher()
        done = [await outcome(mine, site.url(path)) for path in ("/slow", "/good")]
        await mine.aclose()
        return done

    with serve(answer) as site:
        (slow, took), (good, after) = asyncio.run(run(site))
    assert (slow, good) == (FetchReason.TIMEOUT, FetchReason.OK)
    assert DEADLINE_S * 0.9 < took < DEADLINE_S + 2
    assert after < 2


def test_every_place_taken_by_the_slow_comes_back() -> None:
    """A19-A21: 80 slow requests through 16 places, of every sort, then a good one."""
    kinds = itertools.cycle(SLOW.values())

    def answer(request: Request) -> Answer:
        return Reply() if request.path == "/good" else next(kinds)(request)

    async def run(site: Server) -> list[tuple[FetchReason, float]]:
        mine = fetcher(max_in_flight=16)
        hosts = [f"127.3.1.{n + 1}" for n in range(80)]
        slow = [outcome(mine, site.url("/slow", host=host)) for host in hosts]
        async with asyncio.timeout(30):  # a place that is lost is waited for for ever
            done = await asyncio.gather(*slow)
            done.append(await outcome(mine, site.url("/good", host=hosts[0])))
        await mine.aclose()
        return done

    with serve(answer, host="0.0.0.0") as site:
        *slow, good = asyncio.run(run(site))
    assert {reason for reason, _ in slow} == {FetchReason.TIMEOUT}
    assert good[0] is FetchReason.OK
    assert good[1] < 2


@contextlib.contextmanager
def half_a_handshake(answer: bytes) -> Iterator[int]:
    """A port that takes a client's hello, says ``answer`` and then nothing more."""
    kept: list[socket.socket] = []

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                kept.append(connection)
                connection.recv(4096)
                connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
    for connection in kept:
        connection.close()


@pytest.mark.parametrize(
    "answer",
    [b"", b"\x16\x03\x03", b"\x16\x03\x03\x40\x00\x02" + bytes(400)],
    ids=["silence", "a record's head", "a hello that does not end"],
)
def test_a_handshake_that_does_not_end_is_ended(answer: bytes) -> None:
    """A22."""

    async def run(port: int) -> tuple[FetchReason, float]:
        mine = fetcher()
        done = await outcome(mine, f"https://127.0.0.1:{port}/feed")
        await mine.aclose()
        return done

    with half_a_handshake(answer) as port:
        reason, took = asyncio.run(run(port))
    assert reason in {FetchReason.TIMEOUT, FetchReason.TLS_FAILED}
    assert took < DEADLINE_S + 2


def test_a_server_that_stalls_behind_a_good_handshake_is_ended() -> None:
    """A21, A22."""
    authority = trustme.CA()
    server, client = tls_server(authority), tls_context()
    authority.configure_trust(client)

    async def run(site: Server) -> list[tuple[FetchReason, float]]:
        mine = fetcher(tls=client)
        done = [await outcome(mine, site.url(path)) for path in ("/slow", "/good")]
        await mine.aclose()
        return done

    def answer(request: Request) -> Answer:
        return Raw([STALL]) if request.path == "/slow" else Reply()

    with serve(answer, tls=server) as site:
        (slow, took), (good, _) = asyncio.run(run(site))
    assert (slow, good) == (FetchReason.TIMEOUT, FetchReason.OK)
    assert took < DEADLINE_S + 2


def tls_server(authority: trustme.CA) -> ssl.SSLContext:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ([OK + b"Content-Length: 5\r\n\r\nshort and more"], FetchReason.OK),
        ([OK + b"Content-Length: 50\r\n\r\nshort"], FetchReason.PROTOCOL_ERROR),
        ([OK + b"Content-Length: -1\r\n\r\nx"], FetchReason.PROTOCOL_ERROR),
        ([OK + b"Content-Length: +1\r\n\r\nx"], FetchReason.PROTOCOL_ERROR),
        ([OK + b"Content-Length: 0x5\r\n\r\nhello"], FetchReason.PROTOCOL_ERROR),
        ([OK + b"Content-Length: 1, 2\r\n\r\nxy"], FetchReason.PROTOCOL_ERROR),
        ([OK + b"Content-Length: " + b"9" * 400 + b"\r\n\r\n"], None),
        ([CHUNKED + b"-1\r\nx\r\n0\r\n\r\n"], FetchReason.PROTOCOL_ERROR),
        ([CHUNKED + b"zz\r\nx\r\n0\r\n\r\n"], FetchReason.PROTOCOL_ERROR),
        ([CHUNKED + b"5\r\nhello"], FetchReason.PROTOCOL_ERROR),
        (
            [OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"],
            FetchReason.PROTOCOL_ERROR,
        ),
    ],
)
def test_a_lie_about_the_length_is_an_error_or_cut(
    script: list[bytes], reason: FetchReason | None
) -> None:
    """A18: short, long, negative, signed, double, absurd; chunks as well."""

    async def run(site: Server) -> tuple[FetchReason, float]:
        mine = fetcher(deadline_s=5.0)
        done = await outcome(mine, site.url("/feed"))
        await mine.aclose()
        return done

    with serve(lambda _: Raw(script)) as site:
        told, took = asyncio.run(run(site))
    assert told is reason or (reason is None and told is not FetchReason.OK)
    assert took < 2


def test_twenty_slow_redirects_share_one_deadline() -> None:
    """A24."""

    def answer(request: Request) -> Answer:
        step = int(request.path[1:])
        return redirect(f"/{step + 1}") if step < 20 else Reply()

    async def run(site: Server) -> tuple[FetchReason, float]:
        mine = fetcher(deadline_s=5.0)
        done = await outcome(mine, site.url("/0"))
        await mine.aclose()
        return done

    with serve(answer) as site:
        reason, _ = asyncio.run(run(site))
        assert reason is FetchReason.TOO_MANY_REDIRECTS
        assert site.paths() == [f"/{step}" for step in range(6)]
