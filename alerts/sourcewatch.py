"""What of the sources' troubles is told: when an episode begins and when it ends.

Pure: the states of the sources, the episodes so far and ``now`` go in; the episodes
that begin or end come out. One trouble is told once, and once more when it is over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.diagnosis import (
    Ailment,
    Aspect,
    Trouble,
    diagnose,
    is_failing,
    is_shut_out,
)
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from crawler.items import SourceState

ALL = "*"
"""The name under which a trouble of most sources is kept; no source can have it."""

HOST = "*@"
"""Before a host's name: a trouble of the many sources that it shuts out at once."""

HOST_LEAST = 4
"""Fewer have a message each, as any that fall ill at the same moment."""

COMMON = 0.6
"""The share of failing sources from which on the cause is taken to be one, ours."""

COMMON_OVER = 0.3
"""Below it each is on its own again. Apart, so that a share that wavers tells once."""

COMMON_READ = 0.5
"""The share read since it was told that ends it too: more than ``COMMON_OVER`` may fail
for reasons of their own, for ever."""

COMMON_LASTING = 0.1
"""The share that must have failed twice: a machine that wakes up asks everybody at
once, before its network is there."""

COMMON_LEAST = 3
"""Two sources that fail at once may be a coincidence."""

OVERDUE = timedelta(hours=1)
"""So long after its time a source is not polled for a reason of ours: a full disk, or
polls that hang."""

AGAIN = timedelta(hours=24)
SETTLED = timedelta(hours=12)
"""What comes back within a day of its end must last so long to be told again, or a
source that comes and goes would tell every few hours."""

