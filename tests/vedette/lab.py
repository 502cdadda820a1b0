"""A laboratory: a loopback news site, a webhook receiver, a mail server, a config.

Commands run as real processes (``python -m vedette``), as a user would run them.
"""

from __future__ import annotations

import contextlib
import html
import json
import os
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.servers.http import Reply, Request, Server, serve
from tests.servers.receiver import Receiver, receive
from tests.servers.smtp import Post, serve_mail

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def rss(*entries: dict[str, Any]) -> bytes:
    """A feed of entries: title, text, slug, age (timedelta, None: undated)."""
    items = []
    for entry in entries:
        age = entry.get("age", timedelta(minutes=5))
        at = datetime.now(UTC) - age if age is not None else None  # noqa: TID251
        date = f"<pubDate>{format_datetime(at)}</pubDate>" if at else ""
        items.append(
            f"<item><title>{html.escape(entry['title'])}</title>"
            f"<link>http://127.0.0.1/{entry['slug']}</link>{date}"
            f"<description>{html.escape(entry.get('text', ''))}</description></item>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>site</title>{''.join(items)}</channel></rss>"
    ).encode()


@dataclass(slots=True, kw_only=True)
class Lab:
    """One experiment. ``pages`` is what the site answers, path by path."""

    folder: Path
    site: Server
    hook: Receiver
    post: Post
    pages: dict[str, bytes] = field(default_factory=dict)

    def feed(self, *entries: dict[str, Any], path: str = "/feed.xml") -> None:
        """Publish a feed."""
        self.pages[path] = rss(*entries)

    def write(self, extra: str = "", *, include: str = "", sources: str = "") -> Path:
        """Write the config: one feed, mail and webhook channels, ``extra`` topics."""
        sources = sources or (
            f"  wire: {{kind: feed, url: {self.site.url('/feed.xml')}, "
            "article: never, owner: harbour, tags: [sea]}\n"
        )
        config = self.folder / "config.yaml"
        config.write_text(
            f"""\
store: data/vedette.db
contact: mailto:lab@vedette.test
network: {{allow: ["127.0.0.0/8"]}}
web: {{listen: "127.0.0.1:0"}}
{include}
sources:
{sources}
channels:
  hook: {{kind: webhook, url: {self.hook.url}, secret: {{env: LAB_SECRET}}}}
  desk:
    kind: email
    to: [desk@vedette.test]
    from: vedette@vedette.test
    server: smtp+plain://127.0.0.1:{self.post.port}
  log: {{kind: file, path: data/alerts.jsonl}}
{extra}""",
            encoding="utf-8",
        )
        return config

    def environ(self) -> dict[str, str]:
        """The environment of a command: this one, plus the secret."""
        return {**os.environ, "LAB_SECRET": SECRET, "PYTHONPATH": str(ROOT)}

    def run(
        self, *words: str, code: int | None = 0
    ) -> subprocess.CompletedProcess[str]:
        """Run a command; fails unless it exits with ``code`` (None: any)."""
        done = subprocess.run(
            [sys.executable, "-m", "vedette", *words],
            cwd=self.folder,
            env=self.environ(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if code is not None:
            assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
        return done

    def rows(self, *words: str) -> list[dict[str, Any]]:
        """The JSON Lines a command prints."""
        out = self.run(*words, "--json").stdout
        return [json.loads(line) for line in out.splitlines()]

    @contextlib.contextmanager
    def daemon(self) -> Iterator[tuple[subprocess.Popen[str], str]]:
        """The daemon while the block lasts, and the URL of its health page."""
        process = subprocess.Popen(
            [sys.executable, "-m", "vedette", "run"],
            cwd=self.folder,
            env=self.environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stderr is not None
            for line in process.stderr:
                if "health on " in line:
                    yield process, line.split("health on ")[1].strip()
                    break
            else:
                raise AssertionError("the daemon did not start")
        finally:
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=30)


def get(url: str, **headers: str) -> tuple[int, bytes]:
    """Status and body of a GET on loopback."""
    request = urllib.request.Request(url, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@contextlib.contextmanager
def laboratory(folder: Path) -> Iterator[Lab]:
    """Servers on port 0 of loopback; a folder for config and data."""
    pages: dict[str, bytes] = {}

    def answer(request: Request) -> Reply:
        body = pages.get(request.path)
        if body is None:
            return Reply(status=404)
        return Reply(body=body)

    with (
        serve(answer) as site,
        receive(secrets=[SECRET]) as hook,
        serve_mail() as post,
    ):
        yield Lab(folder=folder, site=site, hook=hook, post=post, pages=pages)
