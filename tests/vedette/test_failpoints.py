"""The named places at which tests end the process: all told, all reached, no other."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.vedette.lab import ROOT
from vedette.failpoints import VARIABLE, Point


def run(value: str) -> subprocess.CompletedProcess[str]:
    code = "from vedette.failpoints import *\nfor _ in range(3): reach(Point.CLAIMED)"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, VARIABLE: value},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("value", "code"),
    [("", 0), ("settled:1", 0), ("claimed", -9), ("claimed:3", -9), ("claimed:4", 0)],
)
def test_it_dies_at_the_chosen_place_and_turn(value: str, code: int) -> None:
    assert run(value).returncode == code


@pytest.mark.parametrize("value", ["climed:1", "claimed:x"])
def test_a_mistake_is_no_silent_test_of_nothing(value: str) -> None:
    assert "ValueError" in run(value).stderr


def test_every_place_is_in_the_code_once_and_in_the_papers() -> None:
    code = "".join(
        path.read_text() for path in sorted((ROOT / "vedette").rglob("*.py"))
    )
    reached = re.findall(r"\breach\(Point\.(\w+)\)", code)
    assert sorted(reached) == sorted(one.name for one in Point)
    paper = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    told = paper.partition("## Dying on purpose")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*`) \|", told, re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert named == [one.value for one in Point]
