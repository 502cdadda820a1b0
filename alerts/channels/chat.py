"""Alerts in chats, through Apprise (extra ``[chat]``): best effort.

Chats take no id by which they would know a message they already have, so a repeat is
a second message with the same id in its last line.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.channels.answers import retry_after
from alerts.channels.detail import shown
from alerts.errors import ChannelError
from alerts.model import Outcome, Receipt
from crawler.errors import SecretMissing
from crawler.secrets import reveal

if TYPE_CHECKING:
    from alerts.model import Channel, Delivery
    from crawler.clock import Clock

DEADLINE_S = 30.0
_START_S = 30.0
"""Seconds in which the process must be there; it takes two on a busy machine."""
_IDLE_S = 30.0
"""How long the process (70 MB) is kept for the next message."""
_PROGRAM = "alerts.channels.chatpost"
_KEPT = ("PATH", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR", "SYSTEMROOT")


class ChatSender:
    """Posts one message at a time, by a process that dies at the deadline."""

    def __init__(
        self,
        channel: Channel,
        *,
        allow: tuple[str, ...],
        clock: Clock,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._channel = channel
        self._allow = allow
        self._clock = clock
        self._deadline_s = deadline_s
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.TimerHandle | None = None

    async def send(self, delivery: Delivery) -> Receipt:
        """One post within 30 s, counted from its turn; redirects are not followed.

        A token that is not known (401, 403, 404) is PAUSED, 410 GONE, any other no
        TEMPORARY with its Retry-After. No answer to a post that was written is
        AMBIGUOUS, or PERMANENT with ``on_ambiguous: hold``, so that nobody reads it
        twice: it then waits as a dead letter for somebody to look.
        """
        if delivery.payload is None:
            return Receipt(outcome=Outcome.PERMANENT, detail="nothing was rendered")
        receipt = await self._ask(delivery.payload.decode(errors="replace"))
        if receipt.outcome is Outcome.AMBIGUOUS and self._channel.hold_ambiguous:
            held = f"{receipt.detail}; it may have arrived, so it is held"
            return Receipt(outcome=Outcome.PERMANENT, detail=held)
        return receipt

    async def probe(self) -> Receipt:
        """Connects where a message would go, and hangs up."""
        return await self._ask("probe", knock=True)

    async def aclose(self) -> None:
        """End the process."""
        async with self._turn:
            await self._end()

    async def _ask(self, text: str, *, knock: bool = False) -> Receipt:
        try:
            url = reveal(self._channel.url or "")
        except SecretMissing as error:
            return Receipt(outcome=Outcome.PAUSED, detail=shown(str(error)))
        asked = {"url": url, "text": text, "allow": self._allow, "knock": knock}
        line = json.dumps(asked).encode() + b"\n"
        async with self._turn:
            try:
                process = await self._started()
            except OSError as error:
                return Receipt(outcome=Outcome.TEMPORARY, detail=shown(str(error)))
            try:
                async with asyncio.timeout(self._deadline_s):
                    answer = await _exchange(process, line)
            except TimeoutError:
                await self._end()
                said = f"no answer within {self._deadline_s:g} s"
                return Receipt(outcome=Outcome.AMBIGUOUS, detail=said)
            except BaseException:
                await self._end()
                raise
            if not answer:
                await self._end()
                said = "the process that posts to chats died"
                return Receipt(outcome=Outcome.AMBIGUOUS, detail=said)
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(_IDLE_S, self._dismiss)
        return self._read(answer)

    def _read(self, answer: bytes) -> Receipt:
        told = json.loads(answer)
        return Receipt(
            outcome=Outcome(told["outcome"]),
            detail=told["detail"],
            retry_after=retry_after(told["retry_after"], self._clock()),
        )

    async def _started(self) -> asyncio.subprocess.Process:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if self._process is not None and _alive(self._process):
            return self._process
        await self._end()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # a file in the folder we were started in must not be imported
            "-m",
            _PROGRAM,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,  # Ctrl-C is ours to answer
        )
        try:
            async with asyncio.timeout(_START_S):
                ready = await _exchange(self._process, b"")
        except BaseException:
            await self._end()
            raise
        if not ready:
            await self._end()
            raise OSError("the process that posts to chats did not start")
        return self._process

    def _dismiss(self) -> None:
        """Nothing came for a while: its input ends, and so does the process."""
        self._idle = None
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    async def _end(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.communicate()


def _alive(process: asyncio.subprocess.Process) -> bool:
    open_still = process.stdin is not None and not process.stdin.is_closing()
    return process.returncode is None and open_still


async def _exchange(process: asyncio.subprocess.Process, line: bytes) -> bytes:
    """Its next line, empty if the process died."""
    stdin, stdout = process.stdin, process.stdout
    if stdin is None or stdout is None:
        return b""
    try:
        stdin.write(line)
        await stdin.drain()
    except OSError:
        return b""
    return await stdout.readline()


def _environment() -> dict[str, str]:
    """What the process needs and nothing secret: no proxy, no ~/.netrc, no password."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    root = str(Path(__file__).parents[2])
    paths = os.pathsep.join(dict.fromkeys(filter(None, [root, *sys.path])))
    return {**kept, "PYTHONPATH": paths, "NETRC": os.devnull, "PYTHONUTF8": "1"}


def open_sender(
    channel: Channel, *, allow: tuple[str, ...], clock: Clock
) -> ChatSender:
    """The chat channel.

    Raises:
        ChannelError: no address is named, or Apprise is not installed.
    """
    if not channel.url:
        raise ChannelError(("channels", channel.name, "url"), "a url is needed")
    if importlib.util.find_spec("apprise") is None:
        raise ChannelError(
            ("channels", channel.name, "kind"),
            "chats need the extra `chat`: pipx install '.[chat]' in the checkout",
        )
    return ChatSender(channel, allow=allow, clock=clock)
