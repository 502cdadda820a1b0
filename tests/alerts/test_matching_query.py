from __future__ import annotations

import pytest

from alerts.errors import EntityError, QueryError
from alerts.matching import Matcher, WatchError
from alerts.matching.grammar import parse
from alerts.matching.syntax import QuerySyntaxError
from alerts.matching.tree import (
    AllOf,
    AnyOf,
    Leaf,
    Near,
    Without,
    atoms,
    from_json,
    to_json,
)
from alerts.model import Alias, Clause, Document, Entity, Topic

ENTITIES = {
    "dprk": Entity(id="dprk", kind="place", aliases=(Alias(text="North Korea*"),)),
    "russia": Entity(id="russia", kind="place", aliases=(Alias(text="Russia*"),)),
}


def topic(query: str, **rest: object) -> dict[str, Topic]:
    return {"t": Topic(name="t", title="t", query=query, **rest)}  # type: ignore[arg-type]


def holds(query: str, text: str, title: str = "", **facts: object) -> bool:
    matcher = Matcher.compile(ENTITIES, topic(query))
    document = Document(title=title, text=text, **facts)  # type: ignore[arg-type]
    return bool(matcher.match(document))


def test_not_binds_tighter_than_near_than_and_than_or() -> None:
    tree = parse("a OR b AND c NEAR/3 d NOT e f")
    assert isinstance(tree, AnyOf)
    assert tree.nodes[1] == AllOf(
        (
            Leaf("=b"),
            Near((Leaf("=c"), Leaf("=d")), ((3, False),)),
            Without(Leaf("=e")),
            Leaf("=f"),
        )
    )


def test_a_query_survives_the_cache_format() -> None:
    query = (
        '(@dprk NEAR/30 @russia ONEAR/2 x)^5 OR title:("a b"~3 '
        "ATLEAST/2 (c OR drone*)^1.5)"
        " NOT source:(yonhap OR tass) /x[yz]+/"
    )
    assert from_json(to_json(parse(query))) == parse(query)
    assert atoms(parse(query))[:3] == ("@dprk", "@russia", "=x")


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("kursk", "In Kursk, today", True),
        ("kursk", "Kurskaya", False),
        ("kurs*", "Kurskaya", True),
        ("kurs*", "Kurs" + "x" * 30, False),
        ('"north korea"', "North\nKorea", True),
        ('"north korea"', "north of Korea", False),
        ('"korea north"~2', "north of the Korea", True),
        ('"korea north"~1', "north of the Korea", False),
        ("a1 b1", "b1 a1", True),
        ("a1 OR b1", "b1", True),
        ("a1 NOT b1", "a1", True),
        ("a1 NOT b1", "a1 b1", False),
        ("a1 AND (b1 OR c1)", "a1 c1", True),
        ("a1 NEAR/2 b1", "b1 x x a1", True),
        ("a1 NEAR/2 b1", "b1 x x x a1", False),
        ("a1 ONEAR/2 b1", "b1 x a1", False),
        ("a1 ONEAR/2 b1", "a1 x b1", True),
        ("a1 NEAR/0 b1", "a1, b1", True),
        ("a1 NEAR/1 a1", "a1 only once", False),
        ("a1 NEAR/1 a1", "a1 and a1", True),
        ("a1 NEAR/1 b1 NEAR/1 c1", "a1 x b1 x c1", True),
        # each b1 has one neighbour only: no b1 is shared
        ("a1 NEAR/1 b1 NEAR/1 c1", "a1 b1 x x x x b1 c1", False),
        ("(a1 OR a2) NEAR/1 b1", "a2 b1", True),
        ("ATLEAST/2 (a1 OR b1)", "a1 x a1", True),
        ("ATLEAST/2 (a1 OR b1)", "a1 x", False),
        ('ATLEAST/2 ("a1 b1" OR b1)', "a1 b1", False),
        ("@dprk", "North Koreans", True),
        ("@dprk @russia", "Russian and North Korean", True),
        ("/ku.sk/", "in KURSK", True),
        ("/ku.sk/", "in Karsk", False),
        ("U.S.", "the U.S. said", True),
        ("K-pop", "K pop", True),
        ("russia's", "Russia’s war", True),
        ("한국 NEAR/1 일본", "한국과 또 일본이", True),
        ("한국 NEAR/1 일본", "한국과 또 다시 일본이", False),
        ("朝鮮 NEAR/1 露", "朝鮮ああ露", True),
        ("朝鮮 NEAR/1 露", "朝鮮あああ露", False),
    ],
)
def test_the_operators_mean_what_the_manual_says(
    query: str, text: str, expected: bool
) -> None:
    assert holds(query, text) is expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("title:summit", True),
        ("title:kursk", False),
        ("body:kursk", True),
        ("lead:kursk", True),
        ("lead:late", False),
        ("body:late", True),
        ("title:(summit OR nothing)", True),
        ("summit NEAR/5 kursk", False),  # never across title and text
        ("source:yonhap", True),
        ("source:(tass OR Agency)", True),
        ("source:yon", False),
        ("source:yon*", True),
        ("lang:ko summit", True),
        ("lang:en", False),
        ("url:example.org/a", True),
        ("summit NOT lang:ko", False),
    ],
)
def test_fields_narrow_where_a_word_counts(query: str, expected: bool) -> None:
    text = "Kursk is first. " + "word " * 100 + "late"
    facts = {
        "language": "ko",
        "url": "https://Example.org/a?b",
        "source": "yonhap",
        "source_names": ("yonhap", "agency"),
    }
    assert holds(query, text, "Summit", **facts) is expected


