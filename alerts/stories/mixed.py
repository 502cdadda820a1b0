"""Live blogs, tickers, newsletters: one item that tells many stories.

Such an item may join a story and may alert, but no other item is placed by it: a day's
ticker is like everything that happened on that day, and would make it one story.
Told by the title, or by the shape of the text: stamped paragraphs, unrelated bullets.
"""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.items import Item

_LIVE = (
    r"live|en direct|en directo|ao vivo|in diretta|(?:la )?diretta|na żywo|živě|uživo"
    r"|онлайн|наживо|текстовая трансляция|라이브|실시간|ライブ|文字直播"
)
"""Words that mean a running report only where they stand apart from the headline:
"live fire exercise", "diffusé en direct" and "онлайн-казино" are no live blogs."""

_APART = re.compile(
    rf"^\W*(?:{_LIVE})\s*(?:[:,|\]】)]|[-–—]\s)"
    rf"|(?:[:|\[【(,]|\s[-–—])\s*(?:{_LIVE})\W*$",
    re.IGNORECASE,
)

_NAMED = re.compile(
    r"\blive[ -]?(?:blog|ticker|updates?\b|text\b|reporting\b)"
    r"|(?<!to )(?<!we )(?<!they )(?<!people )(?<!who )\blive\s*:"
    r"|\bas it happened\b|\bminute (?:by|par) minute\b|\bminuto a minuto\b"
    r"|\b(?:news|war|crisis|morning|evening|daily|weekly|world|first)"
    r" (?:briefing|brief|digest|round-?up|wrap)\b(?!s? (?:by|from|of|on|to|with)\b)"
    r"|\bnews-?letter\s*(?:[:|#]|[-–—]\s|$)|^\W*newsletter\b|\bweek in review\b"
    r"|\blist of key (?:events|moments)\b|\bwhat we know on day\b"
    r"|\w(?:live|news|-)ticker\b|^\W*(?:news|live)?ticker\s*[:+]"
    r"|\bim (?:news|live)?ticker\b"
    r"|\b(?:news|live)-?blog\b|\bnachrichten(?:überblick| des tages)\b|\bmorgenlage\b"
    r"|\+\+\+.*\+\+\+"
    r"|\brevue de presse\b|\binfolettre\b|\brassegna stampa\b|\brelacja na żywo\b"
    r"|\bboletín de noticias\b|\blas noticias del día\b|\bprzegląd prasy\b"
    r"|\bонлайн[ -]трансляция\b|\bхроника (?:событий|дня|войны)\b|^\W*хроника\s*[:.]"
    r"|\bхроніка (?:подій|дня|війни)\b|^\W*хроніка\s*[:.]"
    r"|\bглавное за (?:день|ночь|утро|неделю|сутки|час)\b|\bдайджест\b|\bитоги дня\b"
    r"|\bголовне за (?:день|ніч|ранок|тиждень|добу)\b|\bпідсумки дня\b"
    r"|라이브 ?블로그|실시간 ?(?:중계|업데이트)|속보 ?모음|뉴스 ?모음|뉴스레터"
    r"|(?:모닝|아침|이브닝|저녁|데일리|뉴스|조간) ?브리핑|간추린 ?뉴스"
    r"|오늘의 (?:주요 ?)?뉴스|^\W*주요 ?뉴스"
    r"|(?:ニュース|速報|動き)(?:の)?まとめ|【[^】]*まとめ】|^まとめ|ライブ(?:ブログ|更新)"
    r"|(?:今日|きょう)の(?:主な)?ニュース|ニュースレター"
    r"|实时更新|實時更新|即時更新|滚动更新|要闻速览|要聞速覽|今日要闻|今日要聞|新闻早报|新聞早報"
    r"|新闻简报|新聞簡報",
    re.IGNORECASE,
)

READ = 20_000
"""Characters of a text whose shape is looked at."""

MANY = 5
"""Stamped paragraphs, or bullets, that make a text a collection."""

_TIME = r"(?:[01]?\d|2[0-3])(?:[:.][0-5]\d|h[0-5]\d|시 ?[0-5]?\d분|[時时] ?[0-5]?\d分)"
_STAMPED = re.compile(
    rf"^\W*(?:오전 |오후 |午前|午後|klo |um |at )?{_TIME}(?![\d%.,:])", re.IGNORECASE
)

_BULLET = re.compile(r"^\s*(?:[•‣▪■□◆◇▶►▲△●○★☆*·✔➤→-]|[–—] |\d{1,2}[.)]\s)\s*(\S.*)$")
LEAST_BULLET = 15
MOST_BULLET = 250
"""Characters of a bullet that is a headline."""

MOST_PROSE = 0.3
"""Share of a newsletter's text that is no bullet; a list within a report has more."""

MOST_COMMON = 0.08
"""Words that two bullets share, on average, of those of both: a list of measures or
of winners repeats its subject."""

_WORD = re.compile(r"[^\W\d_]{4,}|[가-힣]{2,}|[一-鿿]{2,}")


def is_mixed(item: Item) -> bool:
    """Whether the item tells several stories."""
    if _APART.search(item.title) or _NAMED.search(item.title):
        return True
    lines = [line for line in item.text[:READ].splitlines() if line.strip()]
    stamped = sum(1 for line in lines if _STAMPED.match(line))
    return stamped >= MANY or _are_headlines(lines)


def _are_headlines(lines: list[str]) -> bool:
    found = (_BULLET.match(line) for line in lines)
    bullets = [one[1] for one in found if one]
    headlines = [one for one in bullets if LEAST_BULLET <= len(one) <= MOST_BULLET]
    if len(headlines) < MANY:
        return False
    whole = sum(map(len, lines))
    if whole - sum(map(len, headlines)) > MOST_PROSE * whole:
        return False
    words = [frozenset(map(str.lower, _WORD.findall(one))) for one in headlines[:20]]
    pairs = [(a, b) for a, b in combinations(words, 2) if a | b]
    shared = sum(len(a & b) / len(a | b) for a, b in pairs)
    return shared <= MOST_COMMON * len(pairs)
