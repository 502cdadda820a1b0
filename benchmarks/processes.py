"""Starting the daemon as a user does, and reading what its processes hold."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import queue
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[1]

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1  # linux/sockios.h, if.h
STOP_S = 30.0


class NotHereError(Exception):
    """This system cannot measure that; the text says why."""


def go_offline() -> None:
    """Leave this process, and all it starts, with no network but loopback.

    Call it before any thread is started.

    Raises:
        NotHereError: not Linux, or namespaces are forbidden.
    """
    if sys.platform != "linux":
        raise NotHereError("needs Linux network namespaces")
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_CLONE_NEWNET) != 0:
        if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
            why = os.strerror(ctypes.get_errno())
            raise NotHereError(f"no network namespace of our own: {why}")
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sh14x", b"lo", 0)
        (flags,) = struct.unpack_from(
            "h", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, asked), 16
        )
        up = struct.pack("16sh14x", b"lo", flags | _IFF_UP)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, up)


class Spoken:
    """A started program: its lines of stdout and stderr, each with its time."""

    def __init__(self, words: list[str], folder: Path, env: Mapping[str, str]) -> None:
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "vedette", *words],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: queue.Queue[tuple[float, str] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put((time.perf_counter() - self.began, line.rstrip()))
        self._lines.put(None)

    def lines(self, within_s: float) -> Iterator[tuple[float, str]]:
        """Lines with the seconds since the start, until the end or the time is up."""
        until = time.perf_counter() + within_s
        while (left := until - time.perf_counter()) > 0:
            try:
                got = self._lines.get(timeout=left)
            except queue.Empty:
                return
            if got is None:
                return
            yield got

    def wait_for(self, text: str, within_s: float) -> tuple[float, str]:
        """The first line that holds the text, and its time.

        Raises:
            RuntimeError: it ended, or the time is up; tells the last lines.
        """
        heard: list[str] = []
        for at, line in self.lines(within_s):
            heard.append(line)
            if text in line:
                return at, line
        raise RuntimeError(f"no {text!r} within {within_s:g} s; heard {heard[-5:]}")

    def stop(self) -> float:
        """SIGTERM, then SIGKILL after 30 s; the seconds it took."""
        began = time.perf_counter()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self._reader.join(timeout=5)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return time.perf_counter() - began


@contextlib.contextmanager
def spoken(
    words: list[str], folder: Path, env: Mapping[str, str] | None = None
) -> Iterator[Spoken]:
    """``python -m vedette WORDS`` in a folder while the block lasts."""
    program = Spoken(words, folder, env or {})
    try:
        yield program
    finally:
        program.stop()


def shipped_config(folder: Path) -> None:
    """The shipped config.yaml in a fresh folder, but for a free port."""
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    changed = text.replace("127.0.0.1:8321", "127.0.0.1:0")
    assert changed != text, "config.yaml names another port than this expects"
    (folder / "config.yaml").write_text(changed, encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a process tree holds, in MB (10^6 bytes).

    PSS counts a page shared by n processes as 1/n, those of strangers included, so
    on a busy machine ``rss_main`` bounds it from above.
    """

    pss_main: float
    pss_all: float
    rss_main: float
    processes: int


def memory(pid: int) -> Memory:
    """Of a process and all that descend from it.

    Raises:
        NotHereError: this system has no /proc/PID/smaps_rollup.
    """
    main = _rollup(pid)
    held = [main["Pss"]]
    for one in descendants(pid)[1:]:
        # A parser process may be replaced between the listing and the look.
        with contextlib.suppress(NotHereError):
            held.append(_rollup(one)["Pss"])
    return Memory(
        pss_main=main["Pss"],
        rss_main=main["Rss"],
        pss_all=sum(held),
        processes=len(held),
    )


def descendants(pid: int) -> list[int]:
    """The process and its children, and theirs."""
    found = [pid]
    for one in found:
        for file in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(each) for each in file.read_text().split()]
    return found


def _rollup(pid: int) -> dict[str, float]:
    path = Path(f"/proc/{pid}/smaps_rollup")
    try:
        text = path.read_text()
    except OSError as error:
        raise NotHereError(f"no {path}: {error}") from error
    found = re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE)
    return {name: int(number) * 1024 / 1e6 for name, number in found}


def cpu_s(pid: int) -> float:
    """CPU seconds of a process and all that descend from it, ended ones included.

    Counted in ticks of 10 ms. A child's counts once it is waited for or still lives.
    """
    ticks = 0
    for one in descendants(pid):
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{one}/stat").read_text()
            # After the name, which may hold anything: utime, stime, and the same of
            # children waited for (proc(5), fields 14 to 17).
            ticks += sum(map(int, stat.rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
