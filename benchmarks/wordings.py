"""Forms of the pack's names as texts carry them, by rules of a school grammar.

Nothing here is read from the pack or from ``alerts.matching``: names, particles and
endings are written down by hand, so that a gap there is not repeated here.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A sentence in which ``surface`` names ``entity``; ``kind`` is the rule."""

    entity: str
    language: str
    kind: str
    surface: str
    sentence: str


# entity: Hangul, romanised, Russian, Ukrainian, Japanese or Han spellings
KOREANS = {
    "kim-jong-un": ("김정은", "Kim Jong Un", "Ким Чен Ын", "Кім Чен Ин", "金正恩"),
    "kim-yo-jong": ("김여정", "Kim Yo Jong", "Ким Ё Чжон", "Кім Йо Чжон", "金与正"),
    "kim-ju-ae": ("김주애", "Kim Ju Ae", "Ким Чжу Э", "", "キム・ジュエ"),
    "choe-son-hui": (
        "최선희",
        "Choe Son Hui",
        "Цой Сон Хи",
        "Чхве Сон Хі",
        "崔善姫",
    ),
    "no-kwang-chol": ("노광철", "No Kwang Chol", "Но Гван Чхоль", "", "努光鉄"),
    "pak-jong-chon": ("박정천", "Pak Jong Chon", "Пак Чон Чхон", "", "朴正天"),
    "kim-yong-bok": ("김영복", "Kim Yong Bok", "Ким Ён Бок", "Кім Йон Бок", ""),
    "jo-yong-won": ("조용원", "Jo Yong Won", "Чо Ён Вон", "", "趙甬元"),
    "choe-ryong-hae": ("최룡해", "Choe Ryong Hae", "Цой Рён Хэ", "", "崔竜海"),
    "yoon-suk-yeol": (
        "윤석열",
        "Yoon Suk Yeol",
        "Юн Сок Ёль",
        "Юн Сок Йоль",
        "尹錫悦",
    ),
    "lee-jae-myung": (
        "이재명",
        "Lee Jae Myung",
        "Ли Чжэ Мён",
        "Лі Дже Мьон",
        "李在明",
    ),
    "moon-jae-in": ("문재인", "Moon Jae In", "Мун Чжэ Ин", "Мун Чже Ін", "文在寅"),
    "han-duck-soo": ("한덕수", "Han Duck Soo", "Хан Док Су", "Хан Док Су", "韓悳洙"),
    "cho-tae-yul": ("조태열", "Cho Tae Yul", "Чо Тхэ Ёль", "", "趙兌烈"),
    "shin-won-sik": ("신원식", "Shin Won Sik", "Син Вон Сик", "", "申源湜"),
    "kim-yong-hyun": ("김용현", "Kim Yong Hyun", "Ким Ён Хён", "", "金竜顕"),
    "hong-jang-won": ("홍장원", "Hong Jang Won", "Хон Чжан Вон", "", ""),
    "wi-sung-lac": ("위성락", "Wi Sung Lac", "Ви Сон Нак", "", "魏聖洛"),
    "chung-dong-young": ("정동영", "Chung Dong Young", "Чон Дон Ён", "", "鄭東泳"),
    "ahn-gyu-back": ("안규백", "Ahn Gyu Back", "Ан Гю Бэк", "", "安圭伯"),
}
# entity: Korean, Japanese, Chinese
OTHERS = {
    "dprk": ("북한", "北朝鮮", "朝鲜"),
    "russia": ("러시아", "ロシア", "俄罗斯"),
    "rok": ("한국", "韓国", "韩国"),
    "ukraine": ("우크라이나", "ウクライナ", "乌克兰"),
    "japan": ("일본", "日本", "日本"),
    "china": ("중국", "中国", "中国"),
    "usa": ("미국", "米国", "美国"),
    "eu": ("유럽연합", "欧州連合", "欧盟"),
    "nato": ("나토", "NATO", "北约"),
    "putin": ("푸틴", "プーチン", "普京"),
    "lavrov": ("라브로프", "ラブロフ", "拉夫罗夫"),
    "shoigu": ("쇼이구", "ショイグ", "绍伊古"),
    "zelensky": ("젤렌스키", "ゼレンスキー", "泽连斯基"),
    "trump": ("트럼프", "トランプ大統領", "特朗普"),
    "kursk": ("쿠르스크", "クルスク", "库尔斯克"),
    "belarus": ("벨라루스", "ベラルーシ", "白俄罗斯"),
    "nis": ("국가정보원", "国家情報院", "国家情报院"),
    "iran": ("이란", "イラン", "伊朗"),
}

