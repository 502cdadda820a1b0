"""Log lines: JSON Lines for machines, one short line for people at a terminal."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from vedette.logstream import Aside

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
}


def _extras(record: logging.LogRecord) -> dict[str, object]:
    return {k: v for k, v in vars(record).items() if k not in _STANDARD}


class JsonLines(logging.Formatter):
    """One JSON object a record; a hostile title cannot forge a line (A58)."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_extras(record),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True, default=str)


class Terminal(logging.Formatter):
    """Time, message and fields; control characters are shown, not sent (A57)."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one readable line, plus a traceback if there is one."""
        fields = " ".join(f"{k}={_shown(v)}" for k, v in _extras(record).items() if v)
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        line = (
            f"{at} {record.levelname.lower():7} {_shown(record.getMessage())} {fields}"
        )
        if record.exc_info:
            # Indented, so that no line of it looks like one of the log (A58).
            traceback = self.formatException(record.exc_info).split("\n")
            line += "".join(f"\n  {_shown(each)}" for each in traceback)
        return line.rstrip()


class NotEachTime(logging.Filter):
    """Lets a message of asyncio pass once a second.

    Out of descriptors it says so some thousand times a second (A39).
    """

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is passed on; only asyncio repeats itself so."""
        if record.name != "asyncio":
            return True
        if record.created - self._last.get(str(record.msg), 0) < 1:
            return False
        self._last = {str(record.msg): record.created}
        return True


def _shown(value: object) -> str:
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode()
        for c in str(value)
    )


def set_up(*, verbose: bool) -> None:
    """Send all logging to stderr; call once at the start of a command."""
    # A daemon may be started with stderr closed; it keeps alerting (A40).
    stream = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    handler = Aside(stream)
    handler.addFilter(NotEachTime())
    handler.setFormatter(Terminal() if stream.isatty() else JsonLines())
    logging.raiseExceptions = False  # a broken stderr must not print to stderr
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO if verbose else logging.WARNING)
    # These three announce every request or engine step at INFO.
    for noisy in ("httpx", "httpcore", "scrapy", "twisted", "apscheduler", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def announce(line: str) -> None:
    """A line for the person at the terminal, if there is one; after ``set_up``."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, Aside):
            handler.say(f"vedette: {line}")
