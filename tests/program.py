"""The program as a user starts it, for tests that hold papers to it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

# Any of these makes rich draw in colour on a pipe, which no pattern here expects.
_COLOURS = ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "CLICOLOR_FORCE")


def vedette(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run ``vedette`` with these words; never raises for an exit code."""
    environment = {k: v for k, v in os.environ.items() if k not in _COLOURS}
    environment |= {"COLUMNS": "100", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "vedette", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=environment,
    )


def commands(*before: str) -> list[str]:
    """The commands that ``--help`` lists, in its order."""
    shown = vedette(*before, "--help").stdout.partition("─ Commands ─")[2]
    return re.findall(r"^│ ([a-z][a-z-]*) ", shown, flags=re.MULTILINE)
