"""The completeness watch at work: look at the sources, tell what changed, keep it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.model import Verdict
from alerts.notices import Pulse, beat, beats, tell
from alerts.sourcewatch import KEPT, is_overdue, watch
from crawler.diagnosis import is_failing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from alerts.model import Delivery
    from alerts.sourcewatch import Changes, Episode
    from crawler.items import SourceState
    from vedette.setup import Setup
    from vedette.store import Store

log = logging.getLogger(__name__)

DAY = timedelta(hours=24)
BREAK = timedelta(minutes=10)
"""No look for so long, of one a minute: the machine slept, or nobody ran."""

_MOST_ALERTS = 1000
"""More a day are told as so many; the number is a sign of life, no statistics."""


class SourceWatch:
    """Looks at all sources at once; one caller at a time.

    The open episodes are kept in memory; the store is asked once, and what is told is
    recorded in one transaction with them, so a kill neither loses nor repeats it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._episodes: tuple[Episode, ...] | None = None
        self._beaten: dict[tuple[str, str], datetime] = {}
        self._looked: datetime | None = None
        self._awake: datetime | None = None

    def look(
        self, states: Mapping[str, SourceState], setup: Setup, now: datetime
    ) -> int:
        """Tell what began and what ended, and today's heartbeat; the messages made.

        Raises:
            StoreError: nothing was told; the next look finds the same.
        """
        if self._episodes is None:
            self._episodes = self._store.health(now).episodes
        awake = self._awake_since(now)
        watched = {name: states[name] for name in setup.sources if name in states}
        changes = watch(watched, self._episodes, now, awake=awake)
        told = tell(changes, setup.channels.values(), now)
        after = _after(self._episodes, changes, now)
        due, beaten = self._heartbeats(watched, after, setup, awake, now)
        if changes.episodes or due:
            self._store.record(
                Verdict(at=now, deliveries=(*told, *due), episodes=changes.episodes)
            )
        self._episodes = after
        self._beaten |= beaten
        for one in changes.episodes:
            log.warning(
                "A source is well again" if one.ended else "A source fell ill",
                extra={
                    "source": one.name,
                    "reason": one.ailment.value,
                    "detail": one.detail,
                },
            )
        return len(told) + len(due)

    def _awake_since(self, now: datetime) -> datetime:
        """Since when somebody looks without a break; a clock set back is one too."""
        last, self._looked = self._looked, now
        if self._awake is None or last is None or not last <= now <= last + BREAK:
            self._awake = now
        return self._awake

    def _heartbeats(
        self,
        states: Mapping[str, SourceState],
        episodes: tuple[Episode, ...],
        setup: Setup,
        awake: datetime,
        now: datetime,
    ) -> tuple[list[Delivery], dict[tuple[str, str], datetime]]:
        started = min((state.adopted for state in states.values()), default=now)
        due = [
            (channel, recipient, moment)
            for channel, recipient, moment in beats(
                setup.heartbeat, setup.channels.values(), started, now
            )
            if self._beaten.get((channel.name, recipient)) != moment
        ]
        if not due:
            return [], {}
        ill = {one.name for one in episodes if one.ended is None}
        ill |= {
            name
            for name, state in states.items()
            if is_failing(state) or is_overdue(state, awake, now)
        }
        made = self._store.alerts(_MOST_ALERTS)
        pulse = Pulse(
            healthy=len(states.keys() - ill),
            sources=len(states),
            alerts=sum(row.alert.created > now - DAY for row in made),
        )
        return [beat(*one, pulse, now) for one in due], {
            (channel.name, recipient): moment for channel, recipient, moment in due
        }


def _after(
    before: tuple[Episode, ...], changes: Changes, now: datetime
) -> tuple[Episode, ...]:
    """The episodes that are open or ended lately, after these changes."""
    changed = {(one.key, one.since): one for one in changes.episodes}
    kept = (changed.pop((one.key, one.since), one) for one in before)
    lately = tuple(one for one in kept if one.ended is None or one.ended > now - KEPT)
    return (*lately, *changed.values())
