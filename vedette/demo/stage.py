"""Puts the demonstration on: sites, mail sink, config, daemon, and watches it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vedette.demo.mailsink import MailSink
from vedette.demo.sites import SITES, MiniWeb

if TYPE_CHECKING:
    from collections.abc import Callable

EXPECTED_ALERTS = 3
"""One story in each language; the ministry repeats the courier's and adds none."""

_CONFIG = """\
store: store.db
include: [pack:eu-korea-russia/entities, pack:eu-korea-russia/topics]
contact: mailto:demo@vedette.test
network: {{allow: ["127.0.0.0/8"]}}
web: {{listen: "127.0.0.1:0"}}
channels:
  screen: {{kind: console}}
  log: {{kind: file, path: {log}}}
  desk:
    kind: email
    to: [desk@vedette.test]
    from: vedette@vedette.test
    server: smtp+plain://127.0.0.1:{smtp}
sources:
{sources}"""

_LIST_KEYS = (
    ', item: article.card, link: "a::attr(href)", title: h3, '
    'date: {select: "time::attr(datetime)"}'
)


@dataclass(slots=True, kw_only=True)
class Seen:
    """Where alerts arrived, and how long after the start (seconds)."""

    mails: int = 0
    lines: int = 0
    first_s: float | None = None
    all_s: float | None = None

    @property
    def complete(self) -> bool:
        """Whether every expected alert is in the mail sink and in the file."""
        return min(self.mails, self.lines) >= EXPECTED_ALERTS


class Stage:
    """One run of the demonstration. ``say`` prints one line for the audience."""

    def __init__(self, *, log: Path, say: Callable[[str], None]) -> None:
        self.log = log.resolve()
        self.say = say
        self.seen = Seen()

    def play(self, *, limit_s: float) -> Seen:
        """Run until every alert arrived, or for ``limit_s`` seconds at most."""
        start = time.monotonic()
        with ExitStack() as closing:
            web = MiniWeb()
            web.start()
            closing.callback(web.stop)
            sink = MailSink(lambda subject: self.say(f"mail sink  {subject}"))
            smtp = sink.start()
            closing.callback(sink.stop)
            folder = Path(closing.enter_context(tempfile.TemporaryDirectory()))
            config = folder / "config.yaml"
            config.write_text(self._config(web, smtp), encoding="utf-8")
            self.log.parent.mkdir(parents=True, exist_ok=True)
            offset = self.log.stat().st_size if self.log.exists() else 0
            daemon = subprocess.Popen(  # noqa: S603 - our own program, fixed words
                [sys.executable, "-m", "vedette", "-c", str(config), "run"]
            )
            closing.callback(_end, daemon)
            while time.monotonic() - start < limit_s and daemon.poll() is None:
                time.sleep(0.1)
                offset = self._follow(offset)
                self._note(sink, time.monotonic() - start)
                if self.seen.complete:
                    break
        return self.seen

    def _config(self, web: MiniWeb, smtp: int) -> str:
        lines = []
        for site, (_, kind, language) in SITES.items():
            keys = _LIST_KEYS if kind == "listing" else ", article: never"
            lines.append(
                f"  {site}: {{kind: {kind}, url: {web.url(site)}, "
                f"language: {language}, every: 4s{keys}}}"
            )
        return _CONFIG.format(
            log=json.dumps(str(self.log)), smtp=smtp, sources="\n".join(lines)
        )

    def _follow(self, offset: int) -> int:
        """Tell of new whole lines in the file; the new offset."""
        if not self.log.exists():
            return offset
        with self.log.open("rb") as file:
            file.seek(offset)
            for raw in file:
                if not raw.endswith(b"\n"):
                    break
                offset += len(raw)
                if raw.strip():
                    self.seen.lines += 1
                    kind = json.loads(raw)["type"]
                    self.say(f"{self.log.name}  {kind}, {len(raw)} bytes of JSON")
        return offset

    def _note(self, sink: MailSink, elapsed: float) -> None:
        self.seen.mails = len(sink.subjects)
        if self.seen.first_s is None and self.seen.mails and self.seen.lines:
            self.seen.first_s = elapsed
        if self.seen.all_s is None and self.seen.complete:
            self.seen.all_s = elapsed


def _end(daemon: subprocess.Popen[bytes]) -> None:
    if daemon.poll() is None:
        daemon.send_signal(signal.SIGTERM)
    try:
        daemon.wait(timeout=20)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()
