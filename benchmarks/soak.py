"""The daemon for twenty minutes at 20 alerts a second, half of its receivers flaky.

Each item of the agency is one alert to two healthy receivers (a webhook, a mail
server) and to two flaky ones: 10 % answer 500 or 451, 5 % reset the connection, 5 %
take the message and hang up, 2 % take 3 s. Asked for: no id lost, none invented, one
content an id, and to the healthy ones fetched -> accepted p50 <= 2 s and p99 <= 10 s.
What the flaky ones still wait for at the end is delivered by a clock that is put
forward, for the schedule of retries takes days. Memory, WAL and queue are read every
ten seconds.

With ``--kills`` the daemon is killed every 0.2 to 3 s and started anew, at 5 alerts a
second; times are not asked for then. Exit 1 when an invariant does not hold.

Run: ``make soak``, or ``python benchmarks/soak.py [--minutes N] [--rate N] [--kills]
[--seed N]``.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.figures import Figure, emit, progress, table  # noqa: E402
from benchmarks.processes import cpu_s, memory  # noqa: E402
from tests.vedette.load.stand import (  # noqa: E402
    MOODS,
    PACK,
    Endpoint,
    Stand,
    percentile,
    stand,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RATE, KILLED_RATE = 20.0, 5.0
HALF_S, NEARLY_ALL_S = 2.0, 10.0
SAMPLE_S = 10.0
TAIL_S = 60.0
"""For the healthy receivers to get the last, and the flaky ones their first retries."""

ENDPOINTS = (
    Endpoint(name="hook", kind="hook"),
    Endpoint(name="desk", kind="mail"),
    Endpoint(name="flaky-hook", kind="hook", moods=MOODS),
    Endpoint(name="flaky-desk", kind="mail", moods=MOODS),
)
HEALTHY = [one.name for one in ENDPOINTS if one.healthy]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The daemon at one moment; sizes in MB (10^6 bytes)."""

    pss_main: float
    pss_all: float
    wal: float
    store: float
    oldest_due_s: float
    waiting: int


def sample(made: Stand) -> Sample:
    """Reads /proc, the files, /metrics and the outbox."""
    assert made.daemon is not None
    held = memory(made.daemon.pid)
    wal = made.store.with_name(made.store.name + "-wal")
    return Sample(
        pss_main=held.pss_main,
        pss_all=held.pss_all,
        wal=wal.stat().st_size / 1e6,
        store=made.store.stat().st_size / 1e6,
        oldest_due_s=made.metric("vedette_oldest_due_seconds"),
        waiting=made.waiting(),
    )


def steady(made: Stand, *, seconds: float, rate: float) -> Iterator[Figure]:
    """Load without kills, and what was seen of the daemon meanwhile."""
    made.start()
    assert made.daemon is not None
    made.open()
    began, spent, samples, loads = time.monotonic(), cpu_s(made.daemon.pid), [], []
    made.rate(rate)
    while (gone := time.monotonic() - began) < seconds:
        samples.append(sample(made))
        loads.append(os.getloadavg()[0])
        progress(f"soak: {gone:.0f} of {seconds:.0f} s, {samples[-1]}")
        time.sleep(SAMPLE_S)
    share = (cpu_s(made.daemon.pid) - spent) / (time.monotonic() - began)
    made.rate(0.0)
    made.wait(*HEALTHY, within_s=TAIL_S)
    time.sleep(min(TAIL_S, seconds / 4))
    left = {e.name: len(made.missing(e.name)) for e in ENDPOINTS if not e.healthy}
    yield of(f"SIGTERM until the end, {left} left", made.stop(), "s")
    yield of("pss_main of a fresh process on that store", afresh(made), "MB")
    for name in HEALTHY:
        waits = made.waits(name)
        for which, part, most in (("p50", 0.5, HALF_S), ("p99", 0.99, NEARLY_ALL_S)):
            what = f"fetched -> accepted by {name}, {which}"
            yield of(what, percentile(waits, part), "s", most=most)
        yield of(f"fetched -> accepted by {name}, max", waits[-1], "s")
    yield of("alerts a second", made.published / seconds, "1/s")
    yield of("daemon and workers, CPU", share, "cores")
    yield of("load average meanwhile, median", statistics.median(loads), "")
    yield from flat(samples)
    log = made.folder / "daemon.log"
    yield of("log of the daemon", log.stat().st_size / 1e6, "MB")


