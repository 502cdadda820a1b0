"""Items, bylines and the shipped sources, for the tests of who says what."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alerts.model import Byline
from alerts.stories.outlets import Outlets
from crawler.items import Item, Kind, Source
from crawler.sources import load_sources

if TYPE_CHECKING:
    from collections.abc import Iterable

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
PACK = ROOT / "crawler" / "packs" / "eu-korea-russia" / "sources.yaml"


@lru_cache(maxsize=1)
def shipped() -> Outlets:
    return Outlets.of(load_sources(PACK).sources)


def source(name: str, url: str, **more: Any) -> Source:
    return Source(name=name, kind=Kind.FEED, url=url, **more)


def outlets(*sources: Source) -> Outlets:
    return Outlets.of({one.name: one for one in sources})


def article(
    title: str = "", text: str = "", language: str | None = None, **more: Any
) -> Item:
    url = more.pop("url", None)
    return Item(
        id=more.pop("id", "item"),
        source=more.pop("source", ""),
        url=url,
        canonical_url=url,
        guid=None,
        title=title,
        text=text,
        summary="",
        language=language,
        authors=more.pop("authors", ()),
        published=None,
        seen=NOW,
        **more,
    )


def voice(
    owner: str,
    *,
    wires: Iterable[str] = (),
    cites: Iterable[str] = (),
    copies: Iterable[str] = (),
    **more: Any,
) -> Byline:
    return Byline(
        owner=owner,
        wires=frozenset(wires),
        cites=frozenset(cites),
        copies=frozenset(copies),
        **more,
    )
