"""The JSON a webhook posts and a file keeps (DESIGN section 6)."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING

from alerts.model import MessageType
from alerts.rendering.clean import cut, encodable, json_line, web_link
from alerts.rendering.highlight import evidence_of
from alerts.rendering.wording import also_topics

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from alerts.model import Evidence, Letter, Link, Telling
    from crawler.items import Item

Json = dict[str, object]
_SUMMARY = 500
"""Code points of an item's summary that travel."""


def body(letter: Letter) -> bytes:
    """The letter as compact UTF-8 JSON; the same letter gives the same bytes."""
    message = {
        "type": letter.type.value,
        "timestamp": _instant(letter.created),
        "data": _data(letter),
    }
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    return json_line(encodable(text)).encode()


def _data(letter: Letter) -> Json:
    if letter.type is MessageType.DIGEST:
        start, end = letter.period or (letter.created, letter.created)
        return {
            "id": letter.id,
            "period": {"from": _instant(start), "to": _instant(end)},
            "alerts": [
                _alert(telling, telling.alert.id) for telling in letter.tellings
            ],
        }
    if not letter.tellings:
        facts = letter.notice.facts if letter.notice else {}
        return {"id": letter.id, "channel": letter.channel.name, **facts}
    return _alert(letter.tellings[0], letter.id)


def _alert(telling: Telling, number: str) -> Json:
    alert, story = telling.alert, telling.story
    return {
        "id": number,
        "reason": alert.reason.value,
        "severity": alert.severity.value,
        "topic": {"name": alert.topic, "title": telling.topic_title},
        "score": alert.score,
        "threshold": _number(alert.threshold),
        "story": {
            "id": story.id,
            "headline": story.headline,
            "first_seen": _instant(story.first_seen),
            "items": story.items,
            "independent": story.independent,
            "languages": list(story.languages),
            "official": story.official,
            "disputed": story.disputed,
            **_links("related", telling.related),
            **_links("merged", telling.merged),
        },
        "item": _item(telling.item, telling.owner),
        "evidence": [_evidence(piece) for piece in evidence_of(telling)],
        "also": list(also_topics(telling)),
        **_difference(telling),
    }


def _difference(telling: Telling) -> Json:
    """What a revision changed; absent in every other message."""
    alerts = (telling.alert, *telling.also)
    found = dict.fromkeys(one for alert in alerts for one in alert.difference)
    if not found:
        return {}
    return {
        "difference": [
            {
                "what": one.what.value,
                "old": one.old,
                "new": one.new,
                "context": one.context,
            }
            for one in found
        ]
    }


def _links(name: str, others: Iterable[Link]) -> Json:
    """Other stories under this name; nothing if there are none (DESIGN's object)."""
    found = [{"id": one.id, "headline": one.headline} for one in others]
    return {name: found} if found else {}


def _item(item: Item, owner: str | None) -> Json:
    return {
        "id": item.id,
        "url": web_link(item.url),
        "title": item.title,
        "summary": cut(item.summary, limit=_SUMMARY),
        "language": item.language,
        "source": item.source,
        "owner": owner,
        "published": _instant(item.published) if item.published else None,
        "seen": _instant(item.seen),
    }


def _evidence(piece: Evidence) -> Json:
    return {
        "topic": piece.topic,
        "clause": piece.clause,
        "entity": piece.entity,
        "surface": piece.surface,
        "field": piece.field,
        "start": piece.start,
        "end": piece.end,
        "how": piece.how,
    }


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _number(value: float) -> float:
    """60 rather than 60.0, as the user wrote it."""
    return int(value) if float(value).is_integer() else value
