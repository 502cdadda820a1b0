"""Receivers that fail by the dice: a webhook's and a mail server's, each a process.

    python -m tests.servers.flaky hook --log LOG --secret whsec_… --moods '{"fail": .1}'

Moods and their shares; what is left over is a plain yes:

- ``fail``: HTTP 500, or 451 after the message
- ``reset``: a TCP reset after the message was read
- ``drop``: taken, then hung up on without a word
- ``stall``: taken, and said so 3 s later
- ``hang``: read, and never answered (within 60 s)

One JSON line per message is written before anything is answered: its id, the moment,
the mood, a digest of its content, and the slug of its item. A signature must hold; its
age is not looked at, for whoever drains an outbox turns the program's clock. SIGUSR1
heals: from then on every answer is a yes.
"""

# ruff: noqa: N802 - aiosmtpd finds its hooks by these names
from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import email
import email.policy
import hashlib
import hmac
import json
import random
import re
import signal
import socket
import struct
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP

if TYPE_CHECKING:
    from collections.abc import Mapping

MOODS = ("fail", "reset", "drop", "stall", "hang")
STALL_S, HANG_S = 3.0, 60.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Dice:
    """Decides each answer by a seed, and keeps the log."""

    def __init__(self, moods: Mapping[str, float], *, seed: int, log: Path) -> None:
        self._moods = dict(moods)
        self._rng = random.Random(seed)  # noqa: S311 - a seed, not a secret
        self._log = log.open("ab", buffering=0)

    def heal(self) -> None:
        """Say yes from now on."""
        self._moods = {}

    def take(self, number: str, slug: str, content: bytes) -> str:
        """The mood towards this message, written down before it is acted upon."""
        roll, mood = self._rng.random(), "ok"
        for name, share in self._moods.items():
            if roll < share:
                mood = name
                break
            roll -= share
        entry = {
            "id": number,
            "at": time.time(),
            "mood": mood,
            "sha": hashlib.sha256(content).hexdigest()[:16],
            "slug": slug,
        }
        self._log.write(json.dumps(entry).encode() + b"\n")
        return mood


class Hook:
    """HTTP/1.1 with kept connections; a POST without a good signature is logged."""

    def __init__(self, dice: Dice, secret: str) -> None:
        self._dice = dice
        self._key = base64.b64decode(secret.removeprefix("whsec_"))

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """One connection until either side ends it."""
        with contextlib.suppress(OSError, EOFError):
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        fields = {
            name.lower(): value.strip()
            for name, _, value in (
                line.partition(":") for line in head.decode("latin-1").split("\r\n")
            )
        }
        number = fields.get("webhook-id", "")
        signed = b".".join(
            (number.encode(), fields.get("webhook-timestamp", "").encode(), body)
        )
        wanted = base64.b64encode(
            hmac.new(self._key, signed, hashlib.sha256).digest()
        ).decode()
        if f"v1,{wanted}" not in fields.get("webhook-signature", "").split(" "):
            self._dice.take("unsigned", "", body)
        # A digest or a notice has no item, and so no slug.
        item = json.loads(body)["data"].get("item") or {"title": ""}
        mood = self._dice.take(number, _slug(item), body)
        if mood == "reset":
            _reset(writer)
            return False
        if mood in {"stall", "hang"}:
            await asyncio.sleep(STALL_S if mood == "stall" else HANG_S)
        if mood in {"drop", "hang"}:
            return False
        status = b"500 No" if mood == "fail" else b"204 Yes"
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        return True


class Post(SMTP):
    """aiosmtpd's server; its mood shows after the final dot."""

    def __init__(self, dice: Dice) -> None:
        super().__init__(self, hostname="post.test", enable_SMTPUTF8=True)
        self._dice = dice

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Called by aiosmtpd with the whole message."""
        content = envelope.original_content
        mail = email.message_from_bytes(content, policy=email.policy.default)
        number = str(mail["Message-ID"]).strip("<>").partition("@")[0]
        slug = next((w for w in str(mail["Subject"]).split() if w[:2] == "n-"), "")
        broken = [part.defects for part in mail.walk() if part.defects]
        mood = self._dice.take(number if not broken else "broken", slug, content)
        transport = self.transport
        assert isinstance(transport, asyncio.Transport)
        if mood == "fail":
            return "451 later"
        if mood == "reset":
            _linger(transport.get_extra_info("socket"))
            transport.abort()
        elif mood in {"stall", "hang"}:
            await asyncio.sleep(STALL_S if mood == "stall" else HANG_S)
        if mood in {"drop", "hang"}:
            transport.abort()
        return "250 taken"


def _slug(item: Mapping[str, Any]) -> str:
    return next((w for w in item["title"].split() if w[:2] == "n-"), "")


def _linger(peer: socket.socket) -> None:
    """Make the close of a socket a reset."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _reset(writer: asyncio.StreamWriter) -> None:
    _linger(writer.get_extra_info("socket"))
    writer.transport.abort()


async def _main(kind: str, dice: Dice, secret: str) -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, dice.heal)
    if kind == "hook":
        server = await asyncio.start_server(
            Hook(dice, secret).serve, "127.0.0.1", 0, backlog=256
        )
    else:
        server = await loop.create_server(
            lambda: Post(dice), "127.0.0.1", 0, backlog=256
        )
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - the parent's
    await server.serve_forever()


def main() -> None:
    """Print the port, then receive until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("hook", "mail"))
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--secret", default="whsec_")
    parser.add_argument("--moods", type=json.loads, default={})
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    unknown = set(options.moods) - set(MOODS)
    if unknown:
        parser.error(f"no such moods: {unknown}")
    dice = Dice(options.moods, seed=options.seed, log=options.log)
    asyncio.run(_main(options.kind, dice, options.secret))


if __name__ == "__main__":
    main()
