"""The fetcher against real servers: what it sends, follows, refuses and reports."""

from __future__ import annotations

import asyncio
import gc
import gzip
import itertools
import ssl
import time
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from crawler.address import AddressGuard
from crawler.errors import FetchError
from crawler.fetcher import (
    VERSION,
    Fetcher,
    FetchRequest,
    FetchResponse,
    Purpose,
    tls_context,
    user_agent,
)
from crawler.reasons import FetchReason
from tests.servers.http import (
    RESET,
    STALL,
    Answer,
    Handler,
    Raw,
    Reply,
    Request,
    Routes,
    Server,
    drip,
    endless,
    redirect,
    serve,
)

START = datetime(2024, 10, 28, 9, 0, tzinfo=UTC)
LOOPBACK = ("127.0.0.0/8",)
TLS = tls_context()


def ask(url: str, purpose: Purpose = Purpose.FEED, **fields: object) -> FetchRequest:
    return FetchRequest(source="test", url=url, purpose=purpose, **fields)  # type: ignore[arg-type]


def fetcher(**limits: object) -> Fetcher:
    settings: dict[str, object] = {
        "user_agent": user_agent(None),
        "allow": LOOPBACK,
        "min_gap_s": 0.0,
        "deadline_s": 5.0,
        "tls": TLS,
    }
    return Fetcher(**(settings | limits))  # type: ignore[arg-type]


def fetch_all(
    *requests: FetchRequest, using: Fetcher | None = None
) -> list[FetchResponse | FetchError]:
    """Each request in turn, by one fetcher; errors as values."""

    async def run() -> list[FetchResponse | FetchError]:
        mine = using or fetcher()
        outcomes: list[FetchResponse | FetchError] = []
        for request in requests:
            try:
                outcomes.append(await mine.fetch(request))
            except FetchError as error:
                outcomes.append(error)
        await mine.aclose()
        return outcomes

    return asyncio.run(run())


def good(request: FetchRequest, using: Fetcher | None = None) -> FetchResponse:
    (outcome,) = fetch_all(request, using=using)
    assert isinstance(outcome, FetchResponse), outcome
    return outcome


def bad(request: FetchRequest, using: Fetcher | None = None) -> FetchError:
    (outcome,) = fetch_all(request, using=using)
    assert isinstance(outcome, FetchError), outcome
    return outcome


def pages(site: Server) -> list[Request]:
    """The requests that were not for robots.txt."""
    return [r for r in site.requests if r.path != "/robots.txt"]


# What is sent


def test_the_request_is_plain_honest_and_says_nothing_more() -> None:
    """Checklist 15-17: no cookies, no referer, no range, no cache-busting."""
    with serve({"/feed": Reply(body=b"x", headers={"Set-Cookie": "a=b"})}) as site:
        using = fetcher(user_agent=user_agent("mailto:desk@desk.test"))
        fetch_all(ask(site.url("/feed")), ask(site.url("/feed")), using=using)
        for request in pages(site):
            assert request.target == "/feed"
            assert request.method == "GET"
            assert [(n.lower(), v) for n, v in request.headers] == [
                ("host", f"127.0.0.1:{site.port}"),
                (
                    "user-agent",
                    f"vedette/{VERSION} (+mailto:desk@desk.test; feed fetcher)",
                ),
                (
                    "accept",
                    (
                        "application/atom+xml, application/rss+xml, "
                        "application/feed+json, application/xml;q=0.9, "
                        "text/xml;q=0.8, */*;q=0.1"
                    ),
                ),
                ("accept-encoding", "gzip"),
                ("connection", "close"),
            ]
        assert len(pages(site)) == 2


def test_the_user_agent_names_the_product_and_the_contact_only() -> None:
    assert user_agent(None) == f"vedette/{VERSION}"
    assert user_agent("mailto:a@b.c\r\nX: y (z)") == (
        f"vedette/{VERSION} (+mailto:a@b.cX:yz; feed fetcher)"
    )


def test_the_version_is_that_of_the_product() -> None:
    root = Path(__file__).parents[2]
    declared = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    assert declared["project"]["version"] == VERSION


