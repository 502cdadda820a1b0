"""One request on its way: robots.txt, the gate, the hops, the records.

Nothing here knows how bytes travel; ``Exchange`` does one hop of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin

from crawler.answers import PERMANENT
from crawler.errors import FetchError
from crawler.items import FetchRecord
from crawler.reasons import FetchReason
from crawler.request import FetchRequest, FetchResponse, Purpose, fingerprint
from crawler.robots import EVERYTHING, RobotsCache, Rules, closing, opens
from crawler.target import Target, masked, parse_target

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from crawler.address import AddressGuard
    from crawler.clock import Clock
    from crawler.gate import Gate

log = logging.getLogger(__name__)

MAX_REDIRECTS = 5
_ROBOTS_S = 15.0
"""A robots.txt may take half of the deadline: it is part of the request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One hop's answer; ``location`` only for redirects, ``body`` only for 2xx."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    location: str | None = None


@dataclass(slots=True)
class Journey:
    """What one request carries and collects over its hops.

    ``left_s`` is what remains of the deadline. ``headers`` and ``verify_tls`` are the
    source's own as long as the origin is. Of one hop: ``status`` and ``frowned`` are
    set by the exchange once known, ``conditional`` says whether validators go with
    it, ``got`` names those that came back.
    """

    request: FetchRequest
    left_s: float
    headers: Mapping[str, str]
    records: list[FetchRecord] = field(default_factory=list)
    status: int | None = None
    verify_tls: bool = True
    conditional: bool = False
    frowned: str = ""
    got: str = ""


Exchange = Callable[[str, Target, Journey], Awaitable[Answer]]
"""Sends one request and reads its answer; raises only ``FetchError``."""


