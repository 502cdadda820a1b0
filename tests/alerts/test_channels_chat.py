"""Chats through the real Apprise against real servers on loopback."""

from __future__ import annotations

import dataclasses
import html
import importlib
import json
import os
import ssl
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import trustme

from alerts.channels.chatdoor import Journal
from alerts.channels.chatpost import post
from alerts.channels.chaturls import BadChat, hardened
from alerts.model import Channel, Outcome
from crawler.secrets import Secret
from tests.alerts.chatroom import ALLOW, TOKEN, chat, posted, send
from tests.alerts.letters import ROOM, delivery, item, letter, telling
from tests.servers.http import RESET, STALL, Answer, Raw, Reply, drip, serve

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("apprise", reason="the extra `chat` is not installed")
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is:DeprecationWarning")

DELIVERED, TEMPORARY = Outcome.DELIVERED, Outcome.TEMPORARY
AMBIGUOUS, PAUSED, GONE = Outcome.AMBIGUOUS, Outcome.PAUSED, Outcome.GONE
PERMANENT = Outcome.PERMANENT
CALLS = ("@everyone", "@channel", "@here", "@all", "@room", "@**all**", "<!channel>",
         "<!here>", "<@U024BE7LH>", "<@&41771983423143937>", "<users/all>")  # fmt: skip


CALLING = " ".join([*CALLS, "[bank](https://evil.example.net)", "=?utf-8?q?a?="])


def assert_calls_nobody(text: str) -> None:
    assert text.splitlines()[-1] == f"message {letter(ROOM).id}"
    assert not [call for call in CALLS if call in html.unescape(text)]
    assert "](" not in text
    assert "@\u200beveryone" in text


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setenv("ROOM", "")  # so that it is put back as it was
    monkeypatch.delenv("ROOM")
    return dataclasses.replace(ROOM, url=Secret(env="ROOM"))


# --- what arrives -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("mmost://127.0.0.1:{port}/" + TOKEN, "text"),
        (f"rocket://{TOKEN}/{TOKEN}{TOKEN}" + "@127.0.0.1:{port}/%23news", "text"),
        ("ntfy://127.0.0.1:{port}/news", "message"),
        ("json://127.0.0.1:{port}/" + TOKEN, "message"),
    ],
)
def test_no_title_calls_anybody(room: Channel, address: str, field: str) -> None:
    """A53: in one post, with the id of the delivery as its last line."""
    with serve(lambda _: Reply(body=b"{}")) as site:
        os.environ["ROOM"] = address.format(port=site.port)
        receipt = posted(CALLING)
    assert receipt.outcome is DELIVERED, receipt
    (request,) = site.requests
    assert_calls_nobody(json.loads(request.body)[field])


