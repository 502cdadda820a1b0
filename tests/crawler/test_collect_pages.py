"""List pages and sitemaps, polled through the resident spiders."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from crawler.collect import new_state
from crawler.items import (
    ArticlePolicy,
    FetchReason,
    Harvest,
    Kind,
    ListingRules,
    Source,
)
from tests.crawler.desk import (
    HTML,
    NOW,
    Desk,
    Start,
    never,
    sent,
)
from tests.servers.http import Reply, Request, Server, redirect

# Pages through Scrapy -------------------------------------------------------

LIST = b"""<ul><li><a href='/one'>The first headline</a></li>
<li><a href='/two'>The second headline</a></li></ul>"""


def listing(site: Server, **rules: object) -> Source:
    return Source(
        name="press",
        kind=Kind.LISTING,
        url=site.url("/list"),
        listing=ListingRules(item="li", **rules),  # type: ignore[arg-type]
    )


def test_a_list_page_is_read_then_not_modified(desk: Desk, site_of: Start) -> None:
    def answer(request: Request) -> Reply:
        if request.header("if-none-match"):
            return Reply(status=304)
        return Reply(body=LIST, headers={"ETag": '"1"', **HTML})

    site = site_of({"/list": answer})
    first = desk.poll(listing(site))
    assert [item.title for item in first.items] == [
        "The first headline",
        "The second headline",
    ]
    assert first.state.etag == '"1"'
    pages = [one.url for one in first.records if "robots.txt" not in one.url]
    assert pages == [site.url("/list")]
    second = desk.poll(listing(site), first.state)
    assert second.reason is FetchReason.NOT_MODIFIED


def test_new_selectors_read_an_unchanged_list_anew(desk: Desk, site_of: Start) -> None:
    site = site_of({"/list": Reply(body=LIST, headers=HTML)})
    state = desk.poll(listing(site)).state
    assert desk.poll(listing(site), state).reason is FetchReason.UNCHANGED
    assert len(desk.poll(listing(site, max_items=1), state).items) == 1


def test_a_redesigned_list_is_an_error_with_its_reason(
    desk: Desk, site_of: Start
) -> None:
    site = site_of({"/list": Reply(body=b"<main>new look</main>", headers=HTML)})
    harvest = desk.poll(listing(site))
    assert harvest.reason is FetchReason.TOO_FEW_ITEMS
    assert harvest.state.failures == 1


def test_a_list_page_obeys_robots_whatever_the_source_says(
    desk: Desk, site_of: Start
) -> None:
    robots = Reply(body=b"User-agent: *\nDisallow: /list\n")
    site = site_of({"/robots.txt": robots, "/list": Reply(body=LIST, headers=HTML)})
    harvest = desk.poll(replace(listing(site), obey_robots=False))
    assert harvest.reason is FetchReason.ROBOTS_DISALLOW
    assert sent(site, "/list") == []


def test_redirects_of_a_page_into_the_private_network_are_refused(
    desk: Desk, site_of: Start
) -> None:
    """A06, A08: through Scrapy as through the Fetcher."""
    site = site_of({"/list": redirect("http://192.168.1.1/")})
    assert desk.poll(listing(site)).reason is FetchReason.ADDRESS_REFUSED


def sitemap(site: Server) -> Source:
    return Source(
        name="map",
        kind=Kind.SITEMAP,
        url=site.url("/map.xml"),
        article=ArticlePolicy.NEVER,
    )


def urls(*paths: str) -> bytes:
    places = "".join(
        f"<url><loc>{path}</loc><lastmod>2026-03-01T11:00:00Z</lastmod></url>"
        for path in paths
    )
    return f"<urlset>{places}</urlset>".encode()


def test_a_sitemap_index_is_followed_past_a_broken_file(
    desk: Desk, site_of: Start
) -> None:
    index = (
        b"<sitemapindex><sitemap><loc>/1.xml</loc></sitemap>"
        b"<sitemap><loc>/2.xml</loc></sitemap></sitemapindex>"
    )
    site = site_of(
        {
            "/map.xml": Reply(body=index, headers={"ETag": '"i"'}),
            "/1.xml": Reply(status=500),
            "/2.xml": Reply(body=urls("/x", "/y")),
        }
    )
    harvest = desk.poll(sitemap(site))
    assert harvest.reason is FetchReason.OK
    assert {item.url for item in harvest.items} == {site.url("/x"), site.url("/y")}
    assert {record.status for record in harvest.records} >= {200, 500}
    assert harvest.state.etag == '"i"', "the files are asked by themselves"
    again = desk.poll(sitemap(site), harvest.state)
    assert again.reason is FetchReason.UNCHANGED
    assert len(sent(site, "/1.xml")) == len(sent(site, "/2.xml")) == 2


def test_an_index_of_which_nothing_can_be_read_fails(
    desk: Desk, site_of: Start
) -> None:
    index = b"<sitemapindex><sitemap><loc>/1.xml</loc></sitemap></sitemapindex>"
    site = site_of({"/map.xml": Reply(body=index), "/1.xml": Reply(status=503)})
    assert desk.poll(sitemap(site)).reason is FetchReason.SERVER_ERROR


def test_many_pages_are_polled_side_by_side(desk: Desk, site_of: Start) -> None:
    """A25: slow hosts do not hold up the others."""
    routes = {"/list": Reply(body=LIST, headers=HTML, wait_s=0.4)}
    sources = [replace(listing(site_of(routes)), name=f"s{n}") for n in range(8)]

    async def together() -> tuple[float, list[Harvest]]:
        loop = asyncio.get_running_loop()
        start = loop.time()
        harvests = await asyncio.gather(
            *(
                desk.collector.collect(one, new_state(one, NOW), known=never)
                for one in sources
            )
        )
        return loop.time() - start, harvests

    seconds, harvests = desk.runner.run(together())
    assert all(harvest.ok for harvest in harvests)
    assert seconds < 8 * 0.4
