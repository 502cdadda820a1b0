"""The whole program under kill -9: receivers that outlive it, a tracer, a checker.

The receivers are processes of their own and log each message before they answer, so
what they have seen does not depend on what the program believes. What is expected is
known without asking the store either: the stage wrote every item itself.
"""

from __future__ import annotations

import base64
import contextlib
import email
import email.policy
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.servers.http import Reply, Request, serve
from tests.vedette.lab import ROOT, SECRET, rss

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

CALLS = (
    "pwrite64",
    "fdatasync",
    "sendto",
    "recvfrom",
    "connect",
    "unlink",
    "write",
    "fsync",
)
CHANNELS = ("hook", "desk", "log")
SHOWN = 40
"""Entries on the site's feed: an item survives this many rounds of being killed."""
DAEMON_S = 7.0
"""How long a daemon may outlive its kill point before it is asked to drain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One message at a receiver; ``run`` counts the runs of the program from 0."""

    channel: str
    id: str
    body: bytes
    title: str
    run: int


@dataclass(slots=True, kw_only=True)
class Stage:
    """One store and one config, run and killed over and over."""

    folder: Path
    titles: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    seen: list[Sighting] = field(default_factory=list)
    _read: Counter[str] = field(default_factory=Counter)
    _words: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311

    @property
    def store(self) -> Path:
        """The database file."""
        return self.folder / "data/vedette.db"

    def publish(self) -> None:
        """Put one more item on the feed; no two share a word but "ferry"."""
        words = ["".join(self._words.choices("bdfgklmnprstvz", k=2)) for _ in range(24)]
        odd = [f"{a}o{b}i" for a, b in zip(words[::2], words[1::2], strict=True)]
        self.titles.append(f"Ferry {' '.join(odd)}")

    def feed(self) -> bytes:
        """What the site shows now, the newest first."""
        newest = list(enumerate(self.titles))[-SHOWN:]
        return rss(*({"title": t, "slug": f"n{n}"} for n, t in reversed(newest)))

    # --- running -----------------------------------------------------------------

    def run(
        self,
        *words: str,
        kill: tuple[str, int] | None = None,
        program: str = "vedette",
        patience_s: float = 60.0,
    ) -> subprocess.CompletedProcess[str]:
        """Run the program; with ``kill`` it dies before that call's n-th turn.

        The turn is counted per thread. A program that still lives after
        ``patience_s`` is asked to end and must do so with 0 (I18).
        """
        tracer: list[str] = []
        if kill is not None:
            tracer = [
                *strace(kill[0]),
                f"inject={kill[0]}:signal=SIGKILL:when={kill[1]}",
            ]
        return self._run([*tracer, sys.executable, "-m", program, *words], patience_s)

    def count(self, *words: str) -> Counter[str]:
        """Run the program unharmed; the most turns that any one thread took."""
        log = self.folder / "calls"
        self._run(
            [
                *strace(",".join(CALLS), log)[:-1],
                sys.executable,
                "-m",
                "vedette",
                *words,
            ],
            60,
        )
        turns = Counter(
            (line.split()[0], line.split()[1].partition("(")[0])
            for line in log.read_text(errors="replace").splitlines()
            if "(" in line and "resumed" not in line
        )
        most: Counter[str] = Counter()
        for (_, call), n in turns.items():
            if call in CALLS:
                most[call] = max(most[call], n)
        return most

    def _run(
        self, command: list[str], patience_s: float
    ) -> subprocess.CompletedProcess[str]:
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        asked = False
        try:
            out, err = process.communicate(timeout=patience_s)
        except subprocess.TimeoutExpired:
            asked = True
            process.terminate()
            out, err = process.communicate(timeout=40)
        self._collect()
        self.runs += 1
        if process.returncode == -9:
            self.kills[command[-1]] += 1
        assert not asked or process.returncode in (0, -9), err
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def _collect(self) -> None:
        """Take in what the receivers logged during the run."""
        for channel, name in (
            ("hook", "hook.jsonl"),
            ("desk", "desk.jsonl"),
            ("log", "data/alerts.jsonl"),
        ):
            path = self.folder / name
            lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
            for line in lines[self._read[channel] :]:
                self.seen.append(_sighting(channel, line, self.runs))
            self._read[channel] = len(lines)

    # --- checking ----------------------------------------------------------------

    def problems(self) -> Iterator[str]:
        """What must hold at every moment, also just after a kill."""
        if not self.store.exists():
            return
        with contextlib.closing(sqlite3.connect(self.store)) as db:
            check = db.execute("PRAGMA integrity_check").fetchone()[0]
            if check != "ok":
                yield f"I15: {check}"
            if db.execute("PRAGMA foreign_key_check").fetchall():
                yield "I15: dangling references"
            if not db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                return
            tries = dict(db.execute("SELECT id, attempts FROM delivery"))
        for one in self.seen:
            if one.id not in tries:
                yield f"I3: {one.channel} got {one.id}, which no row has"
            elif tries[one.id] < 1:
                yield f"I6: {one.channel} got {one.id}, which nobody claimed"
        yield from self._repeats()

    def _repeats(self) -> Iterator[str]:
        bodies: dict[tuple[str, str], set[bytes]] = defaultdict(set)
        told: dict[tuple[str, str], set[str]] = defaultdict(set)
        for one in self.seen:
            bodies[one.channel, one.id].add(one.body)
            told[one.channel, one.title].add(one.id)
        for (channel, number), found in bodies.items():
            if len(found) > 1:
                yield f"I5: {channel} got {len(found)} contents as {number}"
        for (channel, title), ids in told.items():
            if len(ids) > 1:
                yield f"I3: {channel} got {title} under {len(ids)} ids"
        once = Counter((one.channel, one.id, one.run) for one in self.seen)
        for (channel, number, run), n in once.items():
            if n > 1:
                yield f"I4: run {run} gave {channel} {number} {n} times"

    def unfinished(self) -> Iterator[str]:
        """What must hold besides when a run that nobody kills has drained."""
        yield from self.problems()
        for channel in CHANNELS:
            got = {one.title for one in self.seen if one.channel == channel}
            for title in set(self.titles) - got:
                yield f"lost: {channel} never got {title}"
            for title in got - set(self.titles):
                yield f"I3: {channel} got {title}, which nobody wrote"
        with contextlib.closing(sqlite3.connect(self.store)) as db:
            yield from _undrained(db, len(self.titles))

    @property
    def duplicates(self) -> int:
        """Messages that came again, beyond the first of their id."""
        return len(self.seen) - len({(one.channel, one.id) for one in self.seen})


