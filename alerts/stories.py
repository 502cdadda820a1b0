"""Which story an item belongs to; for now a story is its exact duplicates.

``place`` is the seam: near-duplicates and clustering replace what happens inside,
not what goes in and comes out. Nothing here changes its arguments.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from alerts.model import Fingerprint, Known, Neighbours, Story, StoryMove
from crawler.items import stable_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from crawler.items import Item

MIN_WORDS = 6
"""Texts shorter than this ("Live updates", "Morning briefing") recur without being
the same story, so they get no content hash; doubt sends (DESIGN section 6)."""

_WORD = re.compile(r"\w+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


def fingerprint(item: Item) -> Fingerprint:
    """The exact keys of an item: its canonical URL and a hash of its words.

    A home page ("/" without a query) is the link of many different items and gives
    no URL key.
    """
    url_key = item.canonical_url
    if url_key is not None:
        parts = urlsplit(url_key)
        if parts.path in {"", "/"} and not parts.query:
            url_key = None
    words = f"{_fold(item.title)}\n{_fold(item.text)}"
    content_hash = None
    if _word_count(words) >= MIN_WORDS:
        content_hash = hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()
    return Fingerprint(item_id=item.id, url_key=url_key, content_hash=content_hash)


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _word_count(text: str) -> float:
    """Words of a text, two CJK characters counting as one (MATCHING, scoring)."""
    cjk = len(_CJK.findall(text))
    return len(_WORD.findall(_CJK.sub(" ", text))) + cjk / 2


def place(
    item: Item, prints: Fingerprint, neighbours: Neighbours, now: datetime
) -> tuple[StoryMove, Story]:
    """The story an item joins or opens, and that story as it stands afterwards.

    The older posting by URL wins over the one by content. ``matched`` of the story
    is left to the caller, who knows the matches.
    """
    known = _recognise(prints, neighbours)
    story = neighbours.stories.get(known.story_id) if known else None
    if known is None or story is None:
        return _open(item, now)
    languages = {*story.languages, *([item.language] if item.language else [])}
    again = known.item_id == item.id
    joined = replace(
        story,
        last_seen=max(story.last_seen, now),
        items=story.items + (0 if again else 1),
        languages=tuple(sorted(languages)),
    )
    move = StoryMove(
        item_id=item.id,
        story_id=story.id,
        duplicate_of=known.item_id,
        opened=False,
    )
    return move, joined


def _recognise(prints: Fingerprint, neighbours: Neighbours) -> Known | None:
    if prints.url_key is not None and prints.url_key in neighbours.by_url:
        return neighbours.by_url[prints.url_key]
    if prints.content_hash is not None:
        return neighbours.by_content.get(prints.content_hash)
    return None


def _open(item: Item, now: datetime) -> tuple[StoryMove, Story]:
    story = Story(
        id=stable_id("story", item.id),
        headline=item.title or item.summary[:200],
        first_seen=now,
        last_seen=now,
        languages=(item.language,) if item.language else (),
    )
    move = StoryMove(item_id=item.id, story_id=story.id, duplicate_of=None, opened=True)
    return move, story


def fingerprints(items: Iterable[Item]) -> tuple[Fingerprint, ...]:
    """The fingerprints of a batch, in its order."""
    return tuple(fingerprint(item) for item in items)
