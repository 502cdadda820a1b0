"""The address guard: what may be dialled, however it is spelled."""

from __future__ import annotations

import asyncio
import ipaddress
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.address import AddressGuard, GuardedBackend, Lookup
from crawler.errors import FetchError
from crawler.reasons import FetchReason
from crawler.target import BAD_PORTS, masked, parse_target
from tests.servers.http import Reply, serve

REFUSED_V4 = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "240.0.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "192.88.99.1",
]
REFUSED_V6 = [
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "fd12:3456::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "fec0::1",
    "3fff::1",
    "5f00::1",
    "ff02::1",
    "ff0e::1",
    "100::1",
]
PUBLIC = ("8.8.8.8", "1.1.1.1", "93.184.215.14", "2606:4700::1111", "2a00:1450::5")


def answering(*addresses: str) -> Lookup:
    """A resolver that knows one answer."""
    return lambda *_: addresses


def reason(url: str, *allow: str) -> FetchReason:
    """Why a URL is refused, OK if it is not."""
    try:
        AddressGuard(allow).check_url(url)
    except FetchError as error:
        return error.reason
    return FetchReason.OK


@pytest.mark.parametrize("address", REFUSED_V4)
def test_private_and_reserved_ipv4_literals_are_refused(address: str) -> None:
    """A01."""
    assert reason(f"http://{address}/feed") is FetchReason.ADDRESS_REFUSED


@pytest.mark.parametrize("address", REFUSED_V6)
def test_ipv6_literals_that_are_not_the_internet_are_refused(address: str) -> None:
    """A03."""
    assert reason(f"http://[{address}]/feed") is FetchReason.ADDRESS_REFUSED


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    assert reason(f"https://{host}/feed") is FetchReason.OK


@pytest.mark.parametrize(
    "host",
    [
        "127.1",
        "0x7f000001",
        "2130706433",
        "0",
        "127。0。0。1",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "127.0.0.01",
        "127.0.1",
        "0x7f.1",
        "１２７.0.0.1",
        "①②⑦.0.0.1",
        "127.0.0.1.",
        "127.0.0.0x1",
        "8.8.2056",
    ],
)
def test_odd_spellings_of_an_address_are_refused_even_where_it_is_allowed(
    host: str,
) -> None:
    """A02; the plain address with a final dot is refused like the plain one."""
    assert reason(f"http://{host}/") is FetchReason.ADDRESS_REFUSED
    if host != "127.0.0.1." and not host.startswith(("127。", "１", "①")):
        assert reason(f"http://{host}/", "0.0.0.0/0") is FetchReason.ADDRESS_REFUSED


@pytest.mark.parametrize(
    "url",
    [
        "http://user:pw@example.net/",
        "http://good.test@127.0.0.1/",
        "http://127.0.0.1\\@good.test/",
        "http://good.test\t.evil/",
        "http://good.test /",
        "http://",
        "http:///path",
        "http://[::1",
        "http://[fe80::1%25eth0]/",
        "http://good..test/",
        "http://exa%6dple.net/",
        "http://good.test:port/",
        "http://good.test:99999/",
        "http://-bad-/",
        "http://a\x00b/",
    ],
)
def test_urls_with_two_readings_are_no_urls(url: str) -> None:
    """A09."""
    assert reason(url) is FetchReason.BAD_URL


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/hostname",
        "ftp://example.net/",
        "gopher://example.net/",
        "data:text/plain,x",
        "javascript:alert(1)",
        "//example.net/",
        "example.net/feed",
        "ws://example.net/",
    ],
)
def test_only_http_and_https_are_spoken(url: str) -> None:
    """A06, A08."""
    assert reason(url) is FetchReason.BAD_SCHEME


@pytest.mark.parametrize("port", [22, 25, 110, 6000, 6379, 6667, 10080, 0])
def test_ports_of_other_services_are_refused(port: int) -> None:
    """A11."""
    assert reason(f"http://example.net:{port}/") is FetchReason.BAD_PORT


@pytest.mark.parametrize("port", [80, 443, 8080, 8321, 3000, 65535])
def test_any_other_port_is_fine(port: int) -> None:
    """A11."""
    assert port not in BAD_PORTS
    assert reason(f"http://example.net:{port}/") is FetchReason.OK


def test_names_are_brought_to_one_ascii_spelling() -> None:
    assert parse_target("HTTP://Bücher.Example./x").host == "xn--bcher-kva.example"
    assert parse_target("https://뉴스.kr/").host.startswith("xn--")
    assert parse_target("https://example.net:443/").origin == "https://example.net"
    assert parse_target("http://[2606:4700:0::1]:81/").origin == (
        "http://[2606:4700::1]:81"
    )


def test_only_the_allowed_network_is_opened() -> None:
    assert reason("http://127.0.0.1:8000/", "127.0.0.0/8") is FetchReason.OK
    assert reason("http://10.0.0.1/", "127.0.0.0/8") is FetchReason.ADDRESS_REFUSED
    assert reason("http://[fd00::1]/", "fd00::/8") is FetchReason.OK
    with pytest.raises(ValueError, match="does not appear to be"):
        AddressGuard(("localhost",))


