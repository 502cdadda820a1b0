"""The one door through which Apprise reaches the network: our guard, our limits.

Apprise posts through requests, which makes an adapter for every session; ``watched``
puts ours in its place. Only the process that posts to chats imports this module.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests
import requests.adapters
import requests.sessions
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError

from alerts.channels.doors import Inside
from alerts.channels.tls import tls_context
from crawler.address import AddressGuard
from crawler.errors import FetchError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

_EXCERPT_S = 2.0
_EXCERPT_BYTES = 64 * 1024


@dataclass(slots=True, kw_only=True)
class Journal:
    """How far the last request came. ``knock`` is for connecting and no more."""

    allow: tuple[str, ...]
    knock: bool = False
    reached: bool = False
    written: bool = False
    refused: FetchError | None = None
    failure: str = ""
    status: int | None = None
    retry_after: str | None = None
    excerpt: str = ""


@contextlib.contextmanager
def watched(journal: Journal) -> Iterator[None]:
    """While it holds, every session of requests goes through the door."""
    names = vars(requests.sessions)
    usual = names["HTTPAdapter"]
    names["HTTPAdapter"] = functools.partial(
        _Door, journal=journal, context=tls_context()
    )
    try:
        yield
    finally:
        names["HTTPAdapter"] = usual


class _Door(requests.adapters.HTTPAdapter):
    """Connects through the guard, reads a bounded reply, keeps the journal."""

    def __init__(self, *, journal: Journal, context: ssl.SSLContext) -> None:
        self._journal = journal
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As requests makes it, with connections of ours."""
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        plain, secret = HTTPConnectionPool, HTTPSConnectionPool
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool(plain, _Plain, self._journal),
            "https": _pool(secret, _Secret, self._journal),
        }

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """One request; its answer's body is at most 64 KiB and two seconds long."""
        journal = self._journal
        journal.status, journal.written = None, False
        request.headers["Accept-Encoding"] = "identity"
        try:
            _guard(request.url, journal).check_url(request.url)
        except FetchError as error:
            journal.refused = error
            raise requests.ConnectionError(str(error)) from error
        try:
            response = super().send(request, *args, **kwargs)
        except requests.RequestException as error:
            journal.failure = f"{type(error).__name__}: {error}"
            raise
        journal.status = response.status_code
        journal.retry_after = response.headers.get("retry-after")
        # What requests' own `content` would hold, had it read without bound.
        response._content = _excerpt(response)  # noqa: SLF001
        response._content_consumed = True  # noqa: SLF001
        journal.excerpt = response._content[:500].decode("utf-8", "replace")  # noqa: SLF001
        return response


class _Guarded:
    """What both kinds of connection do differently from urllib3's."""

    journal: Journal
    host: str
    port: int
    timeout: Any

    def _new_conn(self) -> socket.socket:
        journal = self.journal
        scheme = "https" if isinstance(self, HTTPSConnection) else "http"
        guard = _guard(f"{scheme}://", journal)
        try:
            found = asyncio.run(guard.resolve(self.host, self.port))
        except FetchError as error:
            journal.refused = error
            raise NewConnectionError(self, str(error)) from error  # type: ignore[arg-type]
        for address in found[:2]:
            with contextlib.suppress(OSError):
                return socket.create_connection((address, self.port), self.timeout)
        raise NewConnectionError(self, "nobody answers")  # type: ignore[arg-type]

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Write the request; from its end on, silence is ambiguous."""
        if self.journal.knock:
            if getattr(self, "sock", None) is None:
                self.connect()  # type: ignore[attr-defined]
            self.journal.reached = True
            raise NewConnectionError(self, "only knocked")  # type: ignore[arg-type]
        super().request(*args, **kwargs)  # type: ignore[misc]
        self.journal.written = True


class _Plain(_Guarded, HTTPConnection):
    """A connection in the open."""


class _Secret(_Guarded, HTTPSConnection):
    """A connection under TLS."""


def _pool(pool: type, connection: type, journal: Journal) -> type:
    own = type(connection.__name__, (connection,), {"journal": journal})
    return type(pool.__name__, (pool,), {"ConnectionCls": own})


def _guard(url: str, journal: Journal) -> AddressGuard:
    if url.startswith("http://"):
        return Inside(journal.allow, loopback=False)
    return AddressGuard(journal.allow)


def _excerpt(response: Any) -> bytes:
    """The start of the body; what goes wrong here changes no outcome."""
    data, until = b"", time.monotonic() + _EXCERPT_S
    with contextlib.suppress(HTTPError, OSError, ValueError):
        while len(data) < _EXCERPT_BYTES and time.monotonic() < until:
            chunk = response.raw.read1(4096, decode_content=False)
            if not chunk:
                break
            data += chunk
    response.raw.close()
    return b"" if "content-encoding" in response.headers else data[:_EXCERPT_BYTES]