def afresh(made: Stand) -> float:
    """What the store's stories take: what the old process held beyond it is a leak."""
    made.start()
    assert made.daemon is not None
    time.sleep(SAMPLE_S)
    held = memory(made.daemon.pid).pss_main
    made.stop()
    return held


def flat(samples: Sequence[Sample]) -> Iterator[Figure]:
    """I19: the second quarter of the time beside the last one."""
    quarter = max(1, len(samples) // 4)
    early, late = samples[quarter : 2 * quarter], samples[-quarter:]
    for field, unit in (
        ("pss_main", "MB"),
        ("pss_all", "MB"),
        ("wal", "MB"),
        ("store", "MB"),
        ("oldest_due_s", "s"),
        ("waiting", "rows"),
    ):
        values = [float(getattr(one, field)) for one in samples]
        first, last = (
            statistics.median(float(getattr(one, field)) for one in part)
            for part in (early or samples, late)
        )
        note = f"median of the 2nd quarter {first:.1f}, of the last {last:.1f}"
        yield of(f"most of {field}", max(values), unit, note=note)


def killed(made: Stand, *, seconds: float, rate: float, seed: int) -> Iterator[Figure]:
    """Load while the daemon is killed over and over; then it may finish."""
    dice = random.Random(seed)
    made.start()
    made.open()
    made.rate(rate)
    began = time.monotonic()
    while (gone := time.monotonic() - began) < seconds:
        progress(f"soak: {gone:.0f} of {seconds:.0f} s, {made.kills} kills")
        time.sleep(dice.uniform(0.2, 3.0))
        made.kill()
        assert list(made.problems(drained=False)) == []
        made.start()
    made.rate(0.0)
    made.wait(*HEALTHY, within_s=300.0)
    made.stop()
    yield of("kills", made.kills, "")


def verdict(made: Stand) -> Iterator[Figure]:
    """After the drain: what does not hold, and what came again."""
    wrong = list(made.problems())
    for problem in wrong:
        print(problem, file=sys.stderr)
    yield of("invariants that do not hold", len(wrong), "", most=0)
    yield of("alerts to each receiver", made.published, "")
    for one in ENDPOINTS:
        seen = made.seen(one.name)
        moods = dict(Counter(sighting.mood for sighting in seen))
        again = made.duplicates(one.name)
        yield of(f"ids that {one.name} took again", again, "", note=f"{moods}")


def of(
    what: str, value: float, unit: str, *, most: float | None = None, note: str = ""
) -> Figure:
    return Figure(
        bench="soak", what=what, value=round(value, 2), unit=unit, most=most, note=note
    )


def soak(options: argparse.Namespace) -> Iterator[Figure]:
    seconds = 60.0 * options.minutes
    # A killed daemon misses polls: what appeared meanwhile must still be shown, and
    # more than 100 new items in one poll would be told as a backlog.
    feeds, shown = (30, 100) if options.kills else (8, 30)
    with (
        tempfile.TemporaryDirectory() as name,
        stand(
            Path(name),
            ENDPOINTS,
            feeds=feeds,
            shown=shown,
            include=PACK,
            seed=options.seed,
        ) as made,
    ):
        if options.kills:
            rate = options.rate or KILLED_RATE
            yield from killed(made, seconds=seconds, rate=rate, seed=options.seed)
        else:
            rate = options.rate or RATE
            yield from steady(made, seconds=seconds, rate=rate)
        progress("soak: what is left is delivered")
        began = time.monotonic()
        made.catch_up(within_s=1_800.0)
        yield of("drain by a turned clock", time.monotonic() - began, "s")
        yield from verdict(made)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--rate", type=float, help="alerts a second")
    parser.add_argument("--kills", action="store_true", help="SIGKILL every 0.2-3 s")
    parser.add_argument("--seed", type=int, default=7, help="of dice and kills")
    options = parser.parse_args()
    found = []
    for one in soak(options):
        progress("")
        emit(one)
        found.append(one)
    if sys.stdout.isatty():
        print(table(found))
    wrong = [one for one in found if one.most == 0 and one.verdict == "MISS"]
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
