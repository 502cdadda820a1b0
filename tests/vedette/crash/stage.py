"""The whole program under kill -9: receivers that outlive it, and what they saw.

The receivers are processes of their own and log each message before they answer, so
what they have seen does not depend on what the program believes. What is expected is
known without asking the store either: the stage wrote every item itself.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.http import Reply, Request, serve
from tests.vedette.crash import sightings, tracing
from tests.vedette.crash.between import Wire
from tests.vedette.crash.checker import Evidence, problems
from tests.vedette.crash.receivers import environ, receiver
from tests.vedette.lab import SECRET, rss
from vedette.failpoints import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tests.vedette.crash.sightings import Sighting

CHANNELS = ("hook", "desk", "log")
DIGEST = "paper"
SHOWN = 40
"""Entries on the site's feed: an item survives this many rounds of being killed."""
DAEMON_S = 5.0
"""How long a daemon may outlive its kill point before it is asked to drain."""
CONFIG = """\
store: data/vedette.db
contact: mailto:lab@vedette.test
network: {{allow: ["127.0.0.0/8"]}}
web: {{listen: "127.0.0.1:0"}}
sources:
  wire:
    {{kind: feed, url: {site}, article: never, every: 3s, obey_robots: false,
      language: en}}  # made-up words guessed to be of two languages may be one story
topics:
  ferry: {{title: Ferries{edition}, query: ferry}}
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
  paper: {{kind: file, path: data/paper.jsonl, digest: ["08:00"]}}
"""


