"""What the daemon tells systemd, read from a real notify socket."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.vedette.engines import ticking
from tests.vedette.test_once import FERRY, TOPICS
from vedette.reloading import ask
from vedette.store import Store, StoreLock
from vedette.systemd import ask_for_time, feed_watchdog, notify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.vedette.lab import Lab


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(address)
        sock.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        yield sock


def next_of(sock: socket.socket, what: str) -> dict[str, str]:
    """The next message that says ``what``; the watchdog's are passed over."""
    while True:
        lines = sock.recv(4096).decode().splitlines()
        if what == "WATCHDOG" or lines != ["WATCHDOG=1"]:
            said = dict(line.split("=", 1) for line in lines)
            assert what in said, f"{said} where {what} was expected"
            return said


def waiting(sock: socket.socket) -> list[str]:
    """What was said so far and not read."""
    sock.setblocking(False)
    said = []
    with contextlib.suppress(BlockingIOError):
        while True:
            said.append(sock.recv(4096).decode())
    sock.settimeout(20)
    return said


@pytest.mark.slow
def test_systemd_hears_of_start_reload_and_stop_in_their_order(
    lab: Lab, systemd: socket.socket
) -> None:
    lab.feed(FERRY)
    config = lab.write(TOPICS)
    lock = StoreLock(lab.folder / "data/vedette.db")
    assert lock.holder() is None
    with lab.daemon() as (process, _):
        assert next_of(systemd, "READY") == {"READY": "1"}
        assert lock.holder() is not None
        next_of(systemd, "WATCHDOG")
        for text in (config.read_text(), "surprise: 1\n" + config.read_text()):
            config.write_text(text)
            before = time.monotonic_ns() // 1000
            refused = ask(lock).refused
            said = next_of(systemd, "RELOADING")
            after = time.monotonic_ns() // 1000
            assert before <= int(said["MONOTONIC_USEC"]) <= after
            next_of(systemd, "READY")
            assert (refused is not None) is text.startswith("surprise")
        process.send_signal(signal.SIGTERM)
        next_of(systemd, "STOPPING")
        said = next_of(systemd, "EXTEND_TIMEOUT_USEC")
        assert int(said["EXTEND_TIMEOUT_USEC"]) == 20_000_000
        assert process.wait(20) == 0
    assert waiting(systemd) == []


def test_the_watchdog_goes_hungry_while_nothing_ticks(systemd: socket.socket) -> None:
    fresh = True

    async def story() -> None:
        nonlocal fresh
        feeding = asyncio.create_task(feed_watchdog(lambda: fresh, every_s=0.02))
        await asyncio.sleep(0.2)
        fresh = False
        assert "WATCHDOG=1" in waiting(systemd)
        await asyncio.sleep(0.2)
        assert waiting(systemd) == []
        fresh = True
        await asyncio.sleep(0.2)
        feeding.cancel()

    asyncio.run(story())
    assert "WATCHDOG=1" in waiting(systemd)


def test_a_drain_asks_for_time_again_and_again_but_not_for_ever(
    systemd: socket.socket,
) -> None:
    asyncio.run(ask_for_time(0.5, extension_s=0.2))
    asked = [int(one.removeprefix("EXTEND_TIMEOUT_USEC=")) for one in waiting(systemd)]
    assert 3 <= len(asked) <= 6
    assert asked[0] == 200_000
    assert 0 < asked[-1] <= 200_000


def test_an_engine_whose_claims_hang_is_not_fresh(tmp_path: Path) -> None:
    """Ticks alone prove nothing: a sender that waits for ever looks as alive."""

    async def story() -> None:
        hang = threading.Event()
        with Store.open(tmp_path / "s.db") as store:
            async with ticking(store) as engine:
                await asyncio.sleep(2)
                assert engine.silent_s < 1.5
                stuck = asyncio.create_task(
                    asyncio.to_thread(store._db.on_writer, lambda _: hang.wait(30))
                )
                await asyncio.sleep(3.5)
                assert engine.silent_s > 2
                hang.set()
                await stuck
                await asyncio.sleep(1.5)
                assert engine.silent_s < 1.5

    asyncio.run(story())


def test_without_systemd_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert notify("READY=1") is False
    monkeypatch.setenv("NOTIFY_SOCKET", "/no/such/socket")
    assert notify("READY=1") is False


def test_an_abstract_socket_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(f"\0vedette-{id(sock)}")
        sock.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@vedette-{id(sock)}")
        assert notify("READY=1", "STATUS=well")
        assert sock.recv(99) == b"READY=1\nSTATUS=well"
