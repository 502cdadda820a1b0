"""What is wrong with a source: by its last polls, its rhythm, its list, its dates."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.arrivals import Arrival, pack
from crawler.diagnosis import Ailment, diagnose
from crawler.items import SourceState
from crawler.reasons import FetchReason

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday
HOUR = timedelta(hours=1)
DAY = 24 * HOUR


def arrival(at: datetime, **changes: object) -> Arrival:
    values: dict[str, object] = {
        "new": 1,
        "entries": 20,
        "off": timedelta(),
        "rolled": False,
    }
    return Arrival(at=at, **(values | changes))  # type: ignore[arg-type]


def hourly(until: datetime, days: int) -> list[Arrival]:
    """One arrival an hour, up to ``until``."""
    return [arrival(until - n * HOUR) for n in range(days * 24, -1, -1)]


def well(arrivals: list[Arrival], **changes: object) -> SourceState:
    state = SourceState(
        name="wire",
        url="https://wire.test/feed",
        adopted=NOW - 30 * DAY,
        attempted=NOW,
        succeeded=NOW,
        first_succeeded=NOW - 30 * DAY,
        state="ok",
        reason=FetchReason.OK,
        yielded=20,
        arrivals=pack(arrivals, NOW),
    )
    return replace(state, **changes)  # type: ignore[arg-type]


def ailments(state: SourceState, now: datetime = NOW) -> list[Ailment]:
    return [one.ailment for one in diagnose(state, now)]


def test_a_source_in_its_rhythm_is_well() -> None:
    assert ailments(well(hourly(NOW - HOUR, 14))) == []
    assert ailments(well(hourly(NOW - 9 * HOUR, 14))) == []


def test_a_source_that_brings_much_for_weeks_takes_no_more_memory() -> None:
    """What earlier arrivals told is let go with them."""
    past = hourly(NOW - 20 * DAY, 1)
    for n in range(9):  # what is made once
        diagnose(well([*past, arrival(NOW - 19 * DAY + n * HOUR)]), NOW)
    tracemalloc.start()
    try:
        for n in range(120):
            past.append(arrival(NOW - 19 * DAY + n * HOUR))
            diagnose(well(past), NOW)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 100_000, "each of 120 arrivals would leave a kilobyte and more"


def test_what_is_kept_of_a_source_is_of_its_last_arrivals() -> None:
    """Also where two sources share a name, as in two configs tried at once."""
    silent, quick = hourly(NOW - 11 * HOUR, 14), hourly(NOW - HOUR, 14)
    for _ in range(2):
        assert ailments(well(silent)) == [Ailment.SILENT]
        assert ailments(well(quick)) == []


def test_a_longer_pause_than_usual_is_silence_and_the_same_bytes_a_freeze() -> None:
    state = well(hourly(NOW - 11 * HOUR, 14))
    assert ailments(state) == [Ailment.SILENT]
    assert ailments(replace(state, reason=FetchReason.UNCHANGED)) == [Ailment.FROZEN]
    assert ailments(replace(state, yielded=0)) == [Ailment.EMPTY]
    (trouble,) = diagnose(state, NOW)
    assert trouble.since == NOW - 11 * HOUR


def test_a_source_without_a_rhythm_is_silent_after_four_weeks() -> None:
    monthly = [arrival(NOW - 29 * DAY)]
    state = well([])
    state = replace(state, arrivals=pack(monthly, NOW - 2 * DAY))
    assert ailments(replace(state, succeeded=NOW - 2 * DAY)) == []
    assert ailments(state) == [Ailment.SILENT]
    assert ailments(replace(state, reason=FetchReason.NOT_MODIFIED)) == [Ailment.FROZEN]
    never = well([], first_succeeded=NOW - 28 * DAY, yielded=0)
    assert ailments(never) == [Ailment.EMPTY]
    assert ailments(replace(never, first_succeeded=NOW - 27 * DAY)) == []
    assert ailments(replace(never, yielded=20)) == [], "of an older store"


def test_a_slow_source_that_lists_nothing_any_more_is_empty_after_a_week() -> None:
    slow = well([arrival(NOW - 7 * DAY)], yielded=0)
    assert ailments(slow) == [Ailment.EMPTY]
    assert ailments(replace(slow, succeeded=NOW - 2 * HOUR)) == []
    never = replace(slow, arrivals=b"", first_succeeded=NOW - 20 * DAY)
    assert ailments(never) == [], "it never listed anything"


def test_a_new_or_a_slow_source_is_not_silent_for_a_while() -> None:
    assert ailments(well(hourly(NOW - 2 * DAY, 2))) == []
    assert ailments(well(hourly(NOW - 2 * DAY, 4))) == [], "no free day seen yet"
    weekly = [arrival(NOW - n * 7 * DAY) for n in (3, 2, 1)]
    assert ailments(well(weekly)) == []


def test_a_source_that_was_not_asked_is_not_silent() -> None:
    """The machine slept: only a poll that was read can have seen a silence."""
    last = NOW - 3 * DAY
    assert ailments(well(hourly(last, 14), succeeded=last, attempted=last)) == []


@pytest.mark.parametrize(
    ("reason", "ailment"),
    [
        (FetchReason.NAME_NOT_FOUND, Ailment.UNREACHABLE),
        (FetchReason.TIMEOUT, Ailment.UNREACHABLE),
        (FetchReason.SERVER_ERROR, Ailment.ERROR),
        (FetchReason.NOT_FOUND, Ailment.ERROR),
        (FetchReason.NOT_A_FEED, Ailment.CHALLENGE),
        (FetchReason.TOO_FEW_ITEMS, Ailment.EMPTY),
        (FetchReason.SECRET_MISSING, Ailment.MISCONFIGURED),
    ],
)
def test_failures_are_told_when_they_last(
    reason: FetchReason, ailment: Ailment
) -> None:
    failing = well(
        hourly(NOW - 4 * HOUR, 14),
        reason=reason,
        failures=3,
        succeeded=NOW - 4 * HOUR,
    )
    assert ailments(failing) == [ailment]
    assert ailments(replace(failing, failures=2)) == []
    assert ailments(replace(failing, succeeded=NOW - 2 * HOUR)) == []


def test_after_a_refusal_two_failures_six_hours_apart_are_enough() -> None:
    refused = well([], reason=FetchReason.FORBIDDEN, failures=2)
    assert ailments(replace(refused, succeeded=NOW - 7 * HOUR)) == [Ailment.REFUSED]


def test_a_source_of_a_blocked_host_is_told_by_the_clock() -> None:
    """It is never asked, so no failure is counted; a 429 that names a day counts one.

    The time is counted from the first poll that it misses.
    """
    blocked = well(
        hourly(NOW - 4 * HOUR, 14),
        reason=FetchReason.HOST_BLOCKED,
        succeeded=NOW - 4 * HOUR,
        attempted=NOW - 3 * HOUR,
        interval=HOUR,
    )
    asked = replace(
        blocked,
        reason=FetchReason.RATE_LIMITED,
        failures=1,
        not_before=NOW + 20 * HOUR,
    )
    for state in (blocked, asked):
        assert ailments(state) == [Ailment.REFUSED]
        assert ailments(replace(state, interval=2 * HOUR)) == []
        assert not diagnose(state, NOW, muted_until=NOW - HOUR)
    assert ailments(replace(asked, not_before=None)) == [], "one failure is a blip"
    never = replace(blocked, succeeded=None, adopted=NOW - 25 * HOUR)
    assert ailments(never) == [Ailment.REFUSED]
    assert ailments(replace(never, adopted=NOW - 20 * HOUR)) == []


def test_what_is_gone_for_good_is_told_at_once() -> None:
    gone = well([], reason=FetchReason.GONE, failures=1, succeeded=NOW - HOUR)
    assert ailments(gone) == [Ailment.GONE]


def test_a_source_that_was_never_read_is_given_a_day() -> None:
    never = well([], reason=FetchReason.NOT_FOUND, failures=9, succeeded=None)
    assert ailments(replace(never, adopted=NOW - 20 * HOUR)) == []
    assert ailments(replace(never, adopted=NOW - 25 * HOUR)) == [Ailment.ERROR]


def test_failures_during_a_trouble_of_everybody_do_not_count() -> None:
    state = well([], reason=FetchReason.TIMEOUT, failures=9, succeeded=NOW - 9 * HOUR)
    assert diagnose(state, NOW)
    assert not diagnose(state, NOW, muted_until=NOW - HOUR)


def test_a_list_that_rolled_over_is_told_for_a_day() -> None:
    past = hourly(NOW - 5 * HOUR, 14)
    state = well([*past, arrival(NOW - 4 * HOUR, rolled=True), arrival(NOW)])
    assert ailments(state) == [Ailment.TRUNCATED]
    later = NOW + DAY
    assert ailments(replace(state, arrivals=pack(hourly(later, 9), later)), later) == []


def test_a_short_list_that_is_not_read_is_not_long_enough_again() -> None:
    rolled = [*hourly(NOW - 2 * HOUR, 14), arrival(NOW - HOUR, rolled=True)]
    lost = well(rolled, succeeded=NOW - HOUR, reason=FetchReason.TIMEOUT, failures=2)
    assert Ailment.TRUNCATED in ailments(lost, NOW + 3 * DAY)
    read = replace(lost, succeeded=NOW + DAY)
    assert Ailment.TRUNCATED not in ailments(read, NOW + 3 * DAY)


@pytest.mark.parametrize("off", [None, 3 * HOUR, 9 * HOUR])
def test_dates_that_stay_off_do_not_become_usual(off: timedelta | None) -> None:
    """Not after a week either, in which most of what is remembered is off."""
    past = hourly(NOW - 7 * DAY, 2)
    drifted = [arrival(NOW - n * HOUR, off=off) for n in range(7 * 24 - 1, 0, -1)]
    (trouble,) = diagnose(well([*past, *drifted]), NOW)
    assert trouble.ailment is Ailment.DRIFT
    assert trouble.since == drifted[0].at
    assert ailments(well([*past, *drifted, arrival(NOW)])) == []


@pytest.mark.parametrize("off", [None, 3 * HOUR, 9 * HOUR])
def test_dates_that_are_all_off_are_drift_and_one_right_one_ends_it(
    off: timedelta | None,
) -> None:
    past = hourly(NOW - 5 * HOUR, 14)
    drifted = [arrival(NOW - n * HOUR, off=off) for n in (4, 3, 2, 1)]
    assert ailments(well([*past, *drifted])) == [Ailment.DRIFT]
    assert ailments(well([*past, *drifted[1:]])) == []
    assert ailments(well([*past, *drifted, arrival(NOW)])) == []


def test_dates_that_come_and_go_are_usual_here() -> None:
    """All that came before the last of them tells what is usual, not the first only."""
    steady = hourly(NOW - 60 * HOUR, 1)
    turns = [arrival(NOW - n * HOUR, off=n % 2 * 3 * HOUR) for n in range(59, 5, -1)]
    late = [arrival(NOW - n * HOUR, off=3 * HOUR) for n in range(5, 0, -1)]
    assert ailments(well([*steady, *turns, *late])) == []
    assert ailments(well([*steady, *late])) == [Ailment.DRIFT]


def test_a_source_that_never_had_dates_or_was_always_late_does_not_drift() -> None:
    for off in (None, 9 * HOUR):
        always = [arrival(NOW - n * HOUR, off=off) for n in range(60, 0, -1)]
        assert ailments(well(always)) == []
