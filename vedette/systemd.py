"""Telling systemd how the daemon does, over its notify socket (sd_notify(3)).

Fifteen own lines: the package of that name on PyPI is from 2017.
"""

from __future__ import annotations

import os
import socket
import time


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