_AFTER_CONSONANT = (
    "이|은|을|과|으로|의|에|에게|에서|도|만|까지|부터|보다|측|"
    "이라는|이나|에는|에도|과의"
)
_AFTER_VOWEL = (
    "가|는|를|와|로|의|에|에게|에서|도|만|까지|부터|보다|측|라는|나|에는|에도|와의"
)
_KOREAN = [
    "어제 오후 {} 관련 소식이 전해졌다.",
    "전문가들은 {} 다시 언급했다.",
    "“{} 달라졌다”고 신문이 썼다.",
]
_JAPANESE = [
    "きのう{}が発表した。",
    "記者は{}について尋ねた。",
    "きょう{}の話が出た。",
    "まず{}から連絡があった。",
    "次に{}へ向かった。",
    "専門家は{}を批判した。",
    "{}、声明を出す",
]
_CHINESE = [
    "昨天{}发表了声明。",
    "记者问到{}的计划。",
    "专家认为{}会再次这样做。",
    "他谈到了对{}的看法。",
    "据报道，{}表示反对。",
]
_ENGLISH = ["The paper wrote about {} again.", "{} was not in the room.", "Why {}?"]


def korean() -> Iterator[Wording]:
    """Names with a particle, as every Korean sentence has them."""
    names = {entity: each[0] for entity, each in {**KOREANS, **OTHERS}.items()}
    for entity, name in names.items():
        closed = (ord(name[-1]) - 0xAC00) % 28 != 0
        particles = _AFTER_CONSONANT if closed else _AFTER_VOWEL
        for index, particle in enumerate(particles.split("|")):
            surface = name + particle
            sentence = _KOREAN[index % len(_KOREAN)].format(surface)
            yield _wording(entity, "ko", "particle", surface, sentence)


def japanese_and_chinese() -> Iterator[Wording]:
    """Names with nothing around them that tells words apart."""
    for entity, names in OTHERS.items():
        for language, name, templates in (
            ("ja", names[1], _JAPANESE),
            ("zh", names[2], _CHINESE),
        ):
            for template in templates:
                yield _wording(entity, language, "plain", name, template.format(name))
    for entity, (*_, name) in KOREANS.items():
        for template in _JAPANESE if name else ():
            yield _wording(entity, "ja", "plain", name, template.format(name))


def romanised() -> Iterator[Wording]:
    """Korean names as English papers write them: hyphens, closed, capitals, 's."""
    for entity, (_, name, *_) in KOREANS.items():
        one, two, three = name.split()
        low = three.lower()
        spellings = {
            "spaces": f"{one} {two} {three}",
            "hyphen": f"{one} {two}-{low}",
            "hyphen-capital": f"{one} {two}-{three}",
            "non-breaking hyphen": f"{one} {two}\u2011{low}",
            "closed": f"{one} {two}{low}",
            "capitals": f"{one} {two} {three}".upper(),
            "possessive": f"{one} {two} {three}'s",
            "curly possessive": f"{one} {two}-{low}’s",
            "non-breaking space": f"{one}\u00a0{two}\u00a0{three}",
            "double space": f"{one}  {two} {three}",
        }
        for index, (kind, surface) in enumerate(spellings.items()):
            sentence = _ENGLISH[index % 3].format(surface)
            yield _wording(entity, "en", kind, surface, sentence)
        sentence = f"Envoys of{one} {two} {three}and aides met in Geneva."
        yield _wording(entity, "en", "glued", f"of{one} {two} {three}and", sentence)


def misspelled(seed: int = 20241028) -> Iterator[Wording]:
    """One wrong letter in a name of ten letters or more, beside a place that is known.

    The first letter stays, and so do the family names: another one is another person.
    """
    dice = random.Random(seed)
    for entity, (_, name, *_) in KOREANS.items():
        letters = name.replace(" ", "")
        if len(letters) < 10:
            continue
        family = len(name.split()[0])
        inner = [
            at for at in range(family + 2, len(name)) if name[at - 1 : at + 1].isalpha()
        ]
        for kind in ("replaced", "dropped", "doubled", "swapped"):
            at = dice.choice(inner)
            surface = _spoil(name, at, kind, dice)
            if surface == name:
                continue
            sentence = f"In Geneva and Moscow {surface} was expected all day."
            yield _wording(entity, "en", f"typo {kind}", surface, sentence)


def _spoil(name: str, at: int, kind: str, dice: random.Random) -> str:
    if kind == "replaced":
        pool = "aeiou" if name[at] in "aeiou" else "bdgkmnrst"
        return name[:at] + dice.choice(pool.replace(name[at], "")) + name[at + 1 :]
    if kind == "dropped":
        return name[:at] + name[at + 1 :]
    if kind == "doubled":
        return name[:at] + name[at] + name[at:]
    if at + 1 < len(name) and name[at + 1].isalpha():
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + name[at] + name[at:]


def _wording(
    entity: str, language: str, kind: str, surface: str, sentence: str
) -> Wording:
    return Wording(
        entity=entity, language=language, kind=kind, surface=surface, sentence=sentence
    )
