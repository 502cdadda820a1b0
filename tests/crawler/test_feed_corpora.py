"""Feeds nobody here wrote, read in place from ../shared/data (never copied)."""

from __future__ import annotations

import ast
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawler.errors import ParseError
from crawler.feeds import parse_feed
from crawler.reasons import FetchReason
from crawler.text import clean_line, one_line, plain_text
from crawler.urls import resolve_link

if TYPE_CHECKING:
    from crawler.items import Entry

DATA = Path(__file__).parents[2].parent / "shared" / "data"
FEEDS = DATA / "feeds"
URL = "http://feeds.example/feed.xml"
Record = Callable[[str, object], None]
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.slow,
    pytest.mark.skipif(not FEEDS.is_dir(), reason=f"{FEEDS} is absent"),
]

EXPECT = re.compile(rb"^Expect:\s*(.*?)\s*$", re.MULTILINE)
HEADER = re.compile(rb"^Header:\s*([\w-]+):\s*(.*?)\s*$", re.MULTILINE)
CLAIM = re.compile(
    r"entries\[(?P<n>\d+)\](?:\.|\[u?')(?P<field>title|link|id|guid|updated_parsed|"
    r"published_parsed|created_parsed|author|description|summary)(?:'\])?\s*==\s*(?P<value>.+)$"
)


def read(path: Path, **given: Any) -> tuple[Entry, ...]:
    options: dict[str, Any] = {
        "url": URL,
        "content_type": None,
        "timezone": "UTC",
        "language": "en",
    }
    return parse_feed(path.read_bytes(), **(options | given))


def feedparser_claims() -> list[tuple[Path, dict[str, str], int, str, Any]]:
    """(file, headers, entry number, field, value) of every simple Expect line."""
    claims = []
    for path in sorted((FEEDS / "feedparser" / "tests").rglob("*.xml")):
        raw = path.read_bytes()
        found = EXPECT.search(raw)
        if found is None:
            continue
        headers = {
            name.decode().lower(): value.decode() for name, value in HEADER.findall(raw)
        }
        for part in re.split(r"\band\b", found.group(1).decode("utf-8", "replace")):
            claim = CLAIM.search(part.strip())
            if claim is None:
                continue
            try:
                value = ast.literal_eval(claim["value"].strip())
            except (ValueError, SyntaxError):
                continue
            claims.append((path, headers, int(claim["n"]), claim["field"], value))
    return claims


def same_words(ours: str, theirs: str) -> bool:
    return ours.split() == theirs.split()


def agrees(entry: Entry, field: str, value: Any) -> bool:
    """Whether our plain-text entry says what feedparser's raw field says."""
    if field.endswith("_parsed"):
        expected = None if value is None else datetime(*value[:6]).replace(tzinfo=UTC)  # noqa: DTZ001
        return entry.published == expected
    value = str(value)
    match field:
        case "title":
            return entry.title in {
                one_line(value, limit=500),
                clean_line(value, limit=500),
            }
        case "author":
            return any(name in value for name in entry.authors) or not value
        case "description" | "summary":
            return same_words(
                entry.summary, plain_text(value, limit=5000)
            ) or same_words(entry.summary, value)
        case "link":
            return entry.url == resolve_link(URL, value)
        case _:
            return entry.guid == str(value)


# What we say differently, on purpose. Everything else that feedparser's tests claim
# of an entry's title, summary, link, id, author or date holds (692 claims).
DIFFERING = {
    ("http_entry_id_base_content_location.xml", "id"),  # ids stay raw, never resolved
    ("http_entry_id_base_docuri.xml", "id"),  # likewise
    ("http_item_link_base_docuri.xml", "link"),  # served from feedparser's own server
    ("bozo_linenoise.xml", "summary"),  # bytes that are noise in every encoding
}


def test_feedparsers_own_expectations_hold(record_property: Record) -> None:
    checked: Counter[str] = Counter()
    differing = set()
    for path, headers, number, field, value in feedparser_claims():
        url = headers.get("content-location", URL)
        entries = read(path, url=url, content_type=headers.get("content-type"))
        checked[field] += 1
        if not agrees(entries[number], field, value):
            differing.add((path.name, field))
    record_property("claims", dict(checked))
    assert checked.total() >= 690
    assert differing == DIFFERING


def expected_items(path: Path) -> list[dict[str, Any]]:
    """rss-parser's reading; some of its files are stored as Latin-1."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    items: list[dict[str, Any]] = json.loads(text)["feed"]["items"]
    return items


def same_title(ours: str, theirs: str) -> bool:
    """rss-parser itself lost letters of a Latin-1 feed; its U+FFFD stand for any."""
    expected = re.escape(one_line(theirs, limit=500)).replace("\ufffd", ".")
    return re.fullmatch(expected, ours) is not None


def test_rss_parsers_expected_items_are_read() -> None:
    folder = FEEDS / "rss-parser" / "test"
    checked: Counter[str] = Counter()
    for expected in sorted((folder / "output").glob("*.json")):
        (source,) = (folder / "input").glob(expected.stem + ".*")
        for want, entry in zip(expected_items(expected), read(source), strict=True):
            if isinstance(title := want.get("title"), str):
                checked["title"] += 1
                assert same_title(entry.title, title), source.name
            if isinstance(link := want.get("link"), str):
                checked["link"] += 1
                assert entry.url == resolve_link(URL, link), source.name
            if isinstance(guid := want.get("guid") or want.get("id"), str):
                checked["guid"] += 1
                assert entry.guid == guid.strip(), source.name
            if isinstance(moment := want.get("isoDate"), str):
                checked["date"] += 1
                assert entry.published is not None, source.name
                instant = datetime.fromisoformat(moment).replace(microsecond=0)
                assert entry.published.replace(microsecond=0) == instant, source.name
    assert checked == {"title": 1238, "link": 1238, "guid": 1019, "date": 1221}


def test_every_feed_of_the_corpora_is_read_or_refused_in_time(
    record_property: Record,
) -> None:
    """No crash, no hang over 5 s; the refused ones are no feeds."""
    slowest, refused = 0.0, set()
    files = [
        path
        for path in FEEDS.rglob("*")
        if path.suffix in {".xml", ".rss", ".atom", ".json", ".html"}
        and "output" not in path.parts
    ]
    for path in files:
        started = time.perf_counter()
        try:
            read(path)
        except ParseError as error:
            refused.add((path.name, error.reason))
        slowest = max(slowest, time.perf_counter() - started)
    record_property("files", f"{len(files)}, refused {len(refused)}, {slowest:.2f} s")
    assert len(files) > 2140
    assert slowest < 5
    assert len(refused) == 13
    assert {reason for _, reason in refused} == {FetchReason.NOT_A_FEED}


def test_an_ordinary_feed_takes_milliseconds(record_property: Record) -> None:
    """10 ms per 30 kB measured with a language hint; the alarm is far above."""
    source = FEEDS / "rss-parser" / "test" / "input" / "craigslist.rss"
    body = source.read_bytes()
    best = min(timed(body) for _ in range(5))
    record_property("ms", f"{best * 1000:.1f} for {len(body) / 1000:.0f} kB")
    assert best < 0.25


def timed(body: bytes) -> float:
    started = time.perf_counter()
    parse_feed(body, url=URL, content_type=None, timezone="UTC", language="en")
    return time.perf_counter() - started
