"""Mail against a real server that misbehaves at every verb."""

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
from alerts.channels.email import EmailSender, dotted, read_server
from alerts.errors import ChannelError
from alerts.model import Channel, Outcome, Receipt
from crawler.secrets import Secret
from tests.alerts.letters import DESK, HOSTILE, delivery, item, letter, telling
from tests.servers.smtp import DROP, STALL, serve_mail

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.servers.smtp import Move, Post

PASSWORD = "canary-password-Q7"
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


def desk(server: str, **changes: object) -> Channel:
    plain = dataclasses.replace(DESK, server=server)
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def plain(post: Post) -> Channel:
    return desk(f"smtp+plain://127.0.0.1:{post.port}")


def with_login(scheme: str, post: Post) -> Channel:
    return desk(
        f"{scheme}://user%40desk@127.0.0.1:{post.port}", password=Secret(env="PASSWORD")
    )


LOGIN = {"user@desk": PASSWORD}


def send(
    channel: Channel, times: int = 1, *, steps_s: float = 5, dot_s: float = 5
) -> list[Receipt]:
    async def work() -> list[Receipt]:
        sender = EmailSender(
            channel,
            server=read_server(channel),
            allow=(),
            steps_s=steps_s,
            dot_s=dot_s,
        )
        row = delivery(letter(channel))
        receipts = [await sender.send(row) for _ in range(times)]
        await sender.aclose()
        return receipts

    return asyncio.run(work())


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        ({"CONNECT": ["421 too busy"]}, TEMPORARY),
        ({"CONNECT": ["554 go away"]}, PAUSED),
        ({"CONNECT": [DROP]}, TEMPORARY),
        ({"CONNECT": [b"\xff\xfe garbage\r\n"]}, TEMPORARY),
        ({"CONNECT": [b"220-" + b"x" * 10_000_000]}, TEMPORARY),
        ({"CONNECT": [b"220-a\r\n" * 20_000]}, TEMPORARY),
        ({"EHLO": ["421 shutting down"]}, TEMPORARY),
        ({"EHLO": ["550 not you"]}, PAUSED),
        ({"EHLO": [DROP]}, TEMPORARY),
        ({"MAIL": ["451 later"]}, TEMPORARY),
        ({"MAIL": ["550 sender refused"]}, PAUSED),
        ({"MAIL": ["530 authenticate first"]}, PAUSED),
        ({"MAIL": [DROP]}, TEMPORARY),
        ({"RCPT": ["451 4.7.1 greylisted"]}, TEMPORARY),
        ({"RCPT": ["421 closing"]}, TEMPORARY),
        ({"RCPT": ["550 no such user"]}, PERMANENT),
        ({"RCPT": ["530 authenticate first"]}, PAUSED),
        ({"RCPT": ["what?"]}, TEMPORARY),
        ({"RCPT": [DROP]}, TEMPORARY),
        ({"DATA": ["451 later"]}, TEMPORARY),
        ({"DATA": ["554 no"]}, PERMANENT),
        ({"DATA": [DROP]}, TEMPORARY),
        ({"DOT": ["451 later"]}, TEMPORARY),
        ({"DOT": ["421 closing"]}, TEMPORARY),
        ({"DOT": ["552 too large"]}, PERMANENT),
        ({"DOT": [b"250-one\r\n250-two\r\n250 three\r\n"]}, DELIVERED),
        ({"DOT": ["251 will forward"]}, DELIVERED),
        ({"DOT": [b"\x00\xff???\r\n"]}, AMBIGUOUS),
        ({"DOT": ["150 hm"]}, AMBIGUOUS),
        ({"DOT": [DROP]}, AMBIGUOUS),
        ({"CONNECT": [b"220-a\r\nnoise\r\n220 b\r\n"]}, TEMPORARY),
        ({"EHLO": [b"250-a\r\n550 b\r\n"]}, PAUSED),
        ({"EHLO": [b"\x00\xff\r\n\x80\r\n"]}, TEMPORARY),
        ({"EHLO": [b"250-" + b"y" * 3_000_000 + b"\r\n250 z\r\n"]}, TEMPORARY),
        ({"MAIL": [b"250-x\r\n" + b"zz\r\n" * 50]}, TEMPORARY),
        ({"RCPT": [b"250-x\r\n451-y\r\nzzz\r\n"]}, TEMPORARY),
        ({"RCPT": ["600 odd"]}, TEMPORARY),
        ({"DATA": [b"354-go\r\nwhat\r\n"]}, TEMPORARY),
        ({"DATA": ["250 ok"]}, TEMPORARY),
        ({"DOT": [b"250-a\r\n" + b"junk\r\n" * 100]}, AMBIGUOUS),
        ({"DOT": [b"250-" + b"x" * 2_000_000 + b"\r\n250 y\r\n"]}, AMBIGUOUS),
        ({"QUIT": [DROP]}, DELIVERED),
        ({"QUIT": ["421 bye"]}, DELIVERED),
    ],
)
def test_every_answer_at_every_verb_has_its_outcome(
    script: Mapping[str, Sequence[Move]], outcome: Outcome
) -> None:
    """A78."""
    with serve_mail(script) as post:
        (receipt,) = send(plain(post))
        assert receipt.outcome is outcome
        assert receipt.detail
        assert len(receipt.detail) <= 2000
        assert receipt.detail.isprintable()
        taken = "DOT" in script or "QUIT" in script
        assert len(post.mails) == taken


