"""What evaluate costs beside 1,000 and beside 200,000 stored items, a day and a start.

Made-up articles of both models of ``press.py`` go through a real store in batches as
the daemon makes them; CPU time of the process, so that the disk's waiting does not
count. Each point is the median batch of ``BLOCK`` items judged beside so many others,
all of the last seven days; "indexes" is what reading, folding and writing them down
cost per item since the last point. In between ``filling.py`` fills the store. Nothing
is watched there: matching does not depend on the store.

With a week stored (140,000 items and 25,000 stories that matched) fresh processes open
the store, once as it is after a crash, tell when they could judge, judge a day of
20,000 more by the shipped pack, and tell their memory.

Run: ``make bench-growth``, or ``python benchmarks/growth.py [--quick] [--only MODEL]
[--svg docs/stories-cost.svg]``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from alerts.evaluate import Watch, decide, match  # noqa: E402
from alerts.matching import Matcher  # noqa: E402
from alerts.stories import fingerprints  # noqa: E402
from benchmarks.drawing import drawing  # noqa: E402
from benchmarks.engines import one_core  # noqa: E402
from benchmarks.figures import Figure, emit, progress, table  # noqa: E402
from benchmarks.filling import OPEN, SEED, WEEK, Filler, harvest  # noqa: E402
from benchmarks.matcher import pack  # noqa: E402
from benchmarks.neardup import NOW  # noqa: E402
from benchmarks.press import Press  # noqa: E402
from vedette.jobs import EVALUATE_BATCH  # noqa: E402
from vedette.store import Store  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MARKS = {
    "phrased": (1_000, 5_000, 20_000, 50_000, 100_000, 200_000),
    "loose": (1_000, 10_000, 50_000),
}
QUICK = (1_000, 5_000)
DAY = 20_000
BLOCK = 500
"""Items over which a cost is averaged."""

IDLE = Watch(matcher=Matcher.compile({}, {}), topics={})
STAGES = ("read", "fingerprint", "match", "neighbours", "decide", "record")


@dataclass(slots=True)
class Line:
    """Evaluates everything that a press makes; ``spent`` is CPU seconds by stage."""

    store: Store
    press: Press
    watch: Watch
    spent: Counter[str] = field(default_factory=Counter)

    def run(self, count: int) -> list[Counter[str]]:
        """Judge so many items; what each batch cost, seconds by stage."""
        took = [self._batch() for _ in range(0, count, EVALUATE_BATCH)]
        for one in took:
            self.spent.update(one)
        return took

    def _batch(self) -> Counter[str]:
        self.store.add_items(harvest(self.press.items(EVALUATE_BATCH)))
        clock = [time.process_time()]
        items = self.store.pending(EVALUATE_BATCH).items
        clock.append(time.process_time())
        asked = fingerprints(items)
        clock.append(time.process_time())
        matched = match(items, self.watch)
        clock.append(time.process_time())
        known = self.store.neighbours(asked, NOW)
        clock.append(time.process_time())
        verdict = decide(matched, known, self.watch, NOW)
        clock.append(time.process_time())
        self.store.record(verdict)
        clock.append(time.process_time())
        took = (end - begin for begin, end in pairwise(clock))
        return Counter(dict(zip(STAGES, took, strict=True)))


@dataclass(frozen=True, slots=True)
class Point:
    """µs an item by stage beside ``stored`` others; ``indexes`` since the last one."""

    stored: int
    stages: dict[str, float]
    indexes: float

    @property
    def cost(self) -> float:
        """µs an item, the indexes' keep included."""
        return sum(self.stages.values()) + self.indexes


def point(
    store: Store, press: Press, stored: int, since: int, block: int = BLOCK
) -> Point:
    """Judge a block beside ``stored`` items, ``since`` of them new to the indexes."""
    began = time.process_time()
    store.neighbours((), NOW)
    read = time.process_time() - began
    took = Line(store, press, IDLE).run(block)
    usual = {stage: median(one[stage] for one in took) for stage in STAGES}
    written = max(0.0, took[0]["record"] - usual["record"])
    return Point(
        stored,
        {stage: usual[stage] / EVALUATE_BATCH * 1e6 for stage in STAGES},
        (read + written) / since * 1e6,
    )


def points(
    marks: Sequence[int], *, phrased: bool, week: int
) -> Iterator[Point | dict[str, float]]:
    """A point per mark, and a start and a day at ``week`` items (0: never)."""
    press = Press(SEED, phrased=phrased)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "vedette.db")
        filler, before = Filler(file, phrased=phrased), 0
        for mark in sorted({*marks, week} - {0}):
            filler.fill(mark)
            with Store.open(file) as store:
                found = point(store, press, mark, mark - before)
            filler.stored, before = mark + BLOCK, mark
            if mark in marks:
                yield found
            if mark == week:
                yield _child(file, phrased=phrased)
                filler.stored += DAY


def _child(file: Path, *, phrased: bool) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, "day", str(file), str(int(phrased))],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    told: dict[str, float] = json.loads(done.stdout)
    return told


