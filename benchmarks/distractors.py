"""Sentences that name nobody of the pack, though many look as if they did.

Traps (``traps.py``) hold or resemble a watched name; the rest is ordinary news about
other countries, sport, weather and trade, put together from parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.traps import TRAPS

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Distractor:
    """One sentence and its language."""

    language: str
    text: str


_PARTS = {
    "en": (
        "Portugal|Kenya|Brazil|Norway|Peru|Morocco|Ghana|Chile|Ireland|Nepal",
        """{} opens a new railway line
Farmers in {} hope for rain
The museum of {} lends a painting
{} wins the handball final
Inflation in {} slows again
A storm passes over {}
{} plants a million trees
Teachers in {} go on strike
Coffee from {} is dearer
A film from {} wins a prize""",
    ),
    "ko": (
        "포르투갈|케냐|브라질|노르웨이|페루|모로코|가나|칠레|아일랜드|네팔",
        """{}에서 새 철도가 개통됐다
{} 농민들이 비를 기다린다
{} 박물관이 그림을 빌려준다
{} 핸드볼팀이 결승에서 이겼다
{}의 물가가 안정됐다
{}에 폭풍이 지나갔다
{}는 나무를 심는다
{} 교사들이 파업했다
{}산 커피값이 올랐다
{} 영화가 상을 받았다""",
    ),
    "ru": (
        "Португалии|Кении|Бразилии|Норвегии|Перу|Марокко|Гане|Чили|Ирландии|Непале",
        """В {} открыли железную дорогу
В {} ждут дождя
В {} прошёл фестиваль
В {} выиграли финал
В {} замедлилась инфляция
В {} прошёл ураган
В {} сажают деревья
В {} бастуют учителя
В {} подорожал кофе
В {} сняли фильм""",
    ),
    "uk": (
        "Португалії|Кенії|Бразилії|Норвегії|Перу|Марокко|Гані|Чилі|Ірландії|Непалі",
        """У {} відкрили залізницю
У {} чекають на дощ
У {} пройшов фестиваль
У {} виграли фінал
У {} сповільнилася інфляція
У {} пройшла буря
У {} садять дерева
У {} страйкують учителі
У {} подорожчала кава
У {} зняли фільм""",
    ),
    "pl": (
        "Portugalii|Kenii|Brazylii|Norwegii|Peru|Maroku|Ghanie|Chile|Irlandii|Nepalu",
        """W {} otwarto linię kolejową
Rolnicy w {} czekają na deszcz
W {} odbył się festiwal
Drużyna z {} wygrała finał
W {} spada inflacja
Burza przeszła nad krajem w {}
W {} sadzą drzewa
W {} strajkują nauczyciele
W {} podrożała kawa
Film nakręcony w {} zdobył nagrodę""",
    ),
    "de": (
        "Portugal|Kenia|Brasilien|Norwegen|Peru|Marokko|Ghana|Chile|Irland|Nepal",
        """{} eröffnet eine Bahnstrecke
Bauern in {} hoffen auf Regen
Das Museum von {} verleiht ein Bild
{} gewinnt das Handballfinale
Die Teuerung in {} sinkt
Ein Sturm zieht über {}
{} pflanzt Bäume
Lehrer in {} streiken
Kaffee aus {} wird teurer
Ein Film aus {} gewinnt""",
    ),
    "fr": (
        "Portugal|Kenya|Brésil|Pérou|Maroc|Ghana|Chili|Népal|Sénégal|Liban",
        """Le {} ouvre une ligne de train
Au {}, on attend la pluie
Le musée du {} prête un tableau
Le {} gagne la finale
L'inflation ralentit au {}
Une tempête traverse le {}
Le {} plante des arbres
Grève des enseignants au {}
Le café du {} est plus cher
Un film du {} est primé""",
    ),
    "it": (
        "Portogallo|Kenya|Brasile|Perù|Marocco|Ghana|Cile|Nepal|Senegal|Libano",
        """Il {} apre una ferrovia
In {} si aspetta la pioggia
Il museo del {} presta un quadro
Il {} vince la finale
L'inflazione rallenta in {}
Una tempesta attraversa il {}
Il {} pianta alberi
Sciopero degli insegnanti in {}
Il caffè del {} costa di più
Un film dal {} premiato""",
    ),
    "ja": (
        "ポルトガル|ケニア|ブラジル|ノルウェー|ペルー|モロッコ|ガーナ|チリ|アイルランド|ネパール",
        """{}で鉄道が開通した
{}の農家は雨を待つ
{}の博物館が絵を貸す
{}が決勝で勝った
{}の物価が落ち着いた
{}を嵐が通過した
{}は木を植える
{}で教師がストライキ
{}産のコーヒーが値上がり
{}の映画が受賞""",
    ),
    "zh": (
        "葡萄牙|肯尼亚|巴西|挪威|秘鲁|摩洛哥|加纳|智利|爱尔兰|尼泊尔",
        """{}开通新铁路
{}农民盼雨
{}博物馆出借油画
{}队赢得决赛
{}通胀放缓
风暴经过{}
{}种树
{}教师罢工
{}咖啡涨价
{}电影获奖""",
    ),
}


def distractors() -> Iterator[Distractor]:
    """Every trap, then every ordinary sentence."""
    for language, traps in TRAPS.items():
        for text in traps.splitlines():
            yield Distractor(language=language, text=text)
    for language, (names, frames) in _PARTS.items():
        for frame in frames.splitlines():
            for name in names.split("|"):
                yield Distractor(language=language, text=frame.format(name))
