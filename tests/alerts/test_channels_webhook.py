"""Webhooks against a real receiver that verifies, stalls and lies."""

from __future__ import annotations

import dataclasses
import socket
import time
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from alerts.channels.webhook import retry_after, signed_headers
from alerts.model import Outcome
from crawler.clock import utc_now
from tests.alerts.hooks import FIRST, SECOND, hook_to, send, told
from tests.alerts.letters import HOOK, NOW, delivery, letter
from tests.servers.http import RESET, STALL, Answer, Raw, Reply, drip, endless, serve
from tests.servers.receiver import receive, verified

DAYS = timedelta(days=7)
DELIVERED, TEMPORARY = Outcome.DELIVERED, Outcome.TEMPORARY
AMBIGUOUS, PAUSED, GONE = Outcome.AMBIGUOUS, Outcome.PAUSED, Outcome.GONE


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRST", FIRST)
    monkeypatch.setenv("SECOND", SECOND)


# --- what is sent -----------------------------------------------------------------


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """A76: the reference implementation is the oracle."""
    body = delivery(letter(HOOK)).payload or b""
    with receive(secrets=[FIRST]) as hook:
        send(hook_to(hook.url))
        (message,) = hook.messages
    headers = dict(message.request.headers)
    assert Webhook(FIRST).verify(message.body, headers)["type"] == "alert.opened"
    assert message.body == body
    assert message.id == letter(HOOK).id
    assert message.request.header("content-type") == "application/json"
    for tampered in (body + b" ", body.replace(b":", b": ")):
        with pytest.raises(WebhookVerificationError):
            Webhook(FIRST).verify(tampered, headers)


def test_two_secrets_sign_twice_so_that_either_verifies() -> None:
    """A76: rotation."""
    for known in (FIRST, SECOND):
        with receive(secrets=[known]) as hook:
            (receipt,) = send(hook_to(hook.url, "FIRST", "SECOND"))
            assert receipt.outcome is DELIVERED
            (message,) = hook.messages
            signature = message.request.header("webhook-signature") or ""
            assert signature.count("v1,") == 2
            headers = dict(message.request.headers)
            Webhook(known).verify(message.body, headers)


def test_a_repeat_keeps_the_id_and_has_one_effect() -> None:
    """I4: at the reference receiver."""
    with receive(secrets=[FIRST]) as hook:
        send(hook_to(hook.url), 3)
        assert len(set(hook.ids())) == 1
        assert len(hook.messages) == 3
        assert len(hook.effects) == 1


def test_connections_are_reused() -> None:
    with receive(secrets=[FIRST]) as hook:
        send(hook_to(hook.url), 4)
        assert hook.server is not None
        assert hook.server.connections == 1


def test_the_timestamp_is_the_clocks_and_not_the_letters() -> None:
    headers = signed_headers("id", NOW, b"{}", [b"key"])
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": str(int(time.time()) - 400)},
        {"webhook-timestamp": str(int(time.time()) + 400)},
        {"webhook-timestamp": "１２３４５"},
        {"webhook-id": "another"},
        {"webhook-id": ""},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v2,AAAA"},
        {"webhook-signature": "v1,ÄÄÄ"},
    ],
)
def test_the_reference_receiver_refuses_what_does_not_verify(
    change: dict[str, str],
) -> None:
    """A76."""
    from tests.servers.http import Request

    body = b'{"type":"test"}'
    key = b"first-secret-first-secret"
    headers = signed_headers("message", utc_now(), body, [key])
    fine = Request(
        method="POST",
        target="/",
        headers=tuple(headers.items()),
        body=body,
        at=0,
        local="",
        connection=1,
    )
    assert verified(fine, [FIRST])
    assert not verified(fine, [SECOND])
    assert not verified(dataclasses.replace(fine, body=body + b"\n"), [FIRST])
    bad = dataclasses.replace(fine, headers=tuple({**headers, **change}.items()))
    assert not verified(bad, [FIRST])
    more = {**headers}
    more["webhook-signature"] = f"v9,xxx {headers['webhook-signature']}"
    assert verified(dataclasses.replace(fine, headers=tuple(more.items())), [FIRST])


