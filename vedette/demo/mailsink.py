"""A mailbox on loopback: takes every mail and keeps its subject."""

from __future__ import annotations

import asyncio
import email
import email.policy
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class MailSink:
    """A real SMTP server (aiosmtpd) in a thread; ``on_mail`` gets each subject."""

    def __init__(self, on_mail: Callable[[str], None]) -> None:
        self.subjects: list[str] = []
        self._on_mail = on_mail
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the mail's subject, then accept it."""
        message = email.message_from_bytes(envelope.content, policy=email.policy.SMTP)
        subject = str(message["Subject"])
        self.subjects.append(subject)
        self._on_mail(subject)
        return "250 kept"

    def start(self) -> int:
        """Listen on a free port of loopback; the port."""
        self._thread.start()
        # aiosmtpd's own Controller cannot find its port when 0 was asked for.
        listening = asyncio.run_coroutine_threadsafe(self._listen(), self._loop)
        return listening.result(timeout=10)

    async def _listen(self) -> int:
        from aiosmtpd.smtp import SMTP

        self._server = await self._loop.create_server(
            lambda: SMTP(self, hostname="demo.test", loop=self._loop), "127.0.0.1", 0
        )
        return int(self._server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        """Stop listening."""
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
