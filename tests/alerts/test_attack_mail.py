"""Strangers' words in mail, as a real server takes it (A44, A45, A47)."""

from __future__ import annotations

import asyncio
import dataclasses
import email
import socket
import threading
from email import policy
from typing import TYPE_CHECKING

import pytest

from alerts.channels import open_channel
from alerts.messages import render
from alerts.model import MessageType, Outcome
from alerts.rendering import mail as mail_look
from tests.alerts.letters import DESK, delivery, item, letter, telling
from tests.alerts.poison import EVERYWHERE, FIELDS, notices, poisoned
from tests.servers.smtp import serve_mail

if TYPE_CHECKING:
    from collections.abc import Sequence
    from email.message import Message

    from alerts.model import Channel, Delivery, Letter

ENCODED = (
    "=?utf-8?q?a=0d=0aBcc:_evil@example.net?=",
    "=?UTF-8?B?YQ0KQmNjOiBldmlsQGV4YW1wbGUubmV0?=",
    "=?utf-8?q?a=0d=0a=0d=0aX-Body:_evil?= tail",
    "=?utf-8*en?q?a=0aBcc:_evil@example.net?=",
    "a =?utf-8?q?b?= =?utf-8?q?=0d=0aBcc:_evil@example.net?=",
    "==?utf-8?q?=0d=0aBcc:_evil?=?=",
    "=\u200b?utf-8?q?x=0aBcc:_evil?=",
)
BREAKS = {
    "CR": "\r",
    "LF": "\n",
    "CRLF": "\r\n",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "NEL": "\x85",
    "VT": "\x0b",
    "FF": "\x0c",
    "NUL": "\x00",
    "FS": "\x1c",
    "RS": "\x1e",
}
OURS = [
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Id"),
    *("List-Unsubscribe", "MIME-Version", "Content-Type"),
]
THREADED = [*OURS[:5], "References", "In-Reply-To", *OURS[5:]]


def through(channel: Channel, rows: Sequence[Delivery]) -> list[bytes]:
    """What a real server took for these rows, one mail each."""
    with serve_mail() as post:
        channel = dataclasses.replace(
            channel, server=f"smtp+plain://127.0.0.1:{post.port}"
        )

        async def work() -> None:
            sender = open_channel(channel, allow=())
            for row in rows:
                assert (await sender.send(row)).outcome is Outcome.DELIVERED
            await sender.aclose()

        asyncio.run(work())
        assert [mail.recipients for mail in post.mails] == [("desk@example.org",)] * (
            len(rows)
        )
        once = ["MAIL", "RCPT", "DATA"]
        assert post.verbs() == ["EHLO", *once * len(rows), "QUIT"]
        return [mail.content for mail in post.mails]


