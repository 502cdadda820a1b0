"""Spellings taken from public lists of names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from alerts.matching import Borrowed, Matcher, WatchError
from alerts.model import Alias, Document, Entity, Topic

ROOT = Path(__file__).parents[2]


def place(name: str, *sources: str, names: tuple[Alias, ...] = ()) -> Entity:
    return Entity(id=name, kind="place", aliases=names, aliases_from=sources)


def compiled(*entities: Entity, cache: Path | None = None) -> Matcher:
    topics = {e.id: Topic(name=e.id, title="", query=f"@{e.id}") for e in entities}
    return Matcher.compile({e.id: e for e in entities}, topics, cache=cache)


def found(matcher: Matcher, text: str, language: str | None = None) -> set[str]:
    document = Document(title="", text=text, language=language)
    return {match.topic for match in matcher.match(document)}


def report(matcher: Matcher, entity: str) -> Borrowed:
    return next(each for each in matcher.borrowed if each.entity == entity)


@pytest.fixture(scope="module")
def both() -> Matcher:
    return compiled(
        place("dprk", "cldr:KP", "countrynames:KP"),
        place("rok", "cldr:kr", "countrynames:KR"),
        place("russia", "cldr:RU", "countrynames:RU"),
        place("usa", "cldr:US", "countrynames:US"),
    )


@pytest.mark.parametrize(
    ("entity", "text"),
    [
        ("dprk", "북한이 발표했다"),
        ("dprk", "talks with North Korea's army"),
        ("dprk", "в Северной Кореи и"),
        ("dprk", "Çin, Kuzey Kore ve"),
        ("dprk", "كوريا الشمالية"),
        ("dprk", "das Programm Nordkoreas"),
        ("dprk", "заявление КНДР"),
        ("rok", "Zuid-Korea wint"),
        ("russia", "в России"),
        ("russia", "Ռուսաստան"),
        ("usa", "los Estados Unidos"),
    ],
)
def test_a_territory_is_named_in_every_language_of_the_lists(
    both: Matcher, entity: str, text: str
) -> None:
    assert entity in found(both, text)


@pytest.mark.parametrize(
    "text",
    [
        "Korea wins the cup",
        "a Korean film",
        "THE PRK OF THE USSR",
        "kndr in small letters",
        "Rasha Omar, an actress",
        "Poo, Nev and Flo",
        "american samoa",
        "Beyaz Rusya ile",
        "Солтүстік Корея",
    ],
)
def test_what_names_two_countries_or_none_is_left_out(both: Matcher, text: str) -> None:
    assert found(both, text) - {"usa" if "samoa" in text else ""} == set()


def test_a_word_of_a_small_language_counts_in_its_texts_only(both: Matcher) -> None:
    assert found(both, "Rasha ta ce", "ha") == {"russia"}
    assert found(both, "Rasha ta ce", "en") == set()


def test_acronyms_keep_their_case(both: Matcher) -> None:
    assert all(
        alias.case for alias in report(both, "dprk").added if alias.text == "КНДР"
    )
    assert "usa" in found(both, "Von USA bis Peru", "de")
    assert "usa" not in found(both, "usa e getta", "it")


def test_the_report_says_what_came_and_what_did_not(both: Matcher) -> None:
    told = report(both, "rok")
    assert told.sources == ("cldr:kr", "countrynames:KR")
    assert len(told.added) > 100
    reasons = dict(told.left_out)
    assert reasons["Korea, Republic of"] == "a heading, not a name"
    assert reasons["KOR"] == "a code"
    assert reasons["Солтүстік Корея"] == "also a name of KP"


def test_declared_spellings_stay_as_they_are_declared() -> None:
    guarded = Alias(text="朝鲜", lang="zh", not_followed_by=("族",))
    stem = Alias(text="North Korea*", lang="en", not_preceded_by=("Cuba, ",))
    matcher = compiled(
        place("dprk", "cldr:KP", "countrynames:KP", names=(guarded, stem))
    )
    assert found(matcher, "延边朝鲜族自治州") == set()
    assert found(matcher, "Cuba, North Korean") == set()
    assert {alias.text for alias in report(matcher, "dprk").added}.isdisjoint(
        {"朝鲜", "North Korea", "North Korean"}
    )


def test_a_name_that_another_entity_declares_is_left_to_it() -> None:
    film = Entity(
        id="film", kind="thing", aliases=(Alias(text="Nordkorea", lang="de"),)
    )
    matcher = compiled(place("dprk", "cldr:KP"), film)
    assert found(matcher, "Nordkorea") == {"film"}
    assert ("Nordkorea", "also names film") in report(matcher, "dprk").left_out


def test_two_entities_that_would_get_the_same_name_get_it_neither() -> None:
    matcher = compiled(place("one", "cldr:FR"), place("two", "cldr:FR"))
    assert matcher.surfaces("one") == matcher.surfaces("two") == ()


def test_a_longer_name_of_another_country_is_not_this_one() -> None:
    matcher = compiled(place("india", "cldr:IN"), place("guinea", "cldr:GN"))
    assert found(matcher, "인도는 발표했다") == {"india"}
    assert found(matcher, "인도네시아는 발표했다") == set()
    assert found(matcher, "印度尼西亚") == set()
    assert found(matcher, "Guinea votes") == {"guinea"}
    assert found(matcher, "Equatorial Guinea and Papua New Guinea vote") == set()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("cldr", "expected cldr:CODE or countrynames:CODE"),
        ("wikidata:Q423", "expected cldr:CODE or countrynames:CODE"),
        ("cldr:XQ", "cldr has no territory 'XQ'"),
        ("countrynames:FAIL", "countrynames has no territory 'FAIL'"),
    ],
)
def test_an_unknown_list_or_code_is_told_with_its_place(source: str, said: str) -> None:
    wrong = {"e": place("e", "cldr:KP", source)}
    topics = {"t": Topic(name="t", title="", query="@nobody")}
    with pytest.raises(WatchError) as caught:
        Matcher.compile(wrong, topics)
    first, second = caught.value.problems
    assert first.path == ("entities", "e", "aliases_from", 1)
    assert said in first.message
    assert second.path == ("topics", "t", "query")


WARM = """
import sys
from pathlib import Path
from alerts.matching import Matcher
from alerts.model import Entity
entity = Entity(id="dprk", kind="place", aliases=(), aliases_from=("cldr:KP",))
matcher = Matcher.compile({"dprk": entity}, {}, cache=Path(sys.argv[1]))
print(len(matcher.borrowed[0].added) > 100)
print(sorted({"babel", "countrynames", "pymorphy3", "lark"} & set(sys.modules)))
"""


def test_a_warm_start_loads_neither_list(tmp_path: Path) -> None:
    for wanted in ("babel", "[]"):
        done = subprocess.run(
            [sys.executable, "-c", WARM, str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        assert done.stdout.startswith("True\n")
        assert wanted in done.stdout


def test_a_warm_start_gives_the_same_aliases(tmp_path: Path) -> None:
    entity = place("rok", "cldr:KR", "countrynames:KR")
    cold = compiled(entity, cache=tmp_path)
    warm = compiled(entity, cache=tmp_path)
    assert cold.borrowed == warm.borrowed
    for path in tmp_path.glob("aliases-*"):
        path.write_text('[["rok", [], [[1]], []]]')
    assert compiled(entity, cache=tmp_path).borrowed == cold.borrowed
