"""What neither a store nor a log can show: steps of a stage for I8, I17, I18."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from tests.vedette.crash.checker import looking
from tests.vedette.crash.stage import environ

if TYPE_CHECKING:
    from tests.vedette.crash.stage import Stage

SECOND_S = 2.0
"""DESIGN: a second instance ends within this."""


def polled_again(stage: Stage) -> None:
    """I8: the same feed in another order, then empty, then back, tells nothing new."""
    before, told = len(stage.seen), stage.titles
    for titles, shuffled in ((told, True), ([], False), (told, False)):
        stage.titles, stage.shuffled = titles, shuffled
        stage.run("once", "--all")
    stage.titles = told
    if len(stage.seen) != before:
        new = len(stage.seen) - before
        stage.found.append(f"I8: polled again, {new} messages came")


def second_daemon(stage: Stage) -> None:
    """I17, I18: a second daemon gives up at once; the first ends clean on SIGTERM."""

    def beside(process: subprocess.Popen[bytes]) -> None:
        stage.heard("health on")
        start = _seconds("--version")
        begun = time.monotonic()
        command = [sys.executable, "-m", "vedette", "run"]
        second = subprocess.run(
            command, cwd=stage.folder, env=environ(), capture_output=True, check=False
        )
        took = time.monotonic() - begun
        if second.returncode == 0 or took > SECOND_S + start:
            stage.found.append(f"I17: exit {second.returncode} after {took:.1f} s")
        process.terminate()

    done = stage.run("run", during=beside)
    if done.returncode != 0:
        stage.found.append(f"I18: exit {done.returncode} on SIGTERM")
    with looking(stage.store) as db:
        query = "SELECT count(*) FROM delivery WHERE state = 'leased'"
        if db is not None and (left := db.execute(query).fetchone()[0]):
            stage.found.append(f"I18: {left} rows are leased after a clean end")


def _seconds(word: str) -> float:
    """What a start of the program costs on this machine now, besides."""
    begun = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "vedette", word],
        env=environ(),
        capture_output=True,
        check=False,
    )
    return time.monotonic() - begun
