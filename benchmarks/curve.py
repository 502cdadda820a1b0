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
import math
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
    topics = [point.topics for point in found]
    drawn = "\n".join(
        panel(title, lines, topics, 20 + 320 * number)
        for number, (title, lines) in enumerate(panels)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 980 300" '
        'font-family="sans-serif" font-size="12">\n'
        '<rect width="980" height="300" fill="#fff"/>\n' + drawn + "\n</svg>\n"
    )


COLOURS = ("#0b6e99", "#c2410c")
WIDTH, TOP, BOTTOM = 250, 50, 240


def panel(
    title: str,
    lines: tuple[tuple[str, list[float]], ...],
    topics: list[int],
    left: int,
) -> str:
    """One panel: both axes logarithmic, every point with its number."""
    every = [value for _, values in lines for value in values]
    low = math.floor(math.log10(max(0.01, min(every))))
    high = math.ceil(math.log10(max(every)))
    first, last = math.log10(topics[0]), math.log10(topics[-1])
    left += 45

    def x(number: float) -> float:
        share = (math.log10(number) - first) / max(1, last - first)
        return left + 20 + (WIDTH - 60) * share

    def y(value: float) -> float:
        share = (math.log10(max(0.01, value)) - low) / max(1, high - low)
        return BOTTOM - (BOTTOM - TOP) * share

    parts = [f'<text x="{left - 40}" y="20" font-weight="bold">{title}</text>']
    for power in range(low, high + 1):
        at = y(10.0**power)
        parts.append(
            f'<path d="M{left} {at:.1f}h{WIDTH - 20}" stroke="#ddd"/>'
            f'<text x="{left - 6}" y="{at + 4:.1f}" text-anchor="end">'
            f"{10.0**power:,g}</text>"
        )
    parts += [
        f'<text x="{x(number):.1f}" y="258" text-anchor="middle">{number:,}</text>'
        for number in topics
    ]
    parts.append(f'<text x="{left + 115}" y="278" text-anchor="middle">topics</text>')
    for number, (name, values) in enumerate(lines):
        colour = COLOURS[number]
        spots = [(x(at), y(value)) for at, value in zip(topics, values, strict=True)]
        path = " ".join(f"{across:.1f},{down:.1f}" for across, down in spots)
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" '
            'stroke-width="2"/>'
        )
        for (across, down), value in zip(spots, values, strict=True):
            label = down - 8 if number == 0 or down > BOTTOM - 16 else down + 16
            text = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
            parts.append(
                f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3" fill="{colour}"/>'
                f'<text x="{across:.1f}" y="{label:.1f}" fill="{colour}" '
                f'font-size="10" text-anchor="middle">{text}</text>'
            )
        parts.append(
            f'<text x="{left + number * 120}" y="38" fill="{colour}">{name}</text>'
        )
    return "\n".join(parts)


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
