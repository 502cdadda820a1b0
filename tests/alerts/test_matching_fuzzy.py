"""Names with wrong letters: guessed names of persons, and numbers of the watch."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.entityfile import read_entities
from alerts.errors import EntityError
from alerts.matching import Matcher, WatchError
from alerts.model import Document, Match, Topic
from crawler.configfile import load_document

YOON = {"yoon": {"kind": "person", "fuzzy": "auto", "names": {"en": ["Yoon Suk Yeol"]}}}
KINDS = ("place", "org", "person", "thing")
PACK = Path(__file__).parents[2] / "alerts/packs/eu-korea-russia/entities.yaml"


def judge(entities: object, text: str, query: str = "@e") -> Match:
    read, mistakes = read_entities(entities)
    assert mistakes == []
    matcher = Matcher.compile(read, {"t": Topic(name="t", title="", query=query)})
    return matcher.explain(Document(title="", text=text), "t")


def named(entities: object, text: str, query: str = "@e") -> list[tuple[str, str]]:
    """(surface, how) of every piece of evidence."""
    return [(p.surface, p.how) for p in judge(entities, text, query).evidence]


def one(text: str, fuzzy: object, kind: str = "thing", lang: str = "en") -> object:
    names = {lang: [{"text": text, "fuzzy": fuzzy}]}
    return {"e": {"kind": kind, "names": names}}


def problems(entities: object) -> list[str]:
    with pytest.raises(WatchError) as caught:
        judge(entities, "")
    assert all(isinstance(each, EntityError) for each in caught.value.problems)
    return [str(each) for each in caught.value.problems]


# --- guessed names --------------------------------------------------------------------


def test_a_part_of_the_very_name_is_anchor_enough() -> None:
    found = named(YOON, "President Yoon Sul Yeol spoke", "@yoon")
    assert found == [("Yoon Sul Yeol", "fuzzy(d=1)")]


def test_the_anchor_may_stand_elsewhere_in_the_text() -> None:
    assert named(YOON, "Yoonsuk Yeo spoke", "@yoon") == []
    found = named(YOON, "Yoonsuk Yeo spoke. So did Mr Yoon.", "@yoon")
    assert found == [("Yoonsuk Yeo", "fuzzy(d=1)")]


def test_a_part_of_another_name_is_no_anchor() -> None:
    watch = YOON | {"p": {"kind": "person", "names": {"en": ["Roman Petrov Ivanov"]}}}
    assert named(watch, "Yoonsuk Yeo met Roman Roman", "@yoon") == []


def test_the_right_spelling_elsewhere_hides_no_wrong_one() -> None:
    text = "Yoon Suk Yeol left. President Yoon Sul Yeol returned, said Yoon Suk Yeol."
    assert named(YOON, text, "@yoon") == [
        ("Yoon Suk Yeol", "exact"),
        ("Yoon Sul Yeol", "fuzzy(d=1)"),
        ("Yoon Suk Yeol", "exact"),
    ]


def test_a_right_spelling_with_a_stray_letter_is_not_a_wrong_one() -> None:
    found = named(YOON, "For Yoon Suk Yeol A Day", "@yoon")
    assert found == [("Yoon Suk Yeol", "exact")]


def test_the_pack_names_a_misspelled_president_beside_his_title() -> None:
    data = load_document(PACK).data["entities"]
    found = named(data, "President Yoon Sul Yeol visited Seoul", "@yoon-suk-yeol")
    assert ("Yoon Sul Yeol", "fuzzy(d=1)") in found


def test_a_wrong_spelling_over_a_right_one_counts_once() -> None:
    names = {"en": ["Yoon Suk Yeol", "President Yoon", "Yoon"]}
    watch = {"e": {"kind": "person", "names": names}}
    text = "President Yoon Sul Yeol spoke. " + "word " * 95
    found = judge(watch, text)
    # 1 mention in 100 words is half of one in fifty
    assert dict(found.parts)["density"] == 2.5
    assert judge(watch, text, "ATLEAST/2 (@e)").score == 0


def test_twenty_right_spellings_do_not_crowd_out_the_wrong_one() -> None:
    text = "Yoon Suk Yeol. " * 30 + "Yoon Sul Yeol."
    assert ("Yoon Sul Yeol", "fuzzy(d=1)") in named(YOON, text, "@yoon")


# --- numbers of the watch -------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("alias", "lang", "fuzzy", "text", "surface"),
    [
        ("Vladivostok", "en", 1, "in Vladivostock today", "Vladivostock"),
        ("Vladivostok", "en", "auto", "in Vladivostock today", "Vladivostock"),
        ("Lavrov", "en", 1, "and Lawrov's view", "Lawrov"),
        ("Kursk", "en", 1, "near Cursk", "Cursk"),
        ("Kursk", "en", 1, "near Krusk", "Krusk"),
        ("Pokrovsk", "en", 2, "near Prokrovks", "Prokrovks"),
        ("munitions", "en", 1, "the munitons came", "munitons"),
        ("Bank of Korea", "en", 1, "the Bank of Corea", "Bank of Corea"),
        ("Юн Сок Ёль", "ru", 1, "президент Юн Сук Ёль", "Юн Сук Ёль"),
        ("Лавров", "ru", 1, "сказал Лафров", "Лафров"),
        ("Зеленський", "uk", 1, "сказав Зеленьський", "Зеленьський"),
    ],
)
def test_a_number_is_honoured_for_every_kind_length_and_spaced_script(
    kind: str, alias: str, lang: str, fuzzy: object, text: str, surface: str
) -> None:
    ((found, how),) = named(one(alias, fuzzy, kind, lang), text)
    assert found == surface
    assert how == f"fuzzy(d={fuzzy if isinstance(fuzzy, int) else 1})"


def test_a_number_for_the_entity_holds_for_its_spaced_scripts() -> None:
    names = {"en": "Lavrov", "ru": "Лавров", "ko": "라브로프"}
    watch = {"e": {"kind": "person", "fuzzy": 1, "names": names}}
    assert named(watch, "Lawrov, Лафров, 라브로프") == [
        ("Lawrov", "fuzzy(d=1)"),
        ("Лафров", "fuzzy(d=1)"),
        ("라브로프", "exact"),
    ]


def test_forms_of_a_name_may_be_misspelled_too() -> None:
    found = named(one("Юн Сок Ёль", 1, "person", "ru"), "с Юн Сук Ёлем")
    assert found == [("Юн Сук Ёлем", "fuzzy(d=1)")]


@pytest.mark.parametrize(
    ("fuzzy", "text"),
    [
        (1, "Lawroff"),
        (1, "Slawrov and Laurovs"),
        (1, "La. vrov"),
        ("off", "Lawrov"),
        ("auto", "Lawrov"),
        (0, "Lawrov"),
    ],
)
def test_no_more_wrong_letters_than_allowed(fuzzy: object, text: str) -> None:
    assert named(one("Lavrov", fuzzy, "place"), text) == []


def test_denied_spellings_and_conditions_hold_for_wrong_letters_too() -> None:
    alias = {"text": "Lavrov", "fuzzy": 1, "when": "moscow"}
    watch = {"e": {"names": {"en": [alias]}, "deny": ["Lavrow"]}}
    assert named(watch, "Lawrov") == []
    assert named(watch, "Lawrov in Moscow") == [("Lawrov", "fuzzy(d=1)")]
    assert named(watch, "Lavrow in Moscow") == []


@pytest.mark.parametrize(
    ("alias", "words"),
    [
        ({"text": "북한", "fuzzy": 1}, "Hangul"),
        ({"text": "金正恩", "fuzzy": 1}, "Han,"),
        ({"text": "プーチン", "fuzzy": 1}, "kana"),
        ({"text": "Lavro*", "fuzzy": 1}, "no end"),
        ({"text": "DPRK", "fuzzy": 1, "case": True}, "case: true"),
        ({"text": "Kim", "fuzzy": 2}, "at least 6 letters"),
    ],
)
def test_a_number_that_cannot_be_honoured_is_refused_with_its_place(
    alias: dict[str, object], words: str
) -> None:
    (problem,) = problems({"e": {"names": {"en": ["fine", alias]}}})
    assert problem.startswith("entities.e.aliases.1.fuzzy: ")
    assert words in problem


def test_an_entity_of_cjk_names_alone_takes_no_number() -> None:
    (problem,) = problems({"e": {"fuzzy": 1, "names": {"ko": ["북한", "평양"]}}})
    assert problem.startswith("entities.e.fuzzy: ")