@pytest.mark.parametrize(
    ("query", "place", "words"),
    [
        ("", "line 1, column 1", "empty"),
        ("a1 AND", "column 7", "expected a word"),
        ("(a1", "column 4", "expected"),
        ('"abc', "column 1", "closing"),
        ("a1 near/5 b1", "column 4", "not an operator"),
        ("a1 or b1", "column 4", "write OR, or quote it"),
        ("a1 and b1", "column 4", "write AND, or quote it"),
        ("a1 not b1", "column 4", "write NOT, or quote it"),
        ("a1 NEAR/60 b1", "column 4", "at most 50"),
        ("(a1 AND b1) NEAR/5 c1", "column 13", "NEAR/5 joins"),
        ("a1 NEAR/5 (NOT b1)", "column 4", "NEAR/5 joins"),
        ("ko*", "column 1", "at least 3 letters"),
        ("북*", "column 1", "at least 2 characters"),
        ("tilte:x", "column 1", "did you mean title"),
        ("a**", "column 2", "* may only end"),
        ("x:y", "column 1", "unknown field"),
        ("ATLEAST/2 (a1 AND b1)", "column 1", "ATLEAST counts"),
        ("source:(a1 b1)", "column 1", "source:"),
        ('"..."', "column 1", "no letter"),
        ("(" * 5000, "line 1", ""),
    ],
)
def test_a_query_that_cannot_be_read_says_where_and_what_was_expected(
    query: str, place: str, words: str
) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(query)
    assert place in str(caught.value)
    assert words in str(caught.value)


def test_small_operators_in_quotes_are_words() -> None:
    assert holds('"or" a1 "and now"', "a1 or and now")
    assert not holds('"or" a1', "a1 b1")


def test_not_takes_the_whole_near_behind_it() -> None:
    assert holds("a1 NOT b1 NEAR/2 c1", "a1 b1 x x x c1")
    assert not holds("a1 NOT b1 NEAR/2 c1", "a1 b1 x c1")


def test_every_problem_of_a_watch_is_reported_at_once_with_its_place() -> None:
    entities = ENTITIES | {
        "x": Entity(
            id="x",
            kind="org",
            aliases=(
                Alias(text="X", lang="en"),
                Alias(text="Xy*", lang="en"),
                Alias(text="朝", lang="ja"),
                Alias(text="Xylo", lang="en", when="@dprkk"),
                Alias(text="Xyle", lang="en", boundary="eojeol"),
            ),
        )
    }
    topics = {
        "only-not": Topic(name="only-not", title="", query="NOT a1"),
        "or-not": Topic(name="or-not", title="", query="a1 OR NOT b1"),
        "bad": Topic(
            name="bad",
            title="",
            query="@rusia",
            any=(Clause(query="a1 AND", points=1),),
            none=("NEAR/3",),
        ),
        "regex": Topic(name="regex", title="", query="/(a+)+$/ OR /(/"),
    }
    with pytest.raises(WatchError) as caught:
        Matcher.compile(entities, topics)
    problems = {problem.path: problem for problem in caught.value.problems}
    assert set(problems) == {
        ("entities", "x", "aliases", 0),
        ("entities", "x", "aliases", 1),
        ("entities", "x", "aliases", 3, "when"),
        ("entities", "x", "aliases", 4, "boundary"),
        ("topics", "only-not", "query"),
        ("topics", "or-not", "query"),
        ("topics", "bad", "query"),
        ("topics", "bad", "any", 0, "query"),
        ("topics", "bad", "none", 0),
        ("topics", "regex", "query"),
    }
    assert "@russia" in problems["topics", "bad", "query"].message
    assert isinstance(problems["topics", "bad", "query"], QueryError)
    assert isinstance(problems["entities", "x", "aliases", 0], EntityError)
