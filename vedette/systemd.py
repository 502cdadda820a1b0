"""Telling systemd how the daemon does, over its notify socket (sd_notify(3)).

A few own lines: the package of that name on PyPI is from 2017.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

WATCHDOG_S = 10.0
EXTENSION_S = 20.0
""""Give me so much longer", asked again at half the time."""


def notify(*states: str) -> bool:
    """Send states such as ``READY=1``; False where no one listens.

    RELOADING=1 is completed with MONOTONIC_USEC, which systemd 253 and newer ask for.
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    if "RELOADING=1" in states:
        states = (*states, f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
    if address.startswith("@"):
        address = "\0" + address[1:]
    kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC
    try:
        # Inside the try: out of descriptors the socket itself cannot be made.
        with socket.socket(socket.AF_UNIX, kind) as sock:
            sock.sendto("\n".join(states).encode(), address)
    except OSError:
        return False
    return True


async def feed_watchdog(
    is_fresh: Callable[[], bool], *, every_s: float = WATCHDOG_S
) -> None:
    """Say WATCHDOG=1 for as long as this task lives and the work is fresh."""
    while True:
        if is_fresh():
            notify("WATCHDOG=1")
        await asyncio.sleep(every_s)


async def ask_for_time(most_s: float, *, extension_s: float = EXTENSION_S) -> None:
    """Put off the end of a stop that is under way, by at most ``most_s`` from now.

    Where systemd would end us sooner, for a short TimeoutStopSec; it never shortens.
    """
    end = time.monotonic() + most_s
    while (left := end - time.monotonic()) > 0:
        wanted = min(left, extension_s)
        notify(f"EXTEND_TIMEOUT_USEC={int(wanted * 1_000_000)}")
        await asyncio.sleep(extension_s / 2)
