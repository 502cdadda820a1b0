from __future__ import annotations

import codecs
import contextlib
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from crawler.errors import ParseError
from crawler.feeds import parse_feed
from crawler.items import Entry
from crawler.limits import ENTRIES, SUMMARY, TEXT, TITLE
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://news.example/en/feed.xml"
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def read(body: str | bytes, **given: Any) -> tuple[Entry, ...]:
    options = {"url": URL, "content_type": None, "timezone": "UTC", "language": "en"}
    raw = body.encode() if isinstance(body, str) else body
    return parse_feed(raw, **(options | given))


def rss(*items: str, head: str = "") -> str:
    listed = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0"><channel>{head}{listed}</channel></rss>'


def atom(*entries: str, attributes: str = "") -> str:
    listed = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}>{listed}</feed>'


def refusal(body: str | bytes) -> ParseError:
    with pytest.raises(ParseError) as caught:
        read(body)
    return caught.value


def test_an_rss_item_becomes_an_entry() -> None:
    item = """<title>Troops &amp;amp; trains &lt;b&gt;seen&lt;/b&gt;</title>
        <link>/world/1?utm_source=rss#top</link>
        <guid isPermaLink="false"> /t3_42 </guid>
        <description><![CDATA[<p>Short</p><script>x()</script>]]></description>
        <content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/">
        <![CDATA[<p>The whole <i>story</i></p><p>told.</p>]]></content:encoded>
        <pubDate>Wed, 04 Mar 2026 21:00:00 KST</pubDate>
        <author>a@b.example (Ann)</author>"""
    (entry,) = read(rss(item))
    assert entry == Entry(
        url="https://news.example/world/1?utm_source=rss#top",
        guid="/t3_42",
        title="Troops & trains seen",
        summary="Short",
        text="The whole story\n\ntold.",
        published=NOON,
        published_raw="Wed, 04 Mar 2026 21:00:00 KST",
        language="en",
        authors=("Ann",),
    )


def test_an_atom_entry_becomes_an_entry() -> None:
    entry_xml = """<title type="html">Q&amp;amp;A</title><id>tag:x,2026:1</id>
        <link rel="self" href="/self"/><link rel="alternate" href="2.html"/>
        <summary>plain &lt;not a tag></summary><updated>2026-03-05T00:00:00Z</updated>
        <published>2026-03-04T12:00:00Z</published><author><name>Bo</name></author>"""
    (entry,) = read(atom(entry_xml))
    assert (entry.title, entry.guid, entry.authors) == ("Q&A", "tag:x,2026:1", ("Bo",))
    assert entry.url == "https://news.example/en/2.html"
    assert entry.summary == entry.text == "plain <not a tag>"
    assert entry.published == NOON


def test_text_that_atom_declares_plain_is_not_unescaped_again() -> None:
    (entry,) = read(atom('<title type="text">Use &amp;lt;b&amp;gt;</title><id>1</id>'))
    assert entry.title == "Use &lt;b&gt;"


def test_the_guid_is_the_raw_text_also_under_xml_base() -> None:
    """CRAWLING 3.2: feedparser resolves ids, so they change with the feed's address."""
    body = atom(
        "<source><id>src</id></source><id>/t3_1</id><link href='a'/>",
        "<id>/t3_2</id><link href='b'/>",
        attributes="xml:base='https://base.example/x/'",
    )
    entries = read(body)
    assert [entry.guid for entry in entries] == ["/t3_1", "/t3_2"]
    assert [entry.url for entry in entries] == [
        "https://base.example/x/a",
        "https://base.example/x/b",
    ]
    (same,) = read(rss("<guid>1/2</guid>"), url="https://other.example/")
    assert same.guid == "1/2"


def test_a_link_of_a_feed_without_an_address_stays_as_published() -> None:
    head = "<link>https://site.example/</link>"
    (entry,) = read(rss("<title>t</title><link>/1</link>", head=head), url="")
    assert entry.url == "/1"


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        " java\tscript:x",
        "data:text/html,x",
        "https://u@x.example/",
    ],
)
def test_a_hostile_link_is_no_link(link: str) -> None:
    """A49; trap 4: feedparser lets it through."""
    (entry,) = read(rss(f"<title>t</title><link>{link}</link><guid>{link}</guid>"))
    assert entry.url is None
    assert entry.title == "t"


def test_fields_hold_text_only() -> None:
    """Trap 4, A48: title, author and category are not sanitised by feedparser."""
    title = "<![CDATA[<script>alert(1)</script>Hi\u202e <img src=x onerror=y>there]]>"
    (entry,) = read(
        rss(f"<title>{title}</title><author><![CDATA[<b>E</b>ve]]></author>")
    )
    assert entry.title == "Hi there"
    assert entry.authors == ("Eve",)


def test_undated_and_zoneless_dates_use_the_sources_zone() -> None:
    items = (
        "<pubDate>2026.03.04 21:00</pubDate>",
        "<pubDate>soon</pubDate>",
        "<title>t</title>",
    )
    entries = read(rss(*items), timezone="Asia/Seoul")
    assert [entry.published for entry in entries] == [NOON, None, None]
    assert [entry.published_raw for entry in entries] == [
        "2026.03.04 21:00",
        "soon",
        "",
    ]