class Traveller:
    """Takes journeys to their end, hop by hop, within the rules of every host."""

    def __init__(
        self,
        *,
        gate: Gate,
        guard: AddressGuard,
        clock: Clock,
        exchange: Exchange,
    ) -> None:
        self._gate = gate
        self._guard = guard
        self._clock = clock
        self._exchange = exchange
        self._robots = RobotsCache(clock=clock)
        self._waived: set[str] = set()

    async def travel(self, journey: Journey) -> FetchResponse:
        """Follow one request to its answer, through at most 5 redirects.

        Raises:
            FetchError: no good answer; ``journey.records`` holds the hops made.
        """
        url = urldefrag(journey.request.url).url
        target = self._read_url(url, journey)
        permanent = True
        for hop in range(MAX_REDIRECTS + 1):
            rules = await self._rules(target, journey)
            if not rules.allows(url):
                raise FetchError(
                    FetchReason.ROBOTS_DISALLOW,
                    f"robots.txt of {target.host} forbids it",
                )
            answer = await self._hop(url, target, journey, rules.delay_s)
            if answer.location is None:
                return FetchResponse(
                    url=url,
                    status=answer.status,
                    headers=answer.headers,
                    body=answer.body,
                    etag=answer.headers.get("etag"),
                    last_modified=answer.headers.get("last-modified"),
                    moved_to=url if hop and permanent else None,
                    records=tuple(journey.records),
                )
            permanent = permanent and answer.status in PERMANENT
            url, target = self._onward(url, target, answer.location, journey)
        raise FetchError(
            FetchReason.TOO_MANY_REDIRECTS, f"more than {MAX_REDIRECTS} redirects"
        )

    def _read_url(self, url: str, journey: Journey) -> Target:
        try:
            target = parse_target(url)
            self._guard.check_target(target)
        except FetchError as error:
            journey.status, journey.conditional = None, False
            self._record(url, journey, error.reason, at=self._clock())
            raise
        return target

    def _onward(
        self, url: str, target: Target, location: str, journey: Journey
    ) -> tuple[str, Target]:
        try:
            following = urldefrag(urljoin(url, location)).url
        except ValueError:
            raise FetchError(FetchReason.BAD_REDIRECT, "to no URL") from None
        onward = self._read_url(following, journey)
        if target.scheme == "https" and onward.scheme == "http":
            raise FetchError(FetchReason.BAD_REDIRECT, "from https to http")
        if onward.origin != target.origin:
            # Cookies and Authorization were given for the first origin alone.
            journey.headers = {}
            journey.verify_tls = True
        return following, onward

    async def _rules(self, target: Target, journey: Journey) -> Rules:
        request = journey.request
        if not request.obey_robots and request.source not in self._waived:
            self._waived.add(request.source)
            log.warning(
                "robots.txt is not asked: obey_robots is off",
                extra={"source": request.source},
            )
        if request.purpose is Purpose.ROBOTS or not request.obey_robots:
            return EVERYTHING

        async def read() -> bytes | None:
            budget_s = min(_ROBOTS_S, journey.left_s)
            errand = Journey(
                request=FetchRequest(
                    source=request.source,
                    url=f"{target.origin}/robots.txt",
                    purpose=Purpose.ROBOTS,
                    proxy=request.proxy,
                ),
                left_s=budget_s,
                headers={},
                verify_tls=journey.verify_tls,
            )
            try:
                return (await self.travel(errand)).body
            except FetchError as error:
                if opens(error):
                    return None
                raise closing(error) from error
            finally:
                journey.left_s -= budget_s - errand.left_s
                journey.records.extend(errand.records)

        # By proxy too: what one way cannot reach, another may.
        return await self._robots.rules(f"{target.origin} {request.proxy}", read)

    async def _hop(
        self, url: str, target: Target, journey: Journey, gap_s: float
    ) -> Answer:
        async with self._gate.turn(target.host, gap_s=gap_s):
            at = self._clock()
            loop = asyncio.get_running_loop()
            begun = loop.time()
            journey.status, journey.frowned, journey.got = None, "", ""
            journey.conditional = journey.request.is_conditional(url)
            reason = FetchReason.INTERNAL
            size = 0
            try:
                async with asyncio.timeout(journey.left_s):
                    answer = await self._exchange(url, target, journey)
                size = len(answer.body)
                journey.got = _got(answer, journey)
                reason = FetchReason.OK
                if answer.status == 304:
                    reason = FetchReason.NOT_MODIFIED
            except TimeoutError:
                reason = FetchReason.TIMEOUT
                raise FetchError(reason, f"{target.host}: not done in time") from None
            except FetchError as error:
                reason = error.reason
                raise
            finally:
                spent_s = loop.time() - begun
                journey.left_s = max(journey.left_s - spent_s, 0.0)
                self._record(url, journey, reason, at=at, spent_s=spent_s, size=size)
        return answer

    def _record(
        self,
        url: str,
        journey: Journey,
        reason: FetchReason,
        *,
        at: datetime,
        spent_s: float = 0.0,
        size: int = 0,
    ) -> None:
        record = FetchRecord(
            source=journey.request.source,
            url=masked(url),
            at=at,
            status=journey.status,
            reason=reason,
            bytes=size,
            ms=round(spent_s * 1000),
            conditional=journey.conditional,
            purpose=journey.request.purpose.value,
            sent=_sent(journey) if journey.conditional else "",
            got=journey.got,
            frowned=journey.frowned,
        )
        journey.records.append(record)
        log.debug(
            "fetched",
            extra={
                "source": record.source,
                "url": record.url,
                "status": record.status,
                "reason": record.reason.value,
            },
        )


def _sent(journey: Journey) -> str:
    return fingerprint(journey.request.etag, journey.request.last_modified)


def _got(answer: Answer, journey: Journey) -> str:
    """The validators that hold after an answer; a 304 renews those it sends."""
    etag = answer.headers.get("etag")
    modified = answer.headers.get("last-modified")
    if answer.status == 304:
        etag = etag or journey.request.etag
        modified = modified or journey.request.last_modified
    return fingerprint(etag, modified) if answer.status in {200, 304} else ""
