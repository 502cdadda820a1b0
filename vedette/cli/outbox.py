"""The outbox on the command line: what was and will be sent, again or never."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from vedette.cli.app import (
    USAGE,
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
    from alerts.model import Delivery

outbox_app = typer.Typer(invoke_without_command=True, no_args_is_help=False)
app.add_typer(outbox_app, name="outbox")


@outbox_app.callback()
def outbox(
    ctx: typer.Context,
    state: Annotated[
        str,
        typer.Option(help="pending, leased, delivered, dead or suppressed only."),
    ] = "",
    limit: Limit = 50,
    json: AsJson = False,
) -> None:
    """List what was and will be sent, newest first.

    Example: `vedette outbox --state dead`, then `vedette outbox retry ID`
    """
    if ctx.invoked_subcommand is not None:
        return
    from alerts.model import DeliveryState

    if state and state not in set(DeliveryState):
        stop(f"--state is one of {', '.join(DeliveryState)}", USAGE)
    store = store_of(config_of(ctx))
    try:
        rows = store.outbox(limit, DeliveryState(state) if state else None)
    finally:
        store.close()
    if json:
        emit_json(_delivery_json(row) for row in rows)
        return
    emit_table(
        ["id", "state", "to", "due", "tries", "headline"],
        (
            (
                row.id,
                row.state.value,
                f"{row.channel}: {row.recipient}",
                when(row.due),
                row.attempts,
                " · ".join(filter(None, (row.headline or row.type.value, _said(row)))),
            )
            for row in rows
        ),
        empty="the outbox is empty",
    )


def _said(row: Delivery) -> str:
    return row.detail or (row.reason.value if row.reason else "")


def _delivery_json(row: Delivery) -> dict[str, Any]:
    return {
        "id": row.id,
        "channel": row.channel,
        "recipient": row.recipient,
        "type": row.type.value,
        "severity": row.severity.value,
        "story": row.story_id,
        "alerts": list(row.alert_ids),
        "headline": row.headline,
        "state": row.state.value,
        "reason": row.reason.value if row.reason else None,
        "detail": row.detail,
        "created": row.created,
        "due": row.due,
        "attempts": row.attempts,
        "settled": row.settled,
    }


@outbox_app.command()
def retry(
    ctx: typer.Context,
    delivery: Annotated[str, typer.Argument(metavar="ID")] = "",
    channel: Annotated[
        str, typer.Option(help="All dead rows of this channel, instead of one row.")
    ] = "",
    json: AsJson = False,
) -> None:
    """Send a dead or waiting row again, now, with the same id.

    Example: `vedette outbox retry 6f9619ff-8b86-d011-b42d-00c04fc964ff`, or
    `vedette outbox retry --channel desk` once its server is well again
    """
    _one_or_all_dead(ctx, "retry", delivery, channel, json=json)


@outbox_app.command()
def drop(
    ctx: typer.Context,
    delivery: Annotated[str, typer.Argument(metavar="ID")] = "",
    channel: Annotated[
        str, typer.Option(help="All dead rows of this channel, instead of one row.")
    ] = "",
    json: AsJson = False,
) -> None:
    """Give a row up for good; it stays listed as dropped.

    Example: `vedette outbox drop 6f9619ff-8b86-d011-b42d-00c04fc964ff`, or
    `vedette outbox drop --channel old`, also for a channel that was removed
    """
    _one_or_all_dead(ctx, "drop", delivery, channel, json=json)


def _one_or_all_dead(
    ctx: typer.Context, what: str, delivery: str, channel: str, *, json: bool
) -> None:
    if bool(delivery) is bool(channel):
        stop("name a row's ID, or a --channel for all its dead rows", USAGE)
    if delivery:
        _act(ctx, what, delivery, json=json)
    else:
        _all_dead(ctx, what, channel, json=json)


def _all_dead(ctx: typer.Context, what: str, channel: str, *, json: bool) -> None:
    from crawler.clock import utc_now
    from crawler.configfile import did_you_mean
    from vedette.store import Wish

    config = config_of(ctx)
    known, count = channel in config.channels, 0
    # Nothing is sent to a channel that was removed, but what it left can go.
    if known or what == "drop":
        store = store_of(config)
        try:
            count = store.redirect(channel, Wish(f"{what}_dead"), utc_now())
        finally:
            store.close()
    if not (known or count):
        meant = did_you_mean(channel, config.channels)
        stop(f"no channel {shown(channel)!r}.{meant}", USAGE)
    became = "due now" if what == "retry" else "dropped"
    if json:
        emit_json([{"channel": channel, became.replace(" ", "_"): count}])
    else:
        print(f"{shown(channel)}: {count} dead are {became}")


def _act(ctx: typer.Context, what: str, delivery: str, *, json: bool) -> None:
    from crawler.clock import utc_now
    from vedette.store import Wish

    store = store_of(config_of(ctx))
    try:
        done = store.redirect(delivery, Wish(what), utc_now())
    finally:
        store.close()
    if not done:
        stop(f"no row {shown(delivery)} to {what}; see `vedette outbox`")
    became = "due now" if what == "retry" else "dropped"
    if json:
        emit_json([{"id": delivery, "now": became}])
    else:
        print(f"{delivery}: {became}")
