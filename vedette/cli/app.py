"""The command line's frame: global options, errors to exit codes, output."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crawler.errors import Problem
    from vedette.config import Config
    from vedette.store import Store

FINE, FAILED, USAGE, LOCKED = 0, 1, 2, 3
"""Exit codes (DESIGN section 5)."""

app = typer.Typer(
    name="vedette",
    help="A news watch: feeds and pages in, one explained alert per story out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options given before the command."""

    config: Path
    verbose: bool


AsJson = Annotated[bool, typer.Option("--json", help="JSON Lines instead of a table.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="At most this many.")]


@app.callback()
def options(
    ctx: typer.Context,
    config: Annotated[
        Path, typer.Option("--config", "-c", help="The configuration file.")
    ] = Path("config.yaml"),
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Log what is done, to stderr.")
    ] = False,
) -> None:
    """A news watch: feeds and pages in, one explained alert per story out."""
    from vedette.logs import set_up

    ctx.obj = Options(config=config, verbose=verbose)
    set_up(verbose=verbose)


def config_of(ctx: typer.Context) -> Config:
    """The validated config named by ``-c``.

    Raises:
        ConfigError: shown by ``main`` with every problem; exit 2.
    """
    from vedette.config import load_config

    given: Options = ctx.obj
    return load_config(given.config)


def store_of(config: Config, *, create: bool = False) -> Store:
    """The config's store, opened beside a daemon that may be running.

    A command that only reads makes no empty store: without one, exit 1 says so.
    """
    return open_store(Path(config.store), create=create)


def open_store(path: Path, *, create: bool = False) -> Store:
    """The store at a path, as ``store_of``.

    It is not migrated: a daemon of the version before may be running on it.
    """
    from vedette.store import Store

    known = path.exists()
    if not create and not known:
        stop(f"no store at {path} yet: start `vedette run` or `vedette once` first")
    return Store.open(path, migrate=not known)


def store_even_so(ctx: typer.Context) -> tuple[Path, str | None]:
    """Where the store is, even if the config got broken; then also its first problem.

    Raises:
        ConfigError: the file cannot be read at all.
    """
    from crawler.configfile import load_document
    from crawler.errors import ConfigError

    try:
        return Path(config_of(ctx).store), None
    except ConfigError as error:
        document = load_document(ctx.obj.config, only=("store",))
        store = document.data.get("store") or "data/vedette.db"
        return document.folder / str(store), str(error.problems[0])


def cache_of(config: Config) -> Path | None:
    """Where compiled forms are kept: beside the store, once it has a folder."""
    folder = Path(config.store).parent
    return folder / "cache" if folder.exists() else None


def stop(message: str, code: int = FAILED) -> NoReturn:
    """Say why on stderr and exit."""
    print(f"vedette: {shown(message)}", file=sys.stderr)
    raise typer.Exit(code)


def is_zone(name: str) -> bool:
    """Whether the IANA time zone is known."""
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return False
    return True


def show_problems(problems: Iterable[Problem]) -> None:
    """Config problems on stderr, one a line, file:line first."""
    for problem in problems:
        print(shown(str(problem)), file=sys.stderr)


def shown(value: object) -> str:
    """A value with control characters made visible (A57): terminals obey them."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode()
        for c in str(value)
    )


def emit_json(rows: Iterable[dict[str, Any]]) -> None:
    """Rows as JSON Lines on stdout, keys in their order; controls escaped (A57)."""
    from alerts.rendering.clean import json_line

    for row in rows:
        line = json.dumps(row, ensure_ascii=False, default=_plain)
        sys.stdout.write(json_line(line.encode("utf-8", "replace").decode()) + "\n")
    sys.stdout.flush()


def _plain(value: object) -> str:
    """Times as everywhere in our JSON: RFC 3339, UTC, Z."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


def emit_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str
) -> None:
    """Rows as a table on stdout, or the sentence ``empty`` when there are none."""
    from rich.console import Console

    from vedette.cli.tables import table_of

    cells = [
        [shown("" if v is None else v).replace("\n", "\\n") for v in row]
        for row in rows
    ]
    if not cells:
        print(empty)
        return
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table_of(columns, cells, width=console.width))
