"""Sitemaps: plain, Google News, indexes, packed and hostile ones."""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime

import pytest

from crawler.errors import ParseError
from crawler.reasons import FetchReason
from crawler.sitemaps import MAX_URLS, Sitemap, parse_sitemap

URL = "https://site.test/sitemap.xml"
NEWS = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
        xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
  <url><loc>https://site.test/a</loc><lastmod>2026-03-02T08:00:00Z</lastmod>
    <news:news>
      <news:publication><news:name>Site</news:name><news:language>ko</news:language>
      </news:publication>
      <news:publication_date>2026-03-01T09:30:00+09:00</news:publication_date>
      <news:title>\xeb\xb6\x81\xeb\x9f\xac &amp; more</news:title>
      <news:keywords>troops, talks</news:keywords>
    </news:news></url>
  <url><loc>/b</loc><lastmod>2026-03-03</lastmod></url>
  <url><loc>javascript:alert(1)</loc></url>
  <url><lastmod>2026-03-03</lastmod></url>
  <url><loc>https://site.test/c</loc></url>
</urlset>"""


def read(body: bytes, **hints: str) -> Sitemap:
    return parse_sitemap(body, url=URL, content_type="application/xml", **hints)


def urlset(*urls: str) -> bytes:
    return f"<urlset>{''.join(urls)}</urlset>".encode()


def test_news_tags_give_title_time_and_language() -> None:
    entry = next(e for e in read(NEWS).entries if e.url == "https://site.test/a")
    assert entry.title == "북러 & more"
    assert entry.published == datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
    assert entry.published_raw == "2026-03-01T09:30:00+09:00"
    assert entry.language == "ko"
    assert entry.summary == "troops, talks"


def test_lastmod_stands_in_for_the_publication_date() -> None:
    entry = next(e for e in read(NEWS).entries if e.url == "https://site.test/b")
    assert entry.published == datetime(2026, 3, 3, tzinfo=UTC)


def test_entries_come_newest_first_and_undated_last() -> None:
    assert [e.url for e in read(NEWS).entries] == [
        "https://site.test/b",
        "https://site.test/a",
        "https://site.test/c",
    ]


def test_the_sources_language_fills_in() -> None:
    languages = {e.url: e.language for e in read(NEWS, language="en").entries}
    assert languages["https://site.test/a"] == "ko"
    assert languages["https://site.test/c"] == "en"


def test_only_the_thousand_newest_urls_are_kept() -> None:
    body = urlset(
        *(
            f"<url><loc>https://site.test/{n}</loc>"
            f"<lastmod>2026-01-01T00:{n // 60:02}:{n % 60:02}Z</lastmod></url>"
            for n in range(MAX_URLS + 50)
        )
    )
    entries = read(body).entries
    assert len(entries) == MAX_URLS
    assert entries[0].url == f"https://site.test/{MAX_URLS + 49}"


@pytest.mark.parametrize("date", ["", "<lastmod>2026-03-01</lastmod>"])
def test_of_too_many_urls_of_one_age_both_ends_are_kept(date: str) -> None:
    """Where a site writes its new ones nothing says."""
    last = MAX_URLS + 49
    body = urlset(
        *(f"<url><loc>https://site.test/{n}</loc>{date}</url>" for n in range(last + 1))
    )
    urls = {entry.url for entry in read(body).entries}
    assert len(urls) == MAX_URLS
    assert {f"https://site.test/{n}" for n in (0, 9, last - 9, last)} <= urls


def test_an_index_without_dates_is_read_from_both_ends() -> None:
    files = "".join(f"<sitemap><loc>/{n}.xml</loc></sitemap>" for n in range(500))
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    index = f'<sitemapindex xmlns="{space}">{files}</sitemapindex>'.encode()
    names = [url.rpartition("/")[2] for url in read(index).children]
    assert names[:5] == ["499.xml", "0.xml", "498.xml", "1.xml", "497.xml"]
    assert len(names) == len(set(names)) == 50


def test_an_index_lists_its_files_newest_first() -> None:
    index = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
      <sitemap><loc>/2024.xml</loc><lastmod>2024-12-31</lastmod></sitemap>
      <sitemap><loc>/pages.xml</loc></sitemap>
      <sitemap><loc>/news.xml</loc></sitemap>
      <sitemap><loc>/2026.xml</loc><lastmod>2026-03-01</lastmod></sitemap>
    </sitemapindex>"""
    found = read(index)
    assert found.entries == ()
    assert [url.rpartition("/")[2] for url in found.children] == [
        "2026.xml",
        "2024.xml",
        "news.xml",
        "pages.xml",
    ]


def test_a_packed_file_is_unpacked() -> None:
    assert len(read(gzip.compress(NEWS)).entries) == 3


def test_a_packed_bomb_stops_at_the_cap() -> None:
    """A13: 200 MB of blanks in 200 kB."""
    bomb = gzip.compress(b" " * (200 * 1024 * 1024), compresslevel=1)
    with pytest.raises(ParseError) as caught:
        read(bomb)
    assert caught.value.reason is FetchReason.TOO_LARGE


def test_a_truncated_packed_file_gives_what_it_holds() -> None:
    """A16."""
    packed = gzip.compress(NEWS)
    assert len(read(packed[:-12]).entries) == 3


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<html><body>Sign in</body></html>",
        b"no markup at all",
        b"\x1f\x8bnot gzip",
        b"<rss><channel/></rss>",
        b'{"items": []}',
    ],
)
def test_anything_else_is_not_a_sitemap(body: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        read(body)
    assert caught.value.reason is FetchReason.NOT_A_SITEMAP


def test_entities_open_no_file_and_do_not_grow() -> None:
    """A26, A28: external entity and a billion laughs."""
    body = b"""<!DOCTYPE urlset [
      <!ENTITY x SYSTEM "file:///etc/hostname"><!ENTITY a "aaaaaaaaaa">
      <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
      <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
      <!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
    ]><urlset><url><loc>https://site.test/&x;&d;</loc></url>
    <url><loc>https://site.test/good</loc></url></urlset>"""
    urls = [entry.url or "" for entry in read(body).entries]
    assert "https://site.test/good" in urls
    assert all(len(url) < 60 for url in urls)


def test_very_deep_nesting_ends_in_bounded_time() -> None:
    """A29: 100,000 elements inside each other."""
    body = b"<urlset>" + b"<url>" * 100_000 + b"</urlset>"
    start = time.monotonic()
    try:
        found = read(body)
    except ParseError:
        found = Sitemap()
    assert found.entries == ()
    assert time.monotonic() - start < 5
