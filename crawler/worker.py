"""One killable process that parses what the network sent: `python -m crawler.worker`.

It talks over the inherited socket only, so nothing a parser prints can corrupt a
frame, and imports a parser when its first job comes.
"""

from __future__ import annotations

import importlib
import math
import os
import pickle
import resource
import signal
import socket
import struct
import sys
from typing import Any

from crawler.errors import ParseError

JOBS = {
    "feed": ("crawler.feeds", "parse_feed"),
    "sitemap": ("crawler.sitemaps", "parse_sitemap"),
    "listing": ("crawler.listings", "parse_listing"),
    "json": ("crawler.jsonlists", "parse_json"),
    "guess-json": ("crawler.jsonfinding", "guess_rules"),
    "survey": ("crawler.survey", "survey_page"),
    "opml": ("crawler.opml", "parse_opml"),
    "article": ("crawler.articles", "extract_article"),
}
"""Job name to module and function, looked up when the job first comes."""

HEADER = struct.Struct("!Q")
"""Length of the pickle that follows."""

_MEMORY = 1 << 30
"""Address space; a worker with trafilatura and the language model peaks at 180 MB."""
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    """Answer jobs until the parent closes its end.

    Frames to the worker are ``(job, args, kwargs, cpu_s)``; frames back are
    ``("ready",)`` once, then ``("ok", result)``, ``("parse", reason, detail)`` for a
    ``ParseError`` or ``("failed", detail)`` for any other exception.
    """
    for signum in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # meant for the daemon, which ends us
        signal.signal(signum, signal.SIG_IGN)
    _die_with_parent()
    _limit(resource.RLIMIT_AS, _MEMORY)
    _limit(resource.RLIMIT_CORE, 0)
    channel = socket.socket(fileno=int(sys.argv[1]))
    with channel:
        _send(channel, ("ready",))
        while (frame := _receive(channel)) is not None:
            job, args, kwargs, cpu_s = pickle.loads(frame)  # noqa: S301 - our parent's
            _limit_cpu(cpu_s)
            _send(channel, answer(job, args, kwargs))


def answer(job: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """Run one job; every exception becomes an answer."""
    try:
        module, function = JOBS[job]
        return (
            "ok",
            getattr(importlib.import_module(module), function)(*args, **kwargs),
        )
    except ParseError as error:
        return ("parse", error.reason.value, error.detail)
    except Exception as error:  # noqa: BLE001 - the job boundary: told to the parent
        return ("failed", f"{type(error).__name__}: {error}"[:500])


def _send(channel: socket.socket, message: tuple[Any, ...]) -> None:
    frame = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    channel.sendall(HEADER.pack(len(frame)) + frame)


def _receive(channel: socket.socket) -> bytes | None:
    head = _exactly(channel, HEADER.size)
    return None if head is None else _exactly(channel, HEADER.unpack(head)[0])


def _exactly(channel: socket.socket, count: int) -> bytes | None:
    """So many bytes, None when the parent is gone."""
    got = bytearray()
    while len(got) < count:
        chunk = channel.recv(min(count - len(got), 1 << 20))
        if not chunk:
            return None
        got += chunk
    return bytes(got)


def _die_with_parent() -> None:
    """A busy worker would notice the closed socket only after its job."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(sys.argv[2]):  # it died before the call
            os._exit(0)


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def _limit_cpu(seconds: float) -> None:
    """CPU time this job may take, counted on top of what was used so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


if __name__ == "__main__":
    main()
