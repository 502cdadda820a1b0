"""The latency ledger: how long a delivered alert took, stage by stage.

    published -> seen -> matched -> accepted

Kept in memory, per source and topic, since this process began; ``metrics`` serves it.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from alerts.model import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from alerts.model import Alert, Delivery, Verdict
    from crawler.items import Item

BUCKETS_S = (0.5, 1, 2, 5, 10, 30, 60, 300)
"""Upper bounds in seconds; what took longer counts in the last, which has none."""


class Stage(StrEnum):
    """What the time up to here was spent on."""

    SEEN = "seen"
    """From the publisher's date to our reading of it: the feed's and the poll's."""

    MATCHED = "matched"
    """From reading to the decision to alert: ours."""

    ACCEPTED = "accepted"
    """From when the message might leave to the receiver's yes: ours and theirs."""


@dataclass(slots=True)
class Spread:
    """How many times fell into each bucket, and their sum in seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    total_s: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one; a clock that was set back makes no negative time."""
        seconds = max(0.0, seconds)
        self.counts[bisect_left(BUCKETS_S, seconds)] += 1
        self.total_s += seconds

    def copy(self) -> Spread:
        """As it is now."""
        return Spread(list(self.counts), self.total_s)


class Ledger:
    """What this process measured; safe to read from any thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._spreads: dict[tuple[Stage, str, str], Spread] = defaultdict(Spread)
        self._gates: Counter[tuple[str, ...]] = Counter()

    def judged(self, verdict: Verdict) -> None:
        """Count by topic and reason what became of the items that matched."""
        with self._guard:
            for one in verdict.judgements:
                self._gates.update((topic, why.value) for topic, why in one.gates)

    def accepted(self, row: Delivery, alert: Alert, item: Item, at: datetime) -> None:
        """Enter an alert that a receiver accepted, once per receiver."""
        with self._guard:
            for stage, seconds in stages(row, alert, item, at):
                self._spreads[stage, item.source, alert.topic].add(seconds)

    def spreads(self) -> dict[tuple[Stage, str, str], Spread]:
        """The times so far, by stage, source and topic."""
        with self._guard:
            return {key: spread.copy() for key, spread in self._spreads.items()}

    def gates(self) -> dict[tuple[str, ...], int]:
        """The decisions so far, by topic and reason."""
        with self._guard:
            return dict(self._gates)


def stages(
    row: Delivery, alert: Alert, item: Item, at: datetime
) -> Iterator[tuple[Stage, float]]:
    """The stages of one acceptance with their seconds.

    An undated item has no first stage. What was decided later by plan has none of the
    first two: a revision, whose page is read again after hours, what waited for an
    acknowledgement or for a second report. Nor does the last count what a message
    waited by plan: it begins when the row was first due.
    """
    by_plan = alert.reason is Reason.ESCALATED or alert.note is Reason.HELD
    if not alert.difference and not by_plan:
        if item.published is not None:
            yield Stage.SEEN, (item.seen - item.published).total_seconds()
        yield Stage.MATCHED, (alert.created - item.seen).total_seconds()
    yield Stage.ACCEPTED, (at - max(alert.created, row.first_due)).total_seconds()
