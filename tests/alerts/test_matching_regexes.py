from __future__ import annotations

import logging
import time

import pytest

from alerts.matching import Matcher, WatchError
from alerts.matching.regexes import ITEM_S, PatternError, Patterns, check
from alerts.model import Document, Topic


@pytest.mark.parametrize(
    "source",
    [
        *(r"(a+)+$", r"(.*?,){12}P", r"(a|aa)+$", r"^(\w+\s?)+$", r"^(\w+\s?)*$"),
        *(r"a" * 2_001, r"(", r"a{2,1}", r"(?P<x"),
    ],
)
def test_a_hostile_or_broken_pattern_is_refused_at_load(source: str) -> None:
    """A36, A37."""
    began = time.perf_counter()
    with pytest.raises(PatternError):
        check(source)
    assert time.perf_counter() - began < 3


@pytest.mark.parametrize(
    "source",
    [
        *(r"a{1,5000}", r"\bKurs[kc]\b", r"[가-힣]{2,}군", r"\w+\s\w+"),
        *(r"(?:\w+ ){3}troops", r"\d+ (soldiers|troops)", r"Kim.{0,50}Putin"),
    ],
)
def test_an_honest_pattern_is_accepted(source: str) -> None:
    """A37: large counts are bounded by the engine."""
    check(source)


def test_a_pattern_that_runs_out_of_time_is_switched_off_and_the_item_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A36: found only on the item, since no probe text looks like it."""
    hostile = r"(zq+)+(zq|z)+(q|zq)*#"
    text = "zq" * 4_000 + " Kursk"
    topics = {
        "slow": Topic(name="slow", title="", query=f"/{hostile}/"),
        "word": Topic(name="word", title="", query="kursk"),
        "mild": Topic(name="mild", title="", query="/kur.k/"),
    }
    matcher = Matcher.compile({}, topics)
    began = time.perf_counter()
    with caplog.at_level(logging.WARNING):
        found = matcher.match(Document(title="", text=text))
    assert time.perf_counter() - began < 4 * ITEM_S
    assert [match.topic for match in found] == ["mild", "word"]
    assert matcher.disabled == (hostile,)
    assert "switched off" in caplog.text


def test_patterns_that_match_everywhere_keep_to_the_budget_of_an_item() -> None:
    """A36: the places of 200 x 200 finds cost more than finding them."""
    query = " OR ".join(rf"/[zq]|z{{1,{number + 9}}}/" for number in range(200))
    topics = {
        "wide": Topic(name="wide", title="", query=query),
        "word": Topic(name="word", title="", query="kursk"),
    }
    matcher = Matcher.compile({}, topics)
    text = "zqvzqh  &amp; ﬁ Росси́я " * 8_000
    began = time.perf_counter()
    found = matcher.match(Document(title="Kursk", text=text))
    assert time.perf_counter() - began < 4 * ITEM_S
    assert [match.topic for match in found] == ["wide", "word"]
    assert matcher.disabled == ()


def test_ten_thousand_patterns_are_refused() -> None:
    """A37."""
    query = " OR ".join(f"/x{number}/" for number in range(201))
    with pytest.raises(WatchError, match="more than 200 regexes"):
        Matcher.compile({}, {"t": Topic(name="t", title="", query=query)})


def test_a_disabled_pattern_finds_nothing_any_more() -> None:
    patterns = Patterns(("a",))
    patterns.disabled.add("a")
    assert patterns.find("a", "aaa", 1.0) == []
