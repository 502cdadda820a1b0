"""Stories as rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from alerts.model import Fact, Report, Story
from vedette.store.rows.values import as_json, clean, ticks, when

if TYPE_CHECKING:
    import sqlite3

STORY_COLUMNS = (
    "id, headline, first_seen, last_seen, items, independent, languages, official,"
    " disputed, matched, carried, reports, facts, related, merged_into"
)


def _listed(raw: str) -> list[Any]:
    """A JSON list; most are empty, and a thousand stories may stand near a batch."""
    found: list[Any] = [] if raw == "[]" else json.loads(raw)
    return found


def story_row(story: Story) -> tuple[Any, ...]:
    """In the order of ``STORY_COLUMNS``."""
    return (
        story.id,
        clean(story.headline),
        ticks(story.first_seen),
        ticks(story.last_seen),
        story.items,
        story.independent,
        as_json(story.languages),
        int(story.official),
        int(story.disputed),
        int(story.matched),
        story.carried,
        as_json([_report_json(one) for one in story.reports]),
        as_json([_fact_json(one) for one in story.facts]),
        as_json(story.related),
        story.merged_into,
    )


def story_from(row: sqlite3.Row) -> Story:
    """Read a story."""
    return Story(
        id=row["id"],
        headline=row["headline"],
        first_seen=when(row["first_seen"]),
        last_seen=when(row["last_seen"]),
        items=row["items"],
        independent=row["independent"],
        languages=tuple(_listed(row["languages"])),
        official=bool(row["official"]),
        disputed=bool(row["disputed"]),
        matched=bool(row["matched"]),
        carried=row["carried"],
        reports=tuple(map(_report_from, _listed(row["reports"]))),
        facts=tuple(map(_fact_from, _listed(row["facts"]))),
        related=tuple(_listed(row["related"])),
        merged_into=row["merged_into"],
    )


def _report_json(report: Report) -> dict[str, Any]:
    return {
        "owners": report.owners,
        "wires": report.wires,
        "countries": report.countries,
        "languages": report.languages,
        "official": report.official,
        "items": report.items,
        "url": report.url,
        "title": report.title,
        "source": report.source,
        "seen": ticks(report.seen),
    }


def _report_from(one: dict[str, Any]) -> Report:
    return Report(
        owners=tuple(one["owners"]),
        wires=tuple(one["wires"]),
        countries=tuple(one["countries"]),
        languages=tuple(one["languages"]),
        official=one["official"],
        items=one["items"],
        url=one["url"],
        title=one["title"],
        source=one["source"],
        seen=when(one["seen"]),
    )


def _fact_json(fact: Fact) -> list[Any]:
    return [fact.unit, fact.value, fact.owners, ticks(fact.seen)]


def _fact_from(one: list[Any]) -> Fact:
    unit, value, owners, seen = one
    return Fact(unit=unit, value=value, owners=tuple(owners), seen=when(seen))
