"""One pass of the real program over real servers."""

from __future__ import annotations

import email
import email.policy
import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers.http import Reply

if TYPE_CHECKING:
    from tests.vedette.lab import Lab

SEED = Path(__file__).parents[2].parent / "shared/data/match/seed_article.txt"
PACK = "include: [pack:eu-korea-russia/entities, pack:eu-korea-russia/topics]"

TOPICS = """
topics:
  ferry: {title: Ferries, query: ferry}
  strike: {title: Strikes, query: strike, severity: high}
  port: {title: Ports, query: port, severity: low}
"""

FERRY: dict[str, Any] = {
    "title": "The ferry to the north island is late because of a strike",
    "text": "Passengers waited for three hours in the rain.",
    "slug": "ferry",
}
CUP: dict[str, Any] = {"title": "Harbour Cup goes to extra time", "slug": "cup"}


def subjects(lab: Lab) -> list[str]:
    return [
        str(email.message_from_bytes(m.content, policy=email.policy.default)["Subject"])
        for m in lab.post.mails
    ]


def test_one_item_becomes_one_mail_and_one_signed_webhook(lab: Lab) -> None:
    lab.feed(FERRY, CUP)
    lab.write(TOPICS)
    done = lab.run("once")
    assert "polled 1 sources, 2 items" in done.stdout
    assert subjects(lab) == [f"[high] {FERRY['title']} (strike)"]
    (message,) = lab.hook.messages
    body = json.loads(message.body)
    assert body["type"] == "alert.opened"
    assert body["data"]["topic"]["name"] == "strike"
    assert body["data"]["also"] == ["ferry"]
    assert body["data"]["item"]["owner"] == "harbour"
    for evidence in body["data"]["evidence"]:
        text = FERRY[evidence["field"]]
        span = slice(evidence["start"], evidence["end"])
        assert text[span] == evidence["surface"]


def test_a_second_pass_sends_nothing(lab: Lab) -> None:
    """I8: re-polling unchanged or reordered content brings no new alert."""
    lab.feed(FERRY, CUP)
    lab.write(TOPICS)
    lab.run("once")
    lab.feed(CUP, FERRY)
    lab.run("once", "--all")
    lab.run("once")
    assert len(lab.hook.messages) == len(lab.post.mails) == 1


def test_a_low_topic_waits_for_its_digest(lab: Lab) -> None:
    lab.feed({"title": "The old port has new tiles at last", "slug": "port"})
    lab.write(TOPICS)
    lab.run("once")
    assert not lab.hook.messages
    rows = lab.rows("outbox")
    assert {row["type"] for row in rows} == {"digest"}
    assert {row["state"] for row in rows} == {"pending"}


def test_old_and_undated_items_of_a_new_source_never_alert(lab: Lab) -> None:
    lab.feed(
        {**FERRY, "slug": "old", "age": timedelta(days=3)},
        {**FERRY, "slug": "undated", "age": None, "title": "Undated ferry news"},
    )
    lab.write(TOPICS)
    lab.run("once")
    assert not lab.hook.messages
    assert {a["gate"] for a in lab.rows("why", "http://127.0.0.1/old")} == {"old"}


def test_a_failing_receiver_is_retried_with_the_same_id(lab: Lab) -> None:
    """I5: one id, one content, over retries."""
    lab.feed(FERRY)
    lab.write(TOPICS)
    lab.hook.replies.append(Reply(status=503))
    assert "temporary" in lab.run("once", code=1).stderr
    (row,) = [r for r in lab.rows("outbox") if r["channel"] == "hook"]
    assert row["state"] == "pending"
    lab.run("outbox", "retry", row["id"])
    lab.run("once")
    first, second = lab.hook.messages
    assert first.id == second.id == row["id"]
    assert first.body == second.body


def test_a_failing_source_is_exit_one_and_does_not_stop_the_others(lab: Lab) -> None:
    lab.feed(FERRY)
    url = lab.site.url("/feed.xml")
    lab.write(
        TOPICS,
        sources=f"  wire: {{kind: feed, url: {url}, article: never}}\n"
        f"  gone: {{kind: feed, url: {lab.site.url('/nothing.xml')}}}\n",
    )
    assert "source gone: not_found" in lab.run("once", code=1).stderr
    assert len(lab.hook.messages) == 1
    states = {row["name"]: row for row in lab.rows("sources")}
    assert states["gone"]["state"] == "failing"
    assert states["gone"]["reason"] == "not_found"
    assert states["wire"]["yield"] == 1


def test_catching_up_sends_at_most_one_message_a_topic(lab: Lab) -> None:
    lab.feed(
        *(
            {"title": f"Ferry number {n} stays in the harbour tonight", "slug": str(n)}
            for n in range(12)
        )
    )
    lab.write(TOPICS)
    lab.run("once")
    assert len(lab.hook.messages) == 1


def test_once_refuses_a_config_without_sources_or_secrets(lab: Lab) -> None:
    config = lab.write(TOPICS)
    text = config.read_text()
    config.write_text(text.replace("LAB_SECRET", "NO_SUCH_SECRET"))
    done = lab.run("once", code=2)
    assert "NO_SUCH_SECRET" in done.stderr
    assert "config.yaml:" in done.stderr
    config.write_text("channels: {screen: {kind: console}}\n")
    assert "no source" in lab.run("once", code=2).stderr


@pytest.mark.corpus
@pytest.mark.skipif(not SEED.exists(), reason="../shared/data is not here")
def test_the_seed_article_is_one_mail_and_one_webhook_naming_its_topics(
    lab: Lab,
) -> None:
    lab.feed(
        {
            "title": "EU-South Korea axis strengthens",
            "text": SEED.read_text(encoding="utf-8"),
            "slug": "axis",
        },
        CUP,
    )
    lab.write(include=PACK)
    lab.run("once")
    (message,) = lab.hook.messages
    data = json.loads(message.body)["data"]
    named = {data["topic"]["name"], *data["also"]}
    assert named >= {
        "dprk-russia",
        "dprk-troops",
        "eu-rok",
        "eu-japan",
        "inter-korean",
        "kursk",
        "nis-briefings",
    }
    misspelled = [e for e in data["evidence"] if e["surface"] == "Yoon Sul Yeol"]
    assert misspelled[0]["entity"] == "yoon-suk-yeol"
    assert misspelled[0]["how"] == "fuzzy(d=1)"
    (mail,) = lab.post.mails
    assert b"Yoon Sul Yeol" in mail.content
    lab.run("once", "--all")
    assert len(lab.hook.messages) == len(lab.post.mails) == 1
