"""Alerts as signed HTTP requests (Standard Webhooks 1.0)."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpcore
import httpx

from alerts.channels.answers import refused, retry_after
from alerts.channels.detail import shown, url_secrets
from alerts.channels.doors import Inside
from alerts.channels.tls import tls_context
from alerts.errors import ChannelError
from alerts.model import Outcome, Receipt
from alerts.signing import signed_headers, signing_key
from crawler.address import AddressGuard, GuardedBackend
from crawler.errors import FetchError, SecretMissing
from crawler.secrets import reveal
from crawler.target import parse_target

if TYPE_CHECKING:
    from alerts.model import Channel, Delivery
    from crawler.clock import Clock

__all__ = ["WebhookSender", "open_sender", "retry_after", "signed_headers"]

# httpx logs every URL at INFO, and a webhook's URL is often its password.
logging.getLogger("httpx").setLevel(logging.WARNING)

_DEADLINE_S = 30.0
_REPLY_S = 2.0
"""How long a reply's body may take; its status has already decided."""
_REPLY_BYTES = 64 * 1024


class WebhookSender:
    """Posts the stored bytes; connections are kept between sends."""

    def __init__(
        self,
        channel: Channel,
        *,
        allow: tuple[str, ...],
        clock: Clock,
        deadline_s: float = _DEADLINE_S,
    ) -> None:
        self._channel = channel
        self._allow = allow
        self._clock = clock
        self._deadline_s = deadline_s
        self._tls: ssl.SSLContext | None = None
        self._clients: dict[str, httpx.AsyncClient] = {}

    async def send(self, delivery: Delivery) -> Receipt:
        """One POST within 30 s; redirects are not followed.

        2xx is DELIVERED, 410 GONE, every other status TEMPORARY with its
        Retry-After: Standard Webhooks retries until 2xx or the end of the schedule.
        A request whose body was written whole and got no status is AMBIGUOUS. A
        missing secret, or an address outside ``network.allow``, is PAUSED.
        """
        if delivery.payload is None:
            return Receipt(outcome=Outcome.PERMANENT, detail="nothing was rendered")
        try:
            url = reveal(self._channel.url or "")
            texts = [secret.read() for secret in self._channel.secrets]
            keys = [_key(text) for text in texts]
        except (SecretMissing, _BadSecret) as error:
            return Receipt(outcome=Outcome.PAUSED, detail=shown(str(error)))
        hidden = [*texts, *url_secrets(url)]
        headers = {
            "content-type": "application/json",
            "accept-encoding": "identity",
            "user-agent": "vedette",
            **signed_headers(delivery.id, self._clock(), delivery.payload, keys),
        }
        attempt = _Attempt(hidden=hidden, clock=self._clock)
        try:
            self._guard(url).check_url(url)
            async with asyncio.timeout(self._deadline_s):
                return await attempt.post(
                    self._client(url), url, headers, delivery.payload
                )
        except FetchError as error:
            return refused(error, hidden)
        except TimeoutError:
            return attempt.failed(f"no answer within {self._deadline_s:g} s")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return attempt.failed(f"{type(error).__name__}: {error}")

    async def probe(self) -> Receipt:
        """Connects, with TLS for https, and hangs up: no request is made."""
        try:
            url = reveal(self._channel.url or "")
            texts = [secret.read() for secret in self._channel.secrets]
            for text in texts:
                _key(text)
        except (SecretMissing, _BadSecret) as error:
            return Receipt(outcome=Outcome.PAUSED, detail=shown(str(error)))
        hidden = [*texts, *url_secrets(url)]
        try:
            async with asyncio.timeout(self._deadline_s):
                return await self._knock(url)
        except FetchError as error:
            return refused(error, hidden)
        except (
            TimeoutError,
            httpcore.NetworkError,
            httpcore.TimeoutException,
        ) as error:
            detail = shown(f"{type(error).__name__}: {error}", hidden)
            return Receipt(outcome=Outcome.TEMPORARY, detail=detail)

    async def aclose(self) -> None:
        """Close every kept connection."""
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.aclose()

    async def _knock(self, url: str) -> Receipt:
        guard, target = self._guard(url), parse_target(url)
        guard.check_target(target)
        backend = GuardedBackend(guard)
        stream = await backend.connect_tcp(target.host, target.port, timeout=10)
        try:
            if target.scheme == "https":
                stream = await stream.start_tls(
                    self._context(target.scheme),
                    server_hostname=target.host,
                    timeout=10,
                )
        finally:
            await stream.aclose()
        return Receipt(outcome=Outcome.DELIVERED, detail="connected")

    def _client(self, url: str) -> httpx.AsyncClient:
        scheme = urlsplit(url).scheme
        if scheme not in self._clients:
            self._clients[scheme] = httpx.AsyncClient(
                transport=_Transport(
                    GuardedBackend(self._guard(url)), self._context(scheme)
                ),
                follow_redirects=False,
                trust_env=False,
                timeout=httpx.Timeout(self._deadline_s, connect=10),
            )
        return self._clients[scheme]

    def _guard(self, url: str) -> AddressGuard:
        plain = urlsplit(url).scheme == "http"
        return (
            Inside(self._allow, loopback=False) if plain else AddressGuard(self._allow)
        )

    def _context(self, scheme: str) -> ssl.SSLContext:
        if scheme == "http":
            # Never used; without authorities, since loading those takes 30 ms.
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self._tls is None:
            self._tls = tls_context()
        return self._tls


