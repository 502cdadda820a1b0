"""What the matcher spends its time on, stage by stage.

Each stage runs over all documents by itself, on what the stages before it left; what
cannot run alone is the difference of two runs, and may come out below nothing where
there is nothing to do. No profiler, which would make small
functions look dear.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.matching.automaton import Automaton
from alerts.matching.evidence import evidence
from alerts.matching.holding import Holding
from alerts.matching.names import Names
from alerts.matching.plan import Index, plan_topic
from alerts.matching.reading import Reading
from alerts.matching.regexes import Patterns
from alerts.matching.scan import scan, tail_for
from alerts.matching.score import score
from benchmarks.engines import raw_scan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alerts.matching.automaton import Hit
    from alerts.matching.compile import Watch
    from alerts.matching.plan import Plan
    from alerts.model import Document, Topic


def stages(
    watch: Watch, topics: Mapping[str, Topic], documents: Sequence[Document]
) -> dict[str, float]:
    """CPU seconds of each stage over all documents, in their order."""
    spent: dict[str, float] = {}
    began = time.process_time()
    readings = [Reading(document) for document in documents]
    spent["normalise"] = time.process_time() - began
    spent |= _scanning(watch, readings)
    readings = [Reading(document) for document in documents]
    spent |= _names(watch, readings, sum(spent.values()) - spent["normalise"])
    return spent | _judging(watch, topics, readings)


def _scanning(watch: Watch, readings: Sequence[Reading]) -> dict[str, float]:
    automaton, engine = Automaton(watch.patterns.table), raw_scan(watch)
    patterns = Patterns(watch.regexes)
    began = time.process_time()
    for reading in readings:
        engine(reading.text)
    bare = time.process_time() - began

    began = time.process_time()
    for reading in readings:
        tail = tail_for(reading.document.language)
        deque(automaton.find(reading.text, tail=tail), maxlen=0)
    edges = time.process_time() - began

    began = time.process_time()
    for reading in readings:
        scan(reading, automaton, Names(), patterns.clock())
    mentions = time.process_time() - began
    return {
        "raw scan": bare,
        "word edges": edges - bare,
        "conditions of spellings, mentions": mentions - edges,
    }


def _names(
    watch: Watch, readings: Sequence[Reading], without: float
) -> dict[str, float]:
    automaton, patterns = Automaton(watch.patterns.table), Patterns(watch.regexes)
    names = replace(watch.names, _known={})  # names looked up before are remembered
    began = time.process_time()
    for reading in readings:
        scan(reading, automaton, names, patterns.clock())
    return {"misspelled names": time.process_time() - began - without}


def _judging(
    watch: Watch, topics: Mapping[str, Topic], readings: Sequence[Reading]
) -> dict[str, float]:
    patterns = Patterns(watch.regexes)
    index = Index(plan_topic(topic, watch.trees) for topic in topics.values())
    spent: dict[str, float] = {}
    began = time.process_time()
    candidates = [index.candidates(reading.hits) for reading in readings]
    spent["candidates"] = time.process_time() - began

    began = time.process_time()
    held: list[tuple[Reading, Holding, Plan, list[Hit]]] = []
    for reading, plans in zip(readings, candidates, strict=True):
        holding = Holding(reading, patterns.clock())
        for plan in plans:
            hits = holding.mentions(plan.query)
            if hits is not None:
                held.append((reading, holding, plan, hits))
    spent["queries"] = time.process_time() - began

    began = time.process_time()
    shown: list[tuple[Reading, str, list[tuple[str, list[Hit]]]]] = []
    for reading, holding, plan, hits in held:
        clauses = [
            (label, points, found)
            for label, node, points in (*plan.any, *plan.boosts)
            if (found := holding.mentions(node)) is not None
        ]
        score(reading, hits, clauses)
        named = [("query", hits), *((label, found) for label, _, found in clauses)]
        shown.append((reading, plan.topic.name, named))
    spent["clauses and score"] = time.process_time() - began

    began = time.process_time()
    for reading, name, named in shown:
        evidence(reading, name, named)
    spent["evidence"] = time.process_time() - began
    return spent


def shares(spent: Mapping[str, float], documents: int) -> str:
    """One line per stage: microseconds a document and share of the sum."""
    total = sum(spent.values())
    return "\n".join(
        f"    {name:36}{1e6 * each / documents:8.1f} us  {each / total:6.1%}"
        for name, each in spent.items()
    )
