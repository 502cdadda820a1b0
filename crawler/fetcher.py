"""The one exit to the network: feeds, pages, sitemaps, articles and robots.txt.

A request goes: URL read strictly → robots.txt → the host's turn at the gate →
address guard while connecting → head → body in bounded steps; each redirect is a new
request through the same steps. Whatever goes wrong leaves as ``FetchError`` with its
reason, and every hop leaves a ``FetchRecord``.

Longer than other files on purpose: httpx is imported here and nowhere else on this
floor, so all that speaks of its types stands together.
"""

from __future__ import annotations

import errno
import logging
import resource
import ssl
from collections import OrderedDict
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import httpcore
import httpx

from crawler.address import AddressGuard, GuardedBackend
from crawler.answers import REDIRECTS, header_map, reason_of, redirect_of, retry_after
from crawler.body import read_bounded, steady_malloc
from crawler.clock import Clock, utc_now
from crawler.errors import FetchError
from crawler.gate import Gate
from crawler.journey import Answer, Journey, Traveller
from crawler.reasons import FetchReason
from crawler.request import (
    CAPS,
    FROWNED,
    OURS,
    VERSION,
    FetchRequest,
    FetchResponse,
    Purpose,
    user_agent,
    wire_headers,
)
from crawler.target import Target, parse_target
from crawler.tls import tls_cause, tls_context, trusting_context
from crawler.wire import FreshConnections

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.items import FetchRecord

__all__ = [
    "VERSION",
    "FetchRequest",
    "FetchResponse",
    "Fetcher",
    "Purpose",
    "guarded_transport",
    "tls_context",
    "user_agent",
]

_TIMEOUTS = {"connect": 10.0, "read": 15.0, "write": 15.0, "pool": None}
"""Seconds of one operation each; the deadline of the whole request is the gate's."""

_MAX_PROXIES = 8


