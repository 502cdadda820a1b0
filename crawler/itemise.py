"""From what a parser read to items: ids, plausible times, freshness. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from crawler.dates import plausible
from crawler.freshness import catching_up, freshness
from crawler.items import Item, stable_id
from crawler.reasons import DropReason
from crawler.schedule import resting
from crawler.urls import canonical_url

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crawler.items import Entry, Source, SourceState


def itemise(
    source: Source, before: SourceState, entries: Sequence[Entry], *, now: datetime
) -> tuple[tuple[Item, ...], Counter[DropReason]]:
    """Entries to items, in the source's order, without what cannot be one.

    Args:
        source: whose entries they are.
        before: the source as it stood before this poll.
        entries: as parsed.
        now: aware UTC; when the items were seen.

    Returns:
        The items, ids unique, and how many entries were dropped for which reason;
        both together are as many as the entries.
    """
    late = catching_up(before, before.interval or resting(source), now)
    items: dict[str, Item] = {}
    dropped: Counter[DropReason] = Counter()
    for entry in entries:
        if not entry.title and not entry.url:
            dropped[DropReason.NO_LINK_NO_TITLE] += 1
            continue
        item = _item(source, before, entry, now=now, late=late)
        if item.id in items:
            dropped[DropReason.REPEATED] += 1
        else:
            items[item.id] = item
    return tuple(items.values()), dropped


def _item(
    source: Source, before: SourceState, entry: Entry, *, now: datetime, late: bool
) -> Item:
    canonical = canonical_url(entry.url) if entry.url else None
    published = plausible(entry.published, now) if entry.published else None
    return Item(
        id=stable_id(source.name, canonical or entry.guid or entry.title),
        source=source.name,
        url=entry.url,
        canonical_url=canonical,
        guid=entry.guid,
        title=entry.title,
        text=entry.text,
        summary=entry.summary,
        language=entry.language or source.language,
        authors=entry.authors,
        published=published,
        seen=now,
        freshness=freshness(before, published, now),
        catching_up=late,
    )
