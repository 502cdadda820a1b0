"""The store: all that must survive a crash, behind 25 methods named by their job.

    store = Store.open(Path("data/vedette.db"))

Nothing above this package knows which database it is: plain frozen types in and out,
``StoreError`` and its kin when something fails. Every write is one transaction on one
writer thread and durable when the call returns, so the three jobs may die anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from vedette.store.collecting import Collecting
from vedette.store.connection import Connections
from vedette.store.copying import Copying, restore
from vedette.store.delivering import Delivering
from vedette.store.errors import (
    Acknowledged,
    AlreadyEvaluated,
    StoreBusy,
    StoreClosed,
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreOutdated,
    StoreTooNew,
    StoreUnwritable,
    UnknownDelivery,
)
from vedette.store.evaluating import Evaluating
from vedette.store.gists import Gists
from vedette.store.handling import Handling
from vedette.store.keeping import Keeping
from vedette.store.lock import StoreLock
from vedette.store.postings import Postings
from vedette.store.pruning import Pruning
from vedette.store.reading import Reading
from vedette.store.records import (
    Added,
    AlertRow,
    Pruned,
    StoredItem,
    StoreHealth,
    StoryRow,
    Wish,
)
from vedette.store.schema import migrate as migrate_schema

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

__all__ = [
    "Acknowledged",
    "Added",
    "AlertRow",
    "AlreadyEvaluated",
    "Pruned",
    "Store",
    "StoreBusy",
    "StoreClosed",
    "StoreCorrupt",
    "StoreError",
    "StoreFull",
    "StoreHealth",
    "StoreLock",
    "StoreLocked",
    "StoreOutdated",
    "StoreTooNew",
    "StoreUnwritable",
    "StoredItem",
    "StoryRow",
    "UnknownDelivery",
    "Wish",
    "restore",
]


class Store(
    Collecting, Evaluating, Delivering, Handling, Reading, Keeping, Copying, Pruning
):
    """One open store; synchronous, and safe to call from any thread.

    Every method may raise ``StoreError``; a write that raised changed nothing, and
    the store stays usable.
    """

    def __init__(self, connections: Connections) -> None:
        self._db = connections
        self._postings = Postings()
        self._gists = Gists()

    @classmethod
    def open(cls, path: Path, *, migrate: bool = True) -> Self:
        """Open a store, making the file and its folder when missing.

        With ``migrate`` an older schema is brought forward first, each step in one
        transaction. Takes no lock: whoever works on the store holds a ``StoreLock``.

        Raises:
            StoreTooNew: written by a newer version.
            StoreOutdated: older, or empty, and ``migrate`` is false.
            StoreCorrupt: damaged, or not a store.
            StoreUnwritable: the file cannot be made, opened or written.
        """
        connections = Connections(path)
        try:
            connections.on_writer(lambda db: migrate_schema(db, path, allowed=migrate))
        except BaseException:
            connections.close()
            raise
        return cls(connections)

    def close(self) -> None:
        """Finish the writes under way and close; harmless when closed already."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
