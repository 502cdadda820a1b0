"""robots.txt: what it allows, how long it is believed."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

import crawler.robots
from crawler.errors import FetchError
from crawler.reasons import FetchReason
from crawler.robots import RobotsCache, Rules

START = datetime(2024, 10, 28, 9, 0, tzinfo=UTC)


class Host:
    """A host's robots.txt, which counts how often it is read."""

    def __init__(self, body: bytes | FetchError | None) -> None:
        self.body = body
        self.reads = 0
        self.now = START
        self.cache = RobotsCache(clock=lambda: self.now)

    async def read(self) -> bytes | None:
        self.reads += 1
        await asyncio.sleep(0)
        if isinstance(self.body, FetchError):
            raise self.body
        return self.body

    def ask(self) -> Rules:
        return asyncio.run(self.cache.rules("https://x.test", self.read))

    def allows(self, path: str) -> bool:
        return self.ask().allows(f"https://x.test{path}")


def down() -> FetchError:
    return FetchError(FetchReason.TIMEOUT, "no answer")


def test_our_own_group_goes_before_the_general_one() -> None:
    host = Host(b"User-agent: *\nDisallow: /\n\nUser-agent: Vedette\nDisallow: /no\n")
    assert host.allows("/yes")
    assert not host.allows("/no/way")


@pytest.mark.parametrize(
    ("rule", "path", "allowed"),
    [
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("Disallow: /a\nAllow: /a/b", "/a/c", False),
        ("Disallow: /*.pdf$", "/x.pdf", False),
        ("Disallow: /*.pdf$", "/x.pdf?y", True),
        ("Disallow: /*/print", "/a/b/print", False),
        ("Disallow:", "/anything", True),
        ("Disallow: /뉴스", "/%EB%89%B4%EC%8A%A4/1", False),
        ("<html>not found</html>", "/", True),
    ],
)
def test_rules_follow_rfc_9309(rule: str, path: str, *, allowed: bool) -> None:
    assert Host(f"User-agent: *\n{rule}\n".encode()).allows(path) is allowed


def test_no_robots_means_everything() -> None:
    assert Host(None).allows("/any")
    assert Host(b"").allows("/any")


def test_a_byte_order_mark_and_bad_bytes_change_nothing() -> None:
    host = Host(b"\xef\xbb\xbfUser-agent: *\nDisallow: /no\n# \xff\xfe\n")
    assert not host.allows("/no")
    assert host.allows("/yes")


def test_the_crawl_delay_is_told_and_capped_at_a_minute() -> None:
    assert Host(b"User-agent: *\nCrawl-delay: 7\n").ask().delay_s == 7.0
    assert Host(b"User-agent: *\nCrawl-delay: 86400\n").ask().delay_s == 60.0
    assert Host(b"User-agent: *\nCrawl-delay: inf\n").ask().delay_s == 0.0
    assert Host(None).ask().delay_s == 0.0


def test_it_is_read_once_in_half_a_day() -> None:
    host = Host(b"User-agent: *\nDisallow: /a\n")
    for hours in (0, 1, 11.9):
        host.now = START + timedelta(hours=hours)
        host.ask()
    assert host.reads == 1
    host.body = b"User-agent: *\nDisallow: /b\n"
    host.now = START + timedelta(hours=12.1)
    assert host.allows("/a")
    assert not host.allows("/b")
    assert host.reads == 2


def test_many_questions_at_once_cost_one_request() -> None:
    host = Host(b"")

    async def crowd() -> None:
        await asyncio.gather(
            *(host.cache.rules("https://x.test", host.read) for _ in range(20))
        )

    asyncio.run(crowd())
    assert host.reads == 1


def test_an_unreachable_robots_closes_the_host_with_its_own_reason() -> None:
    host = Host(down())
    with pytest.raises(FetchError) as caught:
        host.ask()
    assert caught.value.reason is FetchReason.TIMEOUT


def test_a_failure_is_remembered_for_five_minutes_and_no_longer() -> None:
    host = Host(down())
    for minutes in (0, 1, 4.9):
        host.now = START + timedelta(minutes=minutes)
        with pytest.raises(FetchError):
            host.ask()
    assert host.reads == 1
    host.body = b""
    host.now = START + timedelta(minutes=5.1)
    assert host.allows("/")
    assert host.reads == 2


def test_a_good_copy_serves_for_a_day_while_the_host_is_down() -> None:
    host = Host(b"User-agent: *\nDisallow: /no\n")
    host.ask()
    host.body = down()
    for hours in (12.5, 23.9):
        host.now = START + timedelta(hours=hours)
        assert host.allows("/yes")
        assert not host.allows("/no")
    assert host.reads == 3
    host.now = START + timedelta(hours=24.1)
    with pytest.raises(FetchError):
        host.ask()


def test_a_clock_set_back_asks_anew() -> None:
    """A82."""
    host = Host(b"")
    host.ask()
    host.now = START - timedelta(hours=1)
    host.ask()
    assert host.reads == 2


def test_wildcards_against_a_hostile_address_take_no_time() -> None:
    """A36, for the patterns of a stranger's robots.txt."""
    host = Host(b"User-agent: *\nDisallow: /" + b"*a" * 30 + b"*z\n")
    begun = time.perf_counter()
    assert host.allows("/" + "a" * 8000)
    assert time.perf_counter() - begun < 2


def test_the_cache_forgets_hosts_beyond_its_bounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """I19."""
    monkeypatch.setattr(crawler.robots, "_MAX_HOSTS", 400)
    cache = RobotsCache(clock=lambda: START)
    reads = 0

    async def read() -> bytes | None:
        nonlocal reads
        reads += 1
        return f"User-agent: *\nDisallow: /{reads}\n".encode()

    async def crowd() -> None:
        for n in range(500):
            await cache.rules(f"https://{n}.test", read)

    asyncio.run(crowd())
    assert len(cache) <= 401
    assert reads == 500
