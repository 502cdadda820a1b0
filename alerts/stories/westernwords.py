"""What numbers count in English, German, French, Italian, Spanish and Polish."""

from __future__ import annotations

from alerts.stories.countwords import CountWords, numbers

_EN_PEOPLE = (
    r"people|persons?|civilians?|soldiers|troops|children|child|women|men|man|woman|"
    r"passengers|workers|police(?:men)?|officers|migrants|residents|victims|others?|"
    r"more|students|crew|miners|tourists|fighters|militants|rebels|servicemen|hostages|"
    r"worshipp?ers|firefighters|pilgrims|protesters|prisoners|patients|villagers|"
    r"north|south|east|west|[a-z]+(?:ian|ean|ese|ish|aeli|raqi|ghan)s?|of them"
)
_DE_PEOPLE = (
    r"menschen|personen|zivilisten|soldaten|kinder|frauen|männer|weitere|passagiere|"
    r"polizisten|bewohner|arbeiter|insassen|[a-zäöü]+ische[nr]?"
)
_FR_PEOPLE = (
    r"personnes|civils|soldats|militaires|enfants|femmes|hommes|policiers|passagers|"
    r"autres|[a-zé]+(?:iens|ais|éens)"
)
_IT_PEOPLE = (
    r"persone|civili|soldati|militari|bambini|donne|uomini|agenti|passeggeri|altr[ie]|"
    r"[a-z]+(?:iani|esi|eani)"
)
_ES_PEOPLE = (
    r"personas|civiles|soldados|militares|niños|mujeres|hombres|policías|pasajeros|"
    r"otras|otros|[a-z]+(?:anos|eses)"
)
_PL_PEOPLE = (
    r"osób|osoby|osobę|ludzi|cywilów|żołnierzy|dzieci|kobiet\w*|mężczyzn\w*|"
    r"policjantów|pasażerów|innych|[a-ząćęłńóśźż]+skich"
)
_WAR_EN = (
    r"(?:[a-z]+-range|ballistic|cruise|north|south|[a-z]+ian|[a-z]+ean|guided|attack|"
    r"shahed|suicide|kamikaze|hypersonic|strike|combat|explosive|enemy|military)"
)

