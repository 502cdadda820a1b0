"""``why`` driven into each of its gates, on the real program."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.vedette.lab import Lab

TOPICS = """
topics:
  ferry:
    title: Ferries
    query: ferry
    any: [{query: storm, points: 20}]
    none: ['title:toy']
    threshold: 70
  strike: {title: Strikes, query: strike, alert: off}
  korean: {title: Korean only, query: harbour, scope: {languages: [ko]}}
  calm: {title: Calm, query: lagoon}
"""

STORM = "The ferry is caught in a storm off the southern cape tonight"
WRECK = "Divers find wreck of a ferry that a storm sank in 1911"


def entry(slug: str, title: str, **more: Any) -> dict[str, Any]:
    return {"slug": slug, "title": title, **more}


@pytest.fixture
def seen(lab: Lab) -> Lab:
    """A store in which one item stands at every gate."""
    lab.feed(
        entry("storm", STORM),
        entry("copy", STORM, text=""),
        entry("low", "Old ferry", text="x " * 200 + "is sold at last for scrap"),
        entry("toy", "Toy ferry in a storm of colours"),
        entry("shadow", "A strike closes every station of the line"),
        entry("scope", "The harbour gets a new crane next spring"),
        entry("none", "Nothing of interest happened on this day"),
        entry("old", WRECK, age=timedelta(days=9)),
        entry("undated", "Poet laureate writes of love, a ferry and a storm", age=None),
    )
    lab.write(TOPICS)
    lab.run("once")
    return lab


def why(lab: Lab, slug: str, *words: str) -> tuple[dict[str, Any], str]:
    url = f"http://127.0.0.1/{slug}"
    text = lab.run("why", url, *words).stdout
    data: dict[str, Any] = json.loads(lab.run("why", url, *words, "--json").stdout)
    return data, text


def test_why_says_at_which_gate_each_item_stands(seen: Lab) -> None:
    data, text = why(seen, "storm")
    assert data["gate"] == "alerted"
    assert "score" in text
    assert "“ferry”" in text
    assert data["deliveries"]

    data, text = why(seen, "copy")
    assert data["gate"] == "duplicate"
    assert "duplicate of" in text

    data, text = why(seen, "low")
    (topic,) = data["topics"]
    assert topic["gate"] == "below_threshold"
    assert f"below threshold by {topic['below_by']:g}" in text
    assert topic["score"] + topic["below_by"] == topic["threshold"]

    data, text = why(seen, "toy")
    assert data["topics"][0]["gate"] == "none_clause"
    assert "toy" in text

    assert why(seen, "shadow")[0]["gate"] == "shadow"
    assert why(seen, "none")[0]["gate"] == "no_topic"
    assert why(seen, "old")[0]["gate"] == "old"
    assert why(seen, "undated")[0]["gate"] == "undated_first_poll"


def test_why_of_one_topic_judges_it_in_full(seen: Lab) -> None:
    data, text = why(seen, "none", "--topic", "calm")
    assert data["topics"][0]["gate"] == "query_not_met"
    assert "does not hold" in text
    data, _ = why(seen, "scope", "--topic", "korean")
    assert data["topics"][0]["gate"] == "out_of_scope"
    assert "Did you mean" in seen.run("why", "x", "--topic", "ferri", code=2).stderr


def test_why_of_an_unknown_page_says_not_fetched(seen: Lab) -> None:
    data, text = why(seen, "never-seen")
    assert data["gate"] == "not_fetched"
    assert "not fetched" in text
    assert data["sources_on_host"][0]["source"] == "wire"


def test_why_of_a_silenced_topic_says_until_when(lab: Lab) -> None:
    lab.feed()
    lab.write(TOPICS)
    lab.run("once")
    assert "silent until" in lab.run("silence", "ferry", "--for", "4h").stdout
    lab.feed(entry("storm", STORM))
    lab.run("once", "--all")
    data, text = why(lab, "storm")
    assert data["gate"] == "silenced"
    assert "silenced until" in text
    assert not lab.hook.messages


def test_why_finds_an_item_by_its_id(seen: Lab) -> None:
    known = why(seen, "storm")[0]["item"]
    assert seen.rows("why", known)[0]["url"] == "http://127.0.0.1/storm"
