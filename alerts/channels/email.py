"""Alerts by mail: one SMTP transaction for one recipient.

aiosmtplib rather than smtplib in threads: the wait after the final dot is ten
minutes, and six waiting threads would fill the default executor of a small machine.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiosmtplib

from alerts.channels.detail import shown
from alerts.channels.doors import Anywhere, Inside
from alerts.channels.mailserver import Server, dial, read_server
from alerts.channels.smtpcodes import Fault, Step, judge, outcome_of
from alerts.channels.smtpwire import QUIT_S, dotted, goodbye, hang_up
from alerts.channels.tls import tls_context
from alerts.errors import ChannelError
from alerts.model import Outcome, Receipt
from alerts.rendering.mail import mail_address, mail_domain
from crawler.errors import SecretMissing

if TYPE_CHECKING:
    import ssl

    from alerts.model import Channel, Delivery
    from crawler.address import AddressGuard
    from crawler.clock import Clock

__all__ = ["EmailSender", "Server", "dotted", "open_sender", "read_server"]

STEPS_S = 120.0
"""Seconds for everything before the message itself."""
DOT_S = 600.0
"""Seconds to wait for the answer to the final dot (RFC 5321 section 4.5.3.2.6): a
server that is slow to store has already taken the message, so a shorter wait only
makes duplicates."""
KEPT_S = 5.0
"""How long a connection is kept after a message: a burst needs one login and not one a
message, and no server has to hold idle ones for us."""
_KEPT_ANSWER_S = 10.0
_STEP_S = 60.0


@dataclass(slots=True, kw_only=True, eq=False)
class _Talk:
    """One conversation: the client, the step it is at, whom it dialled."""

    client: aiosmtplib.SMTP
    step: Step = Step.CONNECT
    peer: str = ""


class EmailSender:
    """Hands mail to one SMTP server; a connection may serve again within seconds."""

    def __init__(
        self,
        channel: Channel,
        *,
        server: Server,
        allow: tuple[str, ...],
        steps_s: float = STEPS_S,
        dot_s: float = DOT_S,
    ) -> None:
        self._channel = channel
        self._server = server
        self._guard: AddressGuard = (
            Inside(allow, loopback=True)
            if server.scheme == "smtp+plain"
            else Anywhere(allow)
        )
        self._steps_s = steps_s
        self._dot_s = dot_s
        self._tls: ssl.SSLContext | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._kept: dict[_Talk, asyncio.TimerHandle] = {}

    async def send(self, delivery: Delivery) -> Receipt:
        """One transaction; the receipt is given at the server's 250.

        4xx is TEMPORARY at every verb. 5xx is PERMANENT for the recipient at RCPT
        and DATA, PAUSED before them: greeting, EHLO, STARTTLS, AUTH and MAIL FROM
        are faults of the channel. No STARTTLS, or a certificate that does not
        verify, is PAUSED before any password is sent. No answer after the final dot
        is AMBIGUOUS.
        """
        if delivery.payload is None:
            return Receipt(outcome=Outcome.PERMANENT, detail="nothing was rendered")
        return await self._converse(delivery.recipient, delivery.payload)

    async def probe(self) -> Receipt:
        """Goes as far as AUTH and takes its leave."""
        return await self._converse(None, b"")

    async def aclose(self) -> None:
        """Take leave of kept connections; waits a few seconds at most."""
        for talk in tuple(self._kept):
            self._dismiss(talk)
        if self._leaving:
            await asyncio.wait(self._leaving, timeout=2 * QUIT_S)

    async def _converse(self, recipient: str | None, payload: bytes) -> Receipt:
        try:
            named = self._channel.password
            password = named.read() if named else None
        except SecretMissing as error:
            return Receipt(outcome=Outcome.PAUSED, detail=shown(str(error)))
        secrets = self._secrets(password)
        talk = await self._taken_up(recipient) or _Talk(client=self._client())
        try:
            async with asyncio.timeout(self._steps_s):
                if talk.step is Step.CONNECT:
                    await self._greet(talk, password)
                    if recipient is not None:
                        await self._introduce(talk, recipient)
                if recipient is not None:
                    await self._address(talk, recipient)
            reply = (
                aiosmtplib.SMTPResponse(250, "reached")
                if recipient is None
                else await self._hand_over(talk, payload)
            )
        except Exception as error:  # noqa: BLE001 - judged by kind, else raised again
            hang_up(talk.client)
            return judge(talk.step, error, secrets=secrets)
        except asyncio.CancelledError:
            hang_up(talk.client)
            raise
        outcome = (
            Outcome.DELIVERED if recipient is None else outcome_of(Step.DOT, reply.code)
        )
        if recipient is not None and outcome is Outcome.DELIVERED:
            self._keep(talk)
        else:
            self._leave(talk.client)
        return Receipt(
            outcome=outcome, detail=shown(f"{reply.code} {reply.message}", secrets)
        )

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._server.host,
            local_hostname=mail_domain(self._channel.sender),
            timeout=_STEP_S,
            start_tls=False,
            use_tls=self._server.scheme == "smtps",
            tls_context=self._context(),
        )

    async def _taken_up(self, recipient: str | None) -> _Talk | None:
        """A kept conversation that goes on with this message, or None.

        Servers close connections when they please, so a failure of its first verb
        says nothing of the message, which is then begun on a new one.
        """
        if recipient is None or not self._kept:
            return None
        talk, timer = self._kept.popitem()
        timer.cancel()
        try:
            async with asyncio.timeout(_KEPT_ANSWER_S):
                await self._introduce(talk, recipient)
        except (aiosmtplib.SMTPException, Fault, OSError, ValueError):
            hang_up(talk.client)
            return None
        except asyncio.CancelledError:
            hang_up(talk.client)
            raise
        return talk

    def _keep(self, talk: _Talk) -> None:
        loop = asyncio.get_running_loop()
        self._kept[talk] = loop.call_later(KEPT_S, self._dismiss, talk)

    def _dismiss(self, talk: _Talk) -> None:
        self._kept.pop(talk).cancel()
        self._leave(talk.client)

    async def _greet(self, talk: _Talk, password: str | None) -> None:
        client = talk.client
        peer, talk.peer = await dial(self._guard, self._server)
        talk.step = Step.GREETING
        await client.connect(sock=peer, port=None)
        talk.step = Step.EHLO
        await client.ehlo()
        if self._server.scheme == "smtp":
            talk.step = Step.STARTTLS
            if not client.supports_extension("starttls"):
                raise Fault(
                    Outcome.PAUSED,
                    "the server offers no STARTTLS, so nothing was sent;"
                    " smtps:// and smtp+plain:// are the other ways",
                )
            await client.starttls()
            talk.step = Step.EHLO
            await client.ehlo()
        if self._server.user is not None and password is not None:
            talk.step = Step.AUTH
            await self._log_in(talk, self._server.user, password)

    async def _log_in(self, talk: _Talk, user: str, password: str) -> None:
        clear = self._server.scheme == "smtp+plain"
        if clear and not (talk.peer.startswith("127.") or talk.peer == "::1"):
            raise Fault(Outcome.PAUSED, "a password is not sent in clear text")
        if not talk.client.supported_auth_methods:
            raise Fault(
                Outcome.PAUSED, "the server offers no way to log in that we know"
            )
        await talk.client.login(user, password)

    async def _introduce(self, talk: _Talk, recipient: str) -> None:
        client = talk.client
        talk.step = Step.MAIL
        sender, target = (
            mail_address(self._channel.sender or ""),
            mail_address(recipient),
        )
        if not target:
            raise Fault(Outcome.PERMANENT, "the recipient is not a mail address")
        options: list[str] = []
        if not (sender + target).isascii():
            if not client.supports_extension("smtputf8"):
                ours = not sender.isascii()
                raise Fault(
                    Outcome.PAUSED if ours else Outcome.PERMANENT,
                    "the address needs SMTPUTF8 and the server does not offer it",
                )
            options = ["SMTPUTF8"]
        encoding = "utf-8" if options else "ascii"
        await client.mail(sender, options=options, encoding=encoding)

    async def _address(self, talk: _Talk, recipient: str) -> None:
        client, target = talk.client, mail_address(recipient)
        talk.step = Step.RCPT
        # SMTPUTF8 was agreed on with MAIL, if the server has it at all.
        await client.rcpt(target, encoding="ascii" if target.isascii() else "utf-8")
        talk.step = Step.DATA
        reply = await client.execute_command(b"DATA")
        if reply.code != 354:
            raise aiosmtplib.SMTPDataError(reply.code, reply.message)

    async def _hand_over(self, talk: _Talk, payload: bytes) -> aiosmtplib.SMTPResponse:
        """The message itself; from its first byte on, silence is ambiguous."""
        protocol = talk.client.protocol
        if protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("the connection was lost")
        talk.step = Step.DOT
        protocol.write(dotted(payload))
        return await protocol.read_response(timeout=self._dot_s)

    def _leave(self, client: aiosmtplib.SMTP) -> None:
        task = asyncio.create_task(goodbye(client))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def _secrets(self, password: str | None) -> list[str]:
        if not password:
            return []
        return [password, f"\0{self._server.user}\0{password}"]

    def _context(self) -> ssl.SSLContext | None:
        if self._server.scheme == "smtp+plain":
            return None
        if self._tls is None:
            self._tls = tls_context()
        return self._tls


def open_sender(
    channel: Channel,
    *,
    allow: tuple[str, ...],
    clock: Clock,  # noqa: ARG001 - every kind opens the same way
) -> EmailSender:
    """The mail channel.

    Raises:
        ChannelError: the server cannot be read, or holds a password, or a user is
            named without one; the sender is missing.
    """
    server = read_server(channel)
    if "@" not in mail_address(channel.sender or ""):
        raise ChannelError(
            ("channels", channel.name, "from"), "a mail address is needed"
        )
    if (server.user is None) != (channel.password is None):
        raise ChannelError(
            ("channels", channel.name, "password"),
            "a user in the server's URL and a password belong together",
        )
    return EmailSender(channel, server=server, allow=allow)
