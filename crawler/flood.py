"""When one poll brings too much news to be news: churned ids, a hostile feed.

Marked as a backlog, such items send one message per topic and the rest with the next
digest, as a source does that was away for a week.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.items import Harvest, SourceState

FLOOD = 100
"""New items of one poll. A feed has rarely more entries than that in all, and a busy
agency writes as many in two hours; churned ids bring up to 1,000 each poll."""


def is_flood(before: SourceState, new: int) -> bool:
    """Whether so many new items are no news; a first poll is a backlog anyway.

    Args:
        before: the source as it stood before the poll.
        new: items that were not known before.
    """
    return before.succeeded is not None and new > FLOOD


def dammed(harvest: Harvest, new: int) -> Harvest:
    """The harvest of a flood: every item part of a backlog, and a notice."""
    notice = f"flood: {new} new items in one poll, told as a backlog"
    return replace(
        harvest,
        detail=notice,
        state=replace(harvest.state, detail=notice),
        items=tuple(replace(item, catching_up=True) for item in harvest.items),
    )