# --- what comes back --------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, DELIVERED),
        (202, DELIVERED),
        (204, DELIVERED),
        (299, DELIVERED),
        (301, TEMPORARY),
        (307, TEMPORARY),
        (400, TEMPORARY),
        (401, TEMPORARY),
        (404, TEMPORARY),
        (410, GONE),
        (429, TEMPORARY),
        (500, TEMPORARY),
        (503, TEMPORARY),
        (599, TEMPORARY),
    ],
)
def test_every_status_has_its_outcome(status: int, outcome: Outcome) -> None:
    """A77."""
    receipt = told(Reply(status=status, body=b"hello" if status != 204 else b""))
    assert receipt.outcome is outcome
    assert f"HTTP {status}" in receipt.detail


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    """A77."""
    with serve({}) as elsewhere:
        location = {"Location": elsewhere.url("/stolen")}
        receipt = told(Reply(status=status, headers=location))
        assert receipt.outcome is TEMPORARY
        assert "redirects are not followed" in receipt.detail
        assert elsewhere.requests == []


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("raw", "wait"),
    [
        ("3", timedelta(seconds=3)),
        ("0", timedelta(0)),
        ("-1", None),
        ("1e9", None),
        ("1000000000", DAYS),
        ("9" * 5000, DAYS),
        ("3.5", None),
        ("garbage", None),
        ("", None),
        ("٣", None),
        ("Mon, 99 Foo 2026 99:99:99 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DAYS),
        ("Thu, 01 Jan 1970 00:00:00 GMT", timedelta(0)),
    ],
)
def test_retry_after_is_read_and_clamped(
    status: int, raw: str, wait: timedelta | None
) -> None:
    """A77, I10."""
    assert retry_after(raw, NOW) == wait
    if raw.isascii():
        receipt = told(Reply(status=status, headers={"Retry-After": raw}))
        assert receipt.outcome is TEMPORARY
        assert receipt.retry_after == wait


def test_retry_after_reads_an_http_date() -> None:
    assert retry_after("Sun, 22 Nov 2026 14:06:00 GMT", NOW) == timedelta(minutes=1)
    assert retry_after("Sun, 22 Nov 2026 14:06:00 -0000", NOW) == timedelta(minutes=1)
    assert retry_after(None, NOW) is None


@pytest.mark.parametrize(
    "answer",
    [
        Raw([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", RESET]),
        Raw([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"]),
        Raw([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and much more"]),
        Raw([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"]),
        Raw([b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip"]),
        Raw([b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"]),
        endless(b"x" * 65536),
    ],
    ids=["reset", "short", "long", "chunks", "gzip", "early", "endless"],
)
def test_a_200_counts_whatever_follows_it(answer: Answer) -> None:
    """A77: reset after it, a body of 100 MB, one that never ends."""
    start = time.monotonic()
    assert told(answer).outcome is DELIVERED
    assert time.monotonic() - start < 4


def test_a_dripping_reply_costs_two_seconds_at_most() -> None:
    """A19."""
    start = time.monotonic()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
    assert told(drip(b"x" * 500, 0.1, head=head)).outcome is DELIVERED
    assert time.monotonic() - start < 4


@pytest.mark.parametrize(
    "answer",
    [
        Raw([RESET]),
        Raw([b""]),
        Raw([b"HTTP/1.1 2"]),
        Raw([b"this is not HTTP\r\n\r\n"]),
        Raw([STALL]),
    ],
    ids=["reset", "close", "half a status", "garbage", "stall"],
)
def test_a_body_written_without_a_status_is_ambiguous(answer: Answer) -> None:
    """HARDENING, delivery semantics: it comes again with the same id."""
    assert told(answer, deadline_s=0.5).outcome is AMBIGUOUS


def test_a_header_drip_ends_at_the_total_deadline() -> None:
    """A20, trap 3."""
    start = time.monotonic()
    receipt = told(drip(b"HTTP/1.1 200 OK" + b"x" * 99, 0.05), deadline_s=0.5)
    assert receipt.outcome is AMBIGUOUS
    assert time.monotonic() - start < 2


def test_nobody_listening_is_temporary() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    (receipt,) = send(hook_to(f"http://127.0.0.1:{port}/"))
    assert receipt.outcome is TEMPORARY


def test_a_tls_handshake_that_stalls_is_temporary() -> None:
    """A22: nothing was written."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        (receipt,) = send(hook_to(url), deadline_s=0.3)
        assert receipt.outcome is TEMPORARY


def test_the_excerpt_is_short_escaped_and_without_secrets() -> None:
    """A57, A65: at most 2,000 characters of what the receiver says."""
    evil = f"\x1b]0;x\x07 {FIRST} {FIRST[6:]}\r\nCRITICAL forged ".encode()
    receipt = told(Reply(status=500, body=evil + b"y" * 100_000))
    assert receipt.detail.startswith("HTTP 500 \\x1b]0;x\\x07 ••• •••\\x0d\\x0aCRIT")
    assert 1900 < len(receipt.detail) <= 2000
    assert receipt.detail.isprintable()
