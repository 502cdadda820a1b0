from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from alerts.entityfile import alias_path, read_entities
from alerts.model import Alias, Clause, Entity, Escalate, Scope, Severity, Topic
from alerts.topicfile import read_topics, unknown_sources


def entity_mistakes(entry: Any) -> dict[str, str]:
    entities, found = read_entities({"e": entry})
    assert entities == {}
    return {".".join(map(str, each.path[2:])): each.message for each in found}


def topic_mistakes(**keys: Any) -> dict[str, str]:
    topics, found = read_topics({"t": {"query": "x", **keys}}, channels=["desk"])
    assert topics == {}
    return {".".join(map(str, each.path[2:])): each.message for each in found}


def test_aliases_may_be_texts_or_mappings_alone_or_listed() -> None:
    data = {
        "dprk": {
            "kind": "place",
            "names": {
                "en": ["North Korea*", {"text": "DPRK", "case": True}],
                "ko": "북한",
                "ru": {"text": "КНДР", "lang": "uk"},
            },
        }
    }
    entities, found = read_entities(data)
    assert found == []
    assert entities["dprk"] == Entity(
        id="dprk",
        kind="place",
        aliases=(
            Alias(text="North Korea*", lang="en"),
            Alias(text="DPRK", lang="en", case=True),
            Alias(text="북한", lang="ko"),
            Alias(text="КНДР", lang="uk"),
        ),
    )


def test_every_key_of_an_alias_and_of_an_entity_arrives() -> None:
    alias = {
        "text": "NK",
        "case": True,
        "boundary": "word",
        "inflect": "name",
        "fuzzy": 1,
        "when": "@dprk",
        "not_followed_by": "cells",
        "not_preceded_by": ["Studio", "Label"],
        "not_near": {"query": "biolog*", "within": 7},
    }
    data = {
        "e": {
            "kind": "thing",
            "fuzzy": "off",
            "deny": ["NKU"],
            "aliases_from": ["cldr:KP"],
            "names": {"en": alias},
        }
    }
    entities, found = read_entities(data)
    assert found == []
    assert entities["e"] == Entity(
        id="e",
        kind="thing",
        fuzzy="off",
        deny=("NKU",),
        aliases_from=("cldr:KP",),
        aliases=(
            Alias(
                text="NK",
                lang="en",
                case=True,
                boundary="word",
                inflect="name",
                fuzzy=1,
                when="@dprk",
                not_followed_by=("cells",),
                not_preceded_by=("Studio", "Label"),
                not_near=("biolog*", 7),
            ),
        ),
    )


def test_an_entity_may_leave_its_spellings_to_a_list() -> None:
    data = {"e": {"kind": "place", "aliases_from": "cldr:KP"}}
    entities, found = read_entities(data)
    assert found == []
    assert entities["e"].aliases == ()
    assert entities["e"].aliases_from == ("cldr:KP",)


@pytest.mark.parametrize(
    ("entry", "path", "said"),
    [
        ({"kind": "country"}, "kind", "expected one of place, org, person, thing"),
        ({"names": {}}, "names", "at least one spelling"),
        ({"names": {"en": []}}, "names", "at least one spelling"),
        ({"names": {"en": [38]}}, "names.en.0", "expected a mapping of keys, got the"),
        ({"names": {"en": [""]}}, "names.en.0.text", "expected text, got nothing"),
        ({"names": {"english": ["x"]}}, "names.english", "expected a language code"),
        ({"names": ["x"]}, "names", "expected a mapping of keys, got a list"),
        (
            {"names": {"en": [{"text": "x", "cased": True}]}},
            "names.en.0.cased",
            "unknown key. Did you mean case?",
        ),
        (
            {"names": {"en": [{"text": "x", "boundary": "words"}]}},
            "names.en.0.boundary",
            "Did you mean word?",
        ),
        ({"fuzzy": 9}, "fuzzy", "expected auto, off or a number of edits from 0 to 3"),
        ({"fuzzy": []}, "fuzzy", "expected auto, off or a number"),
        ({"fuzzy": True}, "fuzzy", "expected auto, off or a number"),
        (
            {
                "names": {
                    "en": [{"text": "x", "not_near": {"query": "y", "within": 51}}]
                }
            },
            "names.en.0.not_near.within",
            "expected a number of at most 50",
        ),
    ],
)
def test_a_wrong_entity_is_told_by_path(
    entry: dict[str, Any], path: str, said: str
) -> None:
    found = entity_mistakes({"kind": "org", "names": {"en": ["x"]}, **entry})
    assert list(found) == [path]
    assert said in found[path]


