"""Kill -9 of the real program at its system calls, against receivers that outlive it.

The quick form kills at a seeded sample of boundaries, the recoveries included;
``VEDETTE_CRASH=full`` kills at every boundary of a pass, three times over.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.vedette.crash.stage import DAEMON_S, Stage, points, stage, why_not

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

FULL = os.environ.get("VEDETTE_CRASH") == "full"
SAMPLE = 15
VARIANTS = "tests.vedette.crash.variants"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Stage]:
    if why := why_not(tmp_path):
        pytest.skip(why)
    with stage(tmp_path) as made:
        yield made


def test_no_kill_of_a_pass_or_a_daemon_loses_or_invents_a_message(scene: Stage) -> None:
    """I1-I7, I15, K1-K11, K17: each run recovers the one before and is killed too."""
    scene.publish()
    assert scene.run("once", "--all").returncode == 0
    scene.publish()
    turns = scene.count("once", "--all")
    assert list(scene.unfinished()) == []
    assert scene.duplicates == 0, "I4: without a fault each id comes once"
    end = time.monotonic() + (3600 if FULL else 100)
    for seed in "abc" if FULL else "a":
        chosen = points(turns, sample=None if FULL else SAMPLE, seed=seed)
        for n, point in enumerate(chosen):
            scene.publish()
            if n % 4 == 3:
                done = scene.run("run", kill=point, patience_s=DAEMON_S)
            else:
                done = scene.run("once", "--all", kill=point)
            where = f"{seed} {n}: {point}, exit {done.returncode}\n{done.stderr}"
            assert list(scene.problems()) == [], where
            assert time.monotonic() < end
    assert scene.run("once", "--all").returncode == 0
    assert list(scene.unfinished()) == []
    kills = scene.kills.total()
    sys.stdout.write(
        f"{kills} kills {dict(scene.kills)}, {len(scene.seen)} messages, "
        f"{scene.duplicates} of them repeated\n"
    )
    assert kills >= SAMPLE * 3 // 4


def caught(scene: Stage, bug: str, call: str, turns: range) -> list[str]:
    """What the checker finds after a kill of the variant; [] if it finds nothing."""
    for turn in turns:
        scene.publish()
        scene.run(bug, kill=(call, turn), program=VARIANTS)
        found = list(scene.problems())
        scene.run(bug, program=VARIANTS)
        found += scene.unfinished()
        if found:
            return found
    return []


def test_the_checker_catches_a_row_that_is_settled_before_it_is_sent(
    scene: Stage,
) -> None:
    """A harness that cannot fail proves nothing: I2 without the message."""
    found = caught(scene, "settled-first", "connect", range(3, 6))
    assert any(one.startswith("lost: ") for one in found)


def test_the_checker_catches_an_item_that_is_judged_before_its_alert(
    scene: Stage,
) -> None:
    """I7b, split on purpose."""
    scene.publish()
    scene.run("judged-first", program=VARIANTS)
    found = caught(scene, "judged-first", "fdatasync", range(4, 9))
    assert any(one.startswith("lost: ") for one in found)


def test_the_checker_catches_an_id_that_changes(scene: Stage) -> None:
    """I3: also without a kill."""
    scene.publish()
    scene.run("new-ids", program=VARIANTS)
    assert any(one.startswith("I3: hook") for one in scene.unfinished())
