"""When a message leaves a channel: at once, after quiet time, or in a digest; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alerts.digests import instant, next_digest
from alerts.model import Reason, Severity
from crawler.shapes import write_duration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from alerts.model import Channel, Limit, Quiet


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """When a message leaves (aware UTC), and why not at once.

    ``reason`` is QUIET or LIMITED, ESCALATED for what no quiet time holds, else None;
    ``period`` the (from, to) of the digest that it rides in.
    """

    due: datetime
    reason: Reason | None = None
    detail: str = ""
    period: tuple[datetime, datetime] | None = None


def depart(  # noqa: PLR0913 - all that a departure depends on
    channel: Channel,
    severity: Severity,
    now: datetime,
    *,
    due: datetime | None = None,
    gathered: bool = False,
    escalated: bool = False,
    planned: Sequence[datetime] = (),
) -> Departure:
    """How a message to one recipient leaves that is decided ``now``.

    Args:
        channel: its digest, quiet time and limit, in its zone.
        severity: critical waits for no digest, quiet time or limit of the channel.
        now: aware UTC.
        due: when it may leave at the earliest; None for at once.
        gathered: it waits for the digest whatever its severity.
        escalated: nobody acknowledged it, so it waits for nothing.
        planned: when the recipient's other messages leave, for the limit.
    """
    if escalated:
        return held(channel, severity, due or now, escalated=True)
    critical = severity is Severity.CRITICAL
    if gathered:
        return _in_digest(channel, severity, now)
    if not critical and (severity is Severity.LOW or channel.digest):
        return _in_digest(channel, severity, now)
    leaving = held(channel, severity, due or now)
    limit = channel.limit
    if critical or limit is None or not is_full(limit, planned, leaving.due):
        return leaving
    digest = _in_digest(channel, severity, now)
    said = f"over the limit of {limit.most}/{write_duration(limit.span)}"
    return Departure(
        due=digest.due, reason=Reason.LIMITED, detail=said, period=digest.period
    )


def held(
    channel: Channel, severity: Severity, due: datetime, *, escalated: bool = False
) -> Departure:
    """A message due then, held for the end of quiet time; critical and escalated pass.

    The end is in the detail, in the channel's zone.
    """
    if escalated:
        return Departure(due=due, reason=Reason.ESCALATED)
    end = due
    if severity is not Severity.CRITICAL:
        end = quiet_end(channel.quiet, ZoneInfo(channel.timezone), due)
    if end == due:
        return Departure(due=due)
    local = end.astimezone(ZoneInfo(channel.timezone)).isoformat(timespec="minutes")
    return Departure(due=end, reason=Reason.QUIET, detail=f"quiet until {local}")


def quiet_end(quiet: Quiet | None, zone: ZoneInfo, at: datetime) -> datetime:
    """The end of the quiet time that a moment falls into, else the moment itself.

    The end itself is not quiet. Every day has one quiet time, from one moment to
    another: in the night in which the clock is put back it is an hour longer.
    """
    if quiet is None:
        return at
    today = at.astimezone(zone).date()
    over_midnight = timedelta(days=quiet.end < quiet.start)
    for offset in range(-2, 3):
        day = today + timedelta(days=offset)
        end = instant(day + over_midnight, quiet.end, zone)
        # In order, so that an end inside the next day's quiet time goes on to its end.
        if instant(day, quiet.start, zone) <= at < end:
            at = end
    return at


def is_full(limit: Limit, planned: Sequence[datetime], at: datetime) -> bool:
    """Whether one more message at that moment is one too many in any span around it."""
    near = sorted(one for one in (*planned, at) if abs(one - at) < limit.span)
    runs = zip(near, near[limit.most :], strict=False)
    return any(a <= at <= b and b - a < limit.span for a, b in runs)


def _in_digest(channel: Channel, severity: Severity, now: datetime) -> Departure:
    period = next_digest(channel, now)
    leaving = held(channel, severity, period[1])
    return Departure(
        due=leaving.due, reason=leaving.reason, detail=leaving.detail, period=period
    )
