"""A source falls ill and gets well: the real program says each once."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.vedette.lab import get

if TYPE_CHECKING:
    from tests.vedette.lab import Lab

TOPICS = "topics:\n  ferry: {query: ferry}\n"
CHALLENGE = b"""<!DOCTYPE html><html><head><title>Just a moment...</title></head>
<body><h1>Checking your browser before you proceed</h1></body></html>"""
CUP: dict[str, Any] = {"title": "Harbour Cup goes to extra time", "slug": "cup"}
QUIET = "heartbeat: off\n"


def pass_time(lab: Lab, span: timedelta) -> None:
    """Put everything the store remembers back, as if so much time had passed."""
    back = span // timedelta(microseconds=1)
    times = {
        "source": "adopted, attempted, succeeded, first_succeeded, due",
        "episode": "since, opened, ended",
    }
    with contextlib.closing(sqlite3.connect(lab.folder / "data/vedette.db")) as db:
        for table, names in times.items():
            changes = ", ".join(f"{n} = {n} - {back}" for n in names.split(", "))
            db.execute(f"UPDATE {table} SET {changes}")  # noqa: S608 - our own names
        db.commit()


def messages(lab: Lab, kind: str) -> list[dict[str, Any]]:
    """The data of every message of a type that the webhook got."""
    bodies = [json.loads(message.body) for message in lab.hook.messages]
    return [body["data"] for body in bodies if body["type"] == kind]


def told(lab: Lab) -> list[dict[str, Any]]:
    """The data of every message about sources that the webhook got."""
    return messages(lab, "source.silent")


def test_a_challenge_page_is_told_once_and_its_end_once(lab: Lab) -> None:
    lab.feed(CUP)
    lab.write(TOPICS + QUIET)
    lab.run("once")
    lab.pages["/feed.xml"] = CHALLENGE
    for _ in range(5):
        pass_time(lab, timedelta(hours=2))
        lab.run("once", "--all", code=1)
    (alarm,) = told(lab)
    assert alarm["state"] == "silent"
    assert [one["name"] for one in alarm["sources"]] == ["wire"]
    assert alarm["sources"][0]["reason"] == "challenge"
    (row,) = lab.rows("sources", "--health")
    assert [one["reason"] for one in row["trouble"]] == ["challenge"]
    assert "challenge since" in lab.run("sources", "--health").stdout
    lab.feed(CUP)
    for _ in range(2):
        pass_time(lab, timedelta(hours=2))
        lab.run("once", "--all")
    assert [one["state"] for one in told(lab)] == ["silent", "recovered"]
    assert len({message.id for message in lab.hook.messages}) == 2
    assert len(lab.post.mails) == 2
    (row,) = lab.rows("sources", "--health")
    assert row["trouble"] == []


def test_a_daily_heartbeat_comes_once_a_day_and_late_rather_than_never(
    lab: Lab,
) -> None:
    lab.feed(CUP)
    lab.write(TOPICS + "heartbeat: {to: hook}\n")
    lab.run("once")
    assert not messages(lab, "heartbeat"), "the watch is younger than 08:00 today"
    for _ in range(2):
        pass_time(lab, timedelta(hours=24))
        lab.run("once", "--all")
        lab.run("once")
    (one,) = messages(lab, "heartbeat")
    assert one["text"] == "1/1 sources healthy; nothing matched"
    assert not lab.post.mails


def test_no_network_is_one_message_from_the_running_daemon(lab: Lab) -> None:
    """Five sources, all refusing connections: one webhook, also over a restart."""
    dead = "".join(
        f"  s{n}: {{kind: feed, url: 'http://127.0.0.1:9/{n}'}}\n" for n in range(5)
    )
    lab.write(TOPICS + QUIET, sources=dead)
    for _ in range(2):
        lab.run("once", "--all", code=1)
        pass_time(lab, timedelta(hours=1))
    (alarm,) = told(lab)
    assert [one["name"] for one in alarm["sources"]] == ["*"]
    assert "5 of 5 sources fail" in alarm["sources"][0]["detail"]
    with lab.daemon() as (_, health):
        metrics = get(health.replace("/healthz", "/metrics"))[1].decode()
    assert 'vedette_sources_in_trouble{ailment="unreachable"} 1.0' in metrics
    lab.run("once", "--all", code=1)
    assert len(told(lab)) == 1
