"""What is asked of the fetcher, and what it answers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from crawler.target import masked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.items import FetchRecord

VERSION = "0.1.0"
"""Of the product, as pyproject.toml has it; a test compares."""

_MIB = 1024 * 1024


class Purpose(StrEnum):
    """What a request is for; it decides the Accept header and the size cap."""

    FEED = "feed"
    PAGE = "page"
    SITEMAP = "sitemap"
    DATA = "data"
    ARTICLE = "article"
    ROBOTS = "robots"


CAPS: Mapping[Purpose, int] = {
    Purpose.FEED: 5 * _MIB,
    Purpose.PAGE: 10 * _MIB,
    Purpose.SITEMAP: 50 * _MIB,
    Purpose.DATA: 10 * _MIB,
    Purpose.ARTICLE: 10 * _MIB,
    Purpose.ROBOTS: _MIB // 2,
}
"""Most decoded bytes; a longer robots.txt is read up to its cap (RFC 9309 2.5).

A sitemap that is gzipped on the way stays so: its parser unpacks it."""

_HTML = "text/html, application/xhtml+xml, application/xml;q=0.8, */*;q=0.1"

ACCEPT: Mapping[Purpose, str] = {
    Purpose.FEED: (
        "application/atom+xml, application/rss+xml, application/feed+json, "
        "application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"
    ),
    Purpose.PAGE: _HTML,
    Purpose.SITEMAP: "application/xml, text/xml, */*;q=0.1",
    Purpose.DATA: "application/json, text/html;q=0.9, */*;q=0.1",
    Purpose.ARTICLE: _HTML,
    Purpose.ROBOTS: "text/plain, */*;q=0.1",
}
"""One fixed request shape per purpose: validators are bound to it."""

OURS = frozenset(
    {
        *("accept-encoding", "connection", "content-length", "expect", "host"),
        *("if-modified-since", "if-none-match", "keep-alive", "proxy-authorization"),
        *("range", "referer", "te", "trailer", "transfer-encoding", "upgrade"),
    }
)
"""Headers a source cannot set: they are the transport's, or impolite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """One thing to read.

    ``headers`` (revealed, not ``Secret``) go to the URL's own origin only; ``etag``
    and ``last_modified`` are sent back byte for byte, on the hop to ``validated``
    alone, the URL that gave them (None: the first); ``proxy`` is an http(s) URL,
    which may carry credentials. ``verify_tls`` off holds for the URL's own origin.
    """

    source: str
    url: str
    purpose: Purpose
    headers: Mapping[str, str] = field(default_factory=dict)
    proxy: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    validated: str | None = None
    obey_robots: bool = True
    verify_tls: bool = True

    def is_conditional(self, url: str) -> bool:
        """Whether validators go with the hop to ``url``: 304 is then a good answer."""
        if self.etag is None and self.last_modified is None:
            return False
        return masked(url) == masked(self.validated or self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResponse:
    """A good answer: ``status`` is 200..299, or 304 to a conditional request.

    ``url`` is the final one; header names are lower-case, values latin-1 text;
    ``body`` is decoded; ``moved_to`` is set when every hop said 301 or 308.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    etag: str | None
    last_modified: str | None
    moved_to: str | None
    records: tuple[FetchRecord, ...]


def user_agent(contact: str | None) -> str:
    """Our honest name, with the address of whoever runs this if they gave one."""
    if not contact:
        return f"vedette/{VERSION}"
    plain = "".join(c for c in contact if "!" <= c <= "~" and c not in '()\\";')
    return f"vedette/{VERSION} (+{plain}; feed fetcher)"


def shape(purpose: Purpose) -> str:
    """Names the request that validators answer: another Accept, another answer."""
    return fingerprint(ACCEPT[purpose], "gzip")


def fingerprint(*parts: str | None) -> str:
    """A short name of some texts; empty when none is given."""
    if not any(parts):
        return ""
    text = "\n".join(part or "" for part in parts)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


FROWNED = frozenset({"cache-control", "cookie", "pragma", "range", "referer"})
"""Headers by which a strict operator tells a rude client; sources may set some."""


def wire_headers(
    request: FetchRequest, own: Mapping[str, str], agent: str, *, conditional: bool
) -> list[tuple[bytes, bytes]]:
    """The headers of one hop, ``Host`` excepted; ``own`` are the source's and win.

    Raises:
        UnicodeError: a name is not ASCII or a value not latin-1.
    """
    headers = {
        "User-Agent": agent,
        "Accept": ACCEPT[request.purpose],
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    if conditional and request.etag is not None:
        headers["If-None-Match"] = request.etag
    if conditional and request.last_modified is not None:
        headers["If-Modified-Since"] = request.last_modified
    theirs = {name.lower() for name in own}
    pairs = [(n, v) for n, v in headers.items() if n.lower() not in theirs]
    pairs += own.items()
    return [(n.encode("ascii"), v.encode("latin-1")) for n, v in pairs]
