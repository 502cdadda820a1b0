"""One page read again: what it says now, that it is as it was, or that it is gone.

A conditional request through the Fetcher, so robots.txt, the host's turn and the
address guard hold as for any other; the page is read in a worker.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.errors import FetchError, ParseError, SecretMissing
from crawler.fetcher import Purpose
from crawler.reading import onward_request, opening_request
from crawler.reasons import FetchReason
from crawler.visits import PAGE_TYPES, Sight, Visit, visit_of

if TYPE_CHECKING:
    from crawler.fetcher import Fetcher, FetchResponse
    from crawler.items import Article, FetchRecord, Source
    from crawler.pool import ParserPool
    from crawler.visits import Page

_GONE = frozenset({FetchReason.NOT_FOUND, FetchReason.GONE})
"""401, 402, 403, 429, 451 and 5xx are a wall, a challenge or a fault: no deletion."""

_MISSING = re.compile(
    r"\b(?:404|page (?:not found|unavailable)|not found|no longer (?:available|exists)"
    r"|seite nicht gefunden|page introuvable|pagina non trovata|página no encontrada"
    r"|nie znaleziono strony|strona nie istnieje)\b"
    r"|страница не (?:найдена|существует)|сторінк\w+ не (?:знайдено|існує)"
    r"|페이지를 찾을 수 없|삭제된 (?:기사|페이지)|존재하지 않는"
    r"|ページが見つかりません|页面不存在|找不到(?:页面|網頁)",
    re.IGNORECASE,
)
_MISSING_MOST = 400
"""Characters of text that a page saying so has at most (a soft 404)."""


async def revisit(
    source: Source, page: Page, *, fetcher: Fetcher, pool: ParserPool
) -> Visit:
    """Look at a page of a source. Never raises, but for defects of our own."""
    records: tuple[FetchRecord, ...] = ()
    try:
        request = replace(
            onward_request(opening_request(source), page.url, Purpose.ARTICLE),
            etag=page.etag,
            last_modified=page.last_modified,
        )
        response = await fetcher.fetch(request)
        records = response.records
        if response.status == 304:
            return Visit(
                sight=Sight.UNCHANGED, reason=FetchReason.NOT_MODIFIED, records=records
            )
        return await _read(source, response, pool)
    except FetchError as error:
        sight = Sight.GONE if error.reason in _GONE else Sight.FAILED
        return Visit(
            sight=sight,
            reason=error.reason,
            detail=error.detail,
            records=error.records,
        )
    except ParseError as error:
        return Visit(
            sight=Sight.FAILED,
            reason=error.reason,
            detail=error.detail,
            records=records,
        )
    except SecretMissing as error:
        return Visit(
            sight=Sight.FAILED, reason=FetchReason.SECRET_MISSING, detail=str(error)
        )


async def _read(source: Source, response: FetchResponse, pool: ParserPool) -> Visit:
    content_type = response.headers.get("content-type")
    if content_type and not content_type.lower().startswith(PAGE_TYPES):
        raise ParseError(FetchReason.NOT_A_PAGE, f"it is {content_type[:80]}")
    article: Article = await pool.run(
        "article",
        response.body,
        url=response.url,
        content_type=content_type,
        body_selector=source.body,
        timezone=source.timezone,
        language=source.language,
    )
    if _MISSING.search(article.title) and len(article.text) <= _MISSING_MOST:
        return Visit(
            sight=Sight.GONE,
            reason=FetchReason.NOT_FOUND,
            detail="the page says that it is not there",
            records=response.records,
        )
    if not article.text:
        raise ParseError(FetchReason.NOT_A_PAGE, "no article in it")
    return visit_of(article, response)
