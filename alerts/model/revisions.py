"""Pages that are read again, and how they differ."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.items import Item


class Changed(StrEnum):
    """What of a report its outlet changed after it had alerted."""

    HEADLINE = "headline"
    NUMBER = "number"
    QUOTE = "quote"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing a revised page says otherwise than before.

    ``old`` and ``new`` are as written, empty for what was not there (a quote that was
    taken out, a number that came in) or is no more; the old of a deletion is the
    headline. ``context`` is the sentence a number now stands in.
    """

    what: Changed
    old: str
    new: str
    context: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a page said at ``at`` (aware UTC): the first time, or other than before.

    ``sha256`` (hex) is of title and text; both are empty for a page that was deleted.
    """

    item_id: str
    at: datetime
    sha256: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """When the page of an item that alerted is read again, and how to ask for it.

    ``step`` counts the looks so far, missed ones too; the validators are of the last
    version. ``failures`` counts the looks in a row that brought nothing.
    """

    item_id: str
    due: datetime
    step: int = 0
    etag: str | None = None
    last_modified: str | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rereading:
    """A page to be read again now; ``last`` is the newest version kept of it."""

    recheck: Recheck
    item: Item
    story_id: str
    last: Version | None = None