@pytest.mark.parametrize("etag", ['"abc"', 'W/"x y"', "bare", '"caf\xe9"', '""'])
def test_validators_come_and_go_byte_for_byte(etag: str) -> None:
    """Checklist 1; A83."""
    stamp = "Mon, 28 Oct 2024 09:00:00  GMT+1"

    def answer(request: Request) -> Answer:
        if request.header("If-None-Match") == etag:
            return Reply(status=304, headers={"ETag": etag})
        headers = {"ETag": etag, "Last-Modified": stamp}
        return Reply(body=b"x", headers=headers)

    with serve(answer) as site:
        first = good(ask(site.url("/feed"), obey_robots=False))
        assert (first.etag, first.last_modified) == (etag, stamp)
        second = good(
            ask(
                site.url("/feed"),
                etag=first.etag,
                last_modified=first.last_modified,
                obey_robots=False,
            )
        )
        assert site.requests[1].header("If-Modified-Since") == stamp
    assert (second.status, second.body, second.etag) == (304, b"", etag)
    assert second.records[0].reason is FetchReason.NOT_MODIFIED
    assert second.records[0].conditional


def test_a_304_nobody_asked_for_is_an_error() -> None:
    with serve({"/feed": Reply(status=304)}) as site:
        assert bad(ask(site.url("/feed"))).reason is FetchReason.PROTOCOL_ERROR


def test_a_source_may_add_headers_but_not_the_transports() -> None:
    with serve({"/feed": Reply()}) as site:
        headers = {
            "Cookie": "paid=1",
            "User-Agent": "mine",
            "Accept-Encoding": "br",
            "Host": "evil.test",
            "Referer": "x",
        }
        good(ask(site.url("/feed"), headers=headers))
        robots, page = site.requests
        assert page.header("Cookie") == "paid=1"
        assert page.header("User-Agent") == "mine"
        assert page.header("Accept-Encoding") == "gzip"
        assert page.header("Host") == f"127.0.0.1:{site.port}"
        assert page.header("Referer") is None
        assert robots.header("Cookie") is None


@pytest.mark.parametrize("value", ["canary\r\nX: y", "canary\x00", "canary\u4e2d"])
def test_a_header_that_is_not_http_is_refused_without_being_quoted(value: str) -> None:
    """A65."""
    with serve({"/feed": Reply()}) as site:
        error = bad(ask(site.url("/feed"), headers={"Authorization": value}))
        assert pages(site) == []
    assert error.reason is FetchReason.BAD_URL
    assert "canary" not in str(error)
    assert error.__cause__ is None


def test_the_environment_chooses_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A07."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serve({"/feed": Reply(body=b"x")}) as site:
        assert good(ask(site.url("/feed"))).body == b"x"


# What comes back


