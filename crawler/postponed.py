"""Items whose page waits for the next poll.

A list or a sitemap names its articles and no more. When a burst brings more of them
than the pages one poll may ask for, the rest would be judged by their titles, and never
again; so they come with the next poll, which is soon, as if they were found there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.behind import MOST, wanted
from crawler.flood import FLOOD, is_flood

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from datetime import datetime

    from crawler.items import Item, Source, SourceState


class Postponed:
    """What waits, by source, in memory: a list may have rolled over by then.

    After a crash it comes with the list again, whose validators stay those of before.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Item, ...]] = {}

    def of(self, source: str) -> tuple[Item, ...]:
        """What the polls before left, oldest first."""
        return self._kept.get(source, ())

    def keep(self, source: str, items: tuple[Item, ...]) -> None:
        """Let these wait, and no others of the source."""
        if items:
            self._kept[source] = items
        else:
            self._kept.pop(source, None)


def together(waiting: Iterable[Item], items: Iterable[Item]) -> tuple[Item, ...]:
    """What waited and what came, each item once; who waited is read first."""
    return tuple({one.id: one for one in (*waiting, *items)}.values())


def left_over(
    source: Source,
    before: SourceState,
    items: tuple[Item, ...],
    *,
    known: Container[str],
    new: int,
) -> tuple[Item, ...]:
    """The items without a text whose page this poll has no room for, at most 100.

    None of a backlog (a first poll, an outage, a flood): it is told in one message.

    Args:
        source: its policy.
        before: its state before the poll.
        items: all of this poll, in the order in which their pages are read.
        known: ids stored already.
        new: how many the source brought that were never seen before.
    """
    if before.succeeded is None or is_flood(before, new):
        return ()
    wanting = [one for one in items if wanted(source, one) and one.id not in known]
    late = (one for one in wanting[MOST:] if not (one.text or one.catching_up))
    return tuple(late)[:FLOOD]


def to_be_continued(
    source: Source, before: SourceState, after: SourceState, now: datetime
) -> SourceState:
    """The state of a source some of whose items wait: asked soon, and for all of it."""
    soon = now + max(source.every_min, after.terms.least)
    return replace(
        after,
        due=soon if after.due is None else min(after.due, soon),
        etag=before.etag,
        last_modified=before.last_modified,
        body_hash=before.body_hash,
        trail=replace(
            after.trail,
            validated=before.trail.validated,
            shape=before.trail.shape,
            pages=before.trail.pages,
        ),
    )
