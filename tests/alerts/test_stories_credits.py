"""Whose words a text carries, and whose news: credits and attributions."""

from __future__ import annotations

import pytest

from alerts.stories.citing import cites
from alerts.stories.credits import credited
from tests.alerts.newsstand import article, shipped

BODY = "The ferry stays in port because its engine is broken, the harbour master says. "
LONG = BODY * 12

CREDITS = [
    ("HARBOUR TOWN (Reuters) - " + LONG, {"reuters"}),
    ("HARBOUR TOWN, March 2 (AP) — " + LONG, {"associated-press"}),
    ("Harbour Town (dpa) - " + LONG, {"dpa"}),
    ("By Ann Oar.\nHARBOUR TOWN, Feb. 3 (AP) — " + LONG, {"associated-press"}),
    ("(서울=연합뉴스) 김철수 기자 = 여객선이 항구에 머물고 있다. " * 3, {"yonhap"}),
    ("[부산=뉴시스] 김영희 기자 = 여객선이 항구에 머물고 있다.", {"newsis"}),
    ("МОСКВА, 2 марта. /ТАСС/. Паром остаётся в порту.", {"state:RU"}),
    ("МОСКВА, 2 мар - РИА Новости. Паром остаётся в порту.", {"state:RU"}),
    ("Москва. 2 марта. INTERFAX.RU - Паром остаётся в порту.", {"interfax"}),
    ("【ソウル聯合ニュース】フェリーは港にとどまっている。", {"yonhap"}),
    ("【ロンドン共同】フェリーは港にとどまっている。", {"kyodo"}),
    ("新华社北京3月2日电 渡轮仍停在港口。", {"state:CN"}),
    (LONG + "(dpa)", {"dpa"}),
    (LONG + "© 2026 AFP", {"afp"}),
    (LONG + "\nQuelle: dpa", {"dpa"}),
    (LONG + "(Reporting by Ann Oar; Editing by Tom Quay)", {"reuters"}),
    (LONG + "The Associated Press", {"associated-press"}),
    (LONG + "(KCNA)", {"state:KP"}),
    (LONG + "— AFP", {"afp"}),
    (LONG + "(ab/cde/dpa)", {"dpa"}),
    (LONG + "\nmit dpa", {"dpa"}),
    (LONG + "The Associated Press contributed to this report.", {"associated-press"}),
    ("ТАСС, 2 марта. Паром остаётся в порту.", {"state:RU"}),
]


@pytest.mark.parametrize(("text", "owners"), CREDITS)
def test_a_dateline_or_a_last_line_credits_an_agency(
    text: str, owners: set[str]
) -> None:
    assert credited(article("Ferry", text), shipped()) == owners


@pytest.mark.parametrize(
    "text",
    [
        BODY + "The captain told AFP that he waits. " + LONG,
        LONG + "He told Reuters (the agency) nothing more. " + LONG,
        "The Korean Central News Agency (KCNA) - " + LONG,
        "The Associated Press (AP) is an agency. " + LONG,
        "The ferry in port (Photo: AFP) " + LONG,
        LONG + "Foto: dpa",
        LONG + "(Getty Images/AFP)",
        "[사진=연합뉴스] 여객선이 항구에 머물고 있다.",
        LONG + "The ferry in a file photo. (AFP)",
        LONG + "\nHARBOUR TOWN (dpa) - " + LONG,
        LONG + "(The Guardian)",
        "Reuters plans to hire a hundred writers. " + LONG,
        "ТАСС сообщили в порту, что паром стоит. " + LONG,
        "МОСКВА, 2 мар - РИА «Новый порт». " + LONG,
        "Bapple and dpapers are no agencies. " + LONG,
    ],
)
def test_a_mention_is_no_credit(text: str) -> None:
    assert credited(article("Ferry", text), shipped()) == frozenset()


def test_a_title_or_an_author_credits_an_agency() -> None:
    assert credited(article("Ferry in port – Reuters"), shipped()) == {"reuters"}
    assert credited(article("Ferry in port (AFP)"), shipped()) == {"afp"}
    assert credited(article("Ferry", authors=("dpa",)), shipped()) == {"dpa"}
    assert credited(article("Reuters hires writers"), shipped()) == frozenset()