def resolved(guard: AddressGuard, host: str) -> tuple[str, ...] | FetchReason:
    try:
        return asyncio.run(guard.resolve(host, 80))
    except FetchError as error:
        return error.reason


@pytest.mark.parametrize(
    "answers",
    [
        ("127.0.0.1",),
        ("8.8.8.8", "127.0.0.1"),
        ("2606:4700::1111", "::ffff:10.0.0.1"),
        ("fe80::1%eth0",),
    ],
)
def test_one_private_address_refuses_the_whole_name(answers: tuple[str, ...]) -> None:
    """A04."""
    guard = AddressGuard(lookup=answering(*answers))
    assert resolved(guard, "half.test") is FetchReason.ADDRESS_REFUSED


def test_a_public_name_gives_its_addresses_once_and_in_order() -> None:
    guard = AddressGuard(lookup=answering("8.8.8.8", "1.1.1.1", "8.8.8.8"))
    assert resolved(guard, "good.test") == ("8.8.8.8", "1.1.1.1")


def test_localhost_by_the_systems_resolver_is_refused() -> None:
    assert resolved(AddressGuard(), "localhost") is FetchReason.ADDRESS_REFUSED


def test_a_name_without_address_is_said_to_be_so() -> None:
    assert resolved(AddressGuard(), "nowhere.invalid") is FetchReason.NAME_NOT_FOUND


def test_a_stalled_resolver_does_not_hold_up_another_name() -> None:
    def lookup(host: str, port: int) -> tuple[str, ...]:
        if host == "slow.test":
            time.sleep(1)
        return ("8.8.8.8",)

    async def both() -> float:
        guard = AddressGuard(lookup=lookup)
        slow = [asyncio.create_task(guard.resolve("slow.test", 80)) for _ in range(20)]
        begun = time.monotonic()
        await guard.resolve("good.test", 80)
        took = time.monotonic() - begun
        await asyncio.gather(*slow)
        return took

    assert asyncio.run(both()) < 0.9


def test_the_dialled_address_is_the_checked_one_though_the_name_changes() -> None:
    """A05: the second lookup would say loopback; there is no second lookup."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> tuple[str, ...]:
        asked.append(host)
        return ("127.0.0.2",) if len(asked) == 1 else ("127.0.0.1",)

    async def dial(port: int) -> str:
        guard = AddressGuard(("127.0.0.2",), lookup=rebinding)
        backend = GuardedBackend(guard)
        stream = await backend.connect_tcp("flip.test", port, timeout=2)
        address: str = stream.get_extra_info("server_addr")[0]
        await stream.aclose()
        with pytest.raises(FetchError) as caught:
            await backend.connect_tcp("flip.test", port, timeout=2)
        assert caught.value.reason is FetchReason.ADDRESS_REFUSED
        return address

    with serve({"/": Reply()}, more_hosts=["127.0.0.2"]) as site:
        assert asyncio.run(dial(site.port)) == "127.0.0.2"
    assert asked == ["flip.test", "flip.test"]


def test_the_next_address_is_dialled_when_the_first_is_dead() -> None:
    async def dial(port: int) -> str:
        guard = AddressGuard(
            ("127.0.0.0/8",), lookup=answering("127.0.0.9", "127.0.0.1")
        )
        stream = await GuardedBackend(guard).connect_tcp("two.test", port, timeout=2)
        address: str = stream.get_extra_info("server_addr")[0]
        await stream.aclose()
        return address

    with serve({"/": Reply()}) as site:
        assert asyncio.run(dial(site.port)) == "127.0.0.1"


def test_local_sockets_are_refused() -> None:
    with pytest.raises(FetchError, match="local sockets"):
        asyncio.run(GuardedBackend(AddressGuard()).connect_unix_socket("/run/x"))


@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_no_embedding_of_an_ipv4_address_passes(number: int) -> None:
    """A03."""
    guard = AddressGuard()
    for prefix in ("::ffff:0:0", "64:ff9b::", "::"):
        base = int(ipaddress.IPv6Address(prefix))
        assert not guard.permits(ipaddress.IPv6Address(base + number))
    assert not guard.permits(ipaddress.IPv6Address((0x2002 << 112) + (number << 80)))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:canary@x.test/a?q=1", "https://***@x.test/a?q=1"),
        ("https://x.test/a?key=canary&q=1", "https://x.test/a?key=***&q=1"),
        ("https://x.test/a?access_token=canary", "https://x.test/a?access_token=***"),
        ("https://x.test/a?apiKey=canary#f", "https://x.test/a?apiKey=***#f"),
        ("https://x.test/a?sig=canary", "https://x.test/a?sig=***"),
        ("https://x.test/?author=kim&keyword=a+b", None),
        ("http://[canary", "(unreadable URL)"),
    ],
)
def test_secrets_in_urls_are_masked(url: str, shown: str | None) -> None:
    """A65."""
    assert masked(url) == (shown or url)