def test_the_source_hint_the_text_and_the_feed_tell_the_language_in_turn() -> None:
    head = "<language>en-US</language>"
    items = (
        "<title>Новый этап сотрудничества двух стран, сказал он</title>",
        "<title>KCNA</title>",
    )
    entries = read(rss(*items, head=head), language=None)
    assert [entry.language for entry in entries] == ["ru", "en"]
    assert (
        read(rss("<title>Kim a Mosca</title>", head=head), language="it")[0].language
        == "it"
    )


def test_rdf_atom_03_and_an_unnamed_namespace_are_feeds() -> None:
    rdf = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns="http://purl.org/rss/1.0/"><item rdf:about="https://a.example/1">
        <title>one</title><link>https://a.example/1</link></item></rdf:RDF>"""
    old = '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>one</title></entry></feed>'
    bare = "<feed><entry><title>one</title><id>1</id></entry></feed>"
    for body in (rdf, old, bare):
        assert [entry.title for entry in read(body)] == ["one"]


DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
_TITLED = "<title>Talks</title><link>https://a.example/1</link>"
_RFC = "<pubDate>Wed, 04 Mar 2026 12:00:00 GMT</pubDate>"
_DC_DATE = "<dc:date>2026-03-04T21:00:00+09:00</dc:date>"
_LINK = '<title>Talks</title><link rel="alternate" href="https://a.example/1"/>'


def rss_of(version: str, date: str) -> str:
    channel = f"<title>Site</title><item>{_TITLED}{date}</item>"
    return f'<rss version="{version}" {DC}><channel>{channel}</channel></rss>'


@pytest.mark.parametrize(
    ("version", "body", "dated"),
    [
        (
            "RSS 0.90",
            (
                f'<rdf:RDF {RDF} xmlns="http://my.netscape.com/rdf/simple/0.9/">'
                f"<channel><title>Site</title></channel><item>{_TITLED}</item></rdf:RDF>"
            ),
            False,
        ),
        ("RSS 0.91", rss_of("0.91", ""), False),
        ("RSS 0.92", rss_of("0.92", _RFC), True),
        ("RSS 0.93", rss_of("0.93", _RFC), True),
        ("RSS 0.94", rss_of("0.94", _RFC), True),
        ("RSS 2.0", rss_of("2.0", _RFC), True),
        ("RSS 2.0 with dc:date", rss_of("2.0", _DC_DATE), True),
        ("RSS without version", rss_of("", _RFC), True),
        (
            "RSS 1.0",
            (
                f'<rdf:RDF {RDF} {DC} xmlns="http://purl.org/rss/1.0/"><channel '
                'rdf:about="https://a.example/"><title>Site</title></channel><item '
                f'rdf:about="https://a.example/1">{_TITLED}{_DC_DATE}</item></rdf:RDF>'
            ),
            True,
        ),
        (
            "Atom 0.3",
            (
                '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Site</title>'
                f"<entry>{_LINK}<issued>2026-03-04T12:00:00Z</issued>"
                "<modified>2026-03-05T12:00:00Z</modified></entry></feed>"
            ),
            True,
        ),
        (
            "Atom 0.3, modified only",
            (
                '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Site</title>'
                f"<entry>{_LINK}<modified>2026-03-04T12:00:00Z</modified></entry></feed>"
            ),
            True,
        ),
        ("Atom 1.0", atom(f"{_LINK}<updated>2026-03-04T12:00:00Z</updated>"), True),
        (
            "JSON Feed 1.0",
            (
                '{"version": "https://jsonfeed.org/version/1", "items": [{"id": "1",'
                '"url": "https://a.example/1", "title": "Talks", "date_published":'
                '"2026-03-04T12:00:00Z"}]}'
            ),
            True,
        ),
        (
            "JSON Feed 1.1",
            (
                '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1",'
                '"url": "https://a.example/1", "title": "Talks", "date_published":'
                '"2026-03-04T21:00:00+09:00"}]}'
            ),
            True,
        ),
    ],
)
def test_every_version_of_every_format_is_read(
    version: str, body: str, *, dated: bool
) -> None:
    (entry,) = read(body)
    assert (entry.title, entry.url) == ("Talks", "https://a.example/1"), version
    assert entry.published == (NOON if dated else None)


def test_a_feed_without_items_is_empty_not_wrong() -> None:
    assert read(rss()) == ()
    assert read(atom()) == ()