KEPT = timedelta(days=7)
"""How long an ended episode is remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One trouble of a source, a ``HOST`` or ``ALL`` from its beginning to its end.

    ``since`` is when the trouble began, ``opened`` when it was told, ``ended`` when
    it was over (None: it lasts). Times are aware UTC.
    """

    name: str
    aspect: Aspect
    ailment: Ailment
    since: datetime
    opened: datetime
    detail: str = ""
    ended: datetime | None = None

    @property
    def key(self) -> tuple[str, Aspect]:
        """What it is an episode of; of these at most one is open."""
        return self.name, self.aspect


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What began and what ended; ``dropped`` ended because nobody watches it now."""

    opened: tuple[Episode, ...] = ()
    ended: tuple[Episode, ...] = ()
    dropped: tuple[Episode, ...] = ()

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """All rows that changed."""
        return (*self.opened, *self.ended, *self.dropped)


def is_overdue(state: SourceState, awake: datetime, now: datetime) -> bool:
    """Whether it should have been polled long ago, not counting before ``awake``."""
    return state.due is not None and max(state.due, awake) < now - OVERDUE


def watch(
    states: Mapping[str, SourceState],
    episodes: Iterable[Episode],
    now: datetime,
    *,
    awake: datetime | None = None,
) -> Changes:
    """What changed since the last look.

    Args:
        states: of the sources that are watched, by name.
        episodes: those that are open, and those that ended within ``KEPT``.
        now: aware UTC.
        awake: since when somebody looks without a break (None: from now on). After a
            stop or a sleep every source is overdue, and for no reason to tell.
    """
    told = tuple(episodes)
    is_open = {one.key: one for one in told if one.ended is None}
    before = is_open.get((ALL, Aspect.ARRIVAL))
    common = _common(states, before, awake or now, now)
    ends = [one.ended for one in told if one.name == ALL and one.ended is not None]
    muted_until = now if before else max(ends, default=None)
    found = _troubles(states, common, muted_until, now)
    _gather(found, states, is_open, now)
    opened = tuple(
        Episode(
            name=one.source,
            aspect=one.aspect,
            ailment=one.ailment,
            since=one.since,
            opened=now,
            detail=one.detail,
        )
        for key, one in found.items()
        if key not in is_open and _is_worth(one, told, now)
    )
    over = [one for key, one in is_open.items() if key not in found]
    ended, dropped = [], []
    for one in over:
        state = states.get(one.name)
        if state is None and not _is_watched(one.name, states):
            dropped.append(replace(one, ended=now))
        elif state is None or one.aspect is not Aspect.ARRIVAL or not is_failing(state):
            ended.append(replace(one, ended=now))
    return Changes(opened=opened, ended=tuple(ended), dropped=tuple(dropped))


def _troubles(
    states: Mapping[str, SourceState],
    common: Trouble | None,
    muted_until: datetime | None,
    now: datetime,
) -> dict[tuple[str, Aspect], Trouble]:
    """All troubles by what they are of; a common one stands for those of failing."""
    found = {}
    for state in states.values():
        for one in diagnose(state, now, muted_until=muted_until):
            arrival = one.aspect is Aspect.ARRIVAL
            if common is None or not arrival or not is_failing(state):
                found[one.source, one.aspect] = one
    if common is not None:
        found[ALL, Aspect.ARRIVAL] = common
    return found


def _gather(
    found: dict[tuple[str, Aspect], Trouble],
    states: Mapping[str, SourceState],
    is_open: Mapping[tuple[str, Aspect], Episode],
    now: datetime,
) -> None:
    """Put the trouble of a host in the place of those of the sources it shuts out.

    It begins when the first of them is told, and lasts until it shuts none out and
    one has been read since.
    """
    shut: dict[str, list[SourceState]] = {}
    for state in states.values():
        if is_shut_out(state, now):
            shut.setdefault(_host(state), []).append(state)
    known = {name[len(HOST) :] for name, _ in is_open if name.startswith(HOST)}
    for host in sorted(shut.keys() | known):
        out, key = shut.get(host, []), (HOST + host, Aspect.ARRIVAL)
        keys = [(state.name, Aspect.ARRIVAL) for state in out]
        if host in known:
            members = out or _members(host, states)
            opened = is_open[key].opened
            read = any(_read_since(state, opened) for state in members)
            lasts = bool(out) or not read
        else:
            members = out
            lasts = len(out) >= HOST_LEAST and any(one in found for one in keys)
        if not members or not lasts:
            continue
        for one in keys:
            found.pop(one, None)
        found[key] = Trouble(
            source=HOST + host,
            aspect=Aspect.ARRIVAL,
            ailment=Ailment.REFUSED,
            since=max(state.succeeded or state.adopted for state in members),
            detail=f"{len(members)} sources wait: {min(members, key=_asked).detail}",
        )


def _asked(state: SourceState) -> bool:
    return state.reason is not FetchReason.HOST_BLOCKED


def _host(state: SourceState) -> str:
    try:
        return urlsplit(state.trail.settled or state.url).hostname or ""
    except ValueError:  # of a URL that nobody can ask
        return ""


def _members(host: str, states: Mapping[str, SourceState]) -> list[SourceState]:
    return [state for state in states.values() if _host(state) == host]


def _read_since(state: SourceState, moment: datetime) -> bool:
    return state.succeeded is not None and state.succeeded > moment


def _is_watched(name: str, states: Mapping[str, SourceState]) -> bool:
    if name.startswith(HOST):
        return bool(_members(name[len(HOST) :], states))
    return name == ALL


def _common(
    states: Mapping[str, SourceState],
    before: Episode | None,
    awake: datetime,
    now: datetime,
) -> Trouble | None:
    """The trouble of most sources at once, which is hardly theirs."""
    share = COMMON
    if before is not None:
        share = COMMON_OVER
        read = sum(_read_since(state, before.opened) for state in states.values())
        if read >= COMMON_READ * len(states):
            return None
    late = [
        state.due
        for state in states.values()
        if state.due is not None and is_overdue(state, awake, now)
    ]
    if late and len(late) >= share * len(states):
        return Trouble(
            source=ALL,
            aspect=Aspect.ARRIVAL,
            ailment=Ailment.OVERDUE,
            since=min(late),
            detail=f"{len(late)} of {len(states)} sources are overdue",
        )
    # What a host shuts out says nothing of the network.
    failing = [
        state
        for state in states.values()
        if is_failing(state) and state.reason is not FetchReason.HOST_BLOCKED
    ]
    if len(failing) < max(COMMON_LEAST, share * len(states)):
        return None
    lasting = sum(state.failures >= 2 for state in failing)
    if before is None and lasting < max(COMMON_LEAST, COMMON_LASTING * len(states)):
        return None
    reasons = [state.reason.value for state in failing if state.reason]
    most = max(sorted(set(reasons)), key=reasons.count)
    return Trouble(
        source=ALL,
        aspect=Aspect.ARRIVAL,
        ailment=Ailment.UNREACHABLE,
        since=max(state.succeeded or state.adopted for state in failing),
        detail=f"{len(failing)} of {len(states)} sources fail, most with {most}",
    )


def _is_worth(trouble: Trouble, told: tuple[Episode, ...], now: datetime) -> bool:
    """Whether it is told: not what only flickers."""
    key = (trouble.source, trouble.aspect)
    ends = [one.ended for one in told if one.key == key and one.ended is not None]
    flickers = bool(ends) and now - max(ends) < AGAIN
    return not flickers or now - trouble.since >= SETTLED
