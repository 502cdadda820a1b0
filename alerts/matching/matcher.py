"""The matcher: normalise, one automaton pass, candidates, query, score, evidence.

read -> scan (spellings, gates, names) -> index.candidates -> holding -> score
     -> scope, none, threshold -> evidence
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.matching.automaton import Automaton
from alerts.matching.commonness import Common, too_common
from alerts.matching.compile import compile_watch
from alerts.matching.evidence import evidence
from alerts.matching.holding import Holding, same_language
from alerts.matching.naming import Naming, namings
from alerts.matching.plan import Index, plan_topic
from alerts.matching.reading import Reading
from alerts.matching.regexes import Patterns
from alerts.matching.scan import scan
from alerts.matching.score import score
from alerts.matching.surfaces import Surface, surfaces
from alerts.model import Match, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from alerts.matching.automaton import Hit
    from alerts.matching.borrowing import Borrowed
    from alerts.matching.compile import Watch
    from alerts.matching.plan import Plan
    from alerts.matching.tree import Node
    from alerts.model import Document, Entity, Scope, Topic


class Matcher:
    """Every topic of a watch, ready to meet documents.

    Safe to share between threads: a match changes nothing but the memory of names
    looked up and the set of regexes that ran out of time.
    """

    def __init__(self, topics: Mapping[str, Topic], watch: Watch) -> None:
        self._entities = watch.entities
        self._borrowed = watch.borrowed
        self._automaton = Automaton(watch.patterns.table)
        self._names = watch.names
        self._trees = watch.trees
        self._regexes = Patterns(watch.regexes)
        self._plans = {
            name: plan_topic(topic, watch.trees) for name, topic in topics.items()
        }
        self._index = Index(self._plans.values())

    @classmethod
    def compile(
        cls,
        entities: Mapping[str, Entity],
        topics: Mapping[str, Topic],
        *,
        cache: Path | None = None,
    ) -> Matcher:
        """The matcher of a watch; ``cache`` is a folder that makes the next one quick.

        Raises:
            WatchError: With every problem found, each with its place.
        """
        return cls(topics, compile_watch(entities, topics, cache))

    @property
    def patterns(self) -> int:
        """Distinct strings in the automaton."""
        return len(self._automaton)

    @property
    def disabled(self) -> tuple[str, ...]:
        """Regexes that ran out of time and are switched off, sorted."""
        return tuple(sorted(self._regexes.disabled))

    @property
    def borrowed(self) -> tuple[Borrowed, ...]:
        """What ``aliases_from`` added to entities, in the order of the entities."""
        return self._borrowed

    def match(self, document: Document) -> tuple[Match, ...]:
        """Every topic whose query holds, also stopped ones, in topic-name order."""
        reading, holding = self._read(document)
        if not reading.hits and self._index.idle:
            return ()
        found: list[Match] = []
        for plan in self._index.candidates(reading.hits):
            hits = holding.mentions(plan.query)
            if hits is not None:
                found.append(_judge(plan, reading, holding, hits))
        return tuple(found)

    def explain(self, document: Document, topic: str) -> Match:
        """One topic in full, also if its query does not hold.

        Raises:
            KeyError: No such topic.
        """
        plan = self._plans[topic]
        reading, holding = self._read(document)
        hits = holding.mentions(plan.query)
        if hits is not None:
            return _judge(plan, reading, holding, hits)
        inside = in_scope(plan.topic.scope, document)
        return Match(
            topic=topic,
            hit=False,
            score=0,
            threshold=plan.topic.threshold,
            gate=Reason.QUERY_NOT_MET if inside else Reason.OUT_OF_SCOPE,
            evidence=evidence(reading, topic, _clauses([], _held(plan.any, holding))),
        )

    def surfaces(self, entity: str) -> tuple[Surface, ...]:
        """Every string that is looked for on behalf of an entity, aliases in order.

        Raises:
            KeyError: No such entity.
        """
        return surfaces(self._entities[entity])

    def entities(self, document: Document) -> tuple[Naming, ...]:
        """Which entities a document names and how, whether or not a topic asks.

        Those that count come first, in text order; then spellings of entities not
        named otherwise that would count if a condition held.
        """
        reading, _ = self._read(document)
        return namings(reading, self._automaton, self._names, self._trees)

    def too_common(self) -> tuple[Common, ...]:
        """Spellings that ordinary sentences hold; each would alert all day."""
        return tuple(too_common(self._entities, self.entities, self.surfaces))

    def _read(self, document: Document) -> tuple[Reading, Holding]:
        reading = Reading(document)
        search = self._regexes.clock()
        scan(reading, self._automaton, self._names, search)
        return reading, Holding(reading, search)


def _judge(plan: Plan, reading: Reading, holding: Holding, query: list[Hit]) -> Match:
    topic = plan.topic
    held = _held(plan.any, holding)
    total, parts = score(reading, query, [*held, *_held(plan.boosts, holding)])
    gate, stopped_by = _gate(plan, reading, holding, total)
    return Match(
        topic=topic.name,
        hit=gate is Reason.HIT,
        score=total,
        threshold=topic.threshold,
        gate=gate,
        evidence=evidence(reading, topic.name, _clauses(query, held)),
        parts=parts,
        stopped_by=stopped_by,
    )


def _held(
    clauses: tuple[tuple[str, Node, float], ...], holding: Holding
) -> list[tuple[str, float, list[Hit]]]:
    """The clauses that hold, as (label, points, mentions)."""
    return [
        (label, points, hits)
        for label, node, points in clauses
        if (hits := holding.mentions(node)) is not None
    ]


def _clauses(
    query: list[Hit], held: list[tuple[str, float, list[Hit]]]
) -> list[tuple[str, list[Hit]]]:
    return [("query", query), *((label, hits) for label, _, hits in held)]


def _gate(
    plan: Plan, reading: Reading, holding: Holding, total: int
) -> tuple[Reason, str | None]:
    if not in_scope(plan.topic.scope, reading.document):
        return Reason.OUT_OF_SCOPE, None
    for text, node in plan.none:
        if holding.mentions(node) is not None:
            return Reason.NONE_CLAUSE, text
    if total < plan.topic.threshold:
        return Reason.BELOW_THRESHOLD, None
    return Reason.HIT, None


def in_scope(scope: Scope, document: Document) -> bool:
    """Whether a topic looks at this document; an unknown language is let in."""
    if scope.sources and document.source not in scope.sources:
        return False
    if scope.tags and not set(scope.tags) & set(document.tags):
        return False
    if not scope.languages or document.language is None:
        return True
    return any(same_language(document.language, wanted) for wanted in scope.languages)
