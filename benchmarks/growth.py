"""What evaluate costs beside 1,000 and beside 200,000 stored items, and a whole day.

Made-up articles of both models of ``press.py`` go through a real store in batches as
the daemon makes them; CPU time of the process, so that the disk's waiting does not
count. Each point is the median batch of ``BLOCK`` items judged beside so many others,
all of the last seven days; "mean of all" is what every item until then cost, with what
comes seldom (the index of postings is laid out anew when it has doubled). Nothing is
watched: matching does not depend on the store.

At 140,000 stored items (a week of 20,000 a day) a fresh process opens the store,
compiles the shipped pack, judges a day of 20,000 more and tells its memory.

Run: ``python benchmarks/growth.py [--quick] [--svg docs/near-duplicates-cost.svg]``.
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
from benchmarks.matcher import pack  # noqa: E402
from benchmarks.neardup import NOW  # noqa: E402
from benchmarks.press import Press  # noqa: E402
from crawler.items import FetchReason, Harvest, SourceState  # noqa: E402
from vedette.jobs import EVALUATE_BATCH  # noqa: E402
from vedette.store import Store  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MARKS = (1_000, 5_000, 20_000, 50_000, 100_000, 200_000)
QUICK = (1_000, 5_000)
WEEK, DAY = 140_000, 20_000
BLOCK = 1_000
"""Items over which a cost is averaged."""

STAGES = ("read", "fingerprint", "match", "neighbours", "decide", "record")


@dataclass(slots=True)
class Line:
    """Evaluates everything that a press makes; ``spent`` is CPU seconds by stage."""

    store: Store
    press: Press
    watch: Watch
    spent: Counter[str] = field(default_factory=Counter)
    stored: int = 0

    def run(self, count: int) -> list[Counter[str]]:
        """Judge so many items; what each batch cost, seconds by stage."""
        until, took = self.stored + count, []
        while self.stored < until:
            took.append(self._batch(min(EVALUATE_BATCH, until - self.stored)))
            self.spent.update(took[-1])
        return took

    def _batch(self, count: int) -> Counter[str]:
        state = SourceState(name="wire", url="https://wire.test/", adopted=NOW)
        self.store.add_items(
            Harvest(
                source="wire",
                at=NOW,
                reason=FetchReason.OK,
                detail="",
                items=self.press.items(count),
                dropped=(),
                records=(),
                state=state,
            )
        )
        clock = [time.process_time()]
        items = self.store.pending(count).items
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
        self.stored += count
        ends = zip(clock, clock[1:], strict=False)
        return Counter({s: b - a for s, (a, b) in zip(STAGES, ends, strict=True)})


@dataclass(frozen=True, slots=True)
class Point:
    """µs an item by stage beside ``stored`` others, and the mean of all until then.

    The cost is that of the median batch, the mean that of everything.
    """

    stored: int
    stages: dict[str, float]
    mean: float

    @property
    def cost(self) -> float:
        """µs an item."""
        return sum(self.stages.values())


def points(
    marks: Sequence[int], *, phrased: bool, week: int
) -> Iterator[Point | dict[str, float]]:
    """A point per mark, and what a day costs when a week is stored (0: never)."""
    idle = Watch(matcher=Matcher.compile({}, {}), topics={})
    press, spent, judged = Press(7, phrased=phrased), 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "vedette.db")
        stored = 0
        for mark in sorted({*marks, week} - {0}):
            with Store.open(file) as store:
                line = Line(store, press, idle, stored=stored)
                while line.stored < mark:
                    progress(f"{line.stored:,} of {max(marks):,} items stored")
                    line.run(min(BLOCK, mark - line.stored))
                if mark in marks:
                    took = line.run(BLOCK)
                    stages = {
                        stage: median(one[stage] for one in took) / EVALUATE_BATCH * 1e6
                        for stage in STAGES
                    }
                spent += line.spent.total()
                judged += line.stored - stored
                stored = line.stored
                if mark in marks:
                    yield Point(mark, stages, spent / judged * 1e6)
            if mark == week:
                yield _child(file, phrased=phrased)
                stored += DAY


def _child(file: Path, *, phrased: bool) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, "day", str(file), str(int(phrased))],
        capture_output=True,
        check=True,
        text=True,
    )
    told: dict[str, float] = json.loads(done.stdout)
    return told


def day(file: Path, *, phrased: bool) -> dict[str, float]:
    """A day's items on the shipped pack, beside what the store holds already."""
    one_core()
    press = Press(7, phrased=phrased, series=1)
    entities, topics = pack()
    watch = Watch(matcher=Matcher.compile(entities, topics), topics=topics)
    bare = _resident()
    with Store.open(file) as store:
        began = time.process_time()
        store.neighbours(fingerprints(press.items(1)), NOW)
        opened, held = time.process_time() - began, _resident()
        line = Line(store, press, watch)
        line.run(DAY)
    return {
        "open_s": opened,
        "bare_mb": bare,
        "held_mb": held,
        "rss_mb": _resident(),
        **line.spent,
    }


