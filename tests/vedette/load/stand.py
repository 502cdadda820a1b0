"""The real daemon under load: an agency that publishes by the clock, and receivers.

    with stand(folder, endpoints) as made:
        made.start()
        made.open()
        made.rate(20)
        time.sleep(60)
        made.rate(0)
        made.stop()
        made.catch_up()
        assert list(made.problems()) == []

Every part is a process of its own. What is expected is known from the agency, what
came from the receivers' logs; the store is asked only when an item was first seen.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from tests.servers.ticker import MARK
from tests.vedette.lab import ROOT, SECRET, get

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

MOODS = {"fail": 0.10, "reset": 0.05, "drop": 0.05, "stall": 0.02}
"""HARDENING's flaky receiver."""
TAKEN = frozenset({"ok", "drop", "stall"})
PACK = "include: [pack:eu-korea-russia/entities, pack:eu-korea-russia/topics]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A receiver: its channel's name, its kind, and how it fails."""

    name: str
    kind: str
    moods: Mapping[str, float] = field(default_factory=dict)

    @property
    def healthy(self) -> bool:
        """Whether the promise of the times is made for it."""
        return not self.moods


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One message at a receiver, as it was logged before the answer."""

    id: str
    at: float
    mood: str
    sha: str
    slug: str


@dataclass(slots=True, kw_only=True)
class Stand:
    """One store under load. ``kills`` counts the daemons that were killed."""

    folder: Path
    endpoints: Sequence[Endpoint]
    agency: subprocess.Popen[str]
    receivers: dict[str, subprocess.Popen[str]]
    feeds: int
    daemon: subprocess.Popen[bytes] | None = None
    published: int = 0
    kills: int = 0
    _health: str = ""
    _out: IO[bytes] | None = None

    @property
    def store(self) -> Path:
        """The database file."""
        return self.folder / "data/vedette.db"

    # --- running -----------------------------------------------------------------

    def start(self, *, within_s: float = 60.0) -> float:
        """Start the daemon; the seconds until it was listening."""
        log = self.folder / "daemon.log"
        self._out = log.open("ab")
        began, read_from = time.monotonic(), log.stat().st_size
        self.daemon = subprocess.Popen(
            [sys.executable, "-m", "vedette", "run"],
            cwd=self.folder,
            env=environ(),
            stdout=self._out,
            stderr=subprocess.STDOUT,
        )
        while time.monotonic() - began < within_s:
            with log.open("rb") as file:
                file.seek(read_from)
                said = file.read().decode()
            _, found, rest = said.partition("health on ")
            if found and "\n" in rest:
                self._health = rest.split()[0]
                return time.monotonic() - began
            assert self.daemon.poll() is None, said
            time.sleep(0.02)
        raise AssertionError("the daemon did not start")

    def open(self, *, within_s: float = 120.0) -> None:
        """Wait for the first poll of every feed, which is told as a backlog."""
        until, seen = time.monotonic() + within_s, 0
        while time.monotonic() < until:
            with contextlib.closing(sqlite3.connect(self.store)) as db:
                (seen,) = db.execute(
                    "SELECT count(*) FROM item WHERE title LIKE 'opening of%'"
                ).fetchone()
            if seen == self.feeds:
                return
            time.sleep(0.2)
        raise AssertionError(f"{seen} of {self.feeds} feeds were polled")

    def kill(self) -> None:
        """SIGKILL, as a machine that loses its power, but for its disk."""
        assert self.daemon is not None
        self.daemon.kill()
        self.daemon.wait()
        self._end()
        self.kills += 1

    def stop(self, *, within_s: float = 60.0) -> float:
        """SIGTERM; the seconds until it ended, which must be with 0 (I18)."""
        assert self.daemon is not None
        began = time.monotonic()
        self.daemon.terminate()
        code = self.daemon.wait(timeout=within_s)
        self._end()
        assert code == 0, f"exit {code} after SIGTERM"
        return time.monotonic() - began

    def _end(self) -> None:
        self.daemon = None
        if self._out is not None:
            self._out.close()
            self._out = None

    def rate(self, per_s: float) -> None:
        """Publish on at another rate."""
        assert self.agency.stdin is not None
        assert self.agency.stdout is not None
        self.agency.stdin.write(f"rate {per_s}\n")
        self.agency.stdin.flush()
        self.published = int(self.agency.stdout.readline())

    def heal(self, name: str) -> None:
        """Let a receiver say yes from now on."""
        self.receivers[name].send_signal(signal.SIGUSR1)

    def metric(self, name: str) -> float:
        """A gauge of the daemon's /metrics, its labels included in the name."""
        _, body = get(self._health.replace("/healthz", "/metrics"))
        for line in body.decode().splitlines():
            if line.startswith(f"{name} "):
                return float(line.rsplit(" ", 1)[1])
        raise AssertionError(f"no {name} in /metrics")

    def fill(self, count: int) -> None:
        """Let so many items be judged and told, and nothing be sent."""
        self._run("filling", str(count), within_s=600.0)

    def catch_up(self, *, within_s: float = 600.0) -> None:
        """Deliver what still waits for a retry, by a clock that is put forward."""
        self._run("later", within_s=within_s)

    def _run(self, name: str, *words: str, within_s: float) -> None:
        done = subprocess.run(
            [sys.executable, "-m", f"tests.vedette.load.{name}", *words],
            cwd=self.folder,
            env=environ(),
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    # --- looking -----------------------------------------------------------------

    def expected(self) -> set[str]:
        """The slugs of all that was published."""
        return {f"n-{n}" for n in range(self.published)}

    def waiting(self) -> int:
        """Rows that are due by now and not out."""
        with contextlib.closing(sqlite3.connect(self.store)) as db:
            found: int = db.execute(
                "SELECT count(*) FROM delivery WHERE state = 'pending' AND due <= ?",
                (int(time.time() * 1e6),),
            ).fetchone()[0]
            return found

    def seen(self, name: str) -> list[Sighting]:
        """What a receiver logged, in the order it came."""
        path = self.folder / f"{name}.jsonl"
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
        return [Sighting(**json.loads(line)) for line in lines]

    def missing(self, name: str) -> set[str]:
        """What was published and not yet taken there."""
        return self.expected() - {s.slug for s in self.seen(name) if s.mood in TAKEN}

    def wait(self, *names: str, within_s: float) -> bool:
        """Wait until these have taken all that was published."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            if not any(self.missing(name) for name in names):
                return True
            time.sleep(0.3)
        return False

    def waits(self, name: str, *, since: float = 0.0) -> list[float]:
        """Seconds from fetched to first taken, in order; of items seen ``since``."""
        with contextlib.closing(sqlite3.connect(self.store)) as db:
            seen = {
                next(w for w in title.split() if w[:2] == "n-"): at / 1e6
                for title, at in db.execute(
                    "SELECT title, seen FROM item WHERE title LIKE ?", (f"{MARK}%",)
                )
            }
        first: dict[str, float] = {}
        for one in self.seen(name):
            if one.mood in TAKEN:
                first.setdefault(one.slug, one.at)
        return sorted(
            at - seen[slug]
            for slug, at in first.items()
            if slug in seen and seen[slug] >= since
        )

    def problems(self, *, drained: bool = True) -> Iterator[str]:
        """What does not hold of I1 to I6 and I15, as set algebra on ids.

        With ``drained`` nothing may be missing or under way any more.
        """
        with contextlib.closing(sqlite3.connect(self.store)) as db:
            yield from _of_store(db, self.published if drained else None)
            known = dict(db.execute("SELECT id, attempts FROM delivery"))
        for endpoint in self.endpoints:
            name, seen = endpoint.name, self.seen(endpoint.name)
            if drained and (lost := self.missing(name)):
                yield f"I1: {name} lost {len(lost)}: {sorted(lost)[:5]}"
            if invented := {one.slug for one in seen} - self.expected():
                yield f"I3: {name} got what nobody published: {sorted(invented)[:5]}"
            if unclaimed := [s.id for s in seen if known.get(s.id, 0) < 1]:
                yield f"I3, I6: {name} got {unclaimed[:5]}, which nobody claimed"
            yield from self._repeats(endpoint, seen)

    def _repeats(self, endpoint: Endpoint, seen: list[Sighting]) -> Iterator[str]:
        ids: dict[str, set[str]] = defaultdict(set)
        contents: dict[str, set[str]] = defaultdict(set)
        yes: Counter[str] = Counter()
        unsure: Counter[str] = Counter()
        for one in seen:
            ids[one.slug].add(one.id)
            contents[one.id].add(one.sha)
            yes[one.id] += one.mood in {"ok", "stall"}
            unsure[one.id] += one.mood == "drop"
        for slug, found in ids.items():
            if len(found) > 1:
                yield f"I3: {endpoint.name} got {slug} under {len(found)} ids"
        for number, shas in contents.items():
            if len(shas) > 1:
                yield f"I5: {endpoint.name} got {len(shas)} contents as {number}"
        often = {n: times for n, times in yes.items() if times > 1}
        if sum(n - 1 for n in often.values()) > self.kills * 16:
            yield f"I4: {endpoint.name} accepted {len(often)} ids more than once"

    def duplicates(self, name: str) -> int:
        """Messages taken again, beyond the first of their id."""
        taken = Counter(one.id for one in self.seen(name) if one.mood in TAKEN)
        return taken.total() - len(taken)


def _of_store(db: sqlite3.Connection, items: int | None) -> Iterator[str]:
    check = db.execute("PRAGMA integrity_check").fetchone()[0]
    if check != "ok":
        yield f"I15: {check}"
    if db.execute("PRAGMA foreign_key_check").fetchall():
        yield "I15: dangling references"
    twice = db.execute(
        "SELECT count(*) FROM (SELECT 1 FROM delivery_alert"
        " GROUP BY alert, channel, recipient HAVING count(*) > 1)"
    ).fetchone()[0]
    if twice:
        yield f"I1: {twice} alerts have two rows for one recipient"
    if items is None:
        return
    states = dict(db.execute("SELECT state, count(*) FROM delivery GROUP BY state"))
    if set(states) - {"delivered"}:
        yield f"I2: {states}"
    if db.execute("SELECT count(*) FROM pending").fetchone()[0]:
        yield "I7b: items wait for ever"
    alerts = db.execute(
        "SELECT count(DISTINCT a.item) FROM alert a WHERE a.topic = 'mark'"
    ).fetchone()[0]
    if alerts != items:
        yield f"I1: {alerts} items alerted of {items}"


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that so large a share does not exceed (nearest rank)."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def environ() -> dict[str, str]:
    """The environment of the program: this one, its secret, the way to the tests."""
    return {**os.environ, "LAB_SECRET": SECRET, "PYTHONPATH": str(ROOT)}


@contextlib.contextmanager
def stand(
    folder: Path,
    endpoints: Sequence[Endpoint],
    *,
    feeds: int = 8,
    every: str = "2s",
    shown: int = 30,
    include: str = "",
    seed: int = 7,
) -> Iterator[Stand]:
    """A stand in an empty folder; its processes last as long as the block.

    Args:
        folder: for config, store and logs.
        endpoints: one channel each.
        feeds: over how many the agency spreads its items.
        every: how often each is polled.
        shown: items a feed shows at once.
        include: a line of the config.
        seed: of the receivers' dice.
    """
    with contextlib.ExitStack() as stack:
        agency = _started(
            stack,
            "tests.servers.ticker",
            *("--feeds", str(feeds), "--shown", str(shown)),
        )
        assert agency.stdout is not None
        urls: list[str] = json.loads(agency.stdout.readline())
        receivers, channels = {}, ""
        for endpoint in endpoints:
            process = _started(
                stack,
                "tests.servers.flaky",
                endpoint.kind,
                *("--log", str(folder / f"{endpoint.name}.jsonl")),
                *("--secret", SECRET, "--seed", str(seed)),
                *("--moods", json.dumps(dict(endpoint.moods))),
            )
            assert process.stdout is not None
            port = int(process.stdout.readline())
            receivers[endpoint.name] = process
            channels += _channel(endpoint, port)
        sources = "".join(
            f"  agency-{n}:"
            f" {{kind: feed, url: {url}, every: {every}, article: never}}\n"
            for n, url in enumerate(urls)
        )
        (folder / "config.yaml").write_text(
            f"store: data/vedette.db\ncontact: mailto:lab@vedette.test\n"
            'network: {allow: ["127.0.0.0/8"]}\nweb: {listen: "127.0.0.1:0"}\n'
            "heartbeat: off\n"
            f"{include}\nsources:\n{sources}topics:\n"
            f"  mark: {{title: The mark, severity: high, query: 'title:{MARK}'}}\n"
            f"channels:\n{channels}",
            encoding="utf-8",
        )
        made = Stand(
            folder=folder,
            endpoints=endpoints,
            agency=agency,
            receivers=receivers,
            feeds=feeds,
        )
        try:
            yield made
        finally:
            if made.daemon is not None:
                made.kill()


def _channel(endpoint: Endpoint, port: int) -> str:
    if endpoint.kind == "hook":
        return (
            f"  {endpoint.name}: {{kind: webhook, url: http://127.0.0.1:{port}/hook,"
            " secret: {env: LAB_SECRET}}\n"
        )
    return (
        f"  {endpoint.name}: {{kind: email, to: [{endpoint.name}@vedette.test],"
        f" from: vedette@vedette.test, server: smtp+plain://127.0.0.1:{port}}}\n"
    )


def _started(
    stack: contextlib.ExitStack, module: str, *words: str
) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def end(*_: Any) -> None:
        process.kill()
        process.communicate()

    stack.callback(end)
    return process
