"""A real SMTP server (aiosmtpd) for tests, which can be told to misbehave.

    with serve_mail(script={"RCPT": ["451 greylisted"]}) as post:
        send(f"smtp+plain://{post.host}:{post.port}")
        assert post.mails == []

A script maps a verb to what it does the next times, each used once, then all is
well: CONNECT (the banner), EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA (before the 354),
DOT (after the message was taken and logged), QUIT. It runs in a thread of its own.
Every mail is logged, to ``log`` too, *before* the server answers.
"""

# ruff: noqa: N802 - aiosmtpd finds its hooks by these names
from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import os
import socket
import threading
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Mapping, Sequence


class Act(Enum):
    """What a verb may do instead of an answer."""

    DROP = "close the connection"
    STALL = "say nothing more"


DROP = Act.DROP
STALL = Act.STALL
Move = str | bytes | float | Act
"""A reply line without CRLF, raw bytes, a pause in seconds before the real answer,
or an act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message as it was taken; ``secure`` tells whether TLS was on."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    secure: bool
    user: str | None


class Post:
    """A running server; ``mails`` and ``lines`` grow as they come.

    ``lines`` holds every command as (line, was it under TLS).
    """

    def __init__(
        self,
        script: Mapping[str, Sequence[Move]],
        *,
        logins: Mapping[str, str],
        log: Path | None,
    ) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self.mails: list[Mail] = []
        self.lines: list[tuple[str, bool]] = []
        self.script = {verb: list(moves) for verb, moves in script.items()}
        self._logins = dict(logins)
        self._log = log

    def verbs(self) -> list[str]:
        """The verbs heard so far, in order."""
        return [line.split(" ")[0].upper() for line, _ in self.lines]

    def next_move(self, verb: str) -> Move | None:
        moves = self.script.get(verb)
        return moves.pop(0) if moves else None

    def knows(self, user: str, password: str) -> bool:
        return self._logins.get(user) == password

    def take(self, mail: Mail) -> None:
        self.mails.append(mail)
        if self._log is not None:
            entry = {
                "to": list(mail.recipients),
                "content": base64.b64encode(mail.content).decode(),
            }
            with self._log.open("a", encoding="utf-8") as out:
                out.write(json.dumps(entry) + "\n")
                out.flush()
                os.fsync(out.fileno())


class _Handler:
    def __init__(self, post: Post) -> None:
        self._post = post

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self._post.take(
            Mail(
                sender=envelope.mail_from,
                recipients=tuple(envelope.rcpt_tos),
                content=envelope.original_content,
                secure=server.secure(),
                user=session.auth_data and session.auth_data.login.decode(),
            )
        )
        return "250 taken"


class _Scripted(SMTP):
    """aiosmtpd's server with a script in front of every verb."""

    def __init__(self, post: Post, **options: Any) -> None:
        super().__init__(_Handler(post), **options)
        self._post = post
        self._data = False

    def secure(self) -> bool:
        assert self.transport is not None
        return self.transport.get_extra_info("sslcontext") is not None

    def hang_up(self) -> None:
        """Cut the connection, whatever is going on."""
        for transport in (self.transport, self._original_transport):
            if isinstance(transport, asyncio.Transport):
                transport.abort()

    async def push(self, status: Any) -> None:
        text = status if isinstance(status, str) else status.decode("latin-1")
        if self._data and not text.startswith("354"):
            self._data = False
            if text.startswith("250") and await self._play("DOT"):
                return
        await super().push(status)

    async def _handle_client(self) -> None:
        if await self._play("CONNECT"):
            self._writer.close()
            return
        await super()._handle_client()

    async def _play(self, verb: str) -> bool:
        """Play the next move; True when the verb is thereby answered."""
        move = self._post.next_move(verb)
        if move is None:
            return False
        if isinstance(move, float | int):
            await asyncio.sleep(move)
            return False
        if move is DROP:
            self._writer.close()
        elif move is STALL:
            await asyncio.sleep(3600)
        else:
            line = move if isinstance(move, bytes) else f"{move}\r\n".encode()
            self._writer.write(line)
            await self._writer.drain()
        return True

    async def _heard(self, verb: str, arg: str | None) -> bool:
        self._post.lines.append((f"{verb} {arg or ''}".strip(), self.secure()))
        return await self._play(verb)

    async def smtp_EHLO(self, hostname: str) -> None:
        if not await self._heard("EHLO", hostname):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:
        if not await self._heard("STARTTLS", arg):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        if not await self._heard("AUTH", arg):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        if not await self._heard("MAIL", arg):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        if not await self._heard("RCPT", arg):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if not await self._heard("DATA", arg):
            self._data = True
            await super().smtp_DATA(arg)

    async def smtp_QUIT(self, arg: str) -> None:
        if not await self._heard("QUIT", arg):
            await super().smtp_QUIT(arg)


@contextlib.contextmanager
def serve_mail(
    script: Mapping[str, Sequence[Move]] | None = None,
    *,
    starttls: ssl.SSLContext | None = None,
    smtps: ssl.SSLContext | None = None,
    logins: Mapping[str, str] | None = None,
    auth_in_clear: bool = False,
    smtputf8: bool = True,
    log: Path | None = None,
    port: int = 0,
) -> Iterator[Post]:
    """Serve on 127.0.0.1 until the block ends.

    Args:
        script: what goes wrong, by verb.
        starttls: a server context (trustme makes one) to offer STARTTLS.
        smtps: one to speak TLS from the first byte.
        logins: passwords by user; none means that AUTH is not offered.
        auth_in_clear: offer AUTH without TLS, as a careless server does.
        smtputf8: whether SMTPUTF8 is offered.
        log: a file that gets one JSON line per mail, synced before the answer.
        port: 0 picks a free one, see ``Post.port``.
    """
    post = Post(script or {}, logins=logins or {}, log=log)
    listener = _listen(post.host, port)
    post.port = listener.getsockname()[1]
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    ready = threading.Event()

    def authenticate(_s: Any, _session: Any, _e: Any, _mech: str, data: Any) -> Any:
        assert isinstance(data, LoginPassword)
        good = post.knows(data.login.decode(), data.password.decode())
        return AuthResult(success=good, handled=False, auth_data=data)

    protocols: list[_Scripted] = []

    def connection() -> _Scripted:
        protocol = _Scripted(
            post,
            loop=loop,
            hostname="post.test",
            tls_context=starttls,
            authenticator=authenticate if logins else None,
            # aiosmtpd counts only STARTTLS as TLS
            auth_require_tls=not (auth_in_clear or smtps),
            auth_exclude_mechanism=() if logins else ("PLAIN", "LOGIN"),
            enable_SMTPUTF8=smtputf8,
        )
        protocols.append(protocol)
        return protocol

    async def main() -> None:
        server = await loop.create_server(connection, sock=listener, ssl=smtps)
        ready.set()
        await stop.wait()
        server.close()
        for protocol in protocols:
            protocol.hang_up()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await asyncio.sleep(0.01)

    def run() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(main())
        finally:
            loop.close()

    thread = threading.Thread(target=run, name="test-smtp", daemon=True)
    thread.start()
    ready.wait(5)
    try:
        yield post
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.create_server((host, port))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def main() -> None:
    """Serve alone, for tests that kill the daemon: prints its port, then waits."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, required=True)
    options = parser.parse_args()
    with serve_mail(port=options.port, log=options.log) as post:
        print(post.port, flush=True)  # noqa: T201 - the parent reads it
        threading.Event().wait()


if __name__ == "__main__":
    main()
