"""Which troubles are told: each once, its end once, one cause as one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from alerts.model import Channel, MessageType
from alerts.notices import Heartbeat, Pulse, beat, beats, tell
from alerts.sourcewatch import ALL, Changes, Episode, watch
from crawler.diagnosis import Ailment, Aspect
from crawler.items import SourceState, stable_id
from crawler.reasons import FetchReason

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOOK = Channel(name="hook", kind="webhook", recipients=("hook",))
SCREEN = Channel(name="screen", kind="console", recipients=("screen",))
MAIL = Channel(
    name="desk",
    kind="email",
    recipients=("a@desk.test", "b@desk.test"),
    sender="vedette@desk.test",
    timezone="Asia/Seoul",
)


def source(name: str, *, failing: int = 0, hours: float = 4) -> SourceState:
    return SourceState(
        name=name,
        url=f"https://{name}.test/",
        adopted=NOW - 900 * HOUR,
        attempted=NOW,
        succeeded=NOW - hours * HOUR if failing else NOW,
        failures=failing,
        reason=FetchReason.SERVER_ERROR if failing else FetchReason.OK,
    )


def states(*ill: str, of: int = 10, hours: float = 4) -> dict[str, SourceState]:
    names = [f"s{n}" for n in range(of)]
    return {
        name: source(name, failing=3 if name in ill else 0, hours=hours)
        for name in names
    }


def opened(changes: Changes) -> list[str]:
    return [one.name for one in changes.opened]


def test_a_trouble_is_told_once_and_its_end_once() -> None:
    first = watch(states("s1"), (), NOW)
    assert opened(first) == ["s1"]
    (episode,) = first.opened
    assert episode.since == NOW - 4 * HOUR
    assert watch(states("s1"), first.opened, NOW + HOUR) == Changes()
    over = watch(states(), first.opened, NOW + HOUR)
    assert over.ended == (replace(episode, ended=NOW + HOUR),)
    assert watch(states(), over.ended, NOW + HOUR) == Changes()


def test_an_episode_lasts_while_the_source_fails_whatever_the_reason() -> None:
    told = watch(states("s1"), (), NOW).opened
    again = states()
    again["s1"] = source("s1", failing=1)
    assert watch(again, told, NOW + HOUR) == Changes()


def test_a_source_that_leaves_the_config_recovers_from_nothing() -> None:
    told = watch(states("s1"), (), NOW).opened
    left = states()
    del left["s1"]
    changes = watch(left, told, NOW + HOUR)
    assert [one.name for one in changes.dropped] == ["s1"]
    assert tell(changes, [HOOK], NOW) == ()


def test_what_flickers_is_told_again_only_if_it_lasts() -> None:
    told = watch(states("s1"), (), NOW).opened
    ended = watch(states(), told, NOW + HOUR).ended
    assert not watch(states("s1"), ended, NOW + 5 * HOUR).opened
    long = states("s1", hours=10)
    assert opened(watch(long, ended, NOW + 5 * HOUR)) == ["s1"]


def test_most_sources_failing_is_one_trouble_and_none_of_theirs() -> None:
    ill = [f"s{n}" for n in range(7)]
    told = watch(states(*ill), (), NOW)
    assert opened(told) == [ALL]
    assert "7 of 10" in told.opened[0].detail
    assert watch(states(*ill[:4]), told.opened, NOW + HOUR) == Changes()
    over = watch(states(*ill[:2]), told.opened, NOW + HOUR)
    assert [one.name for one in over.ended] == [ALL]
    assert over.opened == (), "they were last asked while all were failing"


def test_a_common_trouble_ends_though_many_fail_for_ever() -> None:
    """Four of ten fail by themselves: they must neither hold it open nor be muted."""
    down = [f"s{n}" for n in range(10)]
    told = watch(states(*down), (), NOW)
    assert opened(told) == [ALL]
    later = NOW + 3 * HOUR
    up = states(*down[:4])
    for name in down[4:]:
        up[name] = replace(up[name], attempted=later, succeeded=later)
    few = {**up, "s4": states(*down)["s4"], "s5": states(*down)["s5"]}
    assert watch(few, told.opened, later) == Changes(), "four of ten were read"
    over = watch(up, told.opened, later)
    assert [one.name for one in over.ended] == [ALL]
    for name in down[:4]:
        up[name] = replace(up[name], attempted=later + 4 * HOUR)
    after = watch(up, over.ended, later + 4 * HOUR)
    assert opened(after) == ["s0", "s1", "s2", "s3"]


def test_the_dead_sources_of_a_new_pack_are_one_message() -> None:
    pack = states()
    for n in range(4):
        attempted = NOW - n * HOUR
        pack[f"s{n}"] = replace(
            source(f"s{n}", failing=5),
            succeeded=None,
            adopted=NOW - 24 * HOUR,
            attempted=attempted,
        )
    changes = watch(pack, (), NOW)
    assert len(changes.opened) == 4
    assert len(tell(changes, [HOOK], NOW)) == 1


def shut_out(name: str, hours: float, *, first: bool = False) -> SourceState:
    """A source of one host that answered one of them 429, the others not at all."""
    return replace(
        source(name, failing=1, hours=hours),
        url=f"https://news.test/{name}",
        interval=HOUR,
        failures=int(first),
        not_before=NOW + 20 * HOUR,
        reason=FetchReason.RATE_LIMITED if first else FetchReason.HOST_BLOCKED,
        detail="HTTP 429" if first else "news.test asked to be left alone",
    )


def test_a_host_that_shuts_many_out_is_one_trouble_to_its_end() -> None:
    pack = states(of=2)
    for n in range(43):
        pack[f"h{n}"] = shut_out(f"h{n}", 3 + n / 30, first=not n)
    told = watch(pack, (), NOW)
    assert opened(told) == ["*@news.test"]
    (row,) = tell(told, [HOOK], NOW)
    assert row.headline == "[warning] news.test refuses to be read"
    assert watch(pack, told.opened, NOW + 4 * HOUR) == Changes(), "all are due by now"
    later = NOW + 21 * HOUR
    back = {name: replace(one, not_before=None) for name, one in pack.items()}
    back["h1"] = replace(back["h1"], reason=FetchReason.OK, succeeded=later)
    assert watch(back, told.opened, later) == Changes(), "others were not asked yet"
    for name, one in back.items():
        back[name] = replace(one, reason=FetchReason.OK, succeeded=later, failures=0)
    (over,) = watch(back, told.opened, later).ended
    assert over.name == "*@news.test"


def test_a_host_that_stops_answering_after_its_block_is_not_well_again() -> None:
    pack = {f"h{n}": shut_out(f"h{n}", 5) for n in range(9)}
    told = watch(pack, (), NOW)
    later = NOW + 30 * HOUR
    down = {
        name: replace(one, reason=FetchReason.TIMEOUT, failures=1)
        for name, one in pack.items()
    }
    assert not watch(down, told.opened, later).ended
    left = states()
    left["s1"] = replace(left["s1"], url="https://[nowhere/")
    gone = watch(left, told.opened, later)
    assert [one.name for one in gone.dropped] == ["*@news.test"]


def test_a_few_sources_of_a_blocked_host_are_told_by_name() -> None:
    pack = states() | {f"h{n}": shut_out(f"h{n}", 5) for n in range(3)}
    assert opened(watch(pack, (), NOW)) == ["h0", "h1", "h2"]


def test_a_few_that_are_overdue_are_no_trouble_of_all() -> None:
    hung = states()
    for n in range(10):
        due = NOW - 3 * HOUR if n < 5 else NOW
        hung[f"s{n}"] = replace(hung[f"s{n}"], due=due)
    assert watch(hung, (), NOW, awake=NOW - 9 * HOUR) == Changes()
    hung["s5"] = replace(hung["s5"], due=NOW - 2 * HOUR)
    (told,) = watch(hung, (), NOW, awake=NOW - 9 * HOUR).opened
    assert (told.name, told.ailment) == (ALL, Ailment.OVERDUE)
    assert told.detail == "6 of 10 sources are overdue"


def test_a_machine_that_wakes_up_without_a_network_says_nothing_yet() -> None:
    once = {name: source(name, failing=1) for name in states()}
    assert watch(once, (), NOW) == Changes()


def episode(name: str, **changes: object) -> Episode:
    values: dict[str, object] = {
        "aspect": Aspect.ARRIVAL,
        "ailment": Ailment.CHALLENGE,
        "since": NOW - 4 * HOUR,
        "opened": NOW,
        "detail": "not_a_feed: <script>\x1b[31m",
    }
    return Episode(name=name, **(values | changes))  # type: ignore[arg-type]


def test_every_recipient_is_told_with_an_id_of_name_and_start() -> None:
    rows = tell(Changes(opened=(episode("wire"),)), [HOOK, MAIL, SCREEN], NOW)
    assert [row.recipient for row in rows] == [
        "hook",
        "a@desk.test",
        "b@desk.test",
        "screen",
    ]
    start = (NOW - 4 * HOUR).isoformat()
    assert rows[0].id == stable_id("source.silent", "hook", "hook", "wire", start)
    assert len({row.id for row in rows}) == 4
    assert {row.due for row in rows} == {NOW}
    assert rows[0].payload is not None
    body = json.loads(rows[0].payload)
    assert body["type"] == "source.silent"
    assert body["data"]["state"] == "silent"
    (told,) = body["data"]["sources"]
    assert told["name"] == "wire"
    assert told["reason"] == "challenge"
    assert told["since"] == "2026-03-04T08:00:00Z"
    assert "\x1b" not in told["detail"]
    assert b"2026-03-04 17:00 KST" in (rows[1].payload or b"")
    assert b"<script>" not in (rows[1].payload or b"").split(b"text/html")[1]
    assert rows[3].headline.startswith("[warning] wire answers with another page")


def test_the_end_has_an_id_of_its_own() -> None:
    start = tell(Changes(opened=(episode("wire"),)), [HOOK], NOW)
    over = tell(Changes(ended=(episode("wire", ended=NOW),)), [HOOK], NOW)
    assert start[0].id != over[0].id
    assert json.loads(over[0].payload or b"")["data"]["state"] == "recovered"


def test_many_at_the_same_moment_are_one_message() -> None:
    ill = tuple(episode(f"s{n}") for n in range(60))
    (row,) = tell(Changes(opened=ill), [HOOK], NOW)
    assert row.headline == "[warning] 60 sources fell ill"
    assert len(tell(Changes(opened=ill[:3]), [HOOK], NOW)) == 3


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (datetime(2026, 3, 4, 22, 59, tzinfo=UTC), ["2026-03-03", "2026-03-04"]),
        (datetime(2026, 3, 4, 23, 1, tzinfo=UTC), ["2026-03-04", "2026-03-04"]),
    ],
)
def test_a_heartbeat_is_due_once_a_day_in_each_channels_zone(
    now: datetime, days: list[str]
) -> None:
    """08:00 in Seoul is 23:00 UTC of the day before."""
    early = NOW - 90 * HOUR
    due = list(beats(Heartbeat(), [MAIL, HOOK], early, now))
    assert [channel.name for channel, *_ in due] == ["desk", "desk", "hook"]
    moments = {channel.name: f"{moment.date()}" for channel, _, moment in due}
    assert [moments["desk"], moments["hook"]] == days


def test_a_heartbeat_goes_to_the_channels_named_and_not_before_the_start() -> None:
    only = Heartbeat(at=time(8), to=("hook",))
    assert [c.name for c, *_ in beats(only, [MAIL, HOOK], NOW - 9 * HOUR, NOW)] == [
        "hook"
    ]
    assert list(beats(Heartbeat(), [HOOK], NOW - HOUR, NOW)) == []
    assert list(beats(Heartbeat(at=None), [HOOK], NOW - 90 * HOUR, NOW)) == []


def test_a_heartbeat_says_how_many_are_healthy_and_what_matched() -> None:
    pulse = Pulse(healthy=142, sources=150, alerts=0)
    row = beat(HOOK, "hook", NOW - 4 * HOUR, pulse, NOW)
    assert row.type is MessageType.HEARTBEAT
    assert row.id == stable_id("heartbeat", "hook", "hook", "2026-03-04")
    data = json.loads(row.payload or b"")["data"]
    assert data["text"] == "142/150 sources healthy; nothing matched"
    assert str(Pulse(healthy=1, sources=1, alerts=2)).endswith("2 alerts made")