WESTERN = {
    "en": CountWords(
        numbers=numbers(
            "one two three four five six seven eight nine ten eleven twelve"
        ),
        fill=(
            rf"{_EN_PEOPLE}|were|was|are|is|have|has|been|had|being|also|reported|"
            r"reportedly|confirmed|feared|left|have been|believed"
        ),
        people=_EN_PEOPLE,
        after={
            "toll": r"(?:killed|dead|deaths|fatalities|died|perished)\b(?![- ]?end)",
            "injured": r"(?:injured|wounded|hurt|injuries)\b",
            "missing": r"(?:missing|unaccounted for)\b(?!\s+(?:missile|link))",
            "troops": (
                rf"(?:{_WAR_EN}\s+){{0,3}}(?:troops|soldiers|servicemen|"
                r"military personnel)\b"
            ),
            "missiles": rf"(?:{_WAR_EN}\s+){{0,3}}(?:missiles|rockets)\b",
            "drones": rf"(?:{_WAR_EN}\s+){{0,3}}(?:drones|uavs)\b",
        },
        before={
            "toll": (
                r"(?:kill(?:ed|ing|s)|death toll(?: of|(?:\s+\w+){0,5}?\s+(?:(?:risen|"
                r"rises|rose|climbs|climbed|jumps|jumped|soars|up) to|stands at|"
                r"stood at|at|is|was|reache[sd]|hits?|passe[sd]|tops))|"
                r"claim(?:ed|ing|s) the lives"
                r" of|dead:|killed:)"
            ),
            "injured": r"(?:injur(?:ed|ing|ies:)|wound(?:ed|ing))",
        },
        about=(
            r"at least|more than|over|about|around|some|nearly|almost|up to|another|"
            r"an estimated|as many as|a total of|the|to"
        ),
        scales={
            "thousand": 10**3,
            "million": 10**6,
            "mln": 10**6,
            "mn": 10**6,
            "billion": 10**9,
            "bn": 10**9,
            "trillion": 10**12,
        },
    ),
    "de": CountWords(
        numbers=numbers("- zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"),
        fill=rf"{_DE_PEOPLE}|sind|wurden|wurde|kamen|seien|haben|dabei|bislang|bereits",
        people=_DE_PEOPLE,
        after={
            "toll": r"(?:tote[nr]?|todesopfern?|getötet|starben|gestorben|ums leben|"
            r"getötete)\b",
            "injured": r"(?:verletzt\w*|verwundet\w*)\b",
            "missing": r"(?:vermisste?n?|vermisst)\b",
            "troops": r"(?:[a-zäöü]+ische[nr]?\s+){0,2}soldaten\b",
            "missiles": r"(?:[a-zäöü-]+(?:ische|ische[nr])\s+)?(?:ballistische\s+)?"
            r"(?:raketen|marschflugkörper|kurzstreckenraketen)\b",
            "drones": r"(?:[a-zäöü]+ische[nr]?\s+)?(?:kampf)?drohnen\b",
        },
        before={
            "toll": (
                r"(?:töte(?:t|te|ten|n)|zahl der (?:toten|"
                r"todesopfer)(?:\s+\w+){0,6}?\s+"
                r"(?:auf|bei)|starben|tote:)"
            ),
            "injured": r"(?:verletzte(?:n)?|zahl der verletzten(?:\s+\w+){0,4}?\s+auf)",
        },
        about=r"mindestens|mehr als|über|rund|etwa|fast|bis zu|weitere|insgesamt|knapp",
        scales={
            "tausend": 10**3,
            "mio.": 10**6,
            "mio": 10**6,
            "million": 10**6,
            "millionen": 10**6,
            "mrd.": 10**9,
            "mrd": 10**9,
            "milliarde": 10**9,
            "milliarden": 10**9,
        },
    ),
    "fr": CountWords(
        numbers=numbers("- deux trois quatre cinq six sept huit neuf dix onze douze"),
        fill=rf"{_FR_PEOPLE}|ont|été|sont|seraient|auraient|également",
        people=_FR_PEOPLE,
        after={
            "toll": r"(?:morts?|tués|tuées|décès|victimes)\b(?!-)",
            "injured": r"(?:blessée?s)\b",
            "missing": r"(?:disparue?s|portée?s disparue?s)\b",
            "troops": r"soldats\b",
            "missiles": r"(?:missiles|roquettes)\b",
            "drones": r"drones\b",
        },
        before={
            "toll": (
                r"(?:tu(?:é|ant|e|ent)|bilan(?:\s+[\w'’]+){0,6}?\s+(?:à|de)|fait|"
                r"coûté la vie à)(?=[^.]{0,40}(?:morts?|tués|personnes|\d\s*[.,]|$))"
            ),
            "injured": r"(?:bless(?:é|ant))",
        },
        about=r"au moins|plus de|environ|près de|quelque|jusqu['’]à|à",
        scales={
            "mille": 10**3,
            "million": 10**6,
            "millions": 10**6,
            "milliard": 10**9,
            "milliards": 10**9,
        },
    ),
    "it": CountWords(
        numbers=numbers(
            "- due tre quattro cinque sei sette otto nove dieci undici dodici"
        ),
        fill=rf"{_IT_PEOPLE}|sono|state|stati|rimaste|rimasti|hanno|perso",
        people=_IT_PEOPLE,
        after={
            "toll": r"(?:mort[ie]|uccis[ie]|vittime|decessi|la vita)\b",
            "injured": r"(?:ferit[ie])\b",
            "missing": r"(?:dispers[ie])\b",
            "troops": r"soldati\b",
            "missiles": r"(?:missili|razzi)\b",
            "drones": r"droni\b",
        },
        before={
            "toll": (
                r"(?:ucci(?:so|de|dono|dendo)|bilancio(?:\s+[\w'’]+){0,6}?\s+(?:a|di)|"
                r"morti:|sono morte|sono morti)"
            ),
            "injured": r"(?:ferit[oie]|ferendo)",
        },
        about=r"almeno|più di|oltre|circa|quasi|fino a|altr[ie]",
        scales={
            "mila": 10**3,
            "mln": 10**6,
            "milione": 10**6,
            "milioni": 10**6,
            "mld": 10**9,
            "miliardo": 10**9,
            "miliardi": 10**9,
        },
    ),
    "es": CountWords(
        numbers=numbers("- dos tres cuatro cinco seis siete ocho nueve diez once doce"),
        fill=rf"{_ES_PEOPLE}|han|sido|fueron|resultaron|habrían|quedaron",
        people=_ES_PEOPLE,
        after={
            "toll": (
                r"(?:muert[oa]s|fallecid[oa]s|murieron|fallecieron|"
                r"víctimas mortales)\b"
            ),
            "injured": r"(?:herid[oa]s|lesionad[oa]s)\b",
            "missing": r"(?:desaparecid[oa]s)\b",
            "troops": r"soldados\b",
            "missiles": r"(?:misiles|cohetes)\b",
            "drones": r"drones\b",
        },
        before={
            "toll": (
                r"(?:mat(?:ó a|aron a|a a)|murieron|mueren|fallecieron|"
                r"(?:número|cifra) de (?:muertos|fallecidos)(?:\s+\w+){0,4}?\s+a|"
                r"muertos:)"
            ),
            "injured": r"(?:hirió a|hirieron a)",
        },
        about=r"al menos|más de|unos|unas|cerca de|casi|hasta|otros|otras",
        scales={"mil": 10**3, "millón": 10**6, "millones": 10**6},
    ),
    "pl": CountWords(
        numbers=numbers(
            "- dwa/dwie/dwóch/dwoje trzy/trzech/troje cztery/czterech/czworo "
            "pięć/pięciu "
            "sześć/sześciu siedem/siedmiu osiem/ośmiu dziewięć/dziewięciu "
            "dziesięć/dziesięciu jedenaście dwanaście"
        ),
        fill=rf"{_PL_PEOPLE}|zostało|zostały|już",
        people=_PL_PEOPLE,
        after={
            "toll": (
                r"(?:zginęł[aoy]|zginęli|zabitych|zabitych|zabici|"
                r"ofiar śmiertelnych|"
                r"ofiary śmiertelne|"
                r"zmarł[oaiy]+)\b"
            ),
            "injured": r"(?:rannych|rannymi|zostało rannych|obrażenia)\b",
            "missing": r"(?:zaginionych|zaginęł[oay])\b",
            "troops": r"(?:[a-ząćęłńóśźż]+skich\s+)?żołnierzy\b",
            "missiles": (
                r"(?:[a-ząćęłńóśźż]+(?:skich|nych|ne|"
                r"skie)\s+)?(?:rakiet|rakiety|pocisków)\b"
            ),
            "drones": r"(?:[a-ząćęłńóśźż]+(?:skich|nych)\s+)?(?:dronów|drony)\b",
        },
        before={
            "toll": (
                r"(?:zginęł[oay]|zginęli|zabi(?:ł|ła|ło|li|to)|"
                r"(?:liczba|bilans) ofiar(?:\s+\w+){0,4}?\s+do)"
            ),
            "injured": r"(?:rannych zostało|rann(?:e|ych) (?:jest|są)|rany odniosło|"
            r"rannych:)",
        },
        about=r"co najmniej|ponad|około|prawie|blisko|aż|do|kolejnych|przynajmniej",
        scales={
            "tys.": 10**3,
            "tys": 10**3,
            "tysięcy": 10**3,
            "tysiące": 10**3,
            "mln": 10**6,
            "miliona": 10**6,
            "milionów": 10**6,
            "mld": 10**9,
            "miliarda": 10**9,
            "miliardów": 10**9,
        },
    ),
}
