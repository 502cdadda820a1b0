"""The places an alert can point at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from alerts.matching.automaton import Hit
    from alerts.matching.reading import Reading

LIMIT = 20


def evidence(
    reading: Reading, topic: str, clauses: Iterable[tuple[str, Sequence[Hit]]]
) -> tuple[Evidence, ...]:
    """At most 20 pieces in text order, title first.

    Each entity and clause that hit is there once before any is there twice, and
    once more where it is misspelled; then the earliest mentions fill up.
    """
    first: list[tuple[Hit, str]] = []
    more: list[tuple[Hit, str]] = []
    seen: set[tuple[str, str, bool]] = set()
    for clause, hits in clauses:
        for hit in sorted(set(hits)):
            known = (clause, hit.atom, hit.how.startswith("fuzzy"))
            (more if known in seen else first).append((hit, clause))
            seen.add(known)
    chosen = (first + sorted(more))[:LIMIT]
    return tuple(_piece(reading, topic, clause, hit) for hit, clause in sorted(chosen))


def _piece(reading: Reading, topic: str, clause: str, hit: Hit) -> Evidence:
    field, start, end = reading.original(hit)
    return Evidence(
        topic=topic,
        clause=clause,
        entity=hit.atom[1:] if hit.atom.startswith("@") else None,
        surface=reading.surface(hit),
        field=field,
        start=start,
        end=end,
        how=hit.how,
    )
