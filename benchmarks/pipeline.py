"""Items per second through collect, evaluate and record on one core.

Feeds come over loopback from another process; everything else is the real thing: the
Fetcher with its guard and gate, parser processes, the store on disk with
synchronous=FULL, the shipped pack, one file channel. This process and its parsers
are pinned to one core. Sources declare their language, as those of the shipped pack
do. The gate's pause between two requests to one host is off: it is politeness, not
work.

First every stage alone, one after the other, then the whole line as the daemon runs
it. Run: ``python benchmarks/pipeline.py [--quick]``; ``--profile`` prints where the
time of one stage goes instead.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import os
import pstats
import resource
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from alerts.evaluate import decide, match  # noqa: E402
from alerts.stories import fingerprints  # noqa: E402
from benchmarks.figures import Figure, emit, progress, table  # noqa: E402
from benchmarks.wire import Press, language_of, served  # noqa: E402
from crawler.clock import utc_now  # noqa: E402
from crawler.collect import Collector  # noqa: E402
from crawler.fetcher import Fetcher  # noqa: E402
from crawler.pool import ParserPool  # noqa: E402
from crawler.request import FetchRequest, Purpose, user_agent  # noqa: E402
from vedette.config import load_config  # noqa: E402
from vedette.engine import MAX_POLLS  # noqa: E402
from vedette.jobs import EVALUATE_BATCH, Jobs  # noqa: E402
from vedette.setup import prepare  # noqa: E402
from vedette.store import Store  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import Any

    from crawler.items import Harvest

CONFIG = """\
store: data/vedette.db
include: [pack:eu-korea-russia/entities, pack:eu-korea-russia/topics]
network: {{allow: ["127.0.0.0/8"]}}
channels: {{log: {{kind: file, path: data/alerts.jsonl}}}}
sources:
{sources}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured."""

    feeds: int
    items: int = 15
    seed: int = 7


FULL, QUICK = Size(feeds=200), Size(feeds=40)


def pin() -> bool:
    """Bind this process and those it will start to one core; False: cannot."""
    if not hasattr(os, "sched_setaffinity"):
        return False
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    return True


def cpu_s() -> float:
    """CPU seconds of this process and of the children it has buried."""
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(who) for who in both]
    return sum(one.ru_utime + one.ru_stime for one in used)


class Line:
    """The rooms of the trip over one fresh folder; closed in the reverse order."""

    def __init__(self, folder: Path, urls: Sequence[str]) -> None:
        folder.mkdir()
        config = folder / "config.yaml"
        sources = "\n".join(
            f"  wire-{n}: {{kind: feed, url: {url}, article: never, "
            f"language: {language_of(n)}}}"
            for n, url in enumerate(urls)
        )
        config.write_text(CONFIG.format(sources=sources), encoding="utf-8")
        self.config = load_config(config)
        self.setup = prepare(self.config, clock=utc_now, cache=folder.parent / "cache")
        self._closing = AsyncExitStack()

    async def __aenter__(self) -> Self:
        closing = self._closing
        self.store = Store.open(Path(self.config.store))
        closing.callback(self.store.close)
        self.fetcher = Fetcher(
            user_agent=user_agent(None), allow=self.config.allow, min_gap_s=0
        )
        closing.push_async_callback(self.fetcher.aclose)
        self.pool = ParserPool()
        closing.push_async_callback(self.pool.aclose)
        collector = Collector(fetcher=self.fetcher, pool=self.pool, scraper=None)
        self.jobs = Jobs(
            store=self.store, collector=collector, setup=self.setup, clock=utc_now
        )
        closing.push_async_callback(self.jobs.aclose)
        await self.jobs.adopt(self.setup, spread=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._closing.aclose()

    async def each(self, work: Callable[[str], Coroutine[Any, Any, Any]]) -> list[Any]:
        """Do something for every source, so many at once as the engine polls."""
        gate = asyncio.Semaphore(MAX_POLLS)

        async def one(name: str) -> Any:
            async with gate:
                return await work(name)

        return await asyncio.gather(*(one(name) for name in self.setup.sources))

    async def fetch(self, name: str) -> int:
        """Only the request; the bytes of its body."""
        request = FetchRequest(
            source=name, url=self.setup.sources[name].url, purpose=Purpose.FEED
        )
        return len((await self.fetcher.fetch(request)).body)

    async def harvest(self, name: str) -> Harvest:
        """Collect without storing."""
        source, state = self.setup.sources[name], self.jobs.states[name]
        return await self.jobs.collector.collect(source, state, known=self.store.known)

    async def run(self) -> int:
        """The whole line as the engine drives it; the number of items judged."""
        polling = asyncio.create_task(self.each(self.jobs.collect))
        judged = 0
        while True:
            done = polling.done()
            got = await self.jobs.evaluate()
            judged += got
            if done and not got:
                break
            if not got:
                await asyncio.sleep(0.01)
        await polling
        return judged


class Stopwatch:
    """Times stages; ``spent`` is name to (items, wall seconds)."""

    def __init__(self) -> None:
        self.spent: dict[str, tuple[int, float]] = {}

    def add(self, stage: str, items: int, began: float) -> None:
        """Count one round of a stage that began then (``perf_counter``)."""
        before = self.spent.get(stage, (0, 0.0))
        now = time.perf_counter()
        self.spent[stage] = (before[0] + items, before[1] + now - began)


async def stages(line: Line, watch: Stopwatch, size: Size) -> None:
    """Each stage alone, over the same number of items."""
    total = size.feeds * size.items
    await line.each(line.fetch)  # robots.txt, connections, imports
    began = time.perf_counter()
    await line.each(line.fetch)
    watch.add("fetch", total, began)
    bodies = written(size)
    parse_alone(bodies, watch, total)
    parse_alone(bodies, watch, total, declared=False)
    first: list[Harvest] = await line.each(line.harvest)  # the parsers start
    # From here on nobody is new: items of a first poll may send one message a topic.
    line.jobs.states |= {one.source: one.state for one in first}
    began = time.perf_counter()
    harvests: list[Harvest] = await line.each(line.harvest)
    watch.add("collect", total, began)
    got = sum(len(one.items) for one in harvests)
    assert got == total, f"{got} of {total} items came"
    began = time.perf_counter()
    for harvest in harvests:
        line.store.add_items(harvest)
    watch.add("add_items", total, began)
    evaluate_alone(line, watch)


URL = "http://127.0.0.1/feed.xml"


def written(size: Size) -> list[bytes]:
    """The bodies of the first edition, as the server writes them."""
    press = Press(items=size.items, seed=size.seed)
    return [press.edition(URL, feed, 0) for feed in range(size.feeds)]


def parse_alone(
    bodies: list[bytes], watch: Stopwatch, items: int, *, declared: bool = True
) -> None:
    """The feed parser in this process, with no pool between.

    ``declared``: the sources name their language, as all of the shipped pack do; else
    the language model reads every item in Latin script.
    """
    from crawler.feeds import parse_feed

    for round_number in range(2):
        began = time.perf_counter()
        for n, body in enumerate(bodies if round_number else bodies[:10]):
            language = language_of(n) if declared else None
            parse_feed(
                body, url=URL, content_type=None, timezone="UTC", language=language
            )
        if round_number:
            watch.add("parse" if declared else "parse+", items, began)


def evaluate_alone(line: Line, watch: Stopwatch) -> None:
    """Pending, matching, deciding and recording, as the job does them, timed apart."""
    store, now = line.store, utc_now()
    while items := store.pending(EVALUATE_BATCH).items:
        count = len(items)
        began = time.perf_counter()
        store.pending(EVALUATE_BATCH)
        neighbours = store.neighbours(fingerprints(items), now)
        watch.add("read", count, began)
        began = time.perf_counter()
        matched = match(items, line.setup.watch)
        watch.add("match", count, began)
        began = time.perf_counter()
        verdict = decide(matched, neighbours, line.setup.watch, now)
        watch.add("decide", count, began)
        began = time.perf_counter()
        store.record(verdict)
        watch.add("record", count, began)


async def measure(size: Size) -> list[Figure]:
    """All figures; takes 1 to 40 seconds by the size."""
    pinned = pin()
    note = "" if pinned else "not pinned: this system has no sched_setaffinity"
    watch = Stopwatch()
    with (
        tempfile.TemporaryDirectory() as name,
        served(feeds=size.feeds, items=size.items, seed=size.seed, ready=6) as sites,
    ):
        folder = Path(name)
        progress("pipeline: stage by stage")
        async with Line(folder / "stages", sites.urls) as line:
            await stages(line, watch, size)
        progress("pipeline: the whole line")
        async with Line(folder / "line", sites.urls) as line:
            used = cpu_s()
            await line.run()  # robots.txt, the parsers' imports: not timed
            began = time.perf_counter()
            judged = await line.run()
            watch.add("line", judged, began)
        # The parsers count once they are buried, that is now: two rounds in all.
        spent = (cpu_s() - used) / 2
    return [*figures(watch, note), cpu_figure(judged, spent)]


def cpu_figure(items: int, spent_s: float) -> Figure:
    """CPU time is what stays the same on a busy machine."""
    return Figure(
        bench="pipeline",
        what="whole line: CPU of all processes",
        value=1e3 * spent_s / items,
        unit="ms/item",
    )


LABELS = {
    "line": "whole line: collect, evaluate, record",
    "fetch": "  fetch alone",
    "parse": "  parse alone (in process, language declared)",
    "parse+": "  parse alone, language detected by the model",
    "collect": "  collect (fetch, parse in a worker, itemise)",
    "add_items": "  store.add_items alone (one commit per feed)",
    "read": "  store.pending and neighbours alone",
    "evaluate": "  evaluate alone (match, decide)",
    "match": "  match alone (shipped pack)",
    "decide": "  decide alone",
    "record": "  store.record alone (one commit per 100)",
}
ON_THE_WAY = ("collect", "add_items", "read", "match", "decide", "record")


def figures(watch: Stopwatch, note: str) -> list[Figure]:
    """Items per second of every stage, and each one's share of the sum."""
    each = {name: seconds / items for name, (items, seconds) in watch.spent.items()}
    total = sum(each[name] for name in ON_THE_WAY)
    each["evaluate"] = each["match"] + each["decide"]
    rows = []
    for name, label in LABELS.items():
        share = ""
        if name in ON_THE_WAY:
            share = f"{100 * each[name] / total:.0f} % of the way"
        rows.append(
            Figure(
                bench="pipeline",
                what=label,
                value=round(1 / each[name], 1),
                unit="items/s",
                note=share or note,
            )
        )
    return rows


def profile(size: Size, top: int) -> None:
    """Where the time of collecting (main process), parsing and evaluating goes."""

    async def work() -> None:
        with (
            tempfile.TemporaryDirectory() as name,
            served(
                feeds=size.feeds, items=size.items, seed=size.seed, ready=2
            ) as sites,
        ):
            async with Line(Path(name) / "line", sites.urls) as line:
                await line.each(line.fetch)
                harvests: list[Harvest]
                taken = cProfile.Profile()
                taken.enable()
                harvests = await line.each(line.harvest)
                taken.disable()
                show("collect, main process", taken, top)
                bodies = written(size)
                taken = cProfile.Profile()
                taken.enable()
                parse_alone(bodies, Stopwatch(), len(bodies))
                taken.disable()
                show("parse", taken, top)
                for harvest in harvests:
                    line.store.add_items(harvest)
                taken = cProfile.Profile()
                taken.enable()
                evaluate_alone(line, Stopwatch())
                taken.disable()
                show("evaluate", taken, top)

    asyncio.run(work())


def show(what: str, taken: cProfile.Profile, top: int) -> None:
    """The costliest functions, by own time and by time with all they call."""
    for order in ("tottime", "cumulative"):
        print(f"--- {what}, by {order}")
        pstats.Stats(taken).strip_dirs().sort_stats(order).print_stats(top)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer feeds")
    parser.add_argument("--feeds", type=int, help="how many feeds")
    parser.add_argument("--profile", type=int, metavar="N", help="the N top costs")
    options = parser.parse_args()
    size = QUICK if options.quick else FULL
    if options.feeds:
        size = Size(feeds=options.feeds)
    if options.profile:
        profile(size, options.profile)
        return
    found = asyncio.run(measure(size))
    progress("")
    for one in found:
        emit(one)
    if sys.stdout.isatty():
        print(table(found))


if __name__ == "__main__":
    main()
