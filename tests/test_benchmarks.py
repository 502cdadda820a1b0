"""The benchmarks run and tell numbers: a smoke test, so that they do not rot."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.figures import Figure, gathered, shown, table

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def output(*words: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / words[0]), *words[1:]],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.slow
def test_the_whole_line_is_measured_stage_by_stage() -> None:
    figures = gathered(output("pipeline.py", "--feeds", "6"))
    rates = {one.what.strip(): one.value for one in figures if one.unit == "items/s"}
    line = rates.pop("whole line: collect, evaluate, record")
    collect = rates["collect (fetch, parse in a worker, itemise)"]
    assert len(rates) >= 9
    assert line > 10, "six feeds of 15 items take seconds, not minutes"
    # Room for a machine that was busy during one of the two.
    assert line < 2 * collect, "the whole line is slower than one stage of it"


@pytest.mark.slow
def test_the_matcher_is_measured_against_a_naive_loop() -> None:
    rows = [
        json.loads(line)
        for line in output("matcher.py", "--quick", "--topics", "100")
        if line.startswith("{")
    ]
    rates = {row["what"]: row["docs_s"] for row in rows if row["topics"] == 100}
    naive = rates.pop("naive re loop")
    assert rates
    assert all(rate > naive for rate in rates.values())


@pytest.mark.slow
def test_edits_of_published_reports_are_seen_and_nothing_else_is() -> None:
    """Every report of the benchmark once, in one house style each."""
    figures = gathered(output("revisions.py", "--pages", "15", "--seed", "7"))
    asked = [one for one in figures if one.verdict]
    assert len(asked) == 5
    assert [one.what for one in asked if one.verdict == "MISS"] == []


def figure(
    value: float, *, least: float | None = None, most: float | None = None
) -> Figure:
    return Figure(
        bench="any", what="thing", value=value, unit="s", least=least, most=most
    )


@pytest.mark.parametrize(
    ("value", "bounds", "verdict"),
    [
        (5.0, {"most": 5.0}, "ok"),
        (5.0001, {"most": 5.0}, "MISS"),
        (299.96, {"least": 300.0}, "MISS"),
        (300.0, {"least": 300.0}, "ok"),
        (1.0, {}, ""),
    ],
)
def test_a_miss_by_a_hair_is_a_miss(
    value: float, bounds: dict[str, float], verdict: str
) -> None:
    assert figure(value, **bounds).verdict == verdict


def test_a_printed_number_is_not_rounded_across_its_bound() -> None:
    row = figure(300.04, most=300.0)
    assert shown(row) == "300.04"
    assert "300.04" in table([row])
    assert shown(figure(123.456, most=180.0)) == "123.5"
