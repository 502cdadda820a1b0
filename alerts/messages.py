"""A letter turned into the bytes that are stored and sent; pure.

Rendered once, kept in the outbox and byte-identical over every retry: the same
letter always gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.errors import AlertError
from alerts.rendering import chat, screen, wire, wording
from alerts.rendering.mail import mail

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from alerts.model import Letter

_LOOKS: Mapping[str, Callable[[Letter], bytes]] = {
    "webhook": wire.body,
    "file": wire.body,
    "email": mail,
    "console": screen.block,
    "chat": chat.text,
}


def render(letter: Letter) -> bytes:
    """The payload for the letter's channel: JSON, a MIME message or a text block.

    Raises:
        AlertError: no look is known for the channel's kind.
    """
    look = _LOOKS.get(letter.channel.kind)
    if look is None:
        raise AlertError(f"no message is defined for channels of {letter.channel.kind}")
    return look(letter)


def headline(letter: Letter) -> str:
    """One line for tables and subjects: ``[severity] headline (topic)``."""
    return wording.subject(letter)
