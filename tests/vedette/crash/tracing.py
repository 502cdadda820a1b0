"""strace in front of the program: kills and errors at its system calls."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CALLS = (
    "pwrite64",
    "fdatasync",
    "sendto",
    "recvfrom",
    "connect",
    "unlink",
    "write",
    "fsync",
    "ftruncate",
)
"""The program's writes, syncs and talks; counted by thread."""


def strace(
    calls: str, log: Path | None = None, *, only: Path | None = None
) -> list[str]:
    """A tracer of the given calls, as a grandchild: signals reach the program.

    Without --seccomp-bpf, under which strace 6.1 misses most of the kills. ``only``
    looks at calls on this file alone.
    """
    return [
        *("strace", "-D", "-f", "-qq", "-o", str(log or "/dev/null")),
        *(("-P", str(only)) if only else ()),
        *("-e", f"trace={calls}"),
    ]


def killing(call: str, turn: int, *, only: Path | None = None) -> list[str]:
    """A tracer that kills the program before its ``turn``-th such call."""
    inject = f"inject={call}:signal=SIGKILL:when={turn}"
    return [*strace(call, only=only), "-e", inject]


def failing(calls: str, error: str, when: str) -> list[str]:
    """A tracer that fails these calls with an errno: ``when`` is "7", "7+" or "7+3"."""
    return [*strace(calls), "-e", f"inject={calls}:error={error}:when={when}"]


def turns(log: Path) -> Counter[str]:
    """The most turns that any one thread took of each call, by a tracer's log."""
    taken = Counter(
        (line.split()[0], line.split()[1].partition("(")[0])
        for line in log.read_text(errors="replace").splitlines()
        if "(" in line and "resumed" not in line
    )
    most: Counter[str] = Counter()
    for (_, call), n in taken.items():
        if call in CALLS:
            most[call] = max(most[call], n)
    return most


def points(
    counted: Counter[str], *, sample: int | None, seed: str
) -> Sequence[tuple[str, int]]:
    """Kill points (call, turn): all there are, or a seeded sample over every call."""
    every = {call: list(range(1, n + 1)) for call, n in sorted(counted.items())}
    pick = random.Random(seed)  # noqa: S311 - a seed, not a secret
    found: list[tuple[str, int]] = []
    for turn_list in every.values():
        pick.shuffle(turn_list)
    while any(every.values()) and (sample is None or len(found) < sample):
        for call, left in every.items():
            if left and (sample is None or len(found) < sample):
                found.append((call, left.pop()))
    return found


def why_not(folder: Path) -> str | None:
    """Why nothing can be killed at system calls here, or None."""
    if shutil.which("strace") is None:
        return "strace is not installed: no kill at system calls"
    probe = [*strace("none", folder / "probe"), "true"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        return "ptrace is not allowed here: no kill at system calls"
    return None
