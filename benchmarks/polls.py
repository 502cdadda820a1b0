"""How late 10,000 feeds are polled, and what the processes hold meanwhile.

Asked is a poll of each every 10 minutes, 16.7 a second. Here all feeds are polled
``--speed`` times as often, so that 12 minutes at ten times the rate are 120,000 polls,
as many as two hours bring. Times are real ones: lateness is from the moment a source
was due until its feed was asked for, the second of the tick and the queue at the gate
included. One poll in ten finds one new item, the others get a 304. Before that
every feed is polled a first time, robots.txt and all 15 items; that is waited for and
not counted, nor is how late those are that came due meanwhile.

The house is put together as the daemon does it, each host has its turn at the gate and
its pause, and polls start as the engine's tick starts them. Judging and sending are
left out: 150,000 first items would be judged for minutes. Run: ``make bench-polls``,
or ``python benchmarks/polls.py [--speed N] [--minutes N] [--feeds N]``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.collecting import CONFIG  # noqa: E402
from benchmarks.feedhost import hosted  # noqa: E402
from benchmarks.figures import Figure, emit, progress, table  # noqa: E402
from benchmarks.latency import percentile  # noqa: E402
from benchmarks.processes import Memory, cpu_s, memory  # noqa: E402
from benchmarks.wire import language_of  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from vedette.jobs import Jobs

USUAL_S = 600
FRESH_IN = 10
SAMPLE_S = 5.0
FIRST_WITHIN_S = 900.0
LATE_S, HELD_MB = 30.0, 500.0


@dataclass(slots=True, kw_only=True)
class Polls:
    """Starts polls as the engine's tick does; notes how late each feed was asked."""

    jobs: Jobs
    since: datetime | None = None
    """Polls that were due before are not asked how late they are."""
    late_s: list[float] = field(default_factory=list)
    polled: set[str] = field(default_factory=set)
    failed: int = 0
    done: int = 0
    _under_way: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def run(self, until: float) -> None:
        """Tick every second until then (``time.monotonic``)."""
        from vedette.engine import MAX_POLLS, TICK_S

        while time.monotonic() < until:
            room = MAX_POLLS - len(self._under_way)
            busy = self._under_way.keys()
            for name in self.jobs.due(self.jobs.clock(), limit=room, busy=busy):
                self._under_way[name] = asyncio.create_task(self._poll(name))
            await asyncio.sleep(TICK_S)

    async def end(self) -> None:
        """Let those under way end."""
        await asyncio.gather(*self._under_way.values())

    async def _poll(self, name: str) -> None:
        due = self.jobs.states[name].due
        try:
            harvest = await self.jobs.collect(name)
        finally:
            self._under_way.pop(name, None)
        self.polled.add(name)
        self.done += 1
        self.failed += not harvest.ok
        if due and self.since and due >= self.since and harvest.records:
            asked = harvest.records[-1].at
            self.late_s.append((asked - due).total_seconds())


async def poll(config: Path, seconds: float) -> None:
    """The measured process: first polls, a line, polls for so long, their lateness."""
    from vedette.assembly import assemble
    from vedette.config import load_config

    async with assemble(load_config(config), spread=True) as jobs:
        first = Polls(jobs=jobs)
        sources = len(jobs.setup.sources)
        running = asyncio.create_task(first.run(time.monotonic() + FIRST_WITHIN_S))
        while len(first.polled) < sources and not running.done():  # noqa: ASYNC110
            await asyncio.sleep(1)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await first.end()
        assert len(first.polled) == sources, f"{len(first.polled)} of {sources}"
        told = {"polls": first.done, "failed": first.failed}
        print(json.dumps(told), flush=True)
        polls = Polls(jobs=jobs, since=jobs.clock())
        await polls.run(time.monotonic() + seconds)
        await polls.end()
        told = {"polls": polls.done, "failed": polls.failed}
        print(json.dumps({**told, "late_s": polls.late_s}), flush=True)


@dataclass(slots=True, kw_only=True)
class Seen:
    """What the measured process told, and what was seen of it from outside."""

    told: dict[str, Any]
    held: list[Memory]
    first_s: float
    spent_s: float
    cpu_s: float
    robots: int


