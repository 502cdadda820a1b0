"""Numbers with their counters: 47명, 死者47人, 10枚导弹.

Korean, Japanese and Chinese put a counter after every number. The counter is found
first, then the word beside it that says what is counted, in the same clause.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCALES = {
    "백": 10**2,
    "百": 10**2,
    "천": 10**3,
    "千": 10**3,
    "만": 10**4,
    "万": 10**4,
    "萬": 10**4,
    "억": 10**8,
    "億": 10**8,
    "亿": 10**8,
    "조": 10**12,
    "兆": 10**12,
}
_S = "백천만억조百千万萬億亿兆"
_NUMBER = rf"\d[\d,.]{{0,14}}(?:[{_S}]{{1,2}}\s?\d[\d,]{{0,5}}){{0,3}}(?:[{_S}]{{0,2}})"
_COUNTED = re.compile(
    rf"(?<![\d.,:])(?P<n>{_NUMBER})\s?[여余餘多수]?\s?(?:(?P<people>명|名|人)"
    r"|(?P<pieces>발|발의|枚|発|发|枚の)|(?P<craft>대|架|機(?!関|構|会)|기(?![가-힣]))"
    r"|(?P<km>㎞|km|킬로미터|킬로|キロ(?:メートル)?|公里|千米)(?![/／毎])"
    r"|(?P<usd>달러|美元|美金|米?ドル)|(?P<eur>유로|欧元|歐元|ユーロ)"
    r"|(?P<won>원(?![가-힣]{2})|韩元|韓元|韓圜|ウォン)|(?P<rub>루블|卢布|盧布|ルーブル)"
    r"|(?P<level>级|級)(?=[强強]?地震|の地震))",
    re.IGNORECASE,
)
_MAGNITUDE = re.compile(
    r"(?:규모|マグニチュード|(?<![A-Za-z])M|震级|規模)\s?(?:は|が)?\s?(\d\.\d)(?!\d)"
)
_CLAUSE = re.compile(r"[\d。.,、，;；:：…\n]")

_ABOUT = (
    r"\s?(?:수|数|數)?(?:는|은|가|이|を|が|は|を?で|로|으로)?\s?(?:최소|적어도|모두|약|총|최대|"
    r"約|少なくとも|計|至少|已|共|达|達|升至|增至|为|為|约|最多|上升至|累计|이미|현재)*\s?$"
)
_DONE = r"(?<!人)(?<!명)(?<!명 )(?<!名)(?<!이 )(?<!が)"
_BEFORE = {
    "toll": (
        rf"{_DONE}(?:사망자|사망|희생자|숨진 사람이|死者|死亡者|死亡人数|"
        rf"死亡人數|遇难者|罹難者|死亡)"
    ),
    "injured": (
        rf"{_DONE}(?:부상자|부상|중상|경상|負傷者|けが人|重傷|軽傷|"
        rf"伤者|傷者|受伤人数)"
    ),
    "missing": rf"{_DONE}(?:실종자|실종|行方不明者|行方不明|失踪者|失踪人数)",
    "troops": (
        r"(?:병력|군인|병사|북한군|장병|兵士|兵力|士兵|部隊|部队|"
        r"朝鲜士兵|军人|軍人)"
    ),
}
_AFTER = {
    "toll": (
        r"(?:사망|숨지|숨졌|숨진|숨져|목숨|희생|死亡|遇难|遇難|丧生|喪生|"
        r"罹难|罹難|身亡|"
        r"(?<!여러 )死(?![伤傷刑])|犠牲|死者|"
        r"亡くな)"
    ),
    "injured": (
        r"(?:부상|다치|다쳤|다쳐|중상|경상|重傷|軽傷|負傷|负伤|受伤|"
        r"受傷|けが|ケガ|怪我|轻伤|重伤)"
    ),
    "missing": r"(?:실종|行方不明|失踪|失蹤|失联|失聯)",
    "troops": (
        r"(?:병력|군인|병사|장병|북한군|兵士|兵力|士兵|军人|軍人|部队|"
        r"部隊|朝鲜军|朝鮮兵|北朝鮮兵)"
    ),
}
_BEFORE_PATTERNS = {unit: re.compile(what + _ABOUT) for unit, what in _BEFORE.items()}
_AFTER_PATTERNS = {
    unit: re.compile(rf"[^\d]{{0,8}}?{what}") for unit, what in _AFTER.items()
}
_MISSILE = re.compile(r"미사일|로켓|방사포|ミサイル|ロケット|导弹|導彈|飞弹|飛彈|火箭")
_DRONE = re.compile(r"드론|무인기|無人機|ドローン|无人机")
_MONEY = ("usd", "eur", "won", "rub")
LEAST_MONEY = 10_000
"""In won, dollars or roubles alike: less is a price or a rate, no sum to follow."""

_NEAR = 14


def counted(text: str) -> Iterator[tuple[str, str]]:
    """(unit, value) pairs of a text, in its order."""
    for hit in _COUNTED.finditer(text):
        value = _value(hit["n"])
        unit = _unit(hit, text)
        if unit is None or value is None:
            continue
        if unit not in _MONEY or Decimal(value) >= LEAST_MONEY:
            yield unit, value
    for hit in _MAGNITUDE.finditer(text):
        yield "magnitude", hit[1]


def _unit(hit: re.Match[str], text: str) -> str | None:
    kind = hit.lastgroup or ""
    if kind in _MONEY or kind == "km":
        return kind
    if kind == "level":
        return "magnitude"
    before = _CLAUSE.split(text[max(0, hit.start() - _NEAR) : hit.start()])[-1]
    after = _CLAUSE.split(text[hit.end() : hit.end() + _NEAR])[0]
    if kind == "people":
        return _of_people(before, after)
    if _MISSILE.search(before) or (kind == "pieces" and _MISSILE.search(after[:8])):
        return "missiles"
    korean = hit.group().endswith(("대", "기"))
    if kind == "craft" and (
        _DRONE.search(before) or (not korean and _DRONE.search(after[:8]))
    ):
        return "drones"
    return None


def _of_people(before: str, after: str) -> str | None:
    """What is said of so many people, before them or after."""
    for unit, pattern in _BEFORE_PATTERNS.items():
        if pattern.search(before):
            found = next(
                (u for u, p in _AFTER_PATTERNS.items() if p.match(after)), None
            )
            return found if unit == "troops" and found else unit
    return next((u for u, p in _AFTER_PATTERNS.items() if p.match(after)), None)


def _value(number: str) -> str | None:
    """1만2천 is 12000; a bare number may have separators or decimals."""
    total = section = Decimal(0)
    for digits, scales in re.findall(rf"(\d[\d,.]*)\s?([{_S}]*)", number):
        part = _decimal(digits)
        if part is None:
            return None
        for scale in scales:
            worth = _SCALES[scale]
            if worth < _SCALES["만"]:
                part *= worth
            else:
                total += (section + part) * worth
                section = part = Decimal(0)
        section += part
    value = f"{(total + section).normalize():f}"
    return value if 0 < len(value) <= 15 and value != "0" else None


def _decimal(digits: str) -> Decimal | None:
    packed = digits.strip(",.")
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", packed):
        packed = packed.replace(",", "")
    return Decimal(packed) if re.fullmatch(r"\d+(?:\.\d+)?", packed) else None
