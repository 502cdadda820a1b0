from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

import pytest

from alerts.matching import Matcher
from alerts.model import (
    Alias,
    Clause,
    Document,
    Entity,
    Match,
    Reason,
    Scope,
    Topic,
)


def entity(
    name: str, *aliases: Alias | str, kind: str = "place", **rest: object
) -> Entity:
    made = tuple(
        alias if isinstance(alias, Alias) else Alias(text=alias, lang="en")
        for alias in aliases
    )
    return Entity(id=name, kind=kind, aliases=made, **rest)  # type: ignore[arg-type]


# One folder for the module: the Russian forms of WORLD are made once.
CACHE = Path(tempfile.mkdtemp(prefix="vedette-test-"))
atexit.register(shutil.rmtree, CACHE, ignore_errors=True)

WORLD = {
    each.id: each
    for each in (
        entity(
            "dprk",
            "North Korea*",
            Alias(text="DPRK", lang="en", case=True),
            Alias(text="북한", lang="ko"),
            Alias(text="평양", lang="ko", boundary="word"),
            Alias(text="北", lang="ko", not_followed_by=("京", "海")),
            Alias(text="北朝鮮", lang="ja"),
            Alias(text="Северная Корея", lang="ru"),
            Alias(text="nordkorea*", lang="de"),
        ),
        entity("russia", "Russia*", Alias(text="ロシア", lang="ja"), "Moscow"),
        entity("eu", Alias(text="EU", lang="en", case=True), "European Union"),
        entity("rok", Alias(text="ROK", lang="en", case=True), "South Korea"),
        entity(
            "yoon-suk-yeol",
            "Yoon Suk Yeol",
            kind="person",
            deny=("Yoon Suk Yeon",),
        ),
        entity(
            "kim-jong-un",
            "Kim Jong Un",
            Alias(text="Kim", lang="en", when="@dprk"),
            kind="person",
        ),
        entity("ham", Alias(text="Seoul", lang="en", not_near=("K-pop", 3))),
        entity("vdl", "von der Leyen", "Ursula von der Leyen", kind="person"),
        entity("zel", "Volodymyr Zelensky", kind="person"),
    )
}


def match(
    query: str, text: str, title: str = "", lang: str | None = None
) -> Match | None:
    matcher = Matcher.compile(
        WORLD, {"t": Topic(name="t", title="t", query=query)}, cache=CACHE
    )
    found = matcher.match(Document(title=title, text=text, language=lang))
    return found[0] if found else None


def hits(query: str, text: str, lang: str | None = None) -> list[tuple[str, str]]:
    """(surface, how) of every piece of evidence."""
    found = match(query, text, lang=lang)
    return [(piece.surface, piece.how) for piece in found.evidence] if found else []


@pytest.mark.parametrize(
    ("name", "text", "surface", "how"),
    [
        ("dprk", "북한은 어제", "북한", "exact"),
        ("dprk", "北위협에 대비", "北", "exact"),
        ("dprk", "駐北朝鮮大使", "北朝鮮", "exact"),
        ("dprk", "平壌の北朝鮮は", "北朝鮮", "exact"),
        ("dprk", "평양에서 열린", "평양", "exact"),
        ("dprk", "die nordkoreanischen Soldaten", "nordkoreanischen", "exact"),
        ("dprk", "в Северной Корее", "Северной Корее", "form"),
        ("dprk", "в Севеpнoй Корее", "Севеpнoй Корее", "form"),
        ("dprk", "North-Korean troops", "North-Korean", "exact"),
        ("dprk", "the DPRK's army", "DPRK's", "form"),
        ("eu", "EU와 한국", "EU", "exact"),
        ("eu", "주EU대사", "EU", "exact"),
        ("russia", "対ロシア制裁", "ロシア", "exact"),
        ("kim-jong-un", "toKim Jong Unand", "Kim Jong Un", "glued"),
        ("kim-jong-un", "Kim Jong-un said", "Kim Jong-un", "exact"),
        ("kim-jong-un", "KimJongUn said", "KimJongUn", "form"),
        ("yoon-suk-yeol", "In the EU, Yoon Sul Yeol", "Yoon Sul Yeol", "fuzzy(d=1)"),
        ("zel", "EU and Volodymir Zelenski's", "Volodymir Zelenski", "fuzzy(d=2)"),
    ],
)
def test_an_entity_is_found_as_languages_write_it(
    name: str, text: str, surface: str, how: str
) -> None:
    assert (surface, how) in hits(f"@{name}", text)


