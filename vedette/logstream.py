"""Log lines written aside, so that nobody who does not read them holds up the work."""

from __future__ import annotations

import logging
import os
import queue
import threading
from typing import TextIO

WAITING = 1000
"""Lines that may wait for a reader; what comes beyond is lost."""

FLUSH_S = 2.0
"""How long the end of the process waits for a reader."""


class Aside(logging.Handler):
    """Writes to a stream from a thread of its own.

    A terminal held by ^S, a pager, a stuck collector of logs: the line waits, the
    daemon goes on (A40). The thread is a daemon thread and writes past the stream's
    buffer, whose lock it would else keep while the process ends.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._lines: queue.Queue[str] = queue.Queue(WAITING)
        self._writer: threading.Thread | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Take the record; one too many is lost."""
        try:
            self.say(self.format(record))
        except Exception:  # noqa: BLE001 - logging must never be what fails
            self.handleError(record)

    def say(self, line: str) -> None:
        """Take a line as it is."""
        if self._writer is None:
            self._writer = threading.Thread(
                target=self._write_for_ever, name="log", daemon=True
            )
            self._writer.start()
        try:
            self._lines.put_nowait(line + "\n")
        except queue.Full:
            return

    def flush(self) -> None:
        """Wait until all is written, two seconds at most; logging asks at the end."""
        with self._lines.all_tasks_done:
            self._lines.all_tasks_done.wait_for(
                lambda: not self._lines.unfinished_tasks, FLUSH_S
            )

    def _write_for_ever(self) -> None:
        while True:
            line = self._lines.get()
            try:
                self._write(line)
            except (OSError, ValueError):
                pass  # closed or full: it costs the line and nothing else
            finally:
                self._lines.task_done()

    def _write(self, line: str) -> None:
        try:
            number = self._stream.fileno()
        except (OSError, ValueError):
            self._stream.write(line)  # a stream in memory
            self._stream.flush()
            return
        data = line.encode(self._stream.encoding or "utf-8", "backslashreplace")
        while data:
            data = data[os.write(number, data) :]
