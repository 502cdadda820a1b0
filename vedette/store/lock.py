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
                holder = os.read(fd, 32).decode("ascii", "replace").strip()
            os.close(fd)
            by = f" by process {holder}" if holder else ""
            raise StoreLocked(f"{self._path} is held{by}") from error
        with contextlib.suppress(OSError):  # a full disk must not refuse the lock
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        self._fd = fd

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
