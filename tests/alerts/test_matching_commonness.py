"""Spellings that ordinary sentences hold are told before they alert all day."""

from __future__ import annotations

from alerts.matching import Matcher
from alerts.matching.sample import SAMPLE
from alerts.model import Alias, Entity
from benchmarks.forms import load_pack


def told(*aliases: Alias) -> dict[str, tuple[int, str, int]]:
    entity = Entity(id="e", kind="thing", aliases=aliases)
    common = Matcher.compile({"e": entity}, {}).too_common()
    return {each.alias: (each.index, each.language, each.hits) for each in common}


def test_every_language_has_twenty_different_sentences() -> None:
    for language, text in SAMPLE.items():
        assert len(set(text.splitlines())) == 20, language


def test_a_spelling_in_more_than_one_of_twenty_sentences_is_told() -> None:
    rare, common = Alias(text="beetle", lang="en"), Alias(text="for", lang="en")
    found = told(rare, common, Alias(text="tha*", lang="en"))
    assert set(found) == {"for", "tha*"}
    assert found["for"][:2] == (1, "en")
    assert found["tha*"][2] >= 2


def test_forms_count_for_the_spelling_they_come_from() -> None:
    found = told(Alias(text="дерево", lang="ru"), Alias(text="суд", lang="ru"))
    assert "дерево" not in found
    assert told(Alias(text="хлеб", lang="ru"))["хлеб"] == (0, "ru", 2)


def test_a_guarded_spelling_counts_only_where_it_would_hit() -> None:
    assert told(Alias(text="for", lang="en", when="zebra")) == {}


def test_the_shipped_pack_has_none() -> None:
    assert Matcher.compile(*load_pack()).too_common() == ()