def test_a_gzipped_answer_is_decoded_and_recorded() -> None:
    packed = Reply(body=gzip.compress(b"<rss/>"), headers={"Content-Encoding": "gzip"})
    with serve({"/feed": packed}) as site:
        response = good(ask(site.url("/feed?key=canary")))
        record = response.records[-1]
        assert record.url == site.url("/feed?key=***")
    assert response.body == b"<rss/>"
    assert response.moved_to is None
    assert (record.source, record.status, record.bytes) == ("test", 200, 6)
    assert record.reason is FetchReason.OK
    assert not record.conditional


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, FetchReason.CLIENT_ERROR),
        (401, FetchReason.FORBIDDEN),
        (403, FetchReason.FORBIDDEN),
        (404, FetchReason.NOT_FOUND),
        (410, FetchReason.GONE),
        (418, FetchReason.CLIENT_ERROR),
        (451, FetchReason.FORBIDDEN),
        (500, FetchReason.SERVER_ERROR),
        (503, FetchReason.SERVER_ERROR),
        (300, FetchReason.BAD_REDIRECT),
        (302, FetchReason.BAD_REDIRECT),
    ],
)
def test_every_status_has_its_reason(status: int, reason: FetchReason) -> None:
    with serve({"/feed": Reply(status=status, body=b"no")}) as site:
        error = bad(ask(site.url("/feed")))
    assert error.reason is reason
    assert error.status == status
    assert error.records[-1].status == status
    assert error.records[-1].reason is reason


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ([HEAD + b"Content-Length: 99\r\n\r\nshort"], FetchReason.PROTOCOL_ERROR),
        ([HEAD + b"Content-Length: -5\r\n\r\nx"], FetchReason.PROTOCOL_ERROR),
        (
            [HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy"],
            FetchReason.PROTOCOL_ERROR,
        ),
        ([HEAD + b"Content-Length: 99999999999\r\n\r\nx"], FetchReason.TOO_LARGE),
        ([HEAD + b"no colon here\r\n\r\n"], FetchReason.PROTOCOL_ERROR),
        ([b"SSH-2.0-OpenSSH_9.2\r\n"], FetchReason.PROTOCOL_ERROR),
        ([], FetchReason.PROTOCOL_ERROR),
        ([HEAD, RESET], FetchReason.PROTOCOL_ERROR),
        ([HEAD + b"X: " + b"y" * 60_000 + b"\r\n"] * 99, FetchReason.PROTOCOL_ERROR),
        (
            [HEAD] + [b"X-%d: " % n + b"y" * 900 + b"\r\n" for n in range(80)],
            FetchReason.PROTOCOL_ERROR,
        ),
        ([HEAD + b"Content-Encoding: br\r\n\r\nxx"], FetchReason.BAD_ENCODING),
        (
            [HEAD + b"Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n\r\nx"],
            FetchReason.BAD_ENCODING,
        ),
        ([HEAD + b"Content-Encoding: gzip\r\n\r\nplain"], FetchReason.BAD_ENCODING),
    ],
)
def test_a_broken_answer_is_an_error_with_its_reason(
    script: list[bytes], reason: FetchReason
) -> None:
    """A14, A18, A23."""
    whole = list(script)
    if whole and whole[0] == HEAD and len(whole) > 2:
        whole.append(b"\r\n")
    with serve(robots_free(lambda _: Raw(whole))) as site:
        error = bad(ask(site.url("/feed")))
    assert error.reason is reason
    assert error.records[-1].reason is reason


def robots_free(handler: Handler) -> Handler:
    """The handler, with no robots.txt."""
    return lambda request: (
        Reply(status=404) if request.path == "/robots.txt" else handler(request)
    )


def test_a_body_longer_than_its_length_is_cut() -> None:
    """A18."""
    with serve({"/feed": Raw([HEAD + b"Content-Length: 2\r\n\r\nokEXTRA"])}) as site:
        assert good(ask(site.url("/feed"))).body == b"ok"


@pytest.mark.parametrize(
    ("purpose", "mib"),
    [(Purpose.FEED, 5), (Purpose.PAGE, 10)],
)
def test_each_purpose_has_its_cap(purpose: Purpose, mib: int) -> None:
    """A13, A17."""
    size = mib * 1024 * 1024
    packed = {n: gzip.compress(bytes(n), 1) for n in (size, size + 1)}

    def answer(request: Request) -> Answer:
        body = packed[int(request.path[1:])]
        return Reply(body=body, headers={"Content-Encoding": "gzip"})

    with serve(robots_free(answer)) as site:
        assert len(good(ask(site.url(f"/{size}"), purpose)).body) == size
        error = bad(ask(site.url(f"/{size + 1}"), purpose))
    assert error.reason is FetchReason.TOO_LARGE


def test_an_endless_body_is_cut_at_the_cap() -> None:
    """A17."""
    with serve(robots_free(lambda _: endless(b"x" * 65536))) as site:
        assert bad(ask(site.url("/"))).reason is FetchReason.TOO_LARGE


