"""Numbers that count, in words and digits of eleven languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.stories.facts import MOST_FACTS, facts
from tests.alerts.newsstand import article

TOLD = [
    ("en", "At least 47 killed on ferry", ("toll", "47")),
    ("en", "Storm killed 47 people", ("toll", "47")),
    ("en", "Death toll from storm rises to 1,200", ("toll", "1200")),
    ("en", "A death toll of 47.", ("toll", "47")),
    ("en", "Twelve people were killed", ("toll", "12")),
    ("en", "Storm leaves three dead and 80 injured", ("injured", "80")),
    ("en", "Five sailors and nine others missing", ("missing", "9")),
    ("en", "Up to 10,000 North Korean troops arrive", ("troops", "10000")),
    ("en", "The army fired ten ballistic missiles", ("missiles", "10")),
    ("en", "The navy shot down 50 attack drones", ("drones", "50")),
    ("en", "A loan of $1.5 billion", ("usd", "1500000000")),
    ("en", "A loan of €2m", ("eur", "2000000")),
    ("en", "A loan of 300 million won", ("won", "300000000")),
    ("en", "It flew 500 km", ("km", "500")),
    ("en", "A magnitude 5.8 earthquake", ("magnitude", "5.8")),
    ("ru", "Погибли 47 человек", ("toll", "47")),
    ("ru", "Число погибших возросло до 1 200", ("toll", "1200")),
    ("ru", "Двое погибших в порту", ("toll", "2")),
    ("ru", "Ещё 300 человек пострадали", ("injured", "300")),
    ("ru", "10 тысяч солдат прибыли", ("troops", "10000")),
    ("ru", "Выделено 2,5 млрд рублей", ("rub", "2500000000")),
    ("ru", "Сбито 50 беспилотников", ("drones", "50")),
    ("uk", "Загинуло щонайменше 47 людей", ("toll", "47")),
    ("uk", "Поранено 12 осіб", ("injured", "12")),
    ("uk", "Виділено 140 млн доларів", ("usd", "140000000")),
    ("de", "47 Tote bei Sturm", ("toll", "47")),
    ("de", "Bei dem Sturm kamen 1.200 Menschen ums Leben", ("toll", "1200")),
    ("de", "Zwölf Verletzte im Hafen", ("injured", "12")),
    ("de", "Ein Kredit von 30 Milliarden Euro", ("eur", "30000000000")),
    ("de", "10.000 nordkoreanische Soldaten", ("troops", "10000")),
    ("fr", "La tempête fait au moins 47 morts", ("toll", "47")),
    ("fr", "Douze blessés dans le port", ("injured", "12")),
    ("fr", "Un prêt de 11 milliards de dollars", ("usd", "11000000000")),
    ("it", "Almeno 47 morti per la tempesta", ("toll", "47")),
    ("it", "10 mila soldati in arrivo", ("troops", "10000")),
    ("it", "Dodici missili sul porto", ("missiles", "12")),
    ("es", "Al menos 47 muertos por la tormenta", ("toll", "47")),
    ("pl", "Zginęło co najmniej 47 osób", ("toll", "47")),
    ("pl", "12 rannych w porcie", ("injured", "12")),
    ("ko", "여객선 사고로 47명 사망", ("toll", "47")),
    ("ko", "여객선 사고로 최소 47명이 숨졌다", ("toll", "47")),
    ("ko", "사망자 47명, 부상자 3명", ("injured", "3")),
    ("ko", "병력 1만2천명 파병", ("troops", "12000")),
    ("ko", "미사일 10발 발사", ("missiles", "10")),
    ("ko", "무인기 50여대 격추", ("drones", "50")),
    ("ko", "약 1억 4000만 달러 지원", ("usd", "140000000")),
    ("ko", "3천5백만 달러 지원", ("usd", "35000000")),
    ("ko", "규모 5.8 지진", ("magnitude", "5.8")),
    ("ja", "死者47人に", ("toll", "47")),
    ("ja", "47人が死亡した", ("toll", "47")),
    ("ja", "ミサイル10発を発射", ("missiles", "10")),
    ("ja", "約500キロ飛行した", ("km", "500")),
    ("zh", "造成47人死亡", ("toll", "47")),
    ("zh", "造成47人死亡和3人受伤", ("injured", "3")),
    ("zh", "发射10枚导弹", ("missiles", "10")),
    ("zh", "价值110亿美元", ("usd", "11000000000")),
    ("zh", "发生5.6级地震", ("magnitude", "5.6")),
]


@pytest.mark.parametrize(("language", "text", "pair"), TOLD)
def test_a_number_beside_its_word_is_a_fact(
    language: str, text: str, pair: tuple[str, str]
) -> None:
    assert pair in facts(article(text, language=language))
    assert pair in facts(article(text, language=None))


NO_COUNTS = [
    ("en", "He was killed in 2014"),
    ("en", "A man, 47, was killed"),
    ("en", "A 47-year-old man was killed"),
    ("en", "Killed at 10:30 in the port"),
    ("en", "The man killed 47 sheep"),
    ("en", "No one was injured"),
    ("en", "Al-Qaeda number 2 killed"),
    ("en", "Since 2019 soldiers guard the port"),
    ("en", "The club won 3-1 after 47 minutes"),
    ("en", "Democrats with 47 won the seats"),
    ("en", "It does 100 km/h"),
    ("en", "Oil fell to $30 a barrel"),
    ("en", "The death toll came after the bodies of two more were found"),
    ("ru", "Погиб 47-летний мужчина"),
    ("ru", "Он погиб в 2014 году"),
    ("ru", "Авария на 29 км трассы"),
    ("ru", "Разгон до 100 километров в час"),
    ("de", "47-Jähriger getötet"),
    ("de", "Er starb 2014 in Rom"),
    ("fr", "Mort à 47 ans"),
    ("ko", "47세 남성 사망"),
    ("ko", "20대 무인기 조종사"),
    ("ko", "47명 사상"),
    ("ja", "47人が死傷"),
    ("ja", "2014年に死亡"),
    ("zh", "47人死伤"),
]


@pytest.mark.parametrize(("language", "text"), NO_COUNTS)
def test_years_ages_times_and_prices_are_no_facts(language: str, text: str) -> None:
    assert facts(article(text, language=language)) == ()


def test_words_of_another_language_than_the_items_tell_nothing() -> None:
    assert facts(article("47 Tote im Hafen", language="en")) == ()
    assert facts(article("47 Tote im Hafen", language="fi")) == ()


def test_a_neighbour_clause_keeps_its_own_number() -> None:
    told = facts(article("47명 사망 3명 부상 5명 실종", language="ko"))
    assert told == (("toll", "47"), ("injured", "3"), ("missing", "5"))


def test_an_item_tells_at_most_twelve_facts_each_once() -> None:
    many = ". ".join(f"Storm killed {n} people" for n in range(3, 40))
    assert len(facts(article("Storm killed 3 people", many, "en"))) == MOST_FACTS
    twice = facts(article("47 killed", "Storm killed 47 people.", "en"))
    assert twice == (("toll", "47"),)


@given(st.integers(2, 999_999), st.sampled_from([",", " ", "\u00a0", ".", ""]))
def test_every_country_writes_the_same_number(number: int, separator: str) -> None:
    written = f"{number:,}".replace(",", separator)
    told = facts(article(f"Storm: {written} people killed", language="en"))
    year = not separator and 1900 <= number < 2100 and number % 100
    assert told == (() if year else (("toll", str(number)),))


@given(st.text(max_size=300), st.sampled_from(["en", "ko", "ru", None]))
def test_no_text_is_too_odd_to_read(text: str, language: str | None) -> None:
    assert all(
        unit and value for unit, value in facts(article(text, language=language))
    )
