"""The ways out: a registry of channel kinds, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from alerts.channels import chat, console, email, file, webhook
from alerts.errors import ChannelError
from crawler.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alerts.model import Channel, Delivery, Receipt
    from crawler.clock import Clock

LONGEST_SEND_S = email.STEPS_S + email.DOT_S
"""No ``send`` over a network takes longer than this, and a lease on a delivery must
outlive it. One to a file may: nobody can interrupt a disk that hangs, and the process
that waits for it does not take the row a second time."""


class Sender(Protocol):
    """One open channel. Concurrent sends are fine; one sender per channel."""

    async def send(self, delivery: Delivery) -> Receipt:
        """Hand the delivery's payload to its recipient, once.

        Never raises but for cancellation: every failure is an outcome.
        """

    async def probe(self) -> Receipt:
        """Whether a message could be sent now, without sending one."""

    async def aclose(self) -> None:
        """Close what is open; sends under way must have ended."""


class _Opener(Protocol):
    def __call__(
        self, channel: Channel, *, allow: tuple[str, ...], clock: Clock
    ) -> Sender: ...


_KINDS: Mapping[str, _Opener] = {
    "email": email.open_sender,
    "webhook": webhook.open_sender,
    "console": console.open_sender,
    "file": file.open_sender,
    "chat": chat.open_sender,
}


def open_channel(
    channel: Channel, *, allow: tuple[str, ...], clock: Clock = utc_now
) -> Sender:
    """The sender for a channel; nothing is connected and no secret read before use.

    Args:
        channel: as declared.
        allow: ``network.allow``, the only door to private addresses.
        clock: for the time in a signature and for dates in Retry-After.

    Raises:
        ChannelError: the options cannot work together, or the kind is not known.
    """
    opener = _KINDS.get(channel.kind)
    if opener is None:
        known = ", ".join(sorted(_KINDS))
        raise ChannelError(
            ("channels", channel.name, "kind"),
            f"no channel of kind {channel.kind!r}; known are {known}",
        )
    return opener(channel, allow=allow, clock=clock)


async def probe(
    channel: Channel, *, allow: tuple[str, ...], clock: Clock = utc_now
) -> Receipt:
    """Whether the channel can be reached: DELIVERED, or the outcome a send would meet.

    Mail goes as far as AUTH, a webhook as far as the TLS handshake; nothing is sent.

    Raises:
        ChannelError: as ``open_channel``.
    """
    sender = open_channel(channel, allow=allow, clock=clock)
    try:
        return await sender.probe()
    finally:
        await sender.aclose()
