"""OPML as other programs write it, and as ours does."""

from __future__ import annotations

import pytest

from crawler.errors import ParseError
from crawler.items import FetchReason, Kind, Source
from crawler.opml import parse_opml, write_opml

FILE = """<?xml version="1.0"?><opml version="1.0"><head/><body>
<outline text="Korea"><outline text="연합뉴스" type="rss" xmlUrl="https://k.test/rss"/>
<outline title="North" text="n"><outline text="Watch" xmlurl="https://n.test/feed"
 category="/Asia/DPRK,nk" language="en-us"/></outline></outline>
<outline text="A folder without feeds"/>
<outline text="A script" xmlUrl="javascript:alert(1)"/></body></opml>"""


def test_feeds_are_read_with_the_folders_they_lie_in() -> None:
    yonhap, watch, script = parse_opml(FILE.encode())
    assert (yonhap.url, yonhap.title) == ("https://k.test/rss", "연합뉴스")
    assert yonhap.folders == ("Korea",)
    assert watch.folders == ("Korea", "North", "Asia", "DPRK", "nk")
    assert watch.language == "en-us"
    assert (script.url, script.raw_url) == (None, "javascript:alert(1)")


@pytest.mark.parametrize("body", [b"", b"hello", b"<rss><channel/></rss>", b"{}"])
def test_what_is_not_opml_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        parse_opml(body)
    assert caught.value.reason is FetchReason.NOT_OPML


def test_entities_are_not_followed() -> None:
    """Neither a file nor a bomb comes in by a list of feeds."""
    bomb = (
        '<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/hostname">]><opml><body>'
        '<outline text="&a;" xmlUrl="https://a.test/"/></body></opml>'
    )
    (only,) = parse_opml(bomb.encode())
    assert only.title == ""


def test_a_hundred_thousand_outlines_are_cut() -> None:
    outlines = "<outline xmlUrl='https://a.test/'/>" * 12_000
    assert len(parse_opml(f"<opml>{outlines}</opml>".encode())) == 10_000


def test_what_is_written_is_read_back() -> None:
    sources = [
        Source(
            name="a", kind=Kind.FEED, url='https://a.test/?q="x"&y=<1>', language="ko"
        ),
        Source(
            name="b", kind=Kind.FEED, url="https://b.test/", tags=("eu", "me & you")
        ),
        Source(name="c", kind=Kind.FEED, url="https://c.test/", tags=("eu",)),
    ]
    back = parse_opml(write_opml(sources, title="A <title>").encode())
    assert [each.title for each in back] == ["a", "b", "c"]
    assert [each.folders for each in back] == [(), ("eu", "me & you"), ("eu",)]
    assert back[1].url == "https://b.test/"
    assert back[0].language == "ko"
