"""Feeds per second through fetch, parse and store, beside the `reader` package.

1,000 generated feeds of 15 items, each on a host of its own, come over loopback from
another process. Ours is the house as the daemon puts it together: Fetcher with guard
and gate (2 seconds between two requests to a host), robots.txt, parser processes, the
store with synchronous=FULL; only judging and sending are left out, since a feed
reader does neither. Words are indexed with the judgement: that is made up for at the
end, told apart, and once more counted in. (`reader` indexes by a call of its own, which
nobody makes here.) The other side is one ``update_feeds(scheduled=False)`` with
several numbers of workers, each over a database of its own; its best figure of each
round counts. All sides see the same editions in the same order, both cores are free to
all, the server among them.

Rounds: *first* (nothing known; ours asks each host for robots.txt too, and waits
before the feed), *new* (all 15 items of every feed), *tenth* (3 new items in every
tenth feed, 304 for the rest) and *same* (304 for all). Those but the first are
repeated and the median is told. The gap between two rounds, some seconds of the gate's
pause, is waited for outside the time, as polls are minutes apart.

Run: ``make bench-collecting``, or ``python benchmarks/collecting.py [--quick]
[--reader PYTHON]``; without the latter ours is measured alone.
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
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.feedhost import ITEMS, Host, hosted  # noqa: E402
from benchmarks.figures import Figure, emit, progress, table  # noqa: E402
from benchmarks.processes import cpu_s  # noqa: E402
from benchmarks.wire import language_of  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
WORKERS = (1, 2, 8)
"""Threads that `reader` fetches with; it parses and stores in one all the same."""
INDEX = "index"
"""Told instead of a round: index the words of all items that wait."""
PAUSE_S = 2.3
"""The gate's 2 s and its 10 %."""

CONFIG = """\
store: data/vedette.db
network: {{allow: ["127.0.0.0/8"]}}
channels: {{log: {{kind: file, path: data/alerts.jsonl}}}}
topics: {{any: {{title: Any, severity: low, query: vedette}}}}
sources:
{sources}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round for every side: what is published before it, and what is asked."""

    name: str
    label: str
    items: int = 0
    one_in: int = 1
    repeats: int = 1
    ratio: float | None = None

    def news(self, feeds: int, turn: int) -> int:
        """Items that this round must bring."""
        changed = sum((feed + turn) % self.one_in == 0 for feed in range(feeds))
        return changed * self.items


def rounds(repeats: int) -> tuple[Round, ...]:
    """In their order; the first needs a fresh store, so it has no repeats."""
    return (
        Round(name="first", label="first poll, robots.txt too"),
        Round(name="new", label="all new", items=ITEMS, repeats=repeats, ratio=3),
        Round(
            name="tenth",
            label="10 % changed",
            items=3,
            one_in=10,
            repeats=repeats,
            ratio=2,
        ),
        Round(name="same", label="all 304", repeats=repeats, ratio=1),
    )


