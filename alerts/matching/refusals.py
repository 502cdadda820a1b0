"""What a watch may not say, with the place of each mistake."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from alerts.errors import AlertError, EntityError, PlacedError, QueryError
from alerts.matching.boundary import Script, script
from alerts.matching.normal import key
from alerts.matching.tree import Leaf, Pattern, can_start, walk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from alerts.matching.tree import Node
    from alerts.model import Alias, Entity, Topic

Path = tuple[str | int, ...]

_BOUNDARIES = (None, "start", "word", "none")
_INFLECTIONS = (None, "noun", "name", "none")


class WatchError(AlertError):
    """Every problem of a watch at once; see ``problems``."""

    def __init__(self, problems: tuple[PlacedError, ...]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def alias_paths(entity: Entity) -> Iterator[tuple[Path, Alias]]:
    """Each alias with its place, ``entities.ID.aliases.n``; the shell knows where."""
    for index, alias in enumerate(entity.aliases):
        yield ("entities", entity.id, "aliases", index), alias


def queries(
    entities: Mapping[str, Entity], topics: Mapping[str, Topic]
) -> Iterator[tuple[Path, str]]:
    """Every query text of the watch with its place."""
    for entity in entities.values():
        for path, alias in alias_paths(entity):
            if alias.when is not None:
                yield (*path, "when"), alias.when
            if alias.not_near is not None:
                yield (*path, "not_near", "query"), alias.not_near[0]
    for name, topic in topics.items():
        yield ("topics", name, "query"), topic.query
        for index, clause in enumerate(topic.any):
            yield ("topics", name, "any", index, "query"), clause.query
        for index, query in enumerate(topic.none):
            yield ("topics", name, "none", index), query


def check_alias(path: Path, alias: Alias) -> Iterator[PlacedError]:
    """Problems of one alias by itself."""
    from alerts.matching.grammar import NEAR_LIMIT, short_prefix

    normal = key(alias.text.strip().removesuffix("*"))
    letters = [char for char in normal if char.isalnum()]
    if not letters:
        yield EntityError(path, f"{alias.text!r} holds no letter or digit")
        return
    if len(letters) == 1 and script(letters[0]) is Script.SPACED:
        yield EntityError(
            path, f"{alias.text!r} is one letter; it would match anywhere"
        )
    if alias.text.strip().endswith("*") and (problem := short_prefix(normal)):
        yield EntityError(path, problem)
    if "*" in normal:
        yield EntityError(path, f"{alias.text!r}: * may only end a spelling")
    if alias.boundary not in _BOUNDARIES:
        yield EntityError((*path, "boundary"), "expected start, word or none")
    if alias.inflect not in _INFLECTIONS:
        yield EntityError((*path, "inflect"), "expected noun, name or none")
    if alias.not_near is not None and not 0 <= alias.not_near[1] <= NEAR_LIMIT:
        message = f"within {alias.not_near[1]} is too far; at most {NEAR_LIMIT} words"
        yield EntityError((*path, "not_near", "within"), message)


def check_fuzzy(entity: Entity) -> Iterator[PlacedError]:
    """Numbers of wrong letters that cannot be forgiven.

    An entity's own number is refused if not one of its spellings can take it.
    """
    from alerts.matching.typos import refusal

    for path, alias in alias_paths(entity):
        if isinstance(alias.fuzzy, int) and alias.fuzzy:
            problem = refusal(alias, alias.fuzzy)
            if problem:
                yield EntityError((*path, "fuzzy"), problem)
    heirs = [alias for alias in entity.aliases if alias.fuzzy is None]
    if isinstance(entity.fuzzy, int) and entity.fuzzy and heirs:
        problems = [refusal(alias, entity.fuzzy) for alias in heirs]
        if all(problems):
            yield EntityError(("entities", entity.id, "fuzzy"), str(problems[0]))


def check_tree(path: Path, tree: Node, known: Collection[str]) -> Iterator[PlacedError]:
    """Unknown entities and refused regexes; a topic's query must not only forbid."""
    from alerts.matching import regexes

    if path[-1] == "query" and path[0] == "topics" and not can_start(tree):
        yield QueryError(path, "the query only forbids; it needs something to look for")
    for node in walk(tree):
        if isinstance(node, Leaf) and node.atom.startswith("@"):
            name = node.atom[1:]
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"; did you mean @{near[0]}?" if near else ""
                yield QueryError(path, f"unknown entity @{name}{hint}")
        elif isinstance(node, Pattern):
            try:
                regexes.check(node.source)
            except regexes.PatternError as error:
                yield QueryError(path, f"/{node.source[:60]}/: {error}")