def check(content: bytes, of: Letter) -> None:
    """The headers are ours, in order, as a parser reads them that knows no Python."""
    read: Message = email.message_from_bytes(content, policy=policy.compat32)
    threaded = of.type in {MessageType.OPENED, MessageType.UPDATED}
    assert read.keys() == (THREADED if threaded else OURS)
    head = content.partition(b"\r\n\r\n")[0]
    for line in head.split(b"\r\n"):
        name = line.partition(b":")[0].decode("latin-1")
        assert line.startswith((b" ", b"\t")) or name in THREADED, line
    assert not any(byte in head for byte in (b"\x00", b"\x0b", b"\x0c", b"\x85"))
    assert read["To"] == "desk@example.org"
    assert "[vedette] message" not in read["Subject"], "only the last guard held"
    assert read["Message-ID"].startswith(f"<{of.id}@example.org>")
    whole = email.message_from_bytes(content, policy=policy.SMTP)
    for part in whole.walk():
        assert not part.defects
    assert [part.get_content_type() for part in whole.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


@pytest.mark.parametrize("field", [*FIELDS, EVERYWHERE])
def test_no_encoded_word_in_any_field_adds_a_header_at_the_server(field: str) -> None:
    """A44: CVE-2024-6923; title, author, source, topic, channel, sender and others."""
    letters = [one for word in ENCODED for one in poisoned(DESK, word, field)]
    for content, of in zip(
        through(DESK, [delivery(of) for of in letters]), letters, strict=True
    ):
        check(content, of)


@pytest.mark.parametrize("name", BREAKS)
def test_no_line_break_in_any_field_adds_a_header_at_the_server(name: str) -> None:
    """A45: CR, LF, U+2028, U+0085, VT, FF, NUL and their like."""
    found = BREAKS[name]
    words = [
        f"a{found}Bcc: evil@example.net{found}{found}X: evil",
        f"{found}{found}Subject: evil",
        f"a{found} folded: evil{found}\tmore",
    ]
    letters = [one for word in words for one in poisoned(DESK, word)]
    for content, of in zip(
        through(DESK, [delivery(of) for of in letters]), letters, strict=True
    ):
        check(content, of)


def test_what_a_sick_source_answers_adds_no_header() -> None:
    """A44, A45: a message about the watch quotes the source."""
    words = (*ENCODED, *(f"a{one}Bcc: evil@example.net" for one in BREAKS.values()))
    rows = [row for word in words for row in notices(DESK, word)]
    for content in through(DESK, rows):
        read = email.message_from_bytes(content, policy=policy.compat32)
        assert read.keys() == OURS


def test_the_second_look_at_the_bytes_holds_when_the_first_guard_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A44: without the broken ``=?`` this Python writes a Bcc; no server gets it."""
    word = "=?utf-8?q?a=0d=0aBcc:_evil@example.net?="
    monkeypatch.setattr(mail_look, "header", lambda text, **_: text)
    planted = mail_look._message(letter(), word)
    if "Bcc" not in mail_look.header_names(planted.as_bytes()):
        pytest.skip("this Python does not have CVE-2024-6923 any more")
    for of in (
        letter(DESK, telling(item(word))),
        letter(dataclasses.replace(DESK, sender=f'"{word}" <vedette@example.org>')),
    ):
        assert mail_look.header_names(render(of)) == THREADED
        (content,) = through(DESK, [delivery(of)])
        assert mail_look.header_names(content) == THREADED
        assert b"evil" not in content.partition(b"\r\n\r\n")[0]


SMUGGLED = (
    b"\r\n.\r\nMAIL FROM:<evil@example.net>\r\n",
    b"\n.\nMAIL FROM:<evil@example.net>\n",
    b"\r.\rMAIL FROM:<evil@example.net>\r",
    b"\n.\r\nMAIL FROM:<evil@example.net>\r\n",
    b"\r\n.\nMAIL FROM:<evil@example.net>\r\n",
    b"\r\n.\rMAIL FROM:<evil@example.net>\r\n",
    b"\r.\r\nMAIL FROM:<evil@example.net>\r\n",
    b"\r\n\x00.\r\n.\r\n",
    b".",
    b"\r\n.",
    b"\r\n..\r\n.\r\n",
)
"""Ends of a message as some server reads them (RFC 5321 knows only the first)."""


@pytest.mark.parametrize("tail", SMUGGLED)
def test_no_end_of_data_in_a_text_makes_a_second_message(tail: bytes) -> None:
    """A47: written by a title or a text, and even lying in a stored message."""
    word = tail.decode("latin-1")
    letters = [letter(DESK, telling(item(f"a{word}", text=f"b{word}")))]
    raw = dataclasses.replace(
        delivery(letter()), payload=b"Subject: x\r\n\r\nbody" + tail + b"rest\r\n"
    )
    rows = [*map(delivery, letters), raw]
    contents = through(DESK, rows)
    assert len(contents) == 2
    check(contents[0], letters[0])
    assert b"rest" in contents[1]


@pytest.mark.parametrize("tail", SMUGGLED)
def test_the_wire_carries_one_end_of_data_and_no_bare_line_end(tail: bytes) -> None:
    """A47: as every server reads it, strict or lax: only CRLF, one lone dot."""
    wire = _on_the_wire(b"Subject: x\r\n\r\nbody" + tail + b"rest\r\n")
    lines = wire.split(b"\r\n")
    assert lines.count(b".") == 1
    assert lines[-2:] == [b".", b""]
    assert not any(b"\r" in line or b"\n" in line for line in lines)


def _on_the_wire(payload: bytes) -> bytes:
    """The bytes that a socket really gets after 354 and before QUIT."""
    data = bytearray()

    def serve(listener: socket.socket) -> None:
        peer, _ = listener.accept()
        with peer, peer.makefile("rb") as lines:
            peer.sendall(b"220 x\r\n")
            for line in lines:
                if line == b"DATA\r\n":
                    peer.sendall(b"354 go\r\n")
                    break
                peer.sendall(b"250 ok\r\n")
            for line in lines:
                if line == b"QUIT\r\n":
                    break
                data.extend(line)
                if line == b".\r\n":
                    peer.sendall(b"250 ok\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        channel = dataclasses.replace(DESK, server=f"smtp+plain://127.0.0.1:{port}")
        row = dataclasses.replace(delivery(letter(channel)), payload=payload)

        async def work() -> None:
            sender = open_channel(channel, allow=())
            assert (await sender.send(row)).outcome is Outcome.DELIVERED
            await sender.aclose()

        asyncio.run(work())
        thread.join(10)
    return bytes(data)
