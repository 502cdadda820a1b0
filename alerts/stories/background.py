"""How rare a term is in ordinary texts of its language, before any news was read.

``lexicon/background.bin`` is made by ``benchmarks/background.py`` from the word
frequencies of wordfreq (CC BY-SA 4.0): without it the first hundreds of items of a
watch cluster badly. Each row is a 32-bit hash of a term and its rarity.
"""

from __future__ import annotations

import struct
import sys
from array import array
from bisect import bisect_left
from functools import cache, lru_cache
from importlib.resources import files

import xxhash

WORDS = 250
"""Words of the text a rarity is about: -log of the chance to meet the term in it."""

STEP = 25
"""Rarities are kept in steps of 1/25 nat, one byte each."""

RAREST = 9.5
"""What no list knows, most names among it: a frequency of 3e-7 (-log(1 - e^-250f))."""

CONCEPTS = "~"
"""The language under which the rarities of news concepts are kept."""


def digest(term: str) -> int:
    """The 32-bit hash of a term."""
    return xxhash.xxh32_intdigest(term.encode("utf-8", "replace"))


@lru_cache(maxsize=1 << 16)
def rarity(term: str, language: str) -> float:
    """How surprising the term is, in nats, in [0, ``RAREST``]."""
    hashes, steps = _table(language)
    wanted = digest(term)
    at = bisect_left(hashes, wanted)
    if at < len(hashes) and hashes[at] == wanted:
        return steps[at] / STEP
    return RAREST


@cache
def _index() -> dict[str, tuple[int, int]]:
    """Where each language's rows begin, and how many they are."""
    raw = _raw()
    (count,) = struct.unpack_from("<I", raw)
    found, at = {}, 4
    for _ in range(count):
        name, rows = struct.unpack_from("<8sI", raw, at)
        found[name.rstrip(b"\0").decode()] = (at + 12, rows)
        at += 12 + rows * 5
    return found


def _raw() -> bytes:
    return files("alerts.stories.lexicon").joinpath("background.bin").read_bytes()


@cache
def _table(language: str) -> tuple[array[int], bytes]:
    """Hashes, ascending, and their rarities in steps; empty for other languages."""
    at, rows = _index().get(language, (0, 0))
    hashes = array("I")
    if not rows:
        return hashes, b""
    raw = _raw()
    hashes.frombytes(raw[at : at + rows * 4])
    if sys.byteorder == "big":
        hashes.byteswap()
    return hashes, raw[at + rows * 4 : at + rows * 5]
