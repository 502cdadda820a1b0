"""The store alone: commits per second, items per second, cost by size of the store.

``synchronous=FULL``: every commit waits for the disk, so the numbers are the disk's
as much as ours. Items are made up and seeded, 500 characters of text each; alerts
and messages are written for one in five. Run: ``python benchmarks/storing.py
[--quick]``.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from alerts.evaluate import Watch, decide, match  # noqa: E402
from alerts.matching import Matcher  # noqa: E402
from alerts.model import Alias, Channel, Entity, Severity, Topic  # noqa: E402
from alerts.stories import fingerprints  # noqa: E402
from benchmarks.figures import Figure, emit, progress, table  # noqa: E402
from benchmarks.matcher import word  # noqa: E402
from crawler.clock import utc_now  # noqa: E402
from crawler.items import Harvest, Item, SourceState, stable_id  # noqa: E402
from crawler.reasons import FetchReason  # noqa: E402
from vedette.jobs import EVALUATE_BATCH  # noqa: E402
from vedette.store import Store  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

PER_POLL = 15
BLOCK = 500
"""Items over which a cost is averaged."""


class Trickle:
    """Harvests of ever new items, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._words = [word(self._rng, "en") for _ in range(3_000)]
        self.made = 0

    def harvest(self, count: int = PER_POLL) -> Harvest:
        """One poll's worth; one item in five is about what is watched."""
        now = utc_now()
        source = f"wire-{self.made // PER_POLL % 120}"
        return Harvest(
            source=source,
            at=now,
            reason=FetchReason.OK,
            detail="",
            items=tuple(self._items(source, count)),
            dropped=(),
            records=(),
            state=SourceState(
                name=source, url=f"https://{source}.test/feed", adopted=now, due=now
            ),
        )

    def _items(self, source: str, count: int) -> Iterator[Item]:
        now = utc_now()
        for _ in range(count):
            self.made += 1
            text = " ".join(self._rng.choices(self._words, k=75))
            about = "the lighthouse" if self.made % 5 == 0 else "nothing"
            url = f"https://{source}.test/{self.made}"
            yield Item(
                id=stable_id(source, url),
                source=source,
                url=url,
                canonical_url=url,
                guid=None,
                title=f"{text[:60]} {about}",
                text=text,
                summary=text[:200],
                language="en",
                authors=(),
                published=now - timedelta(minutes=5),
                seen=now,
            )


def lookout() -> Watch:
    """One topic and one channel: the matching costs next to nothing."""
    entity = Entity(
        id="light", kind="thing", aliases=(Alias(text="lighthouse", lang="en"),)
    )
    topic = Topic(
        name="light", title="The lighthouse", query="@light", severity=Severity.HIGH
    )
    topics = {topic.name: topic}
    return Watch(
        matcher=Matcher.compile({entity.id: entity}, topics),
        topics=topics,
        channels={"log": Channel(name="log", kind="file", recipients=("log",))},
    )


def commits(store: Store, seconds: float) -> float:
    """Commits per second of the smallest write there is."""
    now, done = utc_now(), 0
    began = time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds:
        # Another value each time: SQLite leaves a page alone that would not change.
        store.beat("bench", now + timedelta(milliseconds=done))
        done += 1
    return done / spent


def syncs(folder: Path, seconds: float) -> float:
    """What the disk allows: 4 KiB appended and fdatasync, per second."""
    done = 0
    with (folder / "raw").open("wb", buffering=0) as file:
        began = time.perf_counter()
        while (spent := time.perf_counter() - began) < seconds:
            file.write(bytes(4_096))
            os.fdatasync(file.fileno())
            done += 1
    return done / spent


def fill(store: Store, watch: Watch, trickle: Trickle, size: int) -> None:
    """Bring the store to a size, in large transactions."""
    while trickle.made < size:
        store.add_items(trickle.harvest(min(BLOCK, size - trickle.made)))
        while judge(store, watch, limit=BLOCK) > 0:
            pass


def judge(store: Store, watch: Watch, *, limit: int = EVALUATE_BATCH) -> float:
    """One batch; seconds in the store: pending, neighbours, record (0: none left)."""
    now = utc_now()
    began = time.perf_counter()
    items = store.pending(limit).items
    if not items:
        return 0.0
    prints = fingerprints(items)
    read = time.perf_counter()
    neighbours = store.neighbours(prints, now)
    spent = time.perf_counter() - read
    verdict = decide(match(items, watch), neighbours, watch, now)
    written = time.perf_counter()
    store.record(verdict)
    return spent + time.perf_counter() - written + (read - began)


def cost(store: Store, watch: Watch, trickle: Trickle) -> tuple[float, float]:
    """Milliseconds per item of storing, and of judging, at the present size."""
    adding = judging = 0.0
    polls = [trickle.harvest() for _ in range(BLOCK // PER_POLL)]
    began = time.perf_counter()
    for harvest in polls:
        store.add_items(harvest)
    adding = time.perf_counter() - began
    while spent := judge(store, watch):
        judging += spent
    count = PER_POLL * len(polls)
    return 1e3 * adding / count, 1e3 * judging / count


def figure(what: str, value: float, unit: str, *, note: str = "") -> Figure:
    return Figure(bench="store", what=what, value=round(value, 3), unit=unit, note=note)


def measure(*, quick: bool) -> Iterator[Figure]:
    """Figures as they come; 5 to 60 seconds."""
    sizes = (1_000, 5_000) if quick else (1_000, 5_000, 20_000, 50_000)
    watch, trickle = lookout(), Trickle(seed=7)
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(Path(folder) / "bench.db") as store,
    ):
        yield figure(
            "commits of one row (synchronous=FULL)",
            commits(store, 1.0 if quick else 3.0),
            "commits/s",
        )
        yield figure(
            "  the disk alone: 4 KiB appended, fdatasync",
            syncs(Path(folder), 1.0),
            "syncs/s",
            note="the disk of the folder for temporary files",
        )
        costs = []
        for size in sizes:
            progress(f"store: {size:,} items")
            fill(store, watch, trickle, size)
            added, judged = min(
                (cost(store, watch, trickle) for _ in range(3)), key=sum
            )
            costs.append(added + judged)
            at = f"at {size:,} items"
            yield figure(f"add_items, 15 a poll, {at}", added, "ms/item")
            yield figure(f"pending, neighbours, record, {at}", judged, "ms/item")
        yield figure("both jobs' writes, at the last size", 1e3 / costs[-1], "items/s")
        yield figure(
            f"cost per item, {sizes[-1]:,} against {sizes[0]:,} items",
            costs[-1] / costs[0],
            "x",
            note="1 = flat",
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="up to 5,000 items only")
    options = parser.parse_args()
    found = []
    for one in measure(quick=options.quick):
        progress("")
        emit(one)
        found.append(one)
    if sys.stdout.isatty():
        print(table(found))


if __name__ == "__main__":
    main()
