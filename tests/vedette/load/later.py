"""Delivers all that waits, by a clock that is put forward to each next attempt.

    python -m tests.vedette.load.later

The schedule of retries takes days; here they pass as fast as the receivers answer.
Nothing is polled. Ends when no row waits any more.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.model import DeliveryState
from crawler.clock import utc_now
from vedette.assembly import assemble
from vedette.config import load_config

if TYPE_CHECKING:
    from datetime import datetime

MOST = 100_000


async def _main() -> None:
    ahead = timedelta()

    def clock() -> datetime:
        return utc_now() + ahead

    config = load_config(Path("config.yaml"))
    async with assemble(config, spread=True, clock=clock) as jobs:
        while await jobs.evaluate():
            pass
        while True:
            if await jobs.deliver():
                continue
            waiting = jobs.store.outbox(MOST, DeliveryState.PENDING)
            if not waiting:
                return
            ahead += max(
                timedelta(), min(row.due for row in waiting) - clock()
            ) + timedelta(milliseconds=1)


if __name__ == "__main__":
    asyncio.run(_main())
