"""Which outlets a report takes its news from: "as Bild reports", "сообщает ТАСС".

Read in the title and the lead alone: further down an outlet is named for background.
"Told Reuters" is left out: it is as often a side quote as the news itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alerts.stories.names import Named
    from alerts.stories.outlets import Outlets
    from crawler.items import Item

LEAD = 500
"""Characters of the text that may say where the news is from (DESIGN, ``lead:``)."""

_WORDS = r"(?:(?!told\b|to\b|with\b|than\b|and\b|und\b|et\b)[\w'’.-]+\s+)"
_QUOTE = r"[\"“„«»'‘]?$"

# What stands right before the name.
_BEFORE = re.compile(
    r"(?:"
    # en
    rf"\b(?:according to|(?:as |first |was |were |been )reported by|citing|"
    r"(?:cited|quoted) by|(?<=[,”\"]\s)reports?(?:ed)?)\s+"
    rf"{_WORDS}{{0,5}}"
    # de
    rf"|\b(?:laut|nach (?:angaben|informationen|einem bericht)(?: von| der| des)?|"
    rf"unter berufung auf|(?:berichtet|berichtete|berichteten|meldet|meldete|schreibt))"
    rf"\s+{_WORDS}{{0,4}}"
    # fr
    rf"|\b(?:selon|d['’]apr[èe]s|rapport(?:e|ent|ait)|a (?:rapport|"
    rf"indiqu)[ée]|cit[ée]e?s? par|"
    rf"citant)\s+(?:{_WORDS}{{0,4}})(?:l['’])?"
    # it
    rf"|\b(?:secondo|(?:lo )?(?:riferisc|riport|scriv)(?:e|ono|a|ano)|ha (?:riferito|"
    rf"riportato|scritto)|citat[oaie] da(?:l|ll[ao]|i|gli)?|citando)\s+"
    rf"(?:{_WORDS}{{0,4}})(?:(?:d?all|l|quell)['’])?"
    # es
    rf"|\b(?:seg[úu]n|de acuerdo con|citad[oa]s? por|inform[óo]|report[óo])\s+"
    rf"{_WORDS}{{0,4}}"
    # pl
    rf"|\b(?:wed[łl]ug|poda(?:je|[łl]a?)|donosi|pisze|informuje|"
    rf"powo[łl]uj[ąa]c si[ęe] na"
    rf"|za agencj[ąa])\s+{_WORDS}{{0,5}}"
    # ru
    r"|\b(?:сообща[ею]т|сообщило|пиш[еу]т|переда[её]т|передают|передало|цитирует|"
    r"со ссылкой на|ссылаясь на|по (?:данным|информации|сообщени[юя]м?))\s+"
    r"(?:(?:[\w-]+(?:ск|цк)\w+|агентств\w+|информ\w+|газет\w+|издани\w+|журнал\w*|"
    r"телеканал\w*|портал\w*|корр\w*\.?|новостн\w+|деловая|государственн\w+)\s+){0,4}"
    # uk
    r"|\b(?:повідомля[єю](?:ть)?|повідомило|пиш(?:е|уть)|переда[єю](?:ть)?|передало|цитує|"
    r"з посиланням на|посилаючись на|згідно(?: з)?|за (?:даними|інформацією|"
    r"повідомленням))\s+"
    r"(?:(?:[\w-]+(?:ськ|цьк)\w+|агентств\w+|агенці\w+|інформ\w+|газет\w+|видання\w*|"
    r"телеканал\w*|портал\w*|державн\w+)\s+){0,4}"
    # zh
    r"|(?:据|據|援引|引述)\s?[^，。,、\s]{0,8}"
    rf"){_QUOTE}",
    re.IGNORECASE,
)

# What stands right after it.
_KIND = (
    r"(?:(?:news agency|news|newspaper|agency|daily|magazine|tabloid|tv|website)\s+)?"
)
_AFTER = re.compile(
    r"[\"”“’'»]?(?:\s?[(（][^()（）\n]{1,30}[)）])?(?:"
    # en
    rf"\s+{_KIND}(?:first |has |have |had |also |later |previously |earlier )?"
    r"(?:reported|reports|writes|wrote)\b(?!\s+(?:an?\s+)?(?:\w+\s+)?"
    r"(?:loss|losses|profit|earnings|revenue|results|sales)\b)"
    # de
    r"|\s+(?:am \w+ |zuvor |zuerst |zunächst )?(?:berichtete?n?|meldete?n?|zufolge)\b"
    # fr, it, es, pl
    r"|\s+(?:a rapport[ée]|rapporte|a r[ée]v[ée]l[ée]|riferisce|riporta|scrive|"
    r"ha riferito|ha riportato|inform[óo]|report[óo]|donosi|podaje|pisze|podał[ao]?)\b"
    # ru, uk
    r"|\s+(?:сообща[ею]т|сообщил[ао]?|пиш[еу]т|переда[её]т|передало|узнал[аои]?|"
    r"выяснил[аои]?|повідомляє|повідомило|повідомила|пише|передає|дізнал[ао]ся)\b"
    # ko
    r"|\s?(?:통신|신문|방송|보도)?(?:에 따르면|에 의하면|(?:을|를) 인용|"
    r"[이가은는]\s[^.。\n]{0,80}?"
    r"(?:보도|전했|타전)|[이가]\s(?:지난\s)?\d{1,2}일\s?(?:[(…]|\.\.|$)|\s보도)"
    # ja
    r"|(?:通信|新聞|紙|放送|電|テレビ)?(?:[（(][^）)]{0,12}[）)])?"
    r"(?:によると|によりますと|によれば|[がは][^。\n]{0,80}?(?:報じ|伝え|報道)|の報道)"
    # zh
    r"|(?:电视台|電視台|网站|網站)?(?:[（(][^）)]{0,20}[）)])?(?:\d{1,2}日|今天|今日|昨日|[^，。\s]{0,3})?"
    r"(?:报道|報道|報導|消息)"
    r")",
    re.IGNORECASE,
)

_SAID = re.compile(
    r"(?:\s?[(][^()\n]{1,30}[)])?\s+(?:news agency\s+)?(?:said|"
    r"says)\b(?!\s+(?:it|its|he|she)\b)"
)
_NOT_THE_OUTLET = re.compile(
    r"(?:['’]s?)?[\s-]+(?:calculat|photo|journalist|reporter|correspondent|poll|count|"
    r"tally|witness|office|interview|estimat|terminal|headquarter|studio|building|"
    r"footage|video|camera|operator|korrespondent|корреспондент|журналист|кореспондент|журналіст|기자|記者)",
    re.IGNORECASE,
)
_TITLE_HEAD = re.compile(r"[»”\"]?\s?[:：]\s")
_TITLE_TAIL_BEFORE = re.compile(r"(?:\s[-–—|]\s|[\[(（]|\s/\s?)$")
_TITLE_TAIL_AFTER = re.compile(r"\s*[)\]）]?\s*$")


_AMBIGUOUS = frozenset({"共同", "時事", "新華", "新华"})
"""Names that are words too ("joint", "current affairs"): good for a dateline only."""


def cites(item: Item, outlets: Outlets) -> frozenset[str]:
    """Owners of the outlets that the title or the lead attributes the news to.

    The item's own outlet is among them if it names itself; the caller knows it.
    """
    text = (item.text or item.summary)[: LEAD + 120]
    found = {
        named.owner
        for named in outlets.names.within(text)
        if named.start < LEAD and _is_source(text, named)
    }
    for named in outlets.names.within(item.title):
        if _is_source(item.title, named) or _heads_or_ends(item.title, named):
            found.add(named.owner)
    return frozenset(found)


def _is_source(text: str, named: Named) -> bool:
    if text[named.start : named.end] in _AMBIGUOUS:
        return False
    after = text[named.end : named.end + 110]
    if _NOT_THE_OUTLET.match(after):
        return False
    if _AFTER.match(after) or (named.agency and _SAID.match(after)):
        return True
    before = text[max(0, named.start - 70) : named.start]
    return _BEFORE.search(before) is not None


def _heads_or_ends(title: str, named: Named) -> bool:
    """``Bild: ...`` and ``... – Bild``."""
    if named.start <= 1 and _TITLE_HEAD.match(title, named.end):
        return True
    return (
        _TITLE_TAIL_AFTER.match(title, named.end) is not None
        and _TITLE_TAIL_BEFORE.search(title[: named.start]) is not None
    )
