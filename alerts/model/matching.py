"""An item as the matcher reads it, and what holds in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alerts.model.reasons import Reason
    from crawler.items import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What the matcher reads of an item; text exactly as stored, never normalised.

    ``source_names`` are the source's name, owner and tags (the ``source:`` field).
    """

    title: str
    text: str
    language: str | None = None
    url: str | None = None
    source: str = ""
    tags: tuple[str, ...] = ()
    source_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One place in an item that made a clause hold.

    ``start``/``end`` count code points of ``field`` ("title" or "text") of the item
    as stored, so ``field[start:end] == surface``. ``clause`` is "query" or "any[i]",
    ``how`` exact, form, glued, fuzzy(d=n), gated or regex.
    """

    topic: str
    clause: str
    entity: str | None
    surface: str
    field: str
    start: int
    end: int
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A topic whose query holds in an item, and whether that is enough.

    ``parts`` is the sum behind ``score`` as (what, points) in the order of DESIGN
    section 4; ``gate`` is HIT, or the first gate that stopped it; ``stopped_by`` the
    text of the ``none`` clause that did. Evidence is in text order, at most 20.
    """

    topic: str
    hit: bool
    score: int
    threshold: float
    gate: Reason
    evidence: tuple[Evidence, ...]
    parts: tuple[tuple[str, float], ...] = ()
    stopped_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """An item with every topic whose query holds in it."""

    item: Item
    matches: tuple[Match, ...]
