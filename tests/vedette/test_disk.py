"""A38: the disk fills up, really: on a small file system in memory."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.notices import Heartbeat
from tests.servers.http import Reply
from tests.servers.receiver import receive
from tests.vedette import engines
from tests.vedette.clockwork import Clock
from tests.vedette.engines import DAY
from tests.vedette.lab import SECRET, get
from tests.vedette.test_daemon import eventually, fast
from tests.vedette.test_once import FERRY, TOPICS
from tests.vedette.test_outbox import Post
from tests.vedette.test_sourcewatch_job import setup
from vedette.engine import Engine
from vedette.health import FREE_FLOOR, SEND_FLOOR
from vedette.store import Store, StoreFull

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.vedette.lab import Lab


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small file system here")
    try:
        yield
    finally:
        subprocess.run(
            ["umount", "--lazy", str(folder)],  # noqa: S607
            check=True,
        )


def fill(folder: Path, *, leave: int = 0) -> Path:
    """A file that takes all room but ``leave`` bytes."""
    filler = folder / f"filler{leave}"
    found = os.statvfs(folder)
    room = found.f_bavail * found.f_frsize - leave
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, room)
    return filler


def test_a_disk_that_fills_between_yes_and_commit_makes_no_message_twice(
    tmp_path: Path,
) -> None:
    disk = tmp_path / "disk"
    with (
        small_disk(disk, "8m"),
        receive(secrets=[SECRET]) as good,
        receive(secrets=[SECRET]) as bad,
    ):
        post = Post(disk / "v.db", tmp_path, {"good": good, "bad": bad})
        post.publish(40)

        async def story() -> None:
            setup = post.setup()
            claimed = await post.outbox.claim(limit=8)
            filler = fill(disk)
            for row in claimed:
                with pytest.raises(StoreFull):
                    await post.outbox.send(row, setup)
            assert len(good.ids()) + len(bad.ids()) == 8
            for _ in range(3):
                post.now += timedelta(hours=1)  # every lease has run out
                with pytest.raises(StoreFull):
                    await post.outbox.claim()
            filler.unlink()
            while rows := await post.outbox.claim():
                await asyncio.gather(*(post.outbox.send(row, setup) for row in rows))
            await setup.aclose()

        asyncio.run(story())
        for name, hook in (("good", good), ("bad", bad)):
            assert len(hook.ids()) == len(set(hook.ids())) == 40
            assert set(post.states(name)) == {"delivered"}
        with post.store._db.reading() as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        post.store.close()


def test_an_engine_that_polls_nothing_for_lack_of_room_says_so(tmp_path: Path) -> None:
    """It lives, ticks and looks; that nothing comes in any more is told in an hour."""
    disk, clock = tmp_path / "disk", Clock()
    plain = setup(heartbeat=Heartbeat(at=None))
    with small_disk(disk, "8m"), Store.open(disk / "v.db") as store:

        async def story() -> list[str]:
            async with engines.working(store, plain, clock=clock) as jobs:
                await jobs.adopt(plain, spread=True)
                engine = Engine(jobs, clock=clock, items=DAY, texts=DAY)
                await engine.look_at_disk()
                for _ in range(65):
                    clock.now += timedelta(minutes=1)
                    await engine._tick()
                    await engine._sweep()
                assert not engine.counts["collect"]
            return [row.headline for row in store.outbox(9)]

        (told,) = asyncio.run(story())
        assert "Most sources are not polled" in told


@pytest.mark.slow
def test_a_daemon_on_a_full_disk_stays_says_so_and_goes_on_with_room(lab: Lab) -> None:
    """It fetches nothing it cannot store, and sends nothing it cannot record."""
    data = lab.folder / "data"
    lab.feed(FERRY)
    lab.write(TOPICS, sources=fast(lab))
    lab.hook.replies.append(Reply(status=503, headers={"Retry-After": "28"}))
    with small_disk(data, f"{(FREE_FLOOR + SEND_FLOOR) // 2**20 + 60}m"):
        with lab.daemon() as (process, health):
            eventually(lambda: lab.hook.messages)
            most = fill(data, leave=FREE_FLOOR // 2)
            status, body = get(health)
            assert status == 503
            assert not json.loads(body)["checks"]["disk"]["ok"]
            time.sleep(12)  # more than a beat: it has looked
            asked = len(lab.site.requests)
            filler = fill(data)
            time.sleep(20)  # the source was due several times, the message once
            assert len(lab.site.requests) == asked
            assert len(lab.hook.messages) == 1
            assert process.poll() is None
            lab.feed(FERRY, {"title": "A second ferry is late", "slug": "late"})
            filler.unlink()
            most.unlink()
            eventually(lambda: len(lab.hook.effects) == 2, seconds=30)
            eventually(lambda: get(health)[0] == 200)
        assert len(lab.hook.messages) == 3  # one was refused with 503
