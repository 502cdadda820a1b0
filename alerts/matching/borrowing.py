"""``aliases_from``: entities with the spellings that public lists have for them.

unknown sources -> cache, or lists -> sift -> what nobody else claims -> report
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from alerts.errors import EntityError, PlacedError
from alerts.matching import cache
from alerts.matching.aliassources import LISTS, PREFERRED, Rivals, as_alias, unfit
from alerts.matching.normal import key
from alerts.model import Alias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from alerts.matching.aliassources import Spoken
    from alerts.model import Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrowed:
    """What ``aliases_from`` gave an entity.

    ``left_out`` holds (name, reason) of what was not taken, except spellings that the
    entity declares itself.
    """

    entity: str
    sources: tuple[str, ...]
    added: tuple[Alias, ...]
    left_out: tuple[tuple[str, str], ...]


def borrow(
    entities: Mapping[str, Entity], folder: Path | None
) -> tuple[dict[str, Entity], tuple[Borrowed, ...], tuple[PlacedError, ...]]:
    """Entities with their borrowed aliases after the declared ones, and the reports.

    A name that two entities would get, or that one of them declares, goes to none
    but the declarer. A source that does not exist is a problem with its place.
    """
    asking = [entity for entity in entities.values() if entity.aliases_from]
    if not asking:
        return dict(entities), (), ()
    problems = tuple(_unknown_schemes(asking))
    if problems:
        return dict(entities), (), problems
    name = cache.digest(repr((tuple(entities.items()), _versions())))
    reports = _kept(cache.load(folder, "aliases", name))
    if reports is None:
        try:
            reports = _resolve(entities, asking)
        except _NoTerritoryError as error:
            return dict(entities), (), error.problems
        cache.save(folder, "aliases", name, [_plain(report) for report in reports])
    given = {report.entity: report.added for report in reports}
    grown = {
        name: replace(entity, aliases=(*entity.aliases, *given.get(name, ())))
        for name, entity in entities.items()
    }
    return grown, reports, ()


class _NoTerritoryError(Exception):
    """Sources whose list has no such territory."""

    def __init__(self, problems: tuple[PlacedError, ...]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def _unknown_schemes(entities: list[Entity]) -> Iterator[PlacedError]:
    for entity in entities:
        for index, source in enumerate(entity.aliases_from):
            scheme, colon, code = source.partition(":")
            if scheme not in LISTS or not colon or not code:
                path = ("entities", entity.id, "aliases_from", index)
                said = f"{source!r}: expected cldr:CODE or countrynames:CODE"
                yield EntityError(path, f"{said} such as cldr:KP")


def _versions() -> list[str]:
    found = []
    for package in ("babel", "countrynames"):
        try:
            found.append(version(package))
        except PackageNotFoundError:  # a bundle without metadata: the names are there
            found.append("")
    return found


# --- sifting ---------------------------------------------------------------------


def _resolve(
    entities: Mapping[str, Entity], asking: list[Entity]
) -> tuple[Borrowed, ...]:
    lists = {name: read() for name, read in LISTS.items()}
    problems = [
        EntityError(
            ("entities", entity.id, "aliases_from", index),
            f"{scheme} has no territory {code!r}; codes are those of ISO 3166 (KP, FR)",
        )
        for entity in asking
        for index, (scheme, code) in enumerate(map(_split, entity.aliases_from))
        if code not in lists[scheme]
    ]
    if problems:
        raise _NoTerritoryError(tuple(problems))
    rivals = Rivals(lists, {_split(s)[1] for each in asking for s in each.aliases_from})
    sifted = {entity.id: _sift(entity, lists, rivals) for entity in asking}
    claims: dict[str, set[str]] = defaultdict(set)
    for name, entity in entities.items():
        for normal in map(_bare, (alias.text for alias in entity.aliases)):
            claims[normal].add(name)
        for normal in sifted[name][0] if name in sifted else ():
            claims[normal].add(name)
    return tuple(_report(entity, *sifted[entity.id], claims) for entity in asking)


def _report(
    entity: Entity,
    taken: Mapping[str, Alias],
    left_out: list[tuple[str, str]],
    claims: Mapping[str, set[str]],
) -> Borrowed:
    """What remains once every name that two entities claim went to neither."""
    others = {
        normal: min(rest) for normal in taken if (rest := claims[normal] - {entity.id})
    }
    disputed = [(taken[n].text, f"also names {other}") for n, other in others.items()]
    return Borrowed(
        entity=entity.id,
        sources=entity.aliases_from,
        added=tuple(alias for n, alias in taken.items() if n not in others),
        left_out=(*left_out, *disputed),
    )


def _split(source: str) -> tuple[str, str]:
    scheme, _, code = source.partition(":")
    return scheme, code.upper()


def _bare(text: str) -> str:
    return key(text.strip().removesuffix("*"))


def _sift(
    entity: Entity, lists: Mapping[str, Mapping[str, Spoken]], rivals: Rivals
) -> tuple[dict[str, Alias], list[tuple[str, str]]]:
    """What an entity takes, by normal form, and what it does not, with the reason."""
    declared = {_bare(alias.text) for alias in entity.aliases}
    stems = tuple(
        _bare(alias.text) for alias in entity.aliases if alias.text.endswith("*")
    )
    taken: dict[str, Alias] = {}
    left_out: dict[str, str] = {}
    for source in entity.aliases_from:
        scheme, code = _split(source)
        for name, languages in sorted(lists[scheme][code].items()):
            normal = key(name)
            if normal in taken or normal in declared:
                continue
            if stems and normal.startswith(stems):
                continue
            why = unfit(name, languages) or rivals.mistake(normal, code)
            if not why and not languages & set(PREFERRED):
                why = rivals.clash(normal, code)
            if why:
                left_out.setdefault(name, why)
            else:
                taken[normal] = as_alias(name, languages, rivals.guards(normal, code))
    return taken, list(left_out.items())


# --- the cache -------------------------------------------------------------------


def _plain(report: Borrowed) -> Any:
    added = [
        [
            a.text,
            a.lang,
            a.case,
            a.when,
            a.not_followed_by,
            a.not_preceded_by,
        ]
        for a in report.added
    ]
    plain = [report.entity, report.sources, added, report.left_out]
    return json.loads(json.dumps(plain))


def _kept(data: Any) -> tuple[Borrowed, ...] | None:
    try:
        return tuple(
            Borrowed(
                entity=str(entity),
                sources=tuple(map(str, sources)),
                added=tuple(map(_kept_alias, added)),
                left_out=tuple((str(name), str(why)) for name, why in left_out),
            )
            for entity, sources, added, left_out in data
        )
    except (TypeError, ValueError):
        return None


def _kept_alias(row: Any) -> Alias:
    text, lang, case, when, after, before = row
    return Alias(
        text=str(text),
        lang=lang,
        case=bool(case),
        when=when,
        not_followed_by=tuple(map(str, after)),
        not_preceded_by=tuple(map(str, before)),
    )
