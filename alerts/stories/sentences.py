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
    r"^\W*(?:(?:last|first|page|article|story)\s)?(?:update[ds]?|modified|published"
    r"|posted|edited)\b"
    r"|^\W*(?:zuletzt\s)?(?:aktualisiert|veröffentlicht|geändert|stand:)"
    r"|^\W*(?:mis\sà\sjour|publié|modifié|aggiornat[oa]|pubblicat[oa]|ultimo\saggiorn"
    r"|actualizado|publicado|zaktualizowano|aktualizacja|opublikowano)\b"
    r"|^\W*(?:обновлено|опубликовано|изменено|оновлено|опубліковано)\b"
    r"|(?:업데이트|입력|수정|송고)\s*[:|]?\s*\d|\d분 전 (?:업데이트|수정)"
    r"|(?:最終更新|更新日|更新于|更新時間|更新时间|发布于|發布於)|[前分]に更新",
    re.IGNORECASE,
)
_OF_THE_PAGE = re.compile(
    r"\bthis (?:article|story|page|post)\b|\b\d[\d,.]* (?:comments?|shares|views)\b"
    r"|\b(?:leave|post|add) a comment|\bcomments are closed|\bnewsletter|\bfollow us\b"
    r"|\bour (?:\w+ )?(?:\d[\d,.]* )?(?:readers|subscribers|channel|app)\b"
    r"|\bin your (?:inbox|e-?mail)\b|\bsubscribe\b|\bclick here\b"
    r"|\bmin(?:ute)?s? read\b|\breading time\b"
    r"|\bpeople (?:are reading|have (?:read|shared))\b"
    r"|\bdieser (?:artikel|beitrag)\b|\babonnieren\b|\blesezeit\b"
    r"|\bunsere[nr]? (?:\d\S* )?(?:lesern?|leser|kanal|app)\b|\b\d\S* kommentare?\b"
    r"|\bcet article\b|\babonnez-vous\b|\btemps de lecture\b|\b\d\S* commentaires?\b"
    r"|\bquesto articolo\b|\biscriviti\b|\btempo di lettura\b|\b\d\S* commenti\b"
    r"|\beste artículo\b|\bsuscríb[ae]\w+|\b\d\S* comentarios\b|\bnuestro boletín\b"
    r"|\bten artykuł\b|\bzapisz się na\b|\bczas czytania\b|\b\d\S* komentarz\w*"
    r"|подпи(?:сывайтесь|шитесь)|\d\S* (?:комментари|просмотр)|читайте также"
    r"|підпи(?:суйтесь|шіться)|\d\S* (?:коментар|перегляд)|читайте також"
    r"|뉴스레터|구독(?:하|자|을)|댓글\s*\d|조회수?\s*\d|좋아요\s*\d|이 기사를"
    r"|ニュースレター|メルマガ|会員登録|購読|コメント\s*\d|\d+件のコメント|この記事"
    r"|订阅|訂閱|阅读量|\d+条评论|发表评论|本文",
    re.IGNORECASE,
)
_SHORT_FOR_STAMP = 16
_SHORT_FOR_PAGE = 30


@dataclass(frozen=True)
class Sentence:
    """One sentence as written, the number of its paragraph and its own.

    ``of_the_page``: its paragraph is short and speaks of the page or to its readers.
    """

    text: str
    paragraph: int
    number: int
    of_the_page: bool = False

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
        stamped = words <= _SHORT_FOR_STAMP and _STAMP.search(text)
        return not (self.of_the_page or (stamped and _has_digit(text)))


def plain(text: str) -> str:
    """The text as compared: case, width, quotation marks, dashes, spaces made alike."""
    alike = unicodedata.normalize("NFKC", text.translate(_ALIKE)).casefold()
    return " ".join(alike.split())


def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text in order, at most 400; a line is a paragraph."""
    found: list[Sentence] = []
    for paragraph, line in enumerate(text.splitlines()):
        of_the_page = _is_of_the_page(line)
        for one in _cut(line):
            if len(found) == MOST_SENTENCES:
                return tuple(found)
            found.append(Sentence(one, paragraph, len(found), of_the_page))
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


def _is_of_the_page(line: str) -> bool:
    if not _OF_THE_PAGE.search(line):
        return False
    return sum(map(length, tokens(line, MOST_TOKENS))) <= _SHORT_FOR_PAGE


def _has_digit(text: str) -> bool:
    return any(one.isdigit() for one in text)
