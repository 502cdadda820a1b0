"""Commands that act on what is there: ack, silence, send-test."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Annotated

import typer

from vedette.cli.app import (
    FAILED,
    USAGE,
    AsJson,
    app,
    config_of,
    emit_json,
    shown,
    stop,
    store_of,
)
from vedette.cli.looking import when

if TYPE_CHECKING:
    from alerts.model import Channel, Receipt

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


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
