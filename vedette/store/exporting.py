"""The archive from its first item to its last, for other programs to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.store import rows
from vedette.store.connection import Connections

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crawler.items import Item

BATCH = 500
"""Items of one snapshot: a long one would keep the log from being taken in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """A stored item and the story it belongs to; None before it was judged."""

    item: Item
    story: str | None


def archived(path: Path) -> Iterator[Archived]:
    """Every readable item of the store at a path, in the order of arrival.

    Items that arrive meanwhile may come too. It writes nothing, and may be used
    beside a daemon.

    Raises:
        StoreError: the store cannot be read; its schema must be the current one.
    """
    connections = Connections(path)
    try:
        after = 0
        while True:
            with connections.reading() as db:
                found = db.execute(
                    f"SELECT i.seq, j.story, {_COLUMNS} FROM item i"  # noqa: S608
                    " LEFT JOIN judgement j ON j.item = i.seq"
                    " WHERE i.seq > ? ORDER BY i.seq LIMIT ?",
                    (after, BATCH),
                ).fetchall()
            if not found:
                return
            after = found[-1]["seq"]
            yield from rows.readable(
                found,
                lambda row: Archived(item=rows.item_from(row), story=row["story"]),
                "item",
            )
    finally:
        connections.close()


_COLUMNS = ", ".join(f"i.{name.strip()}" for name in rows.ITEM_COLUMNS.split(","))
