"""The full-text index: which words of an item can be found again.

The index is a contentless FTS5 table (``item_words``), so texts are not stored twice;
it is kept by hand. An item comes in with its verdict, a hundred at a time, not with
its poll, which has no use for it: what is not in the index waits in ``pending``.
``unicode61`` takes a run of Hangul, Han or kana for one word, and its ``trigram``
sister cannot find words of two characters, which most Korean names are. So such runs
are written as overlapping pairs: 북한군 becomes "북한 한군", and a query is spelled the
same way as a phrase.
"""

from __future__ import annotations

import json
import re
from operator import add
from typing import TYPE_CHECKING

from vedette.store.texts import unpacked

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

_CJK = re.compile(
    "["
    "\u3040-\u30ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
    "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"  # Hangul
    "\U00020000-\U0003134f"
    "]+"
)


_FAR = re.compile("[\u1100-\U0003134f]")
"""All of them and more, and found to be absent in a third of the time."""


def _pairs(run: re.Match[str]) -> str:
    text = run[0]
    if len(text) == 1:
        return f" {text} "
    return f" {' '.join(map(add, text, text[1:]))} "


def spaced(text: str) -> str:
    """The text with every run of CJK characters cut into overlapping pairs."""
    return _CJK.sub(_pairs, text) if _FAR.search(text) else text


def index(db: sqlite3.Connection, seqs: Iterable[int]) -> None:
    """Add these items to the index; part of the caller's transaction."""
    found = db.execute(
        "SELECT seq, title, text FROM item"
        " WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq",
        (json.dumps(list(seqs)),),
    ).fetchall()
    db.executemany(
        "INSERT INTO item_words(rowid, title, text) VALUES (?, ?, ?)",
        ((row["seq"], spaced(row["title"]), spaced(_text(row))) for row in found),
    )


def unindex(db: sqlite3.Connection, row: sqlite3.Row, *, text_only: bool) -> None:
    """Take an item out again, or its text alone; ``row`` is as it was indexed.

    A contentless index cannot look them up itself (sqlite.org/fts5.html 4.4.2).
    """
    title = spaced(row["title"])
    db.execute(
        "INSERT INTO item_words(item_words, rowid, title, text)"
        " VALUES ('delete', ?, ?, ?)",
        (row["seq"], title, spaced(_text(row))),
    )
    if text_only:
        db.execute(
            "INSERT INTO item_words(rowid, title, text) VALUES (?, ?, '')",
            (row["seq"], title),
        )


def _text(row: sqlite3.Row) -> str:
    """The text; a damaged one holds up neither evaluation nor retention."""
    try:
        return unpacked(row["text"])
    except ValueError:
        return ""
