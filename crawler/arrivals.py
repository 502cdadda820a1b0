"""When a source brings something new: what is remembered of it, and its rhythm.

Every poll that brought new entries leaves one arrival. They are packed into a few
kilobytes of the source's state, so that they are stored in the poll's transaction.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from crawler.items import Item, SourceState

_ROW = struct.Struct("<IHHhB")
"""Minute since 1970, new items, entries, minutes off (``_UNDATED``: none), rolled."""

_UNDATED = -(2**15)
_MOST_OFF = 2**15 - 1
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)

KEPT = timedelta(days=28)
"""Four of every hour of the week."""

MOST = 1000
"""Arrivals kept: 11 kB. A source of a hundred a day is known by its last ten days."""

CHURN = timedelta(days=1)
"""Entries that are all new and this much older than the last poll have new ids, and
nothing was missed."""

LONG_OUTAGE = timedelta(days=1)
"""A night without a network or power makes every busy list roll over, and is told as
what it is; after a day each list that lost entries is told."""

FEW = 8
"""Gaps below which an hour is judged by more hours than its own."""

FEW_DAYS = 3
"""Days below which an hour is not known: one busy evening says little of the next."""

HOURS = 168
"""Of the week; hour 0 begins on Monday 00:00 UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One poll that brought something new.

    ``at`` is aware UTC, to the minute: the newest entry's own date if that lies between
    the last poll and this one, else the time of the poll. ``off`` is by how much the
    new entries' dates lie before the last poll (median), None if most have no
    plausible date. ``rolled`` says that nothing of the last poll was left, so some
    entries may have come and gone in between.
    """

    at: datetime
    new: int
    entries: int
    off: timedelta | None
    rolled: bool


def note(
    before: SourceState,
    items: Sequence[Item],
    *,
    stored: AbstractSet[str],
    entries: int,
    now: datetime,
) -> bytes:
    """The packed arrivals after a poll that was read.

    Args:
        before: the source as it stood before the poll.
        items: all items of the poll.
        stored: the ids of those that are known already.
        entries: what the poll listed, dropped entries included.
        now: aware UTC.
    """
    fresh = [item for item in items if item.id not in stored]
    if not fresh:
        return before.arrivals
    regular = before.succeeded is not None and not fresh[0].catching_up
    arrival = Arrival(
        at=_newest(before, fresh, now),
        new=len(fresh) if regular else 1,
        entries=entries,
        off=_off(before, fresh, now) if regular else timedelta(),
        rolled=not stored
        and (regular or _was_long(before, now))
        and _rolled(before, fresh, entries),
    )
    past = b"" if len(before.arrivals) % _ROW.size else before.arrivals
    return _trimmed(past + _row(arrival), now)


def _newest(before: SourceState, fresh: Sequence[Item], now: datetime) -> datetime:
    start = before.succeeded or now
    return max(
        (
            item.published
            for item in fresh
            if item.published is not None and start < item.published <= now
        ),
        default=now,
    )


def _off(before: SourceState, fresh: Sequence[Item], now: datetime) -> timedelta | None:
    start = before.succeeded or now
    offs = sorted(
        start - item.published if item.published < start else timedelta()
        for item in fresh
        if item.published is not None
    )
    return offs[len(offs) // 2] if 2 * len(offs) > len(fresh) else None


def _was_long(before: SourceState, now: datetime) -> bool:
    return before.succeeded is not None and now - before.succeeded >= LONG_OUTAGE


def _rolled(before: SourceState, fresh: Sequence[Item], entries: int) -> bool:
    """Whether a full list has nothing in common with the one before.

    A list of one entry cannot tell: every new entry replaces the last.
    """
    since = before.succeeded
    if since is None or before.yielded < 2 or entries < before.yielded:
        return False
    dates = [item.published for item in fresh if item.published is not None]
    return not dates or min(dates) >= since - CHURN


def pack(arrivals: Iterable[Arrival], now: datetime) -> bytes:
    """Arrivals as bytes, oldest first, without those that are too old or too many."""
    return _trimmed(b"".join(map(_row, arrivals)), now)


def _row(one: Arrival) -> bytes:
    return _ROW.pack(
        (one.at - _EPOCH) // _MINUTE,
        min(one.new, 65535),
        min(one.entries, 65535),
        _UNDATED if one.off is None else min(one.off // _MINUTE, _MOST_OFF),
        one.rolled,
    )


def _trimmed(packed: bytes, now: datetime) -> bytes:
    """Without unpacking: it is done at every poll that brings something new."""
    oldest = (now - KEPT - _EPOCH) // _MINUTE
    start = max(0, len(packed) - MOST * _ROW.size)
    while start < len(packed) and _ROW.unpack_from(packed, start)[0] <= oldest:
        start += _ROW.size
    return packed[start:]


def unpack(packed: bytes) -> tuple[Arrival, ...]:
    """The arrivals, oldest first.

    Bytes that are none (a damaged row) give no arrivals: the source is learnt anew.
    """
    if len(packed) % _ROW.size:
        return ()
    return tuple(
        Arrival(
            at=_EPOCH + minute * _MINUTE,
            new=new,
            entries=entries,
            off=None if off == _UNDATED else off * _MINUTE,
            rolled=bool(rolled),
        )
        for minute, new, entries, off, rolled in _ROW.iter_unpack(packed)
    )


class Rhythm:
    """How long a source pauses, by the hour of the week.

    An hour's gaps are all that were running in it or in the hour before or after.
    Where these are fewer than ``FEW``, or of fewer than ``FEW_DAYS`` days, those of
    the same hour on all working days, or all free days, count; else of every day;
    else all there are.
    """

    def __init__(self, times: Sequence[tuple[datetime, int]]) -> None:
        """From times in order, aware UTC, each with how many came; at least two.

        Of several that came with one poll, all but one had no gap worth the name.
        """
        self._all: list[timedelta] = []
        self._in: list[list[tuple[int, timedelta]]] = [[] for _ in range(HOURS)]
        for (start, _), (end, count) in pairwise(times):
            first, gap = (start - _MONDAY) // _HOUR, end - start
            last = first + min(gap // _HOUR, HOURS - 1)
            for hour in range(first, last + 1):
                self._in[hour % HOURS].append((hour // 24, gap))
            self._in[last % HOURS] += [(last // 24, timedelta())] * (count - 1)
            self._all += [gap, *[timedelta()] * (count - 1)]

    def gap(self, at: datetime) -> timedelta:
        """The 95th percentile (nearest rank) of the gaps at this hour of the week."""
        return self.gap_in(hour_of_week(at))

    def gap_in(self, hour: int) -> timedelta:
        """The same, by the number of the hour."""
        day, clock = divmod(hour, 24)
        for days in ([day], _alike(day), range(7)):
            found = self._near(days, clock)
            if len(found) >= FEW and len({when for when, _ in found}) >= FEW_DAYS:
                return percentile((gap for _, gap in found), 0.95)
        return percentile(self._all, 0.95)

    def longest_in(self, hour: int) -> timedelta:
        """The longest gap at this hour, or one beside it, of any day of its kind."""
        found = self._near(_alike(hour // 24), hour % 24)
        return max((gap for _, gap in found), default=timedelta())

    def _near(self, days: Iterable[int], clock: int) -> list[tuple[int, timedelta]]:
        return [
            one
            for day in days
            for near in (-1, 0, 1)
            for one in self._in[(day * 24 + clock + near) % HOURS]
        ]


def _alike(day: int) -> list[int]:
    """The days like this one: working days, or free days."""
    return [other for other in range(7) if (other >= 5) is (day >= 5)]


def hour_of_week(at: datetime) -> int:
    """0 for the first hour of Monday up to 167; ``at`` is aware UTC."""
    return at.weekday() * 24 + at.hour


def percentile(values: Iterable[timedelta], share: float) -> timedelta:
    """The nearest-rank percentile of at least one value."""
    return nearest(sorted(values), share)


def nearest(ranked: Sequence[timedelta], share: float) -> timedelta:
    """The same of values that are in order already."""
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]
