"""docs/hardening.md is held to the tests: no case missing, no test invented."""

from __future__ import annotations

import re
from pathlib import Path

from tests.vedette.crash.checker import CHECKS

ROOT = Path(__file__).parents[1]
TABLE = (ROOT / "docs" / "hardening.md").read_text(encoding="utf-8")


def cases(cell: str) -> list[int]:
    """The numbers of "A13–A16" or "A48, A51"."""
    numbers: list[int] = []
    for part in cell.split(", "):
        first, _, last = part.partition("–")
        numbers += range(int(first[1:]), int((last or first)[1:]) + 1)
    return numbers


def test_every_case_has_its_row() -> None:
    rows = re.findall(r"^\| (A\d\d[^|]*) \|", TABLE, re.MULTILINE)
    told = [number for cell in rows for number in cases(cell)]
    assert sorted(told) == list(range(1, 83))


def test_every_named_test_exists_and_names_its_case() -> None:
    for cell, tests in re.findall(
        r"^\| (A\d\d[^|]*) \|.*\|(.*)\|$", TABLE, re.MULTILINE
    ):
        for file, name in re.findall(r"`(\S+)::(\w+)`", tests):
            code = (ROOT / "tests" / file).read_text(encoding="utf-8")
            assert f"def {name}(" in code, name
            docstring = code.split(f"def {name}(")[1].split('"""')[1]
            spans = re.findall(r"A\d\d(?:[-–]A\d\d)?", docstring)
            named = {one for span in spans for one in cases(span.replace("-", "–"))}
            assert named & set(cases(cell)), (cell, name)


def test_every_invariant_has_its_row_and_somebody_who_looks() -> None:
    rows = re.findall(r"^\| I(\d+) \|[^|]*\|(.*)\|$", TABLE, re.MULTILINE)
    assert [int(number) for number, _ in rows] == [*range(1, 22)]
    checked = {check.number for check in CHECKS}
    for number, by in rows:
        assert ("checker" in by) == (f"I{number}" in checked), number
        tests = re.findall(r"`(\S+)::(\w+)`", by)
        assert tests or "checker" in by, number
        for file, name in tests:
            code = (ROOT / "tests" / file).read_text(encoding="utf-8")
            docstring = code.split(f"def {name}(")[1].split('"""')[1]
            spans = re.findall(r"I(\d+)(?:(?:-| to )I(\d+))?", docstring)
            named = {n for a, b in spans for n in range(int(a), int(b or a) + 1)}
            assert int(number) in named, (number, name)
