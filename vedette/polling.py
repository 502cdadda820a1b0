"""The polling of all sources together: the pace of the budget, and lateness.

Pure; what one source does is the crawler's (``crawler.schedule``).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.pace import level, want
from crawler.schedule import staggered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from crawler.items import Source, SourceState

PACE_FOR = timedelta(hours=6)
"""How long a pace holds: rates have a half-life of two days."""

SAMPLE = 1000
"""So many sources tell the pace of all; more would hold the daemon up."""

LATE = timedelta(minutes=1)
"""A source this much overdue was missed: the machine slept, or nobody ran."""


def pace_of(
    sources: Mapping[str, Source], states: Mapping[str, SourceState], now: datetime
) -> float:
    """The pace at which the adaptive sources spend their budget."""
    names = sorted(
        name
        for name, source in sources.items()
        if name in states and source.enabled and not source.fixed
    )
    step = -(-len(names) // SAMPLE) or 1
    return level(
        [want(sources[name], states[name].habits, now) for name in names[::step]]
    )


def late_ones(
    sources: Mapping[str, Source], states: Mapping[str, SourceState], now: datetime
) -> dict[str, datetime]:
    """New due times of the sources that were missed: one poll each, spread."""
    return staggered(
        (
            name
            for name in sources
            if name in states and _is_late(states[name].due, now)
        ),
        now,
    )


def _is_late(due: datetime | None, now: datetime) -> bool:
    return due is not None and due < now - LATE
