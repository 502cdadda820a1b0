"""The command that shows what the matcher knows of names: entities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from vedette.cli.app import (
    FAILED,
    USAGE,
    AsJson,
    app,
    cache_of,
    config_of,
    emit_json,
    emit_table,
    stop,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alerts.matching import Matcher, Surface
    from alerts.model import Entity
    from vedette.config import Config


@app.command()
def entities(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="An entity: all its spellings.")
    ] = "",
    text: Annotated[
        str, typer.Option("--from", help="A text: which entities it names, and how.")
    ] = "",
    language: Annotated[
        str, typer.Option("--language", help="The language of that text, such as ru.")
    ] = "",
    json: AsJson = False,
) -> None:
    """List the entities, every spelling of one, or what a text names.

    Example: `vedette entities kim-jong-un`

    Example: `vedette entities --from "с президентом Юн Сок Ёлем"`

    With `--from`, exit 1 if the text names nobody.
    """
    from vedette.setup import compile_watch

    config = config_of(ctx)
    if name and text:
        stop("give NAME or --from, not both", USAGE)
    _known(config, name)
    matcher = compile_watch(config, cache=cache_of(config)).matcher
    if text:
        _show_named(matcher, text, language or None, json=json)
    elif name:
        _show_surfaces(matcher.surfaces(name), json=json)
    else:
        _show_all(config, matcher, json=json)


def _known(config: Config, name: str) -> None:
    from crawler.configfile import did_you_mean

    if name and name not in config.entities:
        hint = did_you_mean(name, config.entities)
        stop(f"no entity {name!r}.{hint}", USAGE)


def _show_all(config: Config, matcher: Matcher, *, json: bool) -> None:
    rows = [_entity_row(each, matcher) for each in config.entities.values()]
    if json:
        emit_json(rows)
        return
    emit_table(
        ["entity", "kind", "aliases", "surfaces", "aliases_from"],
        ([*list(row.values())[:4], ", ".join(row["aliases_from"])] for row in rows),
        empty="no entities in the config",
    )


def _entity_row(entity: Entity, matcher: Matcher) -> dict[str, Any]:
    surfaces = matcher.surfaces(entity.id)
    return {
        "entity": entity.id,
        "kind": entity.kind,
        "aliases": len({(each.alias, each.lang) for each in surfaces}),
        "surfaces": len({each.text for each in surfaces}),
        "aliases_from": list(entity.aliases_from),
    }


def _show_surfaces(surfaces: tuple[Surface, ...], *, json: bool) -> None:
    rows = [
        {
            "surface": each.text + ("*" if each.prefix else ""),
            "language": each.lang,
            "alias": each.alias,
            "how": each.how,
            "prefix": each.prefix,
            "case": each.case,
            "fuzzy": each.fuzzy,
            "when": each.when,
        }
        for each in surfaces
    ]
    if json:
        emit_json(rows)
        return
    emit_table(
        ["surface", "language", "alias", "how"],
        (
            [each.text, each.lang, each.alias, ", ".join(_how(each))]
            for each in surfaces
        ),
        empty="no spellings",
    )


def _how(surface: Surface) -> Iterator[str]:
    """How a surface is matched, in words: ``prefix, any ending``, ``case counts``."""
    yield "prefix" if surface.prefix else surface.how
    if surface.case:
        yield "case counts"
    if surface.fuzzy:
        yield f"fuzzy up to {surface.fuzzy} edit{'s' if surface.fuzzy > 1 else ''}"
    if surface.when:
        yield f"when {surface.when}"


def _show_named(
    matcher: Matcher, text: str, language: str | None, *, json: bool
) -> None:
    from alerts.model import Document

    named = matcher.entities(Document(title=text, text="", language=language))
    if json:
        emit_json(
            {
                "entity": each.entity,
                "surface": each.surface,
                "how": each.how,
                "start": each.start,
                "end": each.end,
                "needs": each.needs,
            }
            for each in named
        )
    else:
        emit_table(
            ["entity", "surface", "how", "only with"],
            ([each.entity, each.surface, each.how, each.needs] for each in named),
            empty="names no entity",
        )
    if all(each.needs for each in named):
        raise typer.Exit(FAILED)
