"""Strangers' words on a terminal: commands, console and log on a real pty and in tmux.

What is read is cleaned before it is stored, so the store is poisoned by hand too, as
a foreign backup could be: what prints must not rely on what reads.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import pty
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.vedette.test_daemon import eventually
from tests.vedette.test_once import TOPICS
from vedette.logs import JsonLines, Terminal, set_up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.vedette.lab import Lab

pytestmark = pytest.mark.slow

SPIKES = {
    "colour": "\x1b[31;5m",
    "title": "\x1b]0;spiked title\x07",
    "clipboard": "\x1b]52;c;c3Bpa2Vk\x07",
    "link": "\x1b]8;;http://evil.test/\x1b\\spiked\x1b]8;;\x1b\\",
    "screen": "\x1b[2J\x1b[H\x1bc",
    "bell": "\x07",
    "C1": "\x9b31m\x9d0;spiked\x9c\x90q\x9c",
    "CR": "\rspiked\x08\x08",
    "bidi": "\u202edekips\u202c\u2067x\u2069",
    "lines": "\x85\u2028\u2029\x0b\x0c",
    "DEL, NUL": "\x7f\x00",
}
SPIKE = "".join(SPIKES.values())
# What rich draws tables and bars with: its colours, and the bar's way back to column 1.
OURS = re.compile(
    rb"\x1b\[(?:[01234]|\d;\d+|3[0-79]|38;5;\d+)?m|\x1b\[\?25[hl]|\x1b\[[12]?[AK]"
    rb"|\r(?=replay |vedette: |\x1b|\r)"
)
HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
    "|\r(?!\n)"
)


RUNNER = """
import json, sys
from vedette.cli import main
for number, words in enumerate(json.load(open(sys.argv[1]))):
    sys.argv = ["vedette", *words]
    print(f"\\x1e{number}\\x1e", flush=True)
    try:
        main()
    except SystemExit as ended:
        assert ended.code in {0, 1, 2}, (words, ended.code)
    sys.stdout.flush()
