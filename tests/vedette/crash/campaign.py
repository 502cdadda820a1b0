"""Hundreds of kills of the real program, seeded, and what came of them.

    python -m tests.vedette.crash.campaign --kills 520 --minutes 60 --seed 1

Every system call that writes, syncs or talks is a crash point, besides the named ones
K1-K18 (``moments``); all of them in a seeded order, so that a run which is cut short
has met some of each. Each run of the program takes up what the one before left and is
killed itself; after each the invariants are checked (``checker``), and every ten steps
a run that nobody kills has to bring all messages home. ``make crash`` does this.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tests.vedette.crash import tracing
from tests.vedette.crash.moments import MOMENTS
from tests.vedette.crash.passing import later, waits
from tests.vedette.crash.stage import DAEMON_S, Stage, stage
from tests.vedette.crash.steps import polled_again, second_daemon

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Step = tuple[str, Callable[[Stage, random.Random], None]]

DRAIN_EVERY = 10
DAEMONS = 5
"""Of so many kills at system calls one is of a daemon, the others of a pass."""
TRIES = 4
ROUNDS = 4
HUNG_S = 10.0
RETRY = timedelta(minutes=15)
"""Longer than the wait after a first or second failure, by mail too."""
ERRORS = (
    ("pwrite64", "ENOSPC", 150, ""),
    ("pwrite64", "ENOSPC", 150, "+"),
    ("fdatasync", "EIO", 9, ""),
    ("sendto,recvfrom", "ECONNRESET", 12, ""),
    ("recvfrom", "ETIMEDOUT", 20, ""),
)
"""Calls, their error, the last turn, and whether only once ("") or from then on."""


@dataclass(slots=True)
class Report:
    """What a campaign did; ``repeats`` by the kill that made them."""

    kills: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    repeats: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    items: int = 0
    seconds: float = 0.0
    found: list[str] = field(default_factory=list)

    def count(self, *words: str) -> int:
        """How many of the problems hold all these words."""
        return sum(all(word in one for word in words) for one in self.found)

    def add(self, other: Report) -> None:
        """Take another stage's in."""
        self.kills += other.kills
        self.errors += other.errors
        self.repeats += other.repeats
        self.messages += other.messages
        self.items += other.items
        self.found += other.found

    def summary(self) -> str:
        """All in one sentence."""
        return (
            f"{self.kills.total()} kills and {self.errors.total()} injected errors in "
            f"{self.seconds / 60:.1f} min: {self.items} items, {self.messages} "
            f"messages, {self.count('lost')} lost, {self.repeats.total()} repeated, "
            f"{self.count('I3: ')} with a new id, {self.count('I15: ')} stores "
            f"corrupt, {len(self.found)} problems in all"
        )

    def __str__(self) -> str:
        lines = ["| crash point | kills | messages repeated |", "|---|---|---|"]
        for label in sorted(self.kills | self.errors, key=_order):
            n = self.kills[label] or self.errors[label]
            lines.append(f"| {label} | {n} | {self.repeats[label]} |")
        lines += ["", self.summary(), *self.found[:20]]
        return "\n".join(lines)


def _order(label: str) -> tuple[int, int, str]:
    if label[0] == "K" and label[1:].isdigit():
        return 0, int(label[1:]), ""
    return 1, " " in label, label


def at_call(call: str, turn: int, *, daemon: bool) -> Step:
    """A kill before one system call of a pass, or of a daemon."""

    def step(made: Stage, pick: random.Random) -> None:
        made.publish()
        if not daemon:
            made.run("once", "--all", kill=(call, turn))
            return
        # Before it is up it would not know how to end clean.
        made.run(
            "run",
            kill=(call, turn),
            patience_s=DAEMON_S,
            during=lambda _: made.heard("health on"),
        )

    return f"{call} {turn}", step


def failing(calls: str, error: str, when: str) -> Step:
    """A pass in which a system call fails, and the next one once retries are due."""
    label = f"{calls} {error}"

    def step(made: Stage, pick: random.Random) -> None:
        made.publish()
        tracer = tracing.failing(calls, error, when)
        made.faults += 1
        # An error on the loop's own wake-up pipe, which is no peer's, may hang it.
        made.run(
            "once", "--all", tracer=tracer, label=label, patience_s=HUNG_S, hangs=True
        )
        made.check(f"{label} {when}")
        if made.store.exists():
            later(made.store, RETRY)

    return label, step


def plan(
    counted: Counter[str], *, sample: int | None, rounds: int, seed: str
) -> list[Step]:
    """All steps in a seeded order: boundaries (a sample, or all), moments, errors."""
    pick = random.Random(seed)  # noqa: S311 - a seed, not a secret
    steps: list[Step] = [
        at_call(call, turn, daemon=n % DAEMONS == 0)
        for n, (call, turn) in enumerate(
            tracing.points(counted, sample=sample, seed=seed)
        )
    ]
    for turn in range(rounds):
        for number, ways in MOMENTS.items():
            steps.append((number, ways[turn % len(ways)]))
    pick.shuffle(steps)
    return steps


def error_plan(*, rounds: int, seed: str) -> list[Step]:
    """Error injections, ``rounds`` of each kind."""
    pick = random.Random(seed)  # noqa: S311 - a seed, not a secret
    steps = [
        failing(calls, error, f"{pick.randint(1, last)}{how}")
        for _ in range(rounds)
        for calls, error, last, how in ERRORS
    ]
    pick.shuffle(steps)
    return steps


