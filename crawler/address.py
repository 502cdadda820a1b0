"""Which addresses may be spoken to: the guard at the door of every request.

A URL is checked twice: its text (scheme, port, credentials, odd spellings of an
address) by ``check_url``, and, at the moment of connecting, every address its host
resolves to. ``GuardedBackend`` dials the very address that was checked, so a name
that changes its mind between the two (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import threading
from collections.abc import Callable, Iterable, Sequence

import httpcore

from crawler.errors import FetchError
from crawler.reasons import FetchReason
from crawler.target import Target, parse_target
from crawler.wire import dial

_V4_REFUSED = tuple(
    ipaddress.IPv4Network(text)
    # is_global of Python 3.11 calls these public: multicast, 6to4 relays, IETF.
    for text in ("224.0.0.0/4", "240.0.0.0/4", "192.88.99.0/24", "192.0.0.0/24")
)
_V6_PUBLIC = ipaddress.IPv6Network("2000::/3")
_V6_REFUSED = tuple(
    ipaddress.IPv6Network(text)
    # Inside 2000::/3 but not the internet: Teredo and other protocol assignments,
    # documentation (two blocks), 6to4 (carries an IPv4 address of any kind).
    for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)

_LOOKUP_S = 5.0
"""A resolver that has not answered by then is down; the poll has better uses."""

_MAX_LOOKUPS = 64
"""Lookups at once; each is a thread, and a stalled one cannot be cancelled."""

_MAX_DIALS = 4
"""Addresses of one name that are tried in turn."""

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str, int], Sequence[str]]
"""Blocking: the addresses of a host, best first; raises ``OSError``."""


def system_lookup(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver (hosts file and DNS)."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class AddressGuard:
    """Decides which addresses may be dialled: the public internet, plus ``allow``."""

    def __init__(
        self, allow: tuple[str, ...] = (), *, lookup: Lookup = system_lookup
    ) -> None:
        """``allow`` holds networks or addresses ("127.0.0.0/8"); else ValueError."""
        self._allow = tuple(ipaddress.ip_network(text, strict=False) for text in allow)
        self._lookup = lookup
        self._lookups = asyncio.Semaphore(_MAX_LOOKUPS)

    def check_url(self, url: str) -> None:
        """Refuse a URL by its text alone, a literal address included.

        Raises:
            FetchError: as ``parse_target``, or ADDRESS_REFUSED.
        """
        self.check_target(parse_target(url))

    def check_target(self, target: Target) -> None:
        """Refuse a literal address that is not public; names pass (see resolve)."""
        address = _literal(target.host)
        if address is not None:
            self._check(address)

    def permits(self, address: IPAddress) -> bool:
        """Whether the address is public or in an allowed network."""
        if any(
            address.version == network.version and address in network
            for network in self._allow
        ):
            return True
        if isinstance(address, ipaddress.IPv4Address):
            return address.is_global and not any(address in n for n in _V4_REFUSED)
        # Everything that embeds an IPv4 address (mapped, NAT64, compatible, 6to4)
        # lies outside 2000::/3 or in the list.
        return (
            address in _V6_PUBLIC
            and address.is_global
            and not any(address in n for n in _V6_REFUSED)
        )

    async def resolve(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses of a host, all of them checked, best first.

        One refused address refuses the host: a name that is half public is a trick.

        Raises:
            FetchError: NAME_NOT_FOUND (also when DNS does not answer within 5 s) or
                ADDRESS_REFUSED.
        """
        literal = _literal(host)
        if literal is not None:
            self._check(literal)
            return (str(literal),)
        try:
            async with asyncio.timeout(_LOOKUP_S), self._lookups:
                found = await _in_thread(self._lookup, host, port)
        except TimeoutError as error:
            raise FetchError(
                FetchReason.NAME_NOT_FOUND, f"no answer from DNS for {host}"
            ) from error
        except (OSError, UnicodeError) as error:
            raise FetchError(
                FetchReason.NAME_NOT_FOUND, f"{host} has no address"
            ) from error
        addresses = tuple(dict.fromkeys(found))
        if not addresses:
            raise FetchError(FetchReason.NAME_NOT_FOUND, f"{host} has no address")
        for text in addresses:
            address = _literal(text.partition("%")[0])
            if address is None or "%" in text:
                raise FetchError(FetchReason.ADDRESS_REFUSED, f"{host}: odd address")
            self._check(address, name=host)
        return addresses

    def _check(self, address: IPAddress, *, name: str | None = None) -> None:
        if not self.permits(address):
            place = f"{name} is {address}" if name else str(address)
            raise FetchError(
                FetchReason.ADDRESS_REFUSED, f"{place}, neither public nor allowed"
            )


def _literal(host: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


async def _in_thread(lookup: Lookup, host: str, port: int) -> Sequence[str]:
    # Daemon threads, not an executor: a resolver that hangs must neither hold up
    # the interpreter's exit nor the lookups of other names.
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Sequence[str]] = loop.create_future()

    def settle(found: Sequence[str] | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(found or ())

    def work() -> None:
        found: Sequence[str] | None = None
        problem: BaseException | None = None
        try:
            found = lookup(host, port)
        except (OSError, UnicodeError) as error:
            problem = error
        try:
            loop.call_soon_threadsafe(settle, found, problem)
        except RuntimeError:
            return  # the loop is closed: nobody waits any more

    threading.Thread(target=work, name="lookup", daemon=True).start()
    return await future


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to checked addresses only; raises ``FetchError``, not httpcore's.

    What fails after the connection stands (TLS, reading) stays httpcore's.
    """

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check every address, dial them in turn within ``timeout``.

        Raises:
            FetchError: as ``AddressGuard.resolve``, CONNECT_FAILED or TIMEOUT.
        """
        addresses = (await self._guard.resolve(host, port))[:_MAX_DIALS]
        failure: Exception | None = None
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                # An equal share each, so a dead IPv6 route leaves time for IPv4.
                return await dial(
                    address, port, timeout=None if timeout is None else timeout / left
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                if timeout is not None and isinstance(error, httpcore.ConnectTimeout):
                    timeout -= timeout / left
        if isinstance(failure, httpcore.ConnectTimeout):
            raise FetchError(
                FetchReason.TIMEOUT, f"no connection to {host}:{port}"
            ) from failure
        raise FetchError(
            FetchReason.CONNECT_FAILED, f"{host}:{port}: {_cause(failure)}"
        ) from failure

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ASYNC109, ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Never: no URL leads to a local socket."""
        raise FetchError(FetchReason.ADDRESS_REFUSED, "local sockets are refused")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


def _cause(error: BaseException | None) -> str:
    # httpcore's errors stand above those of the system.
    while error is not None:
        if isinstance(error, OSError) and error.errno:
            return os.strerror(error.errno).lower()
        error = error.__cause__
    return "no connection"
