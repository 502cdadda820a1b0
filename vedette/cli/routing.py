"""The command that shows the routing without sending: route."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from vedette.cli.app import (
    FAILED,
    USAGE,
    AsJson,
    app,
    config_of,
    emit_json,
    emit_table,
    shown,
    stop,
)

if TYPE_CHECKING:
    from datetime import datetime

    from alerts.foreseeing import Foreseen
    from vedette.config import Config


@app.command()
def route(
    ctx: typer.Context,
    topic: Annotated[str, typer.Option(help="The topic that would alert.")] = "",
    severity: Annotated[
        str, typer.Option(help="low, normal, high or critical; the topic's if absent.")
    ] = "",
    at: Annotated[str, typer.Option(help="When, with its zone; now if absent.")] = "",
    cases: Annotated[
        Path | None, typer.Option(help="A YAML list of cases to run as tests.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Say who would get an alert, when and why, at any instant; sends nothing.

    Example: `vedette route --topic kursk --severity high --at 2026-03-29T02:30+01:00`

    Example: `vedette route --cases routes.yaml`, exit 1 if a case comes out otherwise

    A limit counts as unused, silences as absent; no store is needed.
    """
    if not topic and cases is None:
        stop("give --topic, --cases FILE, or both", USAGE)
    config = config_of(ctx)
    if topic:
        _show(config, topic, severity, at, json=json)
    if cases is not None:
        _run(config, cases, json=json)


def _show(config: Config, name: str, severity: str, at: str, *, json: bool) -> None:
    from alerts.foreseeing import foresee
    from alerts.model import Severity
    from crawler.configfile import did_you_mean

    if name not in config.topics:
        stop(f"no topic {shown(name)!r}.{did_you_mean(name, config.topics)}", USAGE)
    topic = config.topics[name]
    if severity and severity not in set(Severity):
        stop(f"--severity is one of {', '.join(Severity)}", USAGE)
    level = Severity(severity) if severity else topic.severity
    found = foresee(topic, level, config.channels.values(), _moment(at))
    if json:
        emit_json(
            {
                "topic": name,
                "severity": level.value,
                "channel": one.channel,
                "recipient": one.recipient,
                "way": one.way.value,
                "at": one.at,
                "why": one.why,
            }
            for one in found
        )
        return
    emit_table(
        ["channel", "to", "gets it", "when", "why"],
        (
            (one.channel, one.recipient, one.way.value, _local(one, config), one.why)
            for one in found
        ),
        empty="the config has no channels",
    )


def _moment(at: str) -> datetime:
    from crawler.clock import utc_now
    from vedette.routecases import read_moment

    try:
        return read_moment(at) if at else utc_now()
    except ValueError as error:
        stop(f"--at: {error}", USAGE)


def _local(one: Foreseen, config: Config) -> str:
    """The time in the channel's zone, in which its quiet time and digests are."""
    if one.at is None:
        return ""
    zone = ZoneInfo(config.channels[one.channel].timezone)
    return one.at.astimezone(zone).isoformat(" ", "minutes")


def _run(config: Config, path: Path, *, json: bool) -> None:
    from vedette.routecases import misses, read_cases

    cases = read_cases(path, config)
    wrong = [problem for case in cases for problem in misses(case, config)]
    for problem in wrong:
        print(shown(problem), file=sys.stderr)
    if json:
        emit_json([{"cases": len(cases), "wrong": [str(one) for one in wrong]}])
    else:
        print(f"{len(cases)} cases run, {len(wrong)} expectations missed")
    if wrong:
        raise typer.Exit(FAILED)
