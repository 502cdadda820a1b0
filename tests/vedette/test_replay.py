"""Replay: the real evaluate over a file, byte for byte the same each time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.vedette.lab import Lab

TOPICS = """
topics:
  ferry: {title: Ferries, query: ferry, none: ['title:cup']}
  late: {title: Late, query: 'ferry AND late', threshold: 90}
"""
LONG = "A ferry with two hundred people on board has lost its rudder in the storm."


def replay(lab: Lab, lines: list[Any], *words: str) -> list[dict[str, Any]]:
    path = lab.folder / "items.jsonl"
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    out = lab.run("replay", "items.jsonl", *words).stdout
    return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def watched(lab: Lab) -> Lab:
    (lab.folder / "config.yaml").write_text(TOPICS, encoding="utf-8")
    return lab


def test_one_line_out_for_every_line_in_with_offsets_of_the_input(
    watched: Lab,
) -> None:
    title = "&quot;Ferry&quot; to the nörth"
    lines = [{"id": "1", "title": title}, {"id": "2", "text": "nothing"}]
    first, second = replay(watched, lines)
    (match,) = first["matches"]
    (evidence,) = match["evidence"]
    assert title[evidence["start"] : evidence["end"]] == evidence["surface"] == "Ferry"
    assert first["alerts"] == [
        {"topic": "ferry", "reason": "first", "story": first["story"]}
    ]
    assert second == {
        "id": "2",
        "matches": [],
        "duplicate_of": None,
        "story": None,
        "alerts": [],
    }


def test_topics_stopped_by_a_clause_or_the_threshold_are_listed_without_a_hit(
    watched: Lab,
) -> None:
    (row,) = replay(watched, [{"id": "1", "title": "Late ferry wins the cup"}])
    assert [(m["topic"], m["hit"]) for m in row["matches"]] == [
        ("ferry", False),
        ("late", False),
    ]
    assert not row["alerts"]


def test_duplicates_are_matched_too_but_alert_once(watched: Lab) -> None:
    lines = [{"id": "a", "text": LONG}, {"id": "b", "text": LONG.upper()}]
    first, second = replay(watched, lines)
    assert second["duplicate_of"] == "a"
    assert second["story"] == first["story"]
    assert second["matches"][0]["hit"]
    assert not second["alerts"]
    alone = replay(watched, lines, "--no-dedupe")
    assert [bool(row["alerts"]) for row in alone] == [True, True]
    assert alone[1]["duplicate_of"] is None


def test_stories_all_names_the_story_of_every_item(watched: Lab) -> None:
    (row,) = replay(watched, [{"id": "1", "text": "calm sea"}], "--stories", "all")
    assert row["story"]


def test_the_same_file_gives_equal_bytes(watched: Lab) -> None:
    lines = [{"id": str(n), "text": f"{LONG} {n}"} for n in range(5)]
    replay(watched, lines)
    once = watched.run("replay", "items.jsonl", "--json").stdout
    assert once == watched.run("replay", "items.jsonl").stdout


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "not JSON"),
        ("[]", "JSON object"),
        ('{"title": "x"}', "id is required"),
        ('{"id": "1"}', "title or a text"),
        ('{"id": "1", "title": 7}', "title is not a text"),
        ('{"id": "1", "title": "x", "published": "soon"}', "ISO 8601"),
    ],
)
def test_a_bad_line_is_exit_two_with_its_number(
    watched: Lab, line: str, problem: str
) -> None:
    path = watched.folder / "items.jsonl"
    path.write_text('{"id": "0", "title": "x"}\n' + line + "\n", encoding="utf-8")
    done = watched.run("replay", "items.jsonl", code=2)
    assert "line 2" in done.stderr
    assert problem in done.stderr


def test_absent_null_and_empty_are_the_same(watched: Lab) -> None:
    lines: list[dict[str, Any]] = [
        {"id": "1", "title": "Ferry"},
        {"id": "1", "title": "Ferry", "text": None, "lang": "", "surprise": {"x": 1}},
    ]
    first, second = (replay(watched, [line])[0] for line in lines)
    assert first == second


def test_replay_reads_no_secret_and_makes_no_store(watched: Lab) -> None:
    config = watched.folder / "config.yaml"
    config.write_text(
        TOPICS
        + "channels: {h: {kind: webhook, url: {env: NOPE}, secret: {env: NO}}}\n",
        encoding="utf-8",
    )
    replay(watched, [{"id": "1", "title": "Ferry"}])
    assert not (watched.folder / "data").exists()


def test_a_replay_holds_nothing_for_a_second_report(watched: Lab) -> None:
    config = watched.folder / "config.yaml"
    patient = "  patient: {title: P, query: ferry, alert: {first: 2}}\n"
    config.write_text(TOPICS + patient, encoding="utf-8")
    (line,) = replay(watched, [{"id": "1", "title": "The ferry is late"}])
    assert {(a["topic"], a["reason"]) for a in line["alerts"]} == {
        ("ferry", "first"),
        ("patient", "first"),
    }


def test_the_same_items_again_tell_nothing(watched: Lab) -> None:
    items = [
        {"id": str(n), "title": f"The ferry {what}", "source": f"s{n}", "text": LONG}
        for n, what in enumerate(("is late", "has sunk", "comes home"))
    ]
    out = replay(watched, [*items, *items])
    assert [a["reason"] for line in out for a in line["alerts"]] == ["first"]
