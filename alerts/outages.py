"""Channels that go dead: told once through their fallback, and once when well; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from alerts.model import Letter, MessageType, Notice, Outcome, Reason, Severity
from alerts.notices import service_row
from alerts.rendering.clean import one_line
from alerts.rendering.wording import local_time
from crawler.items import stable_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from alerts.model import Channel, Delivery

DAY = timedelta(days=1)
FAILING_TRIES = 4
FAILING_FOR = timedelta(minutes=30)
"""An endpoint fails when a message was tried so often, for so long, and nothing got
through since the first try. Mail is tried the fourth time after 42 minutes, a webhook
after 6, in which a server that restarts may well be back."""

_DETAIL = 160
_REMEDY = (
    "See `vedette outbox --state dead`; `vedette outbox retry --channel {}` sends again"
)
_WAITS = "Its messages wait and are tried again; see `vedette outbox --state pending`"
_WAITING = frozenset({Outcome.PAUSED.value, Reason.FAILING.value})
"""Reasons for which nothing was given up yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an endpoint stands that failed last ``at`` (aware UTC).

    ``recipient`` is empty for a fault of the whole channel (authentication, a missing
    secret: its rows wait), else a message to it was given up or, for the reason
    FAILING, is tried in vain since then. ``works`` says that one was delivered since.
    ``lost`` counts the messages given up since its last outage ended, or within a
    day if none was told.
    """

    channel: str
    recipient: str
    at: datetime
    reason: str
    detail: str
    works: bool
    lost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time in which a channel, or one recipient of it, got nothing."""

    channel: str
    recipient: str
    since: datetime
    reason: str
    detail: str = ""
    ended: datetime | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What it is of."""
        return self.channel, self.recipient

    @property
    def name(self) -> str:
        """How messages name it."""
        who = self.recipient if self.recipient != self.channel else ""
        return f"{self.channel}: {who}" if who else self.channel


def changes(
    standing: Iterable[Standing],
    told: Iterable[Outage],
    channels: Mapping[str, Channel],
    now: datetime,
) -> tuple[Outage, ...]:
    """The outages that begin and those that end, of channels that have a fallback.

    ``told`` is the last outage of each endpoint. A message that was given up begins
    one also if the next got through meanwhile: nobody else says that it is lost. On
    an endpoint that works otherwise that is told once a day, with their number.
    """
    known = {one.key: one for one in told}
    found = []
    for one in standing:
        before = known.get((one.channel, one.recipient))
        if before is not None and before.ended is None:
            found += [replace(before, ended=now)] if one.works else []
        elif _is_news(one, before, now) and _is_watched(one, channels):
            found.append(
                Outage(
                    channel=one.channel,
                    recipient=one.recipient,
                    since=one.at,
                    reason=one.reason,
                    detail=_detail(one),
                )
            )
    return tuple(found)


def _is_news(one: Standing, before: Outage | None, now: datetime) -> bool:
    ended = before.ended if before is not None else None
    if ended is not None and one.at <= ended:
        return False
    if not one.works:
        return True
    if one.recipient == "":
        return False
    # A letter from before there was a fallback is no alarm of today.
    return now - one.at <= DAY if ended is None else now - ended >= DAY


def _detail(one: Standing) -> str:
    if one.lost < 2:
        return one.detail
    return f"{one.lost} messages were given up, the last: {one.detail}"


def is_known(one: Standing, channels: Mapping[str, Channel]) -> bool:
    """Whether the config has such an endpoint still."""
    channel = channels.get(one.channel)
    return channel is not None and one.recipient in {"", *channel.recipients}


def _is_watched(one: Standing, channels: Mapping[str, Channel]) -> bool:
    return is_known(one, channels) and channels[one.channel].fallback is not None


def tell(
    outages: Iterable[Outage], channels: Mapping[str, Channel], now: datetime
) -> tuple[Delivery, ...]:
    """The rows for the recipients of each fallback; the bad news is critical."""
    return tuple(
        _row(one, fallback, recipient, now)
        for one in outages
        for fallback in _fallback(one, channels)
        for recipient in fallback.recipients
    )


def _fallback(one: Outage, channels: Mapping[str, Channel]) -> tuple[Channel, ...]:
    """The channel that is told, if today's config has one."""
    dead = channels.get(one.channel)
    fallback = channels.get(dead.fallback) if dead and dead.fallback else None
    return (fallback,) if fallback else ()


def _row(one: Outage, fallback: Channel, recipient: str, now: datetime) -> Delivery:
    parts = (one.name, one.since.isoformat(), *(["recovered"] if one.ended else []))
    letter = Letter(
        id=stable_id(MessageType.CHANNEL_DEAD, fallback.name, recipient, *parts),
        type=MessageType.CHANNEL_DEAD,
        channel=fallback,
        recipient=recipient,
        created=now,
        notice=_notice(one, fallback.timezone),
    )
    return service_row(letter, Severity.HIGH if one.ended else Severity.CRITICAL)


def _notice(one: Outage, timezone: str) -> Notice:
    name, detail = (
        one_line(one.name, limit=_DETAIL),
        one_line(one.detail, limit=_DETAIL),
    )
    since = local_time(one.since, timezone)
    said = f"{'was' if one.ended else 'is'} {one.reason} since {since}"
    line = f"{name}: {said}" + (f" ({detail})" if detail else "")
    remedy = _WAITS if one.reason in _WAITING else _REMEDY.format(one.channel)
    title = f"[warning] The channel {name} is not delivering"
    if one.ended:
        title = f"[recovered] The channel {name} delivers again"
    return Notice(
        title=title,
        lines=(line,) if one.ended else (line, remedy),
        facts={
            "state": "recovered" if one.ended else "dead",
            "channel": one.channel,
            "recipient": one.recipient or None,
            "reason": one.reason,
            "since": one.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "detail": detail,
        },
    )
