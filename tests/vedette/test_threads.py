"""Mails of one story thread together, whatever became of the first."""

from __future__ import annotations

import asyncio
import email
import json
from dataclasses import replace
from datetime import time, timedelta
from email import policy
from typing import TYPE_CHECKING, cast

import pytest

from alerts.channels import open_channel
from alerts.model import Channel, DeliveryState, Escalate, MessageType, Severity
from tests.alerts.desk import NOW, item, topic
from tests.servers.smtp import serve_mail
from tests.vedette.clockwork import Clock, Ear, add, working
from vedette.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from tests.servers.smtp import Post

MINUTE = timedelta(minutes=1)
TOPICS = (
    topic(
        "ferry",
        "ferry",
        severity=Severity.HIGH,
        escalate=Escalate(after=30 * MINUTE, to=("desk",)),
    ),
)
FERRY = item("The ferry is late again this morning", source="a")
ORGAN = item("A ferry brings an organ of four hundred pipes", source="b")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "s.db") as opened:
        yield opened


def desk(post: Post, **more: object) -> Channel:
    plain = Channel(
        name="desk",
        kind="email",
        recipients=("desk@x.test",),
        sender="vedette@x.test",
        server=f"smtp+plain://127.0.0.1:{post.port}",
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def live(store: Store, clock: Clock, channel: Channel) -> None:
    """One process that judges and sends whatever is due."""

    async def run() -> None:
        sender = cast("Ear", open_channel(channel, allow=(), clock=clock))
        async with working(store, clock, sender, TOPICS, channel) as jobs:
            while await jobs.evaluate():
                pass
            while await jobs.deliver():
                pass
        await sender.aclose()

    asyncio.run(run())


def mails(post: Post) -> list[EmailMessage]:
    return [
        email.message_from_bytes(mail.content, policy=policy.default)
        for mail in post.mails
    ]


def root(store: Store, alert: str) -> str:
    (row,) = (row for row in store.alerts(9) if row.alert.id == alert)
    return f"<{row.alert.story_id}@x.test>"


def test_a_follow_up_threads_when_the_first_mail_was_given_up(store: Store) -> None:
    """I11: under the story, which was never a mail."""
    clock = Clock()
    with serve_mail({"RCPT": ["550 no such user"]}) as post:
        channel = desk(post)
        add(store, FERRY)
        live(store, clock, channel)
        (first,) = store.outbox(9)
        assert first.state is DeliveryState.DEAD
        clock.now = NOW + 30 * MINUTE
        live(store, clock, channel)
        (mail,) = mails(post)
    assert mail["References"] == mail["In-Reply-To"] == root(store, first.alert_ids[0])
    assert mail["Message-ID"] != mail["References"]
    assert f"References: {mail['References']}\r\n".encode() in post.mails[0].content


def test_a_follow_up_threads_when_the_first_came_by_digest(store: Store) -> None:
    """I11: the digest itself, which tells of many stories, is no thread."""
    clock = Clock()
    with serve_mail() as post:
        channel = desk(post, digest=(time(12, 20),))
        add(store, FERRY, ORGAN)
        live(store, clock, channel)
        clock.now = NOW + 20 * MINUTE
        live(store, clock, channel)
        clock.now = NOW + 30 * MINUTE
        live(store, clock, channel)
        digest, *later = mails(post)
    rows = {f"<{row.id}@x.test>": row for row in store.outbox(9)}
    gathered = rows[digest["Message-ID"]]
    assert gathered.type is MessageType.DIGEST
    assert len(gathered.alert_ids) == 2
    assert digest["References"] is None
    assert len(later) == 2
    for mail in later:
        row = rows[mail["Message-ID"]]
        assert row.type is MessageType.UPDATED
        assert mail["References"] == root(store, row.alert_ids[0])
    assert {mail["References"] for mail in later} == {
        root(store, one) for one in gathered.alert_ids
    }


def test_elsewhere_the_storys_id_is_the_thread(store: Store, tmp_path: Path) -> None:
    """I11: in the JSON that webhooks and files carry."""
    clock, path = Clock(), tmp_path / "alerts.jsonl"
    log = Channel(name="desk", kind="file", recipients=("desk",), path=str(path))
    add(store, FERRY)
    live(store, clock, log)
    clock.now = NOW + 30 * MINUTE
    live(store, clock, log)
    first, later = map(json.loads, path.read_text("utf-8").splitlines())
    assert (first["type"], later["type"]) == ("alert.opened", "alert.updated")
    assert first["data"]["story"]["id"] == later["data"]["story"]["id"]
    assert first["data"]["id"] != later["data"]["id"]


def test_ids_are_short_and_never_encoded(store: Store) -> None:
    """At 78 columns Python writes long ones as =?utf-8?q?…?=, which no reader joins."""
    domain = ".".join(["department" * 4] * 5) + ".test"
    clock = Clock()
    with serve_mail() as post:
        add(store, FERRY)
        live(store, clock, desk(post, sender=f"vedette@{domain}"))
        head = post.mails[0].content.partition(b"\r\n\r\n")[0]
        clock.now = NOW + 1440 * MINUTE
        add(store, ORGAN)
        live(store, clock, desk(post, sender="vedette@yourdomain.org"))
        short = mails(post)[-1]
    for name in ("Message-ID", "References", "In-Reply-To", "List-Id"):
        (line,) = (x for x in head.split(b"\r\n") if x.startswith(f"{name}: ".encode()))
        assert line.endswith(f"{domain}>".encode())
        assert b"=?" not in line
    for name in ("Message-ID", "References", "In-Reply-To"):
        assert len(short[name]) < 60
    assert short["Auto-Submitted"] == "auto-generated"
    assert short["List-Id"] == "<desk.vedette.yourdomain.org>"
    assert short["List-Unsubscribe"].startswith("<mailto:vedette@yourdomain.org?")
