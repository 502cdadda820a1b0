"""A mailbox on loopback: takes every mail and keeps it in memory."""

from __future__ import annotations

import email
import email.policy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class MailSink:
    """A real SMTP server (aiosmtpd) in a thread; ``on_mail`` gets each subject."""

    def __init__(self, on_mail: Callable[[str], None]) -> None:
        from aiosmtpd.controller import Controller

        self.subjects: list[str] = []
        self._on_mail = on_mail
        self._controller = Controller(self, hostname="127.0.0.1", port=0)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the mail's subject, then accept it."""
        message = email.message_from_bytes(envelope.content, policy=email.policy.SMTP)
        subject = str(message["Subject"])
        self.subjects.append(subject)
        self._on_mail(subject)
        return "250 kept"

    def start(self) -> int:
        """Listen; the port."""
        self._controller.start()
        server: Any = self._controller.server
        return int(server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        """Stop listening."""
        self._controller.stop()
