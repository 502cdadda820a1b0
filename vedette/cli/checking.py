"""Commands that set up and check a config: init, check."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.errors import ConfigError
from vedette.cli.app import (
    FAILED,
    USAGE,
    AsJson,
    app,
    cache_of,
    config_of,
    emit_json,
    is_zone,
    show_problems,
    shown,
    stop,
)

if TYPE_CHECKING:
    from alerts.matching import Borrowed
    from vedette.config import Config


@app.command()
def check(
    ctx: typer.Context,
    offline: Annotated[
        bool, typer.Option("--offline", help="Do not try to reach the channels.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Validate the config, its secrets and channels, and run every topic's examples.

    Example: `vedette check --offline`

    Exit 2 for a config that cannot be used, 1 for an example that comes out wrong, a
    missing secret or a channel that cannot be reached.
    """
    from crawler.clock import utc_now
    from vedette.checks import check_examples, common_spellings, probe_channels
    from vedette.setup import compile_watch, open_senders

    config = config_of(ctx)
    watch = compile_watch(config, cache=cache_of(config))
    open_senders(config, clock=utc_now)
    show_problems(config.notes())
    show_problems(common_spellings(config, watch))
    for borrowed in watch.matcher.borrowed:
        print(shown(_told(borrowed)))
    failures = [str(problem) for problem in config.missing_secrets()]
    ran, wrong = check_examples(config, watch)
    failures += wrong
    if not offline:
        failures += asyncio.run(probe_channels(config))
    for failure in failures:
        print(shown(failure), file=sys.stderr)
    counts = {
        "sources": len(config.sources),
        "entities": len(config.entities),
        "topics": len(config.topics),
        "channels": len(config.channels),
    }
    if json:
        ended = {"examples": ran, "wrong": len(wrong), "failures": failures}
        emit_json([{**counts, **ended}])
    else:
        declared = ", ".join(f"{n} {what}" for what, n in counts.items())
        print(
            f"{declared}; {ran} examples run, {len(wrong)} wrong; "
            f"{len(failures)} failures"
        )
    if failures:
        raise typer.Exit(FAILED)


def _told(borrowed: Borrowed) -> str:
    sources = ", ".join(borrowed.sources)
    return (
        f"{borrowed.entity}: {len(borrowed.added)} aliases from {sources} "
        f"({len(borrowed.left_out)} left out)"
    )


_TEMPLATE = """\
# Vedette's configuration; every key is explained in docs/config.md.
store: data/vedette.db
include: [pack:eu-korea-russia]
{contact}
channels:
  screen: {{kind: console}}
  log: {{kind: file, path: data/alerts.jsonl}}
{mail}"""

_MAIL = """\
  desk:
    kind: email
    to: [{to}]
    from: {sender}
    server: {server}
{password}    timezone: {zone}
"""


@app.command()
def init(
    ctx: typer.Context,
    mail: Annotated[
        str, typer.Option(help="Where alerts go; empty for none.", prompt=True)
    ] = "",
    server: Annotated[
        str, typer.Option(help="SMTP URL, such as smtp://user@mail.host:587.")
    ] = "",
    zone: Annotated[
        str, typer.Option(help="Time zone of the desk.", prompt="Time zone")
    ] = "Europe/Brussels",
    languages: Annotated[
        str,
        typer.Option(
            help="Languages you read, such as en,ko,ru; sources in others are left "
            "out. Empty for all.",
            prompt=True,
        ),
    ] = "",
    send: Annotated[
        bool, typer.Option("--test/--no-test", help="Send a test mail at the end.")
    ] = True,
) -> None:
    """Ask for mail, time zone and languages, write the config, send a test.

    Example: `vedette init --mail desk@news.eu --server smtp://u@mail.news.eu:587`
    """
    path: Path = ctx.obj.config
    if path.exists():
        stop(f"{path} exists; move it away or give another name with -c", USAGE)
    if mail and not server:
        server = typer.prompt("SMTP server (smtp://user@host:587)")
    while not is_zone(zone):
        print(f"vedette: no time zone {shown(zone)!r}", file=sys.stderr)
        zone = typer.prompt("Time zone (such as Europe/Brussels)")
    text = _written(mail=mail, server=server, zone=zone)
    try:
        path.write_text(text, encoding="utf-8")
        left_out = _left_out(config_of(ctx), languages)
        path.write_text(text + left_out, encoding="utf-8")
        config = config_of(ctx)
    except ConfigError:
        path.unlink()
        raise
    print(f"{path} written: {len(config.sources)} sources, {len(config.topics)} topics")
    if mail:
        _finish_mail(config, send=send)
    print("next: `vedette check`, then `vedette run`")


def _written(*, mail: str, server: str, zone: str) -> str:
    block = ""
    if mail:
        needs_password = "@" in server
        block = _MAIL.format(
            to=mail,
            sender=mail,
            server=server,
            password="    password: {env: SMTP_PASSWORD}\n" if needs_password else "",
            zone=zone,
        )
    contact = f"contact: mailto:{mail}" if mail else "# contact: mailto:you@your.org"
    return _TEMPLATE.format(contact=contact, mail=block)


def _left_out(config: Config, languages: str) -> str:
    """YAML that removes the pack's sources in languages the desk does not read."""
    wanted = {word.strip().lower() for word in languages.split(",") if word.strip()}
    if not wanted:
        return ""
    lines = [
        f"  {name}: null"
        for name, source in config.sources.items()
        if source.language and source.language not in wanted
    ]
    return "\nsources:\n" + "\n".join(lines) + "\n" if lines else ""


def _finish_mail(config: Config, *, send: bool) -> None:
    missing = config.missing_secrets()
    if missing:
        print("before you start: export SMTP_PASSWORD=…, then `vedette send-test desk`")
        return
    if not send:
        return
    from vedette.cli.handling import send_tests

    for recipient, receipt in asyncio.run(
        send_tests(config.channels["desk"], config.allow)
    ):
        print(shown(f"test mail to {recipient}: {receipt.outcome} {receipt.detail}"))
