"""The polling of all sources together: the pace of the budget, who is due, lateness.

Pure; what one source does is the crawler's (``crawler.schedule``).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.pace import level, want
from crawler.schedule import GIVEN_UP, staggered
from crawler.standing import new_state
from crawler.target import masked

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


def taken_anew(
    source: Source,
    state: SourceState,
    *,
    before: Source | None,
    first: datetime,
    now: datetime,
) -> SourceState:
    """The state of a source whose config may have changed: due soon if it did.

    Another URL is another source, whatever became of the old one: a feed that was gone
    is asked again in a month, its successor now. Any other change may be what a
    failing source waited for (a cookie, a shorter interval), but it is asked no sooner
    after its last poll than it and its publisher allow.

    Args:
        source: as declared now.
        state: as it stands.
        before: as this process knew the source; None at a start.
        first: when a source that was never polled is due.
        now: aware UTC.
    """
    if masked(state.url) != masked(source.url):
        return replace(new_state(source, now), due=first)
    if before in (None, source) or state.due is None or is_barred(state, now):
        return state
    rest = max(source.every_min, state.terms.least)
    soon = max(first, (state.attempted or now) + rest)
    return replace(state, due=min(state.due, soon))


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
