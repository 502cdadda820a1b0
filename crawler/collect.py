"""One poll of one source: fetch, parse, normalise; items and the new state.

    conditional request -> reading (parsed in a worker) -> items -> articles

Nothing is stored here and nothing raised: a poll that fails is a harvest with its
reason. Items and state are meant to be committed together.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crawler.arrivals import note
from crawler.behind import ArticleReader
from crawler.clock import utc_now
from crawler.errors import FetchError, ParseError, SecretMissing
from crawler.flood import dammed, is_flood
from crawler.itemise import itemise
from crawler.items import Harvest, Kind, SourceState
from crawler.pace import USUAL
from crawler.reading import (
    Errand,
    Reading,
    known_pages,
    opening_request,
    read_response,
    rules_changed,
)
from crawler.reasons import FetchReason
from crawler.revisit import revisit
from crawler.schedule import next_due
from crawler.standing import current, failed, moved_note, read_well
from crawler.target import masked
from crawler.visits import Sight, Visit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from crawler.clock import Clock
    from crawler.crawl import Scraper
    from crawler.fetcher import Fetcher, FetchRequest
    from crawler.items import FetchRecord, Item, Source
    from crawler.pool import ParserPool
    from crawler.reasons import DropReason
    from crawler.visits import Page

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class _Poll:
    """One poll under way: what it was given, and what piles up on the way."""

    source: Source
    before: SourceState
    known: Callable[[Sequence[str]], frozenset[str]]
    at: datetime
    pace: float
    records: list[FetchRecord] = field(default_factory=list)
    dropped: Counter[DropReason] = field(default_factory=Counter)
    arrivals: bytes | None = None


class Collector:
    """Polls sources, any number at once, through one Fetcher and one parser pool.

    It borrows the Fetcher, the pool and the Scraper and closes none of them.
    """

    def __init__(
        self,
        *,
        fetcher: Fetcher,
        pool: ParserPool,
        scraper: Scraper | None,
        clock: Clock = utc_now,
    ) -> None:
        self._fetcher = fetcher
        self._pool = pool
        self._scraper = scraper
        self._clock = clock
        self._articles = ArticleReader(fetcher=fetcher, pool=pool, clock=clock)

    async def collect(
        self,
        source: Source,
        state: SourceState,
        *,
        known: Callable[[Sequence[str]], frozenset[str]],
        pace: float = USUAL,
    ) -> Harvest:
        """Poll a source once.

        Args:
            source: as declared.
            state: what the last poll left; one of another URL is taken as new.
            known: which of these item ids are stored already; such items come back
                too, stay as they are stored, and cost no article fetch.
            pace: the polling budget's, see ``pace.level``.

        Returns:
            The harvest; its state holds the next due time. Never raises, but for
            ``asyncio.CancelledError``.
        """
        now = self._clock()
        poll = _Poll(
            source=source,
            before=current(source, state, now),
            known=known,
            at=now,
            pace=pace,
        )
        try:
            return await self._collect(poll)
        except FetchError as error:
            poll.records.extend(error.records)
            return self._failure(
                poll, error.reason, error.detail, retry_at=error.retry_at
            )
        except ParseError as error:
            poll.records.extend(error.records)
            return self._failure(poll, error.reason, error.detail)
        except SecretMissing as error:
            return self._failure(poll, FetchReason.SECRET_MISSING, str(error))
        except Exception as error:
            log.exception("A poll broke", extra={"source": source.name})
            return self._failure(poll, FetchReason.INTERNAL, type(error).__name__)

    async def revisit(self, source: Source, page: Page) -> Visit:
        """Look at the page of an item again.

        The first look takes what the poll that brought the item read of its page,
        if this process did so not long ago; every other one is a request.

        Returns:
            What it showed. Never raises, but for ``asyncio.CancelledError``.
        """
        kept = self._articles.take(page.item_id)
        if kept is not None and page.is_first:
            return kept
        try:
            return await revisit(source, page, fetcher=self._fetcher, pool=self._pool)
        except Exception as error:
            log.exception("A look at a page broke", extra={"url": masked(page.url)})
            return Visit(
                sight=Sight.FAILED,
                reason=FetchReason.INTERNAL,
                detail=type(error).__name__,
            )

    async def _collect(self, poll: _Poll) -> Harvest:
        source, before = poll.source, poll.before
        request = opening_request(source, before, now=poll.at)
        errand = Errand(
            source=source,
            request=request,
            body_hash=before.body_hash,
            pages=known_pages(source, before, now=poll.at),
        )
        reading = await self._read(errand, poll)
        if reading.entries is None:
            same = reading.response.status == 304
            reason = FetchReason.NOT_MODIFIED if same else FetchReason.UNCHANGED
            return self._success(poll, reading, request, reason)
        if rules_changed(source, before.body_hash):
            # What other selectors or more pages bring undated is not new by that.
            before = replace(before, first_succeeded=None)
        items, poll.dropped = itemise(source, before, reading.entries, now=poll.at)
        # Asked once for all items: it may be a question to the database.
        stored = poll.known([item.id for item in items])
        poll.arrivals = note(
            before, items, stored=stored, entries=len(reading.entries), now=poll.at
        )
        items, records = await self._articles.fill(
            source, request, items, known=stored, state=before
        )
        poll.records.extend(records)
        new = tuple(item.published for item in items if item.id not in stored)
        harvest = self._success(
            poll,
            reading,
            request,
            FetchReason.OK,
            items=items,
            new=new,
        )
        if not is_flood(before, len(new)):
            return harvest
        log.warning(
            "A source brought a flood", extra={"source": source.name, "new": len(new)}
        )
        return dammed(harvest, len(new))

    async def _read(self, errand: Errand, poll: _Poll) -> Reading:
        if errand.source.kind in {Kind.LISTING, Kind.SITEMAP}:
            if self._scraper is None:
                raise FetchError(FetchReason.INTERNAL, "no scraper was given")
            reading = await self._scraper.scrape(errand)
            poll.records.extend(reading.records)
            return reading
        response = await self._fetcher.fetch(errand.request)
        poll.records.extend(response.records)  # kept also if parsing fails
        return await read_response(errand, response, self._pool)

    def _success(
        self,
        poll: _Poll,
        reading: Reading,
        request: FetchRequest,
        reason: FetchReason,
        *,
        items: tuple[Item, ...] = (),
        new: tuple[datetime | None, ...] = (),
    ) -> Harvest:
        before, response = poll.before, reading.response
        learnt = read_well(poll.source, before, reading, request, new=new, now=poll.at)
        due, interval = next_due(
            poll.source,
            learnt,
            outcome=reason,
            now=self._clock(),
            pace=poll.pace,
        )
        state = replace(
            learnt,
            attempted=poll.at,
            succeeded=poll.at,
            first_succeeded=before.first_succeeded or poll.at,
            due=due,
            interval=interval,
            not_before=None,
            failures=0,
            state="ok",
            reason=reason,
            detail=moved_note(learnt, response.moved_to),
            yielded=(
                before.yielded if reading.entries is None else len(reading.entries)
            ),
            arrivals=before.arrivals if poll.arrivals is None else poll.arrivals,
        )
        return self._harvest(poll, state, reason, state.detail, items)

    def _failure(
        self,
        poll: _Poll,
        reason: FetchReason,
        detail: str,
        *,
        retry_at: datetime | None = None,
    ) -> Harvest:
        state = failed(
            poll.source,
            poll.before,
            reason,
            detail,
            at=poll.at,
            now=self._clock(),
            pace=poll.pace,
            retry_at=retry_at,
        )
        return self._harvest(poll, state, reason, state.detail, ())

    def _harvest(
        self,
        poll: _Poll,
        state: SourceState,
        reason: FetchReason,
        detail: str,
        items: tuple[Item, ...],
    ) -> Harvest:
        return Harvest(
            source=poll.source.name,
            at=poll.at,
            reason=reason,
            detail=detail,
            items=items,
            dropped=tuple(sorted(poll.dropped.items())),
            records=tuple(poll.records),
            state=state,
        )