# Deadlines


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: drip(b"x" * 1000, 0.05, head=b"HTTP/1.1 200 OK\r\n\r\n"),  # A19
        lambda _: drip(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1000, 0.05),  # A20
        lambda _: Raw([STALL]),  # A21
        lambda _: Raw([b"HTTP/1.1 100 Continue\r\n\r\n", 0.05] * 1000),
    ],
    ids=["body drip", "header drip", "silence", "endless 100"],
)
def test_one_deadline_bounds_the_whole_request(answer: Handler) -> None:
    """A19, A20, A21."""
    with serve(robots_free(answer)) as site:
        begun = time.monotonic()
        error = bad(ask(site.url("/feed")), fetcher(deadline_s=0.3))
        assert time.monotonic() - begun < 3
    assert error.reason is FetchReason.TIMEOUT
    assert 250 < error.records[-1].ms < 2500


def test_a_stalled_handshake_ends_at_the_deadline_and_leaks_nothing() -> None:
    """A22: a plain server takes the client's hello for an unfinished request."""
    with serve({"/": Reply()}) as site:
        url = site.url("/feed").replace("http:", "https:")
        error = bad(ask(url, obey_robots=False), fetcher(deadline_s=0.3))
        gc.collect()  # an unclosed socket would warn here, and warnings are errors
    assert error.reason is FetchReason.TIMEOUT


def test_redirects_share_one_deadline() -> None:
    """A24."""

    def slow(request: Request) -> Answer:
        time_left = Reply(status=302, headers={"Location": "/x"}, wait_s=0.15)
        return Reply(status=404) if request.path == "/robots.txt" else time_left

    with serve(slow) as site:
        begun = time.monotonic()
        error = bad(ask(site.url("/feed")), fetcher(deadline_s=0.4))
        assert time.monotonic() - begun < 3
    assert error.reason is FetchReason.TIMEOUT
    assert 2 <= len(error.records) <= 4  # robots and up to three hops


def test_queueing_does_not_use_up_the_deadline() -> None:
    async def run(url: str) -> list[int]:
        mine = fetcher(min_gap_s=0.2, deadline_s=0.3)
        answers = await asyncio.gather(
            *(mine.fetch(ask(url, obey_robots=False)) for _ in range(4))
        )
        await mine.aclose()
        return [answer.status for answer in answers]

    with serve({"/feed": Reply()}) as site:
        assert asyncio.run(run(site.url("/feed"))) == [200] * 4
        times = [request.at for request in site.requests]
        assert site.open_most == 1
    assert all(b - a > 0.18 for a, b in itertools.pairwise(times))


@pytest.mark.slow
def test_a_hundred_stalling_hosts_do_not_keep_a_good_one_waiting() -> None:
    """A25."""
    hosts = [f"127.1.{n // 50}.{n % 50 + 1}" for n in range(100)]

    def answer(request: Request) -> Answer:
        return Reply(body=b"ok") if request.local == "127.0.0.1" else Raw([STALL])

    async def run(site: Server) -> float:
        mine = fetcher(deadline_s=20.0)
        stalled = [
            asyncio.create_task(mine.fetch(ask(site.url(host=host), obey_robots=False)))
            for host in hosts
        ]
        await asyncio.sleep(0.1)
        begun = time.monotonic()
        await mine.fetch(ask(site.url(), obey_robots=False))
        took = time.monotonic() - begun
        for task in stalled:
            task.cancel()
        await asyncio.gather(*stalled, return_exceptions=True)
        await mine.aclose()
        return took

    with serve(answer, more_hosts=hosts) as site:
        assert asyncio.run(run(site)) < 10  # 100 / 32 places, one second each


# Redirects


def test_a_permanent_move_is_told_and_a_mixed_one_is_not() -> None:
    """Checklist 12."""
    routes: Routes = {
        "/old": redirect("/older", 301),
        "/older": redirect("/new?x=1#frag", 308),
        "/mixed": redirect("/old", 302),
        "/new": Reply(body=b"new"),
    }
    with serve(routes) as site:
        moved = good(ask(site.url("/old")))
        assert moved.url == moved.moved_to == site.url("/new?x=1")
        assert [r.status for r in moved.records] == [404, 301, 308, 200]
        assert good(ask(site.url("/mixed"))).moved_to is None


