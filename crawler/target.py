"""Where a URL leads, read strictly: one spelling, or none."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

import idna

from crawler.errors import FetchError
from crawler.reasons import FetchReason

# fmt: off
BAD_PORTS = frozenset((
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79,
    87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137,
    139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540,
    548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049,
    3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669,
    6679, 6697, 10080,
))
# fmt: on
"""Ports no web server uses: the list of the WHATWG Fetch standard, section 2.9
(6379, Redis, is added: it answers to HTTP)."""

_USUAL_PORT = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\Z")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)\Z")
_SECRET_KEY = re.compile(
    r"token|secret|passw|pwd|signature|credential"
    r"|(^|[-_.])(auth|authorization|pass|sig|session|sid|jwt)\Z|key\Z",
    re.IGNORECASE,
)
"""Names of query parameters whose values never enter a log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a URL leads: ``host`` is lower-case ASCII (IPv6 without brackets)."""

    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Scheme, host and (unless usual) port: the unit of same-origin rules."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        if self.port == _USUAL_PORT[self.scheme]:
            return f"{self.scheme}://{host}"
        return f"{self.scheme}://{host}:{self.port}"


def masked(url: str) -> str:
    """The URL fit for a log: no credentials, no secret-looking query values."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(unreadable URL)"
    netloc = parts.netloc
    if "@" in netloc:
        netloc = "***@" + netloc.rpartition("@")[2]
    query = parts.query
    try:
        pairs = parse_qsl(query, keep_blank_values=True)
    except ValueError:
        return parts._replace(netloc=netloc, query="***", fragment="").geturl()
    if any(_SECRET_KEY.search(key) for key, _ in pairs):
        query = urlencode(
            [(k, "***" if _SECRET_KEY.search(k) else v) for k, v in pairs], safe="*"
        )
    return parts._replace(netloc=netloc, query=query).geturl()


def parse_target(url: str, *, credentials: bool = False) -> Target:
    """Where a URL leads, if it is one that may be written in a config or a feed.

    Args:
        url: absolute; a fragment is ignored.
        credentials: whether ``user:password@`` is accepted (proxies only).

    Raises:
        FetchError: BAD_URL, BAD_SCHEME, BAD_PORT, or ADDRESS_REFUSED for spellings
            of an IPv4 address that only some programs read as one (127.1, 0x7f.1).
    """
    if any(c <= " " or c in "\\\x7f" for c in url):
        raise FetchError(FetchReason.BAD_URL, "blank, control or backslash in URL")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise FetchError(FetchReason.BAD_URL, "not a URL") from error
    scheme = parts.scheme.lower()
    if scheme not in {"http", "https"}:
        shown = scheme if scheme.isalnum() else "none"
        raise FetchError(FetchReason.BAD_SCHEME, f"{shown}, not http or https")
    if "@" in parts.netloc and not credentials:
        raise FetchError(
            FetchReason.BAD_URL, "credentials in the URL; use an Authorization header"
        )
    host = _plain_host(parts)
    if port is None:
        port = _USUAL_PORT[scheme]
    if port in BAD_PORTS:
        raise FetchError(FetchReason.BAD_PORT, f"port {port} is no web port")
    return Target(scheme=scheme, host=host, port=port)


def _plain_host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if "[" in parts.netloc:
        try:
            # A zone ("%eth0") names a link, never a place on the internet.
            return str(ipaddress.IPv6Address(host.replace("%", "?")))
        except ValueError as error:
            raise FetchError(FetchReason.BAD_URL, "not an IPv6 address") from error
    try:
        plain = (host if host.isascii() else _idna(host)).lower().removesuffix(".")
    except UnicodeError as error:
        raise FetchError(FetchReason.BAD_URL, "not a host name") from error
    if not _HOST.match(plain) or ".." in plain or len(plain) > 253:
        raise FetchError(FetchReason.BAD_URL, "not a host name")
    if _NUMBER.match(plain.rpartition(".")[2]):
        # WHATWG URL 3.5: a host that ends in a number is an IPv4 address or wrong.
        try:
            return str(ipaddress.IPv4Address(plain))
        except ValueError as error:
            raise FetchError(
                FetchReason.ADDRESS_REFUSED, "odd spelling of an IPv4 address"
            ) from error
    return plain


def _idna(host: str) -> str:
    return idna.encode(host, uts46=True, transitional=False).decode("ascii")