print("\\x1eend\\x1e")
"""


def on_a_terminal(lab: Lab, commands: list[tuple[str, ...]]) -> list[bytes]:
    """All that each command sends to the terminal it runs on, both streams."""
    (lab.folder / "commands.json").write_text(json.dumps(commands))
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", RUNNER, "commands.json"],
        cwd=lab.folder,
        env={**lab.environ(), "TERM": "xterm-256color", "COLUMNS": "200"},
        stdin=follower,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    seen = bytearray()
    with contextlib.suppress(OSError):  # EIO: the last writer has gone
        while data := os.read(leader, 65536):
            seen += data
    os.close(leader)
    assert process.wait(30) == 0, bytes(seen)[-3000:]
    parts = re.split(rb"\x1e(?:\d+|end)\x1e\r\n", bytes(seen))
    assert len(parts) == len(commands) + 2
    return parts[1:-1]


def harm(seen: bytes) -> list[str]:
    """What in it a terminal would obey, or a reader be fooled by."""
    text = OURS.sub(b"", seen).decode("utf-8", "surrogateescape")
    return [text[max(0, m.start() - 30) : m.end() + 20] for m in HARMFUL.finditer(text)]


def poisoned_lab(lab: Lab) -> None:
    """A store whose every text is spiked, and files with the same in them."""
    lab.feed({"title": f"Ferry {SPIKE.translate({0: None})} late", "slug": "f"})
    config = lab.write(TOPICS)
    screen = "channels:\n  screen: {kind: console}\n"
    config.write_text(config.read_text().replace("channels:\n", screen))
    lab.run("once")
    with contextlib.closing(sqlite3.connect(lab.folder / "data/vedette.db")) as db, db:
        spiked = {
            "source": ["detail", "etag"],
            "item": ["title", "summary", "url", "guid", "language"],
            "story": ["headline"],
            "delivery": ["detail", "headline"],
            "attempt": ["detail"],
            "request": ["url"],
        }
        for table, columns in spiked.items():
            for column in columns:
                db.execute(
                    f"UPDATE {table} SET {column} = coalesce({column}, '') || ?",  # noqa: S608
                    (SPIKE,),
                )
        db.execute("UPDATE item SET authors = ?", (json.dumps([SPIKE]),))
        db.execute(
            "INSERT INTO episode VALUES ('wire', 'arrival', 1, 'error', ?, 1, NULL)",
            (SPIKE,),
        )
    line = {"id": f"a{SPIKE}", "title": f"Ferry {SPIKE}", "text": f"ferry {SPIKE}"}
    (lab.folder / "items.jsonl").write_text(json.dumps(line) + "\n")
    (lab.folder / "bad.jsonl").write_text(f'{{"id": "{SPIKE}"\n', encoding="utf-8")
    feed = lab.pages["/feed.xml"].decode().replace(" late", f" late {SPIKE}")
    (lab.folder / "feed.xml").write_text(feed, encoding="utf-8")
    title = SPIKE.replace("\x00", "")
    (lab.folder / "list.opml").write_text(
        f"<opml><body><outline text='{title}' xmlUrl='https://a.test/f'/>"
        f"<outline text='{title}' xmlUrl='ftp://{title}'/></body></opml>",
        encoding="utf-8",
    )
    routes = f"- {{topic: '{SPIKES['bidi']}', at: x, expect: {{}}}}\n"
    (lab.folder / "routes.yaml").write_text(routes, encoding="utf-8")


def test_no_command_passes_on_what_a_terminal_obeys(lab: Lab) -> None:
    """A57: every listing, as a table and as JSON, and what complains."""
    poisoned_lab(lab)
    item, story = (lab.rows(words)[0]["id"] for words in ("alerts", "stories"))
    found = json.loads(lab.run("export").stdout)["id"]
    argument = SPIKE.replace("\x00", "")
    commands: list[tuple[str, ...]] = [
        *(
            (*words, *form)
            for form in ((), ("--json",))
            for words in (
                ("alerts",),
                ("stories",),
                ("stories", story),
                ("outbox",),
                ("sources",),
                ("sources", "--health"),
                ("sources", "--score", "wire"),
                ("why", found),
                ("why", argument),
                ("ack", item),
                ("silence", "ferry", "--for", "1h"),
                ("health",),
            )
        ),
        ("export",),
        ("export", "--format", "csv"),
        ("replay", "items.jsonl"),
        ("replay", "bad.jsonl"),
        ("preview", "feed.xml"),
        ("import-opml", "list.opml"),
        ("entities", argument),
        ("entities", "--from", argument),
        ("route", "--topic", argument),
        ("route", "--cases", "routes.yaml"),
        ("ack", argument),
        ("silence", argument, "--for", "1h"),
        ("outbox", "retry", argument),
        ("sources", "--score", argument),
        ("send-test", argument),
    ]
    harmed = {}
    seen = on_a_terminal(lab, commands)
    for words, said in zip(commands, seen, strict=True):
        assert said, words
        assert b"Traceback" not in said, words
        if bad := harm(said):
            harmed[words[:3]] = bad
    assert not harmed, "\n".join(f"{k!r}: {v[:3]!r}" for k, v in harmed.items())


def test_the_daemon_shows_an_alert_on_a_terminal_and_nothing_moves(
    lab: Lab, tmp_path: Path
) -> None:
    """A57: console channel and log of the real daemon, watched through tmux.

    The title of the pane, the clipboard and the cursor are what a spike would change.
    """
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed: no terminal to look at")
    spiked = SPIKE.translate({0: None})
    url = lab.site.url("/feed.xml")
    config = lab.write(
        TOPICS,
        sources=f"  wire: {{kind: feed, url: '{url}', article: never, every: 3s}}\n"
        f"  ill: {{kind: feed, url: '{lab.site.url('/ill.xml')}', every: 3s}}\n",
    )
    screen = "channels:\n  screen: {kind: console}\n"
    config.write_text(config.read_text().replace("channels:\n", screen))
    lab.feed({"title": f"Ferry {spiked} late", "slug": "f"})
    lab.pages["/ill.xml"] = f"<not{spiked}><a feed".encode()
    lab.post.script["RCPT"] = [b"451 4.7.1 later " + spiked.encode() + b"\r\n"]

    def tmux(*words: str, check: bool = True) -> str:
        done = subprocess.run(
            ["tmux", "-f", "/dev/null", "-S", str(tmp_path / "tmux"), *words],  # noqa: S607
            capture_output=True,
            check=check,
            env={**lab.environ(), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
        )
        return done.stdout.decode("utf-8", "replace")

    command = shlex.join([sys.executable, "-m", "vedette", "-v", "run"])
    tmux("new-session", "-d", "-x", "180", "-y", "200", "-c", str(lab.folder), command)
    try:
        tmux("set-option", "-s", "set-clipboard", "on")
        eventually(lambda: "message " in tmux("capture-pane", "-p"))
        eventually(lambda: "451" in tmux("capture-pane", "-p"))
        shown = tmux("capture-pane", "-p", "-e")
        assert "Ferry" in shown
        assert harm(shown.encode()) == []
        assert "spiked" not in tmux("display-message", "-p", "#{pane_title}")
        assert "spiked" not in tmux("show-buffer", check=False)
        assert not any(line.startswith("spiked") for line in shown.splitlines())
        # A cleared screen would have lost the first line of the log.
        assert "watching 2 sources" in tmux("capture-pane", "-p")
    finally:
        # A terminal that goes away is a SIGHUP, by which the daemon only reloads.
        pid = tmux("display-message", "-p", "#{pane_pid}", check=False).strip()
        if pid:
            os.kill(int(pid), signal.SIGTERM)
        tmux("kill-server", check=False)


@contextlib.contextmanager
def logging_kept() -> Iterator[None]:
    root = logging.getLogger()
    kept = root.handlers, root.level, logging.raiseExceptions
    try:
        yield
    finally:
        root.handlers, level, logging.raiseExceptions = kept
        root.setLevel(level)


FORGED = "a\nCRITICAL forged\r\nCRITICAL too\x85CRITICAL\u2028CRITICAL\x1b[31m"


@pytest.mark.parametrize("form", [JsonLines(), Terminal()])
def test_a_log_record_cannot_forge_another(form: logging.Formatter) -> None:
    """A58: as message, field, and in the traceback of an exception."""
    record = logging.makeLogRecord(
        {"name": "x", "levelname": "WARNING", "msg": "%s", "args": (FORGED,)}
    )
    record.__dict__["title"] = FORGED
    lines = form.format(record).splitlines()
    assert len(lines) == 1
    assert lines[0].isprintable()
    try:
        raise ValueError(FORGED)  # noqa: TRY301
    except ValueError:
        record.exc_info = sys.exc_info()
    lines = form.format(record).splitlines()
    assert all(line.isprintable() for line in lines)
    assert not any(line.startswith(("CRITICAL", "a")) for line in lines)
    assert isinstance(form, Terminal) or len(lines) == 1


def test_what_is_logged_of_a_stranger_is_one_line_of_json_each(
    lab: Lab,
) -> None:
    """A58: of a whole pass, with a site and a receiver that forge."""
    config = lab.write(TOPICS)
    url = lab.site.url("/feed.xml")
    config.write_text(
        config.read_text().replace(
            "channels:\n",
            f"  ill: {{kind: feed, url: '{url[:-8]}ill.xml'}}\nchannels:\n",
            1,
        )
    )
    lab.feed({"title": f"Ferry {FORGED}", "slug": "f"})
    lab.pages["/ill.xml"] = f"<not{FORGED}>".encode()
    lab.post.script["RCPT"] = [f"550 {FORGED}"]
    done = lab.run("-v", "once", code=1)
    records: list[dict[str, Any]] = []
    for line in done.stderr.split("\n"):
        if line.startswith("{"):
            records.append(json.loads(line))
        assert not line.startswith("CRITICAL")
        assert line.isprintable()
    said = {record["message"] for record in records}
    assert {"Source polled", "Delivery attempted"} <= said
    assert all(record["level"] != "critical" for record in records)


def test_a_log_that_is_set_up_on_a_pipe_speaks_json(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A58."""
    with logging_kept():
        set_up(verbose=True)
        logging.getLogger("x").warning("%s", FORGED)
        logging.getLogger().handlers[0].flush()
    out = capfd.readouterr().err
    assert len(out.splitlines()) == 1
    assert json.loads(out)["message"] == FORGED
