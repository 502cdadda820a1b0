"""A topic ready to run, and the index that finds the few topics worth running.

The idea is the presearcher of Lucene's monitor: a query can only hold if its
required clauses are met, so each topic waits under the rarest of them. Lucene issue
14427 is the warning: tests hold the index equal to running every topic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.matching.boundary import Script, script
from alerts.matching.tree import (
    AllOf,
    AnyOf,
    AtLeast,
    Leaf,
    Loose,
    Near,
    Weighted,
    Within,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from alerts.matching.tree import Node
    from alerts.model import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A topic with its trees.

    ``needs`` are sets of atoms, of each of which one must hit; ``boosts`` the
    ``^points`` parts of query and any as (label, node, points).
    """

    topic: Topic
    query: Node
    any: tuple[tuple[str, Node, float], ...]
    none: tuple[tuple[str, Node], ...]
    needs: tuple[frozenset[str], ...]
    boosts: tuple[tuple[str, Node, float], ...]


def plan_topic(topic: Topic, trees: Mapping[str, Node]) -> Plan:
    """The plan of a topic; ``trees`` maps each of its queries to its tree."""
    query = trees[topic.query]
    chances = tuple(
        (f"any[{index}]", trees[clause.query], clause.points)
        for index, clause in enumerate(topic.any)
    )
    return Plan(
        topic=topic,
        query=query,
        any=chances,
        none=tuple((text, trees[text]) for text in topic.none),
        needs=tuple(sorted(set(needs(query)), key=_cost)),
        boosts=tuple(
            (f"{label}^{number}", node.node, node.points)
            for label, tree in (("query", query), *((c[0], c[1]) for c in chances))
            for number, node in enumerate(_weighted(tree))
        ),
    )


def _weighted(tree: Node) -> list[Weighted]:
    return [node for node in walk(tree, negated=False) if isinstance(node, Weighted)]


def needs(node: Node) -> list[frozenset[str]]:
    """Sets of atoms of each of which one must hit for the node to hold."""
    match node:
        case Leaf(atom):
            return [frozenset((atom,))]
        case AllOf(nodes) | Near(nodes):
            return [clause for child in nodes for clause in needs(child)]
        case Loose(_, words):
            return [frozenset((word.atom,)) for word in words]
        case AnyOf(nodes):
            arms = [needs(child) for child in nodes]
            if not all(arms):
                return []
            return [frozenset().union(*(min(arm, key=_cost) for arm in arms))]
        case Within(_, child) | Weighted(_, child) | AtLeast(_, child):
            return needs(child)
        case _:
            return []


def _cost(clause: Iterable[str]) -> tuple[float, list[str]]:
    """A stand-in for how often a clause hits: short strings and entities hit more."""
    names = sorted(clause)
    return sum(map(_frequency, names)), names


def _frequency(atom: str) -> float:
    if atom[0] == "@":
        return 2.0
    dense = script(atom.rstrip("*")[-1]) is not Script.SPACED
    return 8.0 / (len(atom) * (2.5 if dense else 1))


class Index:
    """From the atoms that hit to the topics that may hold."""

    def __init__(self, plans: Iterable[Plan]) -> None:
        self._waiting: dict[str, list[Plan]] = {}
        self._always: list[Plan] = []
        for plan in plans:
            if not plan.needs:
                self._always.append(plan)
            for atom in plan.needs[0] if plan.needs else ():
                self._waiting.setdefault(atom, []).append(plan)

    @property
    def idle(self) -> bool:
        """Whether an item without a single hit needs no look at all."""
        return not self._always

    def candidates(self, atoms: Iterable[str]) -> list[Plan]:
        """Every plan whose required clauses are met; others cannot hold."""
        hit = frozenset(atoms)
        found = {plan.topic.name: plan for plan in self._always}
        for atom in hit:
            for plan in self._waiting.get(atom, ()):
                if plan.topic.name not in found and _met(plan.needs, hit):
                    found[plan.topic.name] = plan
        return [found[name] for name in sorted(found)]


def _met(clauses: tuple[frozenset[str], ...], hit: frozenset[str]) -> bool:
    return not any(clause.isdisjoint(hit) for clause in clauses)
