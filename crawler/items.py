"""The nouns of collecting: a source, its state, the items it yields, a harvest."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from crawler.habits import Habits
from crawler.reasons import DropReason, FetchReason, Freshness
from crawler.terms import Terms
from crawler.trail import Trail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.secrets import Secret

NAMESPACE = uuid.UUID("6f1d2f0e-5d0a-5b8e-9a6b-1f3c5a7e9b42")
"""Root of every deterministic id; changing it orphans every stored row."""


def stable_id(*parts: str) -> str:
    """A uuid5 over the parts, as text; the same parts always give the same id."""
    return str(uuid.uuid5(NAMESPACE, "\x1f".join(parts)))


class Kind(StrEnum):
    """What a source's URL answers with."""

    FEED = "feed"
    SITEMAP = "sitemap"
    LISTING = "listing"
    JSON = "json"


class ArticlePolicy(StrEnum):
    """Whether the page behind an entry's link is fetched."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingRules:
    """Selectors of a list page; CSS unless they start with ``xpath://``."""

    item: str
    link: str = "a::attr(href)"
    title: str | None = None
    date: str | None = None
    date_order: str | None = None
    date_formats: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    max_items: int = 50
    min_items: int = 1
    next: str | None = None
    max_pages: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonRules:
    """Where a JSON document lists its items; dotted paths (``crawler.jsonpaths``).

    ``items`` leads from the root, the others from one item; ``link`` may be an
    address with paths in braces; ``script`` names JSON inside a page.
    """

    items: str
    link: str = "url"
    title: str = "title"
    date: str | None = None
    text: str | None = None
    script: str | None = None
    date_order: str | None = None
    date_formats: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    max_items: int = 50
    min_items: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place that is watched, as the user declared it.

    ``every_min``/``every_max`` bound the adaptive interval; they are equal for a
    fixed one. ``headers`` values may be secrets, read at the moment of use.
    """

    name: str
    kind: Kind
    url: str
    language: str | None = None
    timezone: str = "UTC"
    every_min: timedelta = timedelta(minutes=10)
    every_max: timedelta = timedelta(minutes=60)
    priority: float = 1.0
    tags: tuple[str, ...] = ()
    owner: str | None = None
    country: str | None = None
    official: bool = False
    state_controlled: bool = False
    status: str = "active"
    why: str = ""
    article: ArticlePolicy = ArticlePolicy.AUTO
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    proxy: str | Secret | None = None
    obey_robots: bool = True
    verify_tls: bool = True
    listing: ListingRules | None = None
    json: JsonRules | None = None
    body: str | None = None
    min_items: int = 0

    @property
    def fixed(self) -> bool:
        """Whether the user asked for one fixed interval."""
        return self.every_min == self.every_max

    @property
    def enabled(self) -> bool:
        """Whether it is polled at all; dead ones stay listed with their reason."""
        return self.status != "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRecord:
    """One row of the request log: one hop of one request.

    ``at`` is aware UTC; ``ms`` covers the hop; ``bytes`` are decoded. ``sent`` and
    ``got`` name the validators that went with it and came back (see
    ``request.fingerprint``); ``frowned`` are headers of ``request.FROWNED`` sent.
    """

    source: str
    url: str
    at: datetime
    status: int | None
    reason: FetchReason
    bytes: int
    ms: int
    conditional: bool
    purpose: str = ""
    sent: str = ""
    got: str = ""
    frowned: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a parser read, before it belongs to a source: plain text, checked link.

    ``url`` is resolved but not canonical; ``guid`` is the raw text; ``published``
    is aware UTC or None; ``text`` is the longest body the entry carried.
    """

    url: str | None
    guid: str | None
    title: str
    summary: str
    text: str
    published: datetime | None
    published_raw: str
    language: str | None
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What was extracted from one HTML page; times aware UTC."""

    url: str | None
    title: str
    text: str
    summary: str
    published: datetime | None
    language: str | None
    authors: tuple[str, ...] = ()
    extractor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One news item as every later room sees it.

    ``url`` is the link as published (resolved only), ``canonical_url`` the key it
    is deduplicated by; times are aware UTC; ``catching_up`` marks items of a first
    poll or of one after a long outage, which never send more than one message a
    topic. ``extractor`` says who found the text on the article's page, "" that it is
    the source's own.
    """

    id: str
    source: str
    url: str | None
    canonical_url: str | None
    guid: str | None
    title: str
    text: str
    summary: str
    language: str | None
    authors: tuple[str, ...]
    published: datetime | None
    seen: datetime
    freshness: Freshness = Freshness.FRESH
    catching_up: bool = False
    extractor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What is remembered of a source between polls; all times aware UTC.

    ``adopted`` is the first time the daemon saw it in the config, ``succeeded`` the
    last poll that read it (304 counts), ``not_before`` the publisher's Retry-After.
    Validators are kept byte for byte and belong to ``url``, which is kept masked.
    ``arrivals`` is packed by ``crawler.arrivals``.
    """

    name: str
    url: str
    adopted: datetime
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    attempted: datetime | None = None
    succeeded: datetime | None = None
    first_succeeded: datetime | None = None
    due: datetime | None = None
    not_before: datetime | None = None
    interval: timedelta | None = None
    failures: int = 0
    state: str = "new"
    reason: FetchReason | None = None
    detail: str = ""
    yielded: int = 0
    arrivals: bytes = b""
    habits: Habits = field(default_factory=Habits)
    terms: Terms = field(default_factory=Terms)
    trail: Trail = field(default_factory=Trail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """One poll of one source: what came, what was dropped and why, the new state.

    Items are in the order of the source. ``reason`` is OK, NOT_MODIFIED or
    UNCHANGED for a success (also one with nothing new), anything else for a failure.
    """

    source: str
    at: datetime
    reason: FetchReason
    detail: str
    items: tuple[Item, ...]
    dropped: tuple[tuple[DropReason, int], ...]
    records: tuple[FetchRecord, ...]
    state: SourceState

    @property
    def ok(self) -> bool:
        """Whether the source could be read, be there news or not."""
        return self.reason in {
            FetchReason.OK,
            FetchReason.NOT_MODIFIED,
            FetchReason.UNCHANGED,
        }
