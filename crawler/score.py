"""What a strict feed operator would see of us: a source's request log, judged.

The questions are those of feed readers' score pages: who comes without validators,
who makes them up, how close together, with what in the head.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from crawler.items import FetchRecord

BESIDE = frozenset({"article", "robots"})
"""Requests that are no polls."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One source over the time its log covers; ``since`` and ``until`` aware UTC.

    ``polls`` and all that follows but ``requests`` is of its own pages, not of
    articles and robots.txt. ``unconditional`` brought a body without validators
    being sent, ``avoidable`` are those of them for which an earlier answer had given
    validators. ``bad_validators`` were sent, but were not what the last answer gave.
    ``shortest_gap`` lies between two requests for one URL. ``statuses`` counts
    answers by status, 0 for none.
    """

    since: datetime
    until: datetime
    requests: int
    polls: int
    unconditional: int
    avoidable: int
    bad_validators: int
    shortest_gap: timedelta | None
    frowned: Mapping[str, int]
    statuses: Mapping[int, int]

    @property
    def polls_a_day(self) -> float:
        """Over the time covered, a day at least."""
        return self.polls / max((self.until - self.since) / _DAY, 1.0)


def score(records: Iterable[FetchRecord]) -> Score | None:
    """The score of one source's log, in any order; None of an empty one.

    A log that begins in the middle says nothing of validators given before.
    """
    log = sorted(records, key=lambda record: record.at)
    if not log:
        return None
    own = [record for record in log if record.purpose not in BESIDE]
    by_url: dict[str, list[FetchRecord]] = {}
    for record in own:
        by_url.setdefault(record.url, []).append(record)
    frowned: dict[str, int] = {}
    for record in log:
        for name in filter(None, record.frowned.split(",")):
            frowned[name] = frowned.get(name, 0) + 1
    statuses: dict[int, int] = {}
    for record in own:
        statuses[record.status or 0] = statuses.get(record.status or 0, 0) + 1
    gaps = [_gap(rows) for rows in by_url.values() if len(rows) > 1]
    checked = [_validators(rows) for rows in by_url.values()]
    return Score(
        since=log[0].at,
        until=log[-1].at,
        requests=len(log),
        polls=len(own),
        unconditional=sum(_bare(record) for record in own),
        avoidable=sum(avoidable for avoidable, _ in checked),
        bad_validators=sum(bad for _, bad in checked),
        shortest_gap=min(gaps, default=None),
        frowned=dict(sorted(frowned.items())),
        statuses=dict(sorted(statuses.items())),
    )


def _gap(rows: Sequence[FetchRecord]) -> timedelta:
    return min(later.at - earlier.at for earlier, later in pairwise(rows))


def _bare(record: FetchRecord) -> bool:
    return record.status == 200 and not record.conditional


def _validators(rows: Sequence[FetchRecord]) -> tuple[int, int]:
    """How often validators were at hand but not sent, and sent but wrong."""
    avoidable = bad = 0
    given: str | None = None
    for record in rows:
        if given and _bare(record):
            avoidable += 1
        if given is not None and record.sent and record.sent != given:
            bad += 1
        if record.status in {200, 304}:
            given = record.got
    return avoidable, bad
