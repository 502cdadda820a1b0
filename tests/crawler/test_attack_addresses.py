"""Addresses inside, in every spelling and by every way a stranger can name one.

A site on one allowed loopback address; beside it, on the same port, traps on the
addresses an attacker is after. No trap may ever be connected to.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.items import ArticlePolicy, Kind
from crawler.reasons import FetchReason
from crawler.target import BAD_PORTS
from tests.crawler.desk import entry, rss
from tests.crawler.stage import HOST, WAYS, Stage, Way, by_index, stage_set
from tests.servers.http import Reply, redirect

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
REFUSED = {FetchReason.ADDRESS_REFUSED, FetchReason.BAD_URL, FetchReason.BAD_REDIRECT}

IPV4 = """127.0.0.1 127.0.0.2 0.0.0.0 10.0.0.1 172.16.0.1 172.31.255.254 192.168.0.1
169.254.169.254 100.64.0.1 192.0.0.8 198.18.0.1 240.0.0.1 224.0.0.1 192.88.99.1
255.255.255.255"""
SPELLED = """127.1 127.0.1 0x7f000001 0x7f.1 2130706433 0 0177.0.0.1 017700000001
127。0。0。1 ①②⑦.0.0.1 127.0.0.1. localhost LOCALHOST localhost. 127.0.0.1%00
127.0.0.1%2f good@127.0.0.1 127.0.0.1\\@good.test"""
IPV6 = """::1 :: fe80::1 fc00::1 fd00::1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::127.0.0.1
0:0:0:0:0:ffff:127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 2002:7f00:1:: fec0::1 3fff::1
5f00::1 ff02::1 ::1%25lo"""
INSIDE = [*IPV4.split(), *SPELLED.split(), *(f"[{one}]" for one in IPV6.split())]


@pytest.fixture(scope="module")
def open_stage() -> Iterator[Stage]:
    with stage_set() as stage:
        yield stage


@pytest.fixture
def stage(open_stage: Stage) -> Iterator[Stage]:
    open_stage.pages.clear()
    open_stage.asked.clear()
    open_stage.site.requests.clear()
    yield open_stage
    assert open_stage.traps.connections == 0


@pytest.mark.parametrize("way", WAYS)
def test_no_way_leads_inside_in_any_spelling(stage: Stage, way: Way) -> None:
    """A01, A02, A03, A06, A08: 50 spellings by 8 ways, and nobody is dialled."""
    for host in INSIDE:
        harvest = way(stage, stage.inside(host))
        local = host.lower().startswith("localhost")
        expected = {FetchReason.NAME_NOT_FOUND} if local else REFUSED
        links_dropped = way is by_index and harvest.reason is FetchReason.OK
        assert links_dropped or harvest.reason in expected, (host, harvest.reason)
        assert harvest.items == ()


@pytest.mark.parametrize("way", WAYS)
def test_no_name_leads_inside(stage: Stage, way: Way) -> None:
    """A04: resolving to loopback, to a mapped address, or half public, half private."""
    for name in ("inside.test", "half.test", "mapped.test"):
        harvest = way(stage, stage.inside(name))
        assert harvest.reason is FetchReason.ADDRESS_REFUSED, name


def test_a_name_that_changes_its_mind_is_dialled_where_it_was_checked(
    stage: Stage,
) -> None:
    """A05: one lookup per connection; the second says loopback and is refused."""
    stage.pages["/feed"] = Reply(body=rss(entry("/a")))
    first = stage.feed(stage.inside("flip.test"), obey_robots=False)
    assert first.reason is FetchReason.OK
    again = stage.feed(stage.inside("flip.test"), obey_robots=False)
    assert again.reason is FetchReason.ADDRESS_REFUSED
    assert stage.asked == ["flip.test"] * 2
    assert len(stage.site.requests) == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/hostname",
        "ftp://127.0.0.1/x",
        "gopher://127.0.0.1/x",
        "data:text/html,<li><a href=/a>A</a></li>",
        "s3://bucket/key",
        "javascript:1",
    ],
)
def test_only_the_web_is_read(stage: Stage, way: Way, url: str) -> None:
    """A06, A08: Scrapy alone reads the first and the fourth."""
    harvest = way(stage, url)
    refused = REFUSED | {FetchReason.BAD_SCHEME}
    links_dropped = way is by_index and harvest.reason is FetchReason.OK
    assert links_dropped or harvest.reason in refused
    assert harvest.items == ()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_with_a_body_is_no_feed_and_not_followed_inside(
    stage: Stage, status: int
) -> None:
    """A06."""
    headers = {"Location": stage.inside("127.0.0.1")}
    body = rss(entry("/from-the-redirect"))
    stage.pages["/go"] = Reply(status=status, headers=headers, body=body)
    harvest = stage.feed(stage.site.url("/go"))
    assert harvest.reason is FetchReason.ADDRESS_REFUSED
    assert harvest.items == ()


def test_a_circle_of_redirects_ends(stage: Stage) -> None:
    """A06."""
    stage.pages |= {"/a": redirect("/b"), "/b": redirect("/a")}
    harvest = stage.feed(stage.site.url("/a"))
    assert harvest.reason is FetchReason.TOO_MANY_REDIRECTS
    paths = Counter(stage.site.paths())
    assert (paths["/a"], paths["/b"]) == (3, 3)


def test_a_robots_txt_does_not_lead_inside(stage: Stage) -> None:
    """A06: it is fetched by us too."""
    stage.pages["/feed"] = Reply(body=rss(entry("/a")))
    stage.pages["/robots.txt"] = redirect(stage.inside("127.0.0.1") + "/robots.txt")
    harvest = stage.feed(stage.inside("good.test"))
    assert harvest.reason is FetchReason.ADDRESS_REFUSED


def test_the_page_behind_an_entry_is_not_read_inside(stage: Stage) -> None:
    """A10: by its link, by its redirect, by its port."""
    stage.pages["/go"] = redirect(stage.inside("127.0.0.1"))
    urls = [stage.inside(host) for host in (*IPV4.split()[:8], "[::1]", "inside.test")]
    urls += [stage.site.url("/go"), f"http://{HOST}:6379/", f"http://{HOST}:22/"]
    items = (entry(url, title=f"Talks {n}") for n, url in enumerate(urls))
    stage.pages["/feed"] = Reply(body=rss(*items))
    harvest = stage.feed(stage.site.url("/feed"), article=ArticlePolicy.ALWAYS)
    assert harvest.reason is FetchReason.OK
    assert len(harvest.items) == len(urls)  # told with the feed's words
    assert {request.path for request in stage.site.requests} <= {
        *("/robots.txt", "/feed", "/go")
    }


def test_the_webs_bad_ports_are_ours() -> None:
    """A11: the WHATWG list, and a few databases' ports."""
    listed = """1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102
    103 104 109 110 111 113 115 117 119 123 135 137 139 143 161 179 389 427 465 512 513
    514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 995 1719 1720
    1723 2049 3659 4045 4190 5060 5061 6000 6379 6566 6665 6666 6667 6668 6669 6679 6697
    10080"""
    assert {int(port) for port in listed.split()} <= BAD_PORTS


