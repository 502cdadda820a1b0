"""What is kept of a text's words, so that copies of it can be told.

    title + text | words | shingles (3 words) | one in four, by hash -> Sketch

FracMinHash: a shingle stays if its hash is under a fixed limit, so two sketches made
apart hold the same part of what their texts share, and the share of the smaller text
that stands in the larger one (containment) can be read off the sketches alone.
Measured beside MinHash, simhash and TLSH, only containment finds excerpts and cuts.
"""

from __future__ import annotations

import heapq
import re
import sys
import unicodedata
from array import array
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import xxhash

from alerts.model import Sketch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.items import Item

HASH_BITS = 63
"""xxh64 without its lowest bit: a database column holds it without a sign."""

SHARE = 4
"""One shingle in four is kept: macro recall .986 on eight kinds of edits; with one in
eight excerpts of 40 words fall to .96."""

LIMIT = (1 << HASH_BITS) // SHARE
WHOLE = 1 << HASH_BITS
"""The limit of a sketch that left nothing out."""

LEAST_KEPT = 16
"""A text with fewer under the limit keeps its 16 smallest hashes, and its own limit."""

LEAST_SHINGLES = 8
"""Headlines of fewer than ten words recur ("Seoul: North fires ballistic missile")
and have no sketch; doubt sends (DESIGN section 6)."""

MOST_WORDS = 2_000
"""Words looked at: bounds the cost of a live ticker; articles are shorter."""

LEAD_WORDS = 20
LEAD_CHARS = 400
MOST_NUMBERS = 64

# Han and kana are written without spaces: there a shingle is five characters, as two
# count for one word (MATCHING). Hangul is spaced.
_HAN_KANA = "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_HAN_KANA}]|[^\W{_HAN_KANA}]+")
_SPACELESS = re.compile(rf"[{_HAN_KANA}]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NO_DIGIT = re.compile(r"\D+")


def sketch(item: Item) -> Sketch | None:
    """The sketch of an item; None for one too short to be told by its words."""
    title = unicodedata.normalize("NFKC", item.title).lower()
    text = unicodedata.normalize("NFKC", item.text[: MOST_WORDS * 12]).lower()
    kept = _kept(_shingles(_words(f"{title}\n{text}")))
    if kept is None:
        return None
    hashes, limit = kept
    host, linked = _host(item)
    numbers = dict.fromkeys(_numbers(f"{title}\n{text}"))
    return Sketch(
        hashes=hashes,
        limit=limit,
        host=host,
        linked=linked,
        title=frozenset(map(_small, _words(title))),
        lead=frozenset(map(_small, _shingles(_words(text[:LEAD_CHARS])[:LEAD_WORDS]))),
        numbers=frozenset(map(_small, list(numbers)[:MOST_NUMBERS])),
    )


def _words(text: str) -> list[str]:
    return _TOKEN.findall(text)[:MOST_WORDS]


def _numbers(text: str) -> Iterable[str]:
    """Numbers as their digits: 1,200 and 1.200 are the same in two countries."""
    return (_NO_DIGIT.sub("", one) for one in _NUMBER.findall(text))


def _shingles(words: list[str]) -> set[str]:
    if not _SPACELESS.search("".join(words)):
        return {
            f"{a} {b} {c}" for a, b, c in zip(words, words[1:], words[2:], strict=False)
        }
    return {
        " ".join(words[at : at + size])
        for at, word in enumerate(words)
        if at + (size := 5 if _SPACELESS.match(word) else 3) <= len(words)
    }


def _kept(shingles: set[str]) -> tuple[frozenset[int], int] | None:
    if len(shingles) < LEAST_SHINGLES:
        return None
    digest = xxhash.xxh64_intdigest
    hashes = {digest(one.encode("utf-8", "replace")) >> 1 for one in shingles}
    if len(hashes) <= LEAST_KEPT:
        return frozenset(hashes), WHOLE
    under = frozenset(one for one in hashes if one < LIMIT)
    if len(under) >= LEAST_KEPT:
        return under, LIMIT
    smallest = heapq.nsmallest(LEAST_KEPT, hashes)
    return frozenset(smallest), smallest[-1] + 1


def _small(word: str) -> int:
    return xxhash.xxh32_intdigest(word.encode("utf-8", "replace"))


def _host(item: Item) -> tuple[int, bool]:
    """The site an item came from, as 31 bits, and whether its own link says so.

    Without a link the source stands for the site; 0 is nowhere.
    """
    name = urlsplit(item.canonical_url or "").hostname
    if name:
        return _small(name.removeprefix("www.")) >> 1, True
    return (_small(f"source {item.source}") >> 1 if item.source else 0), False


def pack(hashes: Iterable[int]) -> bytes:
    """Hashes as 8 bytes each, little-endian, ascending."""
    packed = array("q", sorted(hashes))
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def unpack(raw: bytes) -> frozenset[int]:
    """What ``pack`` packed.

    Raises:
        ValueError: the length is not a multiple of 8.
    """
    return frozenset(unpack_row(raw))


def unpack_row(raw: bytes) -> array[int]:
    """The same as 64-bit integers in a row, ascending.

    Raises:
        ValueError: the length is not a multiple of 8.
    """
    packed = array("q")
    packed.frombytes(raw)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed
