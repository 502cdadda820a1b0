"""The named crash points K1-K18: how each is brought about on a stage.

    MOMENTS["K8"][0](stage, random.Random(1))

A moment publishes what it needs and runs the program once or more, under kills that
are counted by its number; what it leaves behind is for the next run to take up. The
points that a system call marks better than a name are met at system calls too.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlite_utils import Database

from crawler.items import stable_id
from tests.vedette.crash import tracing
from tests.vedette.crash.between import At, Strike
from tests.vedette.crash.passing import digest_due
from tests.vedette.crash.stage import stage as new_stage
from vedette.store import schema
from vedette.store.migrations import MIGRATIONS

if TYPE_CHECKING:
    import random
    import subprocess
    from collections.abc import Callable

    from tests.vedette.crash.stage import Stage

    Moment = Callable[[Stage, random.Random], None]

CHECKPOINT_PAGES = 60
"""Pages that the fold at the end of a pass writes into the file, or fewer."""
BACKUP_PAGES = 100
MIGRATION_PAGES = 150


def named(number: str, point: str, most: int = 1) -> Moment:
    """A pass that dies at a failpoint."""

    def moment(stage: Stage, pick: random.Random) -> None:
        stage.publish()
        turn = pick.randint(1, most)
        stage.run("once", "--all", failpoint=f"{point}:{turn}", label=number)

    return moment


def struck(number: str, channel: str, at: At) -> Moment:
    """A pass whose receiver kills it."""

    def moment(stage: Stage, pick: random.Random) -> None:
        stage.publish()
        stage.wires[channel].strike = Strike(at=at)
        stage.run("once", "--all", label=number)
        stage.wires[channel].strike = None

    return moment


def at_pages(stage: Stage, pick: random.Random) -> None:
    """K11: the pass folds its log into the file; only a fold writes that file."""
    stage.publish()
    turn = pick.randint(1, CHECKPOINT_PAGES)
    tracer = tracing.killing("pwrite64", turn, only=stage.store)
    stage.run("once", "--all", tracer=tracer, label="K11")


def migrating(stage: Stage, pick: random.Random) -> None:
    """K12: of an older store in which an item waits, twice, then taken up.

    On a stage of its own, since such a store is there once only.
    """
    folder = stage.folder / f"old-{stage.runs}"
    folder.mkdir()
    with new_stage(folder) as other:
        other.blind = True
        version = pick.randint(0, len(MIGRATIONS) - 1)
        waiting = old_store(other.store, version)
        step = pick.randint(1, len(MIGRATIONS) - version)
        other.run("once", failpoint=f"migrating:{step}", label="K12")
        other.check("K12")
        kill = ("pwrite64", pick.randint(1, MIGRATION_PAGES))
        other.run("once", kill=kill, label="K12")
        other.check("K12")
        done = other.run("once")
        other.found += other.unfinished()
        told = {t for one in other.seen if one.channel == "hook" for t in one.titles}
        if done.returncode or (waiting and waiting not in told):
            other.found.append(f"I15: schema {version}, not told: {done.stderr}")
    stage.runs += 1
    stage.kills += other.kills
    stage.found += other.found


def old_store(path: Path, version: int) -> str | None:
    """A store of an older schema; the title of an item that waits in it."""
    path.parent.mkdir()
    if not version:
        return None
    title = "Ferry of an older schema"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        steps = MIGRATIONS[:version]
        schema.migrate(db, path, allowed=True, migrations=steps)
        now = int(time.time() * 1e6)
        Database(db).table("item").insert(
            {
                "seq": 1,
                "id": stable_id("wire", "old"),
                "source": "wire",
                "url": "http://127.0.0.1/old",
                "title": title,
                "summary": "",
                "authors": "[]",
                "published": now,
                "seen": now,
                "freshness": "fresh",
                "catching_up": 0,
                "text": "It was late.",
            }
        )
        Database(db).table("pending").insert({"item": 1})
        # Those releases indexed an item with its poll, in the same transaction.
        db.execute(
            "INSERT INTO item_words(rowid, title, text) VALUES (1, ?, 'It was late.')",
            (title,),
        )
    return title


def reloading(stage: Stage, pick: random.Random) -> None:
    """K13: SIGHUP with another config, before and after it takes over."""
    stage.publish()
    stage.editions += 1
    edition = f" {stage.editions}"

    def reload(process: subprocess.Popen[bytes]) -> None:
        if stage.heard("health on"):
            stage.configure(edition=edition)
            process.send_signal(signal.SIGHUP)

    failpoint = f"{pick.choice(('reloading', 'reloaded'))}:1"
    stage.run("run", failpoint=failpoint, label="K13", during=reload, patience_s=20)


def digesting(stage: Stage, pick: random.Random) -> None:
    """K14: a digest that is rendered and not kept, or kept and not sent."""
    stage.publish()
    stage.run("once", "--all")
    digest_due(stage.store)
    point = pick.choice(("digesting:1", "answered:1", "claimed:1"))
    stage.run("once", failpoint=point, label="K14")


def backing_up(stage: Stage, pick: random.Random) -> None:
    """K15: a backup that is killed is not there, and the next of that name is whole."""
    copy = stage.folder / f"copy-{stage.runs}.db"
    if pick.random() < 0.5:
        stage.run("backup", copy.name, failpoint="copying:1", label="K15")
    else:
        kill = ("pwrite64", pick.randint(1, BACKUP_PAGES))
        stage.run("backup", copy.name, kill=kill, label="K15")
    if stage.died == copy.exists():
        stage.found.append(f"I21: killed {stage.died}, and {copy.name} is there or not")
    if stage.died and stage.run("backup", copy.name).returncode:
        stage.found.append("I21: no backup under the name of one that was killed")
    stage.check("K15", store=copy)
    copy.unlink(missing_ok=True)


def draining(stage: Stage, pick: random.Random) -> None:
    """K16: SIGTERM while a receiver has not answered yet."""
    stage.publish()
    wire = stage.wires[pick.choice(("hook", "desk"))]
    before = stage.lines("hook.jsonl") + stage.lines("desk.jsonl")

    def stop(process: subprocess.Popen[bytes]) -> None:
        wire.hold_s = 1.0
        stage.until(
            lambda: stage.lines("hook.jsonl") + stage.lines("desk.jsonl") > before
        )
        process.terminate()

    failpoint = f"{pick.choice(('stopping', 'drained'))}:1"
    stage.run("run", failpoint=failpoint, label="K16", during=stop, patience_s=20)
    wire.hold_s = 0.0


def three_deep(stage: Stage, pick: random.Random) -> None:
    """K17: the recovery is killed too, and its recovery, and that one's."""
    stage.publish()
    for _ in range(3):
        if pick.random() < 0.5:
            point = pick.choice(("judged", "claimed", "answered", "settled"))
            stage.run("once", "--all", failpoint=f"{point}:1", label="K17")
        else:
            call, most = pick.choice((("pwrite64", 150), ("fdatasync", 9)))
            kill = (call, pick.randint(1, most))
            stage.run("once", "--all", kill=kill, label="K17")
        stage.check()


