"""Kill -9 while stories are judged: the same stories, each milestone told once.

The real program works off a seeded stream, is killed again and again, and must end
where a run that nobody killed ends. The quick form kills at a few seeded moments,
``VEDETTE_CRASH=full`` at a hundred, and at system calls.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.vedette.crash.receivers import environ
from tests.vedette.crash.stream import Outcome, config, lay, stream
from tests.vedette.crash.tracing import killing, why_not

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

FULL = os.environ.get("VEDETTE_CRASH") == "full"
EVENTS = 60 if FULL else 21
KILLS = 100 if FULL else 3
ONCE = [sys.executable, "-m", "vedette", "once"]


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a config and a store full of items that wait."""
    folder = tmp_path_factory.mktemp("laid")
    (folder / "config.yaml").write_text(config(), encoding="utf-8")
    (folder / "data").mkdir()
    at = datetime.now(UTC) - timedelta(minutes=5)  # noqa: TID251 - fresh for the program
    lay(folder / "data/vedette.db", stream(1, EVENTS, at), at)
    return folder


@pytest.fixture(scope="module")
def expected(laid: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What a run leaves that nobody kills."""
    folder = copy(laid, tmp_path_factory.mktemp("calm") / "c")
    finish(folder)
    return Outcome.of(store(folder))


def copy(laid: Path, to: Path) -> Path:
    shutil.copytree(laid, to)
    return to


def store(folder: Path) -> Path:
    return folder / "data/vedette.db"


def start(folder: Path, *tracer: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*tracer, *ONCE],
        cwd=folder,
        env=environ(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(folder: Path) -> None:
    done = start(folder)
    _, err = done.communicate(timeout=300)
    assert done.returncode == 0, err


def judged(folder: Path) -> int:
    with closing(sqlite3.connect(store(folder), timeout=10)) as db:
        return int(db.execute("SELECT count(*) FROM judgement").fetchone()[0])


def killed_in_time(folder: Path, pick: random.Random) -> bool:
    """Kill the program a moment after it began to judge; False if it was done."""
    before, process = judged(folder), start(folder)
    while process.poll() is None and judged(folder) == before:
        time.sleep(0.005)
    time.sleep(pick.uniform(0, 0.25))
    process.kill()
    process.communicate()
    return process.returncode == -9


def killed_at(folder: Path, call: str, turn: int) -> bool:
    """The same, in front of its ``turn``-th ``call``."""
    process = start(folder, *killing(call, turn))
    _, err = process.communicate(timeout=300)
    assert process.returncode in (0, -9, 137), err
    return process.returncode != 0


def compare(folder: Path, expected: Outcome) -> None:
    found = Outcome.of(store(folder))
    assert found.stories == expected.stories, "an item is in another story"
    assert found.merged == expected.merged
    assert len(set(found.alerts)) == len(found.alerts), "a milestone is told twice"
    assert found.alerts == expected.alerts
    assert found.covered == expected.covered, "an alert is in no message, or in two"
    lines = (folder / "data/alerts.jsonl").read_text().splitlines()
    told = {json.loads(line)["data"]["id"] for line in lines}
    with closing(sqlite3.connect(store(folder))) as db:
        sent = {
            row[0]
            for row in db.execute("SELECT id FROM delivery WHERE state = 'delivered'")
        }
    assert told == sent


def test_the_stream_has_all_that_may_go_wrong(expected: Outcome) -> None:
    """Else the comparison would be one of empty with empty."""
    milestones = {key.partition(":")[0] for *_, key in expected.alerts}
    assert {
        "first",
        "corroborated",
        "confirmed",
        "disputed",
        "development",
    } <= milestones
    assert any(key.startswith("development:merged=") for *_, key in expected.alerts)
    assert len(expected.merged) > EVENTS / 8
    assert len(set(expected.stories.values())) > EVENTS
    assert len(expected.alerts) > 4 * EVENTS


def test_kills_at_any_moment_change_no_story_and_no_milestone(
    laid: Path, expected: Outcome, tmp_path: Path
) -> None:
    pick = random.Random(3)  # noqa: S311 - a seed, not a secret
    kills, amid = 0, 0
    for chain in range(KILLS):
        folder = copy(laid, tmp_path / str(chain))
        while kills < KILLS and killed_in_time(folder, pick):
            kills += 1
            amid += 0 < judged(folder) < len(expected.stories)
        finish(folder)
        compare(folder, expected)
        if kills >= KILLS:
            break
    assert kills >= KILLS
    assert amid, "no kill came between two batches"


@pytest.mark.skipif(not FULL, reason="VEDETTE_CRASH=full kills at system calls too")
@pytest.mark.parametrize("call", ["fdatasync", "pwrite64"])
def test_kills_at_system_calls_change_no_story_and_no_milestone(
    laid: Path, expected: Outcome, tmp_path: Path, call: str
) -> None:
    if why := why_not(tmp_path):
        pytest.skip(why)
    pick = random.Random(call)  # noqa: S311 - a seed, not a secret
    folder, kills = copy(laid, tmp_path / "a"), 0
    most = {"fdatasync": 9, "pwrite64": 300}[call]
    while killed_at(folder, call, pick.randint(2, most)):
        kills += 1
        assert kills < 10 * EVENTS, "a killed run gets nowhere"
    finish(folder)
    compare(folder, expected)
    assert kills > 3