@pytest.mark.parametrize("verb", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
def test_silence_before_the_message_is_temporary_within_one_deadline(verb: str) -> None:
    """A78, A21."""
    with serve_mail({verb: [STALL]}) as post:
        start = time.monotonic()
        (receipt,) = send(plain(post), steps_s=0.3)
        assert receipt.outcome is TEMPORARY
        assert time.monotonic() - start < 3
        assert post.mails == []


def test_silence_after_the_final_dot_is_ambiguous() -> None:
    """A78: the server has the message; it comes again with the same id."""
    with serve_mail({"DOT": [STALL]}) as post:
        first, second = send(plain(post), 2, dot_s=0.3)
        assert (first.outcome, second.outcome) == (AMBIGUOUS, DELIVERED)
        assert post.mails[0].content == post.mails[1].content


def test_a_slow_250_is_waited_for() -> None:
    """A78: a short wait after the dot makes duplicates."""
    with serve_mail({"DOT": [0.5]}) as post:
        (receipt,) = send(plain(post), steps_s=0.3, dot_s=5)
        assert receipt.outcome is DELIVERED
        assert len(post.mails) == 1


def test_delivered_is_told_at_the_250_and_not_after_quit() -> None:
    with serve_mail({"QUIT": [STALL]}) as post:

        async def work() -> float:
            channel = plain(post)
            sender = open_channel(channel, allow=())
            start = time.monotonic()
            receipt = await sender.send(delivery(letter(channel)))
            assert receipt.outcome is DELIVERED
            return time.monotonic() - start

        assert asyncio.run(work()) < 1


def test_greylisting_passes_at_the_second_try() -> None:
    """A79."""
    with serve_mail({"RCPT": ["451 4.7.1 come back in a minute"]}) as post:
        first, second = send(plain(post), 2)
        assert (first.outcome, second.outcome) == (TEMPORARY, DELIVERED)
        assert "4.7.1" in first.detail
        assert len(post.mails) == 1


def test_each_recipient_has_a_transaction_of_its_own() -> None:
    """A80, trap 8: one refusal is that recipient's alone."""
    with serve_mail({"RCPT": ["550 no such user"]}) as post:
        channel = desk(
            f"smtp+plain://127.0.0.1:{post.port}",
            recipients=("gone@example.org", "here@example.org"),
        )

        async def work() -> list[Outcome]:
            sender = open_channel(channel, allow=())
            outcomes = []
            for recipient in channel.recipients:
                of = dataclasses.replace(letter(channel), recipient=recipient)
                outcomes.append((await sender.send(delivery(of))).outcome)
            await sender.aclose()
            return outcomes

        assert asyncio.run(work()) == [PERMANENT, DELIVERED]
        assert [mail.recipients for mail in post.mails] == [("here@example.org",)]


@pytest.mark.parametrize("title", HOSTILE)
def test_the_server_reads_only_our_headers_and_one_message(title: str) -> None:
    """A44, A47: as a mail server's parser reads the bytes off the wire."""
    with serve_mail() as post:
        channel = plain(post)
        of = letter(channel, telling(item(title, text=f"x\r\n.\r\nQUIT\r\n{title}")))

        async def work() -> Receipt:
            sender = open_channel(channel, allow=())
            receipt = await sender.send(delivery(of))
            await sender.aclose()
            return receipt

        assert asyncio.run(work()).outcome is DELIVERED
        (mail,) = post.mails
        message = email.message_from_bytes(mail.content, policy=email.policy.compat32)
        assert "Bcc" not in message
        assert len(message.keys()) == 12
        assert post.verbs() == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]


def test_a_dot_alone_in_a_stored_message_is_stuffed() -> None:
    """A47: even in a message that was not encoded."""
    assert dotted(b"a\r\n.\r\n..b\rc\nd") == (b"a\r\n..\r\n...b\r\nc\r\nd\r\n.\r\n")
    with serve_mail() as post:
        channel = plain(post)
        row = dataclasses.replace(
            delivery(letter(channel)), payload=b"Subject: x\r\n\r\na\r\n.\r\n.b\r\n"
        )

        async def work() -> Receipt:
            return await open_channel(channel, allow=()).send(row)

        assert asyncio.run(work()).outcome is DELIVERED
        assert post.mails[0].content == row.payload


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
