"""When the page of an item that alerted is looked at again, and which pages are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.model import Recheck
from crawler.items import ArticlePolicy

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.items import Item, Source

LOOKS = (
    timedelta(0),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
    timedelta(hours=72),
    timedelta(days=7),
)
"""After the alert. The first look tells nothing: it keeps what the page says, by which
the others are judged (a feed's headline and teaser are often not the page's)."""


def is_watchable(item: Item, source: Source) -> bool:
    """Whether the page of an item is looked at again.

    ``article: never`` is the user's word that no page of the source is asked for, so
    it holds here too; what such a feed changes in its entries is not watched.
    """
    if source.article is ArticlePolicy.NEVER or item.url is None:
        return False
    return item.url.lower().startswith(("http://", "https://"))


def first_look(item: Item, now: datetime) -> Recheck:
    """The plan for an item that alerts now."""
    return Recheck(item_id=item.id, due=now + LOOKS[0])


def next_look(recheck: Recheck, now: datetime) -> Recheck | None:
    """The plan after a look made now; None after the last.

    Looks that a long outage missed are left out: one look sees all that changed.
    """
    told = recheck.due - LOOKS[recheck.step]
    for step in range(recheck.step + 1, len(LOOKS)):
        if told + LOOKS[step] > now:
            return replace(recheck, due=told + LOOKS[step], step=step)
    return None
