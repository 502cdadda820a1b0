"""Paradigms of European names: full tables written down, endings by school rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.wordings import KOREANS, Wording

if TYPE_CHECKING:
    from collections.abc import Iterator

_HARD_RU = ("", "а", "у", "ом", "е")
_RUSSIAN_NAMES = {
    # -ов, -ев, -ин: genitive, dative, instrumental -ым, prepositional
    ("", "а", "у", "ым", "е"): {
        "putin": "Путин",
        "lavrov": "Лавров",
        "medvedev": "Медведев",
        "belousov": "Белоусов",
        "peskov": "Песков",
        "mishustin": "Мишустин",
        "gerasimov": "Герасимов",
        "volodin": "Володин",
        "patrushev": "Патрушев",
        "naryshkin": "Нарышкин",
        "budanov": "Буданов",
        "umerov": "Умеров",
    },
    ("ий", "ого", "ому", "им", "ом"): {"zelensky": "Зеленск", "syrskyi": "Сырск"},
    ("а", "ой", "у"): {"zakharova": "Захаров"},
    ("я", "и", "е", "ю", "ей"): {"nebenzya": "Небенз"},
    ("",): {
        "shoigu": "Шойгу",
        "matviyenko": "Матвиенко",
        "lukashenko": "Лукашенко",
        "kallas": "Каллас",
        "rubio": "Рубио",
    },
    _HARD_RU: {
        "yermak": "Ермак",
        "trump": "Трамп",
        "macron": "Макрон",
        "biden": "Байден",
        "hegseth": "Хегсет",
        "stoltenberg": "Столтенберг",
    },
}
_UKRAINIAN_NAMES = {
    ("", "а", "у", "ові", "им"): {
        "putin": "Путін",
        "lavrov": "Лавров",
        "medvedev": "Медведєв",
        "peskov": "Пєсков",
        "budanov": "Буданов",
        "umerov": "Умєров",
    },
    ("ий", "ого", "ому", "им"): {"zelensky": "Зеленськ", "syrskyi": "Сирськ"},
    ("о", "а", "у", "ові", "ом"): {"lukashenko": "Лукашенк"},
    ("", "а", "у", "ові", "ом"): {"trump": "Трамп", "macron": "Макрон"},
    ("",): {"shoigu": "Шойгу", "kallas": "Каллас"},
}
_POLISH_NAMES = {
    ("", "a", "owi", "em", "ie"): {
        "putin": "Putin",
        "lavrov": "Ławrow",
        "peskov": "Pieskow",
        "macron": "Macron",
        "kim-jong-un": "Kim Dzong Un",
    },
    ("", "a", "owi", "em"): {"trump": "Trump", "biden": "Biden"},
    ("i", "iego", "iemu", "im"): {"zelensky": "Zełensk"},
    ("",): {"shoigu": "Szojgu", "kallas": "Kallas"},
}

_ADJECTIVE = {
    "ru": "ий ого ому им ом ая ой ую ое ие их ими",
    "uk": "ий ого ому им а ої ій у ою е і их ими",
    "pl": "i iego iemu im a iej ą ie ich imi",
    "de": " e er en es em",
    "fr": " ne s nes",
    "it": "o a i e",
}
_ADJECTIVES = {
    "ru": {
        "dprk": "северокорейск",
        "rok": "южнокорейск",
        "russia": "российск",
        "ukraine": "украинск",
        "china": "китайск",
        "japan": "японск",
        "usa": "американск",
    },
    "uk": {
        "dprk": "північнокорейськ",
        "rok": "південнокорейськ",
        "russia": "російськ",
        "ukraine": "українськ",
        "china": "китайськ",
    },
    "pl": {
        "dprk": "północnokoreańsk",
        "rok": "południowokoreańsk",
        "russia": "rosyjsk",
        "ukraine": "ukraińsk",
        "china": "chińsk",
    },
    "de": {
        "dprk": "nordkoreanisch",
        "rok": "südkoreanisch",
        "russia": "russisch",
        "ukraine": "ukrainisch",
        "japan": "japanisch",
        "china": "chinesisch",
    },
    "fr": {"dprk": "nord-coréen", "rok": "sud-coréen", "ukraine": "ukrainien"},
    "it": {
        "dprk": "nordcorean",
        "rok": "sudcorean",
        "russia": "russ",
        "ukraine": "ucrain",
    },
}
_TABLES = {
    "en": {
        "dprk": "North Korea|North Korea's|North Korea’s|N. Korea|North Korean|"
        "North Koreans|North Koreans'|NORTH KOREA|North-Korea|DPRK|DPRK's|Pyongyang's",
        "rok": "South Korea|South Korea's|S. Korea|South Korean|South Koreans|Seoul’s|"
        "ROK",
        "russia": "Russia|Russia's|RUSSIA|Russian|Russians|Russians'|Moscow’s|"
        "Kremlin's",
        "ukraine": "Ukraine|Ukraine's|Ukrainian|Ukrainians|Kyiv's|Kyiv",
        "eu": "EU|EU's|E.U.|European Union|European Union's|the EU’s",
        "japan": "Japan|Japan's|Japanese|Tokyo's",
        "china": "China|China’s|Chinese|Beijing's",
        "putin": "Putin|Putin's|Vladimir Putin|PUTIN",
        "zelensky": "Zelensky|Zelenskyy|Zelenskiy|Zelensky's|Volodymyr Zelenskyy",
        "von-der-leyen": "von der Leyen|Von der Leyen's|Ursula von der Leyen",
        "nato": "NATO|NATO's|Nato",
        "nis": "National Intelligence Service|National Intelligence Service's",
    },
    "ru": {
        "dprk": "Северная Корея|Северной Кореи|Северную Корею|Северной Кореей|КНДР|"
        "Пхеньян|Пхеньяна|Пхеньяну|Пхеньяном|Пхеньяне|северокореец|северокорейцы|"
        "северокорейцев",
        "rok": "Южная Корея|Южной Кореи|Южную Корею|Южной Кореей|Сеул|Сеула|Сеулу|"
        "Сеулом|Сеуле|Республики Корея|южнокорейцев",
        "russia": "Россия|России|Россию|Россией|Москва|Москвы|Москве|Москву|Москвой|РФ|"
        "Кремль|Кремля|Кремлю|Кремлём|Кремлем|Кремле|россияне|россиян|россиянами",
        "ukraine": "Украина|Украины|Украине|Украину|Украиной|Киев|Киева|Киеву|Киевом",
        "japan": "Япония|Японии|Японию|Японией|Токио",
        "china": "Китай|Китая|Китаю|Китаем|Китае|КНР|Пекин|Пекина|Пекином",
        "usa": "США|Соединённые Штаты|Соединенных Штатов|Соединёнными Штатами|"
        "Вашингтона",
        "eu": "ЕС|Евросоюз|Евросоюза|Евросоюзу|Евросоюзом|Евросоюзе|Европейского союза",
        "nato": "НАТО|Североатлантический альянс|Североатлантического альянса",
        "kursk": "Курск|Курска|Курску|Курском|Курске|Курской области|Курскую область",
        "belarus": "Белоруссия|Белоруссии|Беларусь|Беларуси|Белоруссией|Беларусью",
        "iran": "Иран|Ирана|Ирану|Ираном|Иране",
    },
    "uk": {
        "dprk": "Північна Корея|Північної Кореї|Північній Кореї|Північну Корею|"
        "Північною Кореєю|КНДР|Пхеньян|Пхеньяну|Пхеньяном|північнокорейців",
        "rok": "Південна Корея|Південної Кореї|Південній Кореї|Південну Корею|"
        "Південною Кореєю|Сеул|Сеулу|Сеулом|Сеулі",
        "russia": "Росія|Росії|Росію|Росією|РФ|Москва|Москви|Москві|Москву|Москвою|"
        "Кремль|Кремля|Кремлем|росіяни|росіян|росіянами",
        "ukraine": "Україна|України|Україні|Україну|Україною|Київ|Києва|Києву|Києвом",
        "eu": "ЄС|Євросоюз|Євросоюзу|Євросоюзом|Європейського Союзу",
        "china": "Китай|Китаю|Китаєм",
        "kursk": "Курськ|Курська|Курську|Курськом|Курської області|Курщина|Курщині",
    },
    "pl": {
        "dprk": "Korea Północna|Korei Północnej|Koreę Północną|Koreą Północną|KRLD|"
        "Pjongjang|Pjongjangu|Pjongjangiem|Phenian|Phenianu|Phenianem",
        "rok": "Korea Południowa|Korei Południowej|Koreę Południową|Koreą Południową",
        "russia": "Rosja|Rosji|Rosję|Rosją|Moskwa|Moskwy|Moskwie|Moskwę|Moskwą|Kreml|"
        "Kremla|Kremlem|Rosjanie|Rosjan|Rosjanom|Rosjanami",
        "ukraine": "Ukraina|Ukrainy|Ukrainie|Ukrainę|Ukrainą|Kijów|Kijowa|Kijowem",
        "eu": "UE|Unia Europejska|Unii Europejskiej|Unię Europejską|Unią Europejską",
        "china": "Chiny|Chin|Chinom|Chinami|Chinach",
        "japan": "Japonia|Japonii|Japonię|Japonią",
    },
    "de": {
        "dprk": "Nordkorea|Nordkoreas|Nordkoreaner|Nordkoreanern|Nordkoreanerin|"
        "Pjöngjang|Pjöngjangs",
        "rok": "Südkorea|Südkoreas|Südkoreaner|Südkoreanerinnen|Seoul|Seouls",
        "russia": "Russland|Russlands|Russe|Russen|Moskau|Moskaus|Kreml|Kremls",
        "ukraine": "Ukraine|Ukrainer|Ukrainern|Kiew|Kiews|Kyjiw",
        "eu": "EU|Europäische Union|Europäischen Union|EU-Kommission|EU-Staaten",
        "putin": "Putin|Putins|Wladimir Putins",
        "zelensky": "Selenskyj|Selenskyjs|Selenski",
        "kim-jong-un": "Kim Jong Un|Kim Jong-uns|Kim Jong Uns|Machthaber Kim",
    },
    "fr": {
        "dprk": "Corée du Nord|Pyongyang|Nord-Coréens|la RPDC|nord‑coréenne",
        "rok": "Corée du Sud|Séoul|Sud-Coréens|République de Corée",
        "russia": "Russie|russe|russes|Russes|Moscou|Kremlin|pro-russes",
        "ukraine": "l'Ukraine|l’Ukraine|d'Ukraine|Kiev|Ukrainiens",
        "eu": "l'UE|l’Union européenne|UE|Union européenne",
        "putin": "Poutine|Vladimir Poutine",
        "kim-jong-un": "Kim Jong-un|Kim Jong Un",
        "china": "Chine|chinois|chinoise|chinoises|Pékin",
        "japan": "Japon|japonais|japonaise|Tokyo",
    },
    "it": {
        "dprk": "Corea del Nord|Pyongyang|nord-coreano|NORD COREA",
        "rok": "Corea del Sud|Repubblica di Corea|Seoul",
        "russia": "Russia|Mosca|Cremlino|filorusso|filorussi|Federazione russa",
        "ukraine": "Ucraina|dell'Ucraina|l’Ucraina|Kiev",
        "eu": "UE|Ue|Unione europea|dell'Unione europea",
        "putin": "Putin|Vladimir Putin",
        "china": "Cina|cinese|cinesi|Pechino",
        "japan": "Giappone|giapponese|giapponesi|Tokyo",
    },
}
_TEMPLATES = {
    "en": ["The report mentions {} twice.", "Much depends on {}, editors write."],
    "ru": [
        "Вчера в статье снова шла речь о том, что {} упоминается.",
        "«{}» — в заголовке.",
    ],
    "uk": ["Учора в статті знову йшлося про те, що {} згадано.", "«{}» — у заголовку."],
    "pl": ["W artykule znowu pojawia się {} i to dwukrotnie.", "Tytuł: „{}”."],
    "de": ["Der Bericht nennt {} gleich zweimal.", "Im Titel steht „{}“."],
    "fr": ["Le journal parle encore de {} ce matin.", "Le titre: « {} »."],
    "it": ["Il giornale parla ancora di {} stamattina.", "Nel titolo: «{}»."],
}


def european() -> Iterator[Wording]:
    """Cases, genders and numbers in Russian, Ukrainian, Polish, German, French..."""
    for language, kind, entity, surface in _surfaces():
        for template in _TEMPLATES[language][: 1 if kind == "adjective" else 2]:
            yield Wording(
                entity=entity,
                language=language,
                kind=kind,
                surface=surface,
                sentence=template.format(surface),
            )


def _surfaces() -> Iterator[tuple[str, str, str, str]]:
    """(language, rule, entity, surface)."""
    yield from _names()
    for language, tables in _TABLES.items():
        for entity, forms in tables.items():
            yield from ((language, "table", entity, form) for form in forms.split("|"))
    for language, stems in _ADJECTIVES.items():
        for entity, stem in stems.items():
            for ending in _ADJECTIVE[language].split(" "):
                yield language, "adjective", entity, stem + ending


def _names() -> Iterator[tuple[str, str, str, str]]:
    tables = {"ru": _RUSSIAN_NAMES, "uk": _UKRAINIAN_NAMES, "pl": _POLISH_NAMES}
    for language, classes in tables.items():
        for endings, people in classes.items():
            for entity, stem in people.items():
                yield from ((language, "name", entity, stem + end) for end in endings)
    for entity, (_, _, russian, ukrainian, _) in KOREANS.items():
        for surface in _korean_in_russian(russian):
            yield "ru", "korean name", entity, surface
        for surface in _korean_in_ukrainian(ukrainian) if ukrainian else ():
            yield "uk", "korean name", entity, surface


def _korean_in_russian(name: str) -> Iterator[str]:
    """Only the last part declines; one that ends in a vowel does not."""
    yield name
    if name[-1] in "ьй":
        yield from (name[:-1] + ending for ending in ("я", "ю", "ем", "е"))
    elif name[-1] not in "аеёиоуыэюя":
        yield from (name + ending for ending in _HARD_RU[1:])


def _korean_in_ukrainian(name: str) -> Iterator[str]:
    """The last part declines, and in careful style the family name too."""
    yield name
    family, rest = name.split(" ", 1)
    cases = {"а": "я", "у": "ю", "ом": "ем"}
    for hard, soft in cases.items():
        if name[-1] == "ь":
            last = rest[:-1] + soft
        elif name[-1] in "аеєиіїоуюя":
            continue
        else:
            last = rest + hard
        yield f"{family} {last}"
        if family[-1] not in "аеєиіїоуюя":
            yield f"{family}{hard} {last}"