def drain(made: Stage, where: str) -> None:
    """All messages come home in a run that nobody harms, or ``found`` says which."""
    try:
        made.run("once", "--all")
        # Kills count as attempts, so a mail that failed may be due hours from now.
        for _ in range(ROUNDS):
            wait = waits(made.store)
            if wait is None:
                break
            later(made.store, wait)
            made.run("once", "--all")
    except AssertionError as error:
        made.found.append(f"harness: {error} [{where}]")
    made.found += [f"{one} [{where}]" for one in made.unfinished()]


def work(
    made: Stage,
    steps: Sequence[Step],
    *,
    seed: str,
    until: Callable[[], bool],
    tell: Callable[[int, str], None] = lambda _n, _name: None,
) -> Report:
    """Take the steps until they end, or ``until`` says enough; gives the report."""
    pick = random.Random(seed)  # noqa: S311 - a seed, not a secret
    begun = time.monotonic()
    report = Report()
    for n, (name, step) in enumerate(steps, start=1):
        first, faults, before = made.runs, made.faults, made.kills[name]
        for _ in range(TRIES if name in MOMENTS else 1):
            try:
                step(made, pick)
            except AssertionError as error:  # told with the rest, and the rest goes on
                made.found.append(f"harness: {error} [step {n}, {name}]")
            if made.kills[name] > before:
                break  # else the turn it drew was not reached
        made.labels.update(dict.fromkeys(range(first, made.runs), name.split(" ")[0]))
        if made.faults > faults:
            report.errors[name] += 1
            made.labels[first] = name
        made.check(f"step {n}, {name}")
        if n % DRAIN_EVERY == 0:
            drain(made, f"step {n}")
        tell(n, name)
        if until():
            break
    drain(made, "the end")
    report.kills = made.kills
    report.found = made.found
    report.items = len(made.titles)
    report.messages = len(made.seen)
    report.repeats = made.repeats()
    report.seconds = time.monotonic() - begun
    return report


def full(folder: Path, *, kills: int, minutes: float, seed: str, stages: int) -> Report:
    """The full run: all boundaries, then moments until there are so many kills.

    With several stages the steps are dealt out to them, and they work side by side.
    """
    end = time.monotonic() + 60 * minutes
    rounds = max(kills // 60, 1)
    (folder / "first").mkdir()
    with stage(folder / "first") as made:
        drain(made, "the start")
        made.publish()
        counted = made.count("once", "--all")
        drain(made, "the start")
        second_daemon(made)
    steps = plan(counted, sample=None, rounds=rounds, seed=seed)
    steps += error_plan(rounds=rounds, seed=seed)
    random.Random(seed).shuffle(steps)  # noqa: S311 - a seed, not a secret
    progress = Progress(kills=kills, total=len(steps), found=list(made.found))

    def part(number: int) -> Report:
        place = folder / str(number)
        place.mkdir()
        share = steps[number::stages]
        more = plan(Counter(), sample=0, rounds=kills, seed=f"{seed}.{number}")
        with stage(place) as made:
            drain(made, "the start")

            def enough() -> bool:
                late, done = time.monotonic() > end, made.kills.total()
                progress.told[number] = (len(share), done, made.faults, made.found)
                return late or (progress.steps[number] >= len(share) and progress.done)

            def tell(n: int, name: str) -> None:
                progress.tell(number, n, name)

            report = work(made, [*share, *more], seed=seed, until=enough, tell=tell)
            polled_again(made)
            second_daemon(made)
        report.found = made.found
        return report

    begun = time.monotonic()
    with ThreadPoolExecutor(stages) as pool:
        report = Report(found=progress.found)
        for one in pool.map(part, range(stages)):
            report.add(one)
    report.seconds = time.monotonic() - begun
    return report


@dataclass(slots=True, kw_only=True)
class Progress:
    """How far all stages are, for the line that a person watches."""

    kills: int
    total: int
    found: list[str]
    steps: Counter[int] = field(default_factory=Counter)
    told: dict[int, tuple[int, int, int, list[str]]] = field(default_factory=dict)
    shown: int = 0
    begun: float = field(default_factory=time.monotonic)

    @property
    def done(self) -> bool:
        """Whether there were kills enough."""
        return sum(one[1] for one in self.told.values()) >= self.kills

    def tell(self, number: int, n: int, name: str) -> None:
        """Print the line after a stage's step, and problems that are new."""
        self.steps[number] = n
        parts = list(self.told.values())
        found = [*self.found, *(one for part in parts for one in part[3])]
        for one in found[self.shown :]:
            sys.stdout.write(f"\n{one}\n")
        self.shown = max(self.shown, len(found))
        kills, errors = sum(one[1] for one in parts), sum(one[2] for one in parts)
        took = time.monotonic() - self.begun
        bar = "#" * min(40, 40 * self.steps.total() // self.total)
        line = (
            f"[{bar:40}] {kills} kills, {errors} errors, {len(found)} problems, "
            f"{took:.0f} s, {name:26}"
        )
        sys.stdout.write(f"\r{line}" if sys.stdout.isatty() else f"{line}\n")
        sys.stdout.flush()


def main() -> int:
    """Run it and print the table; 1 if anything was wrong or too few were killed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=520)
    parser.add_argument("--minutes", type=float, default=90, help="end by then")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--stages", type=int, default=1, help="so many side by side")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if why := tracing.why_not(folder):
            sys.stdout.write(f"{why}\n")
            return 2
        report = full(folder, **vars(options))
    sys.stdout.write(f"\n\n{report}\n")
    return int(bool(report.found) or report.kills.total() < options.kills)


if __name__ == "__main__":
    sys.exit(main())