def test_a_cut_feed_gives_the_entries_that_came() -> None:
    whole = rss("<title>one</title>", "<title>two</title>")
    assert [entry.title for entry in read(whole[: whole.index("two")])][:1] == ["one"]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "empty body"),
        (b" \n\x00 ", "empty body"),
        ("<!DOCTYPE html><html><body>News</body></html>", "an HTML page"),
        ("<html><title>Just a moment...</title></html>", "challenge page"),
        ("<?xml version='1.0'?><urlset><url/></urlset>", "a sitemap"),
        ("<unknown><x/></unknown>", "<unknown>"),
        ("nothing of the kind", "plain text"),
        ('{"items": []}', "without a jsonfeed.org version"),
        ("/etc/hostname", "plain text"),
    ],
)
def test_what_is_no_feed_is_refused_with_what_it_is(
    body: str | bytes, detail: str
) -> None:
    error = refusal(body)
    assert error.reason is FetchReason.NOT_A_FEED
    assert detail in error.detail


def test_bytes_are_never_opened_as_a_file_or_an_address(tmp_path: Path) -> None:
    """CRAWLING 3.5: feedparser.parse(b"/path") parses the file."""
    secret = tmp_path / "feed.xml"
    secret.write_text(rss("<title>secret</title>"), encoding="utf-8")
    assert refusal(str(secret)).reason is FetchReason.NOT_A_FEED


ENTITIES = {
    "billion laughs": '<!DOCTYPE r [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
    + rss("<title>&a9;</title>"),
    "quadratic": f'<!DOCTYPE r [<!ENTITY a "{"x" * 50_000}">]>'
    + rss(f"<title>{'&a;' * 20_000}</title>"),
    "file": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    + rss("<title>&x;</title>"),
    "parameter": '<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]>'
    + rss("<title>t</title>"),
    "external": '<!DOCTYPE r SYSTEM "file:///etc/passwd">' + rss("<title>t</title>"),
    "xinclude": rss(
        '<title><xi:include xmlns:xi="http://www.w3.org/2001/XInclude"'
        ' href="file:///etc/passwd" parse="text"/></title>'
    ),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp037"])
@pytest.mark.parametrize("case", ENTITIES)
def test_entities_neither_explode_nor_read_files(case: str, encoding: str) -> None:
    """A26, A27, A28, in UTF-8, UTF-16 and EBCDIC."""
    body = f'<?xml version="1.0" encoding="{encoding}"?>{ENTITIES[case]}'.encode(
        encoding
    )
    started = time.perf_counter()
    try:
        entries = read(body)
    except ParseError:
        entries = ()
    assert time.perf_counter() - started < 5
    for entry in entries:
        assert "root:" not in entry.title + entry.text
        assert len(entry.title) <= TITLE


def test_a_start_tag_of_half_a_megabyte_is_refused_before_parsing() -> None:
    """CRAWLING 3.5: 50,000 attributes cost feedparser 15.8 s."""
    attributes = " ".join(f"a{n}='>'" for n in range(50_000))
    started = time.perf_counter()
    error = refusal(rss(f"<title {attributes}>t</title>"))
    assert error.reason is FetchReason.PARSE_FAILED
    assert "start tag" in error.detail
    assert time.perf_counter() - started < 1


def test_at_most_a_thousand_entries_are_read_and_quickly() -> None:
    """A31."""
    body = rss(*(f"<title>t{n}</title>" for n in range(100_000)))
    started = time.perf_counter()
    entries = read(body)
    assert len(entries) == ENTRIES
    assert entries[-1].title == f"t{ENTRIES - 1}"
    assert time.perf_counter() - started < 5


def test_huge_fields_are_cut_with_a_marker() -> None:
    """A30, A32."""
    big = "word " * 400_000
    categories = "<category>c</category>" * 10_000
    (entry,) = read(
        rss(f"<title>{big}</title><description>{big}</description>{categories}")
    )
    assert len(entry.title) <= TITLE
    assert len(entry.summary) <= SUMMARY
    assert len(entry.text) <= TEXT
    for text in (entry.title, entry.summary, entry.text):
        assert text.endswith("…")


@pytest.mark.parametrize(
    "body",
    [
        rss("<description>" + "<div>" * 20_000 + "x</description>"),
        rss("<a>" * 100_000),
        rss("<description><![CDATA[" + "<" * 2_000_000 + "]]></description>"),
        rss("<description><![CDATA[" + "&" * 1_000_000 + "]]></description>"),
        rss("<title>&#99999999999; &#0; &#xFFFFFFFF;</title>"),
        "<" * 2_000_000,
    ],
    ids=["deep", "unclosed", "less-than", "ampersand", "charref", "bare"],
)
def test_hostile_shapes_end_in_time(body: str) -> None:
    """A29, A33."""
    started = time.process_time()
    with contextlib.suppress(ParseError):
        read(body)
    assert time.process_time() - started < 5


def test_repeated_and_changing_guids_are_told_as_they_are() -> None:
    """A35: deduplicating is another room's; the reader hides nothing."""
    entries = read(
        rss("<guid>1</guid><title>a</title>", "<guid>1</guid><title>b</title>")
    )
    assert [(entry.guid, entry.title) for entry in entries] == [("1", "a"), ("1", "b")]


def test_a_utf16_feed_is_read() -> None:
    """A41."""
    body = codecs.BOM_UTF16_LE + rss("<title>김정은</title>").encode("utf-16-le")
    assert read(body, language=None)[0].title == "김정은"
