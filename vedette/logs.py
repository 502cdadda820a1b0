"""Log lines: JSON Lines for machines, one short line for people at a terminal."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

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
            line += "\n" + self.formatException(record.exc_info)
        return line.rstrip()


def _shown(value: object) -> str:
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode()
        for c in str(value)
    )


def set_up(*, verbose: bool) -> None:
    """Send all logging to stderr; call once at the start of a command."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Terminal() if sys.stderr.isatty() else JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO if verbose else logging.WARNING)
    # These three announce every request or engine step at INFO.
    for noisy in ("httpx", "httpcore", "scrapy", "twisted", "apscheduler", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
