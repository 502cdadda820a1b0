"""What the tests of collecting share: a desk that polls, and feeds to poll."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from crawler.items import (
    ArticlePolicy,
    Harvest,
    Kind,
    Source,
    SourceState,
)
from crawler.standing import new_state
from tests.servers.http import Handler, Request, Routes, Server

if TYPE_CHECKING:
    import asyncio

    from crawler.collect import Collector

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
HTML = {"Content-Type": "text/html; charset=utf-8"}
LONG = (
    "<p>" + "Officials spoke of the harbour, the bridge and the grain. " * 15 + "</p>"
)
PAGE = f"<html><body><article><h1>Talks</h1>{LONG}</article></body></html>".encode()


def never(_ids: Sequence[str]) -> frozenset[str]:
    return frozenset()


def always(ids: Sequence[str]) -> frozenset[str]:
    return frozenset(ids)


def rss(*items: str) -> bytes:
    return (
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>"
        f"<title>Site</title>{''.join(items)}</channel></rss>"
    ).encode()


def entry(
    link: str | None = "/a",
    *,
    title: str | None = "Talks in the harbour",
    published: datetime | None = NOW,
    guid: str | None = None,
    text: str = "",
) -> str:
    parts = {
        "title": title,
        "link": link,
        "guid": guid,
        "pubDate": format_datetime(published) if published else None,
        "description": text or None,
    }
    inner = "".join(f"<{k}>{v}</{k}>" for k, v in parts.items() if v is not None)
    return f"<item>{inner}</item>"


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desk:
    """A collector with its parts, in a loop of its own."""

    runner: asyncio.Runner
    collector: Collector
    watch: Watch

    def poll(
        self,
        source: Source,
        state: SourceState | None = None,
        *,
        known: Callable[[Sequence[str]], frozenset[str]] = never,
    ) -> Harvest:
        state = state or new_state(source, self.watch.now)
        return self.runner.run(self.collector.collect(source, state, known=known))


Start = Callable[[Handler | Routes], Server]


def feed(site: Server, **changes: object) -> Source:
    source = Source(
        name="site",
        kind=Kind.FEED,
        url=site.url("/feed"),
        article=ArticlePolicy.NEVER,
    )
    return replace(source, **changes)  # type: ignore[arg-type]


def sent(site: Server, path: str) -> list[Request]:
    return [request for request in site.requests if request.path == path]
