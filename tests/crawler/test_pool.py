from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawler.errors import ParseError
from crawler.pool import ParserPool, _OwnTypes
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
FEED = b"<rss version='2.0'><channel><item><title>one</title></item></channel></rss>"
GIVEN = {
    "url": "https://a.example/f",
    "content_type": None,
    "timezone": "UTC",
    "language": "en",
}
# About 3 s of feedparser: the deadline cases need a job that really takes its time.
SLOW = b"<rss version='2.0'><channel><item>" + b"<a>" * 200_000


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


async def until(condition: Any, seconds: float = 5.0) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "waited in vain"
        await asyncio.sleep(0.01)


async def reason_of(pool: ParserPool, body: bytes, **given: Any) -> FetchReason:
    with pytest.raises(ParseError) as caught:
        await pool.run("feed", body, **(GIVEN | given))
    return caught.value.reason


def test_a_job_runs_in_another_process_and_the_worker_is_reused() -> None:
    async def scene() -> None:
        pool = ParserPool()
        for _ in range(3):
            (entry,) = await pool.run("feed", FEED, **GIVEN)
            assert entry.title == "one"
        assert len(pool.pids) == 1
        assert pool.pids != (os.getpid(),)
        (pid,) = pool.pids
        await pool.aclose()
        assert not alive(pid)

    asyncio.run(scene())


def test_errors_of_the_job_travel_and_the_worker_lives_on() -> None:
    async def scene() -> None:
        pool = ParserPool(workers=1)
        assert await reason_of(pool, b"<html>no</html>") is FetchReason.NOT_A_FEED
        before = pool.pids
        assert await reason_of(pool, FEED, unheard_of=1) is FetchReason.PARSE_FAILED
        assert await pool.run("feed", FEED, **GIVEN)
        assert pool.pids == before
        with pytest.raises(ValueError, match=r"os\.system"):
            await pool.run("os.system", "true")
        await pool.aclose()

    asyncio.run(scene())


def test_a_job_over_its_deadline_is_killed_and_the_next_one_works() -> None:
    """A29: a slot is freed whatever the parser does."""

    async def scene() -> None:
        pool = ParserPool(workers=1, deadline_s=0.5)
        await pool.run("feed", FEED, **GIVEN)
        (pid,) = pool.pids
        started = time.monotonic()
        assert await reason_of(pool, SLOW) is FetchReason.PARSE_TIMEOUT
        assert time.monotonic() - started < 2
        await until(lambda: not alive(pid))
        assert await pool.run("feed", FEED, **GIVEN)
        await pool.aclose()

    asyncio.run(scene())


def test_a_worker_that_dies_in_its_job_is_told_as_a_crash() -> None:
    async def scene() -> None:
        pool = ParserPool(workers=1)
        await pool.run("feed", FEED, **GIVEN)
        (pid,) = pool.pids
        job = asyncio.create_task(reason_of(pool, SLOW))
        await asyncio.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
        assert await job is FetchReason.PARSE_CRASHED
        assert await pool.run("feed", FEED, **GIVEN)
        (second,) = pool.pids
        os.kill(second, signal.SIGKILL)  # while idle
        await until(lambda: not alive(second))
        assert await pool.run("feed", FEED, **GIVEN)
        await pool.aclose()

    asyncio.run(scene())


def test_a_cancelled_job_takes_its_worker_along() -> None:
    async def scene() -> None:
        pool = ParserPool(workers=1)
        await pool.run("feed", FEED, **GIVEN)
        (pid,) = pool.pids
        job = asyncio.create_task(pool.run("feed", SLOW, **GIVEN))
        await asyncio.sleep(0.1)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        await until(lambda: not alive(pid))
        assert await pool.run("feed", FEED, **GIVEN)
        await pool.aclose()

    asyncio.run(scene())


def test_an_idle_worker_ends_and_comes_back_on_use() -> None:
    async def scene() -> None:
        pool = ParserPool(idle_s=0.1)
        await pool.run("feed", FEED, **GIVEN)
        (pid,) = pool.pids
        await until(lambda: pool.pids == () and not alive(pid))
        assert await pool.run("feed", FEED, **GIVEN)
        await pool.aclose()

    asyncio.run(scene())


