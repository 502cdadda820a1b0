"""The pages behind the entries: which are fetched, and what never loses an item."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from crawler.items import ArticlePolicy, Source
from crawler.reasons import FetchReason, Freshness
from tests.crawler.desk import (
    HTML,
    NOW,
    PAGE,
    Desk,
    Start,
    always,
    entry,
    feed,
    rss,
    sent,
)
from tests.servers.http import Reply, Routes, Server, redirect

if TYPE_CHECKING:
    from collections.abc import Mapping

# Articles -------------------------------------------------------------------


def articled(site: Server, policy: ArticlePolicy = ArticlePolicy.AUTO) -> Source:
    return feed(site, article=policy)


def with_pages(body: bytes, pages: Mapping[str, Reply]) -> Routes:
    return {"/feed": Reply(body=body), **pages}


def test_a_teaser_gets_the_text_of_its_page(desk: Desk, site_of: Start) -> None:
    pages = {"/a": Reply(body=PAGE, headers=HTML)}
    site = site_of(with_pages(rss(entry(text="Teaser")), pages))
    item = desk.poll(articled(site)).items[0]
    assert "the bridge and the grain" in item.text
    assert item.title == "Talks in the harbour"
    assert item.published == NOW


def test_a_long_entry_costs_no_second_request(desk: Desk, site_of: Start) -> None:
    pages = {"/a": Reply(body=PAGE, headers=HTML)}
    site = site_of(with_pages(rss(entry(text="word " * 200)), pages))
    desk.poll(articled(site))
    assert sent(site, "/a") == []
    desk.poll(articled(site, ArticlePolicy.ALWAYS))
    assert len(sent(site, "/a")) == 1


@pytest.mark.parametrize("published", [NOW - timedelta(days=3), None])
def test_pages_of_old_and_undated_first_items_are_left_alone(
    desk: Desk, site_of: Start, published: datetime | None
) -> None:
    pages = {"/a": Reply(body=PAGE, headers=HTML)}
    site = site_of(with_pages(rss(entry(published=published)), pages))
    desk.poll(articled(site))
    assert sent(site, "/a") == []


def test_known_items_and_forbidden_policies_fetch_nothing(
    desk: Desk, site_of: Start
) -> None:
    """Checklist 23: an article is fetched at most once."""
    pages = {"/a": Reply(body=PAGE, headers=HTML)}
    site = site_of(with_pages(rss(entry()), pages))
    assert len(desk.poll(articled(site), known=always).items) == 1
    desk.poll(articled(site, ArticlePolicy.NEVER))
    assert sent(site, "/a") == []


@pytest.mark.parametrize(
    "page",
    [
        Reply(status=500),
        Reply(status=404),
        Reply(body=b"", headers=HTML),
        Reply(body=b"%PDF-1.7", headers={"Content-Type": "application/pdf"}),
        redirect("http://169.254.169.254/latest/meta-data"),
        redirect("file:///etc/hostname"),
    ],
)
def test_a_page_that_cannot_be_read_never_loses_the_item(
    desk: Desk, site_of: Start, page: Reply
) -> None:
    """A06, A10."""
    site = site_of(with_pages(rss(entry(text="Teaser")), {"/a": page}))
    harvest = desk.poll(articled(site))
    assert harvest.reason is FetchReason.OK
    assert harvest.items[0].text == "Teaser"


def test_an_article_inside_a_private_network_is_not_asked_for(
    desk: Desk, site_of: Start
) -> None:
    """A10: the entry's link points inside."""
    body = rss(entry("http://10.1.2.3/internal", text="Teaser"))
    site = site_of({"/feed": Reply(body=body)})
    harvest = desk.poll(articled(site))
    assert harvest.items[0].text == "Teaser"
    assert FetchReason.ADDRESS_REFUSED in {record.reason for record in harvest.records}


def test_robots_keep_us_from_the_page_but_not_from_the_item(
    desk: Desk, site_of: Start
) -> None:
    """Checklist 19."""
    pages = {
        "/robots.txt": Reply(body=b"User-agent: *\nDisallow: /a\n"),
        "/a": Reply(body=PAGE, headers=HTML),
    }
    site = site_of(with_pages(rss(entry(text="Teaser")), pages))
    assert desk.poll(articled(site)).items[0].text == "Teaser"
    assert sent(site, "/a") == []


def test_at_most_thirty_pages_are_fetched_in_one_poll(
    desk: Desk, site_of: Start
) -> None:
    body = rss(*(entry(f"/p{n}") for n in range(40)))
    pages = {f"/p{n}": Reply(body=PAGE, headers=HTML) for n in range(40)}
    site = site_of(with_pages(body, pages))
    harvest = desk.poll(articled(site))
    assert len(harvest.items) == 40
    assert sum(request.path.startswith("/p") for request in site.requests) == 30
    assert [bool(item.text) for item in harvest.items] == [True] * 30 + [False] * 10


def test_the_pages_date_dates_an_undated_item_and_may_show_it_old(
    desk: Desk, site_of: Start
) -> None:
    old = PAGE.replace(
        b"<body>",
        b"<head><meta property='article:published_time'"
        b" content='2025-11-05T08:00:00Z'></head><body>",
    )
    bodies = iter([rss(entry("/z")), rss(entry(published=None))])
    site = site_of(
        {
            "/feed": lambda _: Reply(body=next(bodies)),
            "/a": Reply(body=old, headers=HTML),
        }
    )
    state = desk.poll(feed(site)).state
    item = desk.poll(articled(site), state).items[0]
    assert item.published == datetime(2025, 11, 5, 8, tzinfo=UTC)
    assert item.freshness is Freshness.OLD
