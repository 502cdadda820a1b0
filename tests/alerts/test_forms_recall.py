"""The shipped pack on generated forms and on sentences that name nobody."""

from __future__ import annotations

from functools import cache

import pytest

from benchmarks.distractors import distractors
from benchmarks.forms import (
    FALSE_PER_THOUSAND,
    RECALL,
    Measured,
    load_pack,
    measure,
    wordings,
)


@cache
def measured() -> Measured:
    return measure(*load_pack(), wordings(), distractors())


def test_the_forms_are_many_and_each_is_asked_once() -> None:
    made = wordings()
    assert len({(each.entity, each.language, each.surface) for each in made}) >= 1500
    assert len({each.sentence for each in made}) == len(made)
    assert all(each.surface in each.sentence for each in made)


def test_ninety_seven_of_a_hundred_forms_name_their_entity() -> None:
    assert measured().recall >= RECALL, measured().missed[:20]


@pytest.mark.parametrize(
    "language", ["de", "en", "fr", "it", "ja", "ko", "pl", "ru", "uk", "zh"]
)
def test_no_language_is_left_behind(language: str) -> None:
    result = measured()
    asked = sum(n for cell, n in result.asked.items() if cell[0] == language)
    found = sum(n for cell, n in result.found.items() if cell[0] == language)
    assert asked >= 60
    assert found / asked >= 0.95


def test_a_thousand_distractors_hit_once_at_most() -> None:
    assert measured().sentences >= 1000
    assert measured().false_per_thousand <= FALSE_PER_THOUSAND, measured().false


def test_distractors_are_all_different() -> None:
    texts = [each.text for each in distractors()]
    assert len(set(texts)) == len(texts)
