"""Alerts as JSON Lines in a file."""

from __future__ import annotations

import asyncio
import fcntl
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.channels.detail import shown
from alerts.errors import ChannelError
from alerts.model import Outcome, Receipt

if TYPE_CHECKING:
    from alerts.model import Channel, Delivery
    from crawler.clock import Clock


class FileSender:
    """Appends one line per delivery and syncs it to the disk.

    A line that a crash cut short stays as it is; the next starts on a line of its
    own, so that a reader loses that one line and nothing else.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    async def send(self, delivery: Delivery) -> Receipt:
        """Append; DELIVERED once the line is on the disk.

        A failed write is TEMPORARY, a failed sync AMBIGUOUS: the line may be there.
        """
        if delivery.payload is None:
            return Receipt(outcome=Outcome.PERMANENT, detail="nothing was rendered")
        return await asyncio.to_thread(self._append, delivery.payload)

    async def probe(self) -> Receipt:
        """Whether the file, or else its nearest existing folder, can be written."""
        return await asyncio.to_thread(self._writable)

    async def aclose(self) -> None:
        """Nothing stays open between sends, so the file may be rotated."""

    def _append(self, payload: bytes) -> Receipt:
        written = False
        try:
            descriptor = self._open()
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                line = payload.replace(b"\n", b" ") + b"\n"
                _write_all(descriptor, _line_break(descriptor) + line)
                written = True
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            outcome = Outcome.AMBIGUOUS if written else Outcome.TEMPORARY
            return Receipt(outcome=outcome, detail=shown(str(error)))
        return Receipt(outcome=Outcome.DELIVERED, detail="appended")

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC
        try:
            return os.open(self._path, flags)
        except FileNotFoundError:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, flags | os.O_CREAT, 0o644)
            # A new name survives a power cut only once its folder is synced.
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
            return descriptor

    def _writable(self) -> Receipt:
        place = self._path
        while not place.exists() and place != place.parent:
            place = place.parent
        fine = os.access(place, os.W_OK) and (place == self._path or place.is_dir())
        if fine and not self._path.is_dir():
            return Receipt(outcome=Outcome.DELIVERED, detail=f"{place} can be written")
        return Receipt(
            outcome=Outcome.TEMPORARY, detail=shown(f"{place} cannot be written")
        )


def open_sender(
    channel: Channel,
    *,
    allow: tuple[str, ...],  # noqa: ARG001 - every kind opens the same way
    clock: Clock,  # noqa: ARG001
) -> FileSender:
    """The file channel.

    Raises:
        ChannelError: no path is given.
    """
    if not channel.path:
        raise ChannelError(("channels", channel.name, "path"), "a path is needed")
    return FileSender(Path(channel.path))


def _line_break(descriptor: int) -> bytes:
    """A line feed if the file ends in a torn line, else nothing."""
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode) or state.st_size == 0:
        return b""
    last = os.pread(descriptor, 1, state.st_size - 1)
    return b"" if last == b"\n" else b"\n"


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
