"""The lexicon of the stories: one stem names one concept, one word finds its stem."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

import alerts.stories

FOLDER = Path(alerts.stories.__file__).parent / "lexicon"
LANGUAGES = (
    "en",
    "ru",
    "uk",
    "ko",
    "fr",
    "de",
    "it",
    "es",
    "pl",
    "ja",
    "zh",
    "cs",
    "ro",
    "nl",
)
UNSPACED = frozenset({"ko", "ja", "zh"})
SINGLES = {"ko": frozenset("댐"), "ja": frozenset("核賞"), "zh": frozenset("核奖獎")}
PSEUDO = frozenset({"EU", "UN", "NATO"})
NOTHING = "_none"  # the words that only look like another row's
FILES = ("concepts", "places")


def table(name: str) -> list[list[str]]:
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    return [line.split("|") for line in text.splitlines()]


def stems(name: str, language: str) -> dict[str, str]:
    header, *rows = table(name)
    at = header.index(language)
    return {stem: row[0] for row in rows for stem in row[at].split()}


def held(known: dict[str, str], word: str) -> str:
    """The row of the longest stem the word begins with, if it is not too long."""
    for end in range(len(word), 2, -1):
        if word[:end] in known:
            near = len(word) - end <= (6 if end > 3 else 1)
            return known[word[:end]] if near else NOTHING
    return NOTHING


def inside(known: dict[str, str], text: str) -> set[str]:
    """The rows of the stems in a text without spaces, less what nothing covers."""
    for stem in (stem for stem in known if known[stem] == NOTHING):
        text = text.replace(stem, " ")
    return {known[stem] for stem in known if stem in text}


def found(name: str, language: str, sentence: str) -> set[str]:
    known = stems(name, language)
    if language in UNSPACED:
        return inside(known, sentence)
    words = re.findall(r"\w+", sentence.lower())
    return {held(known, word) for word in words} - {NOTHING}


@pytest.mark.parametrize("name", FILES)
def test_every_line_has_a_cell_for_every_language(name: str) -> None:
    header, *rows = table(name)
    assert header == ["concept" if name == "concepts" else "country", *LANGUAGES]
    assert {len(row) for row in rows} == {len(header)}


@pytest.mark.parametrize("name", FILES)
def test_no_line_is_there_twice_and_its_name_is_well_formed(name: str) -> None:
    names = [row[0] for row in table(name)[1:] if row[0] != NOTHING]
    assert len(names) == len(set(names))
    form = r"[a-z][a-z0-9]*(_[a-z0-9]+)*" if name == "concepts" else r"[A-Z]{2}"
    assert not [
        one for one in names if not re.fullmatch(form, one) and one not in PSEUDO
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FILES)
def test_a_stem_belongs_to_one_line(name: str, language: str) -> None:
    header, *rows = table(name)
    at = header.index(language)
    all_stems = [stem for row in rows for stem in row[at].split()]
    assert len(all_stems) == len(set(all_stems))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FILES)
def test_a_stem_is_lower_case_composed_and_long_enough(
    name: str, language: str
) -> None:
    least = 2 if language in UNSPACED else 3
    for stem in stems(name, language):
        assert stem == unicodedata.normalize("NFC", stem).lower()
        assert len(stem) >= least or stem in SINGLES.get(language, ())


@pytest.mark.parametrize("name", FILES)
def test_cells_are_separated_by_single_spaces(name: str) -> None:
    assert not [
        cell for row in table(name) for cell in row if cell != " ".join(cell.split())
    ]


def test_every_concept_has_words_in_most_languages() -> None:
    _, *rows = table("concepts")
    assert not [
        row[0] for row in rows if row[0] != NOTHING and sum(map(bool, row[1:])) < 12
    ]


CONCEPTS = [
    ("earthquake", "en", "Two earthquakes shook the valley before dawn"),
    ("earthquake", "ru", "Ночью жителей разбудило землетрясение"),
    ("earthquake", "ko", "새벽 규모 5.1 지진이 발생했다"),
    ("earthquake", "cs", "Ostrov zasáhla dvě silná zemětřesení"),
    ("ceasefire", "fr", "La trêve a tenu toute la nuit"),
    ("ceasefire", "de", "Beide Seiten halten die Waffenruhe ein"),
    ("ceasefire", "zh", "双方同意从周一起停火"),
    ("ceasefire", "uk", "Сторони домовилися про перемир'я"),
    ("resign", "es", "El ministro presentó su dimisión"),
    ("resign", "pl", "Minister podał się do dymisji"),
    ("resign", "ja", "大臣は辞任を表明した"),
    ("resign", "it", "Il ministro ha rassegnato le dimissioni"),
    ("strike", "en", "Drivers began a two-day strike"),
    ("strike", "nl", "De machinisten gaan morgen staken"),
    ("strike", "ro", "Profesorii au intrat în grevă"),
    ("strike", "ko", "버스 기사들이 파업에 들어갔다"),
    ("volcano", "it", "Il vulcano si è risvegliato"),
    ("volcano", "ja", "火山が再び噴火した"),
    ("volcano", "ru", "Началось извержение вулкана"),
    ("volcano", "nl", "De vulkaan spuwt weer as"),
    ("impeachment", "ko", "국회가 탄핵소추안을 가결했다"),
    ("impeachment", "zh", "議員提出彈劾動議"),
    ("impeachment", "en", "Lawmakers impeached the judge"),
    ("impeachment", "uk", "Депутати почали процедуру імпічменту"),
    ("drone", "de", "Drohnen legten den Flughafen lahm"),
    ("drone", "ru", "Ночью сбиты беспилотники"),
    ("drone", "pl", "Wojsko zestrzeliło trzy drony"),
    ("drone", "zh", "无人机坠入海中"),
    ("volleyball", "cs", "Volejbalistky postoupily"),
    ("volleyball", "fr", "Les volleyeuses gagnent encore"),
    ("volleyball", "es", "La selección de voleibol gana"),
    ("volleyball", "ja", "女子バレーボールが開幕"),
    ("vaccine", "en", "The first vaccinations begin on Monday"),
    ("vaccine", "de", "Die Impfungen beginnen am Montag"),
    ("vaccine", "ro", "Vaccinarea începe luni"),
    ("vaccine", "pl", "Szczepionka trafiła do szpitali"),
    ("refugee", "fr", "Les réfugiés ont passé la nuit à la gare"),
    ("refugee", "uk", "Біженців розмістили у школах"),
    ("refugee", "es", "Los refugiados llegaron ayer"),
    ("refugee", "zh", "數千難民越過邊境"),
    ("satellite", "it", "Lanciati altri venti satelliti"),
    ("satellite", "ko", "정찰 위성이 궤도에 올랐다"),
    ("satellite", "ja", "衛星の打ち上げに成功"),
    ("satellite", "ru", "Спутник вышел на орбиту"),
    ("football", "nl", "De voetballers wonnen met drie nul"),
    ("football", "cs", "Fotbalisté vyhráli tři nula"),
    ("football", "ro", "Fotbaliștii au câștigat"),
    ("football", "de", "Die Fußballer siegen wieder"),
]


@pytest.mark.parametrize(("concept", "language", "sentence"), CONCEPTS)
def test_a_word_of_a_sentence_finds_its_concept(
    concept: str, language: str, sentence: str
) -> None:
    assert concept in found("concepts", language, sentence)


PLACES = [
    ("RU", "uk", "У Москві заявили про навчання"),
    ("RU", "nl", "Een woordvoerder in Moskou zwijgt"),
    ("KP", "ja", "平壌で大会が開かれた"),
    ("KP", "pl", "Phenian wystrzelił pocisk"),
    ("KR", "ko", "부산에서 회의가 열렸다"),
    ("KR", "de", "In Seoul tagt das Parlament"),
    ("UA", "en", "Power returned to Kherson"),
    ("UA", "cs", "V Charkově zněly sirény"),
    ("EU", "es", "Bruselas prepara otra lista"),
    ("US", "zh", "白宫发表声明"),
    ("DE", "it", "I tedeschi votano a settembre"),
    ("FR", "ro", "Guvernul francez a anunțat"),
]


@pytest.mark.parametrize(("country", "language", "sentence"), PLACES)
def test_a_word_of_a_sentence_finds_its_country(
    country: str, language: str, sentence: str
) -> None:
    assert country in found("places", language, sentence)


LOOKALIKES = [
    (
        "concepts",
        "en",
        "A couple of warm, stable portions",
        {"coup", "war", "stabbing", "port"},
    ),
    ("concepts", "de", "Der Gast aus Brandenburg", {"gas", "fire"}),
    ("concepts", "fr", "La couleur des portraits", {"sink", "port"}),
    ("concepts", "pl", "Długość portretu", {"debt", "port"}),
    ("concepts", "ko", "소비자와 출판사", {"passport", "judge"}),
    ("concepts", "zh", "审核运动员的资料", {"nuclear", "mobilise"}),
    ("places", "ja", "アイランドのアドバイザー", {"IR", "AE"}),
    ("places", "en", "A modified trumpet in the parish", {"IN", "US", "FR"}),
    ("places", "it", "Il romanzo di Francesco", {"IT", "FR"}),
    ("places", "uk", "Кримінальний критик", {"UA", "GR"}),
]


@pytest.mark.parametrize(("name", "language", "sentence", "wrong"), LOOKALIKES)
def test_a_word_that_only_looks_like_one_finds_nothing(
    name: str, language: str, sentence: str, wrong: set[str]
) -> None:
    assert not found(name, language, sentence) & wrong
