"""What neither a store nor a log can show: steps of a stage for I8, I17, I18."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.vedette.crash.checker import looking
from tests.vedette.crash.receivers import environ
from tests.vedette.lab import get

if TYPE_CHECKING:
    from tests.vedette.crash.stage import Stage

SECOND_S = 2.0
"""A second instance ends within this; of its own work, as machines are busy."""


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
    """I17, I18: a second daemon gives up at once; the first ends clean on SIGTERM.

    What the first shows on its pages and as a process is kept for I20.
    """

    def beside(process: subprocess.Popen[bytes]) -> None:
        stage.heard("health on")
        _look_around(stage, process.pid)
        command = [sys.executable, "-m", "vedette", "run"]
        second = subprocess.Popen(
            command,
            cwd=stage.folder,
            env=environ(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, used = os.wait4(second.pid, 0)
        second.returncode = os.waitstatus_to_exitcode(status)
        took = used.ru_utime + used.ru_stime
        if second.returncode == 0 or took > SECOND_S:
            stage.found.append(f"I17: exit {second.returncode} after {took:.1f} s")
        process.terminate()

    done = stage.run("run", during=beside)
    if done.returncode != 0:
        stage.found.append(f"I18: exit {done.returncode} on SIGTERM")
    with looking(stage.store) as db:
        query = "SELECT count(*) FROM delivery WHERE state = 'leased'"
        if db is not None and (left := db.execute(query).fetchone()[0]):
            stage.found.append(f"I18: {left} rows are leased after a clean end")
    stage.check("beside a second daemon")


def _look_around(stage: Stage, number: int) -> None:
    said = (stage.folder / "err").read_text(errors="replace")
    page = said.partition("health on ")[2].split()[0]
    for name in ("healthz", "metrics", "nothing-here"):
        _, body = get(page.replace("healthz", name))
        stage.said.append(body.decode())
    for path in Path("/proc", str(number)).glob("cm*"):  # cmdline and comm
        stage.said.append(path.read_text(errors="replace"))
