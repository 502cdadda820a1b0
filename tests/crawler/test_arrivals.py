"""What is remembered of a source's arrivals, and the rhythm that follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.arrivals import KEPT, MOST, Arrival, Rhythm, note, pack, unpack
from crawler.items import Item, SourceState

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday
HOUR = timedelta(hours=1)
STATE = SourceState(
    name="wire",
    url="https://wire.test/feed",
    adopted=NOW - 30 * 24 * HOUR,
    succeeded=NOW - HOUR,
    first_succeeded=NOW - 30 * 24 * HOUR,
    yielded=3,
)


def item(number: int, published: datetime | None, *, late: bool = False) -> Item:
    return Item(
        id=str(number),
        source="wire",
        url=None,
        canonical_url=None,
        guid=None,
        title="",
        text="",
        summary="",
        language=None,
        authors=(),
        published=published,
        seen=NOW,
        catching_up=late,
    )


def noted(
    *items: Item, stored: frozenset[str] = frozenset(), before: SourceState = STATE
) -> Arrival:
    packed = note(before, items, stored=stored, entries=len(items), now=NOW)
    (one,) = unpack(packed)
    return one


minutes = st.integers(1, 20_000)


@given(
    st.lists(
        st.builds(
            Arrival,
            at=minutes.map(lambda n: NOW - n * timedelta(minutes=1)),
            new=st.integers(1, 1000),
            entries=st.integers(1, 1000),
            off=st.none() | minutes.map(lambda n: n * timedelta(minutes=1)),
            rolled=st.booleans(),
        ),
        max_size=20,
    )
)
def test_arrivals_come_back_as_they_were_packed(arrivals: list[Arrival]) -> None:
    assert unpack(pack(arrivals, NOW)) == tuple(arrivals)


def test_old_arrivals_are_forgotten_and_too_many_too() -> None:
    one = Arrival(at=NOW, new=1, entries=1, off=None, rolled=False)
    old = Arrival(at=NOW - KEPT, new=1, entries=1, off=None, rolled=False)
    assert unpack(pack([old, one], NOW)) == (one,)
    assert len(unpack(pack([one] * (MOST + 5), NOW))) == MOST


def test_damaged_bytes_mean_that_the_source_is_learnt_anew() -> None:
    assert unpack(b"torn") == ()


def test_an_arrival_is_of_the_newest_plausible_date() -> None:
    half = NOW - HOUR / 2
    assert noted(item(1, half), item(2, NOW - 3 * HOUR)).at == half
    assert noted(item(1, NOW - 3 * HOUR)).at == NOW
    assert noted(item(1, None)).at == NOW


def test_nothing_new_is_no_arrival() -> None:
    known = frozenset({"1"})
    assert note(STATE, [item(1, NOW)], stored=known, entries=1, now=NOW) == b""


def test_a_full_list_of_nothing_known_has_rolled_over() -> None:
    fresh = [item(n, NOW - HOUR / 2) for n in range(3)]
    assert noted(*fresh).rolled
    assert not noted(*fresh, stored=frozenset({"0"})).rolled
    assert not noted(*fresh[:2]).rolled, "the list is not full"
    late = [item(n, NOW, late=True) for n in range(3)]
    for hours, told in ((10, False), (48, True)):  # an outage of a night, of two days
        away = replace(STATE, succeeded=NOW - hours * HOUR)
        assert noted(*late, before=away).rolled is told
    first = replace(STATE, succeeded=None, first_succeeded=None)
    assert not noted(*fresh, before=first).rolled, "nothing was read before"
    old = [item(n, NOW - n * 30 * HOUR) for n in range(3)]
    assert not noted(*old).rolled, "only the ids are new"


@pytest.mark.parametrize(
    ("published", "off"),
    [
        (NOW - HOUR / 2, timedelta()),
        (NOW - 4 * HOUR, 3 * HOUR),
        (None, None),
    ],
)
def test_dates_are_compared_with_the_time_between_two_polls(
    published: datetime | None, off: timedelta | None
) -> None:
    assert noted(item(1, published)).off == off


def office_hours(weeks: int) -> list[tuple[datetime, int]]:
    """One arrival an hour, 8 to 18 on working days."""
    start = datetime(2026, 2, 2, tzinfo=UTC)
    hours = (start + n * HOUR for n in range(weeks * 168))
    return [(at, 1) for at in hours if at.weekday() < 5 and 8 <= at.hour <= 18]


def test_a_rhythm_knows_the_night_and_the_free_days() -> None:
    rhythm = Rhythm(office_hours(4))
    noon, night = NOW, NOW.replace(hour=23)
    assert rhythm.gap(noon) == HOUR
    assert rhythm.gap(night) == 14 * HOUR
    assert rhythm.gap(NOW + timedelta(days=3)) == 62 * HOUR


def test_one_busy_evening_says_nothing_of_an_hour() -> None:
    quiet = [(NOW + day * timedelta(days=1), 1) for day in range(-6, 1)]
    burst = [(NOW + n * timedelta(minutes=2), 1) for n in range(1, 20)]
    assert Rhythm([*quiet, *burst]).gap(NOW) == 24 * HOUR
