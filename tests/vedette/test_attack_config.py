"""Config files that attack: read by the real command, and by a daemon that reloads."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import pytest

from crawler.configfile import load_document
from tests.vedette.lab import get
from tests.vedette.test_attack_terminal import on_a_terminal
from tests.vedette.test_daemon import eventually, fast
from tests.vedette.test_once import FERRY, TOPICS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.vedette.lab import Lab

pytestmark = pytest.mark.slow

BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
EVIL = {
    # A61
    "apply": ("x: !!python/object/apply:os.system ['touch pwned']\n", "not allowed"),
    "new": ("x: !!python/object/new:subprocess.Popen [[touch, pwned]]\n", "not allow"),
    "name": ("!!python/name:os.system : 1\n", "not allowed"),
    "module": ("x: !!python/module:pwned\n", "not allowed"),
    "own tag": ("x: !vault {a: 1}\n", "not allowed"),
    "directive": (
        "%TAG ! tag:yaml.org,2002:python/\n---\nx: !name:os 1\n",
        "not allow",
    ),
    # A62
    "alias bomb": (BOMB, "values (an alias bomb?)"),
    "anchors of text": (
        "a: &a " + "x" * 4000 + "\nb: [" + ",".join(["*a"] * 250_000) + "]\n",
        "values (an alias bomb?)",
    ),
    # A63
    "nesting in a line": ("x: " + "[" * 5000 + "]" * 5000 + "\n", "nested deeper"),
    "nesting of blocks": (
        "".join(f"{' ' * n}a:\n" for n in range(1500)),
        "nested deeper",
    ),
    "itself": ("x: &x [*x]\n", "contains itself"),
    "itself below": ("x: &x {a: {b: *x}}\n", "contains itself"),
    "5,000 digits": ("retention: {items: " + "9" * 5000 + "}\n", "5000 digits"),
    "a key twice": ("store: a.db\nstore: b.db\n", "stands twice"),
    "an unknown key": ("storre: a.db\n", "Did you mean store?"),
    "a merge key": ("a: &a {x: 1}\nstore:\n  <<: *a\n", "merge keys"),
    "two documents": ("store: a.db\n---\nstore: b.db\n", "second document"),
    "no UTF-8": ("store: caf\udce9.db\n", "not UTF-8"),
    "a NUL": ("store: a\x00.db\n", "does not allow"),
    "a list": ("- store\n", "expected keys such as"),
    "nine megabytes": ("#" + "x" * (9 * 2**20) + "\n", "larger than"),
}


@pytest.mark.parametrize("name", EVIL)
def test_a_file_that_attacks_is_one_clear_error_with_its_line(
    lab: Lab, name: str
) -> None:
    """A61, A62, A63: exit 2 in time, no traceback, nothing run."""
    text, said = EVIL[name]
    path = lab.folder / "config.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    before = os.times().children_user
    done = lab.run("check", "--offline", code=2)
    assert os.times().children_user - before < 20
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 3
    line = done.stderr.partition("config.yaml:")[2]
    assert line[:1].isdigit() or name == "nine megabytes"
    assert not (lab.folder / "pwned").exists()


def test_words_that_other_yamls_turn_into_numbers_stay_words(lab: Lab) -> None:
    """A63: `NO` is Norway and `12:30` half past twelve."""
    lab.feed()
    source = (
        f"  wire: {{kind: feed, url: '{lab.site.url('/feed.xml')}', country: NO}}\n"
    )
    config = lab.write(TOPICS, sources=source)
    config.write_text(
        config.read_text().replace("jsonl}", "jsonl, digest: [12:30, 08:00]}")
    )
    assert lab.rows("sources")[0]["country"] == "NO"
    words = ("route", "--topic", "ferry", "--at", "2026-03-02T09:00Z")
    found = {row["channel"]: row for row in lab.rows(*words)}
    assert found["log"]["at"] == "2026-03-02T12:30:00Z"


def test_a_reload_of_what_attacks_changes_nothing_and_says_why(lab: Lab) -> None:
    """A61-A63, I14: the daemon keeps the old config and goes on alerting."""
    lab.feed()
    config = lab.write(TOPICS, sources=fast(lab))
    good = config.read_text()
    with lab.daemon() as (process, health):
        for name in (
            "apply",
            "alias bomb",
            "nesting in a line",
            "itself",
            "a key twice",
        ):
            text, said = EVIL[name]
            config.write_text(good + text)
            process.send_signal(signal.SIGHUP)
            word = said.split(" (")[0]
            eventually(lambda word=word: word in get(health)[1].decode())  # type: ignore[misc]
            assert process.poll() is None
        lab.feed(FERRY)
        eventually(lambda: lab.hook.messages)
        assert get(health)[0] == 200
        config.write_text(good)
        process.send_signal(signal.SIGHUP)
        eventually(lambda: "stale" not in get(health)[1].decode())


def test_a_file_of_another_user_is_remarked(tmp_path: Path) -> None:
    """A64: not root's and not ours: a warning, since bind mounts show such owners."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    path = tmp_path / "config.yaml"
    path.write_text("sources: {}\n")
    path.chmod(0o644)
    os.chown(path, 65534, 65534)
    (note,) = load_document(path).notes
    assert note.message == "the file belongs to another user (uid 65534)"


