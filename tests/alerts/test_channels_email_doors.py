"""Mail: TLS, passwords, addresses; what is said before any message."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import email
import email.policy
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from alerts.channels import open_channel, probe
from alerts.channels.email import read_server
from alerts.errors import ChannelError
from alerts.model import Outcome
from crawler.secrets import Secret
from tests.alerts.postroom import LOGIN, PASSWORD, desk, send, with_login
from tests.servers.smtp import DROP, serve_mail

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.servers.smtp import Move

TEMPORARY, PERMANENT = Outcome.TEMPORARY, Outcome.PERMANENT
PAUSED, AMBIGUOUS = Outcome.PAUSED, Outcome.AMBIGUOUS
DELIVERED = Outcome.DELIVERED


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(autouse=True)
def _trust(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("PASSWORD", PASSWORD)


def server_tls(
    authority: trustme.CA, *names: str, not_after: datetime | None = None
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(
        *(names or ("127.0.0.1",)), not_after=not_after
    ).configure_cert(context)
    return context


# --- TLS and passwords ------------------------------------------------------------


def test_starttls_protects_the_password(authority: trustme.CA) -> None:
    with serve_mail(starttls=server_tls(authority), logins=LOGIN) as post:
        (receipt,) = send(with_login("smtp", post))
        assert receipt.outcome is DELIVERED
        (mail,) = post.mails
        assert (mail.secure, mail.user) == (True, "user@desk")
        in_clear = [line for line, secure in post.lines if not secure]
        assert in_clear == ["EHLO example.org", "STARTTLS"]


def test_smtps_protects_everything(authority: trustme.CA) -> None:
    with serve_mail(smtps=server_tls(authority), logins=LOGIN) as post:
        (receipt,) = send(with_login("smtps", post))
        assert receipt.outcome is DELIVERED
        assert all(secure for _, secure in post.lines)
        assert post.mails[0].user == "user@desk"


def test_a_stripped_starttls_pauses_before_the_password() -> None:
    """A78: the man in the middle offers AUTH in clear text."""
    with serve_mail(logins=LOGIN, auth_in_clear=True) as post:
        (receipt,) = send(with_login("smtp", post))
        assert receipt.outcome is PAUSED
        assert "STARTTLS" in receipt.detail
        assert post.verbs() == ["EHLO"]


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        ({"STARTTLS": ["454 not now"]}, TEMPORARY),
        ({"STARTTLS": ["501 no"]}, PAUSED),
        ({"STARTTLS": [DROP]}, TEMPORARY),
        ({"STARTTLS": [b"220 go\r\n250 injected\r\n"]}, TEMPORARY),
        ({"AUTH": ["454 directory is down"] * 2}, TEMPORARY),
        ({"AUTH": ["535 no"] * 2}, PAUSED),
        ({"AUTH": [DROP]}, TEMPORARY),
    ],
)
def test_trouble_on_the_way_to_the_password_has_its_outcome(
    authority: trustme.CA, script: Mapping[str, Sequence[Move]], outcome: Outcome
) -> None:
    """A78."""
    with serve_mail(script, starttls=server_tls(authority), logins=LOGIN) as post:
        (receipt,) = send(with_login("smtp", post), steps_s=2)
        assert receipt.outcome is outcome
        assert post.mails == []
        assert not any(
            line.startswith("AUTH") for line, secure in post.lines if not secure
        )


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize("fault", ["stranger", "expired", "other name"])
def test_a_certificate_that_does_not_verify_pauses_before_the_password(
    authority: trustme.CA, scheme: str, fault: str
) -> None:
    """A78."""
    past = datetime.now(UTC) - timedelta(days=2)  # noqa: TID251 - a certificate's date
    context = {
        "stranger": lambda: server_tls(trustme.CA()),
        "expired": lambda: server_tls(authority, not_after=past),
        "other name": lambda: server_tls(authority, "127.0.0.9"),
    }[fault]()
    with serve_mail(
        logins=LOGIN,
        starttls=context if scheme == "smtp" else None,
        smtps=context if scheme == "smtps" else None,
    ) as post:
        (receipt,) = send(with_login(scheme, post))
        assert receipt.outcome is PAUSED
        assert "certificate" in receipt.detail.lower()
        assert "AUTH" not in post.verbs()


def test_a_wrong_password_pauses_the_channel_and_is_not_shown(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A65, A78: even when the server echoes what it was sent."""
    echo = base64.b64encode(b"\0user@desk\0" + PASSWORD.encode()).decode()
    script = {"AUTH": [f"535 {PASSWORD} {echo}"] * 2}
    with serve_mail(script, starttls=server_tls(authority), logins=LOGIN) as post:
        (receipt,) = send(with_login("smtp", post))
        assert receipt.outcome is PAUSED
        assert PASSWORD not in receipt.detail
        assert echo not in receipt.detail
    monkeypatch.setenv("PASSWORD", "not-the-one")
    with serve_mail(starttls=server_tls(authority), logins=LOGIN) as post:
        (receipt,) = send(with_login("smtp", post))
        assert receipt.outcome is PAUSED


def test_a_missing_password_pauses_without_a_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PASSWORD")
    with serve_mail() as post:
        (receipt,) = send(with_login("smtp", post))
        assert receipt.outcome is PAUSED
        assert "PASSWORD is not set" in receipt.detail
        assert post.lines == []


