"""The shipped sources: every one says whose it is, and how far it can be trusted."""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from alerts.stories.newsrooms import NEWSROOMS
from alerts.stories.sites import site
from crawler.configfile import load_document
from crawler.sources import load_sources
from crawler.urls import canonical_url

if TYPE_CHECKING:
    from crawler.items import Source

ROOT = Path(__file__).parents[1]
PACK = ROOT / "crawler" / "packs" / "eu-korea-russia" / "sources.yaml"
LISTED = ROOT.parent / "shared" / "data" / "feeds" / "feeds.csv"
FIELDS = ("kind", "url", "language", "timezone", "owner", "country", "tags")
SEARCH = "https://news.google.com/rss/search?"


@cache
def sources() -> dict[str, Source]:
    return dict(load_sources(PACK).sources)


@cache
def written() -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = load_document(PACK).data["sources"]
    return entries


def test_every_source_says_what_it_is_whose_and_why_its_status() -> None:
    for name, keys in written().items():
        assert [key for key in FIELDS if key not in keys] == [], name
        assert keys.get("status") in {"active", "unverified", "dead"}, name
        assert keys.get("why"), name
        assert re.fullmatch("[A-Z]{2}", keys["country"]), name


def test_governments_and_institutions_are_marked_official() -> None:
    official = {name for name, each in sources().items() if each.official}
    institutions = {n for n, each in sources().items() if "institution" in each.tags}
    assert institutions - official <= {
        name for name in institutions if name.endswith("-gnews")
    }
    assert official >= {"ec-press", "eeas", "rok-mofa", "kremlin-ru", "russian-mfa"}


def test_state_media_are_marked_as_the_newsrooms_know_them() -> None:
    steered = {host: room.state for room in NEWSROOMS for host in room.hosts}
    for name, each in sources().items():
        state = steered.get(site(each.url))
        if state is not None:
            assert each.state_controlled is state, name


def test_no_address_stands_twice() -> None:
    count = Counter(canonical_url(each.url) for each in sources().values())
    assert [url for url, times in count.items() if times > 1] == []


def test_what_is_dead_is_kept_and_not_polled() -> None:
    dead = {name for name, each in sources().items() if each.status == "dead"}
    assert dead == {"nato", "joongang-daily", "rodong-sinmun", "russian-mfa"}
    assert not any(sources()[name].enabled for name in dead)


def test_the_head_of_the_file_counts_what_is_below() -> None:
    head = PACK.read_text(encoding="utf-8").partition("\nsources:")[0]
    listed, named, searches = map(
        int, re.findall(r"(\d+) (?:from|that|searches)", head)
    )
    text = PACK.read_text(encoding="utf-8")
    assert named == len(re.findall("named by a page of its site", text))
    # Reuters and AP are searches in the public lists already.
    found = sum(each.url.startswith(SEARCH) for each in sources().values())
    assert searches == found - 2
    assert listed + named + searches == len(sources()) >= 120


@pytest.mark.corpus
@pytest.mark.skipif(not LISTED.is_file(), reason=f"{LISTED} is absent")
def test_every_listed_feed_is_there_and_none_is_called_better_than_it_is() -> None:
    """AFP alone has no address; what nobody verified is not active."""
    by_url = {canonical_url(each.url): each for each in sources().values()}
    with LISTED.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["url"]]
    assert len(rows) == 89
    for row in rows:
        each = by_url[canonical_url(row["url"])]
        said = row["status"].lower()
        assert (each.status == "dead") == (
            said.startswith("dead") or each.name == "rodong-sinmun"
        ), row
        if said.startswith(("unverified", "guess", "no feed", "0 entries")):
            assert each.status != "active", row
    listed = {canonical_url(row["url"]) for row in rows}
    beyond = [each for url, each in by_url.items() if url not in listed]
    assert {each.status for each in beyond} == {"unverified"}
