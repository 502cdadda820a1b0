"""Messages about the watch itself: sources in trouble, and the daily heartbeat.

Pure; what is told at once goes to every channel and waits for no digest, only for
the end of quiet time: it says that the alerts one relies on may be missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alerts.departing import held
from alerts.messages import headline, render
from alerts.model import (
    Delivery,
    DeliveryState,
    Letter,
    MessageType,
    Notice,
    Severity,
)
from alerts.rendering.clean import one_line
from alerts.rendering.wording import local_time
from alerts.sourcewatch import ALL, HOST
from crawler.diagnosis import Ailment, Aspect
from crawler.items import stable_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from alerts.model import Channel
    from alerts.sourcewatch import Changes, Episode

APART = 3
"""Up to so many sources that fall ill at the same moment have a message each."""

_LISTED = 40
_DETAIL = 160

_WORDS = {
    Ailment.UNREACHABLE: "cannot be reached",
    Ailment.REFUSED: "refuses to be read",
    Ailment.ERROR: "answers with an error",
    Ailment.GONE: "is gone for good",
    Ailment.CHALLENGE: "answers with another page (a challenge, login or error page)",
    Ailment.EMPTY: "lists nothing any more",
    Ailment.UNREADABLE: "cannot be parsed",
    Ailment.MISCONFIGURED: "cannot be asked as configured",
    Ailment.SILENT: "has brought nothing new for unusually long",
    Ailment.FROZEN: "answers with the same bytes for unusually long",
    Ailment.TRUNCATED: "lists too few entries: some come and go between two polls",
    Ailment.DRIFT: "has dates that are off",
    Ailment.OVERDUE: "is not polled",
}

_COMMON = (
    (
        "Most sources cannot be read: is the network down?",
        "Most sources can be read again",
    ),
    (
        "Most sources are not polled: is the disk full?",
        "Most sources are polled again",
    ),
)
"""By whether they were not polled at all, and whether it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The daily sign of life: at which local time, and to which channels (None: all).

    ``at`` None means never.
    """

    at: time | None = time(8, 0)
    to: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What a heartbeat tells of the last 24 hours."""

    healthy: int
    sources: int
    alerts: int

    def __str__(self) -> str:
        said = "nothing matched"
        if self.alerts:
            said = f"{self.alerts} alert{'s' * (self.alerts > 1)} made"
        return f"{self.healthy}/{self.sources} sources healthy; {said}"


def tell(
    changes: Changes, channels: Iterable[Channel], now: datetime
) -> tuple[Delivery, ...]:
    """The rows that tell every recipient what began and what ended.

    The id is of (channel, recipient, name, episode start), so a look that is
    repeated after a crash makes the same rows.
    """
    groups = [
        *((False, group) for group in _grouped(changes.opened)),
        *((True, group) for group in _grouped(changes.ended)),
    ]
    return tuple(
        _source_row(channel, recipient, group, now, over=over)
        for over, group in groups
        for channel in channels
        for recipient in channel.recipients
    )


def _grouped(episodes: tuple[Episode, ...]) -> list[tuple[Episode, ...]]:
    own = tuple(one for one in episodes if one.name != ALL)
    common = [(one,) for one in episodes if one.name == ALL]
    return [*common, own] if len(own) > APART else [*common, *((one,) for one in own)]


def _source_row(
    channel: Channel,
    recipient: str,
    group: tuple[Episode, ...],
    now: datetime,
    *,
    over: bool,
) -> Delivery:
    names = sorted({_id_name(one) for one in group})
    start = min(one.since for one in group).isoformat()
    parts = (*names, start, *(["recovered"] if over else []))
    letter = Letter(
        id=stable_id(MessageType.SOURCE_SILENT, channel.name, recipient, *parts),
        type=MessageType.SOURCE_SILENT,
        channel=channel,
        recipient=recipient,
        created=now,
        notice=_notice(group, channel.timezone, over=over),
    )
    return service_row(letter, Severity.HIGH)


