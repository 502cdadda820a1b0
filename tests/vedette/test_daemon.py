"""The real daemon: started, asked, reloaded, stopped, killed."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.vedette.lab import SECRET, Lab, get, rss
from tests.vedette.test_once import FERRY, TOPICS
from vedette.store import StoreLock

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow


def eventually(what: Callable[[], object], *, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def fast(lab: Lab) -> str:
    url = lab.site.url("/feed.xml")
    return f"  wire: {{kind: feed, url: {url}, article: never, every: 3s}}\n"


def test_the_daemon_alerts_serves_health_and_drains_on_sigterm(lab: Lab) -> None:
    """I18: exit 0, nothing left leased."""
    lab.feed(FERRY)
    lab.write(TOPICS, sources=fast(lab))
    with lab.daemon() as (process, health):
        status, body = get(health)
        assert (status, json.loads(body)["status"]) == (200, "ok")
        eventually(lambda: lab.hook.messages and lab.post.mails)
        told = b'vedette_deliveries{state="delivered"} 3.0'
        eventually(lambda: told in get(health.replace("/healthz", "/metrics"))[1])
        lab.run("health")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert {row["state"] for row in lab.rows("outbox")} == {"delivered"}
    assert "not running" in lab.run("health", code=1).stdout


def test_a_second_daemon_on_the_same_store_exits_with_three(lab: Lab) -> None:
    """I17: non-zero within 2 s and nothing sent; other commands work beside it."""
    lab.feed(FERRY)
    lab.write(TOPICS)
    with lab.daemon():
        start = time.monotonic()
        lab.run("once", code=3)
        lab.run("run", code=3)
        lab.run("migrate", code=3)
        assert time.monotonic() - start < 12
        lab.run("backup", "copy.db")
        lab.rows("sources")


def test_a_bad_reload_keeps_the_old_config_and_says_why(lab: Lab) -> None:
    """I14: a bad reload changes nothing."""
    lab.feed()
    config = lab.write(TOPICS, sources=fast(lab))
    with lab.daemon() as (process, health):
        good = config.read_text()
        config.write_text(good.replace("query: ferry}", "query: '@nobody'}"))
        process.send_signal(signal.SIGHUP)
        eventually(lambda: "stale" in get(health)[1].decode())
        assert "nobody" in get(health)[1].decode()
        lab.feed(FERRY)
        eventually(lambda: lab.hook.messages)
        config.write_text(good.replace("query: port", "query: pier"))
        process.send_signal(signal.SIGHUP)
        eventually(lambda: "stale" not in get(health)[1].decode())
        lab.feed(FERRY, {"title": "The longest pier of all is open", "slug": "pier"})
        eventually(lambda: [r for r in lab.rows("outbox") if r["type"] == "digest"])


def test_after_kill_nine_the_message_comes_once_more_or_once(lab: Lab) -> None:
    """I2, I3: killed at any moment, restarted: every id arrives, none is new."""
    lab.write(TOPICS, sources=fast(lab))
    lab.feed()
    expected = 0
    events = (
        "Ferry stuck in the ice near the northern cape",
        "Minister opens tender to build a new ferry",
        "Ferry crew refuses to sail over unpaid wages",
        "Court jails ferry owner for smuggling cigarettes",
    )
    for wait in (0.3, 1.2, 2.4, 3.4):
        entries = [
            {"title": title, "slug": f"f{n}"}
            for n, title in enumerate(events[: expected + 1])
        ]
        with lab.daemon() as (process, _):
            lab.pages["/feed.xml"] = rss(*entries)
            time.sleep(wait)
            process.kill()
            process.wait()
        expected += 1
    with lab.daemon():
        eventually(
            lambda: (
                {r["state"] for r in lab.rows("outbox") if r["type"] != "digest"}
                == {"delivered"}
            )
        )
    rows = [r for r in lab.rows("outbox") if r["channel"] == "hook"]
    sent = {r["id"] for r in rows if r["type"] != "digest"}
    assert set(lab.hook.ids()) == sent
    covered = [alert for r in rows for alert in r["alerts"]]
    assert len(covered) == len(set(covered)) == expected


def test_without_a_network_each_source_says_why_and_the_daemon_stays(
    lab: Lab,
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        lab.write(
            TOPICS,
            sources=f"  shut: {{kind: feed, every: 3s, "
            f"url: 'http://127.0.0.9:{port}/'}}\n"
            "  nowhere: {kind: feed, every: 3s, "
            "url: 'https://no.such.host.invalid/'}\n",
        )
        with lab.daemon() as (process, health):

            def reasons() -> dict[str, str]:
                return {r["name"]: r["reason"] for r in lab.rows("sources")}

            eventually(lambda: None not in reasons().values())
            assert reasons() == {"shut": "connect_failed", "nowhere": "name_not_found"}
            assert process.poll() is None
            assert get(health)[0] == 200


def test_a_taken_web_address_is_one_sentence(lab: Lab) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        config = lab.write(TOPICS)
        text = config.read_text().replace(":0", f":{taken.getsockname()[1]}")
        config.write_text(text)
        done = lab.run("run", code=1)
    assert "cannot listen on 127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr


def test_visitors_are_asked_for_the_password(lab: Lab) -> None:
    """A67, A71: none gets in without it."""
    lab.feed()
    config = lab.write(TOPICS)
    web = 'web: {listen: "127.0.0.1:0", password: {env: LAB_SECRET}}'
    text = config.read_text().replace('web: {listen: "127.0.0.1:0"}', web)
    config.write_text(text)
    with lab.daemon() as (_, health):
        assert get(health)[0] == 401
        word = base64.b64encode(f"me:{SECRET}".encode()).decode()
        assert get(health, Authorization=f"Basic {word}")[0] == 200
        assert get(health, Authorization="Basic bWU6d3Jvbmc=")[0] == 401
        assert get(health, Authorization="Basic %%%")[0] == 401


def test_health_works_while_the_config_is_broken(lab: Lab) -> None:
    lab.feed()
    config = lab.write(TOPICS)
    with lab.daemon() as (process, health):
        config.write_text(config.read_text() + "surprise: 1\n")
        process.send_signal(signal.SIGHUP)
        eventually(lambda: "stale" in get(health)[1].decode())
        assert get(health)[0] == 200
        assert "surprise" in lab.run("health").stdout


def test_a_reload_before_it_listens_does_not_end_it(lab: Lab) -> None:
    """From the moment on in which `vedette reload` finds whom to signal."""
    lab.write(TOPICS)
    lock = StoreLock(lab.folder / "data/vedette.db")
    process = subprocess.Popen(
        [sys.executable, "-m", "vedette", "run"],
        cwd=lab.folder,
        env=lab.environ(),
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        os.set_blocking(process.stderr.fileno(), False)
        said = b""
        while b"health on" not in said:
            assert process.poll() is None, said
            if lock.holder():
                process.send_signal(signal.SIGHUP)
            time.sleep(0.01)
            said += process.stderr.read() or b""
        process.terminate()
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    "streams",
    [">&- 2>&- <&-", ">/dev/full 2>/dev/full", "> >(exec true) 2> >(exec true)"],
)
def test_without_a_place_to_log_to_it_still_alerts(lab: Lab, streams: str) -> None:
    """A40: closed streams, a log on a full disk, or readers that ended cost the log
    and nothing else."""
    lab.feed(FERRY)
    config = lab.write(TOPICS, sources=fast(lab))
    screen = "channels:\n  screen: {kind: console}\n"
    config.write_text(config.read_text().replace("channels:\n", screen))
    process = subprocess.Popen(
        ["bash", "-c", f"exec {sys.executable} -m vedette -v run {streams}"],  # noqa: S607
        cwd=lab.folder,
        env=lab.environ(),
    )
    try:
        eventually(lambda: lab.hook.messages and lab.post.mails)
        lab.feed(FERRY, {"title": "A second ferry is late", "slug": "late"})
        eventually(lambda: len(lab.hook.effects) == 2)
        # What is ours must not lie where a library's stray words go.
        for number in range(3):
            behind = str(Path(f"/proc/{process.pid}/fd/{number}").readlink())
            assert behind.startswith(("/dev/", "pipe:")), behind
    finally:
        process.terminate()
        assert process.wait(30) == 0
