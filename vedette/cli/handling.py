"""Commands that act on what is there: ack, send-test."""

from __future__ import annotations

import asyncio
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

if TYPE_CHECKING:
    from alerts.model import Channel, Receipt


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