def test_five_redirects_are_followed_and_a_sixth_is_not() -> None:
    """A06, A24."""

    def answer(request: Request) -> Answer:
        left = int(request.path[1:])
        return redirect(f"/{left - 1}") if left else Reply(body=b"done")

    with serve(robots_free(answer)) as site:
        assert good(ask(site.url("/5"))).body == b"done"
        assert bad(ask(site.url("/6"))).reason is FetchReason.TOO_MANY_REDIRECTS
        assert len(pages(site)) == 12


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("file:///etc/hostname", FetchReason.BAD_SCHEME),
        ("ftp://127.0.0.1/", FetchReason.BAD_SCHEME),
        ("gopher://127.0.0.1/", FetchReason.BAD_SCHEME),
        ("data:text/plain,x", FetchReason.BAD_SCHEME),
        ("http://10.0.0.1/", FetchReason.ADDRESS_REFUSED),
        ("http://0x7f.1/", FetchReason.ADDRESS_REFUSED),
        ("//169.254.169.254/latest/", FetchReason.ADDRESS_REFUSED),
        ("http://localhost6.invalid/", FetchReason.NAME_NOT_FOUND),
        ("http://127.0.0.1:22/", FetchReason.BAD_PORT),
        ("http://user:canary@127.0.0.1/", FetchReason.BAD_URL),
        ("http://[::1", FetchReason.BAD_REDIRECT),
        ("http://a\tb/", FetchReason.BAD_REDIRECT),
    ],
)
def test_every_hop_is_guarded_anew(location: str, reason: FetchReason) -> None:
    """A06."""
    with serve({"/feed": redirect(location)}) as site:
        error = bad(ask(site.url("/feed")))
        assert len(pages(site)) == 1
    assert error.reason is reason
    assert "canary" not in f"{error}{error.records}"


def test_a_name_that_leads_inside_is_refused_when_redirected_to() -> None:
    """A04, A06, A10."""
    guard = AddressGuard(("127.0.0.1",), lookup=lambda *_: ("127.0.0.2",))
    with serve({"/feed": redirect("http://inside.test/")}) as site:
        error = bad(ask(site.url("/feed")), fetcher(guard=guard))
    assert error.reason is FetchReason.ADDRESS_REFUSED


def test_without_permission_loopback_is_not_even_connected_to() -> None:
    """A01, A02."""
    with serve({"/feed": Reply()}) as site:
        for host in ("127.0.0.1", "localhost", "127.1", "0x7f000001", "[::1]"):
            error = bad(ask(site.url("/feed", host=host)), fetcher(allow=()))
            assert error.reason is FetchReason.ADDRESS_REFUSED
        assert site.connections == 0


def test_secrets_stay_with_their_origin() -> None:
    """A66; another port is another origin."""
    headers = {"Authorization": "Bearer canary", "Cookie": "canary=1", "X-Key": "c"}
    with serve({"/b": Reply(body=b"b")}) as other:
        routes: Routes = {
            "/a": redirect("/same"),
            "/same": redirect(other.url("/b")),
        }
        with serve(routes) as site:
            good(ask(site.url("/a"), headers=headers))
            assert [r.header("Cookie") for r in pages(site)] == ["canary=1"] * 2
        for request in other.requests:
            assert not {n.lower() for n, _ in request.headers} & {
                "authorization",
                "cookie",
                "x-key",
            }


def test_secrets_do_not_come_back_by_way_of_another_origin() -> None:
    """A66."""
    routes: dict[str, Answer] = {"/end": Reply()}
    with serve(routes) as first, serve({"/b": redirect(first.url("/end"))}) as second:
        routes["/start"] = redirect(second.url("/b"))
        good(ask(first.url("/start"), headers={"Cookie": "canary"}))
        assert [(r.path, r.header("Cookie")) for r in pages(first)] == [
            ("/start", "canary"),
            ("/end", None),
        ]


