"""The time a page shows its readers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import html

from crawler.articles import extract_article
from crawler.datelines import dateline

AT = datetime(2024, 4, 25, 12, 7, tzinfo=UTC)
BERLIN = "Europe/Berlin"


def shown(body: str, day: datetime | None = None) -> datetime | None:
    root = html.document_fromstring(f"<html><body>{body}</body></html>")
    return dateline(root, timezone=BERLIN, day=day)


@pytest.mark.parametrize(
    "line",
    [
        "<div>Stand: 25.04.24, 14:07 Uhr</div>",
        "<div><span>25.04.2024</span> <span>| 14:07</span></div>",
        "<p>Published April 25, 2024 2:07 pm</p>",
        "<p>Publié le 25 avril 2024 à 14h07</p>",
        "<p>입력 : 2024-04-25 14:07:00</p>",
        "<div data-deploy-dt='2024.04.25 14:07' data-re-deploy-dt='2024.04.25 15:00'>",
    ],
)
def test_a_date_with_a_clock_beside_the_heading_is_the_time(line: str) -> None:
    assert shown(f"<h1>Talks in town</h1>{line}<p>Text.</p>") == AT
    if not line.startswith("<div data"):
        assert shown(f"{line}<h1>Talks in town</h1><p>Text.</p>") == AT


def test_a_correction_is_not_the_publication() -> None:
    body = (
        "<h1>Talks</h1><p>Aktualisiert am 25.04.2024, 18:00 Uhr</p>"
        "<p>25.04.2024, 14:07 Uhr</p>"
    )
    assert shown(body) == AT
    assert shown("<h1>Talks</h1><p>Aktualisiert am 25.04.2024, 14:07 Uhr</p>") == AT


def test_prose_other_days_and_menus_are_no_dateline() -> None:
    prose = (
        "On 25.04.2024 at 14:07 the ministers met in the harbour town" + " again" * 9
    )
    other = datetime(2024, 4, 23, 22, tzinfo=UTC)
    assert shown(f"<h1>Talks</h1><p>{prose}</p>") is None
    assert shown("<h1>Talks</h1><nav><p>25.04.2024, 14:07</p></nav>") is None
    assert shown("<h1>Talks</h1><p>25.04.2024, 14:07</p>", day=other) is None
    assert shown("<p>25.04.2024, 14:07</p>") is None


@pytest.mark.parametrize("stated", ["2024-04-25", "2024-04-25T00:00:00+02:00"])
def test_a_day_in_the_data_gets_the_clock_of_the_page(stated: str) -> None:
    page = (
        f"<html><head><meta property='article:published_time' content='{stated}'>"
        "</head><body><h1>Talks</h1><p>25.04.2024, 14:07 Uhr</p></body></html>"
    )
    article = extract_article(
        page.encode(), url="https://s.test/", content_type=None, timezone=BERLIN
    )
    assert article.published == AT


def test_an_exact_time_in_the_data_stands() -> None:
    page = (
        "<html><head><meta property='article:published_time'"
        " content='2024-04-25T09:00:00Z'></head>"
        "<body><h1>Talks</h1><p>25.04.2024, 14:07 Uhr</p></body></html>"
    )
    article = extract_article(
        page.encode(), url="https://s.test/", content_type=None, timezone=BERLIN
    )
    assert article.published == datetime(2024, 4, 25, 9, tzinfo=UTC)
