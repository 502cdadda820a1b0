"""What the daemon serves over HTTP: /healthz and /metrics; later the desk page."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vedette.errors import AddressTaken
from vedette.health import checks, status_json
from vedette.webguard import PasswordGuard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric
    from starlette.requests import Request

    from vedette.daemon import Daemon

log = logging.getLogger(__name__)


@contextmanager
def _no_capture() -> Iterator[None]:
    yield


LOCAL_NAMES = ["127.0.0.1", "localhost", "[::1]"]


class _Numbers:
    """The /metrics collector: read from the store when asked, kept nowhere."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon

    def collect(self) -> Iterator[Metric]:
        """Counts without titles, URLs or names of people (A75)."""
        daemon = self.daemon
        health = daemon.jobs.store.health(daemon.clock())
        rows = GaugeMetricFamily(
            "vedette_deliveries", "Outbox rows by state", labels=["state"]
        )
        for state, count in health.deliveries.items():
            rows.add_metric([state.value], count)
        yield rows
        yield GaugeMetricFamily("vedette_items", "Stored items", health.items)
        yield GaugeMetricFamily(
            "vedette_items_pending", "Items that wait for evaluation", health.pending
        )
        yield GaugeMetricFamily(
            "vedette_oldest_due_seconds",
            "Age of the oldest message that could have left",
            health.overdue.total_seconds(),
        )
        sources = GaugeMetricFamily(
            "vedette_sources", "Watched sources by state", labels=["state"]
        )
        for name, count in daemon.source_states().items():
            sources.add_metric([name], count)
        yield sources
        tallies = CounterMetricFamily(
            "vedette_source_entries",
            "Entries and polls per source since its adoption",
            labels=["source", "what"],
        )
        for source, counts in health.tallies.items():
            for what, count in counts.items():
                tallies.add_metric([source, what], count)
        yield tallies
        jobs = CounterMetricFamily(
            "vedette_jobs", "Job runs and failures of this process", labels=["what"]
        )
        for what, count in daemon.engine.counts.items():
            jobs.add_metric([what], count)
        yield jobs


def web_app(daemon: Daemon) -> Starlette:
    """The application; it answers only to loopback names unless bound elsewhere."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Numbers(daemon))

    async def healthz(_: Request) -> Response:
        now = daemon.clock()
        health = await asyncio.to_thread(daemon.jobs.store.health, now)
        body = status_json(checks(health, now, stale_config=daemon.stale_config))
        return JSONResponse(body, 200 if body["status"] == "ok" else 503)

    async def metrics(_: Request) -> Response:
        text = await asyncio.to_thread(generate_latest, registry)
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    host = daemon.config.web.host
    names = LOCAL_NAMES if host in {*LOCAL_NAMES, "::1"} else ["*"]
    guards = [Middleware(TrustedHostMiddleware, allowed_hosts=names)]
    if daemon.config.web.password is not None:
        guards.append(Middleware(PasswordGuard, password=daemon.config.web.password))
    return Starlette(
        routes=[Route("/healthz", healthz), Route("/metrics", metrics)],
        middleware=guards,
    )


class WebServer:
    """uvicorn in the daemon's loop; the daemon keeps the signals for itself."""

    def __init__(self, daemon: Daemon) -> None:
        web = daemon.config.web
        self._server = uvicorn.Server(
            uvicorn.Config(
                web_app(daemon),
                host=web.host,
                port=web.port,
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=2,
            )
        )
        # uvicorn would take SIGTERM away from the daemon's drain.
        self._server.capture_signals = _no_capture  # type: ignore[method-assign]
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> tuple[str, int]:
        """Listen; the address in use, which tells the port when 0 was asked for.

        Raises:
            AddressTaken: the address cannot be listened on.
        """
        self._task = asyncio.create_task(self._serve())
        while not self._server.started:
            if self._task.done():
                await self._task
                raise self._taken()
            await asyncio.sleep(0.01)
        name = self._server.servers[0].sockets[0].getsockname()
        return str(name[0]), int(name[1])

    async def _serve(self) -> None:
        try:
            await self._server.serve()
        except SystemExit as error:
            # uvicorn exits the process when it cannot bind; a daemon must not.
            raise self._taken() from error

    def _taken(self) -> AddressTaken:
        config = self._server.config
        return AddressTaken(
            f"cannot listen on {config.host}:{config.port}: another program does, or "
            "the address is not this machine's; change `web: {listen: …}`"
        )

    async def stop(self) -> None:
        """Stop listening and end open connections."""
        self._server.should_exit = True
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
