"""The matcher from 100 to 100,000 topics: speed, time to build, memory.

Each point is built cold by one process, then warm, from the cache of the first, by
another, which tells its memory and its speed: nothing is shared but that cache.
Points that don't fit into the time are left out and named. ``--svg`` draws the curve.

Run: ``python benchmarks/curve.py [--svg docs/matcher-curve.svg] [--topics 100 …]``.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from alerts.matching import Matcher  # noqa: E402
from benchmarks.drawing import drawing  # noqa: E402
from benchmarks.engines import one_core, watched  # noqa: E402
from benchmarks.matcher import documents, synthetic  # noqa: E402
from benchmarks.processes import memory  # noqa: E402

TOPICS = (100, 1_000, 10_000, 100_000)
SEED = 7
DOCUMENTS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One number of topics; seconds, MiB that watch and matcher hold, docs/s."""

    topics: int
    patterns: int
    cold_s: float
    warm_s: float
    pss_mib: float
    exact_docs_s: float
    fuzzy_docs_s: float


def cold(topics: int, folder: Path) -> dict[str, float]:
    """Seconds to build with an empty cache."""
    entities, watch, _ = synthetic(random.Random(SEED), topics, fuzzy=True)
    began = time.perf_counter()
    Matcher.compile(entities, watch, cache=folder)
    return {"cold_s": round(time.perf_counter() - began, 2)}


def warm(topics: int, folder: Path) -> dict[str, float]:
    """Seconds to build from the cache, memory after it, then both speeds."""
    before = memory(os.getpid()).pss_main
    entities, watch, about = synthetic(random.Random(SEED), topics, fuzzy=True)
    began = time.perf_counter()
    matcher = Matcher.compile(entities, watch, cache=folder)
    spent = time.perf_counter() - began
    gc.collect()
    held = memory(os.getpid()).pss_main - before
    # Another seed: with the same one the texts would be full of the watched names.
    docs = documents(random.Random(SEED + 1), DOCUMENTS, about)
    fuzzy, _ = watched(matcher.match, docs, warm=20)
    patterns = matcher.patterns
    del matcher
    exact = {name: replace(one, fuzzy="off") for name, one in entities.items()}
    matcher = Matcher.compile(exact, watch, cache=None)
    plain, _ = watched(matcher.match, docs, warm=20)
    return {
        "warm_s": round(spent, 2),
        "pss_mib": round(held, 1),
        "patterns": patterns,
        "fuzzy_docs_s": round(fuzzy, 1),
        "exact_docs_s": round(plain, 1),
    }


def points(numbers: list[int], budget_s: float) -> list[Point]:
    """Every point that fits into the time, smallest first."""
    ends = time.monotonic() + budget_s
    found = []
    for topics in sorted(numbers):
        told: dict[str, float] = {}
        with tempfile.TemporaryDirectory() as folder:
            try:
                for step in ("cold", "warm"):
                    done = subprocess.run(
                        [sys.executable, __file__, step, str(topics), folder],
                        capture_output=True,
                        check=True,
                        text=True,
                        timeout=max(1.0, ends - time.monotonic()),
                    )
                    told |= json.loads(done.stdout)
            except subprocess.TimeoutExpired:
                print(f"{topics:,} topics: left out, over {budget_s:g} s in all")
                continue
        rest = {name: value for name, value in told.items() if name != "patterns"}
        found.append(Point(topics=topics, patterns=int(told["patterns"]), **rest))
        show(found[-1])
    return found


def show(point: Point) -> None:
    """One line of the table."""
    print(
        f"{point.topics:8,}{point.patterns:10,}{point.exact_docs_s:10,.0f}"
        f"{point.fuzzy_docs_s:10,.0f}{point.cold_s:9.2f}{point.warm_s:9.2f}"
        f"{point.pss_mib:9.1f}",
        flush=True,
    )


def svg(found: list[Point]) -> str:
    """Three panels over a logarithmic axis of topics: docs/s, seconds, MiB."""
    panels = (
        (
            "documents of 5 KB a second, one core",
            (
                ("no fuzzy names", [point.exact_docs_s for point in found]),
                ("fuzzy names", [point.fuzzy_docs_s for point in found]),
            ),
        ),
        (
            "seconds to build",
            (
                ("no cache", [point.cold_s for point in found]),
                ("from the cache", [point.warm_s for point in found]),
            ),
        ),
        ("MiB held, PSS", (("", [point.pss_mib for point in found]),)),
    )
    return drawing(panels, [point.topics for point in found], "topics")


def main() -> None:
    """Measure and print, or be one step of one point."""
    if sys.argv[1:2] in (["cold"], ["warm"]):
        one_core()
        step = cold if sys.argv[1] == "cold" else warm
        print(json.dumps(step(int(sys.argv[2]), Path(sys.argv[3]))))
        return
    parser = argparse.ArgumentParser(description="the matcher over many topics")
    parser.add_argument("--topics", type=int, nargs="+", default=list(TOPICS))
    parser.add_argument("--svg", type=Path, help="draw the curve into this file")
    parser.add_argument("--budget", type=float, default=240, metavar="S")
    options = parser.parse_args()
    print("  topics  patterns    docs/s     fuzzy   cold s   warm s  PSS MiB")
    found = points(options.topics, options.budget)
    for point in found:
        print(json.dumps({"benchmark": "curve", **asdict(point)}))
    if options.svg and found:
        options.svg.write_text(svg(found), encoding="utf-8")


if __name__ == "__main__":
    main()
