"""List pages and sitemaps, polled through the resident spiders."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from crawler.items import ArticlePolicy, Harvest, JsonRules, Kind, ListingRules, Source
from crawler.reasons import FetchReason, Freshness
from crawler.standing import new_state
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


def test_new_selectors_do_not_ask_whether_the_page_is_the_same(
    desk: Desk, site_of: Start
) -> None:
    def answer(request: Request) -> Reply:
        if request.header("if-none-match"):
            return Reply(status=304)
        return Reply(body=LIST, headers={"ETag": '"1"', **HTML})

    site = site_of({"/list": answer})
    state = desk.poll(listing(site)).state
    assert len(desk.poll(listing(site, max_items=1), state).items) == 1
    assert desk.poll(listing(site), state).reason is FetchReason.NOT_MODIFIED


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


def page_of(number: int, *, more: bool = True) -> Reply:
    onward = f"<a rel=next href='/list?p={number + 1}'>More</a>" if more else ""
    body = f"<ul><li><a href='/{number}'>Headline {number}</a></ul>{onward}"
    return Reply(body=body.encode(), headers=HTML)


def paged(request: Request) -> Reply:
    """Pages without end, as of an archive."""
    return page_of(int(request.target.partition("p=")[2] or 1))


def pages_read(harvest: Harvest, site: Server) -> list[str]:
    urls = [one.url.removeprefix(site.url("/")) for one in harvest.records]
    return [url for url in urls if "robots.txt" not in url]


NEXT = "a[rel~=next]"


def test_a_list_is_followed_as_far_as_asked(desk: Desk, site_of: Start) -> None:
    site = site_of({"/list": paged})
    harvest = desk.poll(listing(site, next=NEXT, max_pages=3))
    assert [item.title for item in harvest.items] == [
        f"Headline {n}" for n in (1, 2, 3)
    ]
    assert pages_read(harvest, site) == ["list", "list?p=2", "list?p=3"]
    few = desk.poll(listing(site, next=NEXT, max_pages=3, max_items=2))
    assert pages_read(few, site) == ["list", "list?p=2"]


def test_a_further_page_that_fails_costs_only_itself(
    desk: Desk, site_of: Start
) -> None:
    def answer(request: Request) -> Reply:
        return paged(request) if "p=3" not in request.target else Reply(status=500)

    site = site_of({"/list": answer})
    harvest = desk.poll(listing(site, next=NEXT, max_pages=5))
    assert harvest.reason is FetchReason.OK
    assert len(harvest.items) == 2
    assert [record.status for record in harvest.records][-1] == 500


def test_a_list_that_leads_back_to_itself_ends(desk: Desk, site_of: Start) -> None:
    circle = Reply(
        body=b"<ul><li><a href='/1'>One</a></ul><a rel=next href='/list'>More</a>",
        headers=HTML,
    )
    site = site_of({"/list": circle})
    assert desk.poll(listing(site, next=NEXT, max_pages=9)).ok
    assert len(sent(site, "/list")) == 1


def test_pages_that_hold_too_little_together_are_an_error(
    desk: Desk, site_of: Start
) -> None:
    def answer(request: Request) -> Reply:
        last = "p=2" in request.target
        return page_of(2 if last else 1, more=not last)

    site = site_of({"/list": answer})
    source = listing(site, next=NEXT, max_pages=3, min_items=3)
    harvest = desk.poll(replace(source, min_items=3))
    assert harvest.reason is FetchReason.TOO_FEW_ITEMS
    assert "2 entries of at least 3" in harvest.detail


def test_the_first_run_of_a_list_is_its_baseline(desk: Desk, site_of: Start) -> None:
    """Undated links of a first poll open no alert; fresh dates and later ones do."""
    links = ["<li><a href='/a'>Undated and there</a></li>"]
    links.append("<li><a href='/b'>Dated</a><time>2026-03-01 11:00</time></li>")
    links.append("<li><a href='/c'>Long past</a><time>2025-03-01</time></li>")
    site = site_of(
        {"/list": lambda _: Reply(body="".join(links).encode(), headers=HTML)}
    )
    source = replace(listing(site, date="time"), article=ArticlePolicy.NEVER)
    first = desk.poll(source)
    assert [item.freshness for item in first.items] == [
        Freshness.UNDATED_FIRST_POLL,
        Freshness.FRESH,
        Freshness.OLD,
    ]
    links.append("<li><a href='/d'>Undated and new</a></li>")
    assert desk.poll(source, first.state).items[-1].freshness is Freshness.FRESH


def test_other_rules_make_a_new_baseline(desk: Desk, site_of: Start) -> None:
    """Two more pages bring a hundred old links, none of them news."""
    site = site_of({"/list": paged})
    source = replace(listing(site), article=ArticlePolicy.NEVER)
    first = desk.poll(source)
    longer = replace(listing(site, next=NEXT, max_pages=3), article=ArticlePolicy.NEVER)
    second = desk.poll(longer, first.state)
    assert len(second.items) == 3
    assert {item.freshness for item in second.items} == {Freshness.UNDATED_FIRST_POLL}
    assert second.state.first_succeeded == first.state.first_succeeded
    anew = replace(second.state, body_hash=(second.state.body_hash or "")[:-1] + "x")
    assert desk.poll(longer, anew).items[0].freshness is Freshness.FRESH


# JSON --------------------------------------------------------------------------


def test_json_is_polled_like_a_list(desk: Desk, site_of: Start) -> None:
    answer = Reply(
        body=b'{"data": [{"title": "A report", "url": "/one"}]}',
        headers={"Content-Type": "application/json", "ETag": '"1"'},
    )
    site = site_of({"/api": answer})
    source = Source(
        name="api",
        kind=Kind.JSON,
        url=site.url("/api"),
        json=JsonRules(items="data"),
        min_items=1,
        article=ArticlePolicy.NEVER,
    )
    harvest = desk.poll(source)
    assert [item.url for item in harvest.items] == [site.url("/one")]
    assert harvest.state.etag == '"1"'
    (request,) = sent(site, "/api")
    assert (request.header("accept") or "").startswith("application/json")
    elsewhere = replace(source, json=JsonRules(items="rows"))
    assert desk.poll(elsewhere).reason is FetchReason.TOO_FEW_ITEMS


# Sitemaps ----------------------------------------------------------------------


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
