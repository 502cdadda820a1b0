"""A query as a tree; what the parser builds and everything else walks.

Leaf, Pattern and About are the leaves. An atom names what a Leaf looks for:
``@dprk`` an entity, ``=kursk`` a literal in its normal form, ``=troop*`` a prefix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Json: TypeAlias = "str | int | float | bool | list[Json] | None"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A word, a phrase, a prefix or an entity."""

    atom: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A user's regular expression."""

    source: str


@dataclass(frozen=True, slots=True)
class About:
    """A fact of the item that is not text: ``source``, ``lang`` or ``url``."""

    fact: str
    value: str


@dataclass(frozen=True, slots=True)
class Loose:
    """The words of a phrase in any order with at most ``slop`` others between."""

    slop: int
    words: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """Only in one field: ``title``, ``lead`` or ``body``."""

    field: str
    node: Node


@dataclass(frozen=True, slots=True)
class Weighted:
    """Adds points to the score when it hits."""

    points: float
    node: Node


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every node holds."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one node holds."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """The node does not hold."""

    node: Node


@dataclass(frozen=True, slots=True)
class Near:
    """Neighbouring nodes stand near each other; ``gaps`` are (words, in order)."""

    nodes: tuple[Node, ...]
    gaps: tuple[tuple[int, bool], ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least ``count`` hits that do not overlap."""

    count: int
    node: Node


Node: TypeAlias = (
    Leaf
    | Pattern
    | About
    | Loose
    | Within
    | Weighted
    | AllOf
    | AnyOf
    | Without
    | Near
    | AtLeast
)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below."""
    match node:
        case AllOf(nodes) | AnyOf(nodes) | Near(nodes):
            return nodes
        case Within(_, child) | Weighted(_, child) | Without(child) | AtLeast(_, child):
            return (child,)
        case Loose(_, words):
            return words
        case Leaf() | Pattern() | About():
            return ()


def walk(node: Node, *, negated: bool = True) -> Iterator[Node]:
    """The node and all below, parents first; without ``negated`` no NOT branches."""
    if isinstance(node, Without) and not negated:
        return
    yield node
    for child in children(node):
        yield from walk(child, negated=negated)


def atoms(node: Node, *, negated: bool = True) -> tuple[str, ...]:
    """Every atom once, in the order of the query."""
    found = (
        part.atom for part in walk(node, negated=negated) if isinstance(part, Leaf)
    )
    return tuple(dict.fromkeys(found))


def can_start(node: Node) -> bool:
    """Whether something must be present for the node to hold (not only absent)."""
    match node:
        case Without():
            return False
        case AllOf(nodes):
            return any(map(can_start, nodes))
        case AnyOf(nodes):
            return all(map(can_start, nodes))
        case Within(_, child) | Weighted(_, child) | AtLeast(_, child):
            return can_start(child)
        case _:
            return True


_KINDS: dict[str, Callable[..., Node]] = {
    kind.__name__: kind
    for kind in (
        *(Leaf, Pattern, About, Loose, Within, Weighted),
        *(AllOf, AnyOf, Without, Near, AtLeast),
    )
}


def to_json(node: Node) -> Json:
    """The node as nested lists, for the cache of compiled forms."""
    values = (getattr(node, name) for name in node.__dataclass_fields__)
    return [type(node).__name__, *map(_plain, values)]


def _plain(value: object) -> Json:
    if isinstance(value, tuple):
        return ["", *map(_plain, value)]
    if isinstance(value, str | int | float):
        return value
    return to_json(cast("Node", value))


def from_json(data: Json) -> Node:
    """The inverse of ``to_json``.

    Raises:
        KeyError, TypeError, ValueError: The data is no tree.
    """
    if not isinstance(data, list):
        raise TypeError("not a query tree")
    head, *rest = data
    return _KINDS[str(head)](*map(_rich, rest))


def _rich(data: Json) -> object:
    if not isinstance(data, list):
        return data
    return tuple(map(_rich, data[1:])) if data[0] == "" else from_json(data)
