"""What the tests of chats share: a server to post to, and posting."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING

from alerts.channels.chat import ChatSender
from alerts.channels.chatdoor import Journal
from alerts.channels.chatpost import post
from crawler.clock import utc_now
from tests.alerts.letters import ROOM, delivery, item, letter, telling
from tests.servers.http import Answer, Reply, Server, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alerts.model import Channel, Receipt

ALLOW = ("127.0.0.0/8",)
TOKEN = "a1b2c3d4e5f6g7h8i9j0k1l2"


@contextlib.contextmanager
def chat(
    answer: Answer | None = None, *, scheme: str = "json", path: str = f"/{TOKEN}"
) -> Iterator[Server]:
    """A server, and in the environment's ROOM the address that leads to it."""
    with serve(lambda _: answer or Reply()) as site:
        os.environ["ROOM"] = f"{scheme}://127.0.0.1:{site.port}{path}"
        yield site


def posted(
    title: str = "Briefing in Seoul", *, allow: tuple[str, ...] = ALLOW
) -> Receipt:
    """One post to ROOM without a process of its own, which takes a second to start."""
    payload = delivery(letter(ROOM, telling(item(title)))).payload or b""
    return post(os.environ["ROOM"], payload.decode(), Journal(allow=allow))


def send(
    channel: Channel,
    times: int = 1,
    *,
    allow: tuple[str, ...] = ALLOW,
    deadline_s: float = 20,
    title: str = "Briefing in Seoul",
) -> list[Receipt]:
    async def work() -> list[Receipt]:
        sender = ChatSender(channel, allow=allow, clock=utc_now, deadline_s=deadline_s)
        row = delivery(letter(channel, telling(item(title))))
        try:
            return [await sender.send(row) for _ in range(times)]
        finally:
            await sender.aclose()

    return asyncio.run(work())