@dataclass(slots=True, kw_only=True)
class Stage:
    """One store and one config, run and killed over and over.

    ``kills`` counts by the label that ``run`` was given, ``faults`` what else was
    done to the program. ``found`` are the problems so far, each with where it was
    found; ``died`` tells whether the last run did. ``wires`` lead to the receivers.
    ``blind``: the store holds items that the stage did not publish.
    """

    folder: Path
    site: str = ""
    titles: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    faults: int = 0
    runs: int = 0
    editions: int = 1
    seen: list[Sighting] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    died: bool = False
    said: list[str] = field(default_factory=list)
    wires: dict[str, Wire] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    shuffled: bool = False
    blind: bool = False
    _process: subprocess.Popen[bytes] | None = None
    _read: Counter[str] = field(default_factory=Counter)
    _words: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311

    @property
    def store(self) -> Path:
        """The database file."""
        return self.folder / "data/vedette.db"

    # --- the site ----------------------------------------------------------------

    def publish(self) -> None:
        """Put one more item on the feed; no two share a word but "ferry"."""
        words = ["".join(self._words.choices("bdfgklmnprstvz", k=2)) for _ in range(20)]
        odd = [f"{a}o{b}i" for a, b in zip(words[::2], words[1::2], strict=True)]
        self.titles.append(f"Ferry {' '.join(odd)}")

    def answer(self, request: Request) -> Reply:
        """What the site shows now, the newest first; its ETag counts all there was."""
        if request.path != "/feed.xml":
            return Reply(status=404)
        tag = f'"{len(self.titles)}{"s" * self.shuffled}"'
        if request.header("if-none-match") == tag:
            return Reply(status=304, headers={"ETag": tag})
        shown = [*enumerate(self.titles)][-SHOWN:][::-1]
        if self.shuffled:
            self._words.shuffle(shown)
        body = rss(*({"title": t, "slug": f"n{n}"} for n, t in shown))
        return Reply(body=body, headers={"ETag": tag})

    def configure(self, *, edition: str = "") -> None:
        """Write the config; another edition is another config version (I14)."""
        ports = {name: wire.port for name, wire in self.wires.items()}
        text = CONFIG.format(site=self.site, edition=edition, **ports)
        (self.folder / "config.yaml").write_text(text, encoding="utf-8")

    # --- running -----------------------------------------------------------------

    def run(
        self,
        *words: str,
        kill: tuple[str, int] | None = None,
        failpoint: str = "",
        tracer: Sequence[str] = (),
        label: str = "",
        program: str = "vedette",
        patience_s: float = 240.0,
        hangs: bool = False,
        during: Callable[[subprocess.Popen[bytes]], object] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run the program once; it may die of ``kill``, ``failpoint`` or ``during``.

        A kill is before the call's n-th turn, counted per thread. A program that
        still lives after ``patience_s`` is asked to end and must do so with 0 (I18);
        if it ``hangs``, killed.
        """
        if kill is not None:
            tracer, label = tracing.killing(*kill), label or kill[0]
        command = [*tracer, sys.executable, "-m", program, *words]
        environment = environ() | ({VARIABLE: failpoint} if failpoint else {})
        out, err = self.folder / "out", self.folder / "err"
        asked = False
        with out.open("wb") as stdout, err.open("wb") as stderr:
            self._process = process = subprocess.Popen(
                command, cwd=self.folder, env=environment, stdout=stdout, stderr=stderr
            )
            try:
                if during is not None:
                    during(process)
                process.wait(patience_s)
            except subprocess.TimeoutExpired:
                asked = not hangs
                if hangs:
                    label = f"{label} (hung)"
                else:
                    process.terminate()
                    process.wait(60)
            finally:
                process.kill()
                process.wait()
        assert all(wire.settle() for wire in self.wires.values()), "a receiver hangs"
        self._collect()
        self.runs += 1
        said, wrong = out.read_text(errors="replace"), err.read_text(errors="replace")
        self.said.append(said + wrong)
        self.died = process.returncode == -signal.SIGKILL
        if self.died:
            self.kills[label] += 1
        assert not asked or process.returncode in (0, -9), wrong
        return subprocess.CompletedProcess(command, process.returncode, said, wrong)

    def slay(self) -> None:
        """Kill the program that runs now; it is dead on return."""
        process = self._process
        assert process is not None
        process.kill()
        with contextlib.suppress(ChildProcessError):
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

    def heard(self, words: str, *, patience_s: float = 120.0) -> bool:
        """Wait until the program that runs now has said this on its error output.

        Two minutes, for on a busy machine a start took more than half of one.
        """
        return self.until(
            lambda: words in (self.folder / "err").read_text(errors="replace"),
            patience_s=patience_s,
        )

    def until(self, what: Callable[[], object], *, patience_s: float = 60.0) -> bool:
        """Wait for it while the program lives; whether it came."""
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            if what():
                return True
            if self._process is not None and self._process.poll() is not None:
                return False
            time.sleep(0.02)
        return False

    def lines(self, name: str) -> int:
        """How many messages the log of this name holds by now."""
        path = self.folder / name
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def count(self, *words: str) -> Counter[str]:
        """Run the program unharmed; the most turns that any one thread took."""
        log = self.folder / "calls"
        self.run(*words, tracer=tracing.strace(",".join(tracing.CALLS), log))
        return tracing.turns(log)

    def _collect(self) -> None:
        """Take in what the receivers logged during the run."""
        for channel, name, of in (
            ("hook", "hook.jsonl", sightings.of_webhook),
            ("desk", "desk.jsonl", sightings.of_mail),
            ("log", "data/alerts.jsonl", sightings.of_file),
            (DIGEST, "data/paper.jsonl", sightings.of_file),
        ):
            path = self.folder / name
            lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
            for line in lines[self._read[channel] :]:
                self.seen.append(of(line, channel, self.runs))
            self._read[channel] = len(lines)

    # --- checking ----------------------------------------------------------------

    def evidence(self, *, store: Path | None = None) -> Evidence:
        """All there is to see now."""
        return Evidence(
            store=store or self.store,
            seen=self.seen,
            channels=CHANNELS,
            mail=("desk",),
            digests=(DIGEST,),
            published=None if self.blind else self.titles,
            shown=SHOWN,
            said=self.said,
            secrets=(SECRET, SECRET.removeprefix("whsec_")),
            configs=self.editions,
            faults=self.kills.total() + self.faults,
        )

    def problems(self) -> list[str]:
        """What must hold at every moment, also just after a kill."""
        found = problems(self.evidence())
        self.said.clear()
        return found

    def check(self, where: str = "", *, store: Path | None = None) -> None:
        """Note the problems of this moment in ``found``."""
        found = problems(self.evidence(store=store))
        self.said.clear()
        self.found += [f"{one} [{where}]" if where else one for one in found]

    def unfinished(self) -> list[str]:
        """What must hold besides when a run that nobody kills has drained."""
        found = problems(self.evidence(), drained=True)
        self.said.clear()
        return found

    def repeats(self) -> Counter[str]:
        """Messages that came again, by what was done to the run that sent them first.

        Of several runs it is the last one before.
        """
        made: Counter[str] = Counter()
        last: dict[tuple[str, str], int] = {}
        for one in self.seen:
            key = one.channel, one.id
            if key in last:
                made[self.labels.get(last[key], "unharmed")] += 1
            last[key] = one.run
        return made

    @property
    def duplicates(self) -> int:
        """Messages that came again, beyond the first of their id."""
        return len(self.seen) - len({(one.channel, one.id) for one in self.seen})


@contextlib.contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """A stage in an empty folder; its site and receivers last as long as the block."""
    made = Stage(folder=folder)
    signed = ("--secret", SECRET)
    with (
        serve(made.answer) as site,
        receiver("tests.servers.receiver", folder / "hook.jsonl", *signed) as hook,
        receiver("tests.servers.smtp", folder / "desk.jsonl") as desk,
        Wire(hook, made.slay) as to_hook,
        Wire(desk, made.slay) as to_desk,
    ):
        made.site = site.url("/feed.xml")
        made.wires = {"hook": to_hook, "desk": to_desk}
        made.configure()
        yield made
