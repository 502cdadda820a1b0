"""The politeness checklist, points 20 to 24: bounds, certificates, the log."""

from __future__ import annotations

import asyncio
import inspect
import ssl
import time
from datetime import timedelta

import pytest
import trustme

from crawler.errors import FetchError
from crawler.fetcher import Fetcher, FetchRequest, FetchResponse, Purpose
from crawler.items import ArticlePolicy, FetchRecord, Kind
from crawler.reasons import DropReason, FetchReason
from crawler.request import CAPS
from crawler.score import score
from crawler.standing import new_state
from tests.crawler.desk import HTML, NOW, Desk, Start, entry, never, rss, sent
from tests.crawler.desk import PAGE as ARTICLE
from tests.crawler.manners import KINDS, PAGE, Answers, page_of, polls, source_of
from tests.servers.http import STALL, Answer, Raw, Reply, drip, endless, redirect, serve

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"
MIB = 2**20


def fetch(
    url: str, purpose: Purpose = Purpose.FEED, *, verify: bool = True, **limits: object
) -> FetchResponse | FetchError:
    async def run() -> FetchResponse | FetchError:
        settings = {"allow": ("127.0.0.0/8",), "min_gap_s": 0.0, **limits}
        fetcher = Fetcher(user_agent="vedette/test", **settings)  # type: ignore[arg-type]
        wanted = FetchRequest(
            source="s",
            url=url,
            purpose=purpose,
            obey_robots=False,
            verify_tls=verify,
        )
        try:
            return await fetcher.fetch(wanted)
        except FetchError as error:
            return error
        finally:
            await fetcher.aclose()

    return asyncio.run(run())


def reason(outcome: FetchResponse | FetchError) -> FetchReason:
    assert isinstance(outcome, FetchError), outcome
    return outcome.reason


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize(
    "answer",
    [Raw([HEAD, STALL]), Raw([STALL]), drip(b"x" * 100, 0.05, head=HEAD)],
    ids=["half", "mute", "drip"],
)
def test_point_20_one_deadline_bounds_everything(
    purpose: Purpose, answer: Answer
) -> None:
    with serve(lambda _: answer) as site:
        began = time.monotonic()
        outcome = fetch(site.url("/"), purpose, deadline_s=0.4)
        assert reason(outcome) is FetchReason.TIMEOUT
        assert time.monotonic() - began < 2
    assert inspect.signature(Fetcher).parameters["deadline_s"].default == 30


def test_point_20_every_purpose_has_its_cap() -> None:
    assert CAPS[Purpose.FEED] == 5 * MIB
    assert CAPS[Purpose.PAGE] == CAPS[Purpose.ARTICLE] == 10 * MIB
    assert CAPS[Purpose.SITEMAP] == 50 * MIB
    flood = [f"X-{n}: {'x' * 8000}".encode() for n in range(10)]
    head = b"\r\n".join([b"HTTP/1.1 200 OK", *flood, b"", b"x"])
    with serve({"/": endless(b"x" * MIB), "/head": Raw([head])}) as site:
        assert reason(fetch(site.url("/"))) is FetchReason.TOO_LARGE
        assert reason(fetch(site.url("/head"))) is FetchReason.PROTOCOL_ERROR


@pytest.mark.parametrize(
    "inside",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://[::1]/",
        "http://[fd00::1]/",
        "http://[::ffff:10.0.0.1]/",
    ],
)
def test_point_21_every_hop_is_kept_from_private_addresses(inside: str) -> None:
    with serve({"/": redirect("/then"), "/then": redirect(inside)}) as site:
        assert reason(fetch(site.url("/"))) is FetchReason.ADDRESS_REFUSED
        assert site.paths() == ["/", "/then"]
    with serve({"/": Reply(body=b"x")}) as site:
        refused = fetch(site.url("/"), allow=())
        assert reason(refused) in {FetchReason.ADDRESS_REFUSED, FetchReason.BAD_PORT}
        assert site.connections == 0


def test_point_22_certificates_are_verified_but_for_the_one_site_excused() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1", "127.0.0.2").configure_cert(context)
    good = Reply(body=b"x")
    with (
        serve({"/": good}, host="127.0.0.2", tls=context) as other,
        serve({"/": good, "/on": redirect(other.url("/"))}, tls=context) as site,
    ):
        assert reason(fetch(site.url("/"))) is FetchReason.TLS_FAILED
        assert isinstance(fetch(site.url("/"), verify=False), FetchResponse)
        onward = fetch(site.url("/on"), verify=False)
        assert reason(onward) is FetchReason.TLS_FAILED, "excused is one site alone"


