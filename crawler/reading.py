"""From a declared source to its parsed entries: the request, then the reading.

Shared by the collector and the spiders, so that a page is asked for and parsed the
same way in the daemon and under `scrapy crawl`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.errors import ParseError
from crawler.fetcher import FetchRequest, Purpose
from crawler.items import FetchReason, Kind
from crawler.secrets import reveal

if TYPE_CHECKING:
    from crawler.fetcher import FetchResponse
    from crawler.items import Entry, FetchRecord, Source, SourceState
    from crawler.pool import ParserPool

PURPOSE = {
    Kind.FEED: Purpose.FEED,
    Kind.JSON: Purpose.FEED,
    Kind.LISTING: Purpose.PAGE,
    Kind.SITEMAP: Purpose.SITEMAP,
}

CHILDREN = 5
"""Most files of a sitemap index read in one poll, the newest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One page to read for one poll.

    ``body_hash`` is the hash of the body parsed last; the same one is not parsed
    again.
    """

    source: Source
    request: FetchRequest
    body_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a poll's requests brought.

    ``entries`` is None when there was nothing to parse (304, or the same body).
    ``lasting`` is false for a sitemap index: its body may stay while the files it
    names change, so its validators and hash must not be kept. ``children`` are the
    files of an index still to be read, newest first.
    """

    response: FetchResponse
    body_hash: str | None
    entries: tuple[Entry, ...] | None
    lasting: bool = True
    children: tuple[str, ...] = ()
    records: tuple[FetchRecord, ...] = ()


def opening_request(source: Source, state: SourceState | None = None) -> FetchRequest:
    """The request of a poll, conditional if the state holds validators.

    Raises:
        SecretMissing: a header or the proxy names a secret that is not set.
    """
    return FetchRequest(
        source=source.name,
        url=source.url,
        purpose=PURPOSE[source.kind],
        headers={name: reveal(value) for name, value in source.headers.items()},
        proxy=None if source.proxy is None else reveal(source.proxy),
        etag=state.etag if state else None,
        last_modified=state.last_modified if state else None,
        # A list page is our choice of page, a feed is offered to be read: only
        # for the latter may the user waive robots.txt (CRAWLING 4.3, 19).
        obey_robots=source.obey_robots or PURPOSE[source.kind] is not Purpose.FEED,
    )


def onward_request(opening: FetchRequest, url: str, purpose: Purpose) -> FetchRequest:
    """A further request for the same source, by the same proxy.

    The configured headers (cookies, tokens) go only to the source's own host, and
    never from https down to http.
    """
    return FetchRequest(
        source=opening.source,
        url=url,
        purpose=purpose,
        headers=opening.headers if _same_house(opening.url, url) else {},
        proxy=opening.proxy,
    )


async def read_response(
    errand: Errand, response: FetchResponse, pool: ParserPool
) -> Reading:
    """Parse what came, in a worker, unless it is what came last time.

    Raises:
        ParseError: the body is not what the source's kind promises.
    """
    records = response.records
    if response.status == 304:
        return Reading(response=response, body_hash=None, entries=None, records=records)
    # Other selectors read the same page anew.
    seed = repr(errand.source.listing).encode()
    hashed = hashlib.sha256(response.body)  # not of a sum: that copies 10 MiB
    hashed.update(seed)
    digest = hashed.hexdigest()
    if digest == errand.body_hash:
        return Reading(
            response=response, body_hash=digest, entries=None, records=records
        )
    source = errand.source
    where = {
        "url": response.url,
        "content_type": response.headers.get("content-type"),
        "timezone": source.timezone,
        "language": source.language,
    }
    children: tuple[str, ...] = ()
    entries: tuple[Entry, ...]
    match source.kind:
        case Kind.FEED | Kind.JSON:
            entries = await pool.run("feed", response.body, **where)
        case Kind.LISTING:
            entries = await pool.run(
                "listing", response.body, rules=source.listing, **where
            )
        case Kind.SITEMAP:
            sitemap = await pool.run("sitemap", response.body, **where)
            entries, children = sitemap.entries, sitemap.children
    if not children:
        check_yield(source, entries)
    return Reading(
        response=response,
        body_hash=digest,
        entries=entries,
        lasting=not children,
        children=children[:CHILDREN],
        records=records,
    )


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
