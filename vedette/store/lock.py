"""One daemon per store: the lock file beside it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING, Self

from vedette.store.errors import StoreLocked, StoreUnwritable

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class StoreLock:
    """The right to be the only worker of a store, as a context manager.

    It is a ``flock`` on ``<path>.lock``: the kernel frees it when the process ends,
    however it ends. The descriptor is close-on-exec, so children started by exec do
    not keep it; a forked child would (HARDENING, "single instance"), so take it
    after any fork and never fork afterwards. The file itself stays: removing it
    would let two processes hold locks on two files of the same name.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise at once.

        Raises:
            StoreLocked: another process, or another lock of this one, holds it.
            StoreUnwritable: the lock file cannot be created.
        """
        if self._fd is not None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # O_CLOEXEC is Python's default for os.open (PEP 446).
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreUnwritable(f"cannot open {self._path}: {error}") from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = ""
            with contextlib.suppress(OSError):
                holder = os.read(fd, 32).decode("ascii", "replace").partition("\n")[0]
            os.close(fd)
            by = f" by process {holder}" if holder else ""
            raise StoreLocked(f"{self._path} is held{by}") from error
        self._fd = fd
        self.note("")

    def note(self, text: str) -> None:
        """Write one line for other processes beside our number; "" takes it back.

        It vanishes with the lock: whoever takes the lock next overwrites it.
        """
        if self._fd is None:
            return
        line = f"{os.getpid()}\n{text}\n".encode()
        with contextlib.suppress(OSError):  # a full disk must not refuse the lock
            os.pwrite(self._fd, line, 0)
            os.ftruncate(self._fd, len(line))

    def holder(self) -> tuple[int, str] | None:
        """The process that holds the lock and its note; None when nobody does.

        Raises:
            StoreUnwritable: the lock file cannot be read.
        """
        try:
            fd = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreUnwritable(f"cannot read {self._path}: {error}") from error
        try:
            if self._fd is None and _is_free(fd):
                return None
            number, _, rest = (
                os.read(fd, 65_536).decode(errors="replace").partition("\n")
            )
        finally:
            os.close(fd)
        return (int(number), rest.partition("\n")[0]) if number.isdecimal() else None

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _is_free(fd: int) -> bool:
    """Whether nobody holds the lock. Shared, so that two who ask do not collide."""
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
