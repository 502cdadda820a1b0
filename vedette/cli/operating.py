"""Commands for the operator: backup, migrate, schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vedette.cli.app import USAGE, app, config_of, stop, store_of


@app.command()
def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write the copy.")],
) -> None:
    """Write a consistent copy of the store, also while the daemon works.

    Example: `vedette backup /var/backups/vedette.db`
    """
    if file.exists():
        stop(f"{file} exists; choose another name", USAGE)
    store = store_of(config_of(ctx))
    try:
        store.backup(file)
    finally:
        store.close()
    print(f"{file}: {file.stat().st_size} bytes")


@app.command()
def migrate(ctx: typer.Context) -> None:
    """Bring the store to this version's schema; all of it, or nothing.

    Example: `vedette migrate`
    """
    from crawler.clock import utc_now
    from vedette.store import Store, StoreLock

    config = config_of(ctx)
    path = Path(config.store)
    with StoreLock(path):
        store = Store.open(path)
        try:
            version = store.health(utc_now()).schema
        finally:
            store.close()
    print(f"{path}: schema {version}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of config.yaml, for editors.

    Example: `vedette schema > vedette.schema.json`
    """
    import json

    from vedette.config import json_schema

    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
