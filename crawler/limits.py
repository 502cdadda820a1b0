"""How much of an entry is kept. A longer field ends in an ellipsis (A30, A32)."""

from __future__ import annotations

ENTRIES = 1000
"""Entries of one document; the rest of a longer one is not read."""
START_TAG = 64 * 1024
"""Bytes of one start tag; 50,000 attributes cost feedparser 15.8 s."""
TITLE = 500
SUMMARY = 5_000
TEXT = 200_000
GUID = 2_000
RAW_DATE = 100
AUTHOR = 200
AUTHORS = 20
