"""Live blogs and newsletters join stories, but no story is joined by them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.stories.mixed import is_mixed
from tests.alerts.desk import Desk, item

MIXED = (
    "War in Ukraine live: ferry hit in port",
    "LIVE: Parliament votes on the ferry law",
    "Live updates: ministers meet in Brussels",
    "Ferry disaster – as it happened",
    "Ukraine war briefing: drones over the harbour",
    "Morning briefing",
    "Europe newsletter: who pays for the bridge",
    "Krieg im Osten: Liveticker vom Dienstag",
    "Ukraine-Ticker +++ Hafen gesperrt +++ Gipfel verschoben +++",
    "Newsblog zum Gipfel: Minister reist ab",
    "EN DIRECT : le port est fermé",
    "En direct, guerre en mer : le port est fermé",
    "Wanderers v Rovers: cup final – live!",
    "Guerre à l'est – en direct",
    "Última hora de la cumbre, en directo",
    "Il vertice di oggi, la diretta",
    "Szczyt w Brukseli – relacja na żywo",
    "Саммит в Брюсселе: онлайн",
    "Хроника событий: порт закрыт, министр уехал",
    "Главное за ночь: порт закрыт",
    "Дайджест: порт, саммит, выборы",
    "Головне за добу: порт закрито",
    "[모닝브리핑] 항구 폐쇄, 정상회담 연기",
    "정상회담 실시간 업데이트",
    "속보 모음: 항구 폐쇄",
    "오늘의 주요 뉴스",
    "【まとめ】港の閉鎖と首脳会談",
    "きょうの主なニュース",
    "首脳会談 ニュースまとめ",
    "峰会实时更新",
)

PLAIN = (
    "Army announces live fire exercise near the border",
    "NIS holds briefing on troops near Kursk",
    "Morning briefing by the NIS names two units",
    "Live Nation buys the harbour stage",
    "People who live in the port ask for a ferry",
    "Court lets live animals travel by ferry",
    "The president spoke live on television",
    "Who asked where ferrymen live?",
    "[속보] 항구 폐쇄…정상회담 연기",
    "Alive: sailor found after three days",
    "Le discours a été diffusé en direct à la télévision",
    "Sticker auf dem Fährschiff verboten",
    "El presidente habló en directo con los marineros",
    "Онлайн-казино оштрафовано на миллион",
    "Полиция закрыла онлайн-магазин",
    "국정원, 북한군 파병 브리핑",
    "대통령실 브리핑서 파병 확인",
    "政府、港の閉鎖案をとりまとめ",
    "自民、提言まとめ首相に提出",
    "主播直播带货被罚",
)


@pytest.mark.parametrize("title", MIXED)
def test_a_title_tells_a_live_blog_or_a_newsletter(title: str) -> None:
    assert is_mixed(item(title, text="The harbour office said nothing."))


@pytest.mark.parametrize("title", PLAIN)
def test_a_look_alike_is_a_report(title: str) -> None:
    assert not is_mixed(item(title, text="The harbour office said so on Tuesday."))


STAMPS = {
    "en": "{h}:15 GMT\nThe minister left.",
    "de": "+++ {h}:15 Uhr +++ Die Ministerin ist abgereist.",
    "fr": "{h}h15 – La ministre est partie.",
    "ko": "오후 {h}시 15분 장관이 떠났다.",
    "ja": "午後{h}時15分 大臣が出発した。",
}


@pytest.mark.parametrize("language", STAMPS)
def test_stamped_paragraphs_are_a_live_blog(language: str) -> None:
    lines = [STAMPS[language].format(h=hour) for hour in range(1, 8)]
    assert is_mixed(item("The minister and the ferry", text="\n".join(lines)))
    few = "\n".join([*lines[:3], "The harbour office gave no reason."])
    assert not is_mixed(item("The minister and the ferry", text=few))


BULLETS = (
    "Ferry stuck between the islands",
    "Parliament votes on pensions",
    "Wheat prices fall to a low",
    "Tennis: Novak out of the cup",
    "Volcano wakes in Iceland",
    "Bank raises its key rate",
)


@pytest.mark.parametrize("mark", ["• ", "- ", "* ", "■ ", "1. ", "– "])
def test_unrelated_bullets_are_a_newsletter(mark: str) -> None:
    text = "Good day.\n" + "\n".join(mark + one for one in BULLETS)
    assert is_mixed(item("Thursday", text=text))


def test_a_list_within_a_report_is_no_newsletter() -> None:
    measures = [
        f"- The ferry company must {what} within the year"
        for what in ("hire", "train", "insure", "paint", "repair", "report")
    ]
    assert not is_mixed(item("New duties", text="\n".join(measures)))
    prose = "The council met for nine hours and agreed on a long list of things. " * 6
    text = prose + "\n" + "\n".join(f"- {one}" for one in BULLETS)
    assert not is_mixed(item("The council agrees", text=text))


def test_scores_and_prices_at_the_head_of_lines_are_no_stamps() -> None:
    text = "\n".join(f"1{n}.50% of the ships were late in month {n}." for n in range(8))
    assert not is_mixed(item("Late ships", text=text))


REPORT = (
    "The ferry Aurora ran aground off Hanko on Tuesday with 212 people on board."
    " The coast guard of Finland sent four boats, and everyone was brought to Hanko."
)
AGAIN = (
    "All 212 people on the ferry Aurora are safe after it ran aground off Hanko,"
    " the coast guard of Finland says. Four boats took them to Hanko on Tuesday."
)


def live(text: str = REPORT) -> str:
    return f"{text}\nElsewhere, wheat prices fell and a volcano woke in Iceland."


def test_no_report_joins_a_live_blog() -> None:
    """Not by what it is about, and not by the words that it took over whole."""
    desk = Desk()
    blog = item("The day: live", text=live(), url="https://a.test/live")
    assert desk.see(blog).alerts[0].topic == "ferry"
    copy = item("Ferry aground", text=REPORT, url="https://b.test/1")
    again = item("Ferry safe", text=AGAIN, url="https://c.test/1")
    first = desk.see(copy, after=timedelta(minutes=5))
    assert first.judgements[0].move.opened
    second = desk.see(again, after=timedelta(minutes=5)).judgements[0].move
    assert second.story_id == first.judgements[0].move.story_id


def test_nor_within_one_batch() -> None:
    blog = item("The day: live", text=live(), url="https://a.test/live")
    again = item("Ferry safe", text=AGAIN, url="https://c.test/1")
    verdict = Desk().see(blog, again)
    assert [one.move.opened for one in verdict.judgements] == [True, True]


def test_a_live_blog_joins_the_story_it_is_most_like_and_tells_it_no_facts() -> None:
    desk = Desk()
    desk.see(item("Ferry aground", text=REPORT, url="https://b.test/1"))
    blog = item("Ferry aground – as it happened", text=live(AGAIN))
    verdict = desk.see(blog, after=timedelta(minutes=5))
    assert not verdict.judgements[0].move.opened
    (story,) = verdict.stories
    assert story.items == 2
    assert all("news.test" not in fact.owners for fact in story.facts)


def test_the_next_state_of_a_live_blog_is_known_by_its_address() -> None:
    desk = Desk()
    first = item("The day: live", text=live(), url="https://a.test/live", source="a")
    desk.see(first)
    more = item("The day: live", text=live(AGAIN), url=first.url, source="b")
    assert desk.see(more).judgements[0].move.duplicate_of == first.id
