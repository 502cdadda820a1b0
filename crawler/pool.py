"""Killable worker processes for everything that reads bytes from the network.

Plain ``subprocess`` and a socket pair per worker, awaited with ``loop.sock_*``: no
child watcher, no executor, so it is at home in any selector loop, also the one that
Twisted's asyncio reactor runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import os
import pickle
import socket
import subprocess
import sys
from dataclasses import dataclass, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from crawler.errors import ParseError
from crawler.reasons import FetchReason
from crawler.worker import HEADER, JOBS

log = logging.getLogger(__name__)

_START_S = 30.0
"""Until a new worker says it is ready; 0.1 s here, more on a loaded machine."""
_JOBS_PER_WORKER = 500
"""Then it is replaced, which bounds what its parsers leak."""
_LONGEST_ANSWER = 256 << 20
_ROOT = Path(__file__).resolve().parent.parent


class ParserPool:
    """At most ``workers`` processes, started on first use, ended after ``idle_s``.

    One event loop only. ``deadline_s`` is the wall-clock time of one job; the worker
    that overruns it is killed. Free workers are reused last in, first out, so that a
    quiet hour keeps one or none.
    """

    def __init__(
        self, *, workers: int = 2, deadline_s: float = 10.0, idle_s: float = 60.0
    ) -> None:
        self._deadline_s = deadline_s
        self._idle_s = idle_s
        self._slots = asyncio.Semaphore(workers)
        self._free: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    async def run(self, job: str, *args: Any, **kwargs: Any) -> Any:
        """The result of ``worker.JOBS[job]`` called in a worker.

        Raises:
            ParseError: as the job raised it; PARSE_TIMEOUT when it overran the
                deadline, PARSE_CRASHED when its process died, PARSE_FAILED when it
                raised anything else.
        """
        if job not in JOBS:
            raise ValueError(job)
        async with self._slots:
            self._refuse_when_closed()
            worker = self._take()
            self._busy.add(worker)
            try:
                worker.wake()
                answer = await worker.ask(job, args, kwargs, self._deadline_s)
            except BaseException:  # a cancelled job leaves half a frame behind
                self._end(worker)
                raise
            finally:
                self._busy.discard(worker)
            if self._closed or worker.jobs >= _JOBS_PER_WORKER:
                self._end(worker)
            else:
                self._free.append(worker)
                worker.sleep(self._idle_s, self._retire)
        return _result(answer)

    async def aclose(self) -> None:
        """Kill every worker and wait until all are gone; jobs under way fail."""
        self._closed = True
        while self._free:
            self._end(self._free.pop())
        for worker in self._busy:  # its job sees the end of the socket and clears up
            worker.process.kill()
        # Processes set no event.
        while self._busy or self._ending:  # noqa: ASYNC110
            await asyncio.sleep(0.005)

    @property
    def pids(self) -> tuple[int, ...]:
        """Processes alive now, for measuring."""
        return tuple(worker.process.pid for worker in (*self._busy, *self._free))

    def _take(self) -> _Worker:
        """A free worker that still lives (one may have been killed), or a new one."""
        while self._free:
            worker = self._free.pop()
            if worker.process.poll() is None:
                return worker
            self._end(worker)
        return _Worker.start()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise ParseError(FetchReason.PARSE_CRASHED, "the pool is closed")

    def _retire(self, worker: _Worker) -> None:
        if worker in self._free:
            self._free.remove(worker)
            self._end(worker)

    def _end(self, worker: _Worker) -> None:
        worker.kill()
        task = asyncio.get_running_loop().create_task(worker.reap())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


@dataclass(slots=True, eq=False, kw_only=True)
class _Worker:
    process: subprocess.Popen[bytes]
    channel: socket.socket
    ready: bool = False
    jobs: int = 0
    timer: asyncio.TimerHandle | None = None

    @classmethod
    def start(cls) -> _Worker:
        """Spawn from the loop's own thread: the child dies with the thread too."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = subprocess.Popen(  # noqa: S603 - ourselves
                    [
                        *(sys.executable, "-m", "crawler.worker"),
                        *(str(theirs.fileno()), str(os.getpid())),
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                    env=_environment(),
                )
            except OSError as error:
                ours.close()
                raise ParseError(FetchReason.PARSE_CRASHED, str(error)) from error
        ours.setblocking(False)  # noqa: FBT003 - socket's own
        return cls(process=process, channel=ours)

    def wake(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def sleep(self, seconds: float, then: Any) -> None:
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(seconds, then, self)

    async def ask(
        self, job: str, args: tuple[Any, ...], kwargs: dict[str, Any], deadline_s: float
    ) -> tuple[Any, ...]:
        """One frame there, one back."""
        self.jobs += 1
        frame = _Frame((job, args, kwargs, deadline_s))
        try:
            if not self.ready:
                async with asyncio.timeout(_START_S):
                    await self._receive()
                self.ready = True
            async with asyncio.timeout(deadline_s):
                await self._send(frame)
                return await self._receive()
        except TimeoutError as error:
            detail = f"{job}: more than {deadline_s:g} s"
            raise ParseError(FetchReason.PARSE_TIMEOUT, detail) from error
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            detail = f"{job}: the parser process died ({type(error).__name__})"
            raise ParseError(FetchReason.PARSE_CRASHED, detail) from error

    async def _send(self, frame: _Frame) -> None:
        loop = asyncio.get_running_loop()
        first, *others = frame.pieces
        await loop.sock_sendall(self.channel, HEADER.pack(frame.size) + first)
        for piece in others:
            await loop.sock_sendall(self.channel, piece)

    async def _receive(self) -> tuple[Any, ...]:
        got = io.BytesIO()  # not a bytearray: its bytes would be a second copy
        # Nothing follows an answer, so header and body may come in one piece.
        await self._fill(got, HEADER.size)
        (length,) = HEADER.unpack_from(got.getbuffer())
        if length > _LONGEST_ANSWER:
            raise EOFError
        await self._fill(got, HEADER.size + length)
        got.seek(HEADER.size)
        answer = _OwnTypes(got).load()
        if not isinstance(answer, tuple) or not answer:
            raise pickle.UnpicklingError
        return answer

    async def _fill(self, got: io.BytesIO, count: int) -> None:
        loop = asyncio.get_running_loop()
        while got.tell() < count:
            chunk = await loop.sock_recv(self.channel, 1 << 16)
            if not chunk:
                raise EOFError
            got.write(chunk)

    def kill(self) -> None:
        self.wake()
        self.channel.close()
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    async def reap(self) -> None:
        """A killed process is gone within milliseconds; polled, to need no thread."""
        while self.process.poll() is None:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


class _Frame:
    """A pickled message in pieces: a body of 10 MiB is sent, not copied first."""

    def __init__(self, message: tuple[Any, ...]) -> None:
        self.pieces: list[bytes] = []
        self.size = 0
        pickle.Pickler(self, pickle.HIGHEST_PROTOCOL).dump(message)

    def write(self, piece: bytes) -> None:
        """Called by the pickler, with large bytes as they are."""
        self.pieces.append(piece)
        self.size += len(piece)


class _OwnTypes(pickle.Unpickler):
    """Reads answers only: a parser taken over by its input may send anything."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "datetime" and name in {"datetime", "timezone", "timedelta"}:
            return super().find_class(module, name)
        if module.startswith("crawler.") and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and (
                is_dataclass(found) or issubclass(found, Enum)
            ):
                return found
        raise pickle.UnpicklingError(f"{module}.{name}")


def _environment() -> dict[str, str]:
    """The parent's, with our packages in reach and warnings left to the parent."""
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    environment.pop("PYTHONWARNINGS", None)
    return environment


def _result(answer: tuple[Any, ...]) -> Any:
    match answer:
        case ("ok", result):
            return result
        case ("parse", str(reason), str(detail)):
            raise ParseError(FetchReason(reason), detail)
        case ("failed", str(detail)):
            raise ParseError(FetchReason.PARSE_FAILED, detail)
        case _:
            raise ParseError(FetchReason.PARSE_CRASHED, "an answer nobody understands")
