"""Kill -9 between and inside the store's writes, then look at what is left.

The quick form kills at seeded moments and at a sample of the system calls that write;
``VEDETTE_CRASH=full`` kills at every single one of them.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.vedette import crash_child
from tests.vedette import store_world as world
from vedette.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from alerts.model import Delivery

ROOT = Path(__file__).parents[2]
ROUNDS = 3
FULL = os.environ.get("VEDETTE_CRASH") == "full"


def child(path: Path, *more: str, rounds: int = ROUNDS) -> list[str]:
    return [
        sys.executable,
        "-m",
        "tests.vedette.crash_child",
        str(path),
        str(rounds),
        *more,
    ]


def traced(path: Path, inject: str, *more: str) -> subprocess.CompletedProcess[str]:
    """The child under strace, which breaks one kind of its system calls."""
    call = inject.split(":", maxsplit=1)[0]
    tracer = [shutil.which("strace") or "strace", "-f", "-qq", "-o", "/dev/null"]
    return subprocess.run(
        [*tracer, "-e", f"trace={call}", "-e", f"inject={inject}", *child(path, *more)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def killed_at(path: Path, call: str, turn: int, *more: str) -> list[str] | None:
    """What the child said before its ``turn``-th ``call``; None if it lived on."""
    done = traced(path, f"{call}:signal=SIGKILL:when={turn}", *more)
    if done.returncode == 0:
        return None
    assert done.returncode in (-9, 137), done.stderr
    return done.stdout.splitlines()


def problems(path: Path, said: Sequence[str]) -> Iterator[str]:
    """Everything that is wrong with the store a killed child left behind."""
    with contextlib.closing(sqlite3.connect(path)) as raw:
        check = raw.execute("PRAGMA integrity_check").fetchone()[0]
        if check != "ok":
            yield f"I15: {check}"
        if raw.execute("PRAGMA foreign_key_check").fetchall():
            yield "I15: dangling references"
    with Store.open(path) as store:
        yield from _problems_within(store, said)


def _problems_within(store: Store, said: Sequence[str]) -> Iterator[str]:
    state = store.states().get("gazette")
    cursor = int(state.etag) if state is not None and state.etag else 0
    for poll in range(1, ROUNDS + 2):
        ids = [one.id for one in crash_child.items_of(poll)]
        there = len(store.known(ids))
        if there != (len(ids) if poll <= cursor else 0):
            yield f"I7a: cursor {cursor}, poll {poll} has {there} items"
    rows = store.outbox(999)
    yield from _half_judged(store, cursor, {one.alert_ids[0] for one in rows})
    yield from _undone(said, cursor, {one.id: one for one in rows})


def _half_judged(store: Store, cursor: int, told: set[str]) -> Iterator[str]:
    waiting = {one.id for one in store.pending(999).items}
    for poll in range(1, cursor + 1):
        for item in crash_child.items_of(poll):
            stored = store.item(item.id)
            judged = stored is not None and stored.evaluated is not None
            if judged == (item.id in waiting):
                yield f"I7b: {item.guid} is neither judged nor waiting, or both"
            if judged != (world.alert(item).id in told):
                yield f"I7b: {item.guid} judged {judged}, its alert is in no row"


def _undone(
    said: Sequence[str], cursor: int, rows: Mapping[str, Delivery]
) -> Iterator[str]:
    for row in rows.values():
        if row.state != "pending" and row.attempts < 1:
            yield f"I6: {row.id} is {row.state} without a claim"
    for what, which in (line.split() for line in said if line):
        match what:
            case "stored" if int(which) > cursor:
                yield f"acknowledged poll {which} is gone"
            case "claimed" if rows[which].attempts < 1:
                yield f"I6: acknowledged claim {which} is gone"
            case "settled" if rows[which].state != "delivered":
                yield f"acknowledged delivery {which} is gone"
            case _:
                pass


def recover(path: Path) -> None:
    """A worker that nobody kills finishes what is there (I2)."""
    subprocess.run(child(path), cwd=ROOT, check=True, capture_output=True, timeout=60)
    with Store.open(path) as store:
        every = ROUNDS * crash_child.PER_POLL
        health = store.health(world.NOW)
        assert dict(health.deliveries) == {"delivered": every}
        assert (health.pending, health.items) == (0, every)
        assert len(store.alerts(999)) == every


@pytest.fixture
def strace(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: no kill at system calls")
    probe = ["strace", "-o", str(tmp_path / "probe"), "true"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("ptrace is not allowed here: no kill at system calls")


def turns(call: str, sample: int) -> Iterator[int]:
    """Every turn in the full form, else a few that cover the beginning and the rest."""
    if FULL:
        yield from range(1, 10_000)
    else:
        pick = random.Random(call)  # noqa: S311 - a seed, not a secret
        last = {"pwrite64": 500, "fdatasync": 27}[call]
        yield from sorted(pick.sample(range(1, last), sample))


@pytest.mark.slow
@pytest.mark.parametrize("call", ["pwrite64", "fdatasync"])
def test_a_kill_at_a_write_leaves_a_whole_store(
    tmp_path: Path, call: str, strace: None
) -> None:
    """I6, I7a, I7b, I15 after a kill inside migration, write, checkpoint or close."""
    kills = 0
    for turn in turns(call, 4):
        path = tmp_path / str(turn) / "vedette.db"
        said = killed_at(path, call, turn)
        if said is None:
            break
        kills += 1
        assert list(problems(path, said)) == [], f"{call} {turn}"
        recover(path)
    assert kills >= 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("pwrite64:error=ENOSPC:when=300+", "StoreFull"),
        ("pwrite64:error=ENOSPC:when=450", "StoreFull"),
        ("fdatasync:error=EIO:when=12", "StoreUnwritable"),
    ],
)
def test_a_disk_that_refuses_is_named_and_nothing_is_half_written(
    tmp_path: Path, fault: str, error: str, strace: None
) -> None:
    """A38: SQLite has rolled back by then, so a plain ROLLBACK would hide the cause."""
    path = tmp_path / "vedette.db"
    done = traced(path, fault)
    assert done.returncode == 1
    assert f"vedette.store.errors.{error}: " in done.stderr.splitlines()[-1]
    assert list(problems(path, done.stdout.splitlines())) == []
    recover(path)


@pytest.mark.slow
@pytest.mark.parametrize("bug", ["cursor-first", "judged-first"])
def test_the_checker_catches_a_planted_bug(
    tmp_path: Path, bug: str, strace: None
) -> None:
    """A harness that cannot fail proves nothing: I7a and I7b are split on purpose."""
    for turn in range(4 if bug == "cursor-first" else 6, 40):
        path = tmp_path / str(turn) / "vedette.db"
        said = killed_at(path, "fdatasync", turn, bug)
        if said is None:
            break
        if found := list(problems(path, said)):
            assert all(one.startswith("I7") for one in found)
            return
    pytest.fail(f"{bug} went unseen")


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_a_whole_store(tmp_path: Path) -> None:
    """The same store, killed again and again, recovery included (K17)."""
    pick = random.Random(2)  # noqa: S311 - a seed, not a secret
    path = tmp_path / "vedette.db"
    Store.open(path).close()
    kills = 0
    said: list[str] = []
    for _ in range(40 if FULL else 5):
        worker = subprocess.Popen(
            child(path, rounds=400), cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert worker.stdout is not None
        said.append(worker.stdout.readline().strip())
        time.sleep(pick.uniform(0, 0.1))
        worker.kill()
        said += [line.strip() for line in worker.stdout if line.endswith("\n")]
        worker.wait()
        worker.stdout.close()
        kills += worker.returncode == -9
        with contextlib.closing(sqlite3.connect(path)) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
        with Store.open(path) as store:
            cursor = int(store.states()["gazette"].etag or 0)
            rows = {one.id: one for one in store.outbox(9999)}
            assert list(_undone(said, cursor, rows)) == []
            health = store.health(world.NOW)
            assert health.items == cursor * crash_child.PER_POLL
            assert health.items - health.pending == len(rows)
            assert len(store.alerts(9999)) == len(rows)
    assert kills >= 4
