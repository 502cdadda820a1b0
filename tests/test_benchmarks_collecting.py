"""The benchmarks of collecting run on a few feeds, and their figures come out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from benchmarks.feedhost import ITEMS, Shelf, Writer, address, feed_of, hosted
from benchmarks.figures import Figure, gathered
from crawler.feeds import parse_feed
from tests.test_benchmarks import output

if TYPE_CHECKING:
    from crawler.items import Entry


def of(figures: list[Figure], what: str) -> float:
    (found,) = (one.value for one in figures if one.what.strip() == what)
    return found


@pytest.mark.slow
def test_every_round_of_collecting_is_measured() -> None:
    figures = gathered(output("collecting.py", "--feeds", "10", "--repeats", "1"))
    rates = [one.value for one in figures if one.unit == "feeds/s"]
    assert len(rates) == 4
    assert all(rate > 0.5 for rate in rates)
    assert of(figures, "robots.txt asked by ours, all in the first poll") == 10


@pytest.mark.slow
def test_lateness_and_memory_of_polls_are_measured() -> None:
    words = ("--feeds", "20", "--speed", "200", "--minutes", "0.15")
    figures = gathered(output("polls.py", *words))
    assert of(figures, "polls") >= 20
    assert of(figures, "polls failed") == 0
    assert of(figures, "robots.txt asked again") == 0
    assert 0 <= of(figures, "late, p50") <= of(figures, "late, p99")
    assert 20 < of(figures, "all processes, PSS, most") < 500


def test_a_feed_shows_the_same_items_until_it_publishes() -> None:
    shelf = Shelf(writer=Writer(), feeds=3)
    before, tag = shelf.body(1), shelf.tag(1)
    shelf.advance(1, 2)
    guids = [one.guid for one in read(shelf.body(1))]
    assert guids[2:] == [one.guid for one in read(before)][:-2]
    assert read(shelf.body(1))[2:] == read(before)[:-2]
    assert len(guids) == len(set(guids)) == ITEMS
    assert shelf.tag(1) != tag
    assert [feed_of(address(n)) for n in (0, 249, 250, 9_999)] == [0, 249, 250, 9_999]


def read(body: bytes) -> tuple[Entry, ...]:
    return parse_feed(
        body, url="http://a.example/", content_type=None, timezone="UTC", language="en"
    )


def test_a_host_knows_what_a_client_has_seen() -> None:
    with hosted(feeds=2) as host:
        first = httpx.get(host.urls[0], trust_env=False)
        seen = {"If-None-Match": first.headers["etag"]}
        assert httpx.get(host.urls[0], headers=seen, trust_env=False).status_code == 304
        host.publish(items=1, one_in=2)
        assert httpx.get(host.urls[0], headers=seen, trust_env=False).status_code == 200
        counts = host.counts()
    assert (counts.full, counts.same, counts.robots) == (2, 1, 0)
