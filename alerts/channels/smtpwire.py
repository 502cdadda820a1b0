"""A mail as it goes over the wire, and how a conversation ends."""

from __future__ import annotations

import asyncio

import aiosmtplib

QUIT_S = 5.0
"""Seconds that a server's goodbye is waited for."""


def dotted(payload: bytes) -> bytes:
    """The payload as DATA carries it: CRLF ends, dots doubled, the final dot."""
    lines = payload.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    stuffed = (b"." + line if line.startswith(b".") else line for line in lines)
    return b"".join(line + b"\r\n" for line in stuffed) + b".\r\n"


async def goodbye(client: aiosmtplib.SMTP) -> None:
    """QUIT, as courtesy asks; the message is already theirs."""
    transport = client.transport
    try:
        await client.quit(timeout=QUIT_S)
    except (aiosmtplib.SMTPException, OSError):
        pass
    finally:
        _abort(transport)
        client.close()


def hang_up(client: aiosmtplib.SMTP) -> None:
    """Close at once, without TLS's own goodbye, which a stalled peer never answers."""
    transport = client.transport
    client.close()
    _abort(transport)


def _abort(transport: asyncio.BaseTransport | None) -> None:
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
