"""From a fetched item to the receiver's yes, through the real daemon.

Feeds on loopback show new items at every poll; each item is one alert to one signed
webhook, whose receiver verifies the signature. The time runs from the start of the
poll that brought the item (``item.seen``, so fetching and parsing are in it) until
the request is in at the receiver. The first poll of each feed is left out: catching
up sends one message a topic. Run: ``python benchmarks/latency.py [--quick]``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.figures import Figure, emit, progress, table  # noqa: E402
from benchmarks.processes import (  # noqa: E402
    Memory,
    NotHereError,
    memory,
    spoken,
)
from benchmarks.wire import served  # noqa: E402
from tests.servers.receiver import receive  # noqa: E402
from vedette.store import Store  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.servers.receiver import Message

SECRET = "whsec_dmVkZXR0ZSBiZW5jaG1hcmsgc2VjcmV0IQ=="  # noqa: S105 - of this file
MARK = "vedettemark"
FEEDS, ITEMS, EVERY_S = 8, 5, 4
"""40 new items every 4 seconds: 10 alerts a second."""
HALF_S, NEARLY_ALL_S = 2.0, 10.0
"""The promise for immediate routes at up to 20 alerts a second."""

CONFIG = """\
store: data/vedette.db
include: [pack:eu-korea-russia/entities, pack:eu-korea-russia/topics]
network: {{allow: ["127.0.0.0/8"]}}
web: {{listen: "127.0.0.1:0"}}
channels:
  hook: {{kind: webhook, url: {hook}, secret: {{env: BENCH_SECRET}}}}
topics:
  mark: {{title: The mark, severity: high, query: 'title:{mark}'}}
sources:
{sources}"""


def measure(alerts: int) -> list[Figure]:
    """Run until so many alerts of later polls arrived, for 90 s at most."""
    with (
        tempfile.TemporaryDirectory() as name,
        served(feeds=FEEDS, items=ITEMS, seed=7, ready=30, said=MARK) as sites,
        receive(secrets=[SECRET]) as hook,
    ):
        folder = Path(name)
        sources = "\n".join(
            f"  wire-{n}: {{kind: feed, url: {url}, every: {EVERY_S}s, article: never}}"
            for n, url in enumerate(sites.urls)
        )
        (folder / "config.yaml").write_text(
            CONFIG.format(hook=hook.url, mark=MARK, sources=sources), encoding="utf-8"
        )
        # Wall clock at monotonic 0: the receiver notes monotonic times.
        zero = time.time() - time.monotonic()
        with spoken(["run"], folder, {"BENCH_SECRET": SECRET}) as program:
            program.wait_for("watching ", 60)
            began = time.monotonic()
            while len(hook.messages) < alerts + FEEDS:
                progress(f"latency: {len(hook.messages)} of {alerts} alerts")
                if time.monotonic() - began > 90 or program.process.poll() is not None:
                    break
                time.sleep(0.2)
            spent = time.monotonic() - began
            held = None
            with contextlib.suppress(NotHereError):
                held = memory(program.process.pid)
        with Store.open(folder / "data" / "vedette.db") as store:
            waits = latencies(store, hook.messages, zero)
        assert not hook.refused, "a signature did not verify"
    return [*figures(waits, len(waits) / spent), *([busy(held)] if held else [])]


def busy(held: Memory) -> Figure:
    """The sum over all processes while feeds come in; the bound is on idle ones."""
    return Figure(
        bench="latency",
        what="all processes meanwhile, PSS",
        value=round(held.pss_all, 1),
        unit="MB",
        note=f"{held.processes} processes, main {held.pss_main:.0f} MB",
    )


def latencies(store: Store, messages: Sequence[Message], zero: float) -> list[float]:
    """Seconds per message whose item did not come by a first poll."""
    waits = []
    for message in messages:
        body = json.loads(message.body)
        stored = store.item(body["data"]["item"]["id"])
        assert stored is not None, "an alert of an item that is not stored"
        if not stored.item.catching_up:
            seen = stored.item.seen.timestamp()
            waits.append(zero + message.request.at - seen)
    return sorted(waits)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that so large a share does not exceed (nearest rank)."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def figures(waits: list[float], rate: float) -> list[Figure]:
    """Percentiles; the promise is told beside them."""
    if not waits:
        raise RuntimeError("no alert arrived")
    note = f"{len(waits)} alerts at {rate:.1f} a second"
    rows = [
        ("p50", percentile(waits, 0.5), HALF_S),
        ("p99", percentile(waits, 0.99), NEARLY_ALL_S),
        ("max", waits[-1], None),
    ]
    return [
        Figure(
            bench="latency",
            what=f"poll began -> webhook at the receiver, {name}",
            value=round(value, 3),
            unit="s",
            most=most,
            note=note,
        )
        for name, value, most in rows
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="30 alerts, not 300")
    options = parser.parse_args()
    found = measure(30 if options.quick else 300)
    progress("")
    for one in found:
        emit(one)
    if sys.stdout.isatty():
        print(table(found))


if __name__ == "__main__":
    main()
