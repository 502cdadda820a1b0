"""Webhooks: where they may go, their secrets and options."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import trustme

from alerts.channels import open_channel, probe
from alerts.errors import ChannelError
from alerts.model import Outcome, Receipt
from crawler.secrets import Secret
from tests.alerts.hooks import ALLOW, FIRST, SECOND, hook_to, send
from tests.alerts.letters import HOOK, delivery, letter
from tests.servers.http import Reply, serve
from tests.servers.receiver import receive

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.http import Request

DAYS = timedelta(days=7)
DELIVERED, TEMPORARY = Outcome.DELIVERED, Outcome.TEMPORARY
AMBIGUOUS, PAUSED, GONE = Outcome.AMBIGUOUS, Outcome.PAUSED, Outcome.GONE


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRST", FIRST)
    monkeypatch.setenv("SECOND", SECOND)


# --- where it may go --------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data/",
        "http://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
        "https://localhost/",
        "https://user:pw@example.org/",
        "https://example.org\\@127.0.0.1/",
        "https://example.org:25/",
        "ftp://example.org/",
        "file:///etc/hostname",
        "//example.org/",
        "http://93.184.216.34/",
    ],
)
def test_addresses_outside_are_refused_before_a_byte_is_sent(url: str) -> None:
    """A09, A02: http:// also to public addresses."""
    (receipt,) = send(hook_to(url), allow=())
    assert receipt.outcome is PAUSED
    assert url not in receipt.detail


def test_allow_is_the_only_door_to_private_addresses() -> None:
    """A09."""
    with receive(secrets=[FIRST]) as hook:
        (shut,) = send(hook_to(hook.url), allow=("10.0.0.0/8",))
        (open_,) = send(hook_to(hook.url), allow=("127.0.0.1",))
        assert (shut.outcome, open_.outcome) == (PAUSED, DELIVERED)
        assert "network.allow" in shut.detail
        assert len(hook.messages) == 1


def test_proxies_of_the_environment_are_ignored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A07."""
    with serve({}) as proxy, receive(secrets=[FIRST]) as hook:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        assert send(hook_to(hook.url))[0].outcome is DELIVERED
        assert proxy.requests == []


def test_https_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with receive(secrets=[FIRST], tls=context) as hook:
        channel = hook_to(hook.url)
        (stranger,) = send(channel)
        assert stranger.outcome is TEMPORARY
        assert hook.messages == []
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        (friend,) = send(channel)
        assert friend.outcome is DELIVERED
        assert asyncio.run(probe(channel, allow=ALLOW)).outcome is DELIVERED
        assert len(hook.messages) == 1


# --- secrets and options ----------------------------------------------------------


def test_a_missing_secret_pauses_and_sends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with receive(secrets=[FIRST]) as hook:
        channel = hook_to(hook.url, "FIRST", "SECOND")
        monkeypatch.delenv("SECOND")
        (receipt,) = send(channel)
        assert receipt.outcome is PAUSED
        assert "SECOND is not set" in receipt.detail
        assert asyncio.run(probe(channel, allow=ALLOW)).outcome is PAUSED
        (receipt,) = send(hook_to(Secret(env="SECOND")))
        assert receipt.outcome is PAUSED
        assert hook.messages == []


@pytest.mark.parametrize("value", ["whsec_", "whsec_not base64!", "plain-word"])
def test_a_secret_that_is_not_base64_pauses_and_is_not_shown(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A65."""
    monkeypatch.setenv("FIRST", value)
    (receipt,) = send(hook_to("http://127.0.0.1:1/"))
    assert receipt.outcome is PAUSED
    assert value.removeprefix("whsec_") in ("", "whsec_") or (
        value.removeprefix("whsec_") not in receipt.detail
    )


def test_a_secret_url_is_read_at_each_send_and_never_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A65."""
    with receive(secrets=[FIRST], replies=[Reply(status=500)]) as hook:
        monkeypatch.setenv("URL", f"{hook.url}/T0P-SECRET-PATH?key=canary-key")
        (receipt,) = send(hook_to(Secret(env="URL")))
        assert receipt.outcome is TEMPORARY
        assert hook.messages[0].request.target.endswith("?key=canary-key")
    monkeypatch.setenv("URL", "https://192.0.2.1/T0P-SECRET-PATH?key=canary-key")
    (receipt,) = send(hook_to(Secret(env="URL")))
    assert receipt.outcome is PAUSED
    assert "SECRET" not in receipt.detail
    assert "canary" not in receipt.detail


def test_options_that_cannot_work_are_refused_when_opened() -> None:
    with pytest.raises(ChannelError, match="url"):
        open_channel(HOOK, allow=())
    with pytest.raises(ChannelError, match="secret"):
        open_channel(dataclasses.replace(HOOK, url="https://x.example"), allow=())


def test_a_probe_connects_and_asks_nothing() -> None:
    seen: list[Request] = []

    def note(request: Request) -> Reply:
        seen.append(request)
        return Reply()

    with serve(note) as server:
        receipt = asyncio.run(probe(hook_to(server.url()), allow=ALLOW))
        assert receipt.outcome is DELIVERED
        assert asyncio.run(probe(hook_to(server.url()), allow=())).outcome is PAUSED
        time.sleep(0.05)  # a request would come now
    assert seen == []
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    gone = hook_to(f"http://127.0.0.1:{port}/")
    assert asyncio.run(probe(gone, allow=ALLOW)).outcome is TEMPORARY


def test_a_signature_is_at_most_as_old_as_the_clock() -> None:
    past = datetime(2020, 1, 1, tzinfo=UTC)
    with receive(secrets=[FIRST]) as hook:
        channel = hook_to(hook.url)

        async def work() -> Receipt:
            sender = open_channel(channel, allow=ALLOW, clock=lambda: past)
            try:
                return await sender.send(delivery(letter(channel)))
            finally:
                await sender.aclose()

        receipt = asyncio.run(work())
        assert receipt.outcome is TEMPORARY
        assert "401" in receipt.detail
        assert len(hook.refused) == 1
