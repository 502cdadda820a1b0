"""The operator's commands against the real daemon: restore and reload."""

from __future__ import annotations

import os
import signal
import sqlite3
from typing import TYPE_CHECKING

import pytest

from tests.servers.http import Reply
from tests.vedette.lab import get
from tests.vedette.test_once import FERRY, TOPICS
from vedette.errors import ReloadRefused
from vedette.reloading import ask
from vedette.store import StoreLock

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


def test_reload_waits_for_the_daemon_and_says_what_it_did(lab: Lab) -> None:
    """I14: all of it, or nothing and why."""
    lab.feed()
    config = lab.write(TOPICS)
    good = config.read_text()
    with lab.daemon() as (process, health):
        assert "watching 1 sources" in lab.run("reload").stdout
        second = f"  more: {{kind: feed, url: {lab.site.url('/more.xml')}}}\n"
        config.write_text(good.replace("sources:\n", "sources:\n" + second))
        assert lab.run("reload").stdout == "config reloaded, watching 2 sources\n"
        assert {row["name"] for row in lab.rows("sources")} == {"wire", "more"}
        config.write_text(good.replace("query: ferry}", "query: '@nobody'}"))
        refused = lab.run("reload", code=1).stderr
        assert "config.yaml:" in refused
        assert "nobody" in refused
        # The file loads: only the daemon knows that a query of it is refused.
        (state,) = lab.rows("health")
        assert "nobody" in state["checks"]["config"]["detail"]
        config.write_text("sources: [")
        assert "config.yaml:" in lab.run("reload", code=2).stderr
        config.write_text(good.replace("127.0.0.1:0", "127.0.0.2:0"))
        assert "needs a restart" in lab.run("reload", code=1).stderr
        config.write_text(good)
        assert lab.rows("reload") == [{"sources": 1, "refused": None}]
        assert get(health)[0] == 200
        (state,) = lab.rows("health")
        assert state["checks"]["config"]["detail"] == "current"
        config.write_text(good.replace("vedette.db", "other.db"))
        assert "after a change of `store`" in lab.run("reload", code=1).stderr
        config.write_text(good)
        assert process.poll() is None
    assert "no daemon runs" in lab.run("reload", code=1).stderr


def test_a_reload_says_what_waits_for_a_channel_that_was_renamed(lab: Lab) -> None:
    """A digest that gathers since the morning must not die without a word at night."""
    lab.feed(FERRY)
    config = lab.write(TOPICS)
    good = config.read_text()
    lab.hook.replies.append(Reply(status=503))
    lab.run("once", code=1)
    with lab.daemon():
        config.write_text(good.replace("  hook:", "  webhook:"))
        first, second = lab.run("reload").stdout.splitlines()
        assert first == "config reloaded, watching 1 sources"
        assert "hook (1)" in second
        config.write_text(good)
        assert "hook" not in lab.run("reload").stdout


def test_reload_ends_no_process_that_does_not_listen(lab: Lab) -> None:
    """`vedette once` holds the lock too, and a hangup would be its end."""
    lab.write(TOPICS)
    lock = StoreLock(lab.folder / "data/vedette.db")
    with lock:
        refused = lab.run("reload", code=1).stderr
    assert f"process {os.getpid()} holds the store" in refused
    # A daemon that was killed left its note; the number may be another's by now.
    with lab.daemon() as (process, _):
        process.kill()
        process.wait()
    assert "no daemon runs" in lab.run("reload", code=1).stderr


def test_a_daemon_that_does_not_answer_is_waited_for_no_longer_than_said(
    lab: Lab,
) -> None:
    lab.feed()
    lab.write(TOPICS)
    with lab.daemon() as (process, _):
        process.send_signal(signal.SIGSTOP)
        try:
            with pytest.raises(ReloadRefused, match="did not answer within 1 s"):
                ask(StoreLock(lab.folder / "data/vedette.db"), patience_s=1)
        finally:
            process.send_signal(signal.SIGCONT)
