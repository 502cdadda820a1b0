"""Secrets planted in every place that takes one, looked for in all that comes out."""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import trustme

from tests.servers.http import RESET, Raw, Reply, Request, redirect, serve
from tests.servers.smtp import serve_mail
from tests.vedette.lab import get, rss
from tests.vedette.test_daemon import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.http import Answer
    from tests.servers.smtp import Post
    from tests.vedette.lab import Lab

pytestmark = pytest.mark.slow

SECRETS = {
    "SMTP_PASSWORD": "canary-smtp-7f31/+x",
    "HOOK_SECRET": "whsec_" + base64.b64encode(b"canary-hook-key-5a12").decode(),
    "OLD_SECRET": "whsec_" + base64.b64encode(b"canary-old-key-9b77").decode(),
    "HOOK_URL": "http://127.0.0.1:{port}/canary-path-2c61/x?token=canary-query-8d04",
    "COOKIE": "session=canary-cookie-11aa",
    "BEARER": "Bearer canary-bearer-77ee",
    "WEB": "canary-web-password-40d9",
    "PROXY": "http://user:canary-proxy-3e88@127.0.0.1:{port}",
}
FEED_KEY = "canary-feed-key-6c55"
CANARIES = (
    *("canary-smtp-7f31/+x", "canary-path-2c61", "canary-query-8d04"),
    *("canary-cookie-11aa", "canary-bearer-77ee", "canary-web-password-40d9"),
    *("canary-proxy-3e88", FEED_KEY),
    *(SECRETS[name].removeprefix("whsec_") for name in ("HOOK_SECRET", "OLD_SECRET")),
    *("canary-hook-key-5a12", "canary-old-key-9b77"),
)


def spellings() -> Iterator[bytes]:
    """Every canary as it is, percent-encoded and in base64, as servers echo it."""
    for canary in CANARIES:
        for form in (canary, quote(canary, safe=""), canary.replace("/", "\\/")):
            yield form.encode()
        for around in (canary, f"\0user\0{canary}", f"user:{canary}", f"me:{canary}"):
            yield base64.b64encode(around.encode())


def leaks(where: str, data: bytes) -> list[str]:
    return sorted({f"{where}: {form!r}" for form in spellings() if form in data})


def config(site: str, post: int) -> str:
    return f"""\
store: data/vedette.db
contact: mailto:lab@vedette.test
network: {{allow: ["127.0.0.0/8"]}}
web: {{listen: "127.0.0.1:0", password: {{env: WEB}}}}
sources:
  keyed: {{kind: feed, url: "{site}/feed.xml?key={FEED_KEY}&x=1", every: 3s}}
  denied:
    kind: feed
    url: "{site}/denied?api_key={FEED_KEY}"
    every: 3s
    headers: {{Cookie: {{env: COOKIE}}, Authorization: {{env: BEARER}}}}
  moved: {{kind: feed, url: "{site}/moved?key={FEED_KEY}", every: 3s}}
  junk: {{kind: feed, url: "{site}/junk?token={FEED_KEY}", every: 3s}}
  reset: {{kind: feed, url: "{site}/reset?token={FEED_KEY}", every: 3s}}
  nowhere: {{kind: feed, url: "https://no.such.invalid/?key={FEED_KEY}", every: 3s}}
  refused: {{kind: feed, url: "http://192.0.2.1:25/?key={FEED_KEY}", every: 3s}}
  proxied:
    kind: feed
    url: "{site}/feed.xml?sig={FEED_KEY}"
    every: 3s
    proxy: {{env: PROXY}}
  list: {{kind: listing, url: "{site}/page?key={FEED_KEY}", item: article, every: 3s}}
topics:
  ferry: {{title: Ferries, query: ferry}}
channels:
  hook:
    kind: webhook
    url: {{env: HOOK_URL}}
    secret: [{{env: HOOK_SECRET}}, {{env: OLD_SECRET}}]
    fallback: log
  desk:
    kind: email
    to: [desk@vedette.test, other@vedette.test]
    from: vedette@vedette.test
    server: smtp://user@127.0.0.1:{post}
    password: {{env: SMTP_PASSWORD}}
    fallback: log
  log: {{kind: file, path: data/alerts.jsonl}}
"""


@contextlib.contextmanager
def daemon(lab: Lab, env: dict[str, str]) -> Iterator[tuple[int, str]]:
    """The daemon at its most talkative; its pid and the address of its web page."""
    log = lab.folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "vedette", "-v", "run"],
            cwd=lab.folder,
            env=env,
            stdout=out,
            stderr=out,
        )
    try:
        eventually(lambda: b"health on " in log.read_bytes())
        said = log.read_text().split("health on ")[1].split("/healthz")[0]
        yield process.pid, said
    finally:
        process.terminate()
        assert process.wait(60) == 0