class _PoolTransport(httpx.AsyncHTTPTransport):
    """httpx over a pool of our own making: the only way to bring the guard in."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool


def guarded_transport(
    guard: AddressGuard, *, tls: ssl.SSLContext, proxy: str | None = None
) -> httpx.AsyncBaseTransport:
    """A transport whose every connection passes the guard, the proxy's included.

    It keeps no idle connections (to 3,000 hosts they would cost more memory than all
    the rest), reads no environment and speaks HTTP/1.1 only. Failures to connect
    leave it as ``FetchError``, later ones as httpx's.

    Raises:
        FetchError: the proxy's URL is refused.
    """
    # Their debug lines print request headers, secrets included.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    backend = GuardedBackend(guard)
    if proxy is None:
        return _PoolTransport(FreshConnections(backend, tls))
    target = parse_target(proxy, credentials=True)
    guard.check_target(target)
    parts = urlsplit(proxy)
    auth = None
    if parts.username is not None:
        auth = (unquote(parts.username), unquote(parts.password or ""))
    return _PoolTransport(
        httpcore.AsyncHTTPProxy(
            proxy_url=target.origin,
            proxy_auth=auth,
            ssl_context=tls,
            proxy_ssl_context=tls if target.scheme == "https" else None,
            max_connections=None,  # the gate counts
            max_keepalive_connections=0,
            network_backend=backend,
        )
    )


class Fetcher:
    """Reads from the network, politely and within bounds; one per process."""

    def __init__(  # noqa: PLR0913 - each is a limit of its own
        self,
        *,
        user_agent: str,
        allow: tuple[str, ...] = (),
        clock: Clock = utc_now,
        min_gap_s: float = 2.0,
        deadline_s: float = 30.0,
        max_in_flight: int = 32,
        guard: AddressGuard | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Opens nothing before the first fetch.

        Args:
            user_agent: see the function of that name.
            allow: networks open to us beside the public internet.
            clock: for robots.txt, Retry-After and the records.
            min_gap_s: between two request starts to one host, plus up to 10 %.
            deadline_s: of one request with all its redirects, without the time it
                queues at the gate.
            max_in_flight: requests in their first second (older ones stand aside).
            guard: instead of one made from ``allow``.
            tls: instead of ``tls_context()``.
        """
        steady_malloc()
        self._user_agent = user_agent
        self._clock = clock
        self._deadline_s = deadline_s
        self._guard = guard or AddressGuard(allow)
        self._tls = tls
        # Half of the process's file descriptors stay free for everything else.
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        max_open = min(16 * max_in_flight, soft // 2 if soft > 0 else 512)
        self._gate = Gate(
            clock=clock,
            min_gap_s=min_gap_s,
            max_in_flight=min(max_in_flight, max_open),
            max_open=max_open,
        )
        self._traveller = Traveller(
            gate=self._gate,
            guard=self._guard,
            clock=clock,
            exchange=self._exchange,
        )
        self._transports: OrderedDict[str, httpx.AsyncBaseTransport] = OrderedDict()

    async def fetch(
        self, request: FetchRequest, *, log: list[FetchRecord] | None = None
    ) -> FetchResponse:
        """Read one thing, following at most 5 redirects.

        Args:
            request: what, and how.
            log: gets a row for every hop, also if the fetch is cancelled.

        Raises:
            FetchError: anything that is not a 2xx or a 304; ``records`` holds the
                hops made, ``retry_at`` the publisher's wish, which the gate keeps.
        """
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in OURS
        }
        journey = Journey(
            request=request,
            left_s=self._deadline_s,
            headers=headers,
            verify_tls=request.verify_tls,
        )
        try:
            return await self._traveller.travel(journey)
        except FetchError as error:
            error.records = tuple(journey.records)
            raise
        finally:
            if log is not None:
                log.extend(journey.records)

    def block(self, host: str, until: datetime) -> None:
        """Leave a host alone until then: a Retry-After kept from an earlier run."""
        self._gate.block(host.lower().removesuffix("."), until)

    async def aclose(self) -> None:
        """Close what is open; fetches under way fail."""
        while self._transports:
            _, transport = self._transports.popitem()
            await transport.aclose()

    async def _exchange(self, url: str, target: Target, journey: Journey) -> Answer:
        """One request and its answer; foreign errors end here."""
        try:
            if journey.request.proxy is not None:
                # The proxy dials, so the target is checked here as far as we can see.
                await self._check_by_name(target)
            transport = self._transport(
                journey.request.proxy, verify=journey.verify_tls
            )
            message = self._message(url, target, journey)
            response = await transport.handle_async_request(message)
            try:
                return await self._read(response, target, journey)
            finally:
                await response.aclose()
        except (httpx.LocalProtocolError, httpx.InvalidURL, UnicodeError):
            # Not chained: their messages quote the header or URL, secrets included.
            raise FetchError(
                FetchReason.BAD_URL, "the URL or a header of ours is not valid HTTP"
            ) from None
        except (httpx.HTTPError, OSError) as error:
            raise _translated(error, target.host) from error

    async def _read(
        self, response: httpx.Response, target: Target, journey: Journey
    ) -> Answer:
        status = journey.status = response.status_code
        headers = header_map(response.headers.raw)
        until = retry_after(headers.get("retry-after"), self._clock())
        if status in REDIRECTS and headers.get("location"):
            until = None  # it would refuse the very hop it asks for
        retry_at = self._gate.heed(target.host, status, until)
        if headers.get("cf-mitigated", "").strip().lower() == "challenge":
            raise FetchError(
                FetchReason.CHALLENGED,
                f"{target.host} asks who we are instead of answering",
                status=status,
                retry_at=retry_at,
            )
        if status == 304 and journey.conditional:
            return Answer(status, headers)
        location = redirect_of(status, headers)
        if location is not None:
            return Answer(status, headers, location=location)
        if not 200 <= status < 300:
            raise FetchError(
                reason_of(status), f"HTTP {status}", status=status, retry_at=retry_at
            )
        whole = journey.request.purpose is not Purpose.ROBOTS
        cap = CAPS[journey.request.purpose]
        length = headers.get("content-length", "")[:15]
        if whole and length.isdecimal() and int(length) > cap:
            raise FetchError(FetchReason.TOO_LARGE, f"{length} bytes", status=status)
        body = await read_bounded(
            response.aiter_raw(),
            headers.get("content-encoding"),
            cap,
            truncate=not whole,
            packed=journey.request.purpose is Purpose.SITEMAP,
        )
        return Answer(status, headers, body)

    def _message(self, url: str, target: Target, journey: Journey) -> httpx.Request:
        headers = wire_headers(
            journey.request,
            journey.headers,
            self._user_agent,
            conditional=journey.conditional,
        )
        names = {name.decode("ascii").lower() for name, _ in headers}
        journey.frowned = ",".join(sorted(names & FROWNED))
        where = httpx.URL(url)
        if where.host != target.host:  # dial what was checked, nothing else
            where = where.copy_with(host=target.host)
        return httpx.Request(
            "GET",
            where,
            headers=headers,
            extensions={"timeout": _TIMEOUTS},
        )

    def _transport(
        self, proxy: str | None, *, verify: bool
    ) -> httpx.AsyncBaseTransport:
        key = f"{proxy or ''} {verify}"
        if key in self._transports:
            self._transports.move_to_end(key)
            return self._transports[key]
        self._tls = self._tls or tls_context()
        tls = self._tls if verify else trusting_context()
        made = guarded_transport(self._guard, tls=tls, proxy=proxy)
        self._transports[key] = made
        if len(self._transports) > _MAX_PROXIES:
            self._transports.popitem(last=False)  # it holds no idle connections
        return made

    async def _check_by_name(self, target: Target) -> None:
        try:
            await self._guard.resolve(target.host, target.port)
        except FetchError as error:
            if error.reason is not FetchReason.NAME_NOT_FOUND:
                raise


def _translated(error: httpx.HTTPError | OSError, host: str) -> FetchError:
    """What went wrong after the connection stood, in our words."""
    if isinstance(error, OSError) and error.errno in {errno.EMFILE, errno.ENFILE}:
        # Ours, not the host's; an operator who reads it knows what to raise (A39).
        return FetchError(FetchReason.CONNECT_FAILED, "no file descriptors left here")
    if isinstance(error, httpx.TimeoutException):
        return FetchError(FetchReason.TIMEOUT, f"{host}: no answer in time")
    if isinstance(error, httpx.ConnectError | ssl.SSLError):
        # Failures to connect came as FetchError from the backend: this is TLS.
        return FetchError(FetchReason.TLS_FAILED, f"{host}: {tls_cause(error)}")
    if isinstance(error, httpx.ProxyError):
        return FetchError(FetchReason.CONNECT_FAILED, f"the proxy said {error}")
    if isinstance(error, httpx.RemoteProtocolError):
        return FetchError(FetchReason.PROTOCOL_ERROR, f"{host}: {str(error)[:200]}")
    return FetchError(FetchReason.PROTOCOL_ERROR, f"{host}: connection broken off")
