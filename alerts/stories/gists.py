"""What a text is about, small enough to keep and compare: its gist.

    title + text | tokens | terms, anchors | weights | the heaviest -> Gist

A term weighs log(1 + 3 tf) x rarity^1.25, where each mention counts the less the later
it stands. On the development half of ECB+ pairs of one story were told from
look-alikes with AUC .925 so, .903 with plain TF-IDF.
"""

from __future__ import annotations

import math
import re
import struct
import sys
from array import array
from collections import defaultdict
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

import xxhash

from alerts.model import Gist
from alerts.stories.anchors import anchors, early
from alerts.stories.background import digest, rarity
from alerts.stories.moments import moments
from alerts.stories.tokens import base, length, terms, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crawler.items import Item

MOST_TOKENS = 800
"""Tokens read: what stands later weighs less than a tenth."""

MOST_WORDS = 100
MOST_ANCHORS = 40
UNIT = 65_535
"""Weights are whole numbers; their squares sum up to about the square of this."""

RARITY_POWER = 1.25

KEY_WORDS = 10
KEY_NAMES = 6
KEY_PAIRS = (2, 4)
"""A gist is looked up by its heaviest words, by its heaviest names and long numbers,
and by every two of its two first countries and four first concepts; one alone is in
every twentieth report. Countries with concepts only: ITN F1 .890 instead of .907."""

LEAST_WORDS = 30.0
LEAST_ANCHORS = 10.0
"""Lengths up to which a text is too short to be sure of: eight words of a headline,
three anchors. A shorter one is like another only in part, however equal they are
("Morning briefing"); doubt sends (DESIGN section 6)."""

MOST_NUMBERS = 24
_YEAR = re.compile(r"(?:19|20)\d\d")


def gist(item: Item) -> Gist | None:
    """The gist of an item; None for one without a word."""
    language = base(item.language)
    text = item.text
    if item.title and not text.startswith(item.title[:40]):
        text = f"{item.title}\n{text}"
    read = tokens(text, MOST_TOKENS)
    words = _words(read, language)
    if not words:
        return None
    found = _anchors(text, read, language)
    years, days = moments(text)
    return Gist(
        language=language,
        words={digest(term): much for term, much in words.items()},
        anchors={digest(anchor): much for anchor, much in found.items()},
        years=years,
        days=days,
        numbers=_numbers(read),
        keys=frozenset(map(_key, _keys(words, found, language))),
    )


def _words(read: list[str], language: str) -> dict[str, int]:
    said: defaultdict[str, float] = defaultdict(float)
    at = 0.0
    for token in read:
        where = early(at)
        at += length(token)
        for term in _terms(token, language):
            said[term] += where
    weights = {
        term: math.log1p(3 * often) * rarity(term, language) ** RARITY_POWER
        for term, often in said.items()
    }
    return _heaviest(weights, MOST_WORDS, LEAST_WORDS)


@lru_cache(maxsize=1 << 15)
def _terms(token: str, language: str) -> tuple[str, ...]:
    return tuple(terms(token, language))


def _numbers(read: list[str]) -> frozenset[int]:
    """16-bit hashes of the text's numbers of two digits and more that are no years."""
    digits = (re.sub(r"\D", "", one) for one in read if one[0].isdigit())
    told = dict.fromkeys(
        one for one in digits if len(one) > 1 and not _YEAR.fullmatch(one)
    )
    return frozenset(digest(one) & 0xFFFF for one in list(told)[:MOST_NUMBERS])


def _anchors(text: str, read: list[str], language: str) -> dict[str, int]:
    said: defaultdict[str, float] = defaultdict(float)
    worth: dict[str, float] = {}
    for anchor, much, where in anchors(text, read, language):
        said[anchor] += where
        worth[anchor] = max(worth.get(anchor, 0), much)
    weights = {
        anchor: math.log1p(3 * often) * worth[anchor] for anchor, often in said.items()
    }
    return _heaviest(weights, MOST_ANCHORS, LEAST_ANCHORS)


def _heaviest(weights: Mapping[str, float], most: int, least: float) -> dict[str, int]:
    """The heaviest, heaviest first, of length ``UNIT``, or less if under ``least``."""
    kept = sorted(weights.items(), key=lambda one: (-one[1], one[0]))[:most]
    size = max(least, math.sqrt(sum(much * much for _, much in kept)))
    scaled = ((name, round(UNIT * much / size)) for name, much in kept)
    return {name: much for name, much in scaled if much}


def _keys(words: Iterable[str], found: Iterable[str], language: str) -> Iterator[str]:
    for _, term in zip(range(KEY_WORDS), words, strict=False):
        yield f"{language} {term}"
    kinds: dict[str, list[str]] = {"": [], "@": [], "~": []}
    for anchor in found:
        if anchor[0] == "#" and len(anchor) < 4:
            continue
        kinds.get(anchor[0], kinds[""]).append(anchor)
    yield from kinds[""][:KEY_NAMES]
    countries, concepts = KEY_PAIRS
    paired = sorted((*kinds["@"][:countries], *kinds["~"][:concepts]))
    for pair in combinations(paired, 2):
        yield "".join(pair)


def _key(name: str) -> int:
    return xxhash.xxh64_intdigest(name.encode("utf-8", "replace")) >> 1


_HEAD = struct.Struct("<8sBBBBB")


def pack(kept: Gist) -> bytes:
    """A gist without its keys, as bytes."""
    head = _HEAD.pack(
        kept.language.encode("ascii", "replace")[:8],
        len(kept.words),
        len(kept.anchors),
        len(kept.years),
        len(kept.days),
        len(kept.numbers),
    )
    numbers = array("I", (*kept.words, *kept.anchors))
    weights = array("H", (*kept.words.values(), *kept.anchors.values()))
    weights.extend((*kept.years, *kept.days, *kept.numbers))
    if sys.byteorder == "big":
        numbers.byteswap()
        weights.byteswap()
    return head + numbers.tobytes() + weights.tobytes()


def unpack(raw: bytes) -> Gist:
    """What ``pack`` packed.

    Raises:
        ValueError: it is no packed gist.
    """
    if len(raw) < _HEAD.size:
        raise ValueError("a gist is cut off")
    language, words, held, *more = _HEAD.unpack_from(raw)
    numbers, weights = array("I"), array("H")
    middle = _HEAD.size + 4 * (words + held)
    if len(raw) != middle + 2 * (words + held + sum(more)):
        raise ValueError("a gist is cut off")
    numbers.frombytes(raw[_HEAD.size : middle])
    weights.frombytes(raw[middle:])
    if sys.byteorder == "big":
        numbers.byteswap()
        weights.byteswap()
    total = words + held
    return Gist(
        language=language.rstrip(b"\0").decode("ascii"),
        words=dict(zip(numbers[:words], weights[:words], strict=True)),
        anchors=dict(zip(numbers[words:], weights[words:total], strict=True)),
        years=frozenset(weights[total : total + more[0]]),
        days=frozenset(weights[total + more[0] : total + more[0] + more[1]]),
        numbers=frozenset(weights[total + more[0] + more[1] :]),
    )
