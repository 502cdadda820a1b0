"""Commands that show: sources, alerts, why, health."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.diagnosis import hours
from crawler.target import masked
from crawler.usual import usual_of
from vedette.cli.app import (
    FAILED,
    USAGE,
    AsJson,
    Limit,
    app,
    cache_of,
    config_of,
    emit_json,
    emit_table,
    open_store,
    shown,
    stop,
    store_even_so,
    store_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.sourcewatch import Episode
    from crawler.items import Source, SourceState
    from vedette.config import Config
    from vedette.health import Check
    from vedette.store.records import AlertRow


def when(moment: datetime | None) -> str:
    """A time for tables: UTC, to the minute; empty when there is none."""
    return moment.strftime("%Y-%m-%d %H:%MZ") if moment else ""


@app.command()
def sources(
    ctx: typer.Context,
    health: Annotated[
        bool, typer.Option("--health", help="State, reason, success, yield, next poll.")
    ] = False,
    score: Annotated[
        str,
        typer.Option("--score", metavar="NAME", help="What its operator sees of us."),
    ] = "",
    json: AsJson = False,
) -> None:
    """List the watched sources, and how each is doing.

    Example: `vedette sources --health`
    """
    from crawler.clock import utc_now

    config = config_of(ctx)
    if score:
        _show_score(config, score, json=json)
        return
    states: dict[str, SourceState] = {}
    ill: dict[str, list[Episode]] = {}
    if Path(config.store).exists():
        store = store_of(config)
        try:
            states = store.states()
            for one in store.health(utc_now()).episodes:
                if one.ended is None:
                    ill.setdefault(one.name, []).append(one)
        finally:
            store.close()
    rows = [
        _source_row(s, states.get(s.name), ill.get(s.name, []))
        for s in config.sources.values()
    ]
    if json:
        emit_json(rows)
        return
    columns = ["name", "kind", "language", "owner", "url"]
    if health:
        columns = ["name", "state", "reason", "trouble", "last_success", "yield"]
        columns += ["last_new", "expected_gap", "next_poll"]
    emit_table(
        columns,
        ([_cell(row[c]) for c in columns] for row in rows),
        empty="no sources in the config",
    )


def _show_score(config: Config, name: str, *, json: bool) -> None:
    from crawler.configfile import did_you_mean
    from vedette.cli.scoring import score_json, score_of, score_rows

    if name not in config.sources:
        stop(f"no source {name!r}.{did_you_mean(name, config.sources)}", USAGE)
    store = store_of(config)
    try:
        found = score_of(store, name)
    finally:
        store.close()
    if json:
        emit_json([score_json(name, found)] if found else [])
    else:
        rows = score_rows(found) if found else ()
        emit_table(["what", "seen"], rows, empty="no request yet")


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(f"{one['reason']} since {one['since']:%d %b}" for one in value)
    return when(value) if isinstance(value, datetime) else str(value or "")


def _source_row(
    source: Source, state: SourceState | None, ill: Iterable[Episode]
) -> dict[str, Any]:
    usual = usual_of(source.name, state.arrivals if state else b"")
    reason = state.reason.value if state and state.reason else None
    if not source.enabled:
        reason = source.why or "dead"
    return {
        "name": source.name,
        "kind": source.kind.value,
        "url": masked(source.url),
        "language": source.language,
        "owner": source.owner,
        "country": source.country,
        "tags": list(source.tags),
        "state": "dead" if not source.enabled else state.state if state else "new",
        "reason": reason,
        "detail": state.detail if state else "",
        "trouble": [
            {"reason": one.ailment.value, "since": one.since, "detail": one.detail}
            for one in ill
        ],
        "failures": state.failures if state else 0,
        "last_attempt": state.attempted if state else None,
        "last_success": state.succeeded if state else None,
        "yield": state.yielded if state else 0,
        "last_new": usual.last,
        "expected_gap": hours(usual.gap) if usual.gap else None,
        "next_poll": state.due if state and source.enabled else None,
    }


@app.command()
def alerts(ctx: typer.Context, limit: Limit = 50, json: AsJson = False) -> None:
    """List the alerts made, newest first.

    Example: `vedette alerts -n 10`, then `vedette ack ID`
    """
    store = store_of(config_of(ctx))
    try:
        rows = store.alerts(limit)
    finally:
        store.close()
    if json:
        emit_json(_alert_json(row) for row in rows)
        return
    emit_table(
        ["id", "made", "severity", "topic", "score", "source", "told", "headline"],
        (
            (
                row.alert.id,
                when(row.alert.created),
                row.alert.severity.value,
                row.alert.topic,
                row.alert.score,
                row.source,
                ", ".join(f"{n} {s.value}" for s, n in row.told.items()),
                row.headline,
            )
            for row in rows
        ),
        empty="no alerts yet",
    )


def _alert_json(row: AlertRow) -> dict[str, Any]:
    alert = row.alert
    return {
        "id": alert.id,
        "created": alert.created,
        "topic": alert.topic,
        "severity": alert.severity.value,
        "reason": alert.reason.value,
        "kind": alert.kind,
        "milestone": alert.milestone,
        "score": alert.score,
        "threshold": alert.threshold,
        "story": alert.story_id,
        "item": alert.item_id,
        "acknowledged": row.acknowledged,
        "headline": row.headline,
        "title": row.title,
        "url": row.url,
        "source": row.source,
        "told": {state.value: count for state, count in row.told.items()},
    }


@app.command()
def why(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="URL|ITEM", help="An item.")],
    topic: Annotated[
        str, typer.Option("--topic", help="Judge this topic in full.")
    ] = "",
    json: AsJson = False,
) -> None:
    """Say why an item alerted, or which gate stopped it.

    Example: `vedette why https://www.eunews.it/en/2024/10/28/… --topic eu-rok`
    """
    from crawler.configfile import did_you_mean
    from vedette.setup import compile_watch
    from vedette.why import sentences
    from vedette.why import why as ask

    config = config_of(ctx)
    if topic and topic not in config.topics:
        stop(f"no topic {topic!r}.{did_you_mean(topic, config.topics)}", USAGE)
    store = store_of(config)
    try:
        watch = compile_watch(config, cache=cache_of(config))
        answer = ask(store, watch, what, topic or None)
    finally:
        store.close()
    if json:
        emit_json([answer])
        return
    for line in sentences(answer):
        print(shown(line))


@app.command()
def health(ctx: typer.Context, json: AsJson = False) -> None:
    """Say whether the daemon is well; exit 1 if not.

    Example: `vedette health` (as a container's health check)
    """
    from crawler.clock import utc_now
    from crawler.errors import ConfigError
    from vedette.health import checks, is_well, status_json
    from vedette.reloading import refusal
    from vedette.store import StoreLock

    channels, stale = None, None
    try:
        config = config_of(ctx)
        path, channels = Path(config.store), config.channels
    except ConfigError:
        path, stale = store_even_so(ctx)
    store = open_store(path)
    try:
        now = utc_now()
        # What the file says now, and what the daemon said of it when it was reloaded:
        # an unset secret or a refused query shows there only.
        lock = StoreLock(path)
        stale, running = stale or refusal(lock), lock.holder() is not None
        found = checks(
            store.health(now),
            now,
            stale_config=stale,
            running=running,
            channels=channels,
        )
    finally:
        store.close()
    if json:
        emit_json([status_json(found)])
    else:
        emit_table(
            ["check", "", "detail"],
            ((c.name, _verdict(c), c.detail) for c in found),
            empty="",
        )
    if not is_well(found):
        raise typer.Exit(FAILED)


def _verdict(check: Check) -> str:
    if check.ok:
        return "ok"
    return "FAILING" if check.vital else "look"
