"""Whether a report is of a denial: "Kremlin denies", "опроверг", "부인했다".

Verbs that deny, per language, less what only looks like them: doors that are closed
("denied entry"), wives (부인), matches that are played ("bestritt das Spiel"), and
denials denied ("не отрицает").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alerts.stories.languages import spoken

if TYPE_CHECKING:
    from crawler.items import Item

LEAD = 300
"""Characters of the text that say what a report is of."""

_CLAIM = (
    r"(?:claims?|reports?|allegations?|accusations?|rumou?rs?|charges|suggestions?)"
)
_CLAIM_RU = r"(?:обвинени|сообщени|слух|утвержден|информаци|данные)"
_CLAIM_UK = r"(?:звинувачен|повідомлен|чутк|твердженн|інформаці)"
_CLAIM_DE = (
    r"(?:Vorw[uü]rfe?|Bericht(?:e|en)?|Anschuldigung(?:en)?|Darstellung(?:en)?|"
    r"Behauptung(?:en)?|Spekulation(?:en)?|Medienberichte?|Anklage)"
)

# language: (what denies, what only looks like it and is taken out first)
_WORDS = {
    "en": (
        (
            r"\bden(?:y|ies|ied|ying)\b|\bdenials?\b|\brefut(?:e|es|ed|ing)\b|\bdebunk\w*"
            rf"|\b(?:reject|dismiss)(?:s|es|ed|ing)?\s+(?:\w+\s+){{0,3}}{_CLAIM}\b"
        ),
        (
            r"\b(?:cannot|can['’]?t|could ?n[o']t|not|n['’]t|never|nor|"
            r"nobody|no|neither|"
            r"no one|without|to|of)\s+(?:be\s+|even\s+|ever\s+|immediately\s+)?"
            r"(?:den(?:y|ied|ying|ies)|refut(?:e|ed|ing))\b(?<!to deny)(?<!of denying)"
            r"|\brefus\w+ to (?:confirm or )?deny|\bconfirm\w* or den\w+"
            r"|\b(?:in|climate|holocaust|genocide|vaccine|self|election|science)[\s-]denials?\b"
            r"|\bdenials?[\s-]of[\s-](?:service|entry|access|bail|visas?|rights?|justice|treatment)"
            r"|(?<!claims )(?<!reports )(?<!report )(?<!claim )(?<!allegations )"
            r"\b(?:was|were|been|being|be|are|is|get|gets|got)\s+(?:\w+ly\s+)?denied\b(?!\s+by\b)"
            r"|\bdenied by the (?:post|bar|crossbar|woodwork|keeper|goalkeeper)"
            r"|\bden(?:y|ies|ied|ying)\s+(?:(?:the\s+)?[\w-]+['’]s?\s+)?(?:(?:him|her|them|us|me|it|people|"
            r"women|children|prisoners|refugees|migrants|reporters|journalists)\s+)?(?:the\s+|"
            r"an?\s+|any\s+|his\s+|her\s+|their\s+|its\s+|all\s+|further\s+|full\s+)?"
            r"(?:entry|bail|access|visas?|asylum|boarding|permission|permits?|parole|"
            r"rights?|services?|treatment|medical|care|aid|food|water|requests?|appeals?|"
            r"motions?|petitions?|applications?|chance|opportunity|goal|penalty|victory|win|"
            r"point|equali[sz]er|coverage|benefits?|citizenship|leave|release|clemency|"
            r"admission|education|licen[cs]es?|him|her|them|us|passage|landing|injunction)\b"
        ),
    ),
    "ru": (
        (
            r"\b(?:опроверг(?:\b|л|ну|ает|ают|ш)\w*|опроверж(?:ени|ен)\w*|опроверга\w+"
            r"|отрица(?:ет|ют|л|ла|ло|ли|я|вш\w+)\b"
            rf"|отверг(?:\b|л|а)\w*\s+(?:\w+\s+){{0,2}}{_CLAIM_RU}\w*)"
        ),
        (
            r"\b(?:не|ни)\s+(?:стал\w*\s+|смог\w*\s+|могут?\s+|может\s+|будет\s+|спешит\s+)?"
            r"(?:отрица|опроверг|опроверж)\w*|\bбез\s+опроверж\w+"
        ),
    ),
    "uk": (
        (
            r"\b(?:спросту(?:в|є|ю|ван)\w*|спростуванн\w+"
            r"|запереч(?:ив|ила|ило|или|ує|ують|ував|увала|ували|уючи)\b"
            rf"|відки(?:нув|нула|нули|дає|дають)\s+(?:\w+\s+){{0,2}}{_CLAIM_UK}\w*)"
        ),
        (
            r"\b(?:не|ні)\s+(?:стал\w*\s+|став\s+|може\s+|можуть\s+)?(?:запереч|спросту)\w*"
            r"|\bзапереч\w+\s+проти\b"
        ),
    ),
    "de": (
        (
            r"\bdementi(?:er\w+|s?\b)|\b(?:bestreite[nt]|bestritt|bestritten)\b"
            r"|\bleugne(?:n|t|te|ten)\b"
            rf"|\b(?:weis(?:t|en)|wies(?:en)?)\s+(?:[\w-]+\s+){{0,5}}{_CLAIM_DE}\b[^.\n]{{0,60}}"
            rf"\bzurück\b|\b{_CLAIM_DE}\s+(?:[\w-]+\s+){{0,3}}(?:zurückgewiesen|zurück)\b"
        ),
        (
            r"\b(?:nicht|weder|nie|kaum|ohne\s+\w+\s+zu)\s+(?:zu\s+)?(?:dementier\w+|"
            r"bestr[ie]t\w+|bestreit\w+|leugne\w*)|\b(?:dementier\w+|bestreite[nt]|bestritt|"
            r"leugnete?n?)\s+(?:\w+\s+){0,3}nicht\b"
            r"|\b(?:bestreite[nt]|bestritt)\s+(?:\w+\s+){0,5}(?:\w*spiele?n?|\w*partien?|"
            r"\w*rennen|\w*turnier|\w*lebensunterhalt|saison|finale|matche?s?)\b"
            r"|\b(?:\w*spiele?|partien?|rennen|matches)\s+(?:\w+\s+){0,2}(?:bestritten|"
            r"bestreiten|bestreitet)\b"
        ),
    ),
    "fr": (
        (
            r"\bd[ée]men(?:t|tent|ti|tie|tis|ties|tir|tait|taient|tant)\b"
            r"|\bréfut(?:e|ent|é|ée|er|ait|ant)\b"
            r"|\bni(?:e|ent|ait|aient|er)\s+(?:avoir|[êe]tre|toute?s?\b|les?\b|la\b|ces\b|"
            r"cette\b|l['’]|formellement|cat[ée]goriquement|que\b|en bloc)"
            r"|\b(?:a|ont|avait)\s+(?:\w+ment\s+)?ni[ée]\b"
        ),
        (
            r"\b(?:ne|n['’]|sans|ni)\s*(?:(?:a|ont|avait|l['’]a)\s+(?:pas|jamais|ni)\s+)?"
            r"(?:d[ée]ment\w*|ni[eé]\w*|r[ée]fut\w+)\b"
            r"|\bni\s+confirm\w+\s+ni\s+\w+"
        ),
    ),
    "it": (
        (
            r"\bsmenti(?:sce|scono|to|ta|te|ti|re|va|vano|amo|rono)?\b|\bsmentì"
            r"|\bnega(?:no|to|ta|ndo|va|vano|rono|re)?\b|\bnegò\b|\bconfuta(?:no|to)?\b"
        ),
        (
            r"\bsi\s+nega(?:no|to|va)?\b|\b(?:non|né|senza)\s+(?:(?:ha|hanno|"
            r"ho|si pu[òo]|pu[òo]|vuole)\s+)?(?:né\s+)?"
            r"(?:smenti\w*|nega\w*)"
            r"|\bnega(?:no|to|ta|re)?\s+(?:(?:a|ai|al|alla|"
            r"agli)\s+\w+\s+)?(?:l['’]|il |lo |la |"
            r"i |gli |le )(?:ingresso|visto|visti|accesso|libert[àa]|"
            r"permess[oi]|autorizzazione|"
            r"arresti|asilo|diritt[oi]|cittadinanza|cauzione|estradizione|consenso|gol|fiducia|"
            r"scarcerazione|rigore)\b"
        ),
    ),
    "es": (
        (
            r"\b(?:desmient(?:e|en|o)|desminti(?:ó|eron|endo)|desment(?:ir|ido|ida))\b"
            r"|\b(?:niegan?|neg(?:ó|aron|ado|ando))\b|\brefut(?:a|an|ó|aron)\b"
        ),
        (
            r"\b(?:no|sin|ni|nadie)\s+(?:(?:ha|han|puede|lo|"
            r"se puede)\s+)?(?:desm\w+|nieg\w+|neg\w+)"
            r"|\bse\s+(?:han?\s+)?(?:niegan?|neg(?:ó|aron|ado))\b"
            r"|\b(?:niegan?|neg(?:ó|aron|ado))\s+(?:a\b|(?:el|la|los|las)\s+(?:acceso|entrada|"
            r"libertad|visa|visado|asilo|permiso|ingreso|derecho|extradici[óo]n|fianza)\b)"
        ),
    ),
    "pl": (
        (
            r"\bzaprzecz(?:a|ają|ał|ała|ali|ył|yła|yli|yć|ając)\b"
            r"|\bz?dement(?:uje|ują|ował|owała|owali|ować|i)\b"
        ),
        r"\bnie\s+(?:\w+\s+)?(?:zaprzecz\w+|z?dement\w+)",
    ),
    "ko": (
        (
            r"(?<![가-힣])부인(?:했|하[고며는였지면]|한다|한 |한$|할|해 |해왔|함\b)"
            r"|(?:전면|강력|강하게|공식|적극|거듭|극구|의혹|혐의|사실|연루|개입|[가-힣]설|보도|주장)"
            r"(?:을|를)?[\s,…·]*부인(?:\s*$|[.…\"”'’\s]*[\n]|[…\"”'’)])"
            r"|(?:의혹|보도|주장|[가-힣]설)(?:을|를|에|에 대해|은|"
            r"는)?\s*(?:\S+\s+){0,2}"
            r"(?:반박|일축|부정)(?:했|하|한|$|[…\"”'’\n])"
            r"|사실\s?무근|사실이 아니(?:라고|라며|다)"
        ),
        (
            r"부인하지\s?(?:않|못|는 않|도 않)|부인할 수\s?(?:는|도)?\s?없|"
            r"부인하기 (?:어렵|힘들)"
        ),
    ),
    "ja": (
        (
            r"否定(?:し|する)|[をも](?:全面|強く|改めて)?否定(?=$|[。、」』\s…）!！])"
            r"|事実無根|事実(?:ではない|に反する)と|打ち消し"
        ),
        (
            r"否定(?:しな|せず|でき|しき|しがた|し得な|しえな|しない)|(?:肯定|確認)も否定も"
            r"|否定も(?:肯定|確認)も|否定することはでき"
        ),
    ),
    "zh": (
        r"否认|否認|辟谣|闢謠|驳斥|駁斥|予以反驳|予以反駁",
        (
            r"(?:不|没有|沒有|未|并未|並未|未曾|无可|無可|不可|无法|無法|毋庸|难以|難以|拒绝|拒絕)"
            r"(?:予以|正面|直接|能|会|會)?(?:否认|否認)|不承认也不否认|不承認也不否認"
        ),
    ),
}
_DENIES = {
    language: (re.compile(yes, re.IGNORECASE), re.compile(no, re.IGNORECASE))
    for language, (yes, no) in _WORDS.items()
}


def denies(item: Item) -> bool:
    """Whether the title or the lead speaks of a denial, in the item's language."""
    text = f"{item.title}\n{(item.text or item.summary)[:LEAD]}"
    return any(
        yes.search(text) is not None and yes.search(no.sub(" · ", text)) is not None
        for yes, no in (_DENIES[one] for one in spoken(item.language, text, _DENIES))
    )
