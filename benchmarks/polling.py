"""Delay of news under adaptive polling against fixed intervals, at equal polls.

    python benchmarks/polling.py                  made-up posting times, seeded
    python benchmarks/polling.py --posts FILE     real ones (csv.gz: URL, time, …)

Causal: a poll knows what earlier polls brought. Learns for seven days from nothing,
counts the last three; the delay of an item is the next poll minus its time. Fixed
intervals get as many polls in all as were spent, at a phase of their own per source.
The functions are the shipped ones: ``habits.observed``, ``pace.level``,
``schedule.next_due`` with its jitter.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import heapq
import math
import random
import sys
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.figures import Figure, emit  # noqa: E402
from crawler.habits import observed  # noqa: E402
from crawler.items import Kind, Source, SourceState  # noqa: E402
from crawler.pace import BUDGET, USUAL, level, want  # noqa: E402
from crawler.reasons import FetchReason  # noqa: E402
from crawler.schedule import first_due, next_due  # noqa: E402

LEARN = timedelta(days=7)
TEST = timedelta(days=3)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PACED_EVERY = timedelta(hours=6)
PHASES = 20
ENOUGH = 15
"""Posts in the week of learning: 156 of the archive's feeds have as many."""

Posts = dict[str, list[datetime]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """Minutes from an item to the poll that brought it, and the polls it took."""

    minutes: list[float]
    polls: int

    @property
    def mean(self) -> float:
        """Of all items."""
        return sum(self.minutes) / len(self.minutes)

    def at(self, share: float) -> float:
        """The delay that so large a share of the items stays under."""
        return sorted(self.minutes)[math.ceil(share * len(self.minutes)) - 1]


def read_posts(path: Path, *, enough: int = ENOUGH) -> Posts:
    """Times by feed; one for each second, since a batch is found by one poll."""
    found: dict[str, set[datetime]] = defaultdict(set)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["source_url"]].add(datetime.fromisoformat(row["published_utc"]))
    posts = {url: sorted(times) for url, times in sorted(found.items())}
    return {
        url: times
        for url, times in posts.items()
        if sum(at < BEGIN + LEARN for at in times) >= enough
    }


def made_up_posts(sources: int = 100, seed: int = 7) -> Posts:
    """Poisson posting, 1 to 200 a day, by day rather than by night."""
    rng = random.Random(seed)
    posts: Posts = {}
    for n in range(sources):
        a_day, noon = 10 ** rng.uniform(0, 2.3), rng.uniform(0, 24)
        times = []
        at = BEGIN
        while at < BEGIN + LEARN + TEST:
            at += timedelta(days=rng.expovariate(2 * a_day))
            hour = at.hour + at.minute / 60
            if rng.random() < (1 + math.cos((hour - noon) / 12 * math.pi)) / 2:
                times.append(at)
        posts[f"https://site{n}.test/feed"] = times
    return posts


def adaptive(posts: Posts, *, budget: float = BUDGET, seed: int = 0) -> Delays:
    """As the daemon polls sources of default bounds; ``seed`` shifts the jitter."""
    sources = {
        url: Source(name=f"{url} {seed}", kind=Kind.FEED, url=url) for url in posts
    }
    states = {url: SourceState(name=url, url=url, adopted=BEGIN) for url in posts}
    left = {url: list(reversed(times)) for url, times in posts.items()}
    queue = [(first_due(source, BEGIN), url) for url, source in sources.items()]
    heapq.heapify(queue)
    pace, paced, polls = USUAL, BEGIN, 0
    delays: list[float] = []
    while queue:
        now, url = heapq.heappop(queue)
        if now - paced >= PACED_EVERY:
            paced = now
            wants = [want(sources[u], states[u].habits, now) for u in posts]
            pace = level(wants, budget=budget)
        new = []
        while left[url] and left[url][-1] <= now:
            new.append(left[url].pop())
        delays += [(now - at) / MINUTE for at in new if _counts(at)]
        polls += _counts(now)
        states[url] = _polled(sources[url], states[url], new, now, pace)
        due = states[url].due
        if due is not None and due < BEGIN + LEARN + TEST + timedelta(hours=2):
            heapq.heappush(queue, (due, url))
    return Delays(minutes=delays, polls=polls)


def _polled(
    source: Source, state: SourceState, new: list[datetime], now: datetime, pace: float
) -> SourceState:
    habits = observed(state.habits, new, since=state.succeeded, now=now)
    state = replace(state, habits=habits, succeeded=now)
    due, _ = next_due(source, state, outcome=FetchReason.OK, now=now, pace=pace)
    return replace(state, due=due)


def fixed(posts: Posts, *, polls: int, seed: int = 1) -> Delays:
    """Every source at one interval, as many polls in all; twenty phases of each.

    One phase alone varies by 2 %: many feeds post on the full hour.
    """
    rng = random.Random(seed)
    interval = TEST * len(posts) / polls
    delays = []
    for times in [each for each in posts.values() for _ in range(PHASES)]:
        phase = interval * rng.random()
        delays += [
            (interval - (at - BEGIN - phase) % interval) / MINUTE
            for at in times
            if _counts(at)
        ]
    return Delays(minutes=delays, polls=polls)


def _counts(at: datetime) -> bool:
    return BEGIN + LEARN <= at < BEGIN + LEARN + TEST


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=Path)
    parser.add_argument("--budget", type=float, default=BUDGET)
    parser.add_argument("--seed", type=int, default=0, help="of the jitter")
    parser.add_argument("--quick", action="store_true", help="30 made-up feeds")
    options = parser.parse_args()
    posts = read_posts(options.posts) if options.posts else None
    posts = posts or made_up_posts(sources=30 if options.quick else 100)
    ours = adaptive(posts, budget=options.budget, seed=options.seed)
    theirs = fixed(posts, polls=ours.polls)
    a_day = ours.polls / len(posts) / (TEST / timedelta(days=1))
    note = f"{len(posts)} feeds, {len(ours.minutes)} items, {a_day:.1f} polls a day"
    rows = [
        ("mean", ours.mean, theirs.mean, 0.7),
        ("p50", ours.at(0.5), theirs.at(0.5), None),
        ("p95", ours.at(0.95), theirs.at(0.95), 1.0),
        ("p99", ours.at(0.99), theirs.at(0.99), 2.0),
    ]
    for what, mine, other, most in rows:
        emit(
            Figure(
                bench="polling",
                what=f"{what} delay against fixed",
                value=mine / other,
                unit="x",
                most=most if options.posts and options.budget == BUDGET else None,
                note=f"{mine:.1f} of {other:.1f} min; {note}",
            )
        )


if __name__ == "__main__":
    main()
