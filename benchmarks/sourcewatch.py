"""Faults put into a replayed week of real posting times: how soon is each told?

    python benchmarks/sourcewatch.py [--sources 150] [--half tune|held] [--misses]

Sources are polled by the real schedule; an entry shows when its publisher dated it,
or an hour before the archive saw it if that is later. The first seven days are learnt
from, the faults begin in the last three, nothing looks ahead. The promise is 12 hours
or four times the 95th percentile of the source's own gaps (of its posts before the
fault) at the hour of the week in which it begins.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
import sys
import zlib
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from alerts.sourcewatch import ALL, Changes, Episode, watch
from benchmarks.figures import Figure, emit, table
from crawler.arrivals import Rhythm, note
from crawler.dates import plausible
from crawler.diagnosis import diagnose
from crawler.freshness import catching_up
from crawler.habits import observed
from crawler.items import Item, Kind, Source, SourceState
from crawler.reasons import FetchReason
from crawler.schedule import first_due, next_due, resting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

DATA = Path(__file__).parents[2] / "shared/data/feeds/posting_times.csv.gz"
START = datetime(2026, 1, 1, tzinfo=UTC)
LEARNT = START + timedelta(days=7)
END = START + timedelta(days=10)
HOUR = timedelta(hours=1)
LEAST = 12 * HOUR
STEP = timedelta(minutes=10)
"""How often the watch looks here; the daemon looks every minute."""

WINDOWS = (20, 30, 50, 100)
DRIFTS = (-9, -3, 3, 9)
CUT_TO = 3
DRAWS, TURNS = 2, 8
"""Faults of a kind in a source, of so many tried: not every list that is cut loses
entries, and not every promise ends within the data."""
KINDS = ("silence", "freeze", "challenge", "errors", "rot", "truncation", "drift")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One entry: when it shows in the feed, and the date it carries."""

    number: int
    shows: datetime
    dated: datetime


@dataclass(slots=True, kw_only=True)
class Feed:
    """One source of the replay; ``posts`` by the time they show."""

    source: Source
    posts: tuple[Post, ...]
    window: int
    shown: list[datetime] = field(default_factory=list)
    items: dict[tuple[int, timedelta], Item] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.shown = [post.shows for post in self.posts]

    def listed(self, now: datetime, window: int) -> Sequence[Post]:
        """The newest entries at this time, newest first."""
        end = bisect_right(self.shown, now)
        return self.posts[max(0, end - window) : end][::-1]

    def item(self, post: Post, shift: timedelta) -> Item:
        """The item made of it when it shows, its date moved by ``shift``."""
        key = (post.number, shift)
        if key not in self.items:
            self.items[key] = Item(
                id=str(post.number),
                source=self.source.name,
                url=None,
                canonical_url=None,
                guid=None,
                title="",
                text="",
                summary="",
                language=None,
                authors=(),
                published=plausible(post.dated + shift, post.shows + HOUR / 6),
                seen=post.shows,
            )
        return self.items[key]


