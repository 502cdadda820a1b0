"""The real daemon while the wall clock of its machine jumps (A82)."""

from __future__ import annotations

import contextlib
import email
import mmap
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crawler.clock import utc_now
from tests.vedette.lab import Lab, rss
from tests.vedette.test_daemon import eventually, fast
from tests.vedette.test_once import TOPICS
from vedette.steady import Steady

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

HOUR = 3600
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static volatile long long *shift;

__attribute__((constructor)) static void begin(void) {
    int file = open(getenv("CLOCK_SHIFT"), O_RDONLY | O_CLOEXEC);
    shift = mmap(0, 8, PROT_READ, MAP_SHARED, file, 0);
}

int clock_gettime(clockid_t id, struct timespec *at) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int done = real(id, at);
    if (shift && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        at->tv_sec += *shift;
    return done;
}

int gettimeofday(struct timeval *at, void *zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
"""
"""Adds a number of seconds, which the test changes, to every reading of the clock."""


class WallClock:
    """The clock of one daemon and its children."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("no C compiler: the wall clock cannot be moved")
        self.file = folder / "shift"
        self.file.write_bytes(bytes(8))
        with self.file.open("r+b") as opened:
            self._shift = mmap.mmap(opened.fileno(), 8)
        self.library = folder / "clock.so"
        source = folder / "clock.c"
        source.write_text(SHIM, encoding="utf-8")
        subprocess.run(
            [
                compiler,
                "-shared",
                "-fPIC",
                "-o",
                str(self.library),
                str(source),
                "-ldl",
            ],
            check=True,
        )

    def set(self, seconds: int) -> None:
        """So far from the true time is it from now on."""
        self._shift[:] = seconds.to_bytes(8, sys.byteorder, signed=True)


@pytest.fixture
def wall(tmp_path: Path) -> WallClock:
    return WallClock(tmp_path)


@contextlib.contextmanager
def daemon(lab: Lab, wall: WallClock) -> Iterator[None]:
    with (lab.folder / "log").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "vedette", "-v", "run"],
            cwd=lab.folder,
            env={
                **lab.environ(),
                "LD_PRELOAD": str(wall.library),
                "CLOCK_SHIFT": str(wall.file),
            },
            stdout=out,
            stderr=out,
        )
    try:
        yield
        assert process.poll() is None
    finally:
        process.terminate()
        assert process.wait(60) == 0, (lab.folder / "log").read_text()


EVENTS = (
    "Ferry stuck in the ice near the northern cape",
    "Minister opens tender to build a new ferry",
    "Ferry crew refuses to sail over unpaid wages",
    "Court jails ferry owner for smuggling cigarettes",
    "Divers find the wreck of a ferry lost in a storm",
)


def publish(lab: Lab, number: int) -> None:
    """One more event on the feed, dated by the true time."""
    shown = [{"title": one, "slug": f"f{n}"} for n, one in enumerate(EVENTS[:number])]
    lab.pages["/feed.xml"] = rss(*shown)


def told(lab: Lab) -> list[str]:
    """The alerts that came by mail; a webhook of another time is rightly refused."""
    mails = (email.message_from_bytes(one.content) for one in lab.post.mails)
    subjects = (str(one["Subject"]) for one in mails)
    return [one for one in subjects if not one.startswith("[heartbeat]")]


def told_once(lab: Lab, *numbers: int) -> None:
    eventually(lambda: len(told(lab)) >= len(numbers), seconds=40)
    assert told(lab) == [f"[normal] {EVENTS[one]} (ferry)" for one in numbers]


def test_the_daemon_goes_on_when_the_clock_jumps_back_and_forth(
    lab: Lab, wall: WallClock
) -> None:
    """A82: an hour back, an hour ahead, a day: no stall, no burst, nothing twice."""
    lab.write(TOPICS, sources=fast(lab))
    publish(lab, 1)
    with daemon(lab, wall):
        told_once(lab, 0)
        jumps = (-HOUR, 0, HOUR, -23 * HOUR)
        for number, jump in enumerate(jumps, 1):
            asked, since = len(lab.site.requests), time.monotonic()
            wall.set(jump)
            publish(lab, number + 1)
            told_once(lab, *range(number + 1))
            # The source is polled every three seconds, not for each that was missed.
            most = (time.monotonic() - since) / 3 + 3
            assert len(lab.site.requests) - asked <= most
    assert "The clock was set back" in (lab.folder / "log").read_text()


def test_the_daemon_starts_in_1970_and_learns_the_time(
    lab: Lab, wall: WallClock
) -> None:
    """A82: dates of what is found then lie ahead, so it counts as undated: the first
    poll alerts of nothing, later ones of what is new, and the jump of nothing again.
    """
    lab.write(TOPICS, sources=fast(lab))
    publish(lab, 1)
    wall.set(HOUR - int(time.time()))
    with daemon(lab, wall):
        eventually(lambda: len(lab.site.requests) > 2)
        publish(lab, 2)
        told_once(lab, 1)
        wall.set(0)
        time.sleep(5)
        publish(lab, 3)
        told_once(lab, 1, 2)
        time.sleep(5)
        told_once(lab, 1, 2)
        assert "1970-01-01" in (lab.folder / "log").read_text()


def test_ticks_that_were_missed_are_not_counted_up() -> None:
    """A82: from 1970 to now, the scheduler would list 1.8 billion of them."""
    now, second = utc_now(), timedelta(seconds=1)
    steady = Steady(1)
    assert steady.get_next_fire_time(now - timedelta(days=20_000), now) == now + second
    assert steady.get_next_fire_time(now - second / 2, now) == now + second / 2
    ahead = now + timedelta(days=1)
    assert steady.get_next_fire_time(ahead, now) == ahead + second
