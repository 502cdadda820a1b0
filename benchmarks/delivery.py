"""What leaves under load: drains, a backlog beside fresh alerts, a dead receiver.

The real daemon on loopback; receivers, agency and daemon are processes of their own,
so they share the cores. ``drain``: rows that are due when the daemon starts, until the
last is at its receiver. ``backlog``: a receiver that was down for three days is back;
rows spread over those days wait while 20 alerts a second come in. ``dead``: one
webhook never answers; the others get 20 alerts a second.

Run: ``python benchmarks/delivery.py [drain|backlog|dead …] [--quick]``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.figures import Figure, emit, progress, table  # noqa: E402
from tests.vedette.load.filling import age  # noqa: E402
from tests.vedette.load.stand import (  # noqa: E402
    PACK,
    Endpoint,
    Stand,
    percentile,
    stand,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DUE, DRAIN_S = 5_000, 60.0
BACKLOG = 50_000
RATE = 20.0
HALF_S, NEARLY_ALL_S = 2.0, 10.0
"""What was asked for: issue 6 and HARDENING, time to alert and load."""
PATIENCE_S = 900.0

HOOK = Endpoint(name="hook", kind="hook")
DESK = Endpoint(name="desk", kind="mail")
DEAD = Endpoint(name="dead", kind="hook", moods={"hang": 1.0})


@contextmanager
def staged(endpoints: Sequence[Endpoint], **options: str) -> Iterator[Stand]:
    """A stand in a folder that goes with it."""
    with (
        tempfile.TemporaryDirectory() as name,
        stand(Path(name), endpoints, **options) as made,  # type: ignore[arg-type]
    ):
        yield made


def drain(*, quick: bool) -> Iterator[Figure]:
    """Due rows, of webhooks, of mails, and half of each."""
    rows = 400 if quick else DUE
    for what, endpoints in (
        ("webhooks", (HOOK,)),
        ("mails", (DESK,)),
        ("webhooks and mails, half each", (HOOK, DESK)),
    ):
        each = rows // len(endpoints)
        with staged(endpoints, every="1h") as made:
            progress(f"drain: {what} are made")
            made.fill(each)
            began, until = time.time(), time.monotonic() + PATIENCE_S
            made.start()
            while (got := arrived(made)) < rows and time.monotonic() < until:
                progress(f"drain: {got} of {rows} {what}")
                time.sleep(0.3)
            last = max(one.at for e in endpoints for one in made.seen(e.name))
            made.stop()
            assert arrived(made) == rows, "lost, or sent twice"
        yield Figure(
            bench="delivery",
            what=f"{rows:,} due {what}, start of the daemon included",
            value=round(last - began, 1),
            unit="s",
            most=None if quick else DRAIN_S,
            note=f"{rows / (last - began):.0f} a second; {load()}",
        )


def arrived(made: Stand) -> int:
    return sum(len({o.id for o in made.seen(e.name)}) for e in made.endpoints)


def backlog(*, quick: bool) -> Iterator[Figure]:
    """Fresh alerts to a receiver that is back, beside its rows of three days."""
    rows = 3_000 if quick else BACKLOG
    for tried in (True, False):
        kind = "tried before" if tried else "never tried"
        with staged((HOOK, DESK), every="2s", include=PACK) as made:
            progress(f"backlog: {rows} rows, {kind}, are made")
            made.fill(rows // 100)
            age(made.store, copies=50, tried=tried)
            made.start()
            made.open()
            made.rate(RATE)
            began, until = time.time(), time.monotonic() + PATIENCE_S
            while (left := made.waiting()) > 200 and time.monotonic() < until:
                progress(f"backlog: {left} rows left, {kind}")
                time.sleep(1.0)
            spent = time.time() - began
            done = "drained in" if left <= 200 else f"{left:,} left after"
            note = f"{rows:,} rows, {kind}; {done} {spent:.0f} s; {load()}"
            made.rate(0.0)
            made.wait("hook", "desk", within_s=60)
            made.stop()
            for one in (HOOK, DESK):
                waits = made.waits(one.name, since=began)
                yield from timed(f"fresh beside a backlog, {one.name}", waits, note)


def dead(*, quick: bool) -> Iterator[Figure]:
    """One receiver hangs for 60 s at each message; the others do not notice."""
    seconds = 15 if quick else 120
    with staged((HOOK, DESK, DEAD), every="2s", include=PACK) as made:
        made.start()
        made.open()
        made.rate(RATE)
        for left in range(seconds, 0, -1):
            progress(f"dead: {left} s")
            time.sleep(1.0)
        made.rate(0.0)
        made.wait("hook", "desk", within_s=60)
        stuck = len(made.missing("dead"))
        note = f"{stuck} rows wait for the dead one; {load()}"
        made.stop()
        for one in (HOOK, DESK):
            waits = made.waits(one.name)
            yield from timed(f"beside a dead receiver, {one.name}", waits, note)


def timed(what: str, waits: Sequence[float], note: str) -> Iterator[Figure]:
    """Percentiles of fetched -> accepted, the promise beside them."""
    for name, share, most in (("p50", 0.5, HALF_S), ("p99", 0.99, NEARLY_ALL_S)):
        yield Figure(
            bench="delivery",
            what=f"{what}, {name}",
            value=round(percentile(waits, share), 2),
            unit="s",
            most=most,
            note=f"{len(waits)} alerts; {note}",
        )


def load() -> str:
    """What else the machine does: the cores are shared."""
    return f"load average {os.getloadavg()[0]:.1f}"


WHAT = {"drain": drain, "backlog": backlog, "dead": dead}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*WHAT, []], default=[])
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    options = parser.parse_args()
    found = []
    for name in options.what or WHAT:
        for one in WHAT[name](quick=options.quick):
            progress("")
            emit(one)
            found.append(one)
    if sys.stdout.isatty():
        print(table(found))


if __name__ == "__main__":
    main()
