"""The look at the sources and the store: neither lost nor repeated by a kill."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.evaluate import Watch
from alerts.matching import Matcher
from alerts.model import Channel, MessageType
from alerts.notices import Heartbeat
from alerts.stories.outlets import Outlets
from crawler.items import SourceState
from crawler.reasons import FetchReason
from tests.vedette.store_world import NOW, source
from vedette.setup import Setup
from vedette.sourcewatch import SourceWatch
from vedette.store import Store, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
LOG = Channel(name="log", kind="file", recipients=("log",), path="/nowhere")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vedette.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as store:
        yield store


def setup(*, heartbeat: Heartbeat) -> Setup:
    sources = {"gazette": source()}
    return Setup(
        watch=Watch(
            matcher=Matcher.compile({}, {}),
            topics={},
            channels={"log": LOG},
            sources=sources,
            outlets=Outlets.of(sources),
            version="1",
        ),
        sources=sources,
        channels={"log": LOG},
        senders={},
        heartbeat=heartbeat,
    )


QUIET = setup(heartbeat=Heartbeat(at=None))
WELL = SourceState(
    name="gazette",
    url="https://gazette.test/feed",
    adopted=NOW - 90 * HOUR,
    attempted=NOW,
    succeeded=NOW,
    reason=FetchReason.OK,
)
ILL = replace(WELL, succeeded=NOW - 4 * HOUR, failures=3, reason=FetchReason.NOT_A_FEED)


def types(store: Store) -> list[MessageType]:
    return [row.type for row in store.outbox(50)]


def test_an_episode_and_its_messages_are_one_transaction(
    store: Store, path: Path
) -> None:
    assert SourceWatch(store).look({"gazette": ILL}, QUIET, NOW) == 1
    store.close()  # as a kill would leave it: nothing was sent yet
    with Store.open(path) as again:
        (episode,) = again.health(NOW).episodes
        assert episode.since == ILL.succeeded
        assert types(again) == [MessageType.SOURCE_SILENT]
        watch = SourceWatch(again)
        assert watch.look({"gazette": ILL}, QUIET, NOW + HOUR) == 0
        assert watch.look({"gazette": WELL}, QUIET, NOW + 2 * HOUR) == 1
        assert SourceWatch(again).look({"gazette": WELL}, QUIET, NOW + 3 * HOUR) == 0
        assert len(types(again)) == 2


def test_what_could_not_be_written_is_told_by_the_next_look(
    store: Store, path: Path
) -> None:
    watch = SourceWatch(store)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute(
            "CREATE TRIGGER full BEFORE INSERT ON episode"
            " BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
        with pytest.raises(StoreError):
            watch.look({"gazette": ILL}, QUIET, NOW)
        assert types(store) == [], "no message without its episode"
        db.execute("DROP TRIGGER full")
    assert watch.look({"gazette": ILL}, QUIET, NOW + HOUR) == 1
    assert types(store) == [MessageType.SOURCE_SILENT]


def test_one_heartbeat_a_day_over_restarts(store: Store) -> None:
    daily = setup(heartbeat=Heartbeat())
    for hours in (0, 1, 2, 23):
        SourceWatch(store).look({"gazette": WELL}, daily, NOW + hours * HOUR)
    assert types(store) == [MessageType.HEARTBEAT] * 2


def test_a_source_of_a_blocked_host_is_not_healthy(store: Store) -> None:
    blocked = replace(WELL, reason=FetchReason.HOST_BLOCKED)
    SourceWatch(store).look(
        {"gazette": blocked}, setup(heartbeat=Heartbeat()), NOW + 23 * HOUR
    )
    headlines = [row.headline for row in store.outbox(50)]
    assert any("0/1 sources healthy" in one for one in headlines), headlines


def each_minute(
    watch: SourceWatch, start: datetime, minutes: int, due: datetime
) -> int:
    """Looks at a source that is never polled; the messages made."""
    stuck = {"gazette": replace(WELL, due=due)}
    daily = setup(heartbeat=Heartbeat())
    return sum(watch.look(stuck, daily, start + n * MINUTE) for n in range(minutes))


def test_polling_that_stands_still_is_told_though_the_daemon_lives(
    store: Store,
) -> None:
    """A38: below 64 MiB free nothing is polled, and nothing fails either."""
    watch = SourceWatch(store)
    each_minute(watch, NOW, 60, due=NOW)
    assert MessageType.SOURCE_SILENT not in types(store), "an hour is not over"
    each_minute(watch, NOW + HOUR, 24 * 60, due=NOW)
    assert types(store).count(MessageType.SOURCE_SILENT) == 1
    headlines = [row.headline for row in store.outbox(50)]
    assert "[warning] Most sources are not polled: is the disk full?" in headlines
    assert any("0/1 sources healthy" in one for one in headlines)
    polled = replace(WELL, succeeded=NOW + 26 * HOUR, due=NOW + 27 * HOUR)
    watch.look({"gazette": polled}, QUIET, NOW + 26 * HOUR)
    headlines = [row.headline for row in store.outbox(50)]
    assert "[recovered] Most sources are polled again" in headlines


def test_a_start_after_a_long_stop_or_sleep_is_not_polling_that_stands_still(
    store: Store,
) -> None:
    for watch in (SourceWatch(store), SourceWatch(store)):  # a start, and another
        each_minute(watch, NOW, 59, due=NOW - 90 * HOUR)
        each_minute(watch, NOW + 50 * HOUR, 59, due=NOW)  # it slept in between
        each_minute(watch, NOW, 59, due=NOW - HOUR)  # the clock was set back
    assert MessageType.SOURCE_SILENT not in types(store)


def test_what_ended_is_forgotten_after_a_week(store: Store) -> None:
    watch = SourceWatch(store)
    watch.look({"gazette": ILL}, QUIET, NOW)
    watch.look({"gazette": WELL}, QUIET, NOW + HOUR)
    assert len(store.health(NOW + 2 * HOUR).episodes) == 1
    assert store.health(NOW + 200 * HOUR).episodes == ()
