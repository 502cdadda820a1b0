"""Commands for the operator: backup, migrate, schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vedette.cli.app import (
    USAGE,
    AsJson,
    app,
    config_of,
    emit_json,
    stop,
    store_of,
)


@app.command()
def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write the copy.")],
    json: AsJson = False,
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
    size = file.stat().st_size
    if json:
        emit_json([{"file": str(file), "bytes": size}])
    else:
        print(f"{file}: {size} bytes")


@app.command()
def migrate(ctx: typer.Context, json: AsJson = False) -> None:
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
    if json:
        emit_json([{"store": str(path), "schema": version}])
    else:
        print(f"{path}: schema {version}")


@app.command()
def schema(
    json: Annotated[bool, typer.Option("--json", help="The default.")] = True,  # noqa: ARG001 - accepted for scripts
) -> None:
    """Print the JSON Schema of config.yaml, for editors.

    Example: `vedette schema > vedette.schema.json`
    """
    from json import dumps

    from vedette.config import json_schema

    print(dumps(json_schema(), indent=2, ensure_ascii=False))