def worker_only(stage: Stage, pick: random.Random) -> None:
    """K18: a reader of documents dies, and the daemon goes on without a word lost."""
    stage.publish()

    def kill(process: subprocess.Popen[bytes]) -> None:
        stage.until(lambda: children(process.pid))
        for child in children(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
                stage.kills["K18"] += 1
        before = stage.lines("hook.jsonl")
        stage.publish()
        if not stage.until(lambda: stage.lines("hook.jsonl") > before):
            stage.found.append("I2: without its reader the daemon tells nothing")
        process.terminate()

    done = stage.run("run", during=kill, patience_s=20)
    if done.returncode != 0:
        stage.found.append(f"I18: exit {done.returncode} after its reader was killed")


def parent_only(stage: Stage, pick: random.Random) -> None:
    """K18: the daemon dies alone, and its readers end by themselves."""
    stage.publish()
    left: list[int] = []

    def kill(process: subprocess.Popen[bytes]) -> None:
        stage.until(lambda: children(process.pid))
        time.sleep(pick.uniform(0, 0.3))
        left.extend(children(process.pid))
        process.kill()

    stage.run("run", during=kill, label="K18")
    end = time.monotonic() + 10
    while any(Path(f"/proc/{child}/exe").exists() for child in left):
        if time.monotonic() > end:
            stage.found.append("I9: a reader outlives the daemon")
            return
        time.sleep(0.05)


def children(number: int) -> list[int]:
    """The processes that this one started and that still run."""
    with contextlib.suppress(OSError):
        threads = list(Path(f"/proc/{number}/task").iterdir())
        texts = [(one / "children").read_text() for one in threads]
        return [int(child) for text in texts for child in text.split()]
    return []


MOMENTS: dict[str, tuple[Moment, ...]] = {
    "K1": (named("K1", "fetched"),),
    "K2": (named("K2", "ingesting"),),
    "K3": (named("K3", "ingested"),),
    "K4": (named("K4", "judged"), named("K4", "recorded")),
    "K5": (named("K5", "claimed"),),
    "K6": (struck("K6", "hook", At.CONNECTED), struck("K6", "desk", At.CONNECTED)),
    "K7": (struck("K7", "hook", At.HALF), struck("K7", "desk", At.HALF)),
    "K8": (struck("K8", "hook", At.WHOLE), struck("K8", "desk", At.WHOLE)),
    "K9": (named("K9", "answered", 3),),
    "K10": (named("K10", "settled", 3),),
    "K11": (at_pages, named("K11", "checkpointing")),
    "K12": (migrating,),
    "K13": (reloading,),
    "K14": (digesting,),
    "K15": (backing_up,),
    "K16": (draining,),
    "K17": (three_deep,),
    "K18": (worker_only, parent_only),
}