def _id_name(one: Episode) -> str:
    return one.name if one.aspect is Aspect.ARRIVAL else f"{one.name} {one.aspect}"


def _notice(group: tuple[Episode, ...], timezone: str, *, over: bool) -> Notice:
    first = group[0]
    if len(group) > 1:
        title = f"{len(group)} sources " + ("are well again" if over else "fell ill")
    elif first.name == ALL:
        title = _COMMON[first.ailment is Ailment.OVERDUE][over]
    else:
        said = "is well again" if over else _WORDS[first.ailment]
        title = f"{first.name.removeprefix(HOST)} {said}"
    lines = [_line(one, timezone) for one in group[:_LISTED]]
    if len(group) > _LISTED:
        lines.append(f"and {len(group) - _LISTED} more: vedette sources --health")
    return Notice(
        title=f"[{'recovered' if over else 'warning'}] {title}",
        lines=tuple(lines),
        facts={
            "state": "recovered" if over else "silent",
            "sources": [
                {
                    "name": one.name,
                    "reason": one.ailment.value,
                    "since": one.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "detail": one_line(one.detail, limit=_DETAIL),
                }
                for one in group
            ],
        },
    )


def _line(one: Episode, timezone: str) -> str:
    what = "most sources" if one.name == ALL else one.name
    if one.name.startswith(HOST):
        what = f"sources of {one.name.removeprefix(HOST)}"
    since = local_time(one.since, timezone)
    detail = one_line(one.detail, limit=_DETAIL)
    verb = "was" if one.ended else "is"
    return f"{what}: {verb} {one.ailment.value} since {since}" + (
        f" ({detail})" if detail else ""
    )


def beats(
    heartbeat: Heartbeat, channels: Iterable[Channel], started: datetime, now: datetime
) -> Iterator[tuple[Channel, str, datetime]]:
    """Who is due which day's heartbeat, as (channel, recipient, its moment).

    The last one whose local time has passed, late ones too, but none of before
    ``started``. Whoever had it already is named again: the row's id tells.
    """
    if heartbeat.at is None:
        return
    for channel in channels:
        if heartbeat.to is not None and channel.name not in heartbeat.to:
            continue
        moment = _last(heartbeat.at, ZoneInfo(channel.timezone), now)
        if moment >= started:
            for recipient in channel.recipients:
                yield channel, recipient, moment


def beat(
    channel: Channel, recipient: str, moment: datetime, pulse: Pulse, now: datetime
) -> Delivery:
    """One recipient's heartbeat of one day."""
    day = moment.astimezone(ZoneInfo(channel.timezone)).date().isoformat()
    letter = Letter(
        id=stable_id(MessageType.HEARTBEAT, channel.name, recipient, day),
        type=MessageType.HEARTBEAT,
        channel=channel,
        recipient=recipient,
        created=now,
        notice=Notice(
            title=f"[heartbeat] {pulse}",
            lines=(),
            facts={
                "day": day,
                "healthy": pulse.healthy,
                "sources": pulse.sources,
                "alerts": pulse.alerts,
                "text": str(pulse),
            },
        ),
    )
    return service_row(letter, Severity.NORMAL)


def _last(at: time, zone: ZoneInfo, now: datetime) -> datetime:
    today = now.astimezone(zone).date()
    moments = (
        datetime.combine(today - timedelta(days=n), at, tzinfo=zone).astimezone(UTC)
        for n in range(3)
    )
    return next(moment for moment in moments if moment <= now)


def service_row(letter: Letter, severity: Severity) -> Delivery:
    """The outbox row of a message about the watch; only quiet time holds it."""
    leaving = held(letter.channel, severity, letter.created)
    return Delivery(
        id=letter.id,
        channel=letter.channel.name,
        recipient=letter.recipient,
        type=letter.type,
        severity=severity,
        story_id=None,
        alert_ids=(),
        headline=headline(letter),
        payload=render(letter),
        state=DeliveryState.PENDING,
        reason=leaving.reason,
        detail=leaving.detail,
        created=letter.created,
        due=leaving.due,
        first_due=leaving.due,
    )
