"""One count of words for NEAR, for the 30-word bonus and for phrases with slack."""

from __future__ import annotations

import pytest

from alerts.matching import Matcher
from alerts.matching.reading import Reading
from alerts.model import Alias, Document, Entity, Match, Topic

ENTITIES = {
    name: Entity(
        id=name, kind="place", aliases=tuple(Alias(text=text) for text in spellings)
    )
    for name, spellings in (
        ("dprk", ("North Korea*", "북한")),
        ("russia", ("Russia*", "러시아")),
    )
}


def judge(query: str, text: str, title: str = "") -> Match:
    topic = Topic(name="t", title="t", query=query)
    matcher = Matcher.compile(ENTITIES, {"t": topic})
    return matcher.explain(Document(title=title, text=text), "t")


def near(words: int, text: str) -> bool:
    return judge(f"aaa NEAR/{words} bbb", text).score > 0


@pytest.mark.parametrize("also", ["", " 北京", " 서울"])
@pytest.mark.parametrize(
    ("between", "words"),
    [
        ("", 0),
        ("• •", 0),
        ("& ... –", 0),
        ("| x", 1),
        ("one/two", 2),
        ("x.y.z", 3),
        ("don't", 1),
        ("don’t stop", 2),
        ("a-b", 2),
        ("1 / 2", 2),
        ("हिन्दी", 1),
        ("Москва и", 2),
        ("平壌の北", 2),
        ("가나다", 1.5),
    ],
)
def test_only_letters_and_digits_are_words_whatever_else_the_text_holds(
    between: str, words: float, also: str
) -> None:
    text = f"aaa {between} bbb.{also}"
    reading = Reading(Document(title="", text=text))
    start = reading.text.index("aaa") + 3
    assert reading.words_between(start, reading.text.index("bbb")) == words
    assert near(int(words + 0.5), text)
    assert words == 0 or not near(int(words - 0.5), text)


def test_two_hangul_syllables_are_one_word() -> None:
    text = "북한 가나다라마바사아자차 러시아"
    assert judge("북한 NEAR/1 러시아", text).score == 0
    assert judge("북한 NEAR/4 러시아", text).score == 0
    assert judge("북한 NEAR/5 러시아", text).score > 0


def test_the_particle_of_the_first_mention_lies_not_between() -> None:
    assert judge("북한 NEAR/0 러시아", "북한에서는 러시아").score > 0
    assert judge("북한 NEAR/0 러시아", "북한 군 러시아").score == 0


@pytest.mark.parametrize(("syllables", "bonus"), [(60, 10), (62, 0)])
def test_the_bonus_counts_words_as_near_does(syllables: int, bonus: float) -> None:
    text = f"북한 {'가나 ' * (syllables // 2)}러시아"
    parts = dict(judge("@dprk @russia", text).parts)
    assert parts.get("near", 0) == bonus


def test_marks_do_not_push_entities_apart() -> None:
    text = f"North Korea {'• ' * 40}Russia"
    assert dict(judge("@dprk @russia", text).parts)["near"] == 10


def test_slack_of_a_phrase_counts_only_the_words_between() -> None:
    assert judge('"aaa u.s."~1', "the U.S. and aaa").score > 0
    assert judge('"aaa u.s."~0', "the U.S. & aaa").score > 0
    assert judge('"aaa u.s."~0', "the U.S. and aaa").score == 0


# --- who earns the two bonuses --------------------------------------------------------


def test_words_of_a_query_earn_no_bonus() -> None:
    found = judge("aaa bbb", "aaa and bbb", "aaa")
    assert dict(found.parts) == {"query": 50, "density": 5}
    assert found.score == 55


def test_entities_earn_the_bonuses_also_beside_words() -> None:
    found = judge("@dprk @russia aaa", "North Korea, Russia, aaa", "Russia")
    assert dict(found.parts) == {"query": 50, "near": 10, "title": 10, "density": 5}


def test_an_entity_beside_a_word_is_not_two_entities() -> None:
    parts = dict(judge("@dprk aaa", "North Korea aaa").parts)
    assert parts == {"query": 50, "density": 5}
    titled = dict(judge("@dprk aaa", "North Korea", "aaa").parts)
    assert "title" not in titled
