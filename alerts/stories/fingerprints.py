"""The keys by which an item is recognised: its address, its words, its shingles."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from alerts.model import Fingerprint
from alerts.stories.gists import gist
from alerts.stories.shingles import sketch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.items import Item

MIN_WORDS = 4
"""Texts shorter than this ("Live updates", "Morning briefing") recur without being
the same story, so they get no content hash; doubt sends (DESIGN section 6)."""

_WORD = re.compile(r"\w+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


@lru_cache(maxsize=256)  # a batch is asked for twice: to read around it, to decide
def fingerprint(item: Item) -> Fingerprint:
    """The keys of an item: its canonical URL, a hash of its words, their sketch.

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
    return Fingerprint(
        item_id=item.id,
        url_key=url_key,
        content_hash=content_hash,
        sketch=sketch(item),
        gist=gist(item),
    )


def fingerprints(items: Iterable[Item]) -> tuple[Fingerprint, ...]:
    """The fingerprints of a batch, in its order."""
    return tuple(fingerprint(item) for item in items)


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _word_count(text: str) -> float:
    """Words of a text, two CJK characters counting as one (MATCHING, scoring)."""
    cjk = len(_CJK.findall(text))
    return len(_WORD.findall(_CJK.sub(" ", text))) + cjk / 2
