"""Times, texts and JSON as columns hold them."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

log = logging.getLogger(__name__)

T = TypeVar("T")

UNREADABLE = (ValueError, TypeError, KeyError, IndexError, OverflowError)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
"""The unit of every stored time and span."""


def ticks(at: datetime) -> int:
    """An aware time as microseconds since 1970.

    Raises:
        TypeError: the time is naive.
    """
    return (at - _EPOCH) // TICK


def maybe_ticks(at: datetime | None) -> int | None:
    """The same for a time that may be missing."""
    return None if at is None else ticks(at)


def when(value: int) -> datetime:
    """Microseconds since 1970 as aware UTC."""
    return _EPOCH + value * TICK


def maybe_when(value: int | None) -> datetime | None:
    """The same for a time that may be missing."""
    return None if value is None else when(value)


def clean(text: str) -> str:
    """The text with every lone surrogate replaced by U+FFFD; length unchanged.

    A lone surrogate has no UTF-8 form, and one such title would fail its whole batch.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    return text


def maybe_clean(text: str | None) -> str | None:
    """The same for a text that may be missing."""
    return None if text is None else clean(text)


def as_json(value: object) -> str:
    """Compact JSON, readable in any script."""
    return clean(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def readable(
    found: Iterable[sqlite3.Row], read: Callable[[sqlite3.Row], T], what: str
) -> tuple[T, ...]:
    """What can be read of these rows; the others are logged and left out."""
    good = []
    for row in found:
        try:
            good.append(read(row))
        except UNREADABLE:
            log.exception("A stored row is unreadable", extra={"table": what})
    return tuple(good)