def _undrained(db: sqlite3.Connection, items: int) -> Iterator[str]:
    states = dict(db.execute("SELECT state, count(*) FROM delivery GROUP BY state"))
    if set(states) != {"delivered"}:
        yield f"I2: {states}"
    if db.execute("SELECT count(*) FROM pending").fetchone()[0]:
        yield "I7b: items wait for ever"
    if (n := db.execute("SELECT count(*) FROM alert").fetchone()[0]) != items:
        yield f"I1: {n} alerts of {items} items"
    covered = Counter(
        (row[0], row[1], row[2])
        for row in db.execute("SELECT alert, channel, recipient FROM delivery_alert")
    )
    if len(covered) != items * len(CHANNELS) or set(covered.values()) != {1}:
        yield f"I1: {len(covered)} (alert, channel, recipient) of {items} items"


def _sighting(channel: str, line: bytes, run: int) -> Sighting:
    entry: dict[str, Any] = json.loads(line)
    if channel == "desk":
        content = base64.b64decode(entry["content"])
        mail = email.message_from_bytes(content, policy=email.policy.default)
        number = str(mail["Message-ID"]).strip("<>").partition("@")[0]
        title = str(mail["Subject"]).partition("] ")[2].rpartition(" (")[0]
    else:
        body = entry["body"] if channel == "hook" else line.decode()
        content = body.encode()
        data = json.loads(body)["data"]
        number = entry["id"] if channel == "hook" else data["id"]
        title = data["item"]["title"]
    return Sighting(channel=channel, id=number, body=content, title=title, run=run)


def strace(calls: str, log: Path | None = None) -> list[str]:
    """A tracer of the given calls, as a grandchild: signals reach the program.

    Without --seccomp-bpf, under which strace 6.1 misses most of the kills.
    """
    return [
        *("strace", "-D", "-f", "-qq", "-o", str(log or "/dev/null")),
        *("-e", f"trace={calls}", "-e"),
    ]


def environ() -> dict[str, str]:
    """The environment of the program: this one, its secret, the way to the tests."""
    return {**os.environ, "LAB_SECRET": SECRET, "PYTHONPATH": str(ROOT)}


@contextlib.contextmanager
def _receiver(module: str, log: Path, *more: str) -> Iterator[int]:
    """A receiver in a process of its own; yields its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, "--log", str(log), *more],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextlib.contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """A stage in an empty folder; its site and receivers last as long as the block."""
    made = Stage(folder=folder)

    def answer(request: Request) -> Reply:
        if request.path == "/feed.xml":
            return Reply(body=made.feed())
        return Reply(status=404)

    with (
        serve(answer) as site,
        _receiver(
            "tests.servers.receiver", folder / "hook.jsonl", "--secret", SECRET
        ) as hook,
        _receiver("tests.servers.smtp", folder / "desk.jsonl") as desk,
    ):
        (folder / "config.yaml").write_text(
            f"""\
store: data/vedette.db
contact: mailto:lab@vedette.test
network: {{allow: ["127.0.0.0/8"]}}
web: {{listen: "127.0.0.1:0"}}
sources:
  wire: {{kind: feed, url: {site.url("/feed.xml")}, article: never, every: 3s}}
topics:
  ferry: {{title: Ferries, query: ferry}}
channels:
  hook:
    kind: webhook
    url: http://127.0.0.1:{hook}/hook
    secret: {{env: LAB_SECRET}}
  desk:
    kind: email
    to: [desk@vedette.test]
    from: vedette@vedette.test
    server: smtp+plain://127.0.0.1:{desk}
  log: {{kind: file, path: data/alerts.jsonl}}
""",
            encoding="utf-8",
        )
        yield made


def points(
    turns: Counter[str], *, sample: int | None, seed: str
) -> Sequence[tuple[str, int]]:
    """Kill points (call, turn): all there are, or a seeded sample over every call."""
    every = {call: list(range(1, n + 1)) for call, n in sorted(turns.items())}
    pick = random.Random(seed)  # noqa: S311 - a seed, not a secret
    found: list[tuple[str, int]] = []
    for turn_list in every.values():
        pick.shuffle(turn_list)
    while any(every.values()) and (sample is None or len(found) < sample):
        for call, left in every.items():
            if left and (sample is None or len(found) < sample):
                found.append((call, left.pop()))
    return found


def why_not(folder: Path) -> str | None:
    """Why nothing can be killed at system calls here, or None."""
    if shutil.which("strace") is None:
        return "strace is not installed: no kill at system calls"
    probe = [*strace("none", folder / "probe")[:-1], "true"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        return "ptrace is not allowed here: no kill at system calls"
    return None
