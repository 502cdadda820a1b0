"""172 real pages of 100 publishers with hand-checked title, time and text.

The pages are fundus' parser fixtures (MIT; the articles belong to their
publishers), read where they lie. Floors stand a little under what was measured.
"""

from __future__ import annotations

import gzip
import json
import re
import unicodedata
import warnings
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from crawler.articles import extract_article

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.items import Article

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "pages" / "fundus"
ZONES = {
    "de": "Europe/Berlin",
    "uk": "Europe/London",
    "us": "America/New_York",
    "jp": "Asia/Tokyo",
    "kr": "Asia/Seoul",
}
CJK = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    name: str
    zone: str
    url: str
    body: bytes
    expected: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    f1: float
    title: bool
    minute: bool
    day: bool


def pages() -> Iterator[Page]:
    for info in sorted(DATA.rglob("meta.info")):
        for name, meta in json.loads(info.read_text()).items():
            file = info.parent / name
            if not file.exists():
                continue
            expected = info.parent / f"{name.split('_')[0]}.json"
            yield Page(
                name=name,
                zone=ZONES.get(info.parent.name, "UTC"),
                url=meta["url"],
                body=gzip.decompress(file.read_bytes()),
                expected=list(json.loads(expected.read_text()).values()),
            )


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Runs of four words, a CJK character counting as one."""
    folded = unicodedata.normalize("NFKC", text).lower()
    words = re.findall(rf"{CJK}|[^\W_]+", folded)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3)))


def f1(found: str, wanted: str) -> float:
    ours, theirs = shingles(found), shingles(wanted)
    common = (ours & theirs).total()
    return 2 * common / (ours.total() + theirs.total())


def body_of(expected: dict[str, Any]) -> str:
    body = expected["body"]
    parts = list(body.get("summary") or [])
    for section in body.get("sections") or []:
        parts += [*(section.get("headline") or []), *(section.get("paragraphs") or [])]
    return " ".join(parts)


def same_title(found: str, wanted: str) -> bool:
    return re.sub(r"\W", "", found.casefold()) == re.sub(r"\W", "", wanted.casefold())


def score(article: Article, expected: dict[str, Any], zone: str) -> Score:
    # An expectation without a zone is what the publisher's clock showed.
    when = datetime.fromisoformat(expected["publishing_date"])
    when = when if when.tzinfo else when.replace(tzinfo=ZoneInfo(zone))
    off = abs(article.published - when) if article.published else timedelta.max
    return Score(
        f1=f1(article.text, body_of(expected)),
        title=same_title(article.title, expected["title"]),
        minute=off < timedelta(minutes=1),
        day=off < timedelta(days=1),
    )


@pytest.fixture(scope="module")
def scores() -> dict[str, Score]:
    if not DATA.is_dir():
        pytest.skip(f"the page corpus is not at {DATA}")
    found = {}
    for page in pages():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            article = extract_article(
                page.body, url=page.url, content_type="text/html", timezone=page.zone
            )
        # A publisher's file holds one expectation per page, without saying which.
        found[page.name] = max(
            (score(article, one, page.zone) for one in page.expected),
            key=lambda one: (one.f1 + one.day, one.title),
        )
    return found


@pytest.mark.corpus
@pytest.mark.slow
class TestFundusPages:
    def test_all_pages_are_read(self, scores: dict[str, Score]) -> None:
        assert len(scores) == 172

    def test_bodies(self, scores: dict[str, Score]) -> None:
        assert mean(one.f1 for one in scores.values()) >= 0.94

    def test_titles(self, scores: dict[str, Score]) -> None:
        assert mean(one.title for one in scores.values()) >= 0.80

    def test_times_to_the_minute(self, scores: dict[str, Score]) -> None:
        assert mean(one.minute for one in scores.values()) >= 0.90

    def test_days(self, scores: dict[str, Score]) -> None:
        assert mean(one.day for one in scores.values()) >= 0.97
