"""Every benchmark, one after the other; a table and JSON lines at the end.

Each one is a process of its own with a time limit, so that none disturbs the memory
or the affinity of another, and rows of one run may be compared. The idle daemon is
watched while the matcher runs: both count what load does not change (memory, CPU
time). Exit 1 if a benchmark failed; a number that misses what was asked is marked
``MISS`` and is no failure.

Run: ``make bench``, or ``python benchmarks/run.py [--quick] [--only NAME …]
[--json FILE]``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.figures import Figure, gathered, progress, table  # noqa: E402
from benchmarks.gold import ENOUGH, GOLD, LANGUAGE, MEAN, TARGETS  # noqa: E402
from benchmarks.stories import DATA as STORIES  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One program to run. ``quick`` and ``full`` are its words, ``limit_s`` the end."""

    name: str
    full: tuple[str, ...]
    quick: tuple[str, ...]
    limit_s: tuple[float, float]
    read: Callable[[str], list[Figure]] = lambda out: gathered(out.splitlines())
    beside: bool = False


def of_matcher(out: str) -> list[Figure]:
    """Rows of benchmarks/matcher.py, the matcher's with ratios to loop and limit."""
    rows = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    naive = {row["topics"]: row for row in rows if row["what"].startswith("naive")}
    limit = {row["topics"]: row for row in rows if row["what"].startswith("raw")}
    least = {"shipped pack": 1_000.0, "synthetic, exact": 1_500.0}
    found = []
    for row in rows:
        what, topics = row["what"], row["topics"]
        asked = least.get(what, 800.0 if "fuzzy" in what else None)
        label = f"{what}, {topics:,} topics"
        found.append(matched(label, row["docs_s"], "docs/s", least=asked))
        if not row["compile_s"]:
            continue
        ratio = row["docs_s"] / naive[topics]["docs_s"]
        bound = 300.0 if topics >= 10_000 else None
        found.append(matched("  against the naive loop", ratio, "x", least=bound))
        share = 100 * row["docs_s"] / limit[topics]["docs_s"]
        found.append(matched("  share of the raw scan", share, "%"))
        note = f"{row['warm_s']} s from the cache, {row['patterns']:,} patterns"
        found.append(matched("  compile, no cache", row["compile_s"], "s", note=note))
    return found


def matched(
    what: str,
    value: float,
    unit: str,
    *,
    least: float | None = None,
    note: str = "",
) -> Figure:
    return Figure(
        bench="matcher", what=what, value=value, unit=unit, least=least, note=note
    )


def of_gold(out: str) -> list[Figure]:
    """F1 per topic with its interval, per language, and the mean."""
    read = json.loads(out)
    scores: dict[str, dict[str, Any]] = read["topics"]
    rows = [
        Figure(
            bench="gold",
            what=f"F1 of {topic}",
            value=round(score["f1"], 4),
            unit="F1",
            least=TARGETS[topic],
            note=f"95 %: {score['interval'][0]:.3f}-{score['interval'][1]:.3f}",
        )
        for topic, score in scores.items()
    ]
    languages: dict[str, dict[str, float]] = read["languages"]
    rows += [
        Figure(
            bench="gold",
            what=f"F1 in {tongue}, pooled, {score['positives']:.0f} positives",
            value=round(score["f1"], 4),
            unit="F1",
            least=LANGUAGE,
        )
        for tongue, score in languages.items()
        if score["positives"] >= ENOUGH
    ]
    return [
        *rows,
        Figure(
            bench="gold",
            what="mean F1 of the five",
            value=round(read["mean"]["f1"], 4),
            unit="F1",
            least=MEAN,
            note="the pack's rules saw this set",
        ),
    ]


def bench(
    name: str, file: str, limits: tuple[float, float], *words: str, **keys: Any
) -> Bench:
    full = (str(HERE / file), *words)
    keys.setdefault("quick", (*full, "--quick"))
    return Bench(name=name, full=full, limit_s=limits, **keys)


BENCHES = (
    bench("memory", "daemon.py", (240, 100), "memory", beside=True),
    bench("matcher", "matcher.py", (200, 80), read=of_matcher),
    bench(
        "gold",
        "gold.py",
        (60, 60),
        "--json",
        read=of_gold,
        quick=(str(HERE / "gold.py"), "--json"),
    ),
    bench("stories", "stories.py", (180, 60), "--json"),
    bench("hostile", "hostile.py", (90, 40)),
    bench("neardup", "neardup.py", (240, 60)),
    bench("pipeline", "pipeline.py", (120, 60)),
    bench("startup", "daemon.py", (120, 60), "startup"),
    bench("demo", "daemon.py", (90, 90), "demo"),
    bench("store", "storing.py", (120, 40)),
    bench("latency", "latency.py", (150, 60)),
    bench("polling", "polling.py", (90, 40)),
)


