"""Who speaks in an item, from whom it has its words, and what it says that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.model import Byline
from alerts.stories.citing import cites
from alerts.stories.credits import credited
from alerts.stories.denials import denies
from alerts.stories.facts import facts

if TYPE_CHECKING:
    from alerts.stories.outlets import Outlets
    from crawler.items import Item


def byline(item: Item, outlets: Outlets) -> Byline:
    """The byline of an item by itself; ``copies`` are the caller's, who knows others.

    An outlet that credits or cites itself says nothing of its independence.
    """
    outlet = outlets.of_item(item)
    own = {outlet.owner}
    return Byline(
        owner=outlet.owner,
        country=outlet.country,
        official=outlet.official,
        wires=credited(item, outlets) - own,
        cites=cites(item, outlets) - own,
        denies=denies(item),
        facts=facts(item),
    )
