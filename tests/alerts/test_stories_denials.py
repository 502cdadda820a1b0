"""What is a denial, and what only sounds like one."""

from __future__ import annotations

import pytest

from alerts.stories.denials import denies
from tests.alerts.newsstand import article

DENIALS = [
    ("en", "Port denies selling the ferry"),
    ("en", "Ministry refutes report of a sunken ferry"),
    ("en", "Reports of a sale were denied by the harbour office"),
    ("en", "Company rejects media reports of a sale"),
    ("en", "Mayor issues denial after ferry rumour"),
    ("ko", "항만청, 여객선 매각 의혹 전면 부인"),
    ("ko", "항만청은 매각 보도를 부인했다"),
    ("ko", "매각설은 사실무근이라고 밝혔다"),
    ("ru", "Порт опроверг продажу парома"),
    ("ru", "Капитан отрицает вину"),
    ("ru", "В порту отвергли обвинения"),
    ("uk", "Порт спростував продаж порома"),
    ("uk", "Капітан заперечує провину"),
    ("de", "Hafen dementiert Verkauf der Fähre"),
    ("de", "Der Kapitän bestreitet die Tat"),
    ("de", "Der Hafen weist die Vorwürfe des Kapitäns zurück"),
    ("fr", "Le port dément la vente du ferry"),
    ("fr", "Le capitaine a nié les faits"),
    ("it", "Il porto smentisce la vendita"),
    ("it", "Il capitano nega ogni colpa"),
    ("es", "El puerto desmiente la venta"),
    ("es", "El capitán niega haber vendido el barco"),
    ("pl", "Port zaprzecza sprzedaży promu"),
    ("pl", "Kapitan dementuje doniesienia"),
    ("ja", "港、フェリー売却を否定"),
    ("ja", "港は売却を否定した"),
    ("zh", "港口否认出售渡轮"),
    ("zh", "港口駁斥報道"),
]

FALSE_FRIENDS = [
    ("en", "An undeniable success for the port"),
    ("en", "It cannot be denied that the ferry is old"),
    ("en", "Ferry denied entry to harbour"),
    ("en", "Captain was denied bail"),
    ("en", "Court denies the captain's request"),
    ("en", "The port neither confirmed nor denied the sale"),
    ("en", "The mayor did not deny the sale"),
    ("en", "Denial-of-service attack on the ferry's pages"),
    ("en", "The harbour lives in denial"),
    ("ko", "시장 부인과 함께 여객선을 탄 선장"),
    ("ko", "영부인, 여객선 방문"),
    ("ko", "산부인과 의사가 배에 탔다"),
    ("ko", "선장은 매각을 부인하지 않았다"),
    ("ko", "부인할 수 없는 사실이다"),
    ("ru", "Капитан не отрицает вину"),
    ("ru", "В порту не стали опровергать продажу"),
    ("ru", "Неопровержимые доказательства и отрицательный тест"),
    ("uk", "Капітан не заперечує провину"),
    ("uk", "Беззаперечний лідер"),
    ("uk", "Мешканці заперечують проти продажу"),
    ("de", "Der Hafen dementiert nicht"),
    ("de", "Der Klub bestritt dreißig Spiele"),
    ("de", "Das ist unbestritten"),
    ("fr", "Le port ne dément pas la vente"),
    ("fr", "Un malade atteint de démence"),
    ("it", "Il porto non smentisce"),
    ("it", "Il test è negativo, negli uffici"),
    ("es", "El capitán se niega a hablar"),
    ("pl", "Kapitan nie zaprzecza, niezaprzeczalny sukces"),
    ("ja", "港は売却を否定しなかった"),
    ("ja", "否定的な見方が多い"),
    ("zh", "港口未否认出售"),
    ("zh", "不可否认，渡轮很旧"),
]


@pytest.mark.parametrize(("language", "text"), DENIALS)
def test_a_denial_is_told_with_and_without_a_language(language: str, text: str) -> None:
    assert denies(article(text, language=language))
    assert denies(article(text, language=None))
    assert denies(article("...", text, language))


@pytest.mark.parametrize(("language", "text"), FALSE_FRIENDS)
def test_a_closed_door_a_wife_or_a_double_no_is_no_denial(
    language: str, text: str
) -> None:
    assert not denies(article(text, language=language))
    assert not denies(article(text, language=None))


def test_a_denial_in_the_background_is_not_the_news() -> None:
    filler = "The ferry stays in port. " * 16
    assert not denies(article("Ferry", filler + "The port denies a sale.", "en"))


def test_a_true_denial_beside_a_false_friend_counts() -> None:
    text = "Captain denied bail; his lawyer denies that he sold the ferry"
    assert denies(article(text, language="en"))


def test_a_region_of_a_language_changes_nothing() -> None:
    assert denies(article("港口否认出售渡轮", language="zh-Hant"))
