"""A name in any script as the consonants that its spellings share.

Горбачёв, Gorbatschow, 고르바초프, ゴルバチョフ keep consonants and little else:
the word is spelled in Latin letters, sounds that scripts confuse (l/r, b/p, v/f, the
hisses) are made one, vowels go.
"""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

LONGEST = 5
"""Consonants kept: endings of declined names come after them."""

_NO_LETTER = re.compile("[^a-z]")
_VOWELS = re.compile("[aeiou]")
_DOUBLE = re.compile(r"(.)\1+")
_SOUNDS = (
    ("tsch", "c"),
    ("shch", "s"),
    ("sch", "s"),
    ("ch", "c"),
    ("sh", "s"),
    ("zh", "s"),
    ("ts", "s"),
    ("tz", "s"),
    ("ph", "f"),
    ("ck", "k"),
    ("cz", "c"),
    ("sz", "s"),
)
_ONE_SOUND = str.maketrans("lbdgqczxvwj", "rptkkkssffs", "hy")


@lru_cache(maxsize=1 << 15)
def skeleton(word: str) -> str:
    """At most five consonants; empty for a word without any."""
    letters = _NO_LETTER.sub("", anyascii(word).lower())
    for sound, letter in _SOUNDS:
        letters = letters.replace(sound, letter)
    bare = _VOWELS.sub("", letters).translate(_ONE_SOUND)
    return _DOUBLE.sub(r"\1", bare)[:LONGEST]