def test_a_server_without_auth_pauses_a_channel_with_a_password(
    authority: trustme.CA,
) -> None:
    """A78."""
    with serve_mail(starttls=server_tls(authority)) as post:
        (receipt,) = send(with_login("smtp", post))
        assert receipt.outcome is PAUSED
        assert post.mails == []


def test_clear_text_goes_to_loopback_and_allowed_networks_only() -> None:
    channel = desk("smtp+plain://192.0.2.1:25")
    (receipt,) = send(channel)
    assert receipt.outcome is PAUSED
    assert "192.0.2.1" in receipt.detail


def test_a_server_that_is_not_there_is_temporary() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    (receipt,) = send(desk(f"smtps://127.0.0.1:{port}"))
    assert receipt.outcome is TEMPORARY
    (receipt,) = send(desk("smtps://nowhere.invalid"))
    assert receipt.outcome is TEMPORARY


def test_a_tls_handshake_that_stalls_is_temporary_within_one_deadline() -> None:
    """A22."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        (receipt,) = send(
            desk(f"smtps://127.0.0.1:{silent.getsockname()[1]}"), steps_s=0.3
        )
        assert receipt.outcome is TEMPORARY
        assert time.monotonic() - start < 3


# --- addresses --------------------------------------------------------------------


def test_an_international_address_goes_to_a_server_with_smtputf8() -> None:
    with serve_mail() as post:
        channel = desk(
            f"smtp+plain://127.0.0.1:{post.port}", recipients=("홍길동@example.org",)
        )
        assert send(channel)[0].outcome is DELIVERED
        assert post.mails[0].recipients == ("홍길동@example.org",)


def test_an_international_address_is_refused_for_good_without_smtputf8() -> None:
    with serve_mail(smtputf8=False) as post:
        url = f"smtp+plain://127.0.0.1:{post.port}"
        (receipt,) = send(desk(url, recipients=("홍길동@example.org",)))
        assert receipt.outcome is PERMANENT
        assert "SMTPUTF8" in receipt.detail
        (receipt,) = send(desk(url, sender="기자@example.org"))
        assert receipt.outcome is PAUSED
        assert post.mails == []


def test_an_international_domain_is_sent_in_ascii() -> None:
    with serve_mail(smtputf8=False) as post:
        channel = desk(
            f"smtp+plain://127.0.0.1:{post.port}", recipients=("desk@예시.example",)
        )
        assert send(channel)[0].outcome is DELIVERED
        assert post.mails[0].recipients == ("desk@xn--vv4b11d.example",)


@pytest.mark.parametrize(
    "recipient",
    [
        "a@example.org>\r\nRCPT TO:<evil@example.net",
        "a@example.org\r\nDATA\r\n",
        '"a\r\nBcc: evil@example.net"@example.org',
        "a b@example.org",
        "",
        "nobody",
    ],
)
def test_no_recipient_adds_a_command_or_a_header(recipient: str) -> None:
    """A46: the config refuses these at load; nothing gives way behind it."""
    with serve_mail() as post:
        channel = desk(f"smtp+plain://127.0.0.1:{post.port}", recipients=(recipient,))
        (receipt,) = send(channel)
        assert receipt.outcome in {PERMANENT, DELIVERED}
        for mail in post.mails:
            assert len(mail.recipients) == 1
            assert "evil" not in "".join(mail.recipients)
            message = email.message_from_bytes(mail.content)
            assert len(message.keys()) == 12
        assert post.verbs().count("RCPT") <= 1


# --- probing and opening ----------------------------------------------------------


def test_a_probe_logs_in_and_sends_no_mail(authority: trustme.CA) -> None:
    with serve_mail(starttls=server_tls(authority), logins=LOGIN) as post:
        channel = with_login("smtp", post)
        assert asyncio.run(probe(channel, allow=())).outcome is DELIVERED
        assert post.verbs() == ["EHLO", "STARTTLS", "EHLO", "AUTH", "QUIT"]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"server": None}, "server"),
        ({"server": "https://mail.example.org"}, "server"),
        ({"server": "smtp://"}, "server"),
        ({"server": "smtp://mail.example.org:x"}, "server"),
        ({"server": "smtp://mail.example.org/path"}, "server"),
        ({"server": "smtp://user:pw@mail.example.org"}, "server"),
        ({"server": "smtp://user@mail.example.org"}, "password"),
        ({"server": "smtp://m.example", "password": Secret(env="X")}, "password"),
        ({"sender": None}, "from"),
        ({"sender": "nobody"}, "from"),
    ],
)
def test_options_that_cannot_work_are_refused_when_opened(
    changes: dict[str, Any], place: str
) -> None:
    fine = desk("smtp://mail.example.org")
    with pytest.raises(ChannelError) as caught:
        open_channel(dataclasses.replace(fine, **changes), allow=())
    assert caught.value.path == ("channels", "desk", place)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "port"), [("smtp://m", 587), ("smtps://m", 465), ("smtp+plain://m", 25)]
)
def test_each_scheme_has_its_port(url: str, port: int) -> None:
    assert read_server(desk(url)).port == port
