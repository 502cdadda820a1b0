"""From a declared source to its parsed entries: the request, then the reading.

Shared by the collector and the spiders, so that a page is asked for and parsed the
same way in the daemon and under `scrapy crawl`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.errors import ParseError
from crawler.fetcher import FetchRequest, Purpose
from crawler.items import Kind
from crawler.reasons import FetchReason
from crawler.request import shape
from crawler.secrets import reveal
from crawler.trail import Page, doubts

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.fetcher import FetchResponse
    from crawler.items import Entry, FetchRecord, Source, SourceState
    from crawler.pool import ParserPool

PURPOSE = {
    Kind.FEED: Purpose.FEED,
    Kind.JSON: Purpose.DATA,
    Kind.LISTING: Purpose.PAGE,
    Kind.SITEMAP: Purpose.SITEMAP,
}

CHILDREN = 5
"""Most files of a sitemap index read in one poll, the newest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One page to read for one poll.

    ``body_hash`` is that of the rules and the body parsed last; the same one is not
    parsed again. ``pages`` are the files of a sitemap index as they were read last,
    ``log`` gets the request rows of spiders as they come.
    """

    source: Source
    request: FetchRequest
    body_hash: str | None = None
    pages: tuple[Page, ...] = ()
    log: list[FetchRecord] = field(default_factory=list, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a poll's requests brought.

    ``entries`` is None when there was nothing to parse (304, or the same body).
    ``children`` are the files of an index still to be read, newest first; they are
    read also when the index is the same, which says nothing of its files. ``pages``
    are those files as read now. ``next`` is the page on which a list goes on.
    """

    response: FetchResponse
    body_hash: str | None
    entries: tuple[Entry, ...] | None
    children: tuple[str, ...] = ()
    next: str | None = None
    pages: tuple[Page, ...] = ()
    records: tuple[FetchRecord, ...] = ()


def opening_request(
    source: Source, state: SourceState | None = None, *, now: datetime | None = None
) -> FetchRequest:
    """The request of a poll, conditional if the state holds validators.

    They are left out where they proved wrong, were given for another shape of
    request or other selectors, or are doubted at ``now`` (``trail.doubts``). A source
    that moved for good is asked where it went, without the headers given for its old
    origin.

    Raises:
        SecretMissing: a header or the proxy names a secret that is not set.
    """
    url = (state.trail.settled if state else None) or source.url
    headers = source.headers if _same_house(source.url, url) else {}
    trusted = state if state and _trusts(source, state, now) else None
    return FetchRequest(
        source=source.name,
        url=url,
        purpose=PURPOSE[source.kind],
        headers={name: reveal(value) for name, value in headers.items()},
        proxy=None if source.proxy is None else reveal(source.proxy),
        etag=trusted.etag if trusted else None,
        last_modified=trusted.last_modified if trusted else None,
        validated=trusted.trail.validated if trusted else None,
        # A list page is our choice of page, a feed is offered to be read: only
        # for the latter may the user waive robots.txt (CRAWLING 4.3, 19).
        obey_robots=source.obey_robots or PURPOSE[source.kind] is not Purpose.FEED,
        verify_tls=source.verify_tls or not _same_house(source.url, url),
    )


def known_pages(
    source: Source, state: SourceState, *, now: datetime
) -> tuple[Page, ...]:
    """The files of a sitemap index, with their validators unless those are doubted."""
    if _trusts(source, state, now):
        return state.trail.pages
    return tuple(
        Page(url=page.url, body_hash=page.body_hash) for page in state.trail.pages
    )


def _trusts(source: Source, state: SourceState, now: datetime | None) -> bool:
    trail = state.trail
    if trail.distrusted or trail.shape not in {"", shape(PURPOSE[source.kind])}:
        return False
    if rules_changed(source, state.body_hash):
        return False
    return now is None or not doubts(trail, rate=state.habits.rate(now), now=now)


