"""Chats: the process that posts, its secrets, the options."""

from __future__ import annotations

import asyncio
import dataclasses
import importlib
import sys
from pathlib import Path

import pytest

from alerts.channels import open_channel
from alerts.channels.chat import ChatSender
from alerts.channels.chaturls import SERVICES, chat_secrets
from alerts.errors import ChannelError
from alerts.model import Channel, Outcome
from crawler.clock import utc_now
from crawler.secrets import Secret
from tests.alerts.chatroom import ALLOW, TOKEN, chat, posted, send
from tests.alerts.letters import ROOM, delivery, letter
from tests.servers.http import STALL, Raw, Reply

pytest.importorskip("apprise", reason="the extra `chat` is not installed")
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is:DeprecationWarning")

DELIVERED, TEMPORARY = Outcome.DELIVERED, Outcome.TEMPORARY
AMBIGUOUS, PAUSED, GONE = Outcome.AMBIGUOUS, Outcome.PAUSED, Outcome.GONE
PERMANENT = Outcome.PERMANENT


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setenv("ROOM", "")  # so that it is put back as it was
    monkeypatch.delenv("ROOM")
    return dataclasses.replace(ROOM, url=Secret(env="ROOM"))


# --- the process ------------------------------------------------------------------


def test_the_address_is_on_no_command_line_and_the_environment_is_clean(
    room: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A65, I20."""
    monkeypatch.setenv("SMTP_PASSWORD", "canary-password")

    async def work() -> None:
        sender = ChatSender(room, allow=ALLOW, clock=utc_now)
        await sender.send(delivery(letter(room)))
        process = sender._process
        assert process is not None
        folder = Path(f"/proc/{process.pid}")
        seen = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        assert TOKEN.encode() not in seen
        assert b"canary-password" not in seen
        await sender.aclose()
        assert not folder.exists()

    with chat():
        asyncio.run(work())


def test_a_process_that_was_killed_or_dismissed_is_started_again(
    room: Channel,
) -> None:
    async def work() -> None:
        sender = ChatSender(room, allow=ALLOW, clock=utc_now)
        row = delivery(letter(room))
        assert (await sender.send(row)).outcome is DELIVERED
        assert sender._process is not None
        sender._process.kill()
        await sender._process.wait()
        assert (await sender.send(row)).outcome is DELIVERED
        sender._dismiss()
        assert (await sender.send(row)).outcome is DELIVERED
        await sender.aclose()

    with chat() as site:
        asyncio.run(work())
        assert len(site.requests) == 3


def test_a_send_that_is_cancelled_leaves_no_process(room: Channel) -> None:
    """I18."""

    async def work() -> None:
        sender = ChatSender(room, allow=ALLOW, clock=utc_now)
        task = asyncio.create_task(sender.send(delivery(letter(room))))
        while not site.requests:
            await asyncio.sleep(0.05)
        process = sender._process
        assert process is not None
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert process.returncode is not None
        await sender.aclose()

    with chat(Raw((STALL,))) as site:
        asyncio.run(work())


# --- options ----------------------------------------------------------------------


def test_the_secret_parts_of_an_address_are_hidden(room: Channel) -> None:
    """A65: some services have their token where others have a host."""
    assert {"T1JJ3T3L2", "A1BRTD4JD", TOKEN} <= set(
        chat_secrets(f"slack://T1JJ3T3L2/A1BRTD4JD/{TOKEN}")
    )
    assert "mm.example.org" not in chat_secrets("mmosts://mm.example.org/abcd")
    with chat(Reply(status=500, body=TOKEN.encode())):
        receipt = posted()
    assert receipt.detail == "HTTP 500 •••"


def test_a_missing_secret_pauses(room: Channel) -> None:
    (receipt,) = send(room)
    assert receipt.outcome is PAUSED
    assert "ROOM" in receipt.detail


def test_without_the_extra_the_channel_says_what_to_install(
    room: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ChannelError, match=r"pipx install.*\[chat\]"):
        open_channel(room, allow=())
    with pytest.raises(ChannelError, match="url"):
        open_channel(ROOM, allow=())


def test_every_service_is_one_that_apprise_knows() -> None:
    plugins = importlib.import_module("apprise.manager_plugins").NotificationManager()
    assert not [scheme for scheme in SERVICES if scheme not in plugins]
