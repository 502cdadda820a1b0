"""List pages: selectors, filters, and errors where nothing is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from crawler.errors import ParseError
from crawler.items import Entry, ListingRules
from crawler.listings import parse_listing
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://site.test/press/"
PAGE = b"""<!doctype html><html lang="en"><head><title>Press</title></head><body>
<nav><a href="/about">About us</a></nav>
<article class="card"><h3> Ministers  meet
  in Seoul </h3><a href="/press/ministers-meet-in-seoul_en">Read</a>
  <time datetime="03.04.2026">3 April</time></article>
<article class="card"><h3>Second <em>statement</em></h3>
  <a href="second-statement-of-the-day_en?utm_source=x">Read</a></article>
<article class="card"><h3>Third</h3><a href="javascript:void(0)">Read</a></article>
<article class="card"><h3>Event</h3><a href="/events/a-long-day-of-events_en">Go</a>
</article>
<article class="card"><h3>Again</h3><a href="/press/ministers-meet-in-seoul_en">x</a>
</article>
</body></html>"""
RULES = ListingRules(
    item="article.card",
    title="h3",
    date="time::attr(datetime)",
    date_order="dmy",
    allow=(r"/[a-z-]{12,}_en",),
    deny=("/events/",),
)


def read(
    rules: ListingRules = RULES, page: bytes = PAGE, **hints: str
) -> tuple[Entry, ...]:
    return parse_listing(
        page, url=URL, content_type="text/html; charset=utf-8", rules=rules, **hints
    ).entries


def test_links_titles_and_dates_come_in_page_order() -> None:
    first, second = read(timezone="Europe/Brussels")
    assert first.url == "https://site.test/press/ministers-meet-in-seoul_en"
    assert first.title == "Ministers meet in Seoul"
    assert first.published == datetime(2026, 4, 2, 22, tzinfo=UTC)
    assert second.title == "Second statement"
    assert second.published is None


def test_denied_and_repeated_links_are_left_out() -> None:
    urls = [entry.url or "" for entry in read()]
    assert not any("/events/" in url for url in urls)
    assert len(urls) == len(set(urls)) == 2


def test_javascript_links_are_no_links() -> None:
    """A49."""
    entries = read(replace(RULES, allow=(), deny=()))
    assert all((entry.url or "").startswith("https://") for entry in entries)
    assert len(entries) == 3


def test_without_a_title_selector_the_links_words_are_the_title() -> None:
    rules = ListingRules(item="nav", link="a::attr(href)")
    assert [entry.title for entry in read(rules)] == ["About us"]


def test_xpath_is_read_below_each_item() -> None:
    rules = ListingRules(
        item="xpath://article[@class='card']",
        link="xpath://a/@href",
        title="xpath://h3",
        date="xpath://time/@datetime",
        date_formats=("%d.%m.%Y",),
        allow=("_en",),
    )
    first = read(rules)[0]
    assert first.title == "Ministers meet in Seoul"
    assert first.published == datetime(2026, 4, 3, tzinfo=UTC)


def test_the_item_itself_may_be_the_link() -> None:
    rules = ListingRules(item="article.card a", link="::attr(href)")
    assert len(read(rules)) == 3


def test_the_list_is_cut_at_its_maximum() -> None:
    assert len(read(replace(RULES, max_items=1))) == 1


@pytest.mark.parametrize("item", ["article.gone", "xpath://section[@id='gone']"])
def test_selectors_that_match_nothing_are_an_error(item: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(replace(RULES, item=item))
    assert caught.value.reason is FetchReason.TOO_FEW_ITEMS
    assert item in caught.value.detail


def test_fewer_links_than_promised_are_an_error() -> None:
    with pytest.raises(ParseError) as caught:
        read(replace(RULES, min_items=3))
    assert caught.value.reason is FetchReason.TOO_FEW_ITEMS
    assert "2 of at least 3" in caught.value.detail


def test_an_empty_list_can_be_allowed() -> None:
    assert read(replace(RULES, item="article.gone", min_items=0)) == ()


@pytest.mark.parametrize("selector", ["a[[", "xpath://a["])
def test_a_selector_that_cannot_be_read_is_told(selector: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(replace(RULES, item=selector))
    assert caught.value.reason is FetchReason.PARSE_FAILED


@pytest.mark.parametrize(
    "call",
    [
        "document({})",
        "doc({})",
        "unparsed-text({})",
        "json-doc({})",
        "php:function({})",
    ],
)
def test_no_function_of_a_selector_reads_a_file(tmp_path: Path, call: str) -> None:
    """A81: XPath 1.0 and no more, so that a shared config cannot look around."""
    secret = tmp_path / "secret.xml"
    secret.write_text("<ul><li>Told to strangers</li></ul>")
    path = call.format(f"'{secret.as_uri()}'")
    for item in (f"xpath://{path}//li", f"xpath://nav[{path}]"):
        with pytest.raises(ParseError) as caught:
            read(ListingRules(item=item))
        assert "Told" not in caught.value.detail
        assert caught.value.reason is FetchReason.PARSE_FAILED


def test_a_base_tag_moves_relative_links() -> None:
    page = b"<base href='https://other.test/x/'><ul><li><a href='one'>One</a></ul>"
    entry = read(ListingRules(item="li"), page)[0]
    assert entry.url == "https://other.test/x/one"


def test_korean_in_its_old_encoding_is_read() -> None:
    """A41: declared by a meta tag alone."""
    page = (
        "<meta charset='euc-kr'><ul><li><a href='/1'>북한군 러시아 파병</a></ul>"
    ).encode("cp949")
    entry = parse_listing(
        page, url=URL, content_type="text/html", rules=ListingRules(item="li")
    ).entries[0]
    assert entry.title == "북한군 러시아 파병"
    assert entry.language == "ko"


@pytest.mark.parametrize("page", [b"", b"\x00\x00"])
def test_nothing_is_not_a_page(page: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        read(RULES, page)
    assert caught.value.reason is FetchReason.NOT_A_PAGE


# Pages behind the first ------------------------------------------------------

PAGED = ListingRules(item="li", next="a[rel~=next], link[rel~=next]", max_pages=3)


@pytest.mark.parametrize(
    ("onward", "next_page"),
    [
        ("<a rel='nofollow next' href='?page=2'>More</a>", f"{URL}?page=2"),
        ("<a rel='next' href='https://other.test/2'>More</a>", None),
        ("<a rel='next' href='javascript:more()'>More</a>", None),
        ("<a href='?page=2'>More</a>", None),
    ],
)
def test_a_list_goes_on_where_its_own_site_says(
    onward: str, next_page: str | None
) -> None:
    page = f"<ul><li><a href='/1'>One</a></ul>{onward}".encode()
    found = parse_listing(page, url=URL, content_type="text/html", rules=PAGED)
    assert found.next == next_page


def test_a_list_goes_on_only_if_asked() -> None:
    page = b"<ul><li><a href='/1'>One</a></ul><a rel=next href='?p=2'>More</a>"
    once = replace(PAGED, max_pages=1)
    assert parse_listing(page, url=URL, content_type=None, rules=once).next is None


def test_a_first_page_that_goes_on_may_hold_less_than_the_whole_list() -> None:
    page = b"<ul><li><a href='/1'>One</a></ul><a rel=next href='?p=2'>More</a>"
    whole = replace(PAGED, min_items=2)
    assert len(read(whole, page)) == 1
    with pytest.raises(ParseError):
        read(whole, page.replace(b"/1", b"javascript:"))


def test_patterns_see_through_tracking_parameters() -> None:
    page = b"<ul><li><a href='/a-story_en?utm_source=x'>A story</a></ul>"
    rules = ListingRules(item="li", allow=("_en$",))
    assert [entry.url for entry in read(rules, page)] == [
        "https://site.test/a-story_en?utm_source=x"
    ]
    assert read(ListingRules(item="li", deny=("_en$",), min_items=0), page) == ()