@pytest.mark.parametrize("way", WAYS)
def test_a_bad_port_is_refused_by_every_way(stage: Stage, way: Way) -> None:
    """A11."""
    for port in (22, 25, 6379):
        reason = way(stage, f"http://{HOST}:{port}/feed").reason
        assert reason is FetchReason.BAD_PORT


def test_nothing_a_document_names_is_loaded(stage: Stage) -> None:
    """A12: style sheets, icons, refreshes, hubs, Link headers, external DTDs."""
    inside = stage.inside("127.0.0.1")
    head = (
        f'<?xml-stylesheet type="text/xsl" href="{inside}"?>'
        f'<!DOCTYPE rss SYSTEM "{inside}">'
    ).encode()
    extras = f"<image><url>{inside}</url></image><icon>{inside}</icon>"
    headers = {"Link": f"<{inside}>; rel=preload", "Refresh": f"0;url={inside}"}
    stage.pages["/feed"] = Reply(body=head + rss(extras, entry("/a")), headers=headers)
    page = f"""<html manifest="{inside}"><meta http-equiv=refresh content="0;{inside}">
    <link rel=stylesheet href="{inside}"><img src="{inside}"><iframe src="{inside}">
    </iframe><script src="{inside}"></script><li><a href="/a">A title here</a></li>"""
    stage.pages["/list"] = Reply(body=page.encode(), headers=headers)
    assert len(stage.feed(stage.site.url("/feed")).items) == 1
    assert len(stage.poll(Kind.LISTING, stage.site.url("/list")).items) == 1
    assert set(stage.site.paths()) <= {"/robots.txt", "/feed", "/list"}


def test_no_kind_of_source_takes_a_proxy_from_the_environment(stage: Stage) -> None:
    """A07: httpx and Scrapy both would; a whole process, as it starts."""
    stage.pages["/feed"] = Reply(body=rss(entry("/a")))
    stage.pages["/list"] = Reply(body=b"<li><a href=/a>A title here</a></li>")
    proxy = stage.traps.url("")
    names = ("http_proxy", "https_proxy", "all_proxy", "ftp_proxy")
    environment = dict.fromkeys([*names, *map(str.upper, names)], proxy)
    words = ("feed=" + stage.site.url("/feed"), "listing=" + stage.site.url("/list"))
    done = subprocess.run(
        [*(sys.executable, "tests/crawler/polling_child.py", HOST, "--"), *words],
        cwd=ROOT,
        env={**os.environ, **environment, "no_proxy": "", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.count('"ok"') == 2, done.stdout