def onward_request(
    opening: FetchRequest, url: str, purpose: Purpose, *, page: Page | None = None
) -> FetchRequest:
    """A further request for the same source, by the same proxy.

    Conditional if ``page`` says what was read at that URL before.

    The configured headers (cookies, tokens) go only to the source's own host, and
    never from https down to http.
    """
    return FetchRequest(
        source=opening.source,
        url=url,
        purpose=purpose,
        headers=opening.headers if _same_house(opening.url, url) else {},
        proxy=opening.proxy,
        verify_tls=opening.verify_tls or not _same_house(opening.url, url),
        etag=page.etag if page else None,
        last_modified=page.last_modified if page else None,
    )


async def read_response(
    errand: Errand, response: FetchResponse, pool: ParserPool
) -> Reading:
    """Parse what came, in a worker, unless it is what came last time.

    Raises:
        ParseError: the body is not what the source's kind promises.
    """
    records = response.records
    again = tuple(page.url for page in errand.pages)
    if response.status == 304:
        return Reading(
            response=response,
            body_hash=errand.body_hash,
            entries=None,
            children=again,
            records=records,
        )
    # Other selectors read the same page anew.
    body = hashlib.sha256(response.body).hexdigest()
    digest = f"{_rules_key(errand.source)}:{body}"
    if digest == errand.body_hash:
        return Reading(
            response=response,
            body_hash=digest,
            entries=None,
            children=again,
            records=records,
        )
    source = errand.source
    found = await read_body(
        pool,
        source,
        response.body,
        url=response.url,
        content_type=response.headers.get("content-type"),
    )
    if not found.children and not found.next:
        check_yield(source, found.entries)
    return Reading(
        response=response,
        body_hash=digest,
        entries=found.entries,
        children=found.children[:CHILDREN],
        next=found.next,
        records=records,
    )


def rules_changed(source: Source, body_hash: str | None) -> bool:
    """Whether a list was read by other rules when it had this hash."""
    key, _, body = (body_hash or "").partition(":")
    return bool(body) and key != _rules_key(source)


def _rules_key(source: Source) -> str:
    rules = repr(source.listing or source.json).encode()
    return hashlib.sha256(rules).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one body held; ``children`` and ``next`` as in ``Reading``."""

    entries: tuple[Entry, ...]
    children: tuple[str, ...] = ()
    next: str | None = None


async def read_body(
    pool: ParserPool,
    source: Source,
    body: bytes,
    *,
    url: str,
    content_type: str | None,
) -> Found:
    """Parse one body in a worker, as the source's kind asks.

    Raises:
        ParseError: the body is not what the source's kind promises.
    """
    where = {
        "url": url,
        "content_type": content_type,
        "timezone": source.timezone,
        "language": source.language,
    }
    match source.kind:
        case Kind.FEED:
            return Found(entries=await pool.run("feed", body, **where))
        case Kind.JSON:
            run = pool.run("json", body, rules=source.json, **where)
            return Found(entries=await run)
        case Kind.LISTING:
            page = await pool.run("listing", body, rules=source.listing, **where)
            return Found(entries=page.entries, next=page.next)
        case Kind.SITEMAP:
            sitemap = await pool.run("sitemap", body, **where)
            return Found(entries=sitemap.entries, children=sitemap.children)


def check_yield(source: Source, entries: tuple[Entry, ...]) -> None:
    """Fewer entries than the source promises is an error, not silence.

    Raises:
        ParseError: TOO_FEW_ITEMS.
    """
    if len(entries) < source.min_items:
        raise ParseError(
            FetchReason.TOO_FEW_ITEMS,
            f"{len(entries)} entries of at least {source.min_items}",
        )


def _same_house(home: str, url: str) -> bool:
    here, there = urlsplit(home), urlsplit(url)
    if here.hostname != there.hostname:
        return False
    if here.scheme == there.scheme:
        return here.port == there.port
    return there.scheme == "https" and here.port is None and there.port is None
