from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crawler.dates
from crawler.dates import parse_date, plausible

TABLE = Path(__file__).parents[2].parent / "shared" / "data" / "feeds" / "dates.csv"
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


FORMS = [
    *(
        f"{day}%d %b %Y %H:%M:%S {zone}"
        for day in ("%a, ", "")
        for zone in ("GMT", "UTC", "EST", "+0000", "-0530", "+1345", "+1400", "+0160")
    ),
    *(f"%Y-%m-%dT%H:%M:%S{zone}" for zone in ("", "Z", "+00:00", "-05:30", "+13:45")),
]


@given(
    at=st.datetimes(),
    form=st.sampled_from(FORMS),
)
def test_the_quick_reading_of_a_standard_date_is_the_other_one(
    at: datetime, form: str
) -> None:
    raw = at.strftime(form)
    assert crawler.dates._exact(raw) in {
        None,
        crawler.dates._read(raw, UTC, None, "UTC"),
    }


def test_standard_dates_are_read_the_quick_way() -> None:
    noon = ["Wed, 04 Mar 2026 14:00:00 +0200", "4 Mar 2026 12:00:00 GMT"]
    for raw in (*noon, "2026-03-04T06:30:00-05:30", "2026-03-04T12:00:00Z"):
        assert crawler.dates._exact(raw) == NOON
    for raw in (
        "2026-02-30T12:00:00Z",
        "4 Mai 2026 12:00:00 GMT+2",
        "4 Qua 2026 12:00:00 GMT",
    ):
        assert crawler.dates._exact(raw) is None


@pytest.mark.corpus
@pytest.mark.skipif(not TABLE.is_file(), reason=f"{TABLE} is absent")
def test_every_row_of_the_date_table_is_right() -> None:
    with TABLE.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert len(rows) >= 25
    for row in rows:
        found = parse_date(row["raw"], timezone=row["assume_tz"] or "UTC")
        assert found is not None, row
        assert found.strftime("%Y-%m-%dT%H:%M:%SZ") == row["expected_utc"], row


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Wed, 04 Mar 2026 14:00:00 EET", NOON),
        ("Wed, 04 Mar 2026 15:00:00 EEST", NOON),
        ("Wed, 04 Mar 2026 13:00:00 WEST", NOON),
        ("Wed, 04 Mar 2026 07:00:00 EST", NOON),
        ("Wed, 04 Mar 2026 21:00:00 JST", NOON),
        ("4 Mar 2026 12:00 UT", NOON),
        ("Wed, 04 Mar 2026 12:00:00 Z", NOON),
        ("Wed Mar  4 12:00:00 2026", NOON),
        ("Wed Mar 4 21:00:00 KST 2026", NOON),
        ("2026-03-04T12:00Z", NOON),
        ("2026-03-04T12:00:00.000000Z", NOON),
        ("2026-03-04t14:00:00.5+02:00", NOON + timedelta(seconds=0.5)),
        ("2026-03-04 12:00:00 UTC", NOON),
        ("2026-03-04T12:00:00+00:00[UTC]", NOON),
        ("20260304T120000Z", NOON),
        ("20260304T210000+0900", NOON),
        ("1772625600", NOON),
        ("1772625600000", NOON),
        ("２０２６-０３-０４ １２:００", NOON),
        ("2026-063T12:00:00Z", NOON),
        ("March 4, 2026 12:00 PM", NOON),
        ("Mar 4, 2026, 12:00 p.m.", NOON),
        ("4th of March 2026, 12:00", NOON),
        ("Updated 12:00 GMT, 4 March 2026", NOON),
        ("2026년 3월 4일 오후 12:00", NOON),
        ("2026.03.04. 오후 12시 00분", NOON),
        ("2026年3月4日 12時00分", NOON),
        ("2026年3月4日下午12:00", NOON),
        ("4 березня 2026, 12:00", NOON),
        ("4 марта 2026 г. в 15:00 мск", NOON),
        ("Ср, 04 мар 2026 15:00:00 +0300", NOON),
        ("4 marca 2026 12:00", NOON),
        ("4 de marzo de 2026 12:00", NOON),
        ("mercredi 4 mars 2026 à 12h00", NOON),
        ("Mittwoch, 4. März 2026, 12:00 Uhr", NOON),
        ("4 marzo 2026 ore 12.00", NOON),
        ("2026. március 4. 12:00", NOON),
        ("4.3.2026 klo 12.00", NOON),
        ("04/03/2026 - 12:00", NOON),
        ("3/4/2026 12:00:00 PM", NOON),
        ("3/14/2026 12:00", NOON + timedelta(days=10)),
        ("2026-03-03T24:00:00Z", NOON - timedelta(hours=12)),
        ("Wed, 04 Mar 2026 11:59:60 GMT", NOON),
        ("04 Mar 26 12:00:00 GMT", NOON),
        ("2026-03-04", NOON - timedelta(hours=12)),
        ("2026-03-04Z", NOON - timedelta(hours=12)),
        ("2026-03", datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_dates_are_read_as_a_person_would(raw: str, expected: datetime) -> None:
    assert parse_date(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "yesterday",
        "2 hours ago",
        "4 March",
        "12:30",
        "31 Feb 2026",
        "0000-00-00 00:00:00",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "Wed, 04 Mar 2026 12:00:00 +2500",
        "Wed, 04 Mar 2026 12:00:00 +0199",
        "2026-03-04T25:00:00Z",
        "2026-13-45",
        "99999999999999",
        "-1772625600",
        "12 Markets 2026",
        "1.2.3.4",
        "9" * 5000,
        "\x00",
        "٣٣/٣٣/٣٣٣٣",
    ],
)
def test_what_is_no_date_is_none(raw: str) -> None:
    """A34: year 0, year 9999, +25h zones, negatives."""
    assert parse_date(raw) is None


