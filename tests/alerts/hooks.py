"""What the tests of webhooks share: channels to a receiver of theirs, and sending."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

from alerts.channels.webhook import WebhookSender
from crawler.clock import utc_now
from crawler.secrets import Secret
from tests.alerts.letters import HOOK, delivery, letter
from tests.servers.receiver import receive

if TYPE_CHECKING:
    from alerts.model import Channel, Receipt
    from tests.servers.http import Answer

FIRST = "whsec_Zmlyc3Qtc2VjcmV0LWZpcnN0LXNlY3JldA=="
SECOND = "whsec_c2Vjb25kLXNlY3JldC1zZWNvbmQtc2VjcmV0"
ALLOW = ("127.0.0.0/8",)


def hook_to(url: str | Secret, *secrets: str) -> Channel:
    named = tuple(Secret(env=name) for name in secrets or ("FIRST",))
    return dataclasses.replace(HOOK, url=url, secrets=named)


def send(
    channel: Channel,
    times: int = 1,
    *,
    allow: tuple[str, ...] = ALLOW,
    deadline_s: float = 5,
) -> list[Receipt]:
    async def work() -> list[Receipt]:
        sender = WebhookSender(
            channel, allow=allow, clock=utc_now, deadline_s=deadline_s
        )
        row = delivery(letter(channel))
        receipts = [await sender.send(row) for _ in range(times)]
        await sender.aclose()
        return receipts

    return asyncio.run(work())


def told(answer: Answer, *, deadline_s: float = 5) -> Receipt:
    """The receipt for one answer."""
    with receive(secrets=[FIRST], replies=[answer]) as hook:
        (receipt,) = send(hook_to(hook.url), deadline_s=deadline_s)
        assert len(hook.messages) == 1
        return receipt
