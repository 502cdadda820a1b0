"""One pass: poll what is due, judge what came, send what is due, and end."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alerts.model import Outcome
from vedette.assembly import assemble
from vedette.engine import MAX_POLLS

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.items import Harvest
    from vedette.config import Config
    from vedette.jobs import Jobs

REREADING_S = 60.0
"""After this no further round of pages is read again; the next pass does it."""


@dataclass(slots=True, kw_only=True)
class Summary:
    """What one pass did; counts, and the failures in the order they came."""

    polled: int = 0
    items: int = 0
    judged: int = 0
    reread: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """No source and no delivery failed; nothing new is no failure."""
        return not self.failures

    def as_json(self) -> dict[str, object]:
        """The summary as ``--json`` shows it."""
        return {
            "polled": self.polled,
            "items": self.items,
            "judged": self.judged,
            "reread": self.reread,
            "outcomes": dict(self.outcomes),
            "failures": self.failures,
        }

    def __str__(self) -> str:
        sent = self.outcomes[Outcome.DELIVERED.value]
        failed = sum(self.outcomes.values()) - sent
        return (
            f"polled {self.polled} sources, {self.items} items, "
            f"{self.judged} judged, {sent} messages sent, {failed} not sent"
        )


async def once(
    config: Config,
    *,
    everything: bool,
    on_start: Callable[[int], None] = lambda _: None,
    on_poll: Callable[[str], None] = lambda _: None,
) -> Summary:
    """Poll the due sources (``everything``: all of them), evaluate, deliver.

    Messages that fail stay in the outbox for their next try. Ignoring due times
    ignores neither Retry-After nor a gone source nor robots.txt.

    Raises:
        ConfigError: a query or alias is refused.
        StoreLocked: a daemon runs on this store.
    """
    summary = Summary()
    async with assemble(config, spread=False) as jobs:
        names = _names(jobs, everything=everything)
        on_start(len(names))
        await jobs.begin(names)
        gate = asyncio.Semaphore(MAX_POLLS)

        async def poll(name: str) -> None:
            async with gate:
                harvest = await jobs.collect(name)
            _count(summary, harvest)
            on_poll(name)

        polls = await asyncio.gather(
            *(poll(name) for name in names), return_exceptions=True
        )
        for failure in polls:
            if isinstance(failure, BaseException):
                raise failure
        while judged := await jobs.evaluate():
            summary.judged += judged
        await jobs.watch()
        await _deliver(jobs, summary)
        # After the messages: an alert must not wait for a page that is read again.
        began = time.monotonic()
        while time.monotonic() - began < REREADING_S:
            looks = await jobs.recheck()
            summary.reread += looks
            if not looks:
                break
        await _deliver(jobs, summary)
        await asyncio.to_thread(
            jobs.store.prune,
            jobs.clock(),
            items=config.retention.items,
            texts=config.retention.texts,
        )
    return summary


async def _deliver(jobs: Jobs, summary: Summary) -> None:
    # Due at this moment: a retry that comes due while slow receivers answer is left
    # to a later pass.
    now = jobs.clock()
    while receipts := await jobs.deliver(now=now):
        for receipt in receipts:
            summary.outcomes[receipt.outcome.value] += 1
            if receipt.outcome is not Outcome.DELIVERED:
                summary.failures.append(
                    f"delivery {receipt.outcome.value}: {receipt.detail}"
                )


def _names(jobs: Jobs, *, everything: bool) -> list[str]:
    now = jobs.clock()
    if not everything:
        return jobs.due(now, limit=len(jobs.setup.sources), busy=())
    return [
        name
        for name, source in jobs.setup.sources.items()
        if not jobs.is_barred(name, now) and source.enabled
    ]


def _count(summary: Summary, harvest: Harvest) -> None:
    summary.polled += 1
    summary.items += len(harvest.items)
    if not harvest.ok:
        why = f"{harvest.reason.value} {harvest.detail}".strip()
        summary.failures.append(f"source {harvest.source}: {why}")