def test_a_zone_in_the_string_beats_the_zone_of_the_source() -> None:
    assert parse_date("2026-03-04T12:00:00Z", timezone="Asia/Seoul") == NOON
    assert parse_date("2026-03-04 21:00", timezone="Asia/Seoul") == NOON
    assert parse_date("2026-03-04 12:00", timezone="No/Such_Zone") == NOON


def test_cst_is_chinas_only_for_a_chinese_source() -> None:
    raw = "Wed, 04 Mar 2026 20:00:00 CST"
    assert parse_date(raw, timezone="Asia/Shanghai") == NOON
    assert parse_date("Wed, 04 Mar 2026 06:00:00 CST") == NOON


def test_daylight_saving_of_the_source_counts() -> None:
    winter = parse_date("04.03.2026 13:00", timezone="Europe/Berlin")
    summer = parse_date("04.07.2026 14:00", timezone="Europe/Berlin")
    assert winter == NOON
    assert summer == datetime(2026, 7, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "order", "timezone", "day"),
    [
        ("03/04/2026", None, "Europe/Rome", (2026, 4, 3)),
        ("03/04/2026", "mdy", "Europe/Rome", (2026, 3, 4)),
        ("03/04/2026", None, "America/New_York", (2026, 3, 4)),
        ("04/13/2026", "dmy", "Europe/Rome", (2026, 4, 13)),
        ("26.03.04", None, "Asia/Seoul", (2026, 3, 4)),
        ("26.03.04", "ymd", "UTC", (2026, 3, 4)),
        ("26.03.04", None, "Europe/Kyiv", (2004, 3, 26)),
        ("04.03.69", None, "UTC", (1969, 3, 4)),
    ],
)
def test_numeric_dates_follow_the_declared_then_the_likely_order(
    raw: str, order: str | None, timezone: str, day: tuple[int, int, int]
) -> None:
    found = parse_date(raw + " 12:00", timezone=timezone, order=order)
    assert found is not None
    assert (found.year, found.month, found.day) == day


def test_the_formats_of_the_source_come_first() -> None:
    formats = ("%d|%m|%Y %H-%M", "%y%m%d")
    assert parse_date("04|03|2026 12-00", formats=formats) == NOON
    assert parse_date("260304", formats=formats) == NOON - timedelta(hours=12)
    assert parse_date("4 Mar 2026 12:00", formats=formats) == NOON


def test_a_date_cannot_be_ahead_of_the_clock_or_older_than_the_web() -> None:
    """A34: a future date cannot pin an item, an ancient one cannot hide it."""
    assert plausible(NOON + timedelta(minutes=15), NOON) == NOON + timedelta(minutes=15)
    assert plausible(NOON + timedelta(minutes=16), NOON) is None
    assert plausible(datetime(1994, 12, 31, tzinfo=UTC), NOON) is None
    assert plausible(None, NOON) is None


@given(st.text(max_size=60), st.sampled_from(["UTC", "Asia/Seoul", "America/New_York"]))
def test_any_text_gives_an_aware_date_or_none(raw: str, timezone: str) -> None:
    """A34."""
    found = parse_date(raw, timezone=timezone)
    assert found is None or found.utcoffset() == timedelta(0)


@given(st.datetimes(min_value=datetime(1995, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_our_own_spelling_comes_back(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    assert parse_date(moment.isoformat()) == moment
    rfc = moment.strftime("%a, %d %b %Y %H:%M:%S +0000")
    assert parse_date(rfc) == moment.replace(microsecond=0)