@pytest.mark.parametrize(
    ("name", "text", "lang"),
    [
        ("dprk", "태평양 지역", "ko"),
        ("dprk", "평양냉면", "ko"),
        ("dprk", "北京 회담", "ko"),
        ("dprk", "东北地区迎来强降雪", "zh"),
        ("dprk", "North Macedonia", "en"),
        ("dprk", "dprk", "en"),
        ("eu", "cela a eu lieu", "fr"),
        ("eu", "LA RÉUNION A EU LIEU À PARIS", "fr"),
        ("rok", "w tym rok temu", "pl"),
        ("rok", "W TYM ROK TEMU", "pl"),
        ("russia", "プロシアの歴史", "ja"),
        ("russia", "Prussian", "en"),
        ("kim-jong-un", "Kim Kardashian", "en"),
        ("kim-jong-un", "In Moscow, Kim Jong Sun", "en"),
        ("yoon-suk-yeol", "Yoonsuk Yeo", "en"),  # no anchor
        ("yoon-suk-yeol", "In the EU, Yoon Suk Yeon", "en"),  # denied
        ("yoon-suk-yeol", "In the EU, Moon Suk Yeol", "en"),  # other first letter
    ],
)
def test_what_only_looks_like_an_entity_stays_silent(
    name: str, text: str, lang: str
) -> None:
    assert hits(f"@{name}", text, lang) == []


def test_a_gate_opens_an_alias_only_beside_its_query() -> None:
    assert hits("@kim-jong-un", "North Korea: Kim spoke") == [("Kim", "gated")]
    assert hits("@kim-jong-un", "Kim spoke") == []


def test_a_disturbed_mention_is_cancelled_and_the_others_stay() -> None:
    text = "Seoul K-pop fans. Far away from there the mayor of Seoul spoke"
    found = match("@ham", text)
    assert found is not None
    assert [piece.start for piece in found.evidence] == [text.rindex("Seoul")]
    assert hits("@ham", "K-pop in Seoul") == []


def test_a_dateline_is_near_nothing() -> None:
    query = "@russia NEAR/30 @dprk"
    assert match(query, "MOSCOW, Oct 28 (Reuters) - North Korea said") is None
    assert match(query, "Moscow said that North Korea is far") is not None
    assert match("@russia", "MOSCOW, Oct 28 (Reuters) - Nothing") is not None
    assert match("ATLEAST/1 (서울)", "(서울=연합뉴스) 홍길동 기자 = 끝") is None


def test_the_longest_of_nested_spellings_is_shown() -> None:
    assert hits("@vdl", "Ursula von der Leyen spoke") == [
        ("Ursula von der Leyen", "exact")
    ]


# --- score, by hand after DESIGN section 4 --------------------------------------------

TOPIC = Topic(
    name="t",
    title="t",
    query="@dprk @russia",
    any=(Clause(query="troops*", points=20), Clause(query="@zel", points=10)),
    none=('title:"K-pop"',),
    threshold=75,
)
FILL = "word " * 120


def judge(text: str, title: str = "", topic: Topic = TOPIC, **facts: object) -> Match:
    matcher = Matcher.compile(WORLD, {topic.name: topic}, cache=CACHE)
    return matcher.explain(Document(title=title, text=text, **facts), topic.name)  # type: ignore[arg-type]


def test_the_worked_example_adds_up() -> None:
    # 50 query + 10 near + 10 title + 5 x (2 mentions / 126 words / .02) + 20 x 1.2
    found = judge(f"On Russia, troops {FILL}", "North Korea speaks")
    assert dict(found.parts) == {
        "query": 50,
        "title": 10,
        "density": 4.0,
        "any[0]": 24,
    }
    assert found.score == 88
    near = judge(f"North Korea sends {FILL} troops to Russia, North Korea says")
    assert dict(near.parts) == {"query": 50, "near": 10, "density": 5, "any[0]": 20}


@pytest.mark.parametrize(
    ("title", "text", "points"),
    [
        ("troops", "", 30),
        ("", "troops", 24),
        ("", FILL + "troops", 20),
    ],
)
def test_points_weigh_more_where_readers_look_first(
    title: str, text: str, points: float
) -> None:
    found = judge(f"North Korea and Russia. {text}", title)
    assert dict(found.parts)["any[0]"] == points


