"""Commands that exchange with other programs: import-opml, export-opml, export."""

from __future__ import annotations

import asyncio
import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vedette.cli.app import USAGE, app, config_of, emit_json, shown, stop

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crawler.items import Source
    from crawler.opml import Subscription


@app.command("import-opml")
def import_opml(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The OPML file of a feed reader.")],
    to: Annotated[
        Path | None, typer.Option("--to", help="Write here instead of stdout.")
    ] = None,
) -> None:
    """Turn a feed reader's list into sources: YAML to paste, or to `include:`.

    Example: `vedette import-opml feeds.opml --to feeds.yaml`

    Folders and categories become tags. A feed that is in the list twice, or in the
    config already, is left out and named on stderr.
    """
    from crawler.sourceyaml import write_sources
    from vedette.exchange import as_sources

    if to is not None and to.exists():
        stop(f"{to} exists; choose another name", USAGE)
    try:
        body = file.read_bytes()
    except OSError as error:
        stop(f"{file}: {error.strerror}", USAGE)
    imported = as_sources(asyncio.run(_parsed(body)), _present(ctx))
    for line in imported.left_out:
        print(f"vedette: left out: {shown(line)}", file=sys.stderr)
    if not imported.sources:
        stop(f"{file}: no feed that is not in the config already")
    text = write_sources(imported.sources)
    if to is None:
        sys.stdout.write(text)
        return
    to.write_text(text, encoding="utf-8")
    print(f"{to} written: {len(imported.sources)} sources; add it to `include:`")


async def _parsed(body: bytes) -> tuple[Subscription, ...]:
    from crawler.pool import ParserPool

    pool = ParserPool(workers=1)
    try:
        found: tuple[Subscription, ...] = await pool.run("opml", body)
    finally:
        await pool.aclose()
    return found


def _present(ctx: typer.Context) -> Mapping[str, Source]:
    """The sources of the config, none if there is no config yet."""
    from crawler.sources import load_sources

    config: Path = ctx.obj.config
    return load_sources(config).sources if config.exists() else {}


@app.command("export-opml")
def export_opml(ctx: typer.Context) -> None:
    """Print the config's feeds as OPML, for a feed reader.

    Example: `vedette export-opml > feeds.opml`

    Sitemaps, list pages and JSON have no place in OPML; dead feeds stay out too.
    """
    from crawler.items import Kind
    from crawler.opml import write_opml
    from crawler.sources import load_sources

    book = load_sources(ctx.obj.config)
    feeds = [
        each
        for each in book.sources.values()
        if each.kind is Kind.FEED and each.enabled
    ]
    sys.stdout.write(write_opml(feeds, title="Vedette"))
    if rest := len(book.sources) - len(feeds):
        print(f"vedette: {rest} sources left out: dead, or no feeds", file=sys.stderr)


@app.command()
def export(
    ctx: typer.Context,
    form: Annotated[
        str, typer.Option("--format", help="jsonl or csv.", metavar="jsonl|csv")
    ] = "jsonl",
) -> None:
    """Print every stored item, oldest first, also while the daemon works.

    Example: `vedette export --format csv > items.csv`

    JSON Lines can be given to `vedette replay`. In CSV a cell that a spreadsheet
    would run as a formula gets a `'` in front.
    """
    from vedette.exchange import exported
    from vedette.store.exporting import archived

    if form not in {"jsonl", "csv"}:
        stop("--format is `jsonl` or `csv`", USAGE)
    path = Path(config_of(ctx).store)
    if not path.exists():
        stop(f"no store at {path} yet: start `vedette run` or `vedette once` first")
    rows = map(exported, archived(path))
    if form == "jsonl":
        emit_json(rows)
    else:
        _write_csv(rows)


def _write_csv(rows: Iterable[dict[str, Any]]) -> None:
    from alerts.rendering.clean import visible
    from vedette.exchange import COLUMNS, defused

    out = csv.writer(sys.stdout, lineterminator="\r\n")
    out.writerow(COLUMNS)
    for row in rows:
        cells = (_cell(value).split("\n") for value in row.values())
        out.writerow([defused("\n".join(map(visible, lines))) for lines in cells])


def _cell(value: Any) -> str:
    from datetime import UTC, datetime

    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, list):
        return "; ".join(value)
    return "" if value is None else str(value)
