"""The dateline or byline of a text: where it was filed, not what it is about."""

from __future__ import annotations

import re

_DASH = "-–—―"
_AGENCY = r"\([^()\n]{2,60}\)"
_PLACE = r"[^\W\d_][\w.'’-]*(?:[ /][^\W\d_][\w.'’-]*){0,3}"
_DAY_RU = r"\d{1,2} [а-яіїє]+"
_KOREAN_AGENCY = r"[(\[][^()\[\]\n]{1,40}=[^()\[\]\n]{1,40}[)\]]"
_OPENINGS = tuple(
    re.compile(r"\s*" + pattern)
    for pattern in (
        # (서울=연합뉴스) 홍길동 기자 = / [서울=뉴시스] 홍길동 기자 =
        rf"{_KOREAN_AGENCY}(?:[^=\n.]{{0,40}}기자[^=\n.]{{0,20}}=|\s*=)?",
        # MOSCOW, Oct 28 (Reuters) - / KYIV (AP) —
        rf"{_PLACE}(?:[,.] ?[\w. ,/]{{1,40}}?)? ?{_AGENCY} ?[{_DASH}:]",
        # Москва. 28 октября. ИНТЕРФАКС -
        rf"{_PLACE}[,.] {_DAY_RU}[.,]? ?(?:[/(]?[\w .]{{2,30}}[/)]?)? ?[{_DASH}.]",
        # МОСКВА, 28 октября. /ТАСС/.
        rf"[А-ЯІЇЄ][А-ЯІЇЄ -]{{2,30}}, {_DAY_RU}[.,]? ?[/{_DASH}][^/\n]{{0,30}}/",
        # MOSCOW, October 28 - / BRUSSELS --
        rf"[A-ZÀ-Þ][A-ZÀ-Þ .'/-]{{2,40}}(?:, [\w. ,]{{1,40}})? ?[{_DASH}]{{1,2}} ",
        # Brussels –
        r"[A-ZÀ-Þ][a-zà-ÿ]+(?: [A-ZÀ-Þ][a-zà-ÿ]+){0,2} [–—] ",
        # 【平壌共同】
        r"【[^】\n]{2,30}】",
    )
)


def dateline_end(text: str) -> int:
    """Code points taken by the dateline or byline at the start of a text, or 0."""
    head = text[:160]
    return max(
        (found.end() for opening in _OPENINGS if (found := opening.match(head))),
        default=0,
    )
