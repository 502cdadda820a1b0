"""Receivers that misbehave, up to what the outbox makes of it (A76, A77, A79, A80)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from alerts.model import DeliveryState, Reason
from crawler.clock import utc_now
from tests.servers.http import RESET, STALL, Raw, Reply, endless, redirect, serve
from tests.servers.receiver import receive
from tests.vedette.lab import SECRET
from tests.vedette.test_once import FERRY, TOPICS
from tests.vedette.test_outbox import NOW, Post

if TYPE_CHECKING:
    from pathlib import Path

    from alerts.model import Delivery
    from tests.servers.http import Answer
    from tests.vedette.lab import Lab

SCHEDULE = (4.5, 5.5)
WEEK = 7 * 24 * 3600.0


def sent(tmp_path: Path, answer: Answer) -> tuple[Delivery, list[str]]:
    """The row of a message after one attempt at a receiver that answers so."""
    with receive(secrets=[SECRET], replies=[answer]) as hook:
        post = Post(tmp_path / "v.db", tmp_path, {"hook": hook})
        post.publish(1)

        async def story() -> None:
            setup = post.setup()
            for row in await post.outbox.claim():
                await post.outbox.send(row, setup)
            await setup.aclose()

        asyncio.run(story())
        (row,) = post.store.outbox(9)
        post.store.close()
        assert len(hook.ids()) == 1
        return row, hook.ids()


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("raw", "least", "most"),
    [
        ("3", *SCHEDULE),
        ("600", 600, 600),
        ("date", 590, 601),
        ("-1", *SCHEDULE),
        ("1e9", *SCHEDULE),
        ("9" * 30, WEEK, WEEK),
        ("soon", *SCHEDULE),
        ("Thu, 01 Jan 1970 00:00:00 GMT", *SCHEDULE),
        ("", *SCHEDULE),
    ],
)
def test_the_wait_a_receiver_asks_for_is_kept_within_bounds(
    tmp_path: Path, status: int, raw: str, least: float, most: float
) -> None:
    """A77, I10: never sooner than the schedule, never later than a week."""
    if raw == "date":
        raw = format_datetime(utc_now() + timedelta(minutes=10), usegmt=True)
    answer = Reply(status=status, headers={"Retry-After": raw})
    row, _ = sent(tmp_path, answer)
    assert row.state is DeliveryState.PENDING
    assert row.attempts == 1
    assert least <= (row.due - NOW).total_seconds() <= most


@pytest.mark.parametrize(
    "answer",
    [
        Reply(status=200),
        Raw([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", RESET]),
        endless(b"x" * 65536),
        Reply(status=200, body=b"x" * 100 * 2**20),
    ],
    ids=["plain", "reset", "endless", "100 MB"],
)
def test_a_yes_is_a_yes_whatever_follows_it(tmp_path: Path, answer: Answer) -> None:
    """A77: settled at once, so that it is never sent again."""
    row, _ = sent(tmp_path, answer)
    assert row.state is DeliveryState.DELIVERED


def test_gone_is_given_up_and_no_redirect_is_followed(tmp_path: Path) -> None:
    """A77: 410 is the end of this message; a redirect is tried again here."""
    with serve({}) as elsewhere:
        (tmp_path / "a").mkdir()
        row, _ = sent(tmp_path / "a", redirect(elsewhere.url("/stolen"), 307))
        assert row.state is DeliveryState.PENDING
        assert elsewhere.requests == []
    row, _ = sent(tmp_path, Reply(status=410))
    assert (row.state, row.reason) == (DeliveryState.DEAD, Reason.GONE)


def test_a_receiver_that_says_nothing_gets_the_same_id_again(tmp_path: Path) -> None:
    """A77, I3: no answer is no no; the second time it is one effect all the same."""
    with receive(secrets=[SECRET], replies=[Raw([STALL])]) as hook:
        post = Post(tmp_path / "v.db", tmp_path, {"hook": hook})
        post.publish(1)

        async def story() -> None:
            setup = post.setup()
            (row,) = await post.outbox.claim()
            sending = asyncio.create_task(post.outbox.send(row, setup))
            while not hook.messages:
                await asyncio.sleep(0.01)
            sending.cancel()
            await sending
            post.now += timedelta(minutes=1)
            (row,) = await post.outbox.claim()
            await post.outbox.send(row, setup)
            await setup.aclose()

        asyncio.run(story())
        (row,) = post.store.outbox(9)
        post.store.close()
        assert row.state is DeliveryState.DELIVERED
        assert hook.ids() == [row.id, row.id]
        assert len(hook.effects) == 1


def two_readers(lab: Lab) -> None:
    lab.feed(FERRY)
    config = lab.write(TOPICS)
    text = config.read_text()
    config.write_text(
        text.replace("[desk@vedette.test]", "[gone@vedette.test, here@vedette.test]")
    )


@pytest.mark.slow
def test_one_reader_that_is_refused_costs_the_other_nothing(lab: Lab) -> None:
    """A80: one row and one transaction each; the refused one is a dead letter."""
    two_readers(lab)
    lab.post.script["RCPT"] = ["550 5.1.1 no such user"]
    lab.run("once", code=1)
    rows = {r["recipient"]: r for r in lab.rows("outbox") if r["channel"] == "desk"}
    states = sorted(row["state"] for row in rows.values())
    assert states == ["dead", "delivered"]
    (dead,) = (row for row in rows.values() if row["state"] == "dead")
    assert dead["reason"] == "refused"
    assert "5.1.1" in dead["detail"]
    (mail,) = lab.post.mails
    assert mail.recipients != (dead["recipient"],)


@pytest.mark.slow
def test_a_greylisted_reader_gets_the_mail_at_the_next_try(lab: Lab) -> None:
    """A79: in some minutes, under the same id, once."""
    two_readers(lab)
    lab.post.script["RCPT"] = ["451 4.7.1 come back in a minute"]
    lab.run("once", code=1)
    rows = [row for row in lab.rows("outbox") if row["channel"] == "desk"]
    (waiting,) = (row for row in rows if row["state"] == "pending")
    assert "4.7.1" in waiting["detail"]
    assert len(lab.post.mails) == 1
    lab.run("outbox", "retry", waiting["id"])
    lab.run("once")
    assert sorted(mail.recipients[0] for mail in lab.post.mails) == [
        "gone@vedette.test",
        "here@vedette.test",
    ]
    assert {row["state"] for row in lab.rows("outbox")} == {"delivered"}
