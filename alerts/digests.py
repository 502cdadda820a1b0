"""When a channel's next digest leaves, in the channel's own zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from alerts.model import Channel

DEFAULT = (time(8, 0),)
"""When a channel without ``digest`` sends what is too low for a message of its own."""


def next_digest(channel: Channel, now: datetime) -> tuple[datetime, datetime]:
    """The digest period that ``now`` falls into, as (start, end), aware UTC.

    The digest leaves at the end, strictly after ``now``; the start is the digest
    time before it; every period has exactly one end.
    """
    zone = ZoneInfo(channel.timezone)
    times = channel.digest or DEFAULT
    today = now.astimezone(zone).date()
    moments = sorted(
        {
            instant(today + timedelta(days=offset), at, zone)
            for offset in range(-2, 4)
            for at in times
        }
    )
    end = next(moment for moment in moments if moment > now)
    start = moments[moments.index(end) - 1]
    return start, end


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment of a local time on a day, aware UTC.

    A local time that daylight saving skips is taken as much later as the clock
    jumps, one that comes twice at its first coming (PEP 495, fold 0).
    """
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