def test_an_index_into_the_aliases_leads_back_to_the_file() -> None:
    data = {"e": {"kind": "org", "names": {"en": ["a", "b"], "ko": "c", "ru": ["d"]}}}
    entities, _ = read_entities(data)
    assert [alias.text for alias in entities["e"].aliases] == ["a", "b", "c", "d"]
    assert [alias_path(data, "e", index) for index in range(5)] == [
        ("entities", "e", "names", "en", 0),
        ("entities", "e", "names", "en", 1),
        ("entities", "e", "names", "ko"),
        ("entities", "e", "names", "ru", 0),
        ("entities", "e", "names"),
    ]
    assert alias_path(None, "e", 0) == ("entities", "e", "names")


def test_a_topic_of_a_query_alone_has_the_documented_defaults() -> None:
    topics, found = read_topics({"t": {"query": "x"}}, channels=())
    assert found == []
    assert topics["t"] == Topic(
        name="t",
        title="t",
        query="x",
        severity=Severity.NORMAL,
        threshold=50,
        first=1,
        scope=Scope(),
        to=None,
        off=False,
    )


def test_every_key_of_a_topic_arrives() -> None:
    entry = {
        "title": "T",
        "severity": "critical",
        "query": "@a NEAR/5 @b",
        "any": [{"query": "x", "points": 20}, {"query": "y", "points": 2.5}],
        "none": ['title:"K-pop"'],
        "threshold": 60,
        "scope": {"tags": ["eu"], "languages": "ko", "sources": ["a"]},
        "alert": {
            "to": "desk",
            "first": 2,
            "escalate": {"after": "30m", "to": ["hook"]},
        },
        "examples": {"hit": ["a text"], "miss": "another\nof two lines"},
    }
    topics, found = read_topics({"t": entry}, channels=["desk", "hook"])
    assert found == []
    assert topics["t"] == Topic(
        name="t",
        title="T",
        severity=Severity.CRITICAL,
        query="@a NEAR/5 @b",
        any=(Clause(query="x", points=20), Clause(query="y", points=2.5)),
        none=('title:"K-pop"',),
        threshold=60,
        scope=Scope(tags=("eu",), languages=("ko",), sources=("a",)),
        to=("desk",),
        first=2,
        escalate=Escalate(after=timedelta(minutes=30), to=("hook",)),
        hits=("a text",),
        misses=("another\nof two lines",),
    )


@pytest.mark.parametrize("off", ["off", False, {"off": True}])
def test_alert_off_makes_a_shadow(off: Any) -> None:
    topics, _ = read_topics({"t": {"query": "x", "alert": off}}, channels=())
    assert topics["t"].off


@pytest.mark.parametrize(
    ("keys", "path", "said"),
    [
        ({"treshold": 60}, "treshold", "unknown key. Did you mean threshold?"),
        ({"threshold": 101}, "threshold", "expected a number of at most 100"),
        ({"threshold": "60"}, "threshold", "expected a number, got text"),
        ({"severity": "hihg"}, "severity", "Did you mean high?"),
        ({"query": " "}, "query", "expected text, got nothing"),
        ({"any": [{"query": "x"}]}, "any.0.points", "required and missing"),
        ({"any": ["x"]}, "any.0", "expected a mapping of keys, got text"),
        ({"alert": "on"}, "alert", "expected a mapping of keys, got text"),
        ({"alert": {"to": []}}, "alert.to", "name a channel, or write `alert: off`"),
        ({"alert": {"to": ["dsk"]}}, "alert.to.0", "Did you mean desk?"),
        ({"alert": {"to": "dsk"}}, "alert.to.0", "there is no channel 'dsk'"),
        ({"alert": {"first": 0}}, "alert.first", "a number of at least 1"),
        (
            {"alert": {"escalate": {"after": "30m", "to": ["phone"]}}},
            "alert.escalate.to.0",
            "there is no channel 'phone'",
        ),
        ({"examples": {"hits": ["x"]}}, "examples.hits", "Did you mean hit?"),
    ],
)
def test_a_wrong_topic_is_told_by_path(
    keys: dict[str, Any], path: str, said: str
) -> None:
    found = topic_mistakes(**keys)
    assert list(found) == [path]
    assert said in found[path]


def test_an_unknown_channel_is_told_beside_the_other_mistakes() -> None:
    found = topic_mistakes(severty="high", alert={"to": ["dsk"]})
    assert set(found) == {"severty", "alert.to.0"}


def test_a_scope_with_an_unknown_source_is_found() -> None:
    entry = {"query": "x", "scope": {"sources": ["eunews", "tas"]}}
    topics, _ = read_topics({"t": entry}, channels=())
    (found,) = unknown_sources(topics, ["eunews", "tass"])
    assert found.path == ("topics", "t", "scope", "sources", 1)
    assert found.message == "there is no source 'tas'. Did you mean tass?"


def test_an_entity_without_a_kind_is_a_thing() -> None:
    entities, mistakes = read_entities({"e": {"names": {"en": "drone swarm"}}})
    assert mistakes == []
    assert entities["e"].kind == "thing"
