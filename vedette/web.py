"""What the daemon serves over HTTP: /healthz and /metrics; later the desk page."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from prometheus_client import CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vedette.errors import AddressTaken
from vedette.health import checks, status_json
from vedette.metrics import Numbers
from vedette.webguard import PasswordGuard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from vedette.daemon import Daemon

log = logging.getLogger(__name__)


@contextmanager
def _no_capture() -> Iterator[None]:
    yield


LOCAL_NAMES = ["127.0.0.1", "localhost", "[::1]"]


def web_app(daemon: Daemon) -> Starlette:
    """The application; it answers only to loopback names unless bound elsewhere."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Numbers(daemon))

    async def healthz(_: Request) -> Response:
        now = daemon.clock()
        health = await asyncio.to_thread(daemon.jobs.store.health, now)
        channels = daemon.jobs.setup.channels
        found = checks(health, now, stale_config=daemon.stale_config, channels=channels)
        body = status_json(found)
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
