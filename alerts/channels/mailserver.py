"""Where mail is handed over: the server's URL, and the way to it."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from alerts.errors import ChannelError

if TYPE_CHECKING:
    from alerts.model import Channel
    from crawler.address import AddressGuard

_DIAL_S = 15.0
_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where mail is handed over; ``scheme`` says how it is protected."""

    scheme: str
    host: str
    port: int
    user: str | None


def read_server(channel: Channel) -> Server:
    """The parts of ``smtp://user@host:587``; ports default to 587, 465 and 25.

    Raises:
        ChannelError: it is not such a URL.
    """
    place = ("channels", channel.name, "server")
    try:
        parts = urlsplit(channel.server or "")
        port = parts.port
    except ValueError as error:
        raise ChannelError(place, "not a URL") from error
    if parts.scheme not in _PORTS:
        raise ChannelError(place, "smtp://, smtps:// or smtp+plain:// is needed")
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ChannelError(place, "a host and a port, and nothing after them")
    if parts.password is not None:
        raise ChannelError(place, "no password here: use `password: {env: …}`")
    return Server(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        user=unquote(parts.username) if parts.username else None,
    )


async def dial(guard: AddressGuard, server: Server) -> tuple[socket.socket, str]:
    """A connected socket, and the address it leads to, which the guard has seen.

    Raises:
        FetchError: the guard refuses the server, or its name is not known.
        OSError: no address of it answered within 15 s.
    """
    loop = asyncio.get_running_loop()
    failure: OSError | None = None
    for address in await guard.resolve(server.host, server.port):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        # The protocol is named because asyncio sets TCP_NODELAY only then; without
        # it every mail waits 40 ms for a delayed ACK.
        peer = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        peer.settimeout(0)
        try:
            async with asyncio.timeout(_DIAL_S):
                await loop.sock_connect(peer, (address, server.port))
        except OSError as error:  # a TimeoutError is one too
            peer.close()
            failure = error
        except asyncio.CancelledError:
            peer.close()
            raise
        else:
            return peer, address
    raise failure or OSError("no address")
