"""The quick reader of ordinary feeds says what feedparser says, or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import crawler.feeds
from benchmarks.feedhost import Shelf, Writer
from crawler.decode import to_utf8
from crawler.errors import ParseError
from crawler.feeds import parse_feed
from crawler.plainfeed import read_plain

if TYPE_CHECKING:
    from crawler.items import Entry
    from crawler.reasons import FetchReason

FEEDS = Path(__file__).parents[2].parent / "shared" / "data" / "feeds"
URL = "http://feeds.example/feed.xml"

ITEM = """
  <item><title> Trains &amp;amp; troops <!-- no --></title>
    <link>https://news.example/1?a=1&amp;b=2</link>
    <guid isPermaLink="false">n-1</guid><dc:creator>Ann</dc:creator>
    <dc:creator>Bea</dc:creator><category>x</category><comments>c</comments>
    <pubDate>Wed, 04 Mar 2026 12:00:00 GMT</pubDate>
    <description><![CDATA[<p>Short &nbsp; one</p>]]></description>
    <content:encoded><![CDATA[<p>The <b>whole</b> story</p>]]></content:encoded>
    <media:content url="x"><media:credit>Z</media:credit></media:content>
    <source url="https://o.example/">Other</source></item>"""
RSS = f"""<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>News</title><language>en-GB</language>
  <atom:link href="https://news.example/feed" rel="self"/>{ITEM}</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr">
<title>News</title><entry><title type="html">Un &amp;lt;b&amp;gt; deux</title>
  <link href="https://news.example/2"/><id>tag:news.example,2026:2</id>
  <link rel="enclosure" href="https://news.example/2.mp3" type="audio/mpeg"/>
  <author><name>Ann</name><email>a@news.example</email></author>
  <published>2026-03-04T12:00:00Z</published><updated>2026-03-05T12:00:00Z</updated>
  <summary>Un &lt;b> deux</summary>
  <content type="html">&lt;p&gt;Trois&lt;/p&gt;</content></entry></feed>"""


def entries(body: bytes) -> tuple[Entry, ...] | tuple[FetchReason, str]:
    try:
        return parse_feed(
            body, url=URL, content_type=None, timezone="UTC", language=None
        )
    except ParseError as error:
        return error.reason, error.detail


def both(body: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[object, object]:
    """The entries with the quick reader, and those by feedparser alone."""
    quick = entries(body)
    with monkeypatch.context() as patch:
        patch.setattr(crawler.feeds, "read_plain", lambda _: None)
        return quick, entries(body)


@pytest.mark.parametrize("text", [RSS, ATOM], ids=["rss", "atom"])
def test_ordinary_feeds_are_read_as_feedparser_reads_them(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_plain(text.encode()) is not None
    quick, slow = both(text.encode(), monkeypatch)
    assert quick == slow


def test_made_up_feeds_in_five_scripts_are_read_as_feedparser_reads_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shelf = Shelf(writer=Writer(seed=3), feeds=7)
    for number in range(shelf.feeds):
        body = shelf.body(number)
        assert read_plain(body) is not None
        quick, slow = both(body, monkeypatch)
        assert quick == slow


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<item>", '<item xml:base="https://o.example/">'),
        ("<rss version", "<!DOCTYPE rss><rss version"),
        ("<title> Trains", "<title>A</title><title> Trains"),
        ("Trains", "<b>Trains</b>"),
        ("https://news.example/1", "/1"),
        ("isPermaLink", "ispermalink"),
        ("Ann", "a@news.example (Ann)"),
        ("<comments>", "<summary>s</summary><comments>"),
        ("Trains", "Trains \x85"),
        ("Trains", "Trains &#146;"),
        ("</channel>", ""),
        ('version="2.0"', 'version="0.91"'),
        ("?a=1&amp;b=2", "?a=1&amp;copy;2"),
    ],
)
def test_what_is_not_plain_is_left_to_feedparser(old: str, new: str) -> None:
    assert read_plain(RSS.encode()) is not None
    changed = RSS.replace(old, new, 1)
    assert changed != RSS
    assert read_plain(changed.encode()) is None


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.skipif(not FEEDS.is_dir(), reason=f"{FEEDS} is absent")
def test_the_two_readers_agree_on_every_feed_of_the_corpora(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = 0
    for path in sorted(FEEDS.rglob("*")):
        if path.suffix in {".xml", ".rss", ".atom"} and "output" not in path.parts:
            body = path.read_bytes()
            if read_plain(to_utf8(body, None)) is not None:
                plain += 1
                quick, slow = both(body, monkeypatch)
                assert quick == slow, path
    assert plain > 500
