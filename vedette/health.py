"""Is it well? One answer for ``vedette health``, /healthz and the watchdog."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.model import DeliveryState
from alerts.outages import is_known

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from alerts.model import Channel
    from vedette.store.records import StoreHealth

LONGEST_SILENCE = timedelta(seconds=60)
"""Six missed beats of ten seconds."""

LONGEST_OVERDUE = timedelta(minutes=10)
"""A due message older than this, of a channel that sends nothing meanwhile, waits for
something that does not come."""

LONGEST_UNJUDGED = timedelta(minutes=5)
FREE_FLOOR = 64 * 1024 * 1024
"""With less room nothing more is fetched, and the rest is left to the messages."""

SEND_FLOOR = 8 * 1024 * 1024
"""With less nothing is sent either: its answer might find no room. Writing one
down takes 21 kB of log (seen once), so the 256 that may be under way take 5.5 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One aspect of being well; ``detail`` says what was measured.

    One that is not ``vital`` is shown and does not make the whole unwell: a daemon
    that rightly kept its old config must not be restarted into the broken one.
    """

    name: str
    ok: bool
    detail: str
    vital: bool = True


def checks(
    health: StoreHealth,
    now: datetime,
    *,
    stale_config: str | None = None,
    running: bool = True,
    channels: Mapping[str, Channel] | None = None,
) -> tuple[Check, ...]:
    """The checks in the order of their weight.

    ``running`` is whether a process holds the store: without one the last beat may
    still be young. What failed on endpoints that ``channels`` does not have is left
    out: those were renamed or removed, and nothing mends them; None leaves out none.

    Failing sources are no check, and dead channels no vital one: being well must not
    depend on other people's servers (HARDENING, container health check).
    """
    beat = health.beats.get("engine")
    silence = now - beat if beat else None
    # abs: after the clock was set back the last beat lies in the future.
    alive = running and silence is not None and abs(silence) < LONGEST_SILENCE
    said = f"last beat {_seconds(silence)} ago" if silence else "no beat yet"
    waited = now - health.oldest_pending if health.oldest_pending else timedelta()
    failing = sorted(
        {
            f"{one.channel} {one.reason}"
            for one in health.standing
            if not one.works and (channels is None or is_known(one, channels))
        }
    )
    return (
        Check(
            name="daemon",
            ok=alive,
            detail=said if running else f"not running; {said}",
        ),
        Check(
            name="evaluate",
            ok=waited < LONGEST_UNJUDGED,
            detail=f"{health.pending} items wait, the oldest {_seconds(waited)}",
        ),
        Check(
            name="deliver",
            # A receiver that hangs makes a queue, and no restart of ours shortens it.
            ok=health.stuck < LONGEST_OVERDUE,
            detail=f"oldest due message waits {_seconds(health.overdue)}; "
            f"{health.deliveries.get(DeliveryState.DEAD, 0)} dead letters",
        ),
        Check(
            name="channels",
            ok=not failing,
            detail=", ".join(failing) or "none is dead",
            vital=False,
        ),
        Check(
            name="disk",
            ok=health.free_bytes > FREE_FLOOR,
            detail=f"{health.free_bytes // 2**20} MiB free",
        ),
        Check(
            name="config",
            ok=stale_config is None,
            detail=f"stale: {stale_config}" if stale_config else "current",
            vital=False,
        ),
    )


def _seconds(span: timedelta) -> str:
    return f"{max(0, round(span.total_seconds()))} s"


def is_well(found: tuple[Check, ...]) -> bool:
    """Whether every vital check holds."""
    return all(check.ok for check in found if check.vital)


def status_json(found: tuple[Check, ...]) -> dict[str, object]:
    """The body of /healthz: ``status`` is "ok" or "failing"."""
    return {
        "status": "ok" if is_well(found) else "failing",
        "checks": {c.name: {"ok": c.ok, "detail": c.detail} for c in found},
    }
