"""172 real pages of 100 publishers with hand-checked title, time, authors and text.

The pages are fundus' parser fixtures (MIT; the articles belong to their publishers),
read where they lie, beside the checkout.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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

    @property
    def publisher(self) -> str:
        """Of whom the page is; pages of one template are told together."""
        return self.name.split("_")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    f1: float
    title: bool
    same_letters: bool
    same_characters: bool
    minute: bool
    day: bool
    authors: float | None


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


def letters(title: str) -> str:
    return re.sub(r"\W", "", title.casefold())


def recall(found: Iterable[str], wanted: list[str]) -> float | None:
    """The share of the named authors that were found; None where none is named."""
    if not wanted:
        return None
    ours = {name.casefold() for name in found}
    return sum(name.casefold() in ours for name in wanted) / len(wanted)


def score(article: Article, expected: dict[str, Any], zone: str) -> Score:
    # An expectation without a zone is what the publisher's clock showed.
    when = datetime.fromisoformat(expected["publishing_date"])
    when = when if when.tzinfo else when.replace(tzinfo=ZoneInfo(zone))
    off = abs(article.published - when) if article.published else timedelta.max
    return Score(
        f1=f1(article.text, body_of(expected)),
        # White space apart: publishers put no-break spaces where they like.
        title=article.title.split() == expected["title"].split(),
        same_characters=article.title == expected["title"],
        same_letters=letters(article.title) == letters(expected["title"]),
        minute=off < timedelta(minutes=1),
        day=off < timedelta(days=1),
        authors=recall(article.authors, expected.get("authors") or []),
    )


def best_score(article: Article, page: Page) -> Score:
    """A publisher's file holds one expectation per page, without saying which."""
    return max(
        (score(article, one, page.zone) for one in page.expected),
        key=lambda one: (one.f1 + one.day, one.title),
    )


def tuned_on() -> set[str]:
    """The half of the publishers that the rules were made on, drawn once."""
    publishers = sorted({page.publisher for page in pages()})
    random.Random(7).shuffle(publishers)  # noqa: S311
    return set(publishers[::2])
