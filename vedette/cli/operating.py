"""Commands for the operator: backup, restore, migrate, reload, schema."""

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
    shown,
    stop,
    store_even_so,
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
def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    json: AsJson = False,
) -> None:
    """Put a backup in the place of the store; the old store stays beside it.

    Example: `vedette restore /var/backups/vedette.db`

    Only while no daemon runs: exit 3 otherwise. What was still to be sent when the
    backup was made is sent again, under the same ids.
    """
    from crawler.clock import utc_now
    from vedette.store import StoreLock
    from vedette.store import restore as put_back

    path, _ = store_even_so(ctx)
    stamp = f"{utc_now():%Y%m%dT%H%M%S.%fZ}"
    kept = path.with_name(f"{path.name}.before-{stamp}") if path.exists() else None
    with StoreLock(path):
        put_back(file, path, kept=kept)
    if json:
        row = {"store": str(path), "from": str(file), "kept": kept and str(kept)}
        emit_json([row])
    else:
        old = f"; the old store is {kept}" if kept else ""
        print(f"{path}: restored from {file}{old}")


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
def reload(ctx: typer.Context, json: AsJson = False) -> None:
    """Have the running daemon take the config anew: all of it, or nothing.

    Example: `vedette reload`

    Waits for the outcome; exit 1 and the reason when the old config stays.
    """
    from vedette.reloading import ask
    from vedette.store import StoreLock

    path, _ = store_even_so(ctx)
    outcome = ask(StoreLock(path))
    if json:
        emit_json([{"sources": outcome.sources, "refused": outcome.refused}])
    elif outcome.refused is None:
        print(f"config reloaded, watching {outcome.sources} sources")
        if outcome.strays:
            print(shown(outcome.strays))
    if outcome.refused is not None:
        stop(f"refused, the old config stays:\n{shown(outcome.refused)}")


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
