"""Filling a digest: rendered once, when it is due, from the alerts it gathered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.followups import says_merged
from alerts.messages import headline, render
from alerts.model import Alert, Channel, Delivery, Letter, Story, Telling
from alerts.policy import order
from vedette.failpoints import Point, reach

if TYPE_CHECKING:
    from crawler.items import Item
    from vedette.setup import Setup
    from vedette.store import Store


def seal_digest(
    store: Store, row: Delivery, channel: Channel, setup: Setup
) -> Delivery:
    """The digest row with its content, which is kept and never rendered again.

    The alerts of one story are told together, the most severe first.
    """
    by_story: dict[str, list[tuple[Alert, Story, Item]]] = {}
    for part in store.tellings(row.id):
        by_story.setdefault(part[1].id, []).append(part)
    period = (row.period_from or row.created, row.period_to or row.due)
    letter = Letter(
        id=row.id,
        type=row.type,
        channel=channel,
        recipient=row.recipient,
        created=period[1],
        tellings=tuple(_telling(parts, setup, store) for parts in by_story.values()),
        period=period,
    )
    payload, line = render(letter), headline(letter)
    reach(Point.DIGESTING)
    store.seal(row.id, payload, line)
    return replace(row, payload=payload, headline=line)


def _telling(
    parts: list[tuple[Alert, Story, Item]], setup: Setup, store: Store
) -> Telling:
    alerts = order(part[0] for part in parts)
    alert, story, item = next(part for part in parts if part[0] == alerts[0])
    topic = setup.watch.topics.get(alert.topic)
    source = setup.sources.get(item.source)
    near = next(iter(store.stories(1, story.id)), None)
    return Telling(
        alert=alert,
        story=story,
        item=item,
        topic_title=topic.title if topic else alert.topic,
        owner=source.owner if source else None,
        also=alerts[1:],
        related=near.related if near else (),
        merged=tuple(
            one for one in (near.merged if near else ()) if says_merged(alerts, one.id)
        ),
    )