@pytest.mark.parametrize(
    ("plugin", "attribute", "place", "url"),
    [
        ("slack.NotifySlack", "webhook_url", "", f"slack://T1JJ3T3L2/A1BRTD4JD/{TOKEN}"),
        ("discord.NotifyDiscord", "notify_url", "", f"discord://4174216298/{TOKEN}"),
        ("telegram.NotifyTelegram", "notify_url", "/bot", f"tgram://123456:{TOKEN}/789"),
        ("google_chat.NotifyGoogleChat", "notify_url", "/", f"gchat://space/{TOKEN}/key"),
    ],
)  # fmt: skip
def test_no_title_calls_anybody_at_the_great_services(
    plugin: str, attribute: str, place: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A53: their own plugins, with the service's address changed to loopback."""
    module, _, name = plugin.partition(".")
    kind = getattr(importlib.import_module(f"apprise.plugins.{module}"), name)
    payload = delivery(letter(ROOM, telling(item(CALLING)))).payload or b""
    answer = b"ok" if module == "slack" else b'{"ok": true, "result": {}}'
    with serve(lambda _: Reply(body=answer)) as site:
        monkeypatch.setattr(kind, attribute, site.url("").rstrip("/") + place)
        journal = Journal(allow=ALLOW)
        receipt = post(url, payload.decode(), journal)
    assert receipt.outcome is DELIVERED, receipt
    (request,) = site.requests
    said = json.loads(request.body)
    parts = said.get("attachments", [said])[0]
    assert_calls_nobody(parts.get("content") or parts["text"])
    if module == "slack":
        # What is left of `<` is escaped besides.
        assert "<" not in str(said)
    if module == "discord":
        assert len(said["content"]) <= 2000
        assert "embeds" not in said


def test_teams_is_reached_under_tls(
    room: Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A53, A78: and a certificate that does not verify gets no message."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with serve(lambda _: Reply(status=202), tls=context) as site:
        url = f"workflow://127.0.0.1:{site.port}/643e69f83c8944/{TOKEN}"
        os.environ["ROOM"] = f"{url}?verify=no"
        (receipt,) = send(room, title=CALLING)
        assert receipt.outcome is TEMPORARY
        assert "certificate" in receipt.detail
        assert site.requests == []
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        (receipt,) = send(room, title=CALLING)
        assert receipt.outcome is DELIVERED, receipt
    (request,) = site.requests
    assert_calls_nobody(
        json.loads(request.body)["attachments"][0]["content"]["body"][0]["text"]
    )


# --- what comes back --------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "outcome", "said"),
    [
        (Reply(status=204), DELIVERED, "HTTP 204"),
        (Reply(status=401), PAUSED, "HTTP 401"),
        (Reply(status=404, body=b"no_service"), PAUSED, "HTTP 404 no_service"),
        (Reply(status=410), GONE, "HTTP 410"),
        (Reply(status=400), TEMPORARY, "HTTP 400"),
        (Reply(status=503), TEMPORARY, "HTTP 503"),
        (Reply(status=302, headers={"location": "/else"}), TEMPORARY, "redirects"),
        (Raw((STALL,)), AMBIGUOUS, "Timeout"),
        (Raw((RESET,)), AMBIGUOUS, "Connection"),
        (Raw((b"HTTP/1.1 200 OK\r\n\r\nabc", RESET)), DELIVERED, ""),
        (drip(b"x" * 60, 0.5, head=b"HTTP/1.1 200 OK\r\n\r\n"), DELIVERED, ""),
    ],
)  # fmt: skip
def test_every_answer_has_its_outcome(
    room: Channel, answer: Answer, outcome: Outcome, said: str
) -> None:
    """A77: one post each, no redirect followed, no answer waited out."""
    with chat(answer) as site:
        begun = time.monotonic()
        receipt = posted()
        assert receipt.outcome is outcome, receipt
        assert said in receipt.detail
        assert len(site.requests) == 1
    assert time.monotonic() - begun < 20


def test_retry_after_is_told(room: Channel) -> None:
    """I10."""
    with chat(Reply(status=429, headers={"Retry-After": "77"})):
        (receipt,) = send(room)
    assert receipt.outcome is TEMPORARY
    assert receipt.retry_after == timedelta(seconds=77)


def test_a_no_with_status_200_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack says "invalid_token" that way."""
    slack = importlib.import_module("apprise.plugins.slack").NotifySlack
    with serve(lambda _: Reply(body=b"invalid_token")) as site:
        monkeypatch.setattr(slack, "webhook_url", site.url(""))
        url = f"slack://T1JJ3T3L2/A1BRTD4JD/{TOKEN}"
        receipt = post(url, "text", Journal(allow=ALLOW))
    assert receipt.outcome is TEMPORARY
    assert "invalid_token" in receipt.detail


def test_the_deadline_ends_what_apprise_does_not(room: Channel) -> None:
    """A20: headers by the byte outlast every timeout between two bytes."""
    with chat(drip(b"x" * 400, 0.1, head=b"HTTP/1.1 200 OK\r\n")):
        begun = time.monotonic()
        (receipt,) = send(room, deadline_s=3)
        assert receipt.outcome is AMBIGUOUS
        assert time.monotonic() - begun < 15


def test_what_may_have_arrived_is_held_if_so_wished(room: Channel) -> None:
    """HARDENING, `on_ambiguous`: a dead letter for somebody to look at."""
    with chat(Raw((RESET,))):
        assert send(room)[0].outcome is AMBIGUOUS
        (receipt,) = send(dataclasses.replace(room, hold_ambiguous=True))
    assert receipt.outcome is PERMANENT
    assert "may have arrived" in receipt.detail


def test_nobody_listening_is_temporary(room: Channel) -> None:
    with chat():
        pass
    assert posted().outcome is TEMPORARY


# --- where it may go --------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f000001", "127.1"])
def test_no_address_inside_is_dialled(room: Channel, host: str) -> None:
    """A01, A02, A04, A09: the guard sits where Apprise connects."""
    with chat() as site:
        os.environ["ROOM"] = url = f"json://{host}:{site.port}/{TOKEN}"
        assert posted(allow=()).outcome is not DELIVERED
        knock = Journal(allow=(), knock=True)
        assert post(url, "probe", knock).outcome is not DELIVERED
        assert site.requests == []
        assert site.connections == 0


def test_neither_proxies_nor_passwords_of_the_machine_are_used(
    room: Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A07: requests would take both from the environment."""
    (tmp_path / ".netrc").write_text("default login me password canary\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    with chat() as site, serve(lambda _: Reply()) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        assert send(room)[0].outcome is DELIVERED
        assert proxy.requests == []
    assert site.requests[0].header("authorization") is None


@pytest.mark.parametrize(
    "url",
    [
        "syslog://",
        "dbus://",
        "mailto://user:pass@example.org",
        "http://127.0.0.1/x",
        "apprise://127.0.0.1/x",
        f"json://127.0.0.1/{TOKEN}?template=/etc/hostname",
        "slack://T1JJ3T3L2/A1BRTD4JD/" + TOKEN + "/#one/#two",
        "json://127.0.0.1/a b",
        "slack://",
        "",
    ],
)
def test_only_chats_are_taken_one_place_each(room: Channel, url: str) -> None:
    """A09, A54: and no option that reads a file."""
    receipt = post(url, "text", Journal(allow=ALLOW))
    assert receipt.outcome is PAUSED
    assert TOKEN not in receipt.detail


def test_no_option_of_the_address_undoes_ours() -> None:
    url = "json://h/x?redirect=yes&Retry=3&%72etry=9&cto=900&:key=a%26b&+X-Y=1"
    hard = hardened(url)
    assert hard.startswith("json://h/x?:key=a%26b&+X-Y=1&redirect=no&retry=0&")
    assert hard.count("retry=") == 1
    assert "900" not in hard
    with pytest.raises(BadChat):
        hardened("json://h/x?%74emplate=/etc/passwd")
