"""How much a topic's query and clauses are worth in one item (DESIGN section 4)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from alerts.matching.nearness import apart

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from alerts.matching.automaton import Hit
    from alerts.matching.reading import Reading

QUERY = 50.0
NEAR = 10.0
NEAR_WORDS = 30
TITLE = 10.0
DENSITY = 5.0
DENSE = 0.02
"""Mentions per word that earn the full density: one in fifty words."""
CAP = 4
"""Mentions of one entity that count; forty do not make an item more relevant."""

IN_TITLE = 1.5
IN_LEAD = 1.2
ONLY_FUZZY = 0.8

Parts = tuple[tuple[str, float], ...]


def score(
    reading: Reading,
    query: Sequence[Hit],
    clauses: Iterable[tuple[str, float, Sequence[Hit]]],
) -> tuple[int, Parts]:
    """The score (0..100) of a query that holds, and the sum behind it.

    ``query`` are the mentions by which it holds, ``clauses`` the ``any`` clauses and
    ``^points`` parts that hit, as (label, points, mentions).
    """
    parts: list[tuple[str, float]] = [("query", QUERY)]
    terms = subjects(reading, query)
    entities = {atom: hits for atom, hits in terms.items() if atom[0] == "@"}
    if _together(reading, entities):
        parts.append(("near", NEAR))
    if any(hits[0].start < reading.title_end for hits in entities.values()):
        parts.append(("title", TITLE))
    if terms:
        parts.append(("density", _density(reading, terms)))
    for label, points, hits in clauses:
        worth = points * place(reading, hits)
        parts.append((label, round(worth, 2)))
    total = sum(points for _, points in parts)
    return int(max(0.0, min(100.0, total)) + 0.5), tuple(parts)


def subjects(reading: Reading, query: Sequence[Hit]) -> dict[str, list[Hit]]:
    """All mentions of what the query is about.

    These are its entities; the words of a query that holds without any entity.
    """
    names = dict.fromkeys(hit.atom for hit in query if hit.atom)
    entities = [atom for atom in names if atom[0] == "@"] or list(names)
    return {atom: reading.hits[atom] for atom in entities}


def _together(reading: Reading, terms: dict[str, list[Hit]]) -> bool:
    """Whether two of them stand within 30 words of each other in one field."""
    if len(terms) < 2:
        return False
    hits = sorted(
        hit
        for mentions in terms.values()
        for hit in mentions
        if not reading.in_dateline(hit.start)
    )
    for left, right in pairwise(hits):
        same_field = not left.end <= reading.title_end <= right.start
        apart = left.end <= right.start or left[:2] == right[:2]
        if (
            left.atom != right.atom
            and same_field
            and apart
            and reading.words_between(left.end, right.start) <= NEAR_WORDS
        ):
            return True
    return False


def _density(reading: Reading, terms: dict[str, list[Hit]]) -> float:
    counted = sum(min(len(apart(hits)), CAP) for hits in terms.values())
    return round(DENSITY * min(1.0, counted / reading.word_count / DENSE), 1)


def place(reading: Reading, hits: Sequence[Hit]) -> float:
    """The factor of the best place among the mentions of one clause."""
    if not hits:
        return 1.0
    first = min(hit.start for hit in hits)
    factor = 1.0
    if first < reading.title_end:
        factor = IN_TITLE
    elif first < reading.lead_end:
        factor = IN_LEAD
    if all(hit.how.startswith("fuzzy") for hit in hits):
        factor *= ONLY_FUZZY
    return factor
