"""Receivers as processes of their own, and the environment of the program."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.vedette.lab import ROOT, SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def environ() -> dict[str, str]:
    """The environment of the program: this one, its secret, the way to the tests.

    Compiled modules are kept, or each of many hundred starts compiles them anew.
    """
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "LAB_SECRET": SECRET, "PYTHONPATH": str(ROOT)}


@contextlib.contextmanager
def receiver(module: str, log: Path, *more: str) -> Iterator[int]:
    """A receiver in a process of its own; yields its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, "--log", str(log), *more],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
