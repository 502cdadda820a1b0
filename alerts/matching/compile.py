"""A watch made ready: every query parsed, every form listed, every mistake found."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from alerts.errors import PlacedError, QueryError
from alerts.matching import cache
from alerts.matching.borrowing import borrow
from alerts.matching.names import Names, counted_edits
from alerts.matching.refusals import (
    WatchError,
    alias_paths,
    check_alias,
    check_fuzzy,
    check_tree,
    queries,
)
from alerts.matching.spellings import Patterns, conditions, joined
from alerts.matching.tree import Pattern, atoms, from_json, to_json, walk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from alerts.matching.borrowing import Borrowed
    from alerts.matching.spellings import Shape
    from alerts.matching.tree import Node
    from alerts.model import Entity, Topic


Placed: TypeAlias = "tuple[tuple[tuple[str | int, ...], str], ...]"
Shapes: TypeAlias = "dict[str, list[list[Shape]]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What the matcher runs on; ``entities`` with their borrowed aliases."""

    entities: Mapping[str, Entity]
    borrowed: tuple[Borrowed, ...]
    trees: Mapping[str, Node]
    patterns: Patterns
    names: Names
    regexes: tuple[str, ...]


def compile_watch(
    entities: Mapping[str, Entity], topics: Mapping[str, Topic], folder: Path | None
) -> Watch:
    """Read queries and expand aliases, or take both from the cache in ``folder``.

    Raises:
        WatchError: With every problem found.
    """
    entities, borrowed, unknown = borrow(entities, folder)
    try:
        trees = _trees(entities, topics, folder)
    except WatchError as error:
        raise WatchError((*unknown, *error.problems)) from error
    if unknown:
        raise WatchError(unknown)
    shapes = _shapes(entities, folder)
    patterns, names = Patterns(), Names()
    for entity in entities.values():
        for alias, forms in zip(entity.aliases, shapes[entity.id], strict=True):
            patterns.add_alias(entity, alias, forms, trees)
            names.add(entity, alias)
            if edits := counted_edits(alias, entity):
                names.typos.add(
                    entity,
                    alias,
                    edits,
                    (text for text, _, _ in forms),
                    partial(conditions, entity, alias, trees),
                )
    literals = {
        atom for tree in trees.values() for atom in atoms(tree) if atom[0] == "="
    }
    for atom in sorted(literals):
        patterns.add_literal(atom)
    sources = {
        node.source
        for tree in trees.values()
        for node in walk(tree)
        if isinstance(node, Pattern)
    }
    return Watch(
        entities=entities,
        borrowed=borrowed,
        trees=trees,
        patterns=patterns,
        names=names,
        regexes=tuple(sorted(sources)),
    )


def _trees(
    entities: Mapping[str, Entity], topics: Mapping[str, Topic], folder: Path | None
) -> dict[str, Node]:
    placed = tuple(queries(entities, topics))
    name = cache.digest(repr((tuple(entities.items()), placed)))
    kept = _kept_trees(cache.load(folder, "queries", name), placed)
    if kept is not None:
        return kept
    trees: dict[str, Node] = {}
    problems: list[PlacedError] = []
    for entity in entities.values():
        problems.extend(check_fuzzy(entity))
        for path, alias in alias_paths(entity):
            problems.extend(check_alias(path, alias))
    problems.extend(_parse(placed, trees, entities))
    if problems:
        raise WatchError(tuple(problems))
    cache.save(folder, "queries", name, {text: to_json(t) for text, t in trees.items()})
    return trees


def _kept_trees(data: Any, placed: Placed) -> dict[str, Node] | None:
    """The trees of the cache; None if they are not those of every query."""
    try:
        trees = {text: from_json(tree) for text, tree in data.items()}
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return None
    return trees if all(text in trees for _, text in placed) else None


def _parse(
    placed: Placed,
    trees: dict[str, Node],
    entities: Mapping[str, Entity],
) -> list[PlacedError]:
    from alerts.matching.grammar import parse
    from alerts.matching.regexes import MAX_PATTERNS
    from alerts.matching.syntax import QuerySyntaxError

    problems: list[PlacedError] = []
    patterns: set[str] = set()
    for path, text in placed:
        try:
            if text not in trees:
                trees[text] = parse(text)
        except QuerySyntaxError as error:
            problems.append(QueryError(path, str(error)))
            continue
        problems.extend(check_tree(path, trees[text], entities.keys()))
        patterns.update(n.source for n in walk(trees[text]) if isinstance(n, Pattern))
        if len(patterns) > MAX_PATTERNS:
            problems.append(QueryError(path, f"more than {MAX_PATTERNS} regexes"))
            break
    return problems


def _shapes(entities: Mapping[str, Entity], folder: Path | None) -> Shapes:
    name = cache.digest(repr(tuple(entities.items())))
    kept = _kept_shapes(cache.load(folder, "forms", name), entities)
    if kept is not None:
        return kept
    shapes = {
        entity.id: [_expanded(entity, index) for index in range(len(entity.aliases))]
        for entity in entities.values()
    }
    if shapes:
        from alerts.matching.forms import release

        release()
    cache.save(folder, "forms", name, json.loads(json.dumps(shapes)))
    return shapes


def _kept_shapes(data: Any, entities: Mapping[str, Entity]) -> Shapes | None:
    """The forms of the cache; None if they are not those of every alias."""
    try:
        shapes: Shapes = {
            name: [
                [(str(t), str(how), bool(p)) for t, how, p in forms] for forms in each
            ]
            for name, each in data.items()
        }
        for name, entity in entities.items():
            if len(shapes[name]) != len(entity.aliases):
                return None
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return shapes


def _expanded(entity: Entity, index: int) -> list[Shape]:
    from alerts.matching.forms import expand

    alias = entity.aliases[index]
    shapes: list[Shape] = [
        (form.text.removesuffix("*"), form.how, form.prefix or form.text.endswith("*"))
        for form in expand(alias, entity)
    ]
    if entity.kind == "person" and not alias.case:
        shapes.extend((text, "form", False) for text in joined(alias.text))
    return shapes