def test_no_more_workers_than_allowed_and_all_jobs_answered() -> None:
    async def scene() -> None:
        pool = ParserPool(workers=2)
        jobs = [asyncio.create_task(pool.run("feed", FEED, **GIVEN)) for _ in range(20)]
        seen = 0
        while not all(job.done() for job in jobs):
            seen = max(seen, len(pool.pids))
            await asyncio.sleep(0.005)
        assert seen == 2
        assert all(job.result()[0].title == "one" for job in jobs)
        await pool.aclose()

    asyncio.run(scene())


def test_closing_fails_the_job_under_way_and_refuses_new_ones() -> None:
    async def scene() -> None:
        pool = ParserPool(workers=1)
        await pool.run("feed", FEED, **GIVEN)
        (pid,) = pool.pids
        job = asyncio.create_task(reason_of(pool, SLOW))
        await asyncio.sleep(0.1)
        await pool.aclose()
        assert await job is FetchReason.PARSE_CRASHED
        assert not alive(pid)
        assert await reason_of(pool, FEED) is FetchReason.PARSE_CRASHED

    asyncio.run(scene())


def test_a_body_of_several_megabytes_goes_there_and_back() -> None:
    async def scene() -> None:
        pool = ParserPool(workers=1)
        text = b"word " * 30_000
        item = b"<item><title>t</title><description>" + text + b"</description></item>"
        body = b"<rss version='2.0'><channel>" + item * 30 + b"</channel></rss>"
        entries = await pool.run("feed", body, **GIVEN)
        assert len(entries) == 30
        assert all(len(entry.text) == len(text) - 1 for entry in entries)
        await pool.aclose()

    asyncio.run(scene())


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG")
def test_a_worker_dies_with_its_parent() -> None:
    program = textwrap.dedent(
        f"""
        import asyncio
        from crawler.pool import ParserPool
        async def main():
            pool = ParserPool()
            await pool.run("feed", {FEED!r}, **{GIVEN!r})
            print(*pool.pids, flush=True)
            await asyncio.sleep(60)
        asyncio.run(main())
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.kill()
        parent.wait()
        asyncio.run(until(lambda: not alive(pid)))


def test_it_works_in_twisteds_loop_with_every_warning_an_error() -> None:
    program = textwrap.dedent(
        f"""
        import asyncio, os
        from twisted.internet import asyncioreactor
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        asyncioreactor.install(loop)
        from twisted.internet import reactor
        from crawler.errors import ParseError
        from crawler.pool import ParserPool
        reactor.startRunning()
        async def main():
            pool = ParserPool(workers=1, deadline_s=0.5, idle_s=0.1)
            print((await pool.run("feed", {FEED!r}, **{GIVEN!r}))[0].title)
            slow = b"<rss version='2.0'><channel><item>" + b"<a>" * 200_000
            try:
                await pool.run("feed", slow, **{GIVEN!r})
            except ParseError as error:
                print(error.reason.value)
            print((await pool.run("feed", {FEED!r}, **{GIVEN!r}))[0].title)
            await asyncio.sleep(0.4)
            print(pool.pids)
            await pool.aclose()
            try:
                os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                print("no zombie")
        loop.run_until_complete(main())
        """
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.stdout.split("\n")[:5] == [
        "one",
        "parse_timeout",
        "one",
        "()",
        "no zombie",
    ]
    assert run.stderr == ""


@pytest.mark.parametrize("target", [os.system, eval, subprocess.Popen, pickle.loads])
def test_answers_may_hold_our_own_types_only(target: Any) -> None:
    """A worker taken over by what it parses cannot make the daemon run code."""
    import io

    with pytest.raises(pickle.UnpicklingError):
        _OwnTypes(io.BytesIO(pickle.dumps(("ok", target)))).load()


def pss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(
        int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")
    )


@pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(), reason="no smaps here"
)
def test_a_feed_worker_is_small_and_does_not_grow(
    record_property: Callable[[str, object], None],
) -> None:
    """18 MB PSS measured, 43 MB with the language model; 45 and 90 are the alarms."""

    async def scene() -> None:
        pool = ParserPool(workers=1)
        await pool.run("feed", FEED, **GIVEN)
        (pid,) = pool.pids
        small = pss(pid)
        text = FEED.replace(
            b"one", b"The troops were sent to the front near the border"
        )
        await pool.run("feed", text, **(GIVEN | {"language": None}))
        large = pss(pid)
        for _ in range(100):
            await pool.run("feed", text, **(GIVEN | {"language": None}))
        record_property("pss_mb", (round(small), round(large)))
        assert small < 45
        assert large < 90
        assert pss(pid) < large + 10
        await pool.aclose()

    asyncio.run(scene())
