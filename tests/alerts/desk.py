"""A small watch for the tests of deciding: real topics, real matcher."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from alerts.evaluate import Watch, evaluate
from alerts.matching import Matcher
from alerts.model import Channel, Clause, Neighbours, Severity, Topic, Verdict
from alerts.stories import fingerprint
from crawler.items import Item, stable_id
from crawler.urls import canonical_url
from vedette.archive import Archive

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def topic(name: str, query: str, **more: Any) -> Topic:
    return Topic(name=name, title=name.title(), query=query, **more)


TOPICS = (
    topic("ferry", "ferry", severity=Severity.NORMAL),
    topic("strike", "strike", severity=Severity.HIGH),
    topic("port", "port", severity=Severity.LOW),
    topic("alarm", "evacuation", severity=Severity.CRITICAL),
    topic("ghost", "lighthouse", off=True),
    topic("scored", "museum", any=(Clause(query="fire", points=20),), threshold=70),
)


def channel(name: str, *recipients: str, **more: Any) -> Channel:
    return Channel(
        name=name, kind="webhook", recipients=recipients or (name,), url="x", **more
    )


def watch(*channels: Channel, topics: Sequence[Topic] = TOPICS) -> Watch:
    named = {t.name: t for t in topics}
    return Watch(
        matcher=Matcher.compile({}, named),
        topics=named,
        channels={c.name: c for c in channels or (channel("hook"),)},
        version="v1",
    )


def item(title: str, *, url: str | None = None, **more: Any) -> Item:
    text = more.pop("text", "")
    source = more.pop("source", "wire")
    link = url or f"https://news.test/{stable_id(title, text, source)}"
    return Item(
        id=stable_id(source, link),
        source=source,
        url=link,
        canonical_url=canonical_url(link),
        guid=None,
        title=title,
        text=text,
        summary="",
        language="en",
        authors=(),
        published=None,
        seen=more.pop("seen", NOW),
        **more,
    )


class Desk:
    """Evaluates batch after batch, remembering as the store does."""

    def __init__(self, *channels: Channel, topics: Sequence[Topic] = TOPICS) -> None:
        self.watch = watch(*channels, topics=topics)
        self.archive = Archive()
        self.now = NOW

    def see(self, *items: Item, after: timedelta = timedelta()) -> Verdict:
        self.now += after
        known: Neighbours = self.archive.neighbours(map(fingerprint, items), self.now)
        verdict = evaluate(items, known, self.watch, self.now)
        self.archive.apply(verdict)
        return verdict


EIGHT = time(8, 0)
