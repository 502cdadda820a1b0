"""When digests leave: calendar time in the channel's zone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts.digests import next_digest
from tests.alerts.desk import channel

BRUSSELS = channel("desk", digest=(time(2, 30), time(18)), timezone="Europe/Brussels")


def test_the_default_is_eight_in_the_channels_zone() -> None:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    start, end = next_digest(channel("d", timezone="Asia/Seoul"), at)
    assert (start, end) == (
        datetime(2026, 3, 1, 23, tzinfo=UTC),
        datetime(2026, 3, 2, 23, tzinfo=UTC),
    )


def test_an_alert_made_at_the_digest_time_waits_for_the_next() -> None:
    at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert next_digest(channel("d"), at)[1] == at + timedelta(days=1)


def test_the_doubled_autumn_hour_has_one_digest() -> None:
    """I12: 02:30 comes twice on 25 October 2026 in Brussels, the digest once."""
    seen = set()
    at = datetime(2026, 10, 24, 20, tzinfo=UTC)
    while at < datetime(2026, 10, 25, 12, tzinfo=UTC):
        seen.add(next_digest(BRUSSELS, at)[1])
        at += timedelta(minutes=10)
    assert sorted(seen) == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 17, tzinfo=UTC),
    ]


def test_the_skipped_spring_hour_has_its_digest_an_hour_later() -> None:
    at = datetime(2026, 3, 28, 20, tzinfo=UTC)
    end = next_digest(BRUSSELS, at)[1]
    assert end == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@given(
    st.datetimes(
        min_value=datetime(2024, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        max_value=datetime(2030, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    st.sampled_from(
        [
            *("UTC", "Europe/Brussels", "Asia/Seoul", "America/St_Johns"),
            *("America/New_York", "Australia/Lord_Howe"),
        ]
    ),
)
def test_every_moment_lies_in_exactly_one_period(at: datetime, zone: str) -> None:
    """A82, I12."""
    spoken = channel("d", digest=(time(0), time(2, 30), time(23, 59)), timezone=zone)
    start, end = next_digest(spoken, at)
    assert start <= at < end
    assert next_digest(spoken, end - timedelta(seconds=1)) == (start, end)
