"""Items that want to pin, hide or multiply alerts (A30-A35)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from crawler.flood import FLOOD
from crawler.limits import AUTHOR, AUTHORS, ENTRIES, GUID, TEXT, TITLE
from crawler.reasons import DropReason, FetchReason, Freshness
from tests.crawler.desk import NOW, Desk, Start, entry, feed, never, rss
from tests.servers.http import Reply

ABSURD = (
    *("0000-00-00T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    *("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"),
    *("10000-01-01T00:00:00Z", "-2026-03-01T12:00:00Z", "1e400", "-1", "nan"),
    *("99999999999999999999", "2026-02-30T12:00:00Z", "2026-03-01T25:61:61Z"),
    *("2026-03-01T12:00:00+99:99", "2026-03-01T12:00:00-25:00", "１２/１３/１４"),
    *("2038-01-19T03:14:08Z", "1601-01-01T00:00:00Z", "yesterday " * 1000),
    "Sun, 01 Mar 2026 12:00:00 +2500",
    "Sun, 01 Mar 0000 12:00:00 GMT",
    "Sun, 31 Feb 2026 12:00:00 GMT",
    "Sun, 01 Mar 99999 12:00:00 GMT",
    "Thu, 32 Jan 2026 99:99:99 XXX",
)


def dated(link: str, date: str) -> str:
    return entry(link, published=None).replace(
        "</item>", f"<pubDate>{date}</pubDate></item>"
    )


@pytest.mark.parametrize("date", ABSURD, ids=range(len(ABSURD)))
def test_an_absurd_date_hides_no_item_and_pins_none(
    desk: Desk, site_of: Start, date: str
) -> None:
    """A34: what is kept lies between the web's first day and tomorrow, or is none."""
    site = site_of({"/feed": Reply(body=rss(dated("/a", date), entry("/b")))})
    harvest = desk.poll(feed(site))
    odd, good = harvest.items
    assert good.published == NOW
    assert odd.published is None or (
        datetime(1990, 1, 1, tzinfo=UTC) < odd.published <= NOW + timedelta(days=1)
    )
    assert odd.seen == NOW


def test_a_date_in_the_future_is_not_carried_into_the_future(
    desk: Desk, site_of: Start
) -> None:
    """A34: dated tomorrow at each poll, an item stays known and is fresh but once."""
    dates = (NOW + timedelta(hours=hours) for hours in (30, 54, 78))
    site = site_of({"/feed": lambda _: Reply(body=rss(entry(published=next(dates))))})
    first = desk.poll(feed(site))
    again = desk.poll(feed(site), first.state, known=frozenset)
    assert first.items[0].id == again.items[0].id
    assert first.items[0].published is None
    assert again.state.due is not None
    assert again.state.due <= NOW + timedelta(days=1)


def test_dates_of_every_item_in_the_future_do_not_suppress_the_next_ones(
    desk: Desk, site_of: Start
) -> None:
    """A34: the line of freshness is drawn by our clock, not by theirs."""
    later = NOW + timedelta(days=300)
    bodies = iter([rss(entry("/a", published=later)), rss(entry("/b"))])
    site = site_of({"/feed": lambda _: Reply(body=next(bodies))})
    first = desk.poll(feed(site))
    desk.watch.now = NOW + timedelta(minutes=30)
    (second,) = desk.poll(feed(site), first.state).items
    assert second.freshness is Freshness.FRESH


def test_a_guid_used_for_two_entries_hides_neither(desk: Desk, site_of: Start) -> None:
    """A35: an item is known by its link, by its guid only where there is none."""
    body = rss(
        entry("/a", guid="same", title="One"),
        entry("/b", guid="same", title="Two"),
        entry(None, guid="same", title="Three"),
        entry(None, guid="same", title="Four"),
    )
    harvest = desk.poll(feed(site_of({"/feed": Reply(body=body)})))
    assert [item.title for item in harvest.items] == ["One", "Two", "Three"]
    assert dict(harvest.dropped) == {DropReason.REPEATED: 1}


Bodies = Callable[[], bytes]


def churning(count: int) -> Bodies:
    """A feed whose every entry has a new guid and link each time it is read."""
    polls = itertools.count()

    def body() -> bytes:
        poll = next(polls)
        return rss(*(entry(f"/{poll}/{n}", guid=f"{poll}-{n}") for n in range(count)))

    return body


@pytest.mark.parametrize("count", [FLOOD + 1, 10_000])
def test_ids_that_all_change_are_a_flood_and_told_as_a_backlog(
    desk: Desk, site_of: Start, count: int
) -> None:
    """A35: the rest of the way, one message a topic, is catching up's."""
    body = churning(count)
    site = site_of({"/feed": lambda _: Reply(body=body())})
    state = desk.poll(feed(site)).state
    desk.watch.now = NOW + timedelta(minutes=30)
    harvest = desk.poll(feed(site), state, known=never)
    new = min(count, ENTRIES)
    assert harvest.reason is FetchReason.OK
    assert len(harvest.items) == new
    assert all(item.catching_up for item in harvest.items)
    assert harvest.detail == harvest.state.detail
    assert harvest.detail.startswith(f"flood: {new} new items")


def test_a_busy_poll_is_no_flood(desk: Desk, site_of: Start) -> None:
    body = churning(FLOOD)
    site = site_of({"/feed": lambda _: Reply(body=body())})
    state = desk.poll(feed(site)).state
    desk.watch.now = NOW + timedelta(minutes=30)
    harvest = desk.poll(feed(site), state, known=never)
    assert not any(item.catching_up for item in harvest.items)
    assert harvest.detail == ""


def test_no_field_of_an_item_is_larger_than_its_row_allows(
    desk: Desk, site_of: Start
) -> None:
    """A30, A32: each field at once as large as the document lets it be."""
    big = "слово " * 60_000
    body = rss(
        f"<item><title>{big}</title><guid>{'g' * 500_000}</guid><link>/a</link>"
        f"<author>{big}</author>{'<category>c</category>' * 10_000}"
        f"<pubDate>{'1' * 100_000}</pubDate><description>{big}</description></item>",
        f"<item><title>t</title><link>/{'l' * 500_000}</link></item>",
    )
    harvest = desk.poll(feed(site_of({"/feed": Reply(body=body)})))
    first, second = harvest.items
    assert (len(first.title), first.title[-1]) == (TITLE, "…")
    assert (len(first.text), first.text[-1]) == (TEXT, "…")
    assert len(first.guid or "") <= GUID
    assert len(first.authors) <= AUTHORS
    assert all(len(name) <= AUTHOR for name in first.authors)
    assert second.url is None
