"""Commands that act on what is there: outbox, ack, silence, send-test."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vedette.cli.app import (
    FAILED,
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
    from alerts.model import Channel, Delivery, Receipt

outbox_app = typer.Typer(invoke_without_command=True, no_args_is_help=False)
app.add_typer(outbox_app, name="outbox")

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


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
    delivery: Annotated[str, typer.Argument(metavar="ID")],
    json: AsJson = False,
) -> None:
    """Send a dead or waiting row again, now, with the same id.

    Example: `vedette outbox retry 6f9619ff-8b86-d011-b42d-00c04fc964ff`
    """
    _act(ctx, "retry", delivery, json=json)


@outbox_app.command()
def drop(
    ctx: typer.Context,
    delivery: Annotated[str, typer.Argument(metavar="ID")],
    json: AsJson = False,
) -> None:
    """Give a row up for good; it stays listed as dropped.

    Example: `vedette outbox drop 6f9619ff-8b86-d011-b42d-00c04fc964ff`
    """
    _act(ctx, "drop", delivery, json=json)


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


@app.command()
def ack(
    ctx: typer.Context,
    alert: Annotated[str, typer.Argument(metavar="ALERT")],
    json: AsJson = False,
) -> None:
    """Acknowledge an alert for all: no escalation, and no place in the next digest.

    Example: `vedette alerts`, then `vedette ack ID`

    It counts for every alert made of the story so far; changes are told anew.
    """
    from crawler.clock import utc_now
    from vedette.store import Wish

    now = utc_now()
    store = store_of(config_of(ctx))
    try:
        known = store.redirect(alert, Wish.ACKNOWLEDGE, now)
    finally:
        store.close()
    if not known:
        stop(f"no alert {shown(alert)}; see the ids of `vedette alerts`")
    if json:
        emit_json([{"alert": alert, "acknowledged": now}])
    else:
        print(f"{alert}: acknowledged")


@app.command()
def silence(
    ctx: typer.Context,
    target: Annotated[str, typer.Argument(metavar="TOPIC|STORY")],
    span: Annotated[
        str, typer.Option("--for", help="How long, such as 30m, 4h or 2d.")
    ],
    json: AsJson = False,
) -> None:
    """Keep a topic or story quiet for a while; its rows are kept as suppressed.

    Example: `vedette silence kursk --for 4h`
    """
    from crawler.clock import utc_now
    from crawler.configfile import did_you_mean
    from crawler.shapes import read_duration

    config = config_of(ctx)
    if target not in config.topics and not _UUID.match(target):
        stop(f"no topic {shown(target)!r}.{did_you_mean(target, config.topics)}", USAGE)
    try:
        length = read_duration(span)
    except ValueError as error:
        stop(f"--for: {error}", USAGE)
    now = utc_now()
    store = store_of(config, create=True)
    try:
        if target not in config.topics:
            (row,) = store.stories(1, target) or (None,)
            if row is None:
                stop(f"no story {target}; see `vedette stories`")
            target = row.story.id  # of the story that it went into, if it was merged
        store.silence(target, now + length, now)
    finally:
        store.close()
    if json:
        emit_json([{"target": target, "until": now + length}])
    else:
        print(f"{target} is silent until {when(now + length)}")


@app.command("send-test")
def send_test(
    ctx: typer.Context,
    channel: Annotated[str, typer.Argument(metavar="CHANNEL")],
    json: AsJson = False,
) -> None:
    """Send one test message through a channel, to each of its recipients.

    Example: `vedette send-test desk`
    """
    from alerts.errors import ChannelError
    from crawler.configfile import did_you_mean
    from crawler.errors import ConfigError

    config = config_of(ctx)
    if channel not in config.channels:
        stop(f"no channel {channel!r}.{did_you_mean(channel, config.channels)}", USAGE)
    missing = [p for p in config.missing_secrets() if f"channels.{channel}" in p.path]
    if missing:
        raise ConfigError(tuple(missing))
    try:
        receipts = asyncio.run(send_tests(config.channels[channel], config.allow))
    except ChannelError as error:
        raise ConfigError((config.problem(error.path, error.message),)) from error
    for recipient, receipt in receipts:
        answer = {
            "channel": channel,
            "recipient": recipient,
            "outcome": receipt.outcome.value,
            "detail": receipt.detail,
        }
        if json:
            emit_json([answer])
        else:
            print(shown(f"{recipient}: {receipt.outcome.value} {receipt.detail}"))
    if any(receipt.outcome.value != "delivered" for _, receipt in receipts):
        raise typer.Exit(FAILED)


async def send_tests(
    channel: Channel, allow: tuple[str, ...]
) -> list[tuple[str, Receipt]]:
    """Send a test letter to every recipient; what each attempt brought."""
    import uuid

    from alerts.channels import open_channel
    from alerts.messages import headline, render
    from alerts.model import (
        Delivery,
        DeliveryState,
        Letter,
        MessageType,
        Severity,
    )
    from crawler.clock import utc_now

    sender = open_channel(channel, allow=allow, clock=utc_now)
    receipts = []
    try:
        for recipient in channel.recipients:
            now = utc_now()
            letter = Letter(
                id=str(uuid.uuid4()),
                type=MessageType.TEST,
                channel=channel,
                recipient=recipient,
                created=now,
            )
            row = Delivery(
                id=letter.id,
                channel=channel.name,
                recipient=recipient,
                type=letter.type,
                severity=Severity.NORMAL,
                story_id=None,
                alert_ids=(),
                headline=headline(letter),
                payload=render(letter),
                state=DeliveryState.LEASED,
                reason=None,
                created=now,
                due=now,
                first_due=now,
                attempts=1,
            )
            receipts.append((recipient, await sender.send(row)))
    finally:
        await sender.aclose()
    return receipts