@dataclass(slots=True)
class Side:
    """One competitor's process; obeys a line with a round, answers with its figures."""

    name: str
    process: subprocess.Popen[str]
    spent: dict[str, list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Round to (wall, CPU) seconds of each repeat."""

    def run(self, name: str) -> dict[str, Any]:
        """One round; its CPU is that of all its processes, also of ended ones."""
        assert self.process.stdin is not None
        began = cpu_s(self.process.pid)
        print(name, file=self.process.stdin, flush=True)
        told = self.hear()
        used = cpu_s(self.process.pid) - began
        self.spent[name].append((told["wall_s"], used))
        return told

    def hear(self) -> dict[str, Any]:
        """The next line of JSON."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"{self.name} ended"
        told: dict[str, Any] = json.loads(line)
        return told

    def rate(self, name: str, feeds: int) -> float:
        """Feeds per second, the median of the repeats."""
        return feeds / statistics.median(wall for wall, _ in self.spent[name])

    def cpu_ms(self, name: str, feeds: int) -> float:
        """CPU per feed, the median of the repeats."""
        return 1e3 * statistics.median(cpu for _, cpu in self.spent[name]) / feeds


@contextlib.contextmanager
def started(name: str, words: Sequence[str]) -> Iterator[Side]:
    """A side that has said that it is ready; ended with the block."""
    process = subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    side = Side(name, process)
    try:
        side.hear()
        yield side
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def measure(
    feeds: int, *, repeats: int, rival: str | None, declared: bool
) -> list[Figure]:
    """All rounds, every side in turn."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        host = stack.enter_context(hosted(feeds=feeds))
        config = written_config(folder, host.urls, declared=declared)
        ours = stack.enter_context(
            started("ours", [sys.executable, __file__, "--ours", str(config)])
        )
        sides = [ours]
        urls = folder / "urls.json"
        urls.write_text(json.dumps(host.urls), encoding="utf-8")
        program = str(Path(__file__).with_name("rival.py"))
        for workers in WORKERS if rival else ():
            words = [str(rival), program, str(folder / f"reader-{workers}.db")]
            side = started(f"reader, {workers}", [*words, str(workers), str(urls)])
            sides.append(stack.enter_context(side))
        robots = run_all(host, sides, feeds, repeats)
        ours.run(INDEX)
    return figures(sides, feeds, repeats, robots)


def run_all(host: Host, sides: Sequence[Side], feeds: int, repeats: int) -> int:
    """Every round on every side, checked; how many robots.txt ours asked for."""
    expected, turn, robots = feeds * ITEMS, 0, 0
    for each in rounds(repeats):
        for _ in range(each.repeats):
            if each.items:
                host.publish(items=each.items, one_in=each.one_in, turn=turn)
                expected += each.news(feeds, turn)
            # Each side is first in turn, since what comes later may find a busier
            # machine.
            for n in range(len(sides)):
                side = sides[(turn + n) % len(sides)]
                progress(f"collecting: {each.label}, {side.name}")
                time.sleep(PAUSE_S)
                host.counts()
                told = side.run(each.name)
                answers = host.counts()
                assert not told["failed"], f"{side.name}: {told}"
                assert told["items"] == expected, f"{side.name}: {told}, {expected}"
                assert answers.full + answers.same == feeds, f"{side.name}: {answers}"
                if each.name == "same":
                    assert answers.same == feeds, f"{side.name}: {answers}"
                if side is sides[0]:
                    robots += answers.robots
            turn += 1
    return robots


def figures(
    sides: Sequence[Side], feeds: int, repeats: int, robots: int
) -> list[Figure]:
    """Feeds per second and CPU of every round, ours, theirs and the ratio."""
    ours, *others = sides
    found = []

    def add(what: str, value: float, unit: str, **more: Any) -> None:
        found.append(
            Figure(bench="collecting", what=what, value=value, unit=unit, **more)
        )

    for each in rounds(repeats):
        rate = ours.rate(each.name, feeds)
        cpu = ours.cpu_ms(each.name, feeds)
        add(f"{each.label}: ours", round(rate, 1), "feeds/s")
        most = 2.0 if each.name == "same" else None
        add(f"{each.label}: ours, CPU", round(cpu, 2), "ms/feed", most=most)
        if not others:
            continue
        best = max(others, key=lambda one: one.rate(each.name, feeds))
        theirs = best.rate(each.name, feeds)
        note = "; ".join(f"{o.name}: {o.rate(each.name, feeds):.0f}" for o in others)
        add(f"{each.label}: reader", round(theirs, 1), "feeds/s", note=note)
        used = best.cpu_ms(each.name, feeds)
        add(f"{each.label}: reader, CPU", round(used, 2), "ms/feed", note=best.name)
        add(f"{each.label}: ratio", rate / theirs, "x", least=each.ratio)
    changed = sum(r.news(feeds, 0) * r.repeats for r in rounds(repeats))
    polls = (feeds * ITEMS + changed) / ITEMS
    ((wall_s, cpu),) = ours.spent[INDEX]
    add("the index of 15 items: ours, CPU", round(1e3 * cpu / polls, 2), "ms/feed")
    if others:
        spent_s = feeds / ours.rate("new", feeds) + feeds * wall_s / polls
        theirs = max(one.rate("new", feeds) for one in others)
        add("all new, index counted: ratio", feeds / spent_s / theirs, "x")
    add("robots.txt asked by ours, all in the first poll", robots, "requests")
    return found


def written_config(folder: Path, urls: Sequence[str], *, declared: bool) -> Path:
    """A config that watches the feeds; ``declared``: each names its language."""
    lines = []
    for n, url in enumerate(urls):
        language = f", language: {language_of(n)}" if declared else ""
        lines.append(f"  s{n}: {{kind: feed, url: {url}, article: never{language}}}")
    config = folder / "config.yaml"
    config.write_text(CONFIG.format(sources="\n".join(lines)), encoding="utf-8")
    return config


async def serve_ours(config: Path) -> None:
    """Our side: one round of polls for each line, all at once as the engine may."""
    from vedette.assembly import assemble
    from vedette.config import load_config
    from vedette.engine import MAX_POLLS

    settings = load_config(config)
    store = Path(settings.store)
    async with assemble(settings, spread=False) as jobs:
        gate = asyncio.Semaphore(MAX_POLLS)

        async def poll(name: str) -> bool:
            async with gate:
                return (await jobs.collect(name)).ok

        print("{}", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            began = time.perf_counter()
            if line.strip() == INDEX:
                oks = await asyncio.to_thread(index_waiting, store)
            else:
                names = jobs.setup.sources
                oks = await asyncio.gather(*(poll(name) for name in names))
            wall_s = time.perf_counter() - began
            health = await asyncio.to_thread(jobs.store.health, jobs.clock())
            told = {"wall_s": wall_s, "items": health.items, "failed": oks.count(False)}
            print(json.dumps(told), flush=True)


def index_waiting(path: Path) -> list[bool]:
    """What recording a verdict on each item would do to the index, in its batches."""
    from vedette.jobs import EVALUATE_BATCH
    from vedette.store import search
    from vedette.store.connection import connect

    with contextlib.closing(connect(path, read_only=False)) as db:
        rows = db.execute("SELECT item FROM pending ORDER BY item").fetchall()
        for first in range(0, len(rows), EVALUATE_BATCH):
            db.execute("BEGIN IMMEDIATE")
            search.index(db, [row[0] for row in rows[first : first + EVALUATE_BATCH]])
            db.execute("COMMIT")
    return []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 feeds, one repeat")
    parser.add_argument("--feeds", type=int, help="how many")
    parser.add_argument("--repeats", type=int, default=3, help="of all but the first")
    parser.add_argument("--reader", help="a Python that has the reader package")
    parser.add_argument(
        "--undeclared", action="store_true", help="sources do not name their language"
    )
    parser.add_argument("--ours", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ours:
        asyncio.run(serve_ours(options.ours))
        return
    found = measure(
        options.feeds or (100 if options.quick else 1_000),
        repeats=1 if options.quick else options.repeats,
        rival=options.reader,
        declared=not options.undeclared,
    )
    progress("")
    for one in found:
        emit(one)
    if sys.stdout.isatty():
        print(table(found))


if __name__ == "__main__":
    main()
