"""Which story an item belongs to: copies of its words, then reports of its event.

    fingerprint -> habits, original (copies) -> nearest, twin (clusters) -> place

``place`` is the seam. Nothing here changes its arguments.
"""

from alerts.stories.fingerprints import MIN_WORDS, fingerprint, fingerprints
from alerts.stories.gists import pack as pack_gist
from alerts.stories.gists import unpack as unpack_gist
from alerts.stories.placing import place
from alerts.stories.shingles import pack, unpack, unpack_row

__all__ = [
    "MIN_WORDS",
    "fingerprint",
    "fingerprints",
    "pack",
    "pack_gist",
    "place",
    "unpack",
    "unpack_gist",
    "unpack_row",
]
