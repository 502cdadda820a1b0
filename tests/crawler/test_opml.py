"""OPML as other programs write it, and as ours does."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from crawler.errors import ParseError
from crawler.items import Kind, Source
from crawler.opml import parse_opml, write_opml
from crawler.reasons import FetchReason
from crawler.sources import load_sources
from crawler.sourceyaml import write_sources
from vedette.exchange import as_sources

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
    assert caught.value.reason is FetchReason.PARSE_FAILED


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


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_whatever_a_list_says_the_sources_made_of_it_load(text: str) -> None:
    """A43, A45: titles and folders are anyone's."""
    shown = quoteattr(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text))
    outline = f"<outline text={shown} xmlUrl='https://a.test/' category={shown}/>"
    body = f"<opml><body><outline text={shown}>{outline}</outline></body></opml>"
    made = as_sources(parse_opml(body.encode()), {}).sources
    (source,) = (each for each, _ in made)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(write_sources(made), encoding="utf-8")
        assert load_sources(path).sources == {source.name: source}


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


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_a_source_is_called_the_list_is_well_formed(
    tag: str, title: str
) -> None:
    """A56: the only XML that we write; there is no feed of our own."""
    source = Source(name="a", kind=Kind.FEED, url="https://a.test/", tags=(tag, title))
    text = write_opml([source], title=title)
    root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False))
    assert [one.tag for one in root.iter("script", "body", "head")] == ["head", "body"]
    assert len(list(root.iter("outline"))) <= 2
