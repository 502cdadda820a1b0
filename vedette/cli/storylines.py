"""The command that shows stories: how far each spread, and what was told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from vedette.cli.app import (
    AsJson,
    Limit,
    app,
    config_of,
    emit_json,
    emit_table,
    shown,
    stop,
    store_of,
)
from vedette.cli.looking import when

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.model import Alert, Link, Story
    from vedette.store import StoryRow


@app.command()
def stories(
    ctx: typer.Context,
    story: Annotated[
        str, typer.Argument(metavar="[ID]", help="One story, in full.")
    ] = "",
    limit: Limit = 50,
    json: AsJson = False,
) -> None:
    """List the stories, the one that moved last first; with an id show one in full.

    Example: `vedette stories -n 10`, then `vedette stories ID`
    """
    store = store_of(config_of(ctx))
    try:
        rows = store.stories(limit, story or None)
    finally:
        store.close()
    if story and not rows:
        stop(f"no story {shown(story)}; see `vedette stories`")
    if json:
        emit_json(_json(row, whole=bool(story)) for row in rows)
    elif story:
        _show(rows[0])
    else:
        emit_table(
            ["id", "last seen", "items", "reports", "languages", "topics", "headline"],
            (
                (
                    row.story.id,
                    when(row.story.last_seen),
                    _items(row.story),
                    row.story.independent,
                    " ".join(row.story.languages),
                    " ".join(row.topics),
                    " · ".join(filter(None, (row.story.headline, *_marks(row)))),
                )
                for row in rows
            ),
            empty="no stories yet",
        )


def _items(story: Story) -> str:
    copies = f" ({story.carried} copies)" if story.carried else ""
    return f"{story.items}{copies}"


def _marks(row: StoryRow) -> tuple[str, ...]:
    story = row.story
    return tuple(
        mark
        for mark, holds in (
            ("official", story.official),
            ("disputed", story.disputed),
            (f"may belong to {_names(row.related)}", row.related),
            (f"took in {_names(row.merged)}", row.merged),
        )
        if holds
    )


def _names(others: Iterable[Link]) -> str:
    return "; ".join(f"{one.headline or '(no headline)'} ({one.id})" for one in others)


def _links_json(others: Iterable[Link]) -> list[dict[str, str]]:
    """Other stories as every ``--json`` output names them."""
    return [{"id": one.id, "headline": one.headline} for one in others]


def _leaves(alert: Alert) -> str:
    if alert.note is not None and alert.note.value == "capped":
        return "with a digest"
    return when(alert.due or alert.created)


def _json(row: StoryRow, *, whole: bool) -> dict[str, Any]:
    story = row.story
    plain: dict[str, Any] = {
        "id": story.id,
        "headline": story.headline,
        "first_seen": story.first_seen,
        "last_seen": story.last_seen,
        "items": story.items,
        "carried": story.carried,
        "independent": story.independent,
        "languages": list(story.languages),
        "official": story.official,
        "disputed": story.disputed,
        "topics": list(row.topics),
        "related": _links_json(row.related),
        "merged": _links_json(row.merged),
    }
    if not whole:
        return plain
    return plain | {
        "reports": [
            {
                "seen": one.seen,
                "source": one.source,
                "title": one.title,
                "url": one.url,
                "owners": list(one.owners),
                "wires": list(one.wires),
                "countries": list(one.countries),
                "languages": list(one.languages),
                "official": one.official,
                "items": one.items,
            }
            for one in story.reports
        ],
        "facts": [
            {
                "unit": one.unit,
                "value": one.value,
                "owners": list(one.owners),
                "seen": one.seen,
            }
            for one in story.facts
        ],
        "alerts": [
            {
                "id": one.id,
                "created": one.created,
                "due": one.due or one.created,
                "topic": one.topic,
                "severity": one.severity.value,
                "reason": one.reason.value,
                "milestone": one.milestone,
                "item": one.item_id,
                "note": one.note.value if one.note else None,
            }
            for one in row.alerts
        ],
    }


def _show(row: StoryRow) -> None:
    story = row.story
    print(shown(story.headline or "(no headline)"))
    print(f"  first seen {when(story.first_seen)}, last {when(story.last_seen)}")
    print(
        f"  items {_items(story)}, independent reports {story.independent},"
        f" languages {' '.join(story.languages) or 'unknown'}"
    )
    for mark in _marks(row):
        print(f"  {shown(mark)}")
    emit_table(
        ["seen", "outlet", "owners", "agencies", "languages", "items", "title"],
        (
            (
                when(one.seen),
                one.source + (" (official)" if one.official else ""),
                " ".join(one.owners),
                " ".join(one.wires),
                " ".join(one.languages),
                one.items,
                one.title,
            )
            for one in story.reports
        ),
        empty="  no report counted",
    )
    if story.facts:
        emit_table(
            ["first told", "fact", "value", "by"],
            (
                (when(one.seen), one.unit, one.value, " ".join(one.owners))
                for one in story.facts
            ),
            empty="",
        )
    emit_table(
        ["alert", "topic", "reason", "milestone", "leaves"],
        (
            (
                when(one.created),
                one.topic,
                one.reason.value,
                one.milestone,
                _leaves(one),
            )
            for one in row.alerts
        ),
        empty="  no alert",
    )