def watch(feeds: int, *, every_s: float, seconds: float) -> Seen:
    """Run it, with a sample of its memory every 5 seconds."""
    with (
        tempfile.TemporaryDirectory() as name,
        hosted(feeds=feeds, fresh_in=FRESH_IN) as host,
    ):
        config = Path(name) / "config.yaml"
        sources = "\n".join(
            f"  s{n}: {{kind: feed, url: {url}, article: never, every: {every_s:g}s,"
            f" language: {language_of(n)}}}"
            for n, url in enumerate(host.urls)
        )
        config.write_text(CONFIG.format(sources=sources), encoding="utf-8")
        words = [sys.executable, __file__, "--polled", str(config)]
        process = subprocess.Popen(
            [*words, "--minutes", str(seconds / 60)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        try:
            assert process.stdout is not None
            progress("polls: the first of each feed")
            began = time.monotonic()
            assert process.stdout.readline(), "it ended"
            first_s = time.monotonic() - began
            host.counts()
            began, used = time.monotonic(), cpu_s(process.pid)
            held = []
            while time.monotonic() < began + seconds:
                held.append(memory(process.pid))
                progress(f"polls: {time.monotonic() - began:.0f} of {seconds:.0f} s")
                time.sleep(min(SAMPLE_S, seconds / 4))
            used = cpu_s(process.pid) - used
            spent_s = time.monotonic() - began
            told = json.loads(process.stdout.readline())
            counts = host.counts()
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=30)
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
    return Seen(
        told=told,
        held=held,
        first_s=first_s,
        spent_s=spent_s,
        cpu_s=used,
        robots=counts.robots,
    )


def figures(seen: Seen, feeds: int) -> list[Figure]:
    """Lateness, memory and what it cost."""
    late = sorted(seen.told["late_s"])
    count = seen.told["polls"]
    all_mb = [one.pss_all for one in seen.held]
    third = max(len(all_mb) // 3, 1)
    grown = statistics.median(all_mb[-third:]) - statistics.median(all_mb[:third])
    most = max(seen.held, key=lambda one: one.pss_all)
    rows: Sequence[tuple[str, float, str, dict[str, Any]]] = (
        ("polls", count, "", {"note": f"{feeds} feeds, {seen.spent_s:.0f} s"}),
        ("polls a second", count / seen.spent_s, "polls/s", {}),
        ("polls failed", seen.told["failed"], "", {"most": 0}),
        ("robots.txt asked again", seen.robots, "", {"most": 0}),
        ("first polls of all", seen.first_s, "s", {"note": "start included"}),
        ("late, p50", percentile(late, 0.5), "s", {}),
        ("late, p99", percentile(late, 0.99), "s", {"most": LATE_S}),
        ("late, max", late[-1], "s", {}),
        ("all processes, PSS, most", most.pss_all, "MB", _held(most)),
        ("main process, RSS, most", max(one.rss_main for one in seen.held), "MB", {}),
        ("PSS, last third against the first", grown, "MB", {}),
        ("CPU a poll", 1e3 * seen.cpu_s / count, "ms", {}),
    )
    return [
        Figure(bench="polls", what=what, value=round(value, 3), unit=unit, **more)
        for what, value, unit, more in rows
    ]


def _held(most: Memory) -> dict[str, Any]:
    return {"most": HELD_MB, "note": f"{most.processes} processes"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=10_000)
    parser.add_argument("--speed", type=float, default=10, help="times the usual rate")
    parser.add_argument("--minutes", type=float, default=12)
    parser.add_argument("--polled", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    seconds = 60 * options.minutes
    if options.polled:
        asyncio.run(poll(options.polled, seconds))
        return
    seen = watch(options.feeds, every_s=USUAL_S / options.speed, seconds=seconds)
    progress("")
    found = figures(seen, options.feeds)
    for one in found:
        emit(one)
    if sys.stdout.isatty():
        print(table(found))


if __name__ == "__main__":
    main()
