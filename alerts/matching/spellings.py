"""Entities and queries compiled: every string to look for and what it stands for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alerts.matching.automaton import Spelling
from alerts.matching.boundary import Edge, Script, edges, script
from alerts.matching.normal import cased, key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from alerts.matching.tree import Node
    from alerts.model import Alias, Entity

Shape = tuple[str, str, bool]
"""A form as the cache keeps it: text, how, prefix."""


@dataclass(slots=True)
class Patterns:
    """The automaton's input while it grows: normal form to spellings."""

    table: dict[str, list[Spelling]] = field(default_factory=dict)

    def add_literal(self, atom: str) -> None:
        """A word, phrase or prefix of a query, by its atom (``=kursk``)."""
        prefix = atom.endswith("*")
        text = atom[1:].removesuffix("*")
        left, right = edges(text, boundary=None, prefix=prefix)
        spelling = Spelling(atom=atom, how="exact", left=left, right=right)
        self.table.setdefault(text, []).append(spelling)

    def add_alias(
        self,
        entity: Entity,
        alias: Alias,
        shapes: Iterable[Shape],
        trees: Mapping[str, Node],
    ) -> None:
        """Every form of one alias; forms that differ in no condition share it."""
        shared: dict[tuple[object, ...], Spelling] = {}
        shapes = tuple(shapes)
        proper = (
            frozenset(cased(text) for text, _, _ in shapes)
            if alias.case
            else frozenset()
        )
        glue = can_glue(alias)
        for text, how, prefix in shapes:
            normal = key(text)
            if not any(map(str.isalnum, normal)):
                continue
            left, right = edges(normal, boundary=alias.boundary, prefix=prefix)
            kind = (how, left, right, _is_hanja(normal, alias.lang))
            if kind not in shared:
                shared[kind] = Spelling(
                    atom=f"@{entity.id}",
                    how="gated" if alias.when else how,
                    left=left,
                    right=right,
                    cased=proper,
                    lang=alias.lang,
                    hanja=_is_hanja(normal, alias.lang),
                    glue=glue and not prefix,
                    when=trees[alias.when] if alias.when else None,
                    not_followed_by=_keys(alias.not_followed_by),
                    not_preceded_by=_keys(alias.not_preceded_by),
                    not_near=(trees[alias.not_near[0]], alias.not_near[1])
                    if alias.not_near
                    else None,
                )
            known = self.table.setdefault(normal, [])
            if all(
                other.atom != f"@{entity.id}" or _differ(other, shared[kind])
                for other in known
            ):
                known.append(shared[kind])


def conditions(
    entity: Entity, alias: Alias, trees: Mapping[str, Node], how: str
) -> Spelling:
    """What an alias asks of its surroundings, where it was found another way."""
    return Spelling(
        atom=f"@{entity.id}",
        how=how,
        left=Edge.OPEN,
        right=Edge.OPEN,
        lang=alias.lang,
        when=trees[alias.when] if alias.when else None,
        not_followed_by=_keys(alias.not_followed_by),
        not_preceded_by=_keys(alias.not_preceded_by),
        not_near=(trees[alias.not_near[0]], alias.not_near[1])
        if alias.not_near
        else None,
    )


def can_glue(alias: Alias) -> bool:
    """Whether a lost space may be forgiven: several words, each with a capital."""
    words = alias.text.replace("-", " ").split()
    return (
        len(words) > 1
        and not alias.case
        and alias.boundary is None
        and words[0][:1].isupper()
        and words[-1][:1].isupper()
        and script(words[0][0]) is Script.SPACED
    )


def joined(text: str) -> tuple[str, ...]:
    """A Latin name with some spaces closed: kimjongun, kim jongun, kimjong un."""
    words = key(text).split(" ")
    if not 2 <= len(words) <= 4 or not text.isascii() or sum(map(len, words)) < 7:
        return ()
    found = []
    for mask in range(1, 1 << (len(words) - 1)):
        name = words[0]
        for index, word in enumerate(words[1:]):
            name += word if mask >> index & 1 else f" {word}"
        found.append(name)
    return tuple(found)


def _is_hanja(normal: str, lang: str | None) -> bool:
    """Whether a Korean alias is written in Han characters only (北, 美·日)."""
    if lang != "ko":
        return False
    return all(script(char) in {Script.HAN, Script.OTHER} for char in normal)


def _keys(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        key(word.removesuffix("*")) + ("*" if word.endswith("*") else "")
        for word in words
    )


def _differ(one: Spelling, other: Spelling) -> bool:
    """Whether two spellings of one entity can disagree about a place."""
    same = one.left == other.left and one.right == other.right
    return not (same and one.plain and one.glue >= other.glue)
