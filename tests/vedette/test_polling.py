"""Polling as the daemon does it: across restarts, crashes and sleep (points 5, 25)."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from alerts.model import Channel
from crawler.collect import Collector
from crawler.fetcher import Fetcher
from crawler.habits import Habits
from crawler.items import ArticlePolicy, Kind, Source, SourceState
from crawler.pace import BUDGET, USUAL, rhythm, want
from crawler.pool import ParserPool
from crawler.terms import Terms
from crawler.trail import Page, Trail
from tests.alerts.desk import watch
from tests.servers.http import Reply, Request, serve
from tests.vedette import store_world as world
from vedette.engine import Engine
from vedette.jobs import Jobs
from vedette.polling import pace_of, taken_anew
from vedette.setup import Setup
from vedette.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.vedette.lab import Lab

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SOON = timedelta(seconds=2)
"""What is late at a start is spread over a second for each."""
FEED = b"<rss version='2.0'><channel><title>S</title><item><title>A</title></item>"


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@contextlib.asynccontextmanager
async def running(
    path: Path, sources: dict[str, Source], clock: Clock
) -> AsyncIterator[Jobs]:
    """The jobs of one life of the daemon."""
    fetcher = Fetcher(
        user_agent="vedette/test", allow=("127.0.0.0/8",), min_gap_s=0, clock=clock
    )
    pool = ParserPool(workers=1)
    setup = Setup(
        watch=watch(Channel(name="c", kind="console", recipients=("c",))),
        sources=sources,
        channels={},
        senders={},
    )
    with Store.open(path) as store:
        collector = Collector(fetcher=fetcher, pool=pool, scraper=None, clock=clock)
        jobs = Jobs(store=store, collector=collector, setup=setup, clock=clock)
        await jobs.adopt(setup, spread=True)
        yield jobs
        await jobs.aclose()
    await pool.aclose()
    await fetcher.aclose()


def feed(name: str, url: str = "https://site.test/feed", **changes: object) -> Source:
    source = Source(name=name, kind=Kind.FEED, url=url, article=ArticlePolicy.NEVER)
    return replace(source, **changes)  # type: ignore[arg-type]


def due(jobs: Jobs, now: datetime) -> list[str]:
    return jobs.due(now, limit=10_000, busy=())


def test_what_is_remembered_of_a_source_comes_back_field_by_field(
    tmp_path: Path,
) -> None:
    now = world.NOW
    state = replace(
        world.harvest([]).state,
        habits=Habits(begun=now - DAY, upto=now, weight=2.5, hours=(0.5,) * 24),
        terms=Terms(ttl=MINUTE, max_age=HOUR, skip_hours=(3, 4), skip_days=(6,)),
        trail=Trail(
            validated="https://a.test/",
            shape="abc",
            moved_to="https://b.test/",
            moved_since=now,
            moved_polls=2,
            settled="https://c.test/",
            quiet_since=now,
            probed=now,
            distrusted=True,
            failing_since=now,
            pages=(Page(url="https://d.test/", etag='"\u00ff"'), Page(url="x")),
        ),
    )
    with Store.open(tmp_path / "s.db") as store:
        store.add_items(replace(world.harvest([]), state=state))
        assert store.states() == {"gazette": state}


def test_a_source_that_was_mended_is_asked_at_once(tmp_path: Path) -> None:
    """Gone means a probe a month; the address that the user found is asked now."""
    clock = Clock()

    async def life(url: str) -> None:
        sources = {"s": feed("s", site.url("/old"))}
        async with running(tmp_path / "s.db", sources, clock) as jobs:
            clock.now += 2 * MINUTE
            await jobs.collect("s")
            assert jobs.states["s"].state == "gone"
            assert due(jobs, clock.now + 20 * DAY) == []
            sources = {"s": feed("s", site.url(url))}
            await jobs.swap(replace(jobs.setup, sources=sources))
            assert not jobs.is_barred("s", clock.now)
            assert due(jobs, clock.now + 2 * MINUTE) == ["s"]
            clock.now += 2 * MINUTE
            await jobs.collect("s")
            assert jobs.states["s"].state == "ok"
        # A start with the mended config does the same as a reload.
        async with running(tmp_path / "s.db", sources, clock) as jobs:
            assert jobs.states["s"].state == "ok"

    with serve({"/old": Reply(status=410), "/new": Reply(body=FEED)}) as site:
        asyncio.run(life("/new"))


@pytest.mark.parametrize(
    ("attempted", "wait"), [(HOUR, 0 * MINUTE), (MINUTE, 4 * MINUTE)]
)
def test_a_shorter_interval_counts_from_the_reload_on(
    attempted: timedelta, wait: timedelta
) -> None:
    slow = feed("s", every_min=6 * HOUR, every_max=6 * HOUR)
    fast = replace(slow, every_min=5 * MINUTE, every_max=5 * MINUTE)
    state = SourceState(
        name="s",
        url=slow.url,
        adopted=START - DAY,
        attempted=START - attempted,
        due=START + 5 * HOUR,
    )

    def taken(source: Source, **changes: Any) -> SourceState:
        given = {"before": slow, "first": START, "now": START, **changes}
        return taken_anew(source, given.pop("state", state), **given)

    assert taken(fast).due == START + wait
    assert taken(slow) == taken(fast, before=None) == state
    barred = replace(state, not_before=START + HOUR)
    assert taken(fast, state=barred) == barred
    asked = replace(state, terms=Terms(ttl=2 * HOUR))
    assert taken(fast, state=asked).due == START - attempted + 2 * HOUR


def test_point_5_a_restart_asks_nobody_earlier_and_nobody_without_validators(
    tmp_path: Path,
) -> None:
    clock = Clock()

    def answer(request: Request) -> Reply:
        if request.header("if-none-match"):
            return Reply(status=304)
        return Reply(body=FEED, headers={"ETag": '"1"'})

    async def life(url: str) -> timedelta:
        async with running(tmp_path / "s.db", {"s": feed("s", url)}, clock) as jobs:
            for name in due(jobs, clock.now + SOON):
                await jobs.begin([name])
                await jobs.collect(name)
            state = jobs.states["s"]
            assert state.due is not None
            return state.due - clock.now

    with serve({"/feed": answer}) as site:
        url = site.url("/feed")
        asyncio.run(life(url))  # adopted: due within two minutes
        clock.now += 2 * MINUTE
        left = asyncio.run(life(url))
        for _ in range(5):  # restarted every minute
            clock.now += MINUTE
            assert asyncio.run(life(url)) < left
        clock.now += left
        asyncio.run(life(url))
        asked = [r.header("if-none-match") for r in site.requests if r.path == "/feed"]
        assert asked == [None, '"1"']


def test_point_5_a_crash_in_the_middle_of_a_poll_is_no_reason_to_ask_at_once(
    tmp_path: Path,
) -> None:
    clock = Clock()

    async def life(*, crash: bool) -> list[str]:
        async with running(tmp_path / "s.db", {"s": feed("s")}, clock) as jobs:
            names = due(jobs, clock.now + SOON)
            if names and crash:
                await jobs.begin(names)  # and then the power goes
            return names

    asyncio.run(life(crash=False))
    clock.now += 2 * MINUTE
    assert asyncio.run(life(crash=True)) == ["s"]
    for _ in range(9):
        clock.now += MINUTE
        assert asyncio.run(life(crash=True)) == []
    clock.now += 2 * MINUTE
    assert asyncio.run(life(crash=False)) == ["s"]


def test_point_25_after_a_sleep_each_source_is_due_once_and_spread(
    tmp_path: Path,
) -> None:
    clock = Clock()
    sources = {f"s{n}": feed(f"s{n}") for n in range(300)}

    async def story() -> None:
        async with running(tmp_path / "s.db", sources, clock) as jobs:
            engine = Engine(jobs, clock=clock, items=DAY, texts=DAY)
            engine._disk_low = True  # ticks, but polls nobody
            await engine._tick()
            clock.now += 8 * HOUR
            await engine._tick()
            counts = []
            for _ in range(13):
                counts.append(len(due(jobs, clock.now)))
                clock.now += timedelta(seconds=10)
            assert counts[-1] == 300
            steps = [b - a for a, b in zip([0, *counts], counts, strict=False)]
            assert max(steps) < 50, "25 in ten seconds, not 300 at once"
        clock.now += 8 * HOUR
        async with running(tmp_path / "s.db", sources, clock) as jobs:
            assert len(due(jobs, clock.now)) < 20, "after a long stop too"
            assert len(due(jobs, clock.now + 2 * MINUTE)) == 300

    asyncio.run(story())


def test_the_pace_of_all_sources_spends_the_budget_from_a_sample() -> None:
    sources = {f"s{n}": feed(f"s{n}") for n in range(2500)}
    sources["often"] = feed("often", every_min=MINUTE, every_max=MINUTE)
    states = {n: SourceState(name=n, url="x", adopted=START) for n in sources}
    pace = pace_of(sources, states, START)
    mean = sum(rhythm(want(sources["s0"], Habits(), START), pace))
    assert abs(mean - BUDGET) < 0.5
    assert pace_of({}, {}, START) == USUAL


def test_the_score_is_printed_for_people_and_programs(lab: Lab) -> None:
    lab.write()
    lab.feed({"title": "The ferry sank", "slug": "ferry"})
    lab.run("once")
    lab.run("once", "--all")
    name = lab.rows("sources")[0]["name"]
    shown = lab.run("sources", "--score", name).stdout
    assert "unconditional" in shown
    assert "bad validators" in shown
    (row,) = lab.rows("sources", "--score", name)
    assert row["polls"] == 2
    assert row["requests"] == 4, "each pass reads robots.txt"
    assert row["bad_validators"] == 0
    lab.run("sources", "--score", "nobody", code=2)
