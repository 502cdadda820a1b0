"""How an older file becomes a newer one.

Times are whole microseconds since 1970 in UTC, spans whole microseconds, lists and
evidence JSON. A migration's place in ``MIGRATIONS`` is its schema number. Add new ones
at the end and never change one that was released.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.store.migrations.first import first
from vedette.store.migrations.growing import growing
from vedette.store.migrations.words import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database

    Migration = Callable[[Database], None]

__all__ = ["MIGRATIONS"]

MIGRATIONS: tuple[Migration, ...] = (first, words, growing)
