"""Discovery on sites that offer different things, and how politely it looks."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from crawler.configfile import load_document
from crawler.discover import GUESSES, Discovery, discover
from crawler.errors import FetchError, ParseError
from crawler.items import JsonRules, Kind, ListingRules, Source
from crawler.reasons import FetchReason
from crawler.sources import load_sources
from crawler.sourceyaml import source_name, write_sources
from crawler.survey import survey_page
from tests.crawler.desk import HTML, Desk, Start, entry, rss
from tests.crawler.listpages import DEVELOPMENT, EN, framed
from tests.servers.http import Reply

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.http import Server

FEED = Reply(body=rss(entry("/a"), entry("/b")), headers={"Content-Type": "text/xml"})
EMPTY = Reply(body=b"<html><body><p>Nothing here.</p></body></html>", headers=HTML)


def look(desk: Desk, site: Server, path: str = "/") -> Discovery:
    fetcher, pool = desk.collector._fetcher, desk.collector._pool
    return desk.runner.run(discover(site.url(path), fetcher=fetcher, pool=pool))


def offered(found: Discovery, site: Server) -> list[tuple[Kind, str]]:
    return [
        (each.source.kind, each.source.url.removeprefix(site.url("/")))
        for each in found.offers
    ]


def asked(site: Server) -> list[str]:
    return [request.path for request in site.requests]


def news(*paths: str) -> bytes:
    places = "".join(
        f"<url><loc>{path}</loc><n:news><n:publication><n:language>en</n:language>"
        "</n:publication><n:publication_date>2026-03-01T11:00Z</n:publication_date>"
        f"<n:title>About {path}</n:title></n:news></url>"
        for path in paths
    )
    return (
        '<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">'
        f"{places}</urlset>"
    ).encode()


def test_feeds_that_the_page_names_are_read_and_offered(
    desk: Desk, site_of: Start
) -> None:
    head = (
        "<link rel=alternate type='application/rss+xml' href='/one.xml'>"
        "<link rel=alternate type='application/rss+xml' href='/comments/feed'>"
        "<link rel=alternate type='application/atom+xml' href='/gone.xml'>"
    )
    page = framed("<a href='/world/rss'>RSS</a>", head=head)
    site = site_of(
        {
            "/": Reply(body=page.encode(), headers=HTML),
            "/one.xml": FEED,
            "/world/rss": FEED,
        }
    )
    found = look(desk, site)
    assert offered(found, site) == [(Kind.FEED, "one.xml"), (Kind.FEED, "world/rss")]
    assert "2 entries, newest 2026-03-01 12:00 UTC" in found.offers[0].remark
    assert [line for line in found.troubles if "gone.xml" in line]
    assert not set(GUESSES) & set(asked(site))
    assert "/comments/feed" not in asked(site)


def test_without_a_named_feed_five_addresses_are_guessed(
    desk: Desk, site_of: Start
) -> None:
    site = site_of({"/": EMPTY, "/rss.xml": FEED})
    found = look(desk, site)
    assert offered(found, site) == [(Kind.FEED, "rss.xml")]
    guessed = [path for path in asked(site) if path in GUESSES]
    assert guessed == ["/feed/", "/rss", "/rss.xml"]
    nothing = site_of({"/": EMPTY})
    assert look(desk, nothing).offers == []
    assert [path for path in asked(nothing) if path in GUESSES] == list(GUESSES)


def test_a_page_that_cannot_be_read_leaves_the_rest_of_the_site(
    desk: Desk, site_of: Start
) -> None:
    site = site_of({"/x.pdf": Reply(body=b"\x00\x00"), "/feed/": FEED})
    found = look(desk, site, "/x.pdf")
    assert offered(found, site) == [(Kind.FEED, "feed/")]
    assert "not_a_page" in found.troubles[0]


def test_guesses_obey_robots(desk: Desk, site_of: Start) -> None:
    robots = Reply(body=b"User-agent: *\nDisallow: /rss\nDisallow: /feed\n")
    site = site_of({"/": EMPTY, "/robots.txt": robots, "/rss.xml": FEED})
    assert look(desk, site).offers == []
    assert [path for path in asked(site) if path in GUESSES] == ["/atom.xml"]


def test_a_forbidden_page_is_not_read_at_all(desk: Desk, site_of: Start) -> None:
    robots = Reply(body=b"User-agent: *\nDisallow: /\n")
    site = site_of({"/": EMPTY, "/robots.txt": robots})
    with pytest.raises(FetchError) as caught:
        look(desk, site)
    assert caught.value.reason is FetchReason.ROBOTS_DISALLOW
    assert asked(site) == ["/robots.txt"]


def test_a_news_sitemap_is_found_behind_an_index_of_robots(
    desk: Desk, site_of: Start
) -> None:
    index = (
        b"<sitemapindex><sitemap><loc>/pages.xml.gz</loc></sitemap>"
        b"<sitemap><loc>/news.xml</loc></sitemap></sitemapindex>"
    )
    robots = Reply(body=b"User-agent: *\nAllow: /\nSitemap: /index.xml\n")
    pages = gzip.compress(b"<urlset><url><loc>/about</loc></url></urlset>")
    site = site_of(
        {
            "/": EMPTY,
            "/robots.txt": robots,
            "/index.xml": Reply(body=index),
            "/pages.xml.gz": Reply(body=pages),
            "/news.xml": Reply(body=news("/a", "/b")),
        }
    )
    found = look(desk, site)
    assert offered(found, site) == [(Kind.SITEMAP, "news.xml")]
    assert '"About /a"' in found.offers[0].remark
    assert "/pages.xml.gz" not in asked(site)


def test_a_sitemap_of_mere_pages_is_not_offered(desk: Desk, site_of: Start) -> None:
    robots = Reply(body=b"Sitemap: /map.xml\n")
    pages = b"<urlset><url><loc>/about</loc></url></urlset>"
    site = site_of({"/": EMPTY, "/robots.txt": robots, "/map.xml": Reply(body=pages)})
    assert look(desk, site).offers == []
    assert "/map.xml" in asked(site)


def test_a_list_is_offered_with_its_selectors(desk: Desk, site_of: Start) -> None:
    page = Reply(body=DEVELOPMENT[0].html.encode(), headers=HTML)
    site = site_of({"/press/": page})
    found = look(desk, site, "/press/")
    assert offered(found, site) == [(Kind.LISTING, "press/")]
    (offer,) = found.offers
    assert offer.source.listing is not None
    assert offer.source.listing.item == "article.card"
    assert offer.source.language == "en"
    assert len(offer.entries) == 10


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (FEED.body, Kind.FEED),
        (news("/a"), Kind.SITEMAP),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', Kind.FEED),
        (
            json.dumps(
                {"rows": [{"title": f"Report {n}", "url": f"/{n}xx"} for n in range(3)]}
            ).encode(),
            Kind.JSON,
        ),
    ],
)
def test_an_address_that_is_a_source_already_is_taken_as_it_is(
    desk: Desk, site_of: Start, body: bytes, kind: Kind
) -> None:
    site = site_of({"/x": Reply(body=body)})
    assert offered(look(desk, site, "/x"), site) == [(kind, "x")]
    assert asked(site) == ["/robots.txt", "/x"]


def test_json_that_lists_nothing_is_refused(desk: Desk, site_of: Start) -> None:
    with pytest.raises(ParseError):
        look(desk, site_of({"/x": Reply(body=b'{"a": 1}')}), "/x")


def test_a_page_is_surveyed() -> None:
    """The list in its data is found where no link of the page is one."""
    rows = [{"headline": title, "url": f"/n/88412{n}"} for n, title in enumerate(EN)]
    data = f'<script id="__NEXT_DATA__">{json.dumps({"rows": rows})}</script>'
    survey = survey_page(
        framed(f"<div id=app></div>{data}", lang="ko-KR").encode(),
        url="https://site.test/",
        content_type=None,
    )
    assert survey.json == JsonRules(
        items="rows", link="url", title="headline", script="__NEXT_DATA__"
    )
    assert survey.language == "ko"
    assert survey.lists == ()


def test_a_menu_in_the_data_of_a_page_is_no_news() -> None:
    rows = [{"name": f"Section number {n}", "url": f"/s/{n}"} for n in range(9)]
    page = framed(f'<script id="__DATA__">{json.dumps({"menu": rows})}</script>')
    survey = survey_page(page.encode(), url="https://site.test/", content_type=None)
    assert survey.json is None


def test_links_that_look_like_a_feed_of_the_site_are_candidates() -> None:
    links = ("/world/rss", "/rss2.xml", "/feed/", "/feedback/", "/atomkraft/",
             "https://other.test/rss", "/2024/05/story/feed/")  # fmt: skip
    page = framed("".join(f"<a href='{link}'>x</a>" for link in links))
    survey = survey_page(page.encode(), url="https://site.test/", content_type=None)
    assert [each.removeprefix("https://site.test") for each in survey.linked] == [
        "/world/rss",
        "/rss2.xml",
        "/feed/",
    ]


# The YAML that is printed ----------------------------------------------------------

EVERYTHING = (
    Source(
        name="a-list",
        kind=Kind.LISTING,
        url="https://site.test/?a=1#b:c",
        language="ko",
        tags=("eu", 'the "press": #1'),
        listing=ListingRules(
            item="ul > li:nth-of-type(2)",
            title="h3",
            date="time::attr(datetime)",
            date_order="dmy",
            allow=(r"/news/\d+",),
        ),
        min_items=1,
    ),
    Source(
        name="data",
        kind=Kind.JSON,
        url="https://site.test/api",
        json=JsonRules(items='"a.b".*', link="/n/{id}", script="__NEXT_DATA__"),
        min_items=1,
    ),
    Source(name="plain", kind=Kind.FEED, url="https://site.test/feed"),
)


def test_what_is_printed_loads_as_what_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    remark = "a feed: \x1b[31m# red\nsources: null"
    text = write_sources((source, remark) for source in EVERYTHING)
    path.write_text(text, encoding="utf-8")
    assert load_sources(path).sources == {each.name: each for each in EVERYTHING}
    assert list(load_document(path).data) == ["sources"]
    assert "\x1b" not in text


def test_names_are_made_once_each() -> None:
    taken = {"site-test"}
    assert source_name("Site.test!", taken) == "site-test-2"
    assert source_name("Site test", taken) == "site-test-3"
    assert source_name("연합뉴스", taken) == "source"