CITED = [
    ("en", "The ferry is sold, as Bild reports.", "axel-springer"),
    ("en", "The ferry is sold, according to Yonhap News Agency.", "yonhap"),
    ("en", "The ferry is sold, state news agency KCNA said on Monday.", "state:KP"),
    ("en", "The ferry is sold, the Kyiv Independent reported.", "kyiv-independent"),
    ("en", "The Korean Central News Agency (KCNA) reported a sale.", "state:KP"),
    ("en", "The ferry is sold, reports AP.", "associated-press"),
    ("ru", "Паром продан, сообщает ТАСС.", "state:RU"),
    ("ru", "Паром продан, пишет немецкая газета Bild.", "axel-springer"),
    ("ru", "Паром продан, передаёт агентство Рёнхап.", "yonhap"),
    ("ru", "Об этом говорится со ссылкой на «Коммерсантъ».", "kommersant"),
    ("uk", "Пором продано, повідомляє Укрінформ.", "state:UA"),
    ("uk", "Пором продано, пише Reuters з посиланням на порт.", "reuters"),
    ("ko", "연합뉴스에 따르면 여객선이 팔렸다.", "yonhap"),
    ("ko", "조선중앙통신은 여객선이 팔렸다고 2일 보도했다.", "state:KP"),
    ("de", "Die Fähre ist verkauft, laut Spiegel an eine Werft.", "spiegel"),
    (
        "de",
        "Die Fähre ist verkauft, berichtet die Süddeutsche Zeitung.",
        "sueddeutsche",
    ),
    ("de", "Der Nachrichtenagentur Yonhap zufolge ist die Fähre fort.", "yonhap"),
    ("fr", "Le ferry est vendu, selon l'AFP.", "afp"),
    ("fr", "Le ferry est vendu, rapporte Le Monde.", "groupe-le-monde"),
    ("it", "Il traghetto è venduto, secondo l'agenzia Yonhap.", "yonhap"),
    ("it", "Il traghetto è venduto, riporta Repubblica.", "repubblica"),
    ("ja", "聯合ニュースによると、フェリーは売られた。", "yonhap"),
    ("ja", "朝鮮中央通信はフェリーが売られたと伝えた。", "state:KP"),
    ("zh", "据韩联社报道，渡轮已售出。", "yonhap"),
    ("zh", "路透社援引消息人士的话说，渡轮已售出。据路透社消息。", "reuters"),
    ("pl", "Prom sprzedano, podaje PAP.", "pap"),
]


@pytest.mark.parametrize(("language", "text", "owner"), CITED)
def test_news_is_attributed_to_the_outlet_it_is_taken_from(
    language: str, text: str, owner: str
) -> None:
    assert owner in cites(article("...", text, language), shipped())


@pytest.mark.parametrize(
    "text",
    [
        "The captain told Reuters that the ferry is sold.",
        "According to Reuters journalists and others the ferry is sold.",
        "Bloomberg reported a loss for the year.",
        "A Reuters photographer saw the ferry.",
        "According to CCTV footage the ferry left.",
        "两国代表共同报道了渡轮。",
        "Паром продан. Об этом ТАСС сообщили в порту.",
        "Das Bild zeigt die Fähre.",
        "연합뉴스 기자가 항구에 있다.",
        BODY * 7 + "According to Yonhap the ferry was built long ago.",
    ],
)
def test_a_mention_is_no_attribution(text: str) -> None:
    assert cites(article("Ferry", text), shipped()) == frozenset()


def test_a_title_may_begin_or_end_with_its_source() -> None:
    assert cites(article("Bild: Ferry sold"), shipped()) == {"axel-springer"}
    assert cites(article("Ferry sold - Bloomberg"), shipped()) == {"bloomberg"}
    assert cites(article("Bloomberg sells its ferry"), shipped()) == frozenset()
