"""``vedette entities``: what the matcher knows, and whom a text names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.vedette.lab import Lab

WATCH = """
entities:
  ferry-line:
    kind: org
    names:
      en:
        - Harbour Ferries
        - "ferr*"
        - {text: HFL, case: true}
        - {text: the line, when: harbour}
  yoon-suk-yeol:
    kind: person
    names: {en: Yoon Suk Yeol, ko: 윤석열, ru: Юн Сок Ёль}
  seoul: {kind: place, names: {en: Seoul, ru: Сеул}}
topics:
  t: {title: T, query: "@ferry-line OR @yoon-suk-yeol"}
"""


@pytest.fixture
def watch(lab: Lab) -> Lab:
    lab.write(WATCH)
    return lab


def test_without_a_name_every_entity_is_listed(watch: Lab) -> None:
    rows = {row["entity"]: row for row in watch.rows("entities")}
    assert list(rows) == ["ferry-line", "yoon-suk-yeol", "seoul"]
    assert rows["ferry-line"]["kind"] == "org"
    assert rows["ferry-line"]["aliases"] == 4
    assert rows["seoul"]["surfaces"] > 4
    table = watch.run("entities").stdout
    assert "yoon-suk-yeol" in table
    assert "person" in table


def test_a_name_shows_every_form_and_how_it_is_matched(watch: Lab) -> None:
    rows = watch.rows("entities", "yoon-suk-yeol")
    shown = {row["surface"]: row for row in rows}
    assert shown["Юн Сок Ёлем"]["how"] == "form"
    assert shown["Юн Сок Ёлем"]["alias"] == "Юн Сок Ёль"
    assert shown["윤석열"] | {"language": "ko", "how": "exact"} == shown["윤석열"]
    assert shown["Yoon Suk Yeol"]["fuzzy"] == 1
    table = watch.run("entities", "yoon-suk-yeol").stdout
    assert "fuzzy up to 1 edit" in table


def test_a_name_shows_prefixes_case_and_gates(watch: Lab) -> None:
    shown = {row["surface"]: row for row in watch.rows("entities", "ferry-line")}
    assert shown["ferr*"]["prefix"] is True
    assert shown["HFL"]["case"] is True
    assert shown["the line"]["when"] == "harbour"
    table = watch.run("entities", "ferry-line").stdout
    for words in ("prefix", "case counts", "when harbour"):
        assert words in table


def test_borrowed_spellings_are_shown_too(lab: Lab) -> None:
    lab.write("entities:\n  dprk: {kind: place, aliases_from: cldr:KP}\n")
    assert {"북한", "Kuzey Kore"} <= {
        r["surface"] for r in lab.rows("entities", "dprk")
    }


def test_a_text_says_whom_it_names_and_how(watch: Lab) -> None:
    rows = watch.rows("entities", "--from", "в Сеуле с Юн Сок Ёлем")
    assert [(row["entity"], row["surface"], row["how"]) for row in rows] == [
        ("seoul", "Сеуле", "form"),
        ("yoon-suk-yeol", "Юн Сок Ёлем", "form"),
    ]
    assert all(row["needs"] is None for row in rows)
    assert "Юн Сок Ёлем" in watch.run("entities", "--from", "Юн Сок Ёлем").stdout


def test_a_misspelled_name_is_found_and_says_that_it_needs_company(watch: Lab) -> None:
    done = watch.run("entities", "--from", "Yoonsuk Yeo", "--json", code=1)
    (row,) = map(json.loads, done.stdout.splitlines())
    assert (row["entity"], row["how"]) == ("yoon-suk-yeol", "fuzzy(d=1)")
    assert row["needs"] == "another entity beside it, or a part of the name"
    (row,) = watch.rows("entities", "--from", "Yoon Sul Yeol")
    assert (row["how"], row["needs"]) == ("fuzzy(d=1)", None)
    rows = watch.rows("entities", "--from", "Yoonsuk Yeo left Seoul")
    assert {row["entity"]: row["needs"] for row in rows} == {
        "yoon-suk-yeol": None,
        "seoul": None,
    }


def test_a_closed_gate_is_told_with_its_query(watch: Lab) -> None:
    done = watch.run("entities", "--from", "the line is long", "--json", code=1)
    (row,) = map(json.loads, done.stdout.splitlines())
    assert (row["entity"], row["needs"]) == ("ferry-line", "harbour")
    (row,) = watch.rows("entities", "--from", "the line in the harbour")
    assert row["how"] == "gated"
    assert row["needs"] is None


def test_a_text_that_names_nobody_is_exit_one(watch: Lab) -> None:
    assert "names no entity" in watch.run("entities", "--from", "rain", code=1).stdout


def test_an_unknown_name_is_exit_two_with_a_hint(watch: Lab) -> None:
    assert "Did you mean seoul?" in watch.run("entities", "soul", code=2).stderr
    watch.run("entities", "seoul", "--from", "x", code=2)


def test_control_characters_of_a_text_do_not_reach_the_terminal(watch: Lab) -> None:
    """A57."""
    out = watch.run("entities", "--from", "Se\u200boul\x1b[31m").stdout
    assert "\x1b" not in out
