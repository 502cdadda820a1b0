"""A page's text cut into sentences, and which of them are the report itself.

Extraction leaves what a site puts around its articles: lists of other articles, share
counters, appeals. They differ with every visit and are no news, so only prose counts:
a sentence that ends like one, is long enough, and does not speak of the page itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from alerts.stories.tokens import is_paired, length, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST_WORDS = 4
MOST_SENTENCES = 400
MOST_TOKENS = 200
"""Of one sentence; a longer one is a table or a list."""

_CLOSERS = "\"”»’'“)\\]」』"
_END = re.compile(
    rf"(?:(?<=[.!?…])[{_CLOSERS}]*\s+|(?<=[。！？])[{_CLOSERS}]*\s*)(?=[^a-zа-яёіїєґ\s])"
)
_ABBREVIATED = re.compile(
    r"(?:\b(?:[A-ZÀ-ÞА-ЯЁІЇЄҐ]|Mr|Mrs|Ms|Dr|St|Gen|Lt|Col|Maj|Capt|Sgt|Sen|Rep|Gov|No|Nr"
    r"|Prof|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|bzw|ca|vgl|sog|art|n"
    r"|г|гг|им|ул|тыс|руб|млн|млрд|св|ст|тис|грн|р|пр|tys|ul|ks|gen|płk|ok)"
    r"|\b[Uu]\.S|\bz\.B|\bd\.h|\bт\.е|\bт\.к)\.$"
)
_FINISHED = re.compile(rf"[.!?…。！？][{_CLOSERS}]*$")
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("“”„«»‟〝〞「」『』\"'’‘‚‛ʼ`´", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "\u00ad": None,
        "\u200b": None,
        "\ufeff": None,
    }
)

_STAMP = re.compile(
    r"\b(?:last\s)?(?:updated?|modified|published|posted|edited|first\spublished)\b"
    r"|\b(?:aktualisiert|veröffentlicht|zuletzt\sgeändert|stand:|mis\sà\sjour|publié)\b"
    r"|\b(?:aggiornato|pubblicato|ultimo\saggiornamento|actualizado|publicado)\b"
    r"|\b(?:zaktualizowano|aktualizacja|opublikowano|data\spublikacji)\b"
    r"|обновлен\w*|обновлён\w*|опубликован\w*|оновлен\w*|опубліковано"
    r"|업데이트|입력|수정|송고|기사입력|最終更新|更新日|更新于|更新時間|发布于|發布",
    re.IGNORECASE,
)
_OF_THE_PAGE = re.compile(
    r"\bthis (?:article|story|page|post|video)\b"
    r"|\b(?:our|your) (?:newsletter|readers|subscribers|channel|app|inbox|e?mails?)\b"
    r"|\b(?:subscribe|sign up|log in|newsletter|follow us|click here|min(?:ute)?s? read"
    r"|reading time|comments?|people (?:are reading|have (?:read|shared)))\b"
    r"|\b(?:dieser (?:artikel|beitrag)|abonnieren|kommentare?|lesezeit|unseren?)\b"
    r"|\b(?:cet article|abonnez|commentaires?|temps de lecture|notre newsletter)\b"
    r"|\b(?:questo articolo|iscriviti|commenti|tempo di lettura|este artículo"
    r"|suscr[ií]b\w+|comentarios|ten artykuł|komentarz\w*|zapisz się|czas czytania)\b"
    r"|подпи(?:сывайтесь|шитесь|ска)|комментари\w+|просмотр\w*"
    r"|прочита\w+ (?:эту|статью)"
    r"|підпи(?:суйтесь|шіться)|коментар\w*|перегляд\w*"
    r"|구독|댓글|조회수?|좋아요|공유하기|이 기사|コメント|この記事|登録|購読"
    r"|阅读量|评论|訂閱|订阅",
    re.IGNORECASE,
)
_SHORT_FOR_STAMP = 16
_SHORT_FOR_PAGE = 30


@dataclass(frozen=True)
class Sentence:
    """One sentence as written, the number of its paragraph and its own."""

    text: str
    paragraph: int
    number: int

    @cached_property
    def key(self) -> str:
        """Equal for spellings that differ in case, quotation marks and spaces only."""
        return plain(self.text)

    @cached_property
    def units(self) -> tuple[str, ...]:
        """Its words in lower case; Hangul, Han and kana one by one."""
        found: list[str] = []
        for one in tokens(self.key, MOST_TOKENS):
            if is_paired(one):
                found.extend(one)
            else:
                found.append("0" if one[0].isdigit() else one)
        return tuple(found)

    @cached_property
    def bag(self) -> Counter[str]:
        """Its words without their order."""
        return Counter(self.units)

    @cached_property
    def is_prose(self) -> bool:
        """Whether it belongs to the report, as far as its looks tell."""
        text = self.text.strip()
        if not _FINISHED.search(text):
            return False
        words = sum(map(length, tokens(text, MOST_TOKENS)))
        if words < LEAST_WORDS:
            return False
        if words <= _SHORT_FOR_STAMP and _STAMP.search(text) and _has_digit(text):
            return False
        return not (words <= _SHORT_FOR_PAGE and _OF_THE_PAGE.search(text))


def plain(text: str) -> str:
    """The text as compared: case, width, quotation marks, dashes, spaces made alike."""
    alike = unicodedata.normalize("NFKC", text.translate(_ALIKE)).casefold()
    return " ".join(alike.split())


def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text in order, at most 400; a line is a paragraph."""
    found: list[Sentence] = []
    for paragraph, line in enumerate(text.splitlines()):
        for one in _cut(line):
            if len(found) == MOST_SENTENCES:
                return tuple(found)
            found.append(Sentence(one, paragraph, len(found)))
    return tuple(found)


def _cut(line: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(line):
        piece = line[start : end.end()].strip()
        if _ABBREVIATED.search(piece):
            continue
        if piece:
            yield piece
        start = end.end()
    rest = line[start:].strip()
    if rest:
        yield rest


def _has_digit(text: str) -> bool:
    return any(one.isdigit() for one in text)
