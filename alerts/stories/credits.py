"""Which agencies a text is credited to: its dateline, its byline, its last lines.

Only these places count. "Told AFP" in the body says whom somebody spoke to, a photo
has its own author, and "the Associated Press (AP)" explains letters. Such credits are
often stripped, so they are a bonus to the overlap of words, never the main test.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from alerts.stories.names import Named
    from alerts.stories.outlets import Outlets
    from crawler.items import Item

EDGE = 250
"""Characters at either end of a text in which a credit may stand: there agencies are
named in 2 to 27 % of texts (three corpora), three times as often further in."""

_PLACE = r"[^()\[\]/【】（）<>\n]"
_OPEN = re.compile(
    rf"(?P<bracket>[(\[/【（<])\s*(?P<inside>{_PLACE}{{0,40}}?[=＝\s,·-]\s*"
    r"|(?:[a-zäöü]{1,4}/){1,3})?$"
)
_CLOSE = re.compile(r"\s*(?:\w{0,4}\s?\d{0,2}[日])?\s*[-+/,&·=\w\s.]{0,30}?[)\]/】）>]")
_DASH_AFTER = re.compile(r"\s*\S?\s*[-–—―:=]|\s*$|\s*\n|[.。]\s*(?:$|\n)")
_SENTENCE_END = re.compile(r"[.!?]\s+\D")
_PICTURE = re.compile(
    r"photo|foto|фото|image|picture|getty|bild:|사진|写真|撮影|图片|圖|illustration|video",
    re.IGNORECASE,
)
_EXPLAINS = re.compile(
    r"(?:agency|press|agentur|agence|agenzia|agencia|agencja|агентств\w+|통신|통신사|通信|社)"
    r"[\s\"”»]*$",
    re.IGNORECASE,
)

# "ПАРИЖ, 5 окт - РИА Новости." "МОСКВА, 5 мая. /ТАСС/" "Москва. 5 мая. INTERFAX.RU -"
_RU_DATELINE = re.compile(
    r"(?:^|\n)[\"«]?[А-ЯЁІЇЄҐ][^\n]{2,60}?\d{1,2}\s+[а-яёіїє]{3,9}\.?\s*(?:\d{4}\.?)?\s*"
    r"[-–—.,/]?\s*$"
)
_RU_HEAD = re.compile(r",\s\d{1,2}\s[а-яёіїє]{3,9}\.\s")

# "新华社北京10月5日电" "(中央社首爾5日電)" "路透社5日報導" is no dateline: it tells.
_ZH_DATELINE = re.compile(r"^[^\s，。、]{0,16}?\d{1,2}日\s?[电電]")
_JA_DATELINE = re.compile(r"(?:^|\n)【[^】\n]{0,20}$|(?:^|\n)\s*[（(][^）)\n]{0,12}$")

_SIGNED = re.compile(
    r"(?:©|ⓒ|\(c\)|copyright|source|sources|quelle|quellen|fonte|fuente|źródło|"
    r"источник|джерело|출처|저작권자)\s*[:：©ⓒ(c)]{0,4}\s*(?:\d{4})?\s*,?\s*(?:by\s+)?"
    r"(?:the\s+)?(?:[\w .-]{0,20}[/,&+]\s?)?$"
    r"|(?:mit (?:material|agenturmaterial|informationen) (?:von|der)|avec l?['’]?|"
    r"with (?:reporting|files|material|contributions?|inputs?) (?:by|from)|"
    r"(?:^|\n)by|(?:^|\n)von|(?:^|\n)par|(?:^|\n)di|(?:^|\n)mit|(?:^|\n)/)\s*(?:the\s+)?"
    r"(?:[\w .-]{0,30}[/,]\s?)?$",
    re.IGNORECASE,
)
_REUTERS_TAIL = re.compile(
    r"\((?:Additional )?(?:Reporting|Writing|Editing|Compiled) (?:and \w+ )?by "
)
_CONTRIBUTED = re.compile(r"\s+contributed to this (?:report|story|article)")
_TAIL_START = re.compile(r"(?:^|[\n.!?“”\"»)…])\s*[(/—–-]?\s*$")
_TAIL_END = re.compile(r"\s*[)/.]?\s*$")
_TITLE_TAIL = re.compile(r"[-–—|/(\[]\s*$")
_JOURNALIST = re.compile(r"\s*[가-힣]{2,4}\s?(?:기자|특파원)")


def credited(item: Item, outlets: Outlets) -> frozenset[str]:
    """Owners of the agencies that the text, its title or its authors credit."""
    text = item.text or item.summary
    found = {
        named.owner
        for edge, last in _edges(text)
        for named in _agencies(outlets.names.within(edge))
        if _is_credit(edge, named, last=last)
    }
    found.update(_in_title(item.title, outlets))
    for author in item.authors:
        found.update(n.owner for n in _agencies(outlets.names.within(author)))
    if "ing by " in text[-EDGE:] and _REUTERS_TAIL.search(text[-EDGE:]):
        owner = outlets.names.owner("Reuters")
        found.update([owner] if owner else [])
    return frozenset(found)


def _edges(text: str) -> Iterator[tuple[str, bool]]:
    """The first and the last characters, and whether the text ends with them."""
    yield text[:EDGE], len(text) <= EDGE
    if len(text) > EDGE:
        yield text[max(EDGE, len(text) - EDGE) :], True


def _agencies(names: Iterable[Named]) -> Iterator[Named]:
    return (named for named in names if named.agency)


def _in_title(title: str, outlets: Outlets) -> Iterator[str]:
    for named in _agencies(outlets.names.within(title)):
        before, after = title[: named.start], title[named.end :]
        if _TITLE_TAIL.search(before) and _TAIL_END.match(after):
            yield named.owner


def _is_credit(text: str, named: Named, *, last: bool) -> bool:
    before = text[: named.start]
    after = text[named.end :]
    if _PICTURE.search(before[-30:]) or _PICTURE.match(after[:12].lstrip(" /-")):
        return False
    return (
        _bracketed(before, after, last=last)
        or (_RU_DATELINE.search(before[-90:]) is not None)
        or (not before.strip(' "«') and _RU_HEAD.match(after) is not None)
        or (_CONTRIBUTED.match(after) is not None)
        or (not before.strip(" (（") and _ZH_DATELINE.match(after) is not None)
        or (_JA_DATELINE.search(before) is not None and _CLOSE.match(after) is not None)
        or (_JOURNALIST.match(after) is not None)
        or (_SIGNED.search(before[-60:]) is not None)
        or (last and _at_the_end(before, after))
    )


def _bracketed(before: str, after: str, *, last: bool) -> bool:
    """A name alone in brackets, or after the place, as datelines have it."""
    opened = _OPEN.search(before[-60:])
    closed = _CLOSE.match(after)
    if opened is None or closed is None:
        return False
    lead = before[: len(before) - len(opened.group())]
    if _EXPLAINS.search(lead[-30:]) or lead[-1:].isdigit():
        return False
    if opened["bracket"] == "/" and "/" not in closed.group():
        return False
    rest = after[closed.end() :]
    line = lead.rpartition("\n")[2].strip()
    starts_line = len(line) <= 60 and not _SENTENCE_END.search(line)
    if _DASH_AFTER.match(rest):
        return starts_line or (last and len(rest.strip()) <= 3)
    # Slashes and the place with "=" are datelines even without a dash behind them.
    return bool(opened["inside"] and "=" in opened["inside"]) or (
        opened["bracket"] == "/" and starts_line
    )


def _at_the_end(before: str, after: str) -> bool:
    """A name that is the last word, a sentence of its own: ``... he said. dpa``."""
    return (
        bool(before.strip())
        and _TAIL_START.search(before) is not None
        and _TAIL_END.match(after) is not None
    )