def _resident() -> float:
    """MB of this process in memory, shared pages included."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError("no VmRSS in /proc/self/status")


def row(what: str, value: float, unit: str, **more: Any) -> Figure:
    """A figure of this benchmark."""
    return Figure(bench="growth", what=what, value=value, unit=unit, **more)


def figures(
    marks: Sequence[int], *, week: int, drawn: dict[str, list[Point]]
) -> Iterator[Figure]:
    """Both models, the denser one with a week and a day."""
    for model in ("phrased", "loose"):
        found = drawn.setdefault(model, [])
        phrased = model == "phrased"
        for one in points(marks, phrased=phrased, week=week if phrased else 0):
            if isinstance(one, Point):
                found.append(one)
                parts = " ".join(f"{s} {v:.0f}" for s, v in one.stages.items())
                what = f"evaluate beside {one.stored:,} items, {model}"
                note = f"{parts}; mean of all {one.mean:.0f}"
                yield row(what, round(one.cost, 1), "µs CPU/item", note=note)
            else:
                yield from _of_day(one)
        ratio = found[-1].cost / found[0].cost
        what = f"  {found[-1].stored:,} against {found[0].stored:,}, {model}"
        mean = found[-1].mean / found[0].mean
        note = f"mean of all {mean:.2f} x"
        yield row(what, round(ratio, 3), "x", most=1.3, note=note)


def _of_day(told: dict[str, float]) -> Iterator[Figure]:
    parts = " ".join(f"{stage} {told[stage]:.1f}" for stage in STAGES)
    what = f"{DAY:,} items through evaluate, shipped pack"
    spent = sum(told[stage] for stage in STAGES)
    yield row(what, round(spent, 1), "s CPU", most=180, note=parts)
    note = f"without a store {told['bare_mb']:.0f}"
    what = f"memory with {WEEK:,} items stored, RSS"
    yield row(what, round(told["held_mb"], 1), "MB", most=600, note=note)
    what = f"  after {DAY:,} more"
    yield row(what, round(told["rss_mb"], 1), "MB", most=600)
    what = f"  a start with {WEEK:,} items reads their words"
    yield row(what, round(told["open_s"], 2), "s CPU")


def picture(drawn: dict[str, list[Point]]) -> str:
    """The whole cost of both models, and what the store has of it."""
    every = list(drawn.items())
    dense = drawn["phrased"]
    parts = ("neighbours", "record")
    return drawing(
        (
            (
                "µs CPU an item, all of evaluate",
                tuple((model, [one.cost for one in found]) for model, found in every),
            ),
            (
                "mean of every item until then",
                tuple((model, [one.mean for one in found]) for model, found in every),
            ),
            (
                "of that the store, phrased",
                tuple((part, [one.stages[part] for one in dense]) for part in parts),
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
    parser.add_argument("--svg", type=Path, help="draw the curves into this file")
    options = parser.parse_args()
    marks, week = (QUICK, 0) if options.quick else (MARKS, WEEK)
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
