"""The interval of the engine's ticks: what was missed is not counted up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from apscheduler.triggers.interval import IntervalTrigger


class Steady(IntervalTrigger):  # type: ignore[misc]  # apscheduler has no types
    """Fires every so many seconds, once for however many times that were missed.

    APScheduler lists all missed times before it coalesces them. A clock that goes from
    1970 to today, as that of a machine without a battery does, makes 1.8 billion of
    them from a tick of a second: the process hangs and its memory fills up.
    """

    def __init__(self, seconds: float) -> None:
        # Whole seconds are all that the trigger's constructor takes.
        super().__init__(seconds=int(seconds), timezone=UTC)

    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """The next time, never one that has passed."""
        upcoming: datetime | None
        upcoming = super().get_next_fire_time(previous_fire_time, now)
        if upcoming is None or upcoming > now:
            return upcoming
        return now + timedelta(seconds=self.interval_length)