NAMES = ("../../x", "/etc/x", "a/b", "..\\x", "%2e%2e", "x\ny", "")
ENTRIES = {
    "sources": "{kind: feed, url: 'https://a.test/'}",
    "channels": "{kind: console}",
    "topics": "{query: ferry}",
    "entities": "{kind: place, names: {en: [Seoul]}}",
}


def test_no_name_of_the_config_is_a_path(lab: Lab) -> None:
    """A60: a name may end up in a file name, a header, a query."""
    text = "".join(
        f"{section}:\n" + "".join(f"  {json.dumps(one)}: {entry}\n" for one in NAMES)
        for section, entry in ENTRIES.items()
    )
    (lab.folder / "config.yaml").write_text(text, encoding="utf-8")
    done = lab.run("check", "--offline", code=2)
    refused = [line for line in done.stderr.splitlines() if "a name may hold" in line]
    assert len(refused) == len(NAMES) * len(ENTRIES)


SQL = (
    "'; DROP TABLE item; --",
    '" OR 1=1 --',
    'title:"x" NEAR/2 y*',
    "NEAR(a b, 3)",
    "col:x ^y -z {a b}: *",
    "\\",
    "x" * 20_000,
    "\u0000",
    '{"json": 1}',
    "9" * 400,
)


def test_no_word_on_the_command_line_is_a_query_of_the_store(lab: Lab) -> None:
    """A59: SQL and FTS5 syntax wherever a command looks something up by text."""
    lab.feed(
        FERRY,
        *({"title": f"Ferry {one}", "slug": f"s{n}"} for n, one in enumerate(SQL[:-3])),
    )
    lab.write(TOPICS)
    lab.run("once")
    before = lab.run("export").stdout
    commands: list[tuple[str, ...]] = []
    for one in SQL:
        commands += [
            ("why", "--", one),
            ("stories", "--", one),
            ("ack", "--", one),
            ("silence", "--for", "1h", "--", one),
            ("outbox", "retry", "--", one),
            ("outbox", "--state", one),
            ("sources", "--score", one),
            ("entities", "--from", one),
        ]
    for words, said in zip(commands, on_a_terminal(lab, commands), strict=True):
        assert b"Traceback" not in said, (words, said)
        assert b"sqlite" not in said.lower(), (words, said)
        assert b"syntax error" not in said, (words, said)
    assert lab.run("export").stdout == before
    assert lab.run("health", code=None).stdout


def test_a_list_of_feeds_names_no_file_outside(lab: Lab) -> None:
    """A60: titles of strangers become names of sources, never paths."""
    lab.write(TOPICS)
    titles = ("../../etc/passwd", "/abs/x", "..\\..\\x", "C:\\x", "a/../b", "%2e%2e%2f")
    outlines = "".join(
        f'<outline text="{one}" xmlUrl="https://a.test/{n}"/>'
        for n, one in enumerate(titles)
    )
    (lab.folder / "l.opml").write_text(f"<opml><body>{outlines}</body></opml>")
    lab.run("import-opml", "l.opml", "--to", "found.yaml")
    names = load_document(lab.folder / "found.yaml").data["sources"]
    assert len(names) == len(titles)
    assert all(name.replace("-", "").isalnum() for name in names)
