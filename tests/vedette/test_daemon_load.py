"""The real daemon under a little load: what benchmarks/soak.py does for twenty minutes.

No time here is the promise's: it is measured by ``make soak`` and
``make bench-delivery`` on a machine that has nothing else to do.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.vedette.load.filling import age
from tests.vedette.load.stand import MOODS, Endpoint, percentile, stand

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def test_flaky_and_dead_receivers_lose_nothing_and_delay_no_other(
    tmp_path: Path,
) -> None:
    """I1-I6, I15: every id is taken in the end, under one id and with one content."""
    endpoints = (
        Endpoint(name="hook", kind="hook"),
        Endpoint(name="desk", kind="mail"),
        Endpoint(name="flaky-hook", kind="hook", moods=MOODS),
        Endpoint(name="flaky-desk", kind="mail", moods=MOODS),
        Endpoint(name="dead", kind="hook", moods={"hang": 1.0}),
    )
    with stand(tmp_path, endpoints, feeds=4) as made:
        made.start()
        made.open()
        made.rate(10.0)
        time.sleep(6.0)
        made.rate(0.0)
        assert made.published > 40
        assert made.wait("hook", "desk", within_s=60)
        assert made.metric("vedette_oldest_due_seconds") >= 0
        # The dead one takes 30 s for each that it is sent, and is sent 8 at once.
        assert len(made.missing("dead")) == made.published
        for name in ("hook", "desk"):
            assert percentile(made.waits(name), 0.5) < 15, name
        made.kill()
        made.heal("dead")
        made.catch_up()
        assert list(made.problems()) == []
        faults = [one for one in made.seen("flaky-hook") if one.mood != "ok"]
        assert faults, "the flaky one failed at nothing, so nothing was shown"


def test_fresh_alerts_pass_a_backlog_that_nobody_tried(tmp_path: Path) -> None:
    """A receiver that hung for days is back, slow: who was just found comes first."""
    slow = Endpoint(name="slow", kind="hook", moods={"stall": 1.0})
    with stand(tmp_path, (slow,), feeds=2) as made:
        made.fill(3)
        backlog = age(made.store, copies=50, tried=False)
        assert backlog == 150
        made.start()
        made.open()
        made.rate(1.0)
        time.sleep(5.0)
        made.rate(0.0)
        assert made.published >= 4
        assert made.wait("slow", within_s=60)
        # 8 places and 3 s each: the backlog alone takes a minute.
        old = len(made.seen("slow")) - made.published
        assert 0 < old < backlog * 0.9, "the backlog went first, or not at all"
        assert made.duplicates("slow") == 0