def day(file: Path, *, phrased: bool) -> dict[str, float]:
    """A start and a day's items on the shipped pack, beside what the store holds."""
    one_core()
    press = Press(SEED, phrased=phrased, series=1)
    entities, topics = pack()
    watch = Watch(matcher=Matcher.compile(entities, topics), topics=topics)
    asked = fingerprints(press.items(1))
    bare = _memory("VmRSS")
    began, spent = time.perf_counter(), time.process_time()
    with Store.open(file) as store:
        store.neighbours(asked, NOW)
        opened = time.perf_counter() - began, time.process_time() - spent
        held = _memory("VmRSS")
        line = Line(store, press, watch)
        line.run(DAY)
    return {
        "open_s": opened[0],
        "open_cpu_s": opened[1],
        "bare_mb": bare,
        "held_mb": held,
        "rss_mb": _memory("VmRSS"),
        "peak_mb": _memory("VmHWM"),
        **line.spent,
    }


def _memory(what: str) -> float:
    """MB of this process in memory, shared pages included; ``VmHWM`` is the peak."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError(f"no {what} in /proc/self/status")


def row(what: str, value: float, unit: str, **more: Any) -> Figure:
    """A figure of this benchmark."""
    return Figure(bench="growth", what=what, value=value, unit=unit, **more)


def figures(
    marks: Mapping[str, Sequence[int]], *, week: int, drawn: dict[str, list[Point]]
) -> Iterator[Figure]:
    """Every model's points, the denser one with a week and a day."""
    for model, at in marks.items():
        found = drawn.setdefault(model, [])
        phrased = model == "phrased"
        for one in points(at, phrased=phrased, week=week if phrased else 0):
            if isinstance(one, Point):
                found.append(one)
                parts = " ".join(f"{s} {v:.0f}" for s, v in one.stages.items())
                what = f"evaluate beside {one.stored:,} items, {model}"
                note = f"{parts} indexes {one.indexes:.0f}"
                yield row(what, round(one.cost, 1), "µs CPU/item", note=note)
            else:
                yield from _of_day(one)
        ratio = found[-1].cost / found[0].cost
        what = f"  {found[-1].stored:,} against {found[0].stored:,}, {model}"
        yield row(what, round(ratio, 3), "x", most=1.3)


def _of_day(told: dict[str, float]) -> Iterator[Figure]:
    held = f"{WEEK:,} items, {OPEN:,} matched stories"
    note = f"{told['open_cpu_s']:.2f} s CPU; beside {held}"
    what = "a start until it can judge, as after a crash"
    yield row(what, round(told["open_s"], 2), "s", most=3, note=note)
    parts = " ".join(f"{stage} {told[stage]:.1f}" for stage in STAGES)
    what = f"{DAY:,} items through evaluate, shipped pack"
    spent = sum(told[stage] for stage in STAGES)
    yield row(what, round(spent, 1), "s CPU", most=180, note=parts)
    what = "memory after the start, RSS"
    note = f"{told['bare_mb']:.0f} before the store was opened"
    yield row(what, round(told["held_mb"], 1), "MB", most=600, note=note)
    what = f"  after {DAY:,} more"
    yield row(what, round(told["rss_mb"], 1), "MB", most=600)
    what = "  the most at any time"
    yield row(what, round(told["peak_mb"], 1), "MB", most=600)


def picture(drawn: dict[str, list[Point]]) -> str:
    """The whole cost of the denser model and where it goes."""
    dense = drawn["phrased"]

    def of(*stages: str) -> list[float]:
        return [sum(one.stages[stage] for stage in stages) for one in dense]

    return drawing(
        (
            (
                "µs CPU an item, all of evaluate",
                (("all", [one.cost for one in dense]),),
            ),
            (
                "reading a text, comparing it",
                (("fingerprint", of("fingerprint")), ("decide", of("decide"))),
            ),
            (
                "the store, and its indexes in memory",
                (
                    ("store", of("read", "neighbours", "record")),
                    ("indexes", [one.indexes for one in dense]),
                ),
            ),
        ),
        [one.stored for one in dense],
        "items stored",
        linear=True,
    )


def main() -> None:
    """Measure and print, or be the process of one day."""
    if sys.argv[1:2] == ["day"]:
        print(json.dumps(day(Path(sys.argv[2]), phrased=sys.argv[3] == "1")))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two small stores")
    parser.add_argument("--only", choices=MARKS, help="one model of texts")
    parser.add_argument("--svg", type=Path, help="draw the curves into this file")
    options = parser.parse_args()
    models = (options.only,) if options.only else tuple(MARKS)
    marks = {one: QUICK if options.quick else MARKS[one] for one in models}
    week = 0 if options.quick else WEEK + OPEN
    drawn: dict[str, list[Point]] = {}
    found = []
    for one in figures(marks, week=week, drawn=drawn):
        found.append(one)
        progress("")
        emit(one)
    if options.svg:
        options.svg.write_text(picture(drawn), encoding="utf-8")
    if sys.stdout.isatty():
        print(table(found))


if __name__ == "__main__":
    main()
