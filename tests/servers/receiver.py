"""A real webhook receiver for tests: verifies, remembers ids, answers by script.

    with receive(secrets=[SECRET], replies=[Reply(status=503)]) as hook:
        send(hook.url)
        assert hook.ids() == [delivery.id]

It is the reference of how a receiver should treat us (Standard Webhooks 1.0): bad or
old signatures get 401, a known id gets 200 and no second effect. Every message is
logged, to ``log`` too, *before* it is answered.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import contextlib
import hashlib
import hmac
import json
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.http import Answer, Reply, Request, Server, serve

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Sequence

TOLERANCE_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One request whose signature held."""

    id: str
    body: bytes
    request: Request


class Receiver:
    """What came in: ``messages`` all of it, ``effects`` each id once."""

    def __init__(
        self, secrets: Sequence[str], replies: Sequence[Answer], log: Path | None
    ) -> None:
        self.server: Server | None = None
        self.messages: list[Message] = []
        self.effects: dict[str, bytes] = {}
        self.refused: list[Request] = []
        self.replies = list(replies)
        self._secrets = list(secrets)
        self._log = log

    @property
    def url(self) -> str:
        """Where to post to."""
        assert self.server is not None
        return self.server.url("/hook")

    @property
    def port(self) -> int:
        """The port listened on."""
        assert self.server is not None
        return self.server.port

    def ids(self) -> list[str]:
        """The ids that came, repeats included, in order."""
        return [message.id for message in self.messages]

    def answer(self, request: Request) -> Answer:
        """Verify, remember, log; then the next scripted reply, or 204."""
        number = request.header("webhook-id") or ""
        if request.method != "POST" or not verified(request, self._secrets):
            self.refused.append(request)
            self._append({"refused": request.body.decode("utf-8", "replace")})
            return Reply(status=401, body=b"the signature does not verify")
        self.messages.append(Message(id=number, body=request.body, request=request))
        reply = self.replies.pop(0) if self.replies else Reply(status=204)
        took = not isinstance(reply, Reply) or 200 <= reply.status < 300
        if took:
            self.effects.setdefault(number, request.body)
        self._write(number, request.body, took=took)
        return reply

    def _write(self, number: str, body: bytes, *, took: bool) -> None:
        self._append({"id": number, "body": body.decode(), "took": took})

    def _append(self, entry: dict[str, object]) -> None:
        if self._log is None:
            return
        with self._log.open("a", encoding="utf-8") as out:
            out.write(json.dumps(entry, ensure_ascii=False) + "\n")
            out.flush()
            os.fsync(out.fileno())


@contextlib.contextmanager
def receive(
    *,
    secrets: Sequence[str],
    replies: Sequence[Answer] = (),
    tls: ssl.SSLContext | None = None,
    log: Path | None = None,
    port: int = 0,
) -> Iterator[Receiver]:
    """Receive on 127.0.0.1 until the block ends.

    Args:
        secrets: ``whsec_…``; a message signed with any of them is taken.
        replies: what the next verified messages are told; then 204.
        tls: a server context to speak https.
        log: a file that gets one JSON line per message, synced before the answer.
        port: 0 picks a free one, see ``Receiver.port``.
    """
    receiver = Receiver(secrets, replies, log)
    with serve(receiver.answer, port=port, tls=tls) as server:
        receiver.server = server
        yield receiver
        # A client that has just hung up is let go before the loop ends.
        for _ in range(20):
            time.sleep(0.005)
            if server.open_now == 0:
                break


def verified(request: Request, secrets: Sequence[str]) -> bool:
    """Whether a v1 signature of the raw body holds and is at most 300 s old."""
    number, stamp = request.header("webhook-id"), request.header("webhook-timestamp")
    if not number or not stamp or not stamp.isascii() or not stamp.isdigit():
        return False
    if abs(time.time() - int(stamp)) > TOLERANCE_S:
        return False
    given = []
    for signature in (request.header("webhook-signature") or "").split(" "):
        version, _, value = signature.partition(",")
        if version == "v1":
            with contextlib.suppress(binascii.Error, ValueError):
                given.append(base64.b64decode(value, validate=True))
    content = b".".join((number.encode(), stamp.encode(), request.body))
    wanted = [
        hmac.new(
            base64.b64decode(secret.removeprefix("whsec_")), content, hashlib.sha256
        ).digest()
        for secret in secrets
    ]
    return any(hmac.compare_digest(w, g) for w in wanted for g in given)


def main() -> None:
    """Receive alone, for tests that kill the daemon: prints its port, then waits."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--secret", action="append", required=True)
    parser.add_argument("--log", type=Path, required=True)
    options = parser.parse_args()
    with receive(secrets=options.secret, port=options.port, log=options.log) as hook:
        print(hook.port, flush=True)  # noqa: T201 - the parent reads it
        threading.Event().wait()


if __name__ == "__main__":
    main()
