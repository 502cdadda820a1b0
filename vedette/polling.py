"""The polling of all sources together: the pace of the budget, who is due, lateness.

Pure; what one source does is the crawler's (``crawler.schedule``).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.pace import level, want
from crawler.schedule import GIVEN_UP, staggered

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping
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


def is_barred(state: SourceState, now: datetime) -> bool:
    """Whether a source is not to be polled now: by Retry-After, or as given up."""
    waits = state.not_before is not None and state.not_before > now
    return waits or state.state in GIVEN_UP


def due_ones(
    sources: Iterable[str],
    states: Mapping[str, SourceState],
    now: datetime,
    *,
    busy: Container[str],
) -> list[str]:
    """Sources whose time has come, longest overdue first.

    A last attempt in the future means that the clock went back since: such a source
    counts as due (HARDENING, scheduler).
    """
    ripe: list[tuple[datetime, str]] = []
    for name in sources:
        state = states.get(name)
        if state is None or name in busy:
            continue
        due = state.due or now
        went_back = state.attempted is not None and state.attempted > now
        if due <= now or (went_back and not is_barred(state, now)):
            ripe.append((due, name))
    return [name for _, name in sorted(ripe)]
