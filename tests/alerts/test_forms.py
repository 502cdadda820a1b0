"""Forms of declared spellings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.matching.forms import MAX_FORMS, expand, release
from alerts.model import Alias, Entity


def forms(
    text: str, lang: str | None, kind: str = "person", **alias: object
) -> set[str]:
    entity = Entity(id="x", kind=kind, aliases=())
    made = expand(Alias(text=text, lang=lang, **alias), entity)  # type: ignore[arg-type]
    return {form.text for form in made}


def test_the_spelling_as_declared_comes_first_and_is_exact() -> None:
    entity = Entity(id="x", kind="person", aliases=())
    first, *rest = expand(Alias(text="Путин", lang="ru"), entity)
    assert (first.text, first.how, first.prefix) == ("Путин", "exact", False)
    assert rest
    assert {form.how for form in rest} == {"form"}


def test_a_star_waives_the_right_edge_and_makes_no_other_form() -> None:
    entity = Entity(id="x", kind="place", aliases=())
    (form,) = expand(Alias(text="северокорейск*", lang="ru"), entity)
    assert (form.text, form.prefix) == ("северокорейск", True)


def test_only_the_last_part_of_a_korean_name_declines_in_russian() -> None:
    assert forms("Ким Чен Ын", "ru") == {
        "Ким Чен Ын",
        "Ким Чен Ына",
        "Ким Чен Ыну",
        "Ким Чен Ыном",
        "Ким Чен Ыне",
    }
    assert forms("Юн Сок Ёль", "ru") >= {"Юн Сок Ёля", "Юн Сок Ёлем"}
    assert forms("Чхве Сон Хи", "ru") == {"Чхве Сон Хи"}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (
            "Владимир Путин",
            {"Владимира Путина", "Владимиру Путину", "Владимиром Путиным"},
        ),
        ("Лавров", {"Лаврова", "Лаврову", "Лавровым", "Лаврове"}),
        ("Зеленский", {"Зеленского", "Зеленскому", "Зеленским", "Зеленском"}),
        ("Захарова", {"Захаровой", "Захарову"}),
        ("Умеров", {"Умерова", "Умерову", "Умеровым", "Умерове"}),
        ("Рустем Умеров", {"Рустема Умерова", "Рустемом Умеровым"}),
        ("Шойгу", {"Шойгу"}),
    ],
)
def test_european_names_decline_in_russian(name: str, wanted: set[str]) -> None:
    assert wanted <= forms(name, "ru")


def test_russian_phrases_decline_and_keep_genitive_tails() -> None:
    korea = forms("Северная Корея", "ru", "place")
    assert {"Северной Кореи", "Северной Корее", "Северную Корею"} <= korea
    assert not {form for form in korea if "посевер" in form}
    army = forms("Вооружённые силы Украины", "ru", "org")
    assert {"Вооружённых сил Украины", "Вооружёнными силами Украины"} <= army
    assert "Договора о дружбе" in forms("Договор о дружбе", "ru", "thing")


def test_acronyms_take_no_ending_but_a_name_whose_case_counts_declines() -> None:
    assert forms("КНДР", "ru", "place", case=True) == {"КНДР"}
    assert "Кимом" in forms("Ким", "ru", case=True)


def test_every_part_of_a_name_may_decline_in_ukrainian() -> None:
    kim = forms("Кім Чен Ин", "uk")
    assert {"Кім Чен Ина", "Кіма Чен Ина", "Кімом Чен Ином", "Кімом Ченом Ином"} <= kim
    assert {"Путіна", "Путіну", "Путіним"} <= forms("Путін", "uk")
    assert {"Зеленського", "Зеленському"} <= forms("Зеленський", "uk")
    korea = forms("Північна Корея", "uk", "place")
    assert {
        "Північної Кореї",
        "Північній Кореї",
        "Північну Корею",
        "Північною Кореєю",
    } <= korea


def test_polish_and_czech_names_decline() -> None:
    assert {"Kim Dzong Una", "Kim Dzong Unem"} <= forms("Kim Dzong Un", "pl")
    assert {"Putina", "Putinem", "Putinowi"} <= forms("Putin", "pl")
    assert {"Zełenskiego", "Zełenskim"} <= forms("Zełenski", "pl")
    assert {"Putina", "Putinovi", "Putinem", "Putinova"} <= forms("Putin", "cs")


def test_english_takes_plural_and_possessive_in_both_apostrophes() -> None:
    assert {"sanctions", "sanction's", "sanction’s", "sanctions'"} <= forms(
        "sanction", "en", "thing"
    )
    assert {"Kallas's", "Kallas'", "Kallas’"} <= forms("Kallas", "en")
    assert "Putins" not in forms("Putin", "en")
    assert "ICBMs" in forms("ICBM", "en", "thing", case=True)
    assert "embargoes" not in forms("embargo", "en", "thing", inflect="none")


@pytest.mark.parametrize(
    ("noun", "many"),
    [
        ("troop", "troops"),
        ("ferry", "ferries"),
        ("convoy", "convoys"),
        ("class", "classes"),
        ("virus", "viruses"),
        ("crisis", "crises"),
        ("man", "men"),
        ("spokeswoman", "spokeswomen"),
        ("human", "humans"),
        ("body", "bodies"),
        ("torpedo", "torpedoes"),
        ("person", "people"),
        ("munitions", "munitions"),
        ("aircraft", "aircraft"),
        ("shadow fleet", "shadow fleets"),
    ],
)
@pytest.mark.parametrize("lang", ["en", None])
def test_english_nouns_have_a_plural(noun: str, many: str, lang: str | None) -> None:
    for kind in ("thing", "org"):
        assert many in forms(noun, lang, kind)
    assert many in forms(noun, lang, "place", inflect="noun")
    owner = f"{many}’" if many.endswith("s") else f"{many}’s"
    assert {f"{noun}'s", f"{noun}’s", owner} <= forms(noun, lang, "thing")


def test_names_have_no_plural() -> None:
    assert "European Unions" not in forms("European Union", "en", "org")
    assert "Seouls" not in forms("Seoul", "en", "place")
    assert "NATOs" not in forms("NATO", "en", "org", case=True)


def test_german_genitive_and_romance_plural() -> None:
    assert "Putins" in forms("Putin", "de")
    assert forms("NATO", "de", "org", case=True) == {"NATO"}
    assert "sanctions" in forms("sanction", "fr", "thing")
    assert "misiones" not in forms("misión", "es", "place")


def test_east_asian_scripts_stay_as_written() -> None:
    for text, lang in (("김정은", "ko"), ("金正恩", "zh"), ("プーチン", "ja")):
        assert forms(text, lang) == {text}


def test_the_language_is_guessed_from_cyrillic_letters_when_absent() -> None:
    assert "Путина" in forms("Путин", None)
    assert "Путіна" in forms("Путін", None)


def test_the_dictionary_is_not_loaded_before_a_russian_alias_asks_for_it() -> None:
    script = (
        "import sys; from alerts.matching.forms import expand;"
        "from alerts.model import Alias, Entity;"
        "e = Entity(id='x', kind='person', aliases=());"
        "expand(Alias(text='Putin', lang='en'), e);"
        "assert 'pymorphy3' not in sys.modules;"
        "expand(Alias(text='Путин', lang='ru'), e);"
        "assert 'pymorphy3' in sys.modules"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", script], check=True, cwd=root)


def test_released_forms_can_be_made_again() -> None:
    before = forms("Лавров", "ru")
    release()
    assert forms("Лавров", "ru") == before


@given(
    text=st.text(min_size=1, max_size=40).filter(lambda text: text.rstrip("*").strip()),
    lang=st.sampled_from(["en", "ru", "uk", "pl", "cs", "de", "fr", "ko", None]),
    kind=st.sampled_from(["place", "org", "person", "thing"]),
)
def test_any_spelling_gives_few_distinct_forms(
    text: str, lang: str | None, kind: str
) -> None:
    entity = Entity(id="x", kind=kind, aliases=())
    made = expand(Alias(text=text, lang=lang), entity)
    assert 1 <= len(made) <= MAX_FORMS
    assert len({form.text for form in made}) == len(made)
    assert all(form.text for form in made)
