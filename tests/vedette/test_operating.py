"""The operator's commands against the real daemon: restore and reload."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from tests.vedette.test_once import FERRY, TOPICS

if TYPE_CHECKING:
    from tests.vedette.lab import Lab

pytestmark = pytest.mark.slow


def test_a_restored_store_alerts_on_and_the_old_one_lies_beside_it(lab: Lab) -> None:
    lab.feed(FERRY)
    lab.write(TOPICS)
    lab.run("once", "--all")
    lab.run("backup", "copy.db")
    lab.feed(FERRY, {"title": "A second ferry is late", "slug": "late"})
    lab.run("once", "--all")
    told = len(lab.rows("alerts"))
    (done,) = lab.rows("restore", "copy.db")
    assert len(lab.rows("alerts")) == told - 1
    assert ".before-" in done["kept"]
    with sqlite3.connect(f"file:{done['kept']}?mode=ro", uri=True) as kept:
        assert kept.execute("SELECT count(*) FROM alert").fetchone()[0] == told
    lab.run("once", "--all")
    assert len(lab.rows("alerts")) == told
    # What was sent after the backup comes again, and as the same message.
    assert len(lab.hook.ids()) == len(set(lab.hook.ids())) + 1


def test_no_store_is_restored_under_a_daemon_or_from_another_file(lab: Lab) -> None:
    lab.feed(FERRY)
    config = lab.write(TOPICS)
    with lab.daemon():
        lab.run("backup", "copy.db")
        assert "is held by process" in lab.run("restore", "copy.db", code=3).stderr
    refused = lab.run("restore", str(config), code=1).stderr
    assert "config.yaml" in refused
    assert "Traceback" not in refused
    lab.rows("alerts")
