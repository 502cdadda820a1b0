"""The commands as a user meets them."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alerts.model import Story, Verdict
from tests.servers.http import Reply
from tests.vedette.store_world import NOW
from tests.vedette.test_once import FERRY, TOPICS
from vedette.store import Store

if TYPE_CHECKING:
    from tests.vedette.lab import Lab

COMMANDS = [
    "run",
    "once",
    "check",
    "preview",
    "discover",
    "import-opml",
    "export-opml",
    "export",
    "replay",
    "why",
    "sources",
    "alerts",
    "outbox",
    "route",
    "ack",
    "silence",
    "send-test",
    "demo",
    "backup",
    "restore",
    "reload",
    "migrate",
    "health",
    "schema",
    "init",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(lab: Lab, command: str) -> None:
    assert "Example" in lab.run(command, "--help").stdout


def test_check_runs_the_examples_and_says_which_came_out_wrong(lab: Lab) -> None:
    extra = (
        "topics:\n  ferry:\n    title: F\n    query: ferry\n    examples:\n"
        "      hit: [a ferry, a boat]\n      miss: [a train, 'the ferry, again']\n"
    )
    lab.write(extra)
    done = lab.run("check", code=1)
    assert "4 examples run, 2 wrong" in done.stdout
    assert "'a boat' should hit but does not" in done.stderr
    assert "should not hit" in done.stderr
    assert "config.yaml:" in done.stderr


def test_check_reaches_the_channels_unless_offline(lab: Lab) -> None:
    config = lab.write(TOPICS)
    lab.run("check")
    config.write_text(config.read_text().replace(str(lab.post.port), "9"))
    assert "channels.desk: not reachable" in lab.run("check", code=1).stderr
    lab.run("check", "--offline")


def test_a_wrong_config_is_exit_two_with_the_place_and_the_remedy(lab: Lab) -> None:
    config = lab.write(TOPICS)
    config.write_text(config.read_text().replace("severity: high", "severty: high"))
    done = lab.run("check", code=2)
    assert "severity" in done.stderr
    assert "config.yaml:" in done.stderr
    config.write_text(config.read_text().replace("severty: high", "severity: high"))
    config.write_text(
        config.read_text().replace("query: strike", "query: 'a NEAR/99 b'")
    )
    done = lab.run("check", code=2)
    assert "topics.strike.query" in done.stderr
    assert "50" in done.stderr


def test_check_tells_how_many_spellings_a_list_gave(lab: Lab) -> None:
    config = lab.write(
        "entities:\n  dprk: {kind: place, aliases_from: [cldr:KP, countrynames:KP]}\n"
    )
    told = lab.run("check", "--offline").stdout
    assert re.search(
        r"^dprk: \d{3} aliases from cldr:KP, countrynames:KP \(\d+ left out\)$",
        told,
        flags=re.MULTILINE,
    )
    config.write_text(config.read_text().replace("countrynames:KP", "iso:KP"))
    told = lab.run("check", "--offline", code=2).stderr
    assert "config.yaml:" in told
    assert "entities.dprk.aliases_from.1" in told
    assert "expected cldr:CODE or countrynames:CODE" in told


def test_check_warns_of_a_spelling_that_ordinary_sentences_hold(lab: Lab) -> None:
    lab.write(
        "entities:\n  dull:\n    kind: thing\n    names:\n"
        "      en: [walrus, {text: the, inflect: none}]\n      ja: [は]\n"
    )
    done = lab.run("check", "--offline")
    assert re.search(
        r"config\.yaml:\d+: entities\.dull\.names\.en\.1: 'the' stands in \d+ of 20 "
        r"ordinary sentences \(en\); it will hit all day",
        done.stderr,
    )
    assert "'は' stands in" in done.stderr
    assert "walrus" not in done.stderr


def test_schema_is_a_json_schema_that_knows_the_keys(lab: Lab) -> None:
    schema = json.loads(lab.run("schema").stdout)
    assert {"sources", "entities", "topics", "channels"} <= set(schema["properties"])


def test_send_test_reaches_every_kind_of_channel(lab: Lab) -> None:
    lab.write(TOPICS)
    for name in ("hook", "desk", "log"):
        assert "delivered" in lab.run("send-test", name).stdout
    assert len(lab.hook.messages) == len(lab.post.mails) == 1
    assert json.loads((lab.folder / "data/alerts.jsonl").read_text())["type"] == "test"
    assert "Did you mean" in lab.run("send-test", "hok", code=2).stderr


def test_send_test_says_where_options_do_not_go_together(lab: Lab) -> None:
    path = lab.write(TOPICS)
    text = path.read_text(encoding="utf-8").replace("plain://127", "plain://me@127")
    path.write_text(text, encoding="utf-8")
    done = lab.run("send-test", "desk", code=2)
    assert "channels.desk.password: a user in the server's URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_backup_is_a_store_of_its_own(lab: Lab) -> None:
    lab.feed(FERRY)
    lab.write(TOPICS)
    lab.run("once")
    lab.run("backup", "copy.db")
    with sqlite3.connect(lab.folder / "copy.db") as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT count(*) FROM item").fetchone() == (1,)
    lab.run("backup", "copy.db", code=2)
    assert "schema" in lab.run("migrate").stdout


@pytest.mark.parametrize(
    "words", [["alerts"], ["health"], ["silence", "ferry", "--for", "4h"]]
)
def test_a_command_beside_an_older_daemon_leaves_its_schema(
    lab: Lab, words: list[str]
) -> None:
    """After an upgrade the daemon of before still runs; only who holds the lock may."""
    lab.feed(FERRY)
    lab.write(TOPICS)
    lab.run("once")
    store = lab.folder / "data/vedette.db"
    with sqlite3.connect(store) as raw:
        (newest,) = raw.execute("PRAGMA user_version").fetchone()
        raw.execute(f"PRAGMA user_version = {newest - 1}")
    assert "run `vedette migrate`" in lab.run(*words, code=1).stderr
    with sqlite3.connect(store) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (newest - 1,)


def test_alerts_and_outbox_list_what_was_made_and_sent(lab: Lab) -> None:
    lab.feed(FERRY)
    lab.write(TOPICS)
    lab.run("once")
    assert {row["topic"] for row in lab.rows("alerts")} == {"ferry", "strike"}
    assert "strike" in lab.run("alerts").stdout
    assert {row["state"] for row in lab.rows("outbox")} == {"delivered"}
    assert lab.rows("outbox", "--state", "dead") == []
    lab.run("outbox", "--state", "lost", code=2)


def test_the_dead_letters_of_a_channel_are_sent_again(lab: Lab) -> None:
    lab.feed(FERRY)
    lab.write(TOPICS)
    lab.hook.replies.append(Reply(status=410))
    lab.run("once", code=1)
    lab.hook.replies.clear()
    before = len(lab.hook.messages)
    dead = {row["id"] for row in lab.rows("outbox", "--state", "dead")}
    assert len(dead) == 1
    assert "Did you mean hook?" in (
        lab.run("outbox", "retry", "--channel", "hok", code=2).stderr
    )
    lab.run("outbox", "retry", code=2)
    assert lab.rows("outbox", "retry", "--channel", "hook") == [
        {"channel": "hook", "due_now": 1}
    ]
    lab.run("once")
    assert {row["state"] for row in lab.rows("outbox")} == {"delivered"}
    assert dead == set(lab.hook.ids()[before:])


def test_what_a_removed_channel_left_is_no_illness_and_can_be_dropped(
    lab: Lab,
) -> None:
    lab.feed(FERRY)
    config = lab.write(TOPICS)
    lab.hook.replies.append(Reply(status=410))
    lab.run("once", code=1)

    def channels() -> str:
        (body,) = (
            json.loads(line)
            for line in lab.run("health", "--json", code=1).stdout.splitlines()
        )
        return str(body["checks"]["channels"]["detail"])

    assert channels() == "hook gone"
    text = config.read_text().replace("  hook: {", "  book: {")
    config.write_text(text)
    assert channels() == "none is dead"
    config.write_text(text.replace("sources:", "sauces:"))
    assert channels() == "hook gone"  # what the config knows cannot be asked
    config.write_text(text)
    lab.run("outbox", "retry", "--channel", "hook", code=2)
    assert lab.rows("outbox", "drop", "--channel", "hook") == [
        {"channel": "hook", "dropped": 1}
    ]
    assert lab.rows("outbox", "--state", "dead") == []
    assert "Did you mean book?" in (
        lab.run("outbox", "drop", "--channel", "hook", code=2).stderr
    )
    lab.run("outbox", "drop", code=2)


def test_init_writes_a_config_that_checks(lab: Lab) -> None:
    done = lab.run(
        "init", "--mail", "desk@vedette.test", "--server",
        "smtp://user@mail.vedette.test:587", "--zone", "Europe/Brussels",
        "--languages", "en,ko", "--no-test",
    )  # fmt: skip
    assert "config.yaml written" in done.stdout
    text = (lab.folder / "config.yaml").read_text()
    assert "password: {env: SMTP_PASSWORD}" in text
    languages = {row["language"] for row in lab.rows("sources")}
    assert languages <= {"en", "ko", None}
    lab.run("init", "--mail", "", "--zone", "UTC", "--languages", "", code=2)


def test_preview_shows_what_a_feed_would_yield(lab: Lab) -> None:
    lab.feed(FERRY)
    lab.write(TOPICS)
    url = lab.site.url("/feed.xml")
    (row,) = [json.loads(line) for line in lab.run("preview", url).stdout.splitlines()]
    assert row["title"] == FERRY["title"]
    assert row["published"].endswith("Z")
    assert "file" not in row
    (lab.folder / "feed.xml").write_bytes(lab.pages["/feed.xml"])
    (lab.folder / "junk.xml").write_bytes(b"<html>no feed</html>")
    done = lab.run("preview", "feed.xml", "junk.xml")
    assert json.loads(done.stdout)["file"] == "feed.xml"
    lab.run("preview", "junk.xml", code=1)


def test_preview_of_an_article_gives_one_line_for_each_file(lab: Lab) -> None:
    page = "<html lang=en><head><link rel=canonical href=https://n.test/a></head>"
    text = "<p>The ferry came late and nobody on the pier knew why.</p>" * 9
    (lab.folder / "a.html").write_text(f"{page}<article><h1>Late</h1>{text}</article>")
    (lab.folder / "b.html").write_bytes(b"")
    out = lab.run("preview", "--article", "a.html", "b.html").stdout.splitlines()
    first, second = map(json.loads, out)
    assert first["url"] == "https://n.test/a"
    assert "ferry came late" in first["text"]
    assert second["file"] == "b.html"
    assert second["url"] is None


def test_commands_that_only_read_make_no_store(lab: Lab) -> None:
    lab.write(TOPICS)
    for command in (["alerts"], ["outbox"], ["health"], ["why", "x"]):
        assert "no store" in lab.run(*command, code=1).stderr
    assert not (lab.folder / "data").exists()
    assert lab.rows("sources")[0]["state"] == "new"


def test_stories_finds_a_merged_one_and_names_what_it_may_belong_to(lab: Lab) -> None:
    plain = Story(id="a", headline="Late", first_seen=NOW, last_seen=NOW)
    near = replace(plain, id="b", headline="Lost", related=("a",))
    gone = replace(plain, id="c", headline="Left", merged_into="b")
    lab.write(TOPICS)
    (lab.folder / "data").mkdir()
    with Store.open(lab.folder / "data/vedette.db") as store:
        store.record(Verdict(at=NOW, stories=(plain, near, gone)))
    (one,) = lab.rows("stories", "c")
    assert one["id"] == "b"
    assert one["related"] == [{"id": "a", "headline": "Late"}]
    assert one["merged"] == [{"id": "c", "headline": "Left"}]
    shown = lab.run("stories", "c").stdout
    assert "may belong to Late (a)" in shown
    assert "took in Left (c)" in shown
    assert [row["id"] for row in lab.rows("stories")] == ["a", "b"]


def test_stories_lists_them_and_shows_one_in_full(lab: Lab) -> None:
    lab.feed(FERRY)
    lab.write(TOPICS)
    lab.run("once")
    told = [row for row in lab.rows("stories") if row["topics"]]
    one = told[0]
    assert (one["items"], one["carried"], one["independent"]) == (1, 0, 1)
    assert {"official", "disputed", "related", "merged"} <= set(one)
    assert len(lab.rows("stories", "-n", "1")) == 1
    (whole,) = lab.rows("stories", one["id"])
    assert {alert["topic"] for alert in whole["alerts"]} == set(one["topics"])
    assert {"reports", "facts"} <= set(whole)
    assert one["id"] in lab.run("stories").stdout
    assert one["headline"] in lab.run("stories", one["id"]).stdout
    assert "no story" in lab.run("stories", "nobody", code=1).stderr


def test_ack_takes_note_of_an_alert_for_all(lab: Lab) -> None:
    lab.write(TOPICS)
    lab.feed(FERRY)
    lab.run("once", "--all")
    made, *_ = before = lab.rows("alerts")
    assert {row["acknowledged"] for row in before} == {None}
    assert "acknowledged" in lab.run("ack", made["id"]).stdout
    assert None not in {row["acknowledged"] for row in lab.rows("alerts")}
    assert "no alert nothing" in lab.run("ack", "nothing", code=1).stderr


def test_a_silence_of_a_story_that_is_not_there_is_refused(lab: Lab) -> None:
    """A typing error must not look like a silence."""
    lab.write(TOPICS)
    lab.feed(FERRY)
    lab.run("once", "--all")
    story = lab.rows("stories")[0]["id"]
    assert "is silent until" in lab.run("silence", story, "--for", "4h").stdout
    wrong = ("0" if story[0] != "0" else "1") + story[1:]
    assert "no story" in lab.run("silence", wrong, "--for", "4h", code=1).stderr


def test_what_is_silent_is_listed_and_can_be_ended(lab: Lab) -> None:
    lab.write(TOPICS)
    lab.feed(FERRY)
    lab.run("once", "--all")
    assert "nothing is silent" in lab.run("silence").stdout
    (story, *_), (topic, *_) = lab.rows("stories"), lab.rows("alerts")
    lab.run("silence", story["id"], "--for", "4h")
    lab.run("silence", topic["topic"], "--for", "2d")
    listed = {row["target"]: row["until"] for row in lab.rows("silence")}
    assert listed.keys() == {story["id"], topic["topic"]}
    assert story["headline"][:20] in lab.run("silence").stdout
    assert "heard again" in lab.run("silence", story["id"], "--end").stdout
    assert [row["target"] for row in lab.rows("silence")] == [topic["topic"]]


@pytest.mark.parametrize(
    "words",
    [
        ("{topic}",),
        ("{topic}", "--for", "4h", "--end"),
        ("{topic}", "--for", "soon"),
        ("--for", "4h"),
        ("--end",),
    ],
)
def test_a_silence_that_is_not_said_clearly_is_refused(
    lab: Lab, words: tuple[str, ...]
) -> None:
    lab.write(TOPICS)
    lab.feed(FERRY)
    lab.run("once", "--all")
    topic = lab.rows("alerts")[0]["topic"]
    lab.run("silence", *(word.format(topic=topic) for word in words), code=2)
    assert lab.rows("silence") == []