class Gossip:
    """A site and a receiver that echo all they are sent, as careless ones do."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.posted: list[Request] = []

    def site(self, request: Request) -> Answer:
        self.asked.append(request)
        echo = f"{request.target} {dict(request.headers)}".encode()
        answers: dict[str, Answer] = {
            "/robots.txt": Reply(status=404),
            "/feed.xml": Reply(body=rss({"title": "The ferry is late", "slug": "f"})),
            "/there": Reply(
                body=rss({"title": "Another ferry sank", "slug": "g"}),
                headers={"ETag": '"x"'},
            ),
            "/denied": Reply(status=403, body=echo),
            "/moved": redirect(f"/there?key={FEED_KEY}", 301),
            "/junk": Reply(body=b"<" + echo),
            "/reset": Raw([b"HTTP/1.1 2", RESET]),
            "/page": Reply(body=b"<article>" + echo),
        }
        return answers.get(request.path, Reply(status=500, body=echo))

    def hook(self, request: Request) -> Answer:
        self.posted.append(request)
        echo = f"{request.target} {dict(request.headers)}"
        if len(self.posted) % 2:
            return Reply(status=500, body=echo.encode())
        return Raw([f"HTTP/1.1 {echo}\r\n".encode()])

    def paths(self) -> set[str]:
        return {one.path for one in self.asked}


PASSWORD = SECRETS["SMTP_PASSWORD"]
PLAIN = base64.b64encode(f"\0user\0{PASSWORD}".encode()).decode()


@contextlib.contextmanager
def gossiping(lab: Lab) -> Iterator[tuple[Gossip, Post, dict[str, str]]]:
    """Servers that fail and echo, the config that names them, its environment."""
    gossip = Gossip()
    with socket.create_server(("127.0.0.1", 0)) as held:
        shut = held.getsockname()[1]
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(lab.folder / "ca.pem")
    echoes = {"AUTH": [f"535 {PASSWORD} {PLAIN} {quote(PASSWORD, safe='')}"] * 50}
    with (
        serve(gossip.site) as site,
        serve(gossip.hook) as hook,
        serve_mail(echoes, starttls=context, logins={"user": "another"}) as post,
    ):
        text = config(site.url(""), post.port)
        (lab.folder / "config.yaml").write_text(text, encoding="utf-8")
        secrets = {name: value.format(port=shut) for name, value in SECRETS.items()}
        yield (
            gossip,
            post,
            {
                **lab.environ(),
                **secrets,
                "HOOK_URL": SECRETS["HOOK_URL"].format(port=hook.port),
                "SSL_CERT_FILE": str(lab.folder / "ca.pem"),
                "PYTHONASYNCIODEBUG": "1",
            },
        )


def served(page: str) -> list[str]:
    """What leaks from the web page, with the password, a wrong one and another way."""
    word = base64.b64encode(f"me:{SECRETS['WEB']}".encode()).decode()
    return [
        leak
        for path in ("/healthz", "/metrics", f"/x?key={FEED_KEY}", "/%00")
        for given in (f"Basic {word}", "Basic bWU6d3Jvbmc=", f"Bearer {word}")
        for leak in leaks(path[:4], get(page + path, Authorization=given)[1])
    ]


def refused_reload(lab: Lab, pid: int) -> None:
    """A reload that fails because the user wrote the password into the file."""
    path = lab.folder / "config.yaml"
    good = path.read_text()
    path.write_text(good.replace("{env: SMTP_PASSWORD}", PASSWORD))
    os.kill(pid, signal.SIGHUP)
    eventually(lambda: b"Config refused" in (lab.folder / "log").read_bytes())
    path.write_text(good)


def test_no_secret_comes_out_of_a_daemon_in_which_everything_fails(lab: Lab) -> None:
    """A65, I20: logs, tracebacks, store, backup, commands, web page, process title."""
    found: list[str] = []
    with gossiping(lab) as (gossip, post, env):
        with daemon(lab, env) as (pid, page):
            tried = {"/denied", "/there", "/junk", "/reset", "/page"}
            eventually(lambda: tried <= gossip.paths(), seconds=60)
            eventually(lambda: len(gossip.posted) > 1, seconds=60)
            eventually(lambda: "AUTH" in post.verbs(), seconds=60)
            found += served(page)
            refused_reload(lab, pid)
            found += served(page)
            for name in ("cmdline", "comm", "status"):
                found += leaks(name, Path(f"/proc/{pid}/{name}").read_bytes())
            for words in COMMANDS:
                found += said(lab, env, words)
        for file in lab.folder.rglob("*"):
            if file.is_file() and file.name != "config.yaml":
                found += leaks(file.name, file.read_bytes())
    assert not found, "\n".join(sorted(set(found)))
    # They went where they belong, so that their absence elsewhere means something.
    assert any(FEED_KEY in one.target for one in gossip.asked)
    cookies = [one.header("cookie") or "" for one in gossip.asked]
    assert any("canary-cookie-11aa" in one for one in cookies)
    assert "canary-query-8d04" in gossip.posted[0].target
    assert any(f"AUTH PLAIN {PLAIN}" in line for line, _ in post.lines)
    assert {one.header("referer") for one in gossip.asked} == {None}


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("check",),
    ("sources",),
    ("sources", "--score", "moved"),
    ("alerts", "--json"),
    ("outbox", "--json"),
    ("why", "http://127.0.0.1/f"),
    ("export",),
    ("export", "--format", "csv"),
    ("health", "--json"),
    ("reload",),
    ("send-test", "hook"),
    ("send-test", "desk"),
    ("preview", "--source", "moved", "http://127.0.0.1:1/"),
    ("backup", "copy.db"),
    ("-v", "once"),
)


def said(lab: Lab, env: dict[str, str], words: tuple[str, ...]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "vedette", *words],
        cwd=lab.folder,
        env=env,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert b"Traceback" not in done.stderr, (words, done.stderr)
    return leaks(" ".join(words), done.stdout + done.stderr)
