"""When two gists in two languages are too little alike to be one event."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.stories.clusters import SAME
from alerts.stories.gists import gist
from alerts.stories.likeness import likeness, thin
from tests.alerts.newsstand import article

if TYPE_CHECKING:
    from alerts.model import Gist

SOON = timedelta(hours=1)
BUSAN = (
    "부산 항구 창고에서 큰 화재",
    "부산 항구의 창고에서 화재가 발생해 소방대가 출동했다. 화재로 노동자들이 대피했다.",
    "ko",
)
VLADIVOSTOK = (
    "Пожар на складе в порту Владивостока",
    "На складе в порту Владивостока пожар. Рабочих эвакуировали, огонь тушат.",
    "ru",
)
BUSAN_SEEN_FROM_RUSSIA = (
    "Пожар на складе в порту Пусана",
    "На складе в порту Пусана начался пожар. Рабочих эвакуировали, огонь тушат.",
    "ru",
)


def about(report: tuple[str, str, str]) -> Gist:
    title, text, language = report
    found = gist(article(title, text=text, language=language))
    assert found is not None
    return found


def test_a_fire_in_another_countrys_port_is_another_event() -> None:
    here, there = about(BUSAN), about(VLADIVOSTOK)
    assert likeness(here, there, SOON) >= SAME, "alike, or this shows nothing"
    assert thin(here, there)


def test_the_same_fire_in_another_language_is_the_same() -> None:
    here, there = about(BUSAN), about(BUSAN_SEEN_FROM_RUSSIA)
    assert likeness(here, there, SOON) >= SAME
    assert not thin(here, there)


def test_a_shared_name_or_number_outweighs_the_places() -> None:
    """One event is told from two countries: a ship of one sinks off the other."""
    here, there = (
        about((title, f"{text} {more}", language))
        for (title, text, language), more in (
            (BUSAN, "선박 번호 48213."),
            (VLADIVOSTOK, "Номер судна 48213."),
        )
    )
    assert not thin(here, there)
