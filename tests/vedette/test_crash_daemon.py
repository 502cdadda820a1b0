"""Kill -9 of the real program, against receivers that outlive it: the short campaign.

``make crash`` is the long one: every system call, every named point, hundreds of kills.
Here a seeded sample of it, the errors of a disk and a network, and the planted bugs.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.vedette.crash.between import At, Strike
from tests.vedette.crash.campaign import drain, error_plan, plan, work
from tests.vedette.crash.stage import Stage, stage
from tests.vedette.crash.steps import polled_again, second_daemon
from tests.vedette.crash.tracing import why_not

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

KILLS = 60
CALLS = 42
"""Of the kills at system calls; the named points make the rest, and some to spare."""
VARIANTS = "tests.vedette.crash.variants"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Stage]:
    if why := why_not(tmp_path):
        pytest.skip(why)
    with stage(tmp_path) as made:
        yield made


def test_no_kill_of_a_pass_or_a_daemon_loses_or_invents_a_message(scene: Stage) -> None:
    """I1-I16, I19-I21, K1-K18: each run recovers the one before and is killed too."""
    scene.publish()
    drain(scene, "the start")
    scene.publish()
    counted = scene.count("once", "--all")
    drain(scene, "the start")
    assert scene.found == [], "without a fault each id comes once"
    steps = plan(counted, sample=CALLS, rounds=1, seed="ci")
    report = work(scene, steps, seed="ci", until=lambda: False)
    polled_again(scene)
    sys.stdout.write(f"{report}\n")
    assert scene.found == []
    assert report.kills.total() >= KILLS
    assert all(report.kills[f"K{n}"] for n in range(1, 19))


def test_errors_of_disk_and_network_lose_nothing_and_change_no_id(scene: Stage) -> None:
    """I1-I7, I9, I10, I15, A38: ENOSPC, EIO, ECONNRESET and ETIMEDOUT, injected."""
    scene.publish()
    drain(scene, "the start")
    steps = error_plan(rounds=1, seed="ci")
    report = work(scene, steps, seed="ci", until=lambda: False)
    sys.stdout.write(f"{report}\n")
    assert scene.found == []
    assert report.errors.total() == len(steps)


def test_a_second_daemon_ends_at_once_and_the_first_on_sigterm(scene: Stage) -> None:
    """I17, I18."""
    scene.publish()
    second_daemon(scene)
    assert scene.found == []


def test_the_checker_catches_a_row_that_is_settled_before_it_is_sent(
    scene: Stage,
) -> None:
    """A harness that cannot fail proves nothing: I2 without the message."""
    scene.publish()
    scene.wires["hook"].strike = Strike(at=At.HALF)
    scene.run("settled-first", program=VARIANTS, label="planted")
    scene.run("settled-first", program=VARIANTS)
    assert any(one.startswith("I2: lost: hook never") for one in scene.unfinished())


def test_the_checker_catches_an_item_that_is_judged_before_its_alert(
    scene: Stage,
) -> None:
    """I7b, split on purpose."""
    found: list[str] = []
    for turn in (6, 7, 5, 8, 4):
        scene.publish()
        scene.run("judged-first", kill=("fdatasync", turn), program=VARIANTS)
        found += scene.problems()
        scene.run("judged-first", program=VARIANTS)
        found += scene.unfinished()
        if found:
            break
    assert any(one.startswith("I7: (b)") for one in found)
    assert any(one.startswith("I2: lost: ") for one in found)


def test_the_checker_catches_an_id_that_changes(scene: Stage) -> None:
    """I3: also without a kill."""
    scene.publish()
    scene.run("new-ids", program=VARIANTS)
    assert any(one.startswith("I3: hook") for one in scene.unfinished())
