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
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tests.vedette.crash import tracing
from tests.vedette.crash.moments import MOMENTS
from tests.vedette.crash.passing import later
from tests.vedette.crash.stage import DAEMON_S, Stage, stage
from tests.vedette.crash.steps import polled_again, second_daemon

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Step = tuple[str, Callable[[Stage, random.Random], None]]

DRAIN_EVERY = 10
DAEMONS = 5
"""Of so many kills at system calls one is of a daemon, the others of a pass."""
TRIES = 4
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
        words = ("run",) if daemon else ("once", "--all")
        patience = DAEMON_S if daemon else 60.0
        made.run(*words, kill=(call, turn), patience_s=patience)

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
    done = made.run("once", "--all")
    if done.returncode != 0:
        later(made.store, RETRY)
        made.run("once", "--all")
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
            step(made, pick)
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


def full(folder: Path, *, kills: int, minutes: float, seed: str) -> Report:
    """The full run: all boundaries, then moments until there are so many kills."""
    end = time.monotonic() + 60 * minutes
    begun = time.monotonic()
    with stage(folder) as made:
        drain(made, "the start")
        made.publish()
        counted = made.count("once", "--all")
        drain(made, "the start")
        second_daemon(made)
        steps = plan(counted, sample=None, rounds=kills // 40, seed=seed)
        errors = error_plan(rounds=max(kills // 40, 1), seed=seed)
        random.Random(seed).shuffle(steps := [*steps, *errors])  # noqa: S311
        more = plan(Counter(), sample=0, rounds=kills, seed=seed)

        def enough() -> bool:
            if time.monotonic() > end:
                return True
            return taken >= len(steps) and made.kills.total() >= kills

        taken = told = 0

        def tell(n: int, name: str) -> None:
            nonlocal taken, told
            taken = n
            for one in made.found[told:]:
                sys.stdout.write(f"\n{one}\n")
            told = len(made.found)
            done, took = made.kills.total(), time.monotonic() - begun
            bar = "#" * min(40, 40 * done // kills)
            line = (
                f"[{bar:40}] {done} kills of {kills}, {made.faults} errors, "
                f"{len(made.found)} problems, {took:.0f} s, {name:24}"
            )
            sys.stdout.write(f"\r{line}" if sys.stdout.isatty() else f"{line}\n")
            sys.stdout.flush()

        report = work(made, [*steps, *more], seed=seed, until=enough, tell=tell)
        polled_again(made)
        second_daemon(made)
        report.found = made.found
        return report


def main() -> int:
    """Run it and print the table; 1 if anything was wrong or too few were killed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=520)
    parser.add_argument("--minutes", type=float, default=90, help="end by then")
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if why := tracing.why_not(folder):
            sys.stdout.write(f"{why}\n")
            return 2
        report = full(
            folder, kills=options.kills, minutes=options.minutes, seed=options.seed
        )
    sys.stdout.write(f"\n\n{report}\n")
    return int(bool(report.found) or report.kills.total() < options.kills)


if __name__ == "__main__":
    sys.exit(main())
