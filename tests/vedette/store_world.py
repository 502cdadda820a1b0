"""Nouns for the store's tests: deterministic, short, of our own invention."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from alerts.model import (
    Alert,
    Delivery,
    DeliveryState,
    Evidence,
    Fingerprint,
    Judgement,
    Match,
    MessageType,
    Reason,
    Severity,
    Story,
    StoryMove,
    Verdict,
)
from crawler.items import (
    FetchRecord,
    Harvest,
    Item,
    Kind,
    Source,
    SourceState,
    stable_id,
)
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NOW = datetime(2026, 11, 22, 12, 0, 0, 123_456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LEASE = 15 * MINUTE


def source(name: str = "gazette") -> Source:
    return Source(name=name, kind=Kind.FEED, url=f"https://{name}.test/feed")


def item(key: str, *, source: str = "gazette", **changes: object) -> Item:
    values: dict[str, object] = {
        "id": stable_id(source, key),
        "source": source,
        "url": f"https://{source}.test/{key}",
        "canonical_url": f"https://{source}.test/{key}",
        "guid": key,
        "title": f"북한군 report {key}",
        "text": f"The text of {key}.",
        "summary": f"About {key}",
        "language": "en",
        "authors": ("A. Writer",),
        "published": NOW - MINUTE,
        "seen": NOW,
    }
    return Item(**(values | changes))  # type: ignore[arg-type]


def record_of(item: Item) -> FetchRecord:
    return FetchRecord(
        source=item.source,
        url=item.url or "",
        at=NOW,
        status=200,
        reason=FetchReason.OK,
        bytes=10,
        ms=5,
        conditional=False,
    )


def harvest(
    items: Iterable[Item],
    *,
    source: str = "gazette",
    etag: str | None = None,
    reason: FetchReason = FetchReason.OK,
) -> Harvest:
    items = tuple(items)
    return Harvest(
        source=source,
        at=NOW,
        reason=reason,
        detail="",
        items=items,
        dropped=(),
        records=tuple(record_of(one) for one in items[:1]),
        state=SourceState(
            name=source,
            url=f"https://{source}.test/feed",
            adopted=NOW,
            etag=etag,
            due=NOW,
            interval=10 * MINUTE,
        ),
    )


def fingerprint(item: Item) -> Fingerprint:
    return Fingerprint(
        item_id=item.id,
        url_key=item.canonical_url,
        content_hash=stable_id("words", item.text),
    )


def story_of(item: Item) -> Story:
    return Story(
        id=stable_id(item.id),
        headline=item.title,
        first_seen=item.seen,
        last_seen=item.seen,
        languages=("en", "ko"),
        matched=True,
    )


EVIDENCE = Evidence(
    topic="dprk",
    clause="query",
    entity="dprk",
    surface="북한",
    field="title",
    start=0,
    end=2,
    how="exact",
)

MATCH = Match(
    topic="dprk",
    hit=True,
    score=70,
    threshold=50.0,
    gate=Reason.HIT,
    evidence=(EVIDENCE,),
    parts=(("query", 50.0), ("title", 20.0)),
)


def judgement(
    item: Item, story: Story | None = None, duplicate_of: str | None = None
) -> Judgement:
    story = story or story_of(item)
    return Judgement(
        item_id=item.id,
        fingerprint=fingerprint(item),
        move=StoryMove(
            item_id=item.id,
            story_id=story.id,
            duplicate_of=duplicate_of,
            opened=duplicate_of is None,
        ),
        matches=(MATCH,),
        gates=(("dprk", Reason.FIRST),),
    )


def alert(
    item: Item,
    *,
    topic: str = "dprk",
    kind: str = "opened",
    milestone: str = "first",
    severity: Severity = Severity.HIGH,
) -> Alert:
    story_id = stable_id(item.id)
    return Alert(
        id=stable_id(story_id, topic, kind, milestone),
        story_id=story_id,
        topic=topic,
        kind=kind,
        milestone=milestone,
        reason=Reason.FIRST,
        severity=severity,
        item_id=item.id,
        score=70,
        threshold=50.0,
        created=NOW,
        evidence=(EVIDENCE,),
        config="c1",
    )


def delivery(
    alerts: Sequence[Alert],
    *,
    channel: str = "mail",
    recipient: str = "desk@example.test",
    due: datetime = NOW,
    state: DeliveryState = DeliveryState.PENDING,
    reason: Reason | None = None,
) -> Delivery:
    return Delivery(
        id=stable_id(channel, recipient, *(one.id for one in alerts)),
        channel=channel,
        recipient=recipient,
        type=MessageType.OPENED,
        severity=alerts[0].severity,
        story_id=alerts[0].story_id,
        alert_ids=tuple(one.id for one in alerts),
        headline="북한군 report",
        payload=b'{"type": "alert.opened"}',
        state=state,
        reason=reason,
        created=NOW,
        due=due,
        first_due=due,
    )


def digest(
    alerts: Sequence[Alert],
    *,
    due: datetime = NOW + 60 * MINUTE,
    recipient: str = "desk@example.test",
) -> Delivery:
    return Delivery(
        id=stable_id("mail", recipient, "digest", due.isoformat()),
        channel="mail",
        recipient=recipient,
        type=MessageType.DIGEST,
        severity=Severity.LOW,
        story_id=None,
        alert_ids=tuple(one.id for one in alerts),
        headline="",
        payload=None,
        state=DeliveryState.PENDING,
        reason=None,
        created=NOW,
        due=due,
        first_due=due,
        period_from=due - 24 * 60 * MINUTE,
        period_to=due,
    )


def verdict(
    items: Iterable[Item],
    *,
    alerts: Sequence[Alert] | None = None,
    deliveries: Sequence[Delivery] | None = None,
    at: datetime = NOW,
) -> Verdict:
    """One story, one alert and one mail per item, unless told otherwise."""
    items = tuple(items)
    made = tuple(alerts) if alerts is not None else tuple(alert(one) for one in items)
    rows = (
        tuple(deliveries)
        if deliveries is not None
        else tuple(delivery([one]) for one in made)
    )
    return Verdict(
        at=at,
        judgements=tuple(judgement(one) for one in items),
        stories=tuple(story_of(one) for one in items),
        alerts=made,
        deliveries=rows,
    )
