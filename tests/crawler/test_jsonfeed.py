from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.errors import ParseError
from crawler.feeds import parse_feed
from crawler.items import Entry
from crawler.limits import ENTRIES
from crawler.reasons import FetchReason

CORPUS = Path(__file__).parents[2].parent / "shared" / "data" / "feeds"
VERSION = "https://jsonfeed.org/version/1.1"


def read(body: bytes | Any) -> tuple[Entry, ...]:
    return parse_feed(
        body if isinstance(body, bytes) else json.dumps(body).encode(),
        url="https://news.example/feed.json",
        content_type="application/feed+json",
        timezone="Asia/Seoul",
        language=None,
    )


def test_an_item_becomes_an_entry() -> None:
    item = {
        "id": 42,
        "url": "/1#top",
        "title": "Kim &amp; Putin",
        "content_html": "<p>The troops were sent</p><p>to the front.</p>",
        "content_text": "short",
        "summary": "In short",
        "date_published": "2026-03-04T21:00:00",
        "authors": [{"name": "Ann"}, {"url": "x"}, {"name": "Ann"}],
    }
    (entry,) = read({"version": VERSION, "items": [item]})
    assert entry == Entry(
        url="https://news.example/1#top",
        guid="42",
        title="Kim & Putin",
        summary="In short",
        text="The troops were sent\n\nto the front.",
        published=datetime(2026, 3, 4, 12, tzinfo=UTC),
        published_raw="2026-03-04T21:00:00",
        language="en",
        authors=("Ann",),
    )


def test_the_feed_lends_its_authors_and_language() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1",
        "author": {"name": "Desk"},
        "language": "it",
        "items": [{"id": "https://a.example/1", "content_text": "KCNA"}],
    }
    (entry,) = read(feed)
    assert (entry.authors, entry.language) == (("Desk",), "it")
    assert entry.url == entry.guid == "https://a.example/1"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"{", "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
        (b'{"a": ' + b"9" * 5000 + b"}", "cannot be read"),
        (b"[]", "not an object"),
        ({"items": []}, "without a jsonfeed.org version"),
        ({"version": "1.1", "items": []}, "without a jsonfeed.org version"),
        ({"version": [], "items": []}, "without a jsonfeed.org version"),
        ({"version": VERSION}, "without items"),
        ({"version": VERSION, "items": {}}, "without items"),
    ],
)
def test_other_json_is_not_a_feed(body: bytes | Any, detail: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(body)
    assert caught.value.reason is FetchReason.NOT_A_FEED
    assert detail in caught.value.detail


def test_fields_of_the_wrong_type_are_ignored() -> None:
    odd = {"id": None, "url": 7, "title": ["x"], "authors": {"name": 1}, "tags": 0}
    feed = {"version": VERSION, "items": [odd, "no", None, {"title": "\ud800ok\u0000"}]}
    assert [entry.title for entry in read(feed)] == ["", "ok"]


def test_at_most_a_thousand_items() -> None:
    """A31."""
    feed = {"version": VERSION, "items": [{"id": n} for n in range(5000)]}
    assert len(read(feed)) == ENTRIES


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"{CORPUS} is absent")
def test_the_json_feeds_of_the_corpora() -> None:
    folder = CORPUS / "reader" / "tests" / "data"
    entries = read((folder / "full.json").read_bytes())
    assert entries
    assert all(entry.guid for entry in entries)
    odd = read((folder / "invalid.json").read_bytes())
    assert [entry.guid for entry in odd][:2] == ["2", "3.1415"]
    assert odd[0].title == odd[0].text == ""
    assert odd[-1].authors == ("Jane",)
    assert [entry.text for entry in read((folder / "empty.json").read_bytes())] == [
        "content"
    ]
    assert read((folder / "10.json").read_bytes()) == ()
