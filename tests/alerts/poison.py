"""Letters in which one text stands wherever a stranger's, or the user's, words go."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.model import (
    Changed,
    Difference,
    Evidence,
    Fact,
    Link,
    MessageType,
    Reason,
    Report,
)
from alerts.notices import tell
from alerts.sourcewatch import Changes, Episode
from crawler.diagnosis import Ailment, Aspect
from crawler.items import stable_id
from tests.alerts.letters import NOW, alert, item, letter, telling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alerts.model import Alert, Channel, Delivery, Letter, Telling

    Putter = Callable[[str, str], str]

FIELDS = (
    *("title", "text", "summary", "author", "source", "owner", "language", "url"),
    *("topic", "topic title", "surface", "entity", "headline", "report", "fact"),
    *("link", "milestone", "difference", "channel", "sender"),
)
"""Where a text can get into a message."""
EVERYWHERE = "everywhere"

_KINDS = (
    (Reason.FIRST, "first"),
    (Reason.DISPUTED, "disputed"),
    (Reason.OFFICIAL, "official"),
    (Reason.CONFIRMED, "confirmed"),
    (Reason.DEVELOPMENT, "development"),
    (Reason.REVISED, "revised"),
)


def poisoned(channel: Channel, poison: str, field: str = EVERYWHERE) -> list[Letter]:
    """An opening, a follow-up of every kind, and a digest of both, with the poison.

    A field is one of FIELDS, or all of them.
    """

    def put(name: str, plain: str) -> str:
        return poison if field in {name, EVERYWHERE} else plain

    said = "".join(c for c in poison if c.isprintable() and c not in '"\\<>')[:100]
    sender = f'"{said}" <v@example.org>'
    told = dataclasses.replace(
        channel,
        # A config is UTF-8, so its words hold no surrogates.
        name=put("channel", channel.name).encode(errors="replace").decode(),
        sender=sender if field in {"sender", EVERYWHERE} else channel.sender,
    )
    first = _telling(put, alert(put("topic", "dprk")))
    changed = [_telling(put, one) for one in _alerts(put)]
    updates = [
        letter(
            channel,
            one,
            type=MessageType.UPDATED,
            id=stable_id(f"u{n}"),
        )
        for n, one in enumerate(changed)
    ]
    period = (NOW - timedelta(days=1), NOW)
    letters = [
        letter(channel, first),
        *updates,
        letter(
            channel,
            first,
            *changed,
            type=MessageType.DIGEST,
            id=stable_id("digest"),
            period=period,
        ),
    ]
    return [dataclasses.replace(one, channel=told) for one in letters]


def notices(channel: Channel, poison: str) -> tuple[Delivery, ...]:
    """Rows that tell of a source in trouble, with the poison in what it answered."""
    ill = Episode(
        name="wire",
        aspect=Aspect.ARRIVAL,
        ailment=Ailment.ERROR,
        since=NOW,
        opened=NOW,
        detail=poison,
    )
    return tell(Changes(opened=(ill,), ended=()), [channel], NOW)


def _alerts(put: Putter) -> Iterator[Alert]:
    topic = put("topic", "dprk")
    value = put("milestone", "1")
    for reason, name in _KINDS[1:]:
        yield dataclasses.replace(
            alert(
                topic, reason=reason, milestone=f"{name}:{put('fact', 'toll')}={value}"
            ),
            difference=(
                Difference(
                    what=Changed.HEADLINE,
                    old=put("difference", "old"),
                    new=put("difference", "new"),
                    context=put("difference", "where"),
                ),
            ),
        )


def _telling(put: Putter, main: Alert) -> Telling:
    title, text = put("title", "Briefing"), f"x {put('text', 'y')} 북한 z"
    found = Evidence(
        topic=main.topic,
        clause="query",
        entity=put("entity", "dprk"),
        surface=put("surface", "북한"),
        field="text",
        start=text.index("북한"),
        end=text.index("북한") + 2,
        how="exact",
    )
    about = item(
        title,
        text,
        summary=put("summary", "s"),
        source=put("source", "wire"),
        language=put("language", "en"),
        url=put("url", "https://news.example.org/a"),
        authors=(put("author", "A. Writer"),),
    )
    report = Report(
        owners=(put("owner", "o"),),
        languages=(put("language", "en"),),
        official=True,
        url=put("url", "https://news.example.org/b"),
        title=put("report", "They report"),
        source=put("source", "wire"),
        seen=NOW,
    )
    plain = telling(about)
    unit = put("fact", "toll")
    return dataclasses.replace(
        plain,
        alert=dataclasses.replace(main, evidence=(found,)),
        also=(dataclasses.replace(main, topic=f"{put('topic', 'kursk')}2"),),
        topic_title=put("topic title", "North"),
        owner=put("owner", "withub"),
        story=dataclasses.replace(
            plain.story,
            headline=put("headline", "Talks"),
            languages=(put("language", "en"),),
            reports=(report, dataclasses.replace(report, official=False)),
            facts=(Fact(unit=unit, value=put("fact", "1"), owners=("a",), seen=NOW),),
        ),
        related=(Link(id="s2", headline=put("link", "Other")),),
        merged=(Link(id="s3", headline=put("link", "Third")),),
    )
