"""The news of the miniature web; every word is our own and nothing happened."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One article: on which site, when it appears (seconds after the start)."""

    site: str
    slug: str
    title: str
    text: str
    after_s: float


PIECES = (
    Piece(
        site="courier",
        slug="harbour-cup",
        title="Harbour Cup goes to extra time",
        text="The final between the two port towns was decided by a late header "
        "in front of nine thousand people.",
        after_s=0,
    ),
    Piece(
        site="ministry",
        slug="notice-on-opening-hours",
        title="Notice on opening hours of the visitors' centre",
        text="The visitors' centre closes an hour earlier during the winter months.",
        after_s=0,
    ),
    Piece(
        site="seoul",
        slug="subway-line",
        title="새 지하철 노선, 내년 봄 개통 예정",
        text="서울시는 새 노선의 시험 운행을 마쳤다고 밝혔다.",
        after_s=0,
    ),
    Piece(
        site="moskva",
        slug="teatr",
        title="В городском театре открылся новый сезон",
        text="Зрителям показали комедию в трёх действиях.",
        after_s=0,
    ),
    Piece(
        site="courier",
        slug="troops-in-kursk",
        title="North Korean soldiers seen near Kursk, say European diplomats",
        text="Brussels has been told that North Korean troops are being moved to "
        "Russia's Kursk region. In a call with President Yoon Sul Yeol, Ursula von "
        "der Leyen said the European Union and the Republic of Korea would deepen "
        "their security partnership.",
        after_s=5,
    ),
    Piece(
        site="ministry",
        slug="statement-on-troops",
        title="North Korean soldiers seen near Kursk, say European diplomats",
        text="Brussels has been told that North Korean troops are being moved to "
        "Russia's Kursk region. In a call with President Yoon Sul Yeol, Ursula von "
        "der Leyen said the European Union and the Republic of Korea would deepen "
        "their security partnership.",
        after_s=7,
    ),
    Piece(
        site="seoul",
        slug="dispatch-confirmed",
        title='국정원 "북한군 추가 파병, 러시아 쿠르스크로 이동 중"',
        text="국가정보원은 북한이 러시아에 병력을 추가로 파병한 정황을 포착했다고 "
        "국회에 보고했다.",
        after_s=8,
    ),
    Piece(
        site="moskva",
        slug="vizit",
        title="Глава МИД КНДР Чхве Сон Хи прибыла в Москву на переговоры с Лавровым",
        text="Стороны обсудят военное сотрудничество России и Северной Кореи, "
        "сообщили в министерстве.",
        after_s=11,
    ),
)
