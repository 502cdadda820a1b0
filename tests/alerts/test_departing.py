"""When a message leaves a channel: quiet time and limits, on odd nights too."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.departing import depart, is_full, quiet_end
from alerts.model import Limit, MessageType, Neighbours, Quiet, Reason, Severity
from tests.alerts.desk import NOW, TOPICS, Desk, channel, item, topic

NIGHT = Quiet(start=time(22), end=time(6, 30))
BRUSSELS = "Europe/Brussels"
MINUTE = timedelta(minutes=1)
ZONES = [
    *(BRUSSELS, "Asia/Seoul", "America/New_York", "Australia/Lord_Howe"),
    *("America/Sao_Paulo", "Pacific/Apia", "UTC"),
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def end(quiet: Quiet, zone: str, at: str) -> str:
    found = quiet_end(quiet, ZoneInfo(zone), utc(at))
    return found.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        ("2026-03-02T21:59+01:00", "2026-03-02T21:59+01:00"),
        ("2026-03-02T22:00+01:00", "2026-03-03T06:30+01:00"),
        ("2026-03-03T00:00+01:00", "2026-03-03T06:30+01:00"),
        ("2026-03-03T06:29+01:00", "2026-03-03T06:30+01:00"),
        ("2026-03-03T06:30+01:00", "2026-03-03T06:30+01:00"),
        # the night of 23 hours, the one of 25, and the leap day
        ("2026-03-28T23:00+01:00", "2026-03-29T06:30+02:00"),
        ("2026-03-29T03:00+02:00", "2026-03-29T06:30+02:00"),
        ("2026-10-24T23:00+02:00", "2026-10-25T06:30+01:00"),
        ("2026-10-25T02:30+02:00", "2026-10-25T06:30+01:00"),
        ("2026-10-25T02:30+01:00", "2026-10-25T06:30+01:00"),
        ("2028-02-28T23:00+01:00", "2028-02-29T06:30+01:00"),
        ("2028-02-29T23:00+01:00", "2028-03-01T06:30+01:00"),
        ("2026-12-31T23:00+01:00", "2027-01-01T06:30+01:00"),
    ],
)
def test_the_night_ends_at_its_local_time(at: str, ends: str) -> None:
    assert end(NIGHT, BRUSSELS, at) == ends


@pytest.mark.parametrize(
    ("quiet", "zone", "at", "ends"),
    [
        # A quiet time may lie within a day, and begin or end at midnight.
        (("12:00", "14:00"), BRUSSELS, "2026-03-02T13:00+01:00", "2026-03-02T14:00"),
        (("12:00", "14:00"), BRUSSELS, "2026-03-02T15:00+01:00", "2026-03-02T15:00"),
        (("00:00", "06:00"), BRUSSELS, "2026-03-02T00:00+01:00", "2026-03-02T06:00"),
        (("22:00", "00:00"), BRUSSELS, "2026-03-02T23:00+01:00", "2026-03-03T00:00"),
        # 02:30 does not exist that night: its end comes an hour later.
        (("22:00", "02:30"), BRUSSELS, "2026-03-29T01:00+01:00", "2026-03-29T03:30"),
        # 02:30 comes twice: the first ends it, and it does not begin again.
        (("22:00", "02:30"), BRUSSELS, "2026-10-25T02:00+02:00", "2026-10-25T02:30"),
        (("22:00", "02:30"), BRUSSELS, "2026-10-25T02:10+01:00", "2026-10-25T02:10"),
        # São Paulo skipped midnight, Samoa a whole day.
        (
            ("00:00", "06:00"),
            "America/Sao_Paulo",
            "2018-11-04T03:00+00:00",
            "2018-11-04T06:00",
        ),
        (
            ("22:00", "06:30"),
            "Pacific/Apia",
            "2011-12-30T09:00+00:00",
            "2011-12-31T06:30",
        ),
    ],
)
def test_days_without_midnight_and_hours_that_come_twice_have_one_end(
    quiet: tuple[str, str], zone: str, at: str, ends: str
) -> None:
    start, stop = map(time.fromisoformat, quiet)
    assert end(Quiet(start=start, end=stop), zone, at)[:16] == ends


@given(
    st.datetimes(
        min_value=datetime(2011, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        max_value=datetime(2030, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    st.sampled_from(ZONES),
    st.sampled_from(
        [
            NIGHT,
            Quiet(start=time(2, 15), end=time(2, 45)),
            Quiet(start=time(0), end=time(23, 59)),
        ]
    ),
)
def test_what_was_held_is_free_at_the_end_and_within_two_days(
    at: datetime, zone: str, quiet: Quiet
) -> None:
    """A82."""
    found = quiet_end(quiet, ZoneInfo(zone), at)
    assert at <= found <= at + timedelta(days=2)
    assert quiet_end(quiet, ZoneInfo(zone), found) == found


@given(
    st.datetimes(
        min_value=datetime(2024, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        max_value=datetime(2030, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    st.sampled_from(ZONES[:4]),
    st.times(),
    st.times(),
)
def test_it_is_quiet_when_the_clock_on_the_wall_says_so(
    at: datetime, zone: str, start: time, stop: time
) -> None:
    """A82: any quiet time; a few hours around a change of the clock aside."""
    start, stop = (one.replace(second=0, microsecond=0) for one in (start, stop))
    if start == stop:
        return
    here = ZoneInfo(zone)
    near = (at + timedelta(hours=n) for n in (-48, -24, 0, 24, 48))
    if len({moment.astimezone(here).utcoffset() for moment in near}) > 1:
        return
    wall = at.astimezone(here).time()
    over_midnight = stop < start
    quiet = start <= wall or wall < stop if over_midnight else start <= wall < stop
    found = quiet_end(Quiet(start=start, end=stop), here, at)
    assert (found > at) is quiet
    if quiet:
        assert found.astimezone(here).time() == stop
        assert found - at < timedelta(days=1)


def test_a_message_is_held_and_says_until_when_but_a_critical_one_passes() -> None:
    desk = channel("desk", quiet=NIGHT, timezone=BRUSSELS)
    at = utc("2026-03-29T01:30+01:00")
    leaving = depart(desk, Severity.HIGH, at)
    assert leaving.due == utc("2026-03-29T06:30+02:00")
    assert leaving.reason is Reason.QUIET
    assert leaving.detail == "quiet until 2026-03-29T06:30+02:00"
    assert depart(desk, Severity.CRITICAL, at).due == at
    escalated = depart(desk, Severity.HIGH, at, escalated=True)
    assert (escalated.due, escalated.reason) == (at, Reason.ESCALATED)


def test_a_digest_of_the_quiet_time_leaves_at_its_end() -> None:
    desk = channel("desk", quiet=NIGHT, timezone=BRUSSELS, digest=(time(23),))
    leaving = depart(desk, Severity.NORMAL, utc("2026-03-02T12:00+01:00"))
    assert leaving.period is not None
    assert leaving.period[1] == utc("2026-03-02T23:00+01:00")
    assert leaving.due == utc("2026-03-03T06:30+01:00")


def test_the_limit_lets_so_many_into_any_span() -> None:
    limit = Limit(most=2, span=10 * MINUTE)
    full = [NOW, NOW + 4 * MINUTE]
    assert is_full(limit, full, NOW + 9 * MINUTE)
    assert not is_full(limit, full, NOW + 10 * MINUTE)
    assert is_full(limit, full, NOW - 5 * MINUTE)  # three in ten minutes, too
    assert not is_full(limit, full, NOW - 6 * MINUTE)
    assert not is_full(limit, full[:1], NOW)


ISLANDS = ("alderney", "borkum", "capri", "djerba", "elba")
MANY = tuple(topic(name, name, severity=Severity.HIGH) for name in ISLANDS)
NEWS = [
    item("A wildfire on Alderney burns down forty empty barns"),
    item("Fishermen off Borkum find a crate of old violins"),
    item("The mayor of Capri forbids noisy sandals in summer"),
    item("Archaeologists on Djerba uncover mosaics of dolphins"),
    item("Ferries to Elba raise their fares by ten euros"),
]


def test_what_is_over_the_limit_rides_in_the_next_digest_of_each_recipient() -> None:
    desk = channel(
        "desk", "a@x.test", "b@x.test", limit=Limit(most=2, span=10 * MINUTE)
    )
    verdict = Desk(desk, topics=MANY).see(*NEWS)
    for who in desk.recipients:
        mine = [row for row in verdict.deliveries if row.recipient == who]
        at_once = [r for r in mine if r.type is MessageType.OPENED]
        (digest,) = (r for r in mine if r.type is MessageType.DIGEST)
        assert len(at_once) == 2
        assert len(digest.alert_ids) == 3
        assert digest.due == datetime(2026, 3, 3, 8, tzinfo=UTC)
        assert digest.reason is Reason.LIMITED
        assert digest.detail == "over the limit of 2/10m"


def test_critical_messages_count_and_are_never_held_back() -> None:
    severe = tuple(replace(one, severity=Severity.CRITICAL) for one in MANY[:3])
    desk = channel("desk", limit=Limit(most=2, span=10 * MINUTE))
    verdict = Desk(desk, topics=(*severe, *MANY[3:])).see(*NEWS)
    kinds = [row.type for row in verdict.deliveries]
    assert kinds.count(MessageType.OPENED) == 3
    assert kinds.count(MessageType.DIGEST) == 1


def test_what_waits_for_the_end_of_quiet_time_counts_there() -> None:
    quiet = Quiet(start=time(11), end=time(13))
    desk = channel("desk", quiet=quiet, limit=Limit(most=2, span=10 * MINUTE))
    verdict = Desk(desk, topics=MANY).see(*NEWS)
    held = [r for r in verdict.deliveries if r.type is MessageType.OPENED]
    assert [r.due for r in held] == [NOW + 60 * MINUTE] * 2
    assert {r.reason for r in held} == {Reason.QUIET}


def test_a_low_topic_and_a_digest_channel_never_use_the_limit_up() -> None:
    desk = channel("desk", limit=Limit(most=1, span=10 * MINUTE))
    low = replace(MANY[0], severity=Severity.LOW)
    verdict = Desk(desk, topics=(low, MANY[1], *TOPICS)).see(*NEWS[:2])
    assert {row.type for row in verdict.deliveries} == {
        MessageType.DIGEST,
        MessageType.OPENED,
    }
    assert Neighbours().planned == {}
