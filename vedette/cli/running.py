"""Commands that work: run and once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.errors import ConfigError
from vedette.cli.app import (
    FAILED,
    AsJson,
    app,
    config_of,
    emit_json,
    show_problems,
    shown,
)

if TYPE_CHECKING:
    from vedette.config import Config
    from vedette.once import Summary

LAST_STREAM = 2
"""The number of stderr; 0 and 1 are the other two."""


def working_config(ctx: typer.Context) -> Config:
    """The config of a command that works: with sources, channels and all secrets.

    Raises:
        ConfigError: something of that is missing; exit 2.
    """
    config = config_of(ctx)
    problems = [*config.missing_secrets()]
    if not config.sources:
        problems.append(config.problem(("sources",), "no source to watch"))
    if not config.channels:
        problems.append(config.problem(("channels",), "no channel to alert"))
    if problems:
        raise ConfigError(tuple(problems))
    return config


@app.command()
def run(ctx: typer.Context) -> None:
    """Run the daemon: poll, match, alert, serve health; stop with Ctrl-C or SIGTERM.

    Example: `vedette -c config.yaml run`

    SIGHUP reloads the config: all of it, or nothing and the log says why.
    """
    from vedette.daemon import run as live
    from vedette.logs import announce

    # Until the daemon listens, a reload would end it; it reads the config now anyway.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    _fill_standard_streams()
    config = working_config(ctx)
    show_problems(config.notes())
    _raise_descriptor_limit()
    asyncio.run(live(config, announce))


def _fill_standard_streams() -> None:
    """Put /dev/null where a stream was closed, before a file of ours comes there.

    A library's stray words to descriptor 2 would end up in that file (A40).
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= LAST_STREAM:
        os.set_inheritable(number, True)
    os.close(number)


def _raise_descriptor_limit() -> None:
    """As many files as the system allows: each poll and send needs one (A39)."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@app.command()
def once(
    ctx: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Every source, not only those that are due.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Poll every due source once, judge, deliver what is due, and exit.

    Example: `vedette once --all`

    Exit 1 when a source or a delivery failed; nothing new is no failure.
    """
    config = working_config(ctx)
    summary = asyncio.run(_pass(config, everything=everything))
    for failure in summary.failures:
        print(shown(failure), file=sys.stderr)
    if json:
        emit_json([summary.as_json()])
    else:
        print(summary)
    if not summary.ok:
        raise typer.Exit(FAILED)


async def _pass(config: Config, *, everything: bool) -> Summary:
    from rich.console import Console
    from rich.progress import Progress

    from vedette.once import once as one_pass

    console = Console(stderr=True)
    with Progress(
        console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("polling", total=None)
        return await one_pass(
            config,
            everything=everything,
            on_start=lambda total: bar.update(task, total=total),
            on_poll=lambda _: bar.advance(task),
        )
