"""Commands that read texts without a store: replay and preview."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vedette.cli.app import (
    FAILED,
    USAGE,
    app,
    config_of,
    emit_json,
    is_zone,
    shown,
    stop,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@app.command()
def replay(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Items as JSON Lines; - is stdin.")],
    stories: Annotated[
        str, typer.Option("--stories", help="`all`: name the story of every item.")
    ] = "matched",
    no_dedupe: Annotated[
        bool, typer.Option("--no-dedupe", help="Judge every item as if the first.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The default.")] = True,  # noqa: ARG001 - accepted for scripts
) -> None:
    """Run items from a file through the real matcher and policy; sends nothing.

    Example: `vedette replay items.jsonl > verdicts.jsonl`

    Input lines: `{"id","url","title","text","lang","source","published"}`, only the
    id and a title or text required. The same file and config give equal output.
    """
    from vedette.replay import BadLine
    from vedette.replay import replay as replay_lines
    from vedette.setup import compile_watch

    if stories not in {"matched", "all"}:
        stop("--stories is `matched` or `all`", USAGE)
    watch = compile_watch(config_of(ctx))
    try:
        lines = replay_lines(
            _lines(file), watch, all_stories=stories == "all", dedupe=not no_dedupe
        )
        emit_json(lines)
    except BadLine as error:
        stop(f"{'standard input' if str(file) == '-' else file}: {error}", USAGE)


def _lines(file: Path) -> Iterator[str]:
    """The lines of a UTF-8 file, with a progress bar when stderr is a terminal."""
    if str(file) == "-":
        yield from sys.stdin
        return
    try:
        size = file.stat().st_size
        with file.open(encoding="utf-8", newline="\n") as lines:
            if not sys.stderr.isatty():
                yield from lines
                return
            from rich.console import Console
            from rich.progress import Progress

            with Progress(console=Console(stderr=True), transient=True) as bar:
                task = bar.add_task("replay", total=size)
                for line in lines:
                    yield line
                    bar.advance(task, len(line.encode("utf-8", "replace")))
    except (OSError, UnicodeDecodeError) as error:
        stop(f"{file}: {error}", USAGE)


@app.command()
def preview(
    ctx: typer.Context,
    what: Annotated[
        list[str], typer.Argument(metavar="URL|FILE...", help="What to read.")
    ],
    kind: Annotated[
        str, typer.Option("--kind", help="feed, sitemap, listing or json.")
    ] = "feed",
    base_url: Annotated[
        str, typer.Option("--base-url", help="Resolve links against this.")
    ] = "",
    timezone: Annotated[
        str, typer.Option("--timezone", help="For times without a zone.")
    ] = "UTC",
    language: Annotated[
        str, typer.Option("--language", help="A hint; detected when absent.")
    ] = "",
    article: Annotated[
        bool, typer.Option("--article", help="The article of each HTML page.")
    ] = False,
    source: Annotated[
        str, typer.Option("--source", help="Take kind and selectors from this source.")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="The default.")] = True,  # noqa: ARG001 - accepted for scripts
) -> None:
    """Show what a source would yield, as JSON Lines of items; stores nothing.

    Example: `vedette preview https://www.eunews.it/en/feed/`

    Example: `vedette preview --kind sitemap news.xml --base-url https://example.org/`

    Without a source, `--kind json` takes the longest list of titles and links.
    """
    from vedette.preview import Preview

    if not is_zone(timezone):
        stop(f"--timezone: no zone {timezone!r}; try Europe/Brussels", USAGE)
    if base_url and not base_url.startswith(("http://", "https://")):
        stop("--base-url: expected an address such as https://example.org/", USAGE)
    view = Preview(
        kind=kind,
        base_url=base_url or None,
        timezone=timezone,
        language=language or None,
        article=article,
        source=source or None,
        config=ctx.obj.config,
    )

    def complain(line: str) -> None:
        print(f"vedette: {shown(line)}", file=sys.stderr)

    read = asyncio.run(
        view.show(what, emit=lambda row: emit_json([row]), complain=complain)
    )
    if not read:
        raise typer.Exit(FAILED)
