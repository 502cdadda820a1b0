"""The shipped pack eu-korea-russia: it loads, and it says what it should."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from alerts.entityfile import read_entities
from alerts.matching import Matcher
from alerts.model import Document, Entity, Match, Severity, Topic
from alerts.topicfile import read_topics
from crawler.configfile import load_document
from crawler.sources import load_sources

ROOT = Path(__file__).parents[2]
PACK = ROOT / "alerts" / "packs" / "eu-korea-russia"
SOURCES = ROOT / "crawler" / "packs" / "eu-korea-russia" / "sources.yaml"
SHARED = ROOT.parent / "shared" / "data" / "match"

ENTITIES = [
    "dprk",
    "rok",
    "russia",
    "ukraine",
    "eu",
    "nato",
    "japan",
    "china",
    "usa",
    "kim-jong-un",
    "kim-yo-jong",
    "choe-son-hui",
    "putin",
    "lavrov",
    "shoigu",
    "zelensky",
    "yoon-suk-yeol",
    "lee-jae-myung",
    "von-der-leyen",
    "costa",
    "kallas",
    "rutte",
    "hong-jang-won",
    "nis",
    "kursk",
    "eeas",
]
TOPICS = [
    "dprk",
    "russia",
    "kim-jong-un",
    "dprk-russia",
    "eu-rok",
    "dprk-troops",
    "dprk-arms",
    "eu-japan",
    "inter-korean",
    "kursk",
    "nis-briefings",
    "dprk-missiles",
    "sanctions",
]


@cache
def pack() -> tuple[dict[str, Entity], dict[str, Topic]]:
    entities, wrong = read_entities(
        load_document(PACK / "entities.yaml").data["entities"]
    )
    assert wrong == []
    topics, wrong = read_topics(
        load_document(PACK / "topics.yaml").data["topics"], channels=()
    )
    assert wrong == []
    return entities, topics


@cache
def matcher() -> Matcher:
    return Matcher.compile(*pack())


def hits(
    title: str = "", text: str = "", language: str | None = None
) -> dict[str, Match]:
    document = Document(title=title, text=text, language=language)
    return {match.topic: match for match in matcher().match(document) if match.hit}


def test_every_id_and_topic_that_others_rely_on_is_there() -> None:
    entities, topics = pack()
    assert set(ENTITIES) <= set(entities)
    assert set(topics) == set(TOPICS)
    assert len(entities) >= 150
    low = {name for name, topic in topics.items() if topic.severity is Severity.LOW}
    assert low == {"dprk", "russia", "kim-jong-un"}


def test_most_entities_are_spelled_in_latin_cyrillic_hangul_and_han() -> None:
    def scripts(entity: Entity) -> set[str]:
        text = "".join(alias.text for alias in entity.aliases)
        ranges = {"latin": "AZaz", "cyrillic": "Аяєї", "hangul": "가힣", "han": "一龥"}
        return {
            name
            for name, pairs in ranges.items()
            for low, high in zip(pairs[::2], pairs[1::2], strict=True)
            if any(low <= char <= high for char in text)
        }

    entities, _ = pack()
    wide = [each for each in entities.values() if {"latin", "hangul"} <= scripts(each)]
    assert len(wide) >= 190
    full = [each for each in wide if {"cyrillic"} <= scripts(each)]
    assert len(full) >= 150


def examples() -> list[tuple[str, bool, str]]:
    _, topics = pack()
    return [
        (topic.name, wanted, text)
        for topic in topics.values()
        for wanted, texts in ((True, topic.hits), (False, topic.misses))
        for text in texts
    ]


@pytest.mark.parametrize(("topic", "wanted", "text"), examples())
def test_every_example_comes_out_right_as_title_and_as_text(
    topic: str, wanted: bool, text: str
) -> None:
    for document in (Document(title=text, text=""), Document(title="", text=text)):
        assert matcher().explain(document, topic).hit is wanted


def test_every_topic_has_examples_of_both_kinds() -> None:
    _, topics = pack()
    for topic in topics.values():
        assert len(topic.hits) >= 5, topic.name
        assert len(topic.misses) >= 5, topic.name


@pytest.mark.parametrize(
    ("entity", "language", "text"),
    [
        ("dprk", "de", "die nordkoreanischen Behörden"),
        ("dprk", "ru", "в северокорейском посольстве"),
        ("dprk", "uk", "у Північній Кореї"),
        ("dprk", "ko", "北위협에 맞선 훈련"),
        ("dprk", "ko", "방북한 대표단"),
        ("russia", "uk", "рф готує новий наступ"),
        ("russia", "ko", "러, 가스 공급 중단"),
        ("kim-jong-un", "pl", "list do Kim Dzong Una"),
        ("kim-jong-un", "uk", "розмова з Кімом Чен Ином"),
        ("yoon-suk-yeol", "ru", "с президентом Юн Сок Ёлем"),
        ("yoon-suk-yeol", "ko", "尹 대통령, 유럽 순방"),
        ("eu", "lv", "ES ārlietu ministri"),
        ("nis", "it", "l'intelligence sudcoreana"),
    ],
)
def test_spellings_of_many_tongues_name_their_entity(
    entity: str, language: str, text: str
) -> None:
    assert entity in named(text, language)


@pytest.mark.parametrize(
    ("entity", "language", "text"),
    [
        ("dprk", "ko", "아시아태평양 협력회의"),
        ("dprk", "ko", "조선업과 조선일보"),
        ("dprk", "ko", "북마케도니아 총선"),
        ("dprk", "ko", "북 콘서트가 열렸다"),
        ("dprk", "ja", "北陸新幹線と東北の天気"),
        ("dprk", "zh", "东北和北京下雪"),
        ("dprk", "zh", "延边朝鲜族自治州"),
        ("dprk", "en", "sanctions on Cuba, North Korea, Iran and Syria"),
        ("russia", "de", "ein altes Karussell"),
        ("russia", "ko", "러닝화 판매가 늘었다"),
        ("russia", "zh", "俄亥俄州"),
        ("eu", "fr", "la réunion a eu lieu hier"),
        ("rok", "pl", "ten rok był dobry"),
        ("rok", "fr", "un homme seul"),
        ("iran", "ko", "인도네시아에서 지진"),
        ("kim-jong-un", "ko", "배우 김정은이 드라마에 출연한다"),
        ("nis", "en", "the NIS2 directive"),
        ("rok", "en", "soul and jazz"),
        ("russia", "en", "Bertrand Russell and John Ruskin"),
        ("dprk", "ja", "朝方は冷え込む"),
        ("dprk", "ko", "북한산 국립공원 탐방로"),
        ("dprk", "ko", "북미 시장에 진출한 트럼프호텔"),
        ("dprk", "ko", "미국 남북전쟁의 역사"),
        ("kursk", "ko", "수자원공사 사장"),
        ("kim-jong-un", "en", "Kim Jong Il died in North Korea in 2011"),
        ("yoon-suk-yeol", "en", "President Moon met Yun Byung-se"),
        ("costa", "uk", "кошти на ремонт шкіл у країнах ЄС"),
    ],
)
def test_words_that_only_look_alike_name_nobody(
    entity: str, language: str, text: str
) -> None:
    assert entity not in named(text, language)


def named(text: str, language: str) -> set[str]:
    """The entities found in a text, asked one by one through topics of their own."""
    return {
        piece.entity
        for match in probe().match(Document(title="", text=text, language=language))
        for piece in match.evidence
        if piece.entity
    }


@cache
def probe() -> Matcher:
    entities, _ = pack()
    topics = {name: Topic(name=name, title=name, query=f"@{name}") for name in entities}
    return Matcher.compile(entities, topics)


def test_the_sources_load_and_the_dead_ones_say_why() -> None:
    sources = load_sources(SOURCES).sources
    assert len(sources) >= 120
    assert all(source.why for source in sources.values() if source.status != "active")
    assert {source.status for source in sources.values()} == {
        "active",
        "unverified",
        "dead",
    }
    assert all(source.owner and source.country for source in sources.values())
    assert all(source.language and source.tags for source in sources.values())
    assert {source.language for source in sources.values()} >= {
        "en",
        "ko",
        "ru",
        "ja",
        "uk",
    }


@pytest.mark.corpus
def test_the_seed_article_hits_its_nine_topics_and_names_the_president() -> None:
    article = SHARED / "seed_article.txt"
    if not article.exists():
        pytest.skip(f"{article} is not beside this checkout")
    found = hits(text=article.read_text("utf-8"), language="en")
    wanted = (
        "dprk russia dprk-russia dprk-troops eu-rok eu-japan inter-korean kursk "
        "nis-briefings"
    )
    assert set(wanted.split()) <= set(found)
    assert ("yoon-suk-yeol", "Yoon Sul Yeol", "fuzzy(d=1)") in {
        (piece.entity, piece.surface, piece.how)
        for match in found.values()
        for piece in match.evidence
    }


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("topic", "label", "least"),
    [
        ("dprk", "dprk", 0.96),
        ("russia", "russia", 0.96),
        ("kim-jong-un", "kim_jong_un", 0.94),
        ("dprk-russia", "dprk_russia", 0.93),
        ("eu-rok", "eu_rok", 0.92),
    ],
)
def test_the_topics_agree_with_the_labelled_set(
    topic: str, label: str, least: float
) -> None:
    gold = SHARED / "gold_dev.jsonl"
    if not gold.exists():
        pytest.skip(f"{gold} is not beside this checkout")
    right = wrong = 0
    for row, found in judged(gold):
        if row[label] is not None:
            right += bool(row[label]) and topic in found
            wrong += bool(row[label]) != (topic in found)
    assert 2 * right / (2 * right + wrong) >= least


@cache
def judged(gold: Path) -> list[tuple[dict[str, object], set[str]]]:
    rows = [json.loads(line) for line in gold.read_text("utf-8").splitlines()]
    return [
        (row, set(hits(row["title"] or "", row["text"] or "", row["lang"])))
        for row in rows
    ]
