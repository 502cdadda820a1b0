"""The silence command: keep a topic or story quiet, list what is, end it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from vedette.cli.app import (
    USAGE,
    AsJson,
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
    from datetime import datetime

    from vedette.config import Config
    from vedette.store import Store

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


@app.command()
def silence(
    ctx: typer.Context,
    target: Annotated[str, typer.Argument(metavar="TOPIC|STORY")] = "",
    span: Annotated[
        str, typer.Option("--for", help="How long, such as 30m, 4h or 2d.")
    ] = "",
    end: Annotated[bool, typer.Option("--end", help="Let it be heard again.")] = False,
    json: AsJson = False,
) -> None:
    """Keep a topic or story quiet for a while; its rows are kept as suppressed.

    Example: `vedette silence kursk --for 4h`

    Without a topic or story it lists what is silent now.
    """
    from crawler.clock import utc_now

    config, now = config_of(ctx), utc_now()
    if not (target or span or end):
        _list(store_of(config), now, json=json)
        return
    _check(target, config)
    if end is bool(span):
        stop("say how long, as --for 4h, or --end to end it", USAGE)
    until = now if end else _until(span, now)
    store = store_of(config, create=True)
    try:
        if target not in config.topics:
            target = _story(store, target)
        store.silence(target, until, now)
    finally:
        store.close()
    if json:
        emit_json([{"target": target, "until": until}])
    else:
        print(f"{target} is {'heard again' if end else f'silent until {when(until)}'}")


def _check(target: str, config: Config) -> None:
    """A typing error must not look like a silence."""
    from crawler.configfile import did_you_mean

    if target not in config.topics and not _UUID.match(target):
        stop(f"no topic {shown(target)!r}.{did_you_mean(target, config.topics)}", USAGE)


def _until(span: str, now: datetime) -> datetime:
    from crawler.shapes import read_duration

    try:
        return now + read_duration(span)
    except ValueError as error:
        stop(f"--for: {error}", USAGE)


def _story(store: Store, target: str) -> str:
    """The id of the story, or of the one that it went into, if it was merged."""
    (row,) = store.stories(1, target) or (None,)
    if row is None:
        stop(f"no story {target}; see `vedette stories`")
    return row.story.id


def _list(store: Store, now: datetime, *, json: bool) -> None:
    try:
        found = [
            (one, next((r.story.headline for r in store.stories(1, one.target)), ""))
            for one in store.health(now).silences
        ]
    finally:
        store.close()
    if json:
        emit_json({"target": one.target, "until": one.until} for one, _ in found)
        return
    emit_table(
        ["target", "until", "headline"],
        ((one.target, when(one.until), headline) for one, headline in found),
        empty="nothing is silent",
    )
