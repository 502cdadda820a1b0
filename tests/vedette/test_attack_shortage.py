"""The real daemon without descriptors, without a writable disk, without inodes."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from crawler.fetcher import _translated
from tests.servers.http import STALL, Raw, Request, serve
from tests.vedette.lab import get
from tests.vedette.test_daemon import eventually, fast
from tests.vedette.test_once import FERRY, TOPICS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.http import Answer
    from tests.vedette.lab import Lab

pytestmark = pytest.mark.slow

FILES = 64


@contextlib.contextmanager
def starved(lab: Lab) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The daemon with 64 descriptors at most, and the address of its health page."""
    log = lab.folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [
                *("bash", "-c", f'ulimit -n {FILES} && exec "$@"', "-"),
                *(sys.executable, "-m", "vedette", "run"),
            ],
            cwd=lab.folder,
            env=lab.environ(),
            stdout=out,
            stderr=out,
        )
    try:
        eventually(lambda: b"health on " in log.read_bytes())
        yield process, log.read_text().split("health on ")[1].split()[0]
        assert process.poll() is None
    finally:
        process.terminate()
        assert process.wait(60) == 0


def test_eighty_stalling_sources_leave_descriptors_for_the_alerts(lab: Lab) -> None:
    """A39: with 64 descriptors, the good source is read and its alert is sent."""

    def stall(_: Request) -> Answer:
        return Raw([STALL])

    with serve(stall, more_hosts=[f"127.0.0.{n}" for n in range(2, 82)]) as slow:
        sources = "".join(
            f"  s{n}: {{kind: feed, article: never, every: 5s,"
            f" url: 'http://127.0.0.{n}:{slow.port}/f'}}\n"
            for n in range(2, 82)
        )
        lab.feed()
        lab.write(TOPICS, sources=fast(lab) + sources)
        with starved(lab):
            eventually(lambda: slow.open_now >= 8, seconds=60)
            lab.feed(FERRY)
            eventually(lambda: lab.hook.messages and lab.post.mails, seconds=60)
            for number in range(3):
                lab.feed(FERRY, {"title": f"Ferry {number} xy{number}", "slug": number})
            eventually(lambda: len(lab.hook.effects) >= 2, seconds=60)
    assert len(lab.hook.ids()) == len(lab.hook.effects)


def test_when_all_descriptors_are_taken_it_says_so_and_goes_on_later(
    lab: Lab,
) -> None:
    """A39: visitors take every one of them; nothing is lost, and nothing sent twice."""
    lab.feed()
    lab.write(TOPICS, sources=fast(lab))
    with starved(lab) as (process, health):
        eventually(lambda: len(lab.site.requests) > 1)  # robots.txt, and the feed
        assert get(health)[0] == 200
        parts = urlsplit(health)
        assert parts.hostname is not None
        assert parts.port is not None
        visitors = [
            socket.create_connection((parts.hostname, parts.port), timeout=10)
            for _ in range(2 * FILES)
        ]
        try:
            time.sleep(2)
            lab.feed(FERRY)
            log = lab.folder / "log"
            eventually(lambda: b"oo many open files" in log.read_bytes(), seconds=40)
            time.sleep(3)
            size = log.stat().st_size
            time.sleep(3)
            assert log.stat().st_size - size < 100_000, "the log is flooded"
            assert process.poll() is None
        finally:
            for visitor in visitors:
                visitor.close()
        eventually(lambda: lab.hook.messages and lab.post.mails, seconds=90)
        eventually(lambda: get(health)[0] == 200, seconds=40)
    assert len(lab.hook.ids()) == len(lab.hook.effects) == 1
    assert len(lab.post.mails) == 1


def test_a_poll_that_found_no_descriptor_does_not_blame_the_host() -> None:
    """A39."""
    error = _translated(OSError(errno.EMFILE, "Too many open files"), "site.test")
    assert str(error).endswith(": no file descriptors left here")


@contextlib.contextmanager
def file_system(folder: Path, options: str) -> Iterator[None]:
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a file system here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S607


def remount(folder: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)  # noqa: S607


def test_a_read_only_data_folder_is_one_sentence_and_no_message(lab: Lab) -> None:
    """A38: nothing is sent that cannot be written down; with room it goes on."""
    data = lab.folder / "data"
    lab.feed(FERRY)
    lab.write(TOPICS)
    with file_system(data, "size=200m"):
        lab.run("once")
        assert len(lab.hook.messages) == 1
        lab.feed(FERRY, {"title": "A second ferry is late", "slug": "late"})
        remount(data, "ro")
        for words in (("run",), ("once", "--all"), ("migrate",), ("backup", "data/x")):
            done = lab.run(*words, code=None)
            assert done.returncode in {1, 3}, (words, done.stderr)
            assert "Traceback" not in done.stderr, words
            assert "vedette: " in done.stderr, words
        for words in (("alerts",), ("outbox",), ("stories",), ("health",), ("export",)):
            done = lab.run(*words, code=None)
            assert "Traceback" not in done.stderr, (words, done.stderr)
        assert len(lab.hook.messages) == len(lab.post.mails) == 1
        remount(data, "rw")
        lab.run("once", "--all")
        assert len(lab.hook.effects) == len(lab.post.mails) == 2
        assert len(lab.hook.ids()) == 2


def test_a_disk_without_inodes_is_one_sentence_and_loses_nothing(lab: Lab) -> None:
    """A38: no new file can be made: not the store's log, not a backup."""
    data = lab.folder / "data"
    lab.feed(FERRY)
    lab.write(TOPICS)
    with file_system(data, "size=200m,nr_inodes=40"):
        lab.run("once")
        taken = []
        with contextlib.suppress(OSError):
            for number in range(60):
                taken.append(data / f"taken{number}")
                taken[-1].touch()
        lab.feed(FERRY, {"title": "A second ferry is late", "slug": "late"})
        for words in (("once", "--all"), ("run",), ("backup", "data/copy.db")):
            done = lab.run(*words, code=None)
            assert done.returncode == 1, (words, done.stderr)
            assert "Traceback" not in done.stderr, words
        assert len(lab.hook.messages) == 1
        for path in taken:
            path.unlink(missing_ok=True)
        lab.run("once", "--all")
        assert len(lab.hook.effects) == len(lab.hook.ids()) == 2
        states = {row["state"] for row in lab.rows("outbox")}
        assert states == {"delivered"}
        assert json.loads(lab.run("health", "--json", code=None).stdout)


def test_a_log_that_nobody_reads_holds_up_no_alert_and_no_stop(lab: Lab) -> None:
    """A40: a terminal held by ^S, a pager, a stuck collector of logs: pipes that are
    full to the last byte from the start, for both streams."""
    lab.feed(FERRY)
    lab.write(TOPICS, sources=fast(lab))
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(theirs, b"x" * 4096)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(theirs, b"x")
    os.set_blocking(theirs, True)
    process = subprocess.Popen(
        [sys.executable, "-m", "vedette", "-v", "run"],
        cwd=lab.folder,
        env=lab.environ(),
        stdout=theirs,
        stderr=theirs,
    )
    try:
        eventually(lambda: lab.hook.messages and lab.post.mails, seconds=40)
    finally:
        process.terminate()
        try:
            assert process.wait(40) == 0
        finally:
            process.kill()
            os.close(ours)
            os.close(theirs)
