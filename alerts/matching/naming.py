"""Which entities a text names, and how, for people who ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.matching.scan import mention, tail_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from alerts.matching.automaton import Automaton, Hit
    from alerts.matching.names import Names
    from alerts.matching.reading import Reading
    from alerts.matching.tree import Node

ANCHOR = "another entity beside it, or a part of the name"
"""What a misspelled name needs before it is taken for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """One place of a text that names an entity, or would.

    ``how`` is as in Evidence. ``needs`` is the condition that this text does not
    meet: an alias's ``when``, or an anchor for a misspelled name; None if it counts.
    """

    entity: str
    surface: str
    field: str
    start: int
    end: int
    how: str
    needs: str | None = None


def namings(
    reading: Reading,
    automaton: Automaton,
    names: Names,
    queries: Mapping[str, Node],
) -> tuple[Naming, ...]:
    """Every mention of a scanned text in text order, then those that lack something.

    ``queries`` holds the compiled queries by their text.
    """
    counted = [
        hit for atom, hits in reading.hits.items() if atom[0] == "@" for hit in hits
    ]
    lacking: dict[Hit, str] = {}
    for hit, query in _shut(reading, automaton, queries):
        lacking.setdefault(hit, query)
    if not counted:
        for hit in names.find(reading, anchored=True):
            lacking.setdefault(hit, ANCHOR)
    return (
        *(_naming(reading, hit, None) for hit in sorted(counted)),
        *(_naming(reading, hit, lacking[hit]) for hit in sorted(lacking)),
    )


def _shut(
    reading: Reading, automaton: Automaton, queries: Mapping[str, Node]
) -> Iterator[tuple[Hit, str]]:
    """Spellings of entities not named otherwise whose ``when`` does not hold."""
    texts = {id(tree): text for text, tree in queries.items()}
    tail = tail_for(reading.document.language)
    for found in automaton.find(reading.text, tail=tail):
        spelling = found.spelling
        if spelling.when is None or spelling.atom in reading.hits:
            continue
        hit = mention(reading, found, tail)
        if hit is not None:
            yield hit, texts[id(spelling.when)]


def _naming(reading: Reading, hit: Hit, needs: str | None) -> Naming:
    field, start, end = reading.original(hit)
    return Naming(
        entity=hit.atom[1:],
        surface=reading.surface(hit),
        field=field,
        start=start,
        end=end,
        how=hit.how,
        needs=needs,
    )
