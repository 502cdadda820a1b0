"""Which story an item belongs to; for now a story is its copies, exact and near.

``place`` is the seam: clustering replaces what happens inside, not what goes in and
comes out. Nothing here changes its arguments.
"""

from alerts.stories.fingerprints import MIN_WORDS, fingerprint, fingerprints
from alerts.stories.placing import place
from alerts.stories.shingles import pack, unpack, unpack_row

__all__ = [
    "MIN_WORDS",
    "fingerprint",
    "fingerprints",
    "pack",
    "place",
    "unpack",
    "unpack_row",
]