def test_point_23_an_article_is_asked_for_once_whoever_names_it(
    desk: Desk, site_of: Start
) -> None:
    article = Reply(body=ARTICLE, headers=HTML, wait_s=0.1)
    site = site_of({"/story": article})
    page = page_of(Kind.FEED, site.url("/story?utm_source=rss"))
    feeds = [
        source_of(
            Kind.FEED, site_of({PAGE: page}), name=name, article=ArticlePolicy.ALWAYS
        )
        for name in ("one", "two", "three")
    ]

    async def together() -> list[str]:
        collect = desk.collector.collect
        states = [new_state(feed, desk.watch.now) for feed in feeds]
        done = await asyncio.gather(
            *(collect(f, s, known=never) for f, s in zip(feeds, states, strict=True))
        )
        return [one.items[0].text for one in done]

    texts = desk.runner.run(together())
    assert len(sent(site, "/story")) == 1
    assert len(set(texts)) == 1
    assert len(texts[0]) > 500, "and all of them have its text"


def test_point_23_a_foreign_scheme_is_never_followed(
    desk: Desk, site_of: Start
) -> None:
    links = ("file:///etc/passwd", "javascript:alert(1)", "ftp://site.test/a")
    body = rss(*(entry(link, guid=link) for link in links))
    site = site_of({PAGE: Reply(body=body)})
    harvest = desk.poll(source_of(Kind.FEED, site, article=ArticlePolicy.ALWAYS))
    assert [item.url for item in harvest.items] == [None] * len(harvest.items)
    assert len(harvest.items) + dict(harvest.dropped).get(DropReason.BAD_LINK, 0) == 3
    assert {request.path for request in site.requests} == {"/robots.txt", PAGE}


def rows(records: tuple[FetchRecord, ...]) -> list[tuple[str, int | None]]:
    return sorted(("/" + one.url.split("/", 3)[3], one.status) for one in records)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "answer",
    [
        Reply(body=b"<main>A new look</main>", headers=HTML),
        Reply(status=500),
        redirect("/nowhere"),
        Reply(body=b"\x00\x01"),
        Raw([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<rss"]),
    ],
    ids=["new look", "500", "redirect", "junk", "cut off"],
)
def test_point_24_every_request_leaves_a_row_also_one_that_brought_nothing(
    desk: Desk, site_of: Start, kind: Kind, answer: Answer
) -> None:
    site = site_of({PAGE: answer})
    harvest = desk.poll(source_of(kind, site))
    assert not harvest.ok
    assert [path for path, _ in rows(harvest.records)] == sorted(site.paths())
    assert {one.source for one in harvest.records} == {f"the-{kind.value}"}


def test_point_24_articles_leave_rows_too_also_those_cut_short(
    desk: Desk, site_of: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.collector._articles, "_budget_s", 0.3)
    site = site_of({PAGE: page_of(Kind.FEED, "/slow"), "/slow": Raw([HEAD, STALL])})
    harvest = desk.poll(source_of(Kind.FEED, site, article=ArticlePolicy.ALWAYS))
    assert harvest.ok
    assert [path for path, _ in rows(harvest.records)] == sorted(site.paths())


def test_point_24_the_score_says_what_an_operator_would_see(
    desk: Desk, site_of: Start
) -> None:
    answers = [
        page_of(Kind.FEED, headers={"ETag": '"1"'}),
        Reply(status=304),
        page_of(Kind.FEED, "/b", headers={"ETag": '"2"'}),
        Reply(status=304),
    ]
    site = site_of({PAGE: Answers(answers)})
    source = source_of(Kind.FEED, site, headers={"Cookie": "a=b"})
    done = polls(desk, source, 5)
    found = score(row for one in done for row in one.records)
    assert found is not None
    assert (found.polls, found.requests) == (5, 6)
    assert (found.unconditional, found.avoidable, found.bad_validators) == (1, 0, 0)
    assert found.shortest_gap == desk.watch.now - done[3].at
    assert found.frowned == {"cookie": 5}
    assert found.statuses == {200: 2, 304: 3}


def row(minute: int, status: int, *, sent: str = "", got: str = "") -> FetchRecord:
    return FetchRecord(
        source="s",
        url="https://site.test/feed",
        at=NOW + timedelta(minutes=minute),
        status=status,
        reason=FetchReason.OK,
        bytes=1,
        ms=1,
        conditional=bool(sent),
        purpose="feed",
        sent=sent,
        got=got,
    )


def test_point_24_the_score_finds_what_it_looks_for() -> None:
    log = [
        row(0, 304, sent="before the log began", got="a"),
        row(30, 304, sent="a", got="a"),
        row(37, 200, got="b"),
        row(90, 304, sent="a", got="a"),
        row(120, 500, sent="a"),
        row(180, 200, sent="a", got=""),
        row(200, 200),
    ]
    found = score(reversed(log))
    assert found is not None
    assert found.shortest_gap == timedelta(minutes=7)
    assert (found.unconditional, found.avoidable) == (2, 1)
    assert found.bad_validators == 1
    assert found.polls_a_day == 7
    assert score([]) is None
