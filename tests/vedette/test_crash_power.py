"""Power lost at every sync and every send: what was synced is whole and knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.vedette.crash.powerloss import Loss, replay
from tests.vedette.crash.stage import stage
from tests.vedette.crash.tracing import why_not

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

VARIANTS = "tests.vedette.crash.variants"


def lost(folder: Path, *words: str, program: str = "vedette") -> Loss:
    """Three items told, in a run that is then cut at every point."""
    if why := why_not(folder):
        pytest.skip(why)
    with stage(folder) as made:
        made.publish()
        made.run("once", "--all")
        for _ in range(3):
            made.publish()
        loss = replay(made, *words, program=program)
        assert made.unfinished() == []
    return loss


def test_no_power_loss_forgets_the_claim_of_what_was_sent(tmp_path: Path) -> None:
    """I6, I15: three items by webhook, mail and file, power lost at each point."""
    loss = lost(tmp_path, "once", "--all")
    assert loss.found == []
    assert loss.sends >= 9
    assert loss.images >= loss.sends + 6


def test_the_replay_catches_commits_that_do_not_wait_for_the_disk(
    tmp_path: Path,
) -> None:
    """A replay that cannot fail proves nothing: synchronous = NORMAL, planted."""
    loss = lost(tmp_path, "unsynced", program=VARIANTS)
    assert loss.unclaimed == loss.sends >= 9
    assert all(one.startswith("I6: ") for one in loss.found)