class _BadSecret(Exception):  # noqa: N818 - reads as the fact it states
    """The secret is set but is not ``whsec_`` and base64."""


class _Transport(httpx.AsyncHTTPTransport):
    """httpx's transport, dialling through the address guard."""

    def __init__(self, backend: GuardedBackend, context: ssl.SSLContext) -> None:
        super().__init__(verify=context, trust_env=False)
        # httpx offers no parameter for the backend of its pool.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=8,
            keepalive_expiry=15,
            network_backend=backend,
        )


class _Attempt:
    """One request, and how far it got."""

    def __init__(self, *, hidden: list[str], clock: Clock) -> None:
        self._hidden = hidden
        self._clock = clock
        self._written = False

    async def post(
        self, client: httpx.AsyncClient, url: str, headers: dict[str, str], body: bytes
    ) -> Receipt:
        async with client.stream(
            "POST",
            url,
            headers=headers,
            content=body,
            extensions={"trace": self._trace},
        ) as response:
            excerpt = await _excerpt(response)
            return self._judge(response, excerpt)

    def failed(self, why: str) -> Receipt:
        outcome = Outcome.AMBIGUOUS if self._written else Outcome.TEMPORARY
        return Receipt(outcome=outcome, detail=shown(why, self._hidden))

    async def _trace(self, event: str, info: dict[str, Any]) -> None:  # noqa: ARG002
        if event == "http11.send_request_body.complete":
            self._written = True

    def _judge(self, response: httpx.Response, excerpt: str) -> Receipt:
        status = response.status_code
        detail = shown(f"HTTP {status} {excerpt}".strip(), self._hidden)
        if 200 <= status < 300:
            return Receipt(outcome=Outcome.DELIVERED, detail=detail)
        if status == 410:
            return Receipt(outcome=Outcome.GONE, detail=detail)
        if 300 <= status < 400:
            detail = f"HTTP {status}: redirects are not followed"
        return Receipt(
            outcome=Outcome.TEMPORARY,
            detail=detail,
            retry_after=retry_after(response.headers.get("retry-after"), self._clock()),
        )


def open_sender(
    channel: Channel, *, allow: tuple[str, ...], clock: Clock
) -> WebhookSender:
    """The webhook channel.

    Raises:
        ChannelError: no URL or no secret is named.
    """
    if not channel.url:
        raise ChannelError(("channels", channel.name, "url"), "a url is needed")
    if not channel.secrets:
        raise ChannelError(
            ("channels", channel.name, "secret"),
            "a secret is needed: receivers trust a message by its signature",
        )
    return WebhookSender(channel, allow=allow, clock=clock)


def _key(secret: str) -> bytes:
    try:
        return signing_key(secret)
    except ValueError as error:
        raise _BadSecret(str(error)) from error


async def _excerpt(response: httpx.Response) -> str:
    """The start of the reply's body; what goes wrong here changes no outcome."""
    data = b""
    try:
        async with asyncio.timeout(_REPLY_S):
            async for chunk in response.aiter_raw():
                data += chunk
                if len(data) >= _REPLY_BYTES:
                    break
    except (TimeoutError, httpx.HTTPError):
        pass
    if "content-encoding" in response.headers:
        return ""
    return data[:_REPLY_BYTES].decode("utf-8", "replace")[:2000]
