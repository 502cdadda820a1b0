"""How many independent voices tell a story, and which numbers they agree on.

A report is a connected set of owners: one owner, one agency's copy, one outlet that
the others cite, or the same words. An item that ties two reports makes them one, so
the count can fall: then the confirmation was none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.model import Fact, Report

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from alerts.model import Byline
    from crawler.items import Item

MOST_REPORTS = 100
"""Beyond it a story gains no further report: its last milestone is at five."""

MOST_NAMES = 200
"""Owners of a report, and wires, countries and languages; of a fact's owners too."""

MOST_FACTS = 60


def joined(
    reports: tuple[Report, ...], item: Item, byline: Byline, now: datetime
) -> tuple[Report, ...]:
    """The reports of a story with an item's voice, oldest first.

    The item joins every report of its owner, of an agency both credit or that one of
    them is, of an owner it cites, of an owner whose words it repeats. Being cited
    ties later items only: who will cite it cannot be known when an item comes.
    """
    tied = [report for report in reports if _tied(report, byline)]
    if not tied:
        if len(reports) >= MOST_REPORTS:
            return reports
        return (*reports, _voice(item, byline, now))
    first, *others = tied
    whole = _with(first, _voice(item, byline, now))
    for other in others:
        whole = _with(whole, other)
    return tuple(
        whole if report is first else report
        for report in reports
        if report is first or not any(report is other for other in others)
    )


def both(reports: tuple[Report, ...], others: tuple[Report, ...]) -> tuple[Report, ...]:
    """The reports of two stories that are one, oldest first.

    Those that share an owner or an agency become one, which keeps the oldest face.
    What copied or cited a report of the other story unseen counts by itself.
    """
    found: list[Report] = []
    for report in sorted((*reports, *others), key=lambda one: one.seen):
        tied = [one for one in found if _one_voice(one, report)]
        if not tied:
            found.append(report)
            continue
        whole = tied[0]
        for other in (*tied[1:], report):
            whole = _with(whole, other)
        found = [
            whole if one is tied[0] else one
            for one in found
            if one is tied[0] or not any(one is other for other in tied)
        ]
    return tuple(found[:MOST_REPORTS])


def _one_voice(one: Report, other: Report) -> bool:
    mine, theirs = {*one.owners, *one.wires}, {*other.owners, *other.wires}
    return not mine.isdisjoint(theirs)


def facts_told(
    facts: tuple[Fact, ...],
    told: Iterable[tuple[str, str]],
    owner: str,
    now: datetime,
) -> tuple[Fact, ...]:
    """The facts of a story after an owner told some more, first told first.

    At most 60: those that a single owner told go first, the oldest of them before
    the others; only then the oldest of all.
    """
    new = (
        Fact(unit=unit, value=value, owners=(owner,), seen=now)
        for unit, value in dict.fromkeys(told)
    )
    return facts_of(facts, new)


def facts_of(facts: Iterable[Fact], others: Iterable[Fact]) -> tuple[Fact, ...]:
    """Facts from two sides as those of one story, within the same bound."""
    known: dict[tuple[str, str], Fact] = {}
    for fact in sorted((*facts, *others), key=lambda one: one.seen):
        before = known.get((fact.unit, fact.value))
        known[fact.unit, fact.value] = (
            fact
            if before is None
            else replace(before, owners=_more(before.owners, fact.owners))
        )
    kept = list(known.values())
    while len(kept) > MOST_FACTS:
        kept.remove(next((one for one in kept if len(one.owners) == 1), kept[0]))
    return tuple(kept)


def independent_owners(fact: Fact, reports: Iterable[Report]) -> int:
    """How many reports tell a fact: owners of one report are one voice."""
    owners = set(fact.owners)
    return sum(not owners.isdisjoint(report.owners) for report in reports)


def _tied(report: Report, byline: Byline) -> bool:
    owners, wires = set(report.owners), set(report.wires)
    return (
        byline.owner in owners
        or byline.owner in wires
        or not byline.wires.isdisjoint(wires | owners)
        or not byline.cites.isdisjoint(owners)
        or not byline.copies.isdisjoint(owners)
    )


def _voice(item: Item, byline: Byline, now: datetime) -> Report:
    return Report(
        owners=(byline.owner,),
        wires=_more((), byline.wires),
        countries=(byline.country,) if byline.country else (),
        languages=(item.language,) if item.language else (),
        official=byline.official,
        url=item.url,
        title=item.title,
        source=item.source,
        seen=now,
    )


def _with(report: Report, other: Report) -> Report:
    """Two reports as one, which keeps the face of the first."""
    return replace(
        report,
        owners=_more(report.owners, other.owners),
        wires=_more(report.wires, other.wires),
        countries=_more(report.countries, other.countries),
        languages=_more(report.languages, other.languages),
        official=report.official or other.official,
        items=report.items + other.items,
    )


def _more(names: tuple[str, ...], others: Iterable[str]) -> tuple[str, ...]:
    """Both, sorted; those that were there stay when there is no room for all."""
    new = sorted(set(others).difference(names))
    if not new:
        return names
    return tuple(sorted([*names, *new[: max(0, MOST_NAMES - len(names))]]))
