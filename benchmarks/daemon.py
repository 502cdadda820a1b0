"""The daemon as a whole: start-up, memory when idle, the demo.

Without a network (a namespace with loopback alone), so all sources of the shipped
pack fail, and nothing leaves this machine. Run: ``python benchmarks/daemon.py
startup|memory|demo [--quick]``.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.figures import Figure, emit, progress, table  # noqa: E402
from benchmarks.processes import (  # noqa: E402
    NotHereError,
    go_offline,
    memory,
    shipped_config,
    spoken,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

START_S, DEMO_S = 5.0, 30.0
MAIN_MB, ALL_MB = 180.0, 300.0
"""What was asked for."""


def health(url: str) -> int:
    """Status of the health page; 503 is an answer too (no source can be read)."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def startup(*, quick: bool) -> Iterator[Figure]:
    """Seconds from exec to the line "watching N sources", and to a health answer."""
    go_offline()
    rounds = 1 if quick else 4
    with tempfile.TemporaryDirectory() as name:
        bare = Path(name) / "bare"
        bare.mkdir()
        shipped_config(bare)
        # As after `pip install --no-compile`: every module is compiled on the way.
        env = {"PYTHONPYCACHEPREFIX": str(Path(name) / "bytecode")}
        at, served, said = started(bare, env)
        yield seconds("first start, no bytecode, no cache", at, note=said)
        first: list[float] = []
        again: list[tuple[float, float]] = []
        for number in range(rounds):
            progress(f"startup: round {number + 1} of {rounds}")
            folder = Path(name) / f"round-{number}"
            folder.mkdir()
            shipped_config(folder)
            first.append(started(folder, {})[0])
            again.append(started(folder, {})[:2])
        yield seconds("first start, cold cache of forms", max(first), note="worst")
        yield seconds("start, warm cache", statistics.median(a for a, _ in again))
        yield seconds("start, warm cache, worst", max(a for a, _ in again))
        answered = max([served, *(h for _, h in again)])
        yield seconds("until /healthz answers, worst of all", answered)


def started(folder: Path, env: dict[str, str]) -> tuple[float, float, str]:
    """Seconds until it watches, until health answered, and what it said."""
    with spoken(["run"], folder, env) as program:
        at, said = program.wait_for("watching ", 60)
        _, line = program.wait_for("health on ", 10)
        health(line.split("health on ")[1])
        return at, time.perf_counter() - program.began, said


def seconds(what: str, value: float, *, note: str = "") -> Figure:
    return Figure(
        bench="startup",
        what=what,
        value=round(value, 3),
        unit="s",
        most=START_S,
        note=note,
    )


def idle(*, quick: bool) -> Iterator[Figure]:
    """Memory after the first polls have all failed, Scrapy loaded by the first page."""
    go_offline()
    # First polls are spread over 2 minutes (crawler.schedule.FIRST_SPREAD).
    wait_s = 30 if quick else 150
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shipped_config(folder)
        with spoken(["run"], folder) as program:
            _, said = program.wait_for("watching ", 60)
            until = time.perf_counter() + wait_s
            while (left := until - time.perf_counter()) > 0:
                progress(f"memory: {left:.0f} s until it is read")
                time.sleep(min(1.0, left))
            if program.process.poll() is not None:
                raise RuntimeError("the daemon ended by itself")
            held = memory(program.process.pid)
            scrapy = loaded(program.process.pid, "lxml")
        note = f"{wait_s} s after {said.removeprefix('vedette: ')}"
        note += ", lxml (Scrapy) loaded" if scrapy else ", Scrapy NOT loaded yet"
        yield megabytes("main process, PSS", held.pss_main, MAIN_MB, note)
        yield megabytes("main process, RSS (upper bound of PSS)", held.rss_main, None)
        yield megabytes(
            "all processes, PSS", held.pss_all, ALL_MB, f"{held.processes} processes"
        )


def loaded(pid: int, part: str) -> bool:
    """Whether a compiled module of that package is mapped."""
    return f"/{part}/" in Path(f"/proc/{pid}/maps").read_text()


def megabytes(what: str, value: float, most: float | None, note: str = "") -> Figure:
    return Figure(
        bench="memory",
        what=what,
        value=round(value, 1),
        unit="MB",
        most=most,
        note=note,
    )


def demo(*, quick: bool) -> Iterator[Figure]:  # noqa: ARG001 - it has one length
    """Seconds until an alert was in all three places: terminal, mail, file."""
    places = {
        "terminal": "  message ",
        "mail": "demo  mail sink",
        "file": "  alerts.jsonl",
    }
    seen: dict[str, float] = {}
    done = False
    with (
        tempfile.TemporaryDirectory() as name,
        spoken(["demo", "--log", "data/alerts.jsonl"], Path(name)) as program,
    ):
        for at, line in program.lines(60):
            progress(f"demo: {at:.0f} s")
            for place, sign in places.items():
                if sign in line:
                    seen.setdefault(place, at)
            # It is left to end by itself: SIGTERM would leave its daemon behind.
            done = done or "demo  done" in line
        if not done:
            raise RuntimeError("the demo did not come to its end")
        missing = [place for place in places if place not in seen]
        if missing:
            raise RuntimeError(f"no alert in {missing}")
    each = ", ".join(f"{place} {at:.1f}" for place, at in seen.items())
    yield Figure(
        bench="demo",
        what="first alert in all three places",
        value=round(max(seen.values()), 2),
        unit="s",
        most=DEMO_S,
        note=each,
    )


WHAT = {"startup": startup, "memory": idle, "demo": demo}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=WHAT)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, less idle")
    options = parser.parse_args()
    found = []
    try:
        for one in WHAT[options.what](quick=options.quick):
            progress("")
            emit(one)
            found.append(one)
    except NotHereError as why:
        sys.exit(f"{options.what}: not measured: {why}")
    if sys.stdout.isatty():
        print(table(found))


if __name__ == "__main__":
    main()