@dataclass(slots=True, kw_only=True)
class Run:
    """One source under replay: its state, what is stored, what was lost."""

    feed: Feed
    state: SourceState
    stored: frozenset[str] = frozenset()
    body: tuple[object, ...] = ()
    lost: datetime | None = None

    def poll(self, now: datetime, fault: Fault | None) -> None:
        """One poll, as the collector would end it."""
        if fault is not None and fault.failure is not None and now >= fault.at:
            self._fail(now, fault.failure(self.state.failures))
            return
        posts, shift, body = self._answer(now, fault)
        before, source = self.state, self.feed.source
        if body == self.body and before.succeeded is not None:
            self._succeed(now, FetchReason.UNCHANGED, (), before.yielded, b"")
            return
        late = catching_up(before, before.interval or resting(source), now)
        items = [
            self.feed.item(p, shift if fault and p.shows >= fault.at else timedelta())
            for p in posts
        ]
        if late:
            items = [replace(one, catching_up=True) for one in items]
        known = frozenset(one.id for one in items) & self.stored
        arrivals = note(before, items, stored=known, entries=len(items), now=now)
        self._mind_losses(posts, fault, now)
        self.stored |= {one.id for one in items}
        self.body = body
        new = tuple(one.published for one in items if one.id not in known)
        self._succeed(now, FetchReason.OK, new, len(items), arrivals)

    def _answer(
        self, now: datetime, fault: Fault | None
    ) -> tuple[Sequence[Post], timedelta, tuple[object, ...]]:
        window, shift, at = self.feed.window, timedelta(), now
        stamp: object = None
        if fault is not None and now >= fault.at:
            window = fault.window if fault.window is not None else window
            shift = fault.shift
            if fault.stops:
                at = fault.at
                stamp = now if fault.stamped else None
        posts = self.feed.listed(at, window)
        return posts, shift, (stamp, *(p.number for p in posts))

    def _mind_losses(
        self, posts: Sequence[Post], fault: Fault | None, now: datetime
    ) -> None:
        if self.lost or fault is None or fault.window is None or now < fault.at:
            return
        shown = bisect_right(self.feed.shown, now)
        if posts and any(
            str(post.number) not in self.stored and post.shows >= fault.at
            for post in self.feed.posts[: shown - len(posts)]
        ):
            self.lost = now

    def _succeed(
        self,
        now: datetime,
        reason: FetchReason,
        new: tuple[datetime | None, ...],
        entries: int,
        packed: bytes,
    ) -> None:
        before = self.state
        habits = observed(before.habits, new, since=before.succeeded, now=now)
        learnt = replace(before, habits=habits)
        due, interval = next_due(self.feed.source, learnt, outcome=reason, now=now)
        self.state = replace(
            learnt,
            attempted=now,
            succeeded=now,
            first_succeeded=before.first_succeeded or now,
            due=due,
            interval=interval,
            failures=0,
            state="ok",
            reason=reason,
            yielded=entries,
            arrivals=packed or before.arrivals,
        )

    def _fail(self, now: datetime, reason: FetchReason) -> None:
        before = self.state
        due, interval = next_due(self.feed.source, before, outcome=reason, now=now)
        self.state = replace(
            before,
            attempted=now,
            due=due,
            interval=interval,
            failures=before.failures + 1,
            state="failing",
            reason=reason,
        )

    def copy(self) -> Run:
        """A branch that goes its own way from here."""
        return replace(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong from ``at`` on."""

    at: datetime
    stops: bool = False
    stamped: bool = False
    window: int | None = None
    shift: timedelta = timedelta()
    failure: Callable[[int], FetchReason] | None = None
    until: datetime | None = None


def fault_of(kind: str, at: datetime, dice: random.Random) -> Fault:
    """One fault of this kind."""
    match kind:
        case "silence":
            return Fault(at=at, stops=True, stamped=True)
        case "freeze":
            return Fault(at=at, stops=True)
        case "challenge":
            return Fault(at=at, failure=lambda _: FetchReason.NOT_A_FEED)
        case "errors":
            reason = dice.choice(
                [
                    FetchReason.NAME_NOT_FOUND,
                    FetchReason.TIMEOUT,
                    FetchReason.SERVER_ERROR,
                    FetchReason.NOT_FOUND,
                    FetchReason.FORBIDDEN,
                ]
            )
            return Fault(at=at, failure=lambda _: reason)
        case "rot":  # with `min_items` it fails, without it lists nothing
            if dice.random() < 0.5:
                return Fault(at=at, failure=lambda _: FetchReason.TOO_FEW_ITEMS)
            return Fault(at=at, window=0)
        case "truncation":
            return Fault(at=at, window=CUT_TO)
        case _:
            return Fault(at=at, shift=dice.choice(DRIFTS) * HOUR)


def load(count: int) -> list[Feed]:
    """The feeds with the most posts that carry a time of day, busiest first."""
    posts: dict[str, dict[datetime, datetime]] = {}
    with gzip.open(DATA, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            dated = datetime.fromisoformat(row["published_utc"])
            seen = datetime.fromisoformat(row["first_seen_by_archive_utc"])
            posts.setdefault(row["source_url"], {})[dated] = max(dated, seen - HOUR)
    intraday = {
        url: found
        for url, found in posts.items()
        if sum(d.hour == d.minute == d.second == 0 for d in found) < len(found) / 2
    }
    busiest = sorted(intraday.items(), key=lambda one: (-len(one[1]), one[0]))
    return [feed_of(url, found) for url, found in busiest[:count]]


def feed_of(url: str, found: dict[datetime, datetime]) -> Feed:
    """One feed; its window holds at least what it posts in half a day."""
    ordered = sorted(found.items(), key=lambda one: (one[1], one[0]))
    name = f"s{zlib.crc32(url.encode()):08x}"
    window = WINDOWS[zlib.crc32(url.encode()) % len(WINDOWS)]
    return Feed(
        source=Source(name=name, kind=Kind.FEED, url=url),
        posts=tuple(
            Post(number=n, shows=shows, dated=dated)
            for n, (dated, shows) in enumerate(ordered)
        ),
        window=max(window, len(ordered) // 20),
    )


def begin(feed: Feed) -> Run:
    """A source that was just adopted."""
    state = SourceState(
        name=feed.source.name,
        url=feed.source.url,
        adopted=START,
        due=first_due(feed.source, START),
    )
    return Run(feed=feed, state=state)


def polls(run: Run, end: datetime, fault: Fault | None = None) -> Iterator[datetime]:
    """Poll until ``end``; gives the time after each poll."""
    while (due := run.state.due or START) < end:
        active = fault if fault and (not fault.until or due < fault.until) else None
        run.poll(due, active)
        yield due


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one fault; ``took`` None: not told in time."""

    kind: str
    name: str
    allowed: timedelta
    took: timedelta | None
    told: str = ""


def inject(learnt: Run, kind: str, dice: random.Random) -> Outcome | None:
    """One fault in one source; None if it cannot be judged with what data there is.

    Truncation begins when the first entry is lost, and it and drift need the posts
    that follow, so the promise must end before the data do.
    """
    feed = learnt.feed
    at = LEARNT + dice.random() * timedelta(hours=48)
    run = learnt.copy()
    for _ in polls(run, at):
        pass
    times = sorted(post.dated for post in feed.posts if post.dated < at)
    allowed = max(LEAST, 4 * Rhythm([(one, 1) for one in times]).gap(at))
    end = END if kind in {"truncation", "drift"} else at + allowed
    fault, before = fault_of(kind, at, dice), diagnose(run.state, at)
    start, took, said = at, None, ""
    for now in polls(run, end, fault):
        found = [one for one in diagnose(run.state, now) if one not in before]
        if found and took is None:
            took, said = now, found[0].ailment.value
    if kind == "truncation":
        if run.lost is None:
            return None
        start = run.lost
    if start + allowed > end:
        return None
    late = took is None or took > start + allowed
    return Outcome(
        kind=kind,
        name=feed.source.url,
        allowed=allowed,
        took=None if late or took is None else max(timedelta(), took - start),
        told=said,
    )


@dataclass(slots=True, kw_only=True)
class Pack:
    """All sources under the whole watch, looked at every ``STEP``."""

    runs: list[Run]
    episodes: tuple[Episode, ...] = ()
    opened: list[Episode] = field(default_factory=list)
    ended: list[Episode] = field(default_factory=list)

    def live(self, start: datetime, end: datetime, fault: Fault | None = None) -> None:
        """Poll and look until ``end``."""
        now = start
        while now < end:
            now += STEP
            for run in self.runs:
                for _ in polls(run, now, fault):
                    pass
            states = {run.feed.source.name: run.state for run in self.runs}
            self._take(watch(states, self.episodes, now))

    def _take(self, changes: Changes) -> None:
        changed = {(one.key, one.since): one for one in changes.episodes}
        kept = [changed.pop((o.key, o.since), o) for o in self.episodes]
        self.episodes = (*kept, *changed.values())
        self.opened += changes.opened
        self.ended += changes.ended


def measure(
    feeds: list[Feed], label: str, *, misses: bool, turns: int = TURNS
) -> list[Figure]:
    """Replay, then break each source in each way; figures of one set of sources."""
    pack = Pack(runs=[begin(feed) for feed in feeds])
    pack.live(START, LEARNT)
    early = len(pack.opened)
    learnt = [run.copy() for run in pack.runs]
    pack.live(LEARNT, END)
    real = {run.feed.source.name for run in pack.runs if run.feed.shown[-1] < LEARNT}
    false = [one for one in pack.opened[early:] if one.name not in real]
    scale = 150 / len(feeds)
    figures = [
        Figure(
            bench="watch",
            what=f"{label}: false alarms a week, 150 sources, days 8-10",
            value=len(false) * scale * 7 / 3,
            unit="a week",
            most=2,
            note=f"{len(false)} seen; {len(pack.opened) - early - len(false)} of"
            " sources that never posted again",
        ),
        Figure(
            bench="watch",
            what=f"{label}: false alarms, 150 sources, the learning days 1-7",
            value=early * scale,
            unit="a week",
            note=f"{early} seen",
        ),
    ]
    if misses:
        urls = {feed.source.name: feed.source.url for feed in feeds}
        for one in pack.opened:
            print(
                f"false {one.opened:%d %H:%M} {one.ailment} since {one.since:%d %H:%M}"
                f" {one.detail} {urls.get(one.name, one.name)}"
            )
    outcomes: list[Outcome] = []
    for n, run in enumerate(learnt):
        for kind in KINDS:
            dice = (random.Random(f"{n} {kind} {turn}") for turn in range(turns))
            tried = (inject(run, kind, one) for one in dice)
            outcomes += islice((one for one in tried if one is not None), DRAWS)
    figures += told(outcomes, label, misses=misses)
    return [*figures, *blackout(learnt, label, misses=misses)]


def told(outcomes: list[Outcome], label: str, *, misses: bool) -> list[Figure]:
    """The share told in time, of all and of each kind."""
    figures = []
    for kind in ("all", *KINDS):
        mine = [one for one in outcomes if kind in {"all", one.kind}]
        took = sorted(one.took for one in mine if one.took is not None)
        says = Counter(one.told for one in mine if one.took is not None)
        middle = f"median {took[len(took) // 2] / HOUR:.1f} h, " if took else ""
        figures.append(
            Figure(
                bench="watch",
                what=f"{label}: told in time, {kind}",
                value=100 * len(took) / max(1, len(mine)),
                unit="%",
                least=95 if kind == "all" else None,
                note=f"{len(took)} of {len(mine)}, {middle}"
                + ", ".join(f"{n} {word}" for word, n in says.most_common(3)),
            )
        )
    if misses:
        for one in outcomes:
            if one.took is None:
                print(f"missed {one.kind} {one.allowed / HOUR:.0f} h {one.name}")
    return figures


def blackout(learnt: list[Run], label: str, *, misses: bool) -> list[Figure]:
    """Ten hours without a network, then half a day with it."""
    pack = Pack(runs=[run.copy() for run in learnt])
    at = LEARNT + 9 * HOUR
    pack.live(LEARNT, at)
    pack.opened.clear()
    fault = Fault(
        at=at, failure=lambda _: FetchReason.NAME_NOT_FOUND, until=at + 10 * HOUR
    )
    pack.live(at, at + 22 * HOUR, fault)
    common = [one for one in pack.opened if one.name == ALL]
    said = common[0].opened - at if common else timedelta()
    if misses:
        for one in pack.opened:
            print(f"dark {one.opened:%d %H:%M} {one}")
    return [
        Figure(
            bench="watch",
            what=f"{label}: alarms for ten hours without a network",
            value=len(pack.opened),
            unit="messages",
            least=1,
            most=1,
            note=f"{len(common)} common, after {said / HOUR:.1f} h",
        )
    ]


def main() -> None:
    """Measure both halves, or one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=int, default=150)
    parser.add_argument("--half", choices=["tune", "held"], action="append")
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    feeds = load(options.sources)
    figures = []
    for label, first in (("tune", 0), ("held", 1)):
        if label in (options.half or ("tune", "held")):
            figures += measure(feeds[first::2], label, misses=options.misses)
    for figure in figures:
        emit(figure)
    print(table(figures))


if __name__ == "__main__":
    main()
