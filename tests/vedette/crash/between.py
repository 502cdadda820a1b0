"""A wire between the program and a receiver, which can kill the program.

    with Wire(receiver_port, kill) as wire:
        wire.strike = Strike(at=At.HALF)

It sees what the receiver sees: that a connection was made, that half of a message
came, that all of it came and was answered. At the chosen moment the program dies and
not one byte more goes either way. Nothing of this is in the product.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK = 65_536


class At(Enum):
    """Moments of a message; K6, K7, K8."""

    CONNECTED = "connected"
    HALF = "half of the body"
    WHOLE = "all of it, before the answer"


@dataclass(slots=True, kw_only=True)
class Strike:
    """Kill at this moment of the ``turn``-th message (from 1)."""

    at: At
    turn: int = 1


class Wire:
    """A relay on a port of its own; ``hold_s`` keeps each answer back that long."""

    def __init__(self, target: int, kill: Callable[[], None]) -> None:
        self._target = target
        self._kill = kill
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.strike: Strike | None = None
        self.struck = 0
        self.hold_s = 0.0
        self._open = 0
        self._mark: object = None
        self._marked = threading.Event()
        self._guard = threading.Lock()
        self._ended = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        # A blocked accept is not ended by closing its socket.
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        self._listener.close()

    def settle(self, patience_s: float = 5.0) -> bool:
        """Wait until receivers have read to its end all that the program sent."""
        end = time.monotonic() + patience_s
        # A connection of ours comes out of the queue behind all that wait in it.
        with socket.socket() as mark:
            mark.bind(("127.0.0.1", 0))
            self._mark = mark.getsockname()
            self._marked.clear()
            mark.connect(("127.0.0.1", self.port))
            self._marked.wait(patience_s)
        while self._open and time.monotonic() < end:
            time.sleep(0.002)
        return not self._open

    def _accept(self) -> None:
        while True:
            try:
                ours, peer = self._listener.accept()
            except OSError:  # closed between two accepts
                return
            if peer == self._mark:
                ours.close()
                self._marked.set()
                continue
            if self._ended:
                ours.close()
                return
            with self._guard:
                self._open += 1
            threading.Thread(target=self._carry, args=(ours,), daemon=True).start()

    def _carry(self, ours: socket.socket) -> None:
        try:
            self._serve(ours)
        finally:
            with self._guard:
                self._open -= 1

    def _serve(self, ours: socket.socket) -> None:
        with ours, socket.create_connection(("127.0.0.1", self._target)) as theirs:
            if self._strikes(At.CONNECTED):
                return
            talk = _Talk()
            back = threading.Thread(
                target=self._answers, args=(theirs, ours, talk), daemon=True
            )
            back.start()
            with contextlib.suppress(OSError):
                while data := ours.recv(CHUNK):
                    body = talk.body_of(data)
                    if body and self._strikes(At.HALF):
                        theirs.sendall(data[: len(data) - (body + 1) // 2])
                        break
                    theirs.sendall(data)
            # The receiver reads on to here, and closes when it has worked it off.
            with contextlib.suppress(OSError):
                theirs.shutdown(socket.SHUT_WR)
            back.join(5)

    def _answers(self, theirs: socket.socket, ours: socket.socket, talk: _Talk) -> None:
        with contextlib.suppress(OSError):
            while data := theirs.recv(CHUNK):
                if talk.whole and self._strikes(At.WHOLE):
                    break
                if talk.whole and self.hold_s:
                    time.sleep(self.hold_s)
                talk.answered(data)
                # Of a program that died the rest is read, and goes nowhere.
                with contextlib.suppress(OSError):
                    ours.sendall(data)
        with contextlib.suppress(OSError):
            ours.shutdown(socket.SHUT_RDWR)

    def _strikes(self, at: At) -> bool:
        """Whether this is the moment, and if so the program is dead by now."""
        with self._guard:
            if self.strike is None or self.strike.at is not at:
                return False
            self.strike.turn -= 1
            if self.strike.turn > 0:
                return False
            self.strike = None
            self.struck += 1
            self._kill()
            return True


class _Talk:
    """How far a message is, over HTTP with a length or SMTP, by what went by."""

    def __init__(self) -> None:
        self.whole = False
        self._head = b""
        self._left: int | None = None
        self._mail = False
        self._in_data = False

    def body_of(self, data: bytes) -> int:
        """How many bytes of a message's body end this piece of the sender's."""
        if self._in_data:
            self.whole = data.endswith(b"\r\n.\r\n")
            return len(data)
        if re.match(rb"(?i)(EHLO|HELO|MAIL|RCPT|DATA|QUIT)\b", data):
            self._mail = True
            return 0
        if self._left is None:
            self._head += data
            head, end, body = self._head.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            if not end or length is None:
                return 0
            self._left, data = int(length[1]), body
        self._left -= len(data)
        self.whole = self._left <= 0
        return len(data)

    def answered(self, data: bytes) -> None:
        """Take in a piece of the receiver's answer."""
        self._in_data = self._mail and data.startswith(b"354")
        if self.whole:
            self.whole, self._head, self._left = False, b"", None