class Running:
    """One benchmark under way."""

    def __init__(self, one: Bench, *, quick: bool) -> None:
        self.bench = one
        self.limit_s = one.limit_s[1] if quick else one.limit_s[0]
        self.began = time.monotonic()
        self._out: IO[str] = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed by ``end``
        words = one.quick if quick else one.full
        # A session of its own: what it started can be ended with it, and only that.
        self.process = subprocess.Popen(
            [sys.executable, *words], stdout=self._out, start_new_session=True
        )

    @property
    def spent_s(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self.began

    def done(self) -> bool:
        """Whether it ended, or has to."""
        return self.process.poll() is not None or self.spent_s > self.limit_s

    def end(self) -> tuple[list[Figure], str]:
        """Its figures, and why it failed (empty: it did not)."""
        failed = ""
        if self.process.poll() is None:
            failed = f"not done within {self.limit_s:g} s"
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        code = self.process.wait()
        with self._out as out:
            out.seek(0)
            text = out.read()
        if not failed and code:
            failed = f"exit {code}"
        try:
            return self.bench.read(text), failed
        except (ValueError, KeyError, ZeroDivisionError) as error:
            return [], failed or f"unreadable output: {error}"


def run(chosen: Sequence[Bench], *, quick: bool) -> tuple[list[Figure], list[str]]:
    """Run them; the figures in the order of the list, and what failed."""
    waiting = [one for one in chosen if not one.beside]
    running = [Running(one, quick=quick) for one in chosen if one.beside]
    results: dict[str, list[Figure]] = {}
    failures: list[str] = []
    total = len(chosen)
    try:
        while running or waiting:
            alone = all(one.bench.beside for one in running)
            # Only what counts CPU time may run beside the idle daemon.
            if waiting and alone and (not running or waiting[0].name in CPU_ONLY):
                running.append(Running(waiting.pop(0), quick=quick))
            time.sleep(0.1)
            names = ", ".join(f"{o.bench.name} {o.spent_s:.0f} s" for o in running)
            progress(f"[{len(results)}/{total}] {names}")
            for one in [each for each in running if each.done()]:
                running.remove(one)
                results[one.bench.name], failed = one.end()
                if failed:
                    failures.append(f"{one.bench.name}: {failed}")
    finally:
        for one in running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(one.process.pid, signal.SIGKILL)
            one.process.wait()
    progress("")
    return [each for one in chosen for each in results.get(one.name, ())], failures


CPU_ONLY = ("matcher", "gold", "stories")


def machine() -> str:
    """What the numbers were measured on."""
    model = "unknown processor"
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    load = os.getloadavg()[0]
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GB, "
        f"Python {sys.version.split()[0]}, load before the run {load:.1f}"
    )


def write(path: Path | None, figures: Iterable[Figure]) -> None:
    """JSON Lines to the file, or after the table when there is none."""
    lines = [
        json.dumps(
            {**asdict(one), "asked": one.asked, "verdict": one.verdict},
            ensure_ascii=False,
        )
        for one in figures
    ]
    text = "\n".join(lines) + "\n"
    if path is None:
        print(text, end="")
    else:
        path.write_text(text, encoding="utf-8")


def main() -> None:
    names = [one.name for one in BENCHES]
    parser = argparse.ArgumentParser(description="measured numbers beside asked ones")
    parser.add_argument("--quick", action="store_true", help="under 90 s, rougher")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME")
    parser.add_argument("--json", type=Path, help="write the JSON lines to this file")
    options = parser.parse_args()
    chosen = [one for one in BENCHES if not options.only or one.name in options.only]
    for name, data in (("gold", GOLD), ("stories", STORIES)):
        if not data.exists():
            print(f"{name}: left out, {data} is not shipped", file=sys.stderr)
            chosen = [one for one in chosen if one.name != name]
    where, began = machine(), time.monotonic()
    figures, failures = run(chosen, quick=options.quick)
    print(f"{where}; {time.monotonic() - began:.0f} s\n")
    print(table(figures))
    print()
    write(options.json, figures)
    for failure in failures:
        print(failure, file=sys.stderr)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
