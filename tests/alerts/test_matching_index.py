from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.matching import Matcher
from alerts.matching.holding import Holding
from alerts.matching.tree import can_start
from alerts.model import Alias, Document, Entity, Topic

WORDS = ("alpha", "bravo", "carol", "delta", "북한", "러시아", "朝鮮", "курск")
ENTITIES = {
    name: Entity(
        id=name,
        kind="thing",
        aliases=(
            Alias(text=first, inflect="none"),
            Alias(text=second, inflect="none", when=gate),
        ),
    )
    for name, first, second, gate in (
        ("one", "alpha", "bravo", "carol"),
        ("two", "북한", "朝鮮", None),
        ("three", "delta", "курск", "title:alpha"),
    )
}


def _or(parts: list[str]) -> str:
    return f"({' OR '.join(parts)})"


TERMS = st.sampled_from(
    [*WORDS, "alph*", '"alpha bravo"', '"bravo alpha"~3', "@one", "@two", "@three"]
)
OPERANDS = st.recursive(
    TERMS, lambda inner: st.lists(inner, min_size=2, max_size=3).map(_or), max_leaves=3
)


def _nodes(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(inner, inner)
    operands = st.tuples(OPERANDS, OPERANDS)
    return st.one_of(
        pairs.map(lambda p: f"({p[0]} AND {p[1]})"),
        pairs.map(lambda p: f"({p[0]} OR {p[1]})"),
        pairs.map(lambda p: f"({p[0]} NOT {p[1]})"),
        operands.map(lambda p: f"({p[0]} NEAR/2 {p[1]})"),
        operands.map(lambda p: f"({p[0]} ONEAR/2 {p[1]} NEAR/1 {p[0]})"),
        OPERANDS.map(lambda p: f"ATLEAST/2 ({p})"),
        inner.map(lambda p: f"title:({p})"),
        inner.map(lambda p: f"lead:({p})"),
        st.sampled_from(["lang:ko", "source:tass", "url:x", "/al.ha/"]),
    )


QUERIES = st.recursive(TERMS, _nodes, max_leaves=8)
TEXTS = st.lists(st.sampled_from([*WORDS, "und", "x", "."]), max_size=12).map(" ".join)


@given(st.lists(QUERIES, min_size=1, max_size=8), TEXTS, TEXTS)
@settings(max_examples=250, deadline=None)
def test_the_index_finds_exactly_what_running_every_topic_finds(
    queries: list[str], title: str, text: str
) -> None:
    """Lucene issue 14427: an index that loses a query loses it silently."""
    from alerts.matching.grammar import parse

    topics = {
        f"t{number}": Topic(name=f"t{number}", title="", query=query)
        for number, query in enumerate(queries)
        if can_start(parse(query))
    }
    matcher = Matcher.compile(ENTITIES, topics)
    document = Document(title=title, text=text, language="ko", source="tass")
    found = {match.topic: match for match in matcher.match(document)}
    for name, topic in topics.items():
        alone = matcher.explain(document, name)
        assert (alone.score > 0) == (name in found), topic.query
        if name in found:
            assert alone == found[name]


def test_of_ten_thousand_topics_only_a_few_are_run() -> None:
    random.seed(5)
    names = [f"name{number}" for number in range(400)]
    topics = {
        f"t{number}": Topic(
            name=f"t{number}",
            title="",
            query=f"({' OR '.join(random.sample(names, 3))}) AND common",
        )
        for number in range(2_000)
    }
    matcher = Matcher.compile({}, topics)
    reading, holding = matcher._read(Document(title="", text="name7 common " * 30))
    candidates = matcher._index.candidates(reading.hits)
    assert 0 < len(candidates) < 60
    assert isinstance(holding, Holding)
    assert len(matcher.match(Document(title="", text="common"))) == 0
