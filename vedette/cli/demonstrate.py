"""The command that shows it all: demo."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from vedette.cli.app import FAILED, app, shown


@app.command()
def demo(
    log: Annotated[
        Path, typer.Option(help="The file that alerts are appended to.")
    ] = Path("data/alerts.jsonl"),
    limit: Annotated[
        float, typer.Option("--for", min=5, help="Seconds to run at most.")
    ] = 45,
) -> None:
    """Watch a miniature web on this machine: no network, no configuration.

    Starts four small news sites (English, Korean, Russian), a mail sink and the real
    daemon, and shows alerts arriving on the terminal, in the mail sink and in
    data/alerts.jsonl.

    Example: `vedette demo`
    """
    from vedette.demo.stage import EXPECTED_ALERTS, Stage

    # SIGTERM ends the stage as Ctrl-C does, and with it the daemon it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))

    def say(line: str) -> None:
        print(f"demo  {shown(line)}", file=sys.stderr, flush=True)

    say("four news sites and a mail sink on loopback; the real daemon watches them")
    seen = Stage(log=log, say=say).play(limit_s=limit)
    if not seen.complete:
        say(
            f"only {seen.mails} mails and {seen.lines} lines of {EXPECTED_ALERTS} "
            f"came within {limit:g} s"
        )
        raise typer.Exit(FAILED)
    say(
        f"done: {EXPECTED_ALERTS} stories, {seen.mails} mails, {seen.lines} lines in "
        f"{log}; the first after {seen.first_s:.1f} s, all after {seen.all_s:.1f} s"
    )
