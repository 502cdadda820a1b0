"""What the tests of mail share: channels to a server of theirs, and sending."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

from alerts.channels.email import EmailSender, read_server
from crawler.secrets import Secret
from tests.alerts.letters import DESK, delivery, letter

if TYPE_CHECKING:
    from alerts.model import Channel, Receipt
    from tests.servers.smtp import Post

PASSWORD = "canary-password-Q7"


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
