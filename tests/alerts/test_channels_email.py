"""Mail against a real server that misbehaves at every verb."""

from __future__ import annotations

import asyncio
import dataclasses
import email
import email.policy
import time
from typing import TYPE_CHECKING

import pytest

from alerts.channels import open_channel
from alerts.channels.email import dotted
from alerts.model import Outcome, Receipt
from tests.alerts.letters import HOSTILE, delivery, item, letter, telling
from tests.alerts.postroom import desk, plain, send
from tests.servers.smtp import DROP, STALL, serve_mail

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.servers.smtp import Move

TEMPORARY, PERMANENT = Outcome.TEMPORARY, Outcome.PERMANENT
PAUSED, AMBIGUOUS = Outcome.PAUSED, Outcome.AMBIGUOUS
DELIVERED = Outcome.DELIVERED


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
            took = time.monotonic() - start
            await sender.aclose()
            return took

        assert asyncio.run(work()) < 1


def test_a_burst_takes_one_connection_and_one_login() -> None:
    with serve_mail() as post:
        receipts = send(plain(post), 3)
        assert [one.outcome for one in receipts] == [DELIVERED] * 3
        again = ["MAIL", "RCPT", "DATA"]
        assert post.verbs() == ["EHLO", *again * 3, "QUIT"]


@pytest.mark.parametrize("move", [DROP, "421 too many", "451 no more of these"])
def test_a_kept_connection_that_will_not_go_on_costs_no_message(move: Move) -> None:
    """A78: what it answers says nothing about a message that it never saw."""
    # Played at its second MAIL: the first message went well.
    with serve_mail({"MAIL": [0.0, move]}) as post:
        receipts = send(plain(post), 2)
        assert [one.outcome for one in receipts] == [DELIVERED] * 2
        assert len(post.mails) == 2
        assert post.verbs().count("EHLO") == 2


def test_a_kept_connection_is_given_back_after_some_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("alerts.channels.email.KEPT_S", 0.1)
    with serve_mail() as post:

        async def work() -> None:
            sender = open_channel(plain(post), allow=())
            assert (
                await sender.send(delivery(letter(plain(post))))
            ).outcome is DELIVERED
            for _ in range(100):
                if "QUIT" in post.verbs():
                    break
                await asyncio.sleep(0.05)
            assert "QUIT" in post.verbs()
            await sender.aclose()

        asyncio.run(work())


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
            sender = open_channel(channel, allow=())
            receipt = await sender.send(row)
            await sender.aclose()
            return receipt

        assert asyncio.run(work()).outcome is DELIVERED
        assert post.mails[0].content == row.payload
