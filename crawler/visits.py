"""The nouns of reading a page again: the page, and what a look at it showed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from crawler.items import Article, FetchRecord
    from crawler.request import FetchResponse

PAGE_TYPES = ("text/html", "application/xhtml+xml")


class Sight(StrEnum):
    """What a look at a page showed."""

    READ = "read"
    UNCHANGED = "unchanged"
    GONE = "gone"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One look at one page.

    ``title``, ``text``, ``sha256`` (hex, of both) and the validators are of a page
    that was READ; ``reason`` says how the request ended, ``records`` are its hops.
    """

    sight: Sight
    reason: FetchReason
    detail: str = ""
    title: str = ""
    text: str = ""
    sha256: str = ""
    etag: str | None = None
    last_modified: str | None = None
    records: tuple[FetchRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page of an item to look at, with the validators of the look before."""

    item_id: str
    url: str
    is_first: bool
    etag: str | None = None
    last_modified: str | None = None


def visit_of(article: Article, response: FetchResponse) -> Visit:
    """A page that was read, as a look at it."""
    return Visit(
        sight=Sight.READ,
        reason=FetchReason.OK,
        title=article.title,
        text=article.text,
        sha256=fingerprint(article.title, article.text),
        etag=response.etag,
        last_modified=response.last_modified,
        records=response.records,
    )


def fingerprint(title: str, text: str) -> str:
    """SHA-256 of what a page says, in hex."""
    return hashlib.sha256(f"{title}\n{text}".encode("utf-8", "replace")).hexdigest()