def test_a_misspelled_name_earns_four_fifths() -> None:
    found = judge("North Korea and Russia on Volodimir Zelensky")
    assert dict(found.parts)["any[1]"] == pytest.approx(10 * 1.2 * 0.8)


def test_boosted_atoms_add_their_points() -> None:
    topic = Topic(name="t", title="t", query="@dprk (kursk^5 OR border^7)")
    found = judge("North Korea at the border", topic=topic)
    assert dict(found.parts)["query^1"] == pytest.approx(8.4)


def test_forty_mentions_earn_no_more_than_four() -> None:
    four = judge("Russia. " * 4 + "North Korea. " + "word " * 800)
    forty = judge("Russia. " * 40 + "North Korea. " + "word " * 764)
    assert dict(four.parts)["density"] == dict(forty.parts)["density"] > 0


def test_the_score_ends_at_100() -> None:
    topic = Topic(name="t", title="t", query="@dprk^90")
    assert judge("North Korea", topic=topic).score == 100


def test_each_gate_names_itself() -> None:
    assert judge("Nothing at all").gate is Reason.QUERY_NOT_MET
    assert judge("Nothing at all").score == 0
    low = judge(f"North Korea {FILL} Russia")
    assert (low.gate, low.hit) == (Reason.BELOW_THRESHOLD, False)
    assert 50 <= low.score < 75
    silenced = judge("North Korea and Russia send troops", "K-pop news")
    assert silenced.gate is Reason.NONE_CLAUSE
    assert silenced.stopped_by == 'title:"K-pop"'
    assert not silenced.hit
    assert judge("North Korea and Russia send troops").gate is Reason.HIT


@pytest.mark.parametrize(
    ("scope", "inside"),
    [
        (Scope(languages=("ko",)), False),
        (Scope(languages=("en",)), True),
        (Scope(tags=("eu",)), True),
        (Scope(tags=("asia",)), False),
        (Scope(sources=("tass",)), True),
        (Scope(sources=("yonhap",)), False),
    ],
)
def test_a_topic_looks_only_into_its_scope(scope: Scope, inside: bool) -> None:
    topic = Topic(name="t", title="t", query="@dprk", scope=scope)

    def tell(text: str) -> Match:
        return judge(text, topic=topic, language="en-GB", source="tass", tags=("eu",))

    found = tell("North Korea")
    assert found.gate is (Reason.HIT if inside else Reason.OUT_OF_SCOPE)
    missed = tell("Nothing")
    assert missed.gate is (Reason.QUERY_NOT_MET if inside else Reason.OUT_OF_SCOPE)


# --- evidence -------------------------------------------------------------------------


def test_stopped_topics_are_listed_too_in_order_of_name() -> None:
    topics = {
        name: Topic(name=name, title="", query=query, threshold=threshold)
        for name, query, threshold in (
            ("b", "@dprk", 99),
            ("a", "@dprk", 50),
            ("c", "@russia", 50),
        )
    }
    matcher = Matcher.compile(WORLD, topics, cache=CACHE)
    found = matcher.match(Document(title="", text="North Korea " + FILL))
    assert [(each.topic, each.hit) for each in found] == [("a", True), ("b", False)]


def test_evidence_is_capped_and_names_everything_that_hit() -> None:
    found = judge("Russia. " * 40 + "North Korea troops Volodymyr Zelensky")
    assert len(found.evidence) == 20
    assert {(piece.clause, piece.entity) for piece in found.evidence} == {
        ("query", "dprk"),
        ("query", "russia"),
        ("any[0]", None),
        ("any[1]", "zel"),
    }
    starts = [piece.start for piece in found.evidence]
    assert starts == sorted(starts)


def test_title_evidence_comes_first() -> None:
    found = judge("North Korea", "Russia")
    assert [piece.field for piece in found.evidence] == ["title", "text"]


def test_only_mentions_that_made_the_clause_hold_are_evidence() -> None:
    assert hits("(@dprk NEAR/2 @russia) OR kursk", "Kursk. Russia " + FILL) == [
        ("Kursk", "exact")
    ]


def test_surfaces_list_every_form_of_an_entity() -> None:
    matcher = Matcher.compile(WORLD, {}, cache=CACHE)
    surfaces = matcher.surfaces("dprk")
    texts = {surface.text for surface in surfaces}
    assert {"North Korea", "DPRK", "북한", "Северной Кореей"} <= texts
    assert matcher.surfaces("yoon-suk-yeol")[0].fuzzy == 1
    with pytest.raises(KeyError):
        matcher.surfaces("nobody")
