"""One poll of one source, against a real server, a real Fetcher and real workers."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from crawler.arrivals import unpack
from crawler.items import ArticlePolicy, Kind, Source
from crawler.reasons import DropReason, FetchReason, Freshness
from crawler.secrets import Secret
from crawler.standing import new_state
from crawler.urls import canonical_url
from tests.crawler.desk import (
    HOUR,
    HTML,
    NOW,
    PAGE,
    Desk,
    Start,
    entry,
    feed,
    never,
    rss,
    sent,
)
from tests.servers.http import Reply, Request, redirect

# Items ----------------------------------------------------------------------


def test_entries_become_items_in_the_feeds_order(desk: Desk, site_of: Start) -> None:
    site = site_of(
        {"/feed": Reply(body=rss(entry("/b?utm_source=x", text="Long story"), entry()))}
    )
    harvest = desk.poll(feed(site, language="en"))
    assert harvest.reason is FetchReason.OK
    first, second = harvest.items
    assert first.url == site.url("/b?utm_source=x")
    assert first.canonical_url == canonical_url(site.url("/b"))
    assert first.text == "Long story"
    assert first.published == NOW
    assert first.seen == NOW
    assert first.language == "en"
    assert second.url == site.url("/a")


def test_ids_depend_on_the_source_and_the_canonical_link_alone(
    desk: Desk, site_of: Start
) -> None:
    """A35: a guid that changes at each poll makes no new item."""
    bodies = iter(
        [rss(entry(guid="1", title="One")), rss(entry("/a?utm_medium=x", guid="2"))]
    )
    site = site_of({"/feed": lambda _: Reply(body=next(bodies))})
    first = desk.poll(feed(site)).items[0]
    second = desk.poll(feed(site)).items[0]
    assert first.id == second.id


def test_repeated_and_empty_entries_are_dropped_and_counted(
    desk: Desk, site_of: Start
) -> None:
    body = rss(entry(), entry("/a#top", title="Again"), entry(None, title=None))
    site = site_of({"/feed": Reply(body=body)})
    harvest = desk.poll(feed(site))
    assert len(harvest.items) == 1
    dropped = dict(harvest.dropped)
    assert dropped[DropReason.REPEATED] == 1
    assert sum(dropped.values()) + len(harvest.items) == harvest.state.yielded


def test_an_entry_without_link_is_known_by_its_guid(desk: Desk, site_of: Start) -> None:
    site = site_of({"/feed": Reply(body=rss(entry(None, guid="tag:1", title="One")))})
    item = desk.poll(feed(site)).items[0]
    assert item.url is None
    assert item.guid == "tag:1"


def test_an_implausible_date_counts_as_none(desk: Desk, site_of: Start) -> None:
    """A34: a date of next year cannot pin an item."""
    body = rss(entry(published=NOW + timedelta(days=400)))
    site = site_of({"/feed": Reply(body=body)})
    item = desk.poll(feed(site)).items[0]
    assert item.published is None
    assert item.freshness is Freshness.UNDATED_FIRST_POLL


def test_old_news_of_a_new_source_is_marked_old(desk: Desk, site_of: Start) -> None:
    body = rss(entry("/new"), entry("/old", published=NOW - timedelta(days=3)))
    site = site_of({"/feed": Reply(body=body)})
    harvest = desk.poll(feed(site))
    assert [i.freshness for i in harvest.items] == [Freshness.FRESH, Freshness.OLD]
    assert all(item.catching_up for item in harvest.items)


def test_a_second_poll_in_time_is_not_catching_up(desk: Desk, site_of: Start) -> None:
    bodies = iter([rss(entry()), rss(entry("/b")), rss(entry("/c"))])
    site = site_of({"/feed": lambda _: Reply(body=next(bodies))})
    state = desk.poll(feed(site)).state
    desk.watch.now += timedelta(minutes=16)
    second = desk.poll(feed(site), state)
    assert not second.items[0].catching_up
    desk.watch.now += timedelta(days=2)
    assert desk.poll(feed(site), second.state).items[0].catching_up


# State ----------------------------------------------------------------------


def test_validators_are_sent_back_byte_for_byte(desk: Desk, site_of: Start) -> None:
    """A83, checklist 1: quotes, W/ and odd dates come back as they came."""
    marks = {"ETag": 'W/"a-1"', "Last-Modified": "Sunday, 01-Mar-26 10:00:00 GMT"}

    def answer(request: Request) -> Reply:
        if request.header("if-none-match"):
            return Reply(status=304)
        return Reply(body=rss(entry()), headers=marks)

    site = site_of({"/feed": answer})
    first = desk.poll(feed(site))
    second = desk.poll(feed(site), first.state)
    asked = sent(site, "/feed")[1]
    assert asked.header("if-none-match") == marks["ETag"]
    assert asked.header("if-modified-since") == marks["Last-Modified"]
    assert second.reason is FetchReason.NOT_MODIFIED
    assert second.ok
    assert second.items == ()
    assert second.state.etag == marks["ETag"]
    assert second.state.yielded == 1


def test_a_validator_no_longer_sent_is_forgotten(desk: Desk, site_of: Start) -> None:
    """Checklist 2: both are replaced at each 200, never latched."""
    replies = iter(
        [
            Reply(body=rss(entry()), headers={"ETag": '"1"', "Last-Modified": "x"}),
            Reply(body=rss(entry("/b")), headers={"ETag": '"2"'}),
        ]
    )
    site = site_of({"/feed": lambda _: next(replies)})
    state = desk.poll(feed(site)).state
    state = desk.poll(feed(site), state).state
    assert (state.etag, state.last_modified) == ('"2"', None)


def test_validators_of_a_page_that_is_no_feed_are_not_kept(
    desk: Desk, site_of: Start
) -> None:
    """Checklist 2 and 14: a login page does not overwrite what the feed said."""
    replies = iter(
        [
            Reply(body=rss(entry()), headers={"ETag": '"feed"'}),
            Reply(
                body=b"<html><body>Sign in</body></html>",
                headers={"ETag": '"login"', **HTML},
            ),
        ]
    )
    site = site_of({"/feed": lambda _: next(replies)})
    good = desk.poll(feed(site)).state
    bad = desk.poll(feed(site), good)
    assert bad.reason is FetchReason.NOT_A_FEED
    assert not bad.ok
    assert bad.state.etag == '"feed"'
    assert bad.state.body_hash == good.body_hash
    assert bad.state.succeeded == good.succeeded
    assert bad.state.state == "failing"
    assert len(bad.records) == 1


def test_the_same_body_is_not_parsed_again(desk: Desk, site_of: Start) -> None:
    """I8: unchanged content yields nothing new."""
    site = site_of({"/feed": Reply(body=rss(entry()))})
    state = desk.poll(feed(site)).state
    again = desk.poll(feed(site), state)
    assert again.reason is FetchReason.UNCHANGED
    assert again.items == ()


def test_another_url_forgets_validators_and_is_adopted_anew(
    desk: Desk, site_of: Start
) -> None:
    """Checklist 4."""
    site = site_of(
        {
            "/feed": Reply(body=rss(entry()), headers={"ETag": '"1"'}),
            "/other": Reply(body=rss(entry(published=None))),
        }
    )
    state = desk.poll(feed(site)).state
    desk.watch.now += timedelta(days=5)
    moved = desk.poll(feed(site, url=site.url("/other")), state)
    assert sent(site, "/other")[0].header("if-none-match") is None
    assert moved.state.url == site.url("/other")
    assert moved.state.adopted == desk.watch.now
    assert moved.items[0].freshness is Freshness.UNDATED_FIRST_POLL


def test_failures_are_counted_and_a_success_clears_them(
    desk: Desk, site_of: Start
) -> None:
    replies = iter([Reply(status=500), Reply(status=500), Reply(body=rss(entry()))])
    site = site_of({"/feed": lambda _: next(replies)})
    first = desk.poll(feed(site))
    second = desk.poll(feed(site), first.state)
    assert (first.reason, second.state.failures) == (FetchReason.SERVER_ERROR, 2)
    assert second.state.state == "failing"
    assert second.state.first_succeeded is None
    third = desk.poll(feed(site), second.state)
    assert (third.state.failures, third.state.state) == (0, "ok")
    assert third.state.first_succeeded == NOW


def test_410_ends_the_polling(desk: Desk, site_of: Start) -> None:
    """Checklist 13."""
    site = site_of({"/feed": Reply(status=410)})
    harvest = desk.poll(feed(site))
    assert harvest.state.state == "gone"
    assert harvest.state.due is not None
    assert harvest.state.due - NOW > timedelta(days=25)


def test_retry_after_holds_the_source_back(desk: Desk, site_of: Start) -> None:
    """I10."""
    site = site_of({"/feed": Reply(status=429, headers={"Retry-After": "7200"})})
    harvest = desk.poll(feed(site))
    assert harvest.reason is FetchReason.RATE_LIMITED
    assert harvest.state.not_before is not None
    assert harvest.state.not_before >= NOW + 2 * HOUR
    assert harvest.state.due is not None
    assert harvest.state.due >= NOW + 2 * HOUR
    again = desk.poll(feed(site), harvest.state)
    assert again.reason is FetchReason.HOST_BLOCKED
    assert again.state.failures == harvest.state.failures
    assert len(sent(site, "/feed")) == 1


def test_a_permanent_move_is_followed_and_told(desk: Desk, site_of: Start) -> None:
    site = site_of({"/feed": redirect("/new", 301), "/new": Reply(body=rss(entry()))})
    harvest = desk.poll(feed(site))
    assert harvest.ok
    assert site.url("/new") in harvest.state.detail
    assert harvest.state.url == site.url("/feed")


def test_too_few_entries_are_an_error(desk: Desk, site_of: Start) -> None:
    site = site_of({"/feed": Reply(body=rss())})
    assert desk.poll(feed(site)).ok
    harvest = desk.poll(feed(site, min_items=1))
    assert harvest.reason is FetchReason.TOO_FEW_ITEMS


def test_a_dead_host_is_a_reason_not_an_exception(desk: Desk) -> None:
    source = Source(name="dead", kind=Kind.FEED, url="http://127.9.9.9:9999/feed")
    harvest = desk.poll(source)
    assert harvest.reason is FetchReason.CONNECT_FAILED
    assert harvest.state.due is not None


def test_our_own_mistake_is_a_reason_too(desk: Desk, site_of: Start) -> None:
    site = site_of({"/feed": Reply(body=rss(entry()))})

    def broken(_ids: object) -> frozenset[str]:
        raise ZeroDivisionError

    harvest = desk.poll(feed(site), known=broken)
    assert harvest.reason is FetchReason.INTERNAL
    assert harvest.detail == "ZeroDivisionError"
    assert harvest.state.due is not None


def test_cancelling_passes_through(desk: Desk, site_of: Start) -> None:
    site = site_of({"/feed": Reply(body=rss(entry()), wait_s=3.0)})
    source = feed(site)

    async def cancelled() -> bool:
        poll = asyncio.create_task(
            desk.collector.collect(source, new_state(source, NOW), known=never)
        )
        await asyncio.sleep(0.1)
        poll.cancel()
        with pytest.raises(asyncio.CancelledError):
            await poll
        return poll.cancelled()

    assert desk.runner.run(cancelled())


# Secrets --------------------------------------------------------------------


def test_configured_headers_are_sent_and_a_missing_secret_is_told(
    desk: Desk, site_of: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = site_of({"/feed": Reply(body=rss(entry()))})
    source = feed(site, headers={"Cookie": Secret(env="VEDETTE_TEST_COOKIE")})
    monkeypatch.delenv("VEDETTE_TEST_COOKIE", raising=False)
    missing = desk.poll(source)
    assert missing.reason is FetchReason.SECRET_MISSING
    assert "VEDETTE_TEST_COOKIE" in missing.detail
    assert site.requests == []
    monkeypatch.setenv("VEDETTE_TEST_COOKIE", "session=canary")
    good = desk.poll(source, missing.state)
    assert good.ok
    assert sent(site, "/feed")[0].header("cookie") == "session=canary"
    assert "canary" not in repr(good)


def test_headers_go_to_articles_of_the_own_host_only(
    desk: Desk, site_of: Start
) -> None:
    """A66: a subscription cookie never leaves its host."""
    other = site_of({"/page": Reply(body=PAGE, headers=HTML)})
    body = rss(entry("/page"), entry(other.url("/page")))
    site = site_of({"/feed": Reply(body=body), "/page": Reply(body=PAGE, headers=HTML)})
    source = feed(
        site, article=ArticlePolicy.AUTO, headers={"Authorization": "Bearer x"}
    )
    desk.poll(source)
    assert sent(site, "/page")[0].header("authorization") == "Bearer x"
    assert sent(other, "/page")[0].header("authorization") is None


# Arrivals --------------------------------------------------------------------


def test_each_poll_that_brings_something_new_leaves_an_arrival(
    desk: Desk, site_of: Start
) -> None:
    later = NOW + HOUR / 2
    news = rss(entry("/b", published=later), entry())
    bodies = iter([rss(entry()), rss(entry()), news])
    site = site_of({"/feed": lambda _: Reply(body=next(bodies))})
    source = feed(site)
    first = desk.poll(source)
    known = frozenset(item.id for item in first.items)
    desk.watch.now = NOW + HOUR / 4
    same = desk.poll(source, first.state, known=known.intersection)
    assert same.reason is FetchReason.UNCHANGED
    desk.watch.now = NOW + HOUR
    last = desk.poll(source, same.state, known=known.intersection)
    adopted, arrival = unpack(last.state.arrivals)
    assert adopted.at == NOW
    assert (arrival.at, arrival.new, arrival.entries) == (later, 1, 2)
    assert not arrival.rolled
