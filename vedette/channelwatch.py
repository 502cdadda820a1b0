"""The watch on the channels at work: what went dead, told through the fallback."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from alerts.model import Outcome, Verdict
from alerts.outages import changes, tell

if TYPE_CHECKING:
    from datetime import datetime

    from vedette.setup import Setup
    from vedette.store import Store

log = logging.getLogger(__name__)


def paused(store: Store, now: datetime) -> tuple[tuple[str, str], ...]:
    """The channels that let nobody in when they were last asked, with what they said.

    Raises:
        StoreError: the store cannot be read.
    """
    return tuple(
        (one.channel, one.detail)
        for one in store.health(now).standing
        if one.reason == Outcome.PAUSED and not one.works
    )


def look(store: Store, setup: Setup, now: datetime) -> int:
    """Tell which channels went dead and which deliver again; the messages made.

    What is told is recorded in one transaction with the outage, so a kill neither
    loses nor repeats it.

    Raises:
        StoreError: nothing was told; the next look finds the same.
    """
    channels = setup.channels
    if not any(one.fallback for one in channels.values()):
        return 0
    health = store.health(now)
    found = changes(health.standing, health.outages, channels, now)
    if not found:
        return 0
    told = tell(found, channels, now)
    store.record(Verdict(at=now, deliveries=told, outages=found))
    for one in found:
        log.warning(
            "A channel delivers again" if one.ended else "A channel went dead",
            extra={"channel": one.name, "reason": one.reason, "detail": one.detail},
        )
    return len(told)