def test_an_unescaped_location_is_understood() -> None:
    korean = "/뉴스 1".encode().decode("latin-1")
    with serve(
        robots_free(
            lambda r: redirect(korean) if r.path == "/a" else Reply(body=b"here")
        )
    ) as site:
        assert good(ask(site.url("/a"))).body == b"here"
        assert site.requests[-1].target == "/%EB%89%B4%EC%8A%A4%201"


def test_a_page_cannot_redirect_by_other_means() -> None:
    """A12."""
    body = b'<meta http-equiv="refresh" content="0;url=/other">'
    headers = {"Refresh": "0;url=/other", "Link": "</other>; rel=canonical"}
    with serve({"/a": Reply(body=body, headers=headers)}) as site:
        assert good(ask(site.url("/a"), Purpose.PAGE)).body == body
        assert [r.path for r in pages(site)] == ["/a"]


# TLS and proxies


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_tls(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def client_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_certificates_are_verified_for_the_host_and_not_the_address(
    authority: trustme.CA,
) -> None:
    guard = AddressGuard(LOOPBACK, lookup=lambda *_: ("127.0.0.1",))
    tls = server_tls(authority, "good.test")
    with serve({"/feed": Reply(body=b"x")}, tls=tls) as site:
        mine = fetcher(guard=guard, tls=client_tls(authority))
        good_url = site.url("/feed", host="good.test")
        evil_url = site.url("/feed", host="evil.test")
        right, wrong = fetch_all(ask(good_url), ask(evil_url), using=mine)
        unknown = bad(ask(good_url), fetcher(guard=guard, tls=None))
    assert isinstance(right, FetchResponse)
    assert isinstance(wrong, FetchError)
    assert wrong.reason is unknown.reason is FetchReason.TLS_FAILED
    assert "not valid for 'evil.test'" in wrong.detail
    assert "issuer certificate" in unknown.detail


def test_https_is_never_left_for_http(authority: trustme.CA) -> None:
    tls = server_tls(authority, "127.0.0.1")
    with serve({"/b": Reply()}) as plain:
        with serve({"/a": redirect(plain.url("/b"))}, tls=tls) as site:
            error = bad(ask(site.url("/a")), fetcher(tls=client_tls(authority)))
        assert plain.requests == []
    assert error.reason is FetchReason.BAD_REDIRECT


def test_a_proxy_is_used_with_its_credentials_and_only_where_asked() -> None:
    with serve(lambda _: Reply(body=b"by proxy")) as proxy:
        through = proxy.url().replace("//", "//me:pa%40ss@")
        response = good(ask("http://8.8.8.8/feed", proxy=through, obey_robots=False))
        (request,) = proxy.requests
    assert response.body == b"by proxy"
    assert request.target == "http://8.8.8.8/feed"
    assert request.header("Proxy-Authorization") == "Basic bWU6cGFAc3M="


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://0x7f.1/", "ftp://x.test/"])
def test_a_proxy_opens_no_way_inside(url: str) -> None:
    """A09, CVE-2026-108735."""
    with serve(lambda _: Reply()) as proxy:
        error = bad(ask(url, proxy=proxy.url()))
        assert proxy.requests == []
    assert error.reason in {FetchReason.ADDRESS_REFUSED, FetchReason.BAD_SCHEME}


def test_a_name_that_leads_inside_is_refused_through_a_proxy_too() -> None:
    guard = AddressGuard(("127.0.0.1",), lookup=lambda *_: ("10.0.0.1",))
    with serve(lambda _: Reply()) as proxy:
        error = bad(ask("http://inside.test/", proxy=proxy.url()), fetcher(guard=guard))
        assert proxy.requests == []
    assert error.reason is FetchReason.ADDRESS_REFUSED


def test_the_proxys_own_address_is_guarded() -> None:
    with serve(lambda _: Reply()) as proxy:
        error = bad(ask("http://8.8.8.8/", proxy=proxy.url()), fetcher(allow=()))
        assert proxy.connections == 0
    assert error.reason is FetchReason.ADDRESS_REFUSED
    for proxy_url in ("socks5://127.0.0.1:1080", "http://127.0.0.1:25"):
        error = bad(ask("http://8.8.8.8/", proxy=proxy_url))
        assert error.reason in {FetchReason.BAD_SCHEME, FetchReason.BAD_PORT}


def test_a_proxy_that_refuses_the_tunnel_is_named() -> None:
    with serve(lambda _: Reply(status=407)) as proxy:
        error = bad(ask("https://8.8.8.8/", proxy=proxy.url(), obey_robots=False))
        assert proxy.requests[0].method == "CONNECT"
    assert error.reason is FetchReason.CONNECT_FAILED
    assert "407" in error.detail


# Retry-After and robots.txt


def test_retry_after_shuts_the_whole_host_until_then() -> None:
    """I10, checklist 10."""
    now = START
    routes: Routes = {
        "/a": Reply(status=429, headers={"Retry-After": "3600"}),
        "/b": Reply(body=b"b"),
    }
    with serve(routes) as site:
        mine = fetcher(clock=lambda: now)
        first, second = fetch_all(ask(site.url("/a")), ask(site.url("/b")), using=mine)
        assert [r.path for r in pages(site)] == ["/a"]
        assert isinstance(first, FetchError)
        assert isinstance(second, FetchError)
        assert first.reason is FetchReason.RATE_LIMITED
        assert second.reason is FetchReason.HOST_BLOCKED
        assert first.retry_at == second.retry_at == START + timedelta(hours=1)
        assert second.records == ()
        now = START + timedelta(hours=1)
        assert good(ask(site.url("/b")), mine).body == b"b"


def test_a_followed_redirect_with_retry_after_does_not_refuse_its_own_hop() -> None:
    """One that leads nowhere is an answer like any other: its wish is kept."""
    wish = {"Retry-After": "3600"}
    routes: Routes = {
        "/old": Reply(status=302, headers={"Location": "/new", **wish}),
        "/new": Reply(body=b"new"),
        "/nowhere": Reply(status=302, headers=wish),
    }
    with serve(routes) as site:
        mine = fetcher(clock=lambda: START)
        moved, lost, after = fetch_all(
            ask(site.url("/old")),
            ask(site.url("/nowhere")),
            ask(site.url("/new")),
            using=mine,
        )
    assert isinstance(moved, FetchResponse)
    assert moved.body == b"new"
    assert isinstance(lost, FetchError)
    assert lost.reason is FetchReason.BAD_REDIRECT
    assert isinstance(after, FetchError)
    assert after.reason is FetchReason.HOST_BLOCKED


@pytest.mark.parametrize(
    ("value", "status", "wait"),
    [
        ("3", 503, timedelta(seconds=3)),
        ("Mon, 28 Oct 2024 10:30:00 GMT", 503, timedelta(minutes=90)),
        ("Monday, 28-Oct-24 10:30:00 GMT", 503, timedelta(minutes=90)),
        ("1000000000", 503, timedelta(days=7)),
        ("9" * 400, 503, timedelta(days=7)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 503, timedelta(days=7)),
        ("120", 404, timedelta(minutes=2)),
        ("-1", 503, None),
        ("0", 503, None),
        ("1e9", 503, None),
        ("soon", 503, None),
        ("٣", 503, None),
        ("Mon, 28 Oct 2024 08:00:00 GMT", 503, None),
        ("garbage", 429, timedelta(minutes=15)),
        ("0", 429, timedelta(minutes=15)),
    ],
)
def test_retry_after_in_every_spelling(
    value: str, status: int, wait: timedelta | None
) -> None:
    """A77's values, on the reading side."""
    headers = {"Retry-After": value.encode().decode("latin-1")}
    with serve({"/a": Reply(status=status, headers=headers)}) as site:
        error = bad(ask(site.url("/a")), fetcher(clock=lambda: START))
    assert error.retry_at == (None if wait is None else START + wait)


def test_a_block_kept_from_an_earlier_run_holds() -> None:
    until = START + timedelta(minutes=5)
    with serve({"/a": Reply()}) as site:
        mine = fetcher(clock=lambda: START)
        mine.block("127.0.0.1", until)
        error = bad(ask(site.url("/a")), mine)
        assert site.connections == 0
    assert (error.reason, error.retry_at) == (FetchReason.HOST_BLOCKED, until)


def test_robots_is_obeyed_for_every_purpose_unless_told_otherwise() -> None:
    robots = Reply(body=b"User-agent: *\nDisallow: /no\n")
    with serve({"/robots.txt": robots, "/no": Reply(), "/yes": Reply()}) as site:
        for purpose in (Purpose.FEED, Purpose.ARTICLE, Purpose.SITEMAP, Purpose.PAGE):
            refused, allowed = fetch_all(
                ask(site.url("/no"), purpose), ask(site.url("/yes"), purpose)
            )
            assert isinstance(refused, FetchError)
            assert refused.reason is FetchReason.ROBOTS_DISALLOW
            assert isinstance(allowed, FetchResponse)
        assert {r.path for r in pages(site)} == {"/yes"}
        assert good(ask(site.url("/no"), obey_robots=False)).status == 200


def test_a_redirect_into_the_forbidden_is_not_followed() -> None:
    """Checklist 12."""
    robots = Reply(body=b"User-agent: vedette\nDisallow: /no\n")
    routes: Routes = {"/robots.txt": robots, "/a": redirect("/no"), "/no": Reply()}
    with serve(routes) as site:
        assert bad(ask(site.url("/a"))).reason is FetchReason.ROBOTS_DISALLOW
        assert [r.path for r in pages(site)] == ["/a"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Reply(status=503), FetchReason.ROBOTS_DISALLOW),
        (Reply(status=500), FetchReason.ROBOTS_DISALLOW),
        (Reply(status=429), FetchReason.RATE_LIMITED),
        (Raw([RESET]), FetchReason.PROTOCOL_ERROR),
        (Raw([STALL]), FetchReason.TIMEOUT),
        (redirect("http://nowhere.invalid/"), FetchReason.NAME_NOT_FOUND),
        (Reply(status=404), FetchReason.OK),
        (Reply(status=403), FetchReason.OK),
        (redirect("/robots.txt"), FetchReason.OK),
        (Reply(body=b"# " + b"x" * 600_000), FetchReason.OK),
    ],
)
def test_a_robots_that_cannot_be_read(answer: Answer, reason: FetchReason) -> None:
    """Checklist 19; Scrapy fetches the page after a 5xx, we do not."""
    with serve({"/robots.txt": answer, "/a": Reply(body=b"a")}) as site:
        request = ask(site.url("/a"))
        outcomes = fetch_all(request, request, using=fetcher(deadline_s=0.4))
        robots = [r for r in site.requests if r.path == "/robots.txt"]
    reasons = [
        outcome.reason if isinstance(outcome, FetchError) else FetchReason.OK
        for outcome in outcomes
    ]
    if reason is FetchReason.RATE_LIMITED:
        assert reasons == [reason, reason]
    assert reasons[0] is reason
    if reason is not FetchReason.OK:
        assert len(robots) == 1  # the failure is remembered
        assert outcomes[1].records == ()


def test_the_crawl_delay_slows_the_host() -> None:
    """Checklist 18."""
    robots = Reply(body=b"User-agent: *\nCrawl-delay: 0.3\n")
    with serve({"/robots.txt": robots, "/a": Reply()}) as site:
        fetch_all(ask(site.url("/a")), ask(site.url("/a")))
        times = [request.at for request in site.requests]
    assert all(b - a > 0.28 for a, b in itertools.pairwise(times))


# Without a network


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://nowhere.invalid/feed", FetchReason.NAME_NOT_FOUND),
        ("http://127.0.0.1:9999/feed", FetchReason.CONNECT_FAILED),
    ],
)
def test_no_network_is_said_quickly_and_plainly(url: str, reason: FetchReason) -> None:
    begun = time.monotonic()
    error = bad(ask(url))
    assert time.monotonic() - begun < 4
    assert error.reason is reason
    assert "robots" not in error.detail
    assert len(error.records) == 1
