"""The whole life of the daemon: start, signals, reload, drain, stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.clock import utc_now
from crawler.errors import ConfigError
from vedette.assembly import assemble
from vedette.config import load_config
from vedette.engine import DRAIN_S, Engine
from vedette.failpoints import Point, reach
from vedette.reloading import Reloaded, answer, strays
from vedette.setup import prepare
from vedette.store import StoreError, StoreLock
from vedette.systemd import ask_for_time, feed_watchdog, notify
from vedette.web import WebServer

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from crawler.clock import Clock
    from vedette.config import Config
    from vedette.jobs import Jobs
    from vedette.setup import Setup

log = logging.getLogger(__name__)

TICK_SILENCE_S = 30.0
"""Without a tick for this long the watchdog is not fed and systemd restarts us."""

LONGEST_STOP_S = DRAIN_S + 20.0
"""The drain, a batch that is being judged, and closing the store."""


NEEDS_RESTART = ("store", "web", "allow", "contact", "retention")
"""What the open store, web server and Fetcher were built with."""


class Daemon:
    """One running watch. ``stale_config`` says why the last reload was refused."""

    def __init__(
        self, config: Config, jobs: Jobs, clock: Clock, lock: StoreLock
    ) -> None:
        self.config = config
        self.jobs = jobs
        self.clock = clock
        self.lock = lock
        self.stale_config: str | None = None
        self.engine = Engine(
            jobs,
            clock=clock,
            items=config.retention.items,
            texts=config.retention.texts,
        )
        self._stop = asyncio.Event()
        self._reload_waits = False
        self._announce: Callable[[str], None] = log.info
        self._reloading = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def source_states(self) -> dict[str, int]:
        """How many watched sources are in each state."""
        states = self.jobs.states
        return dict(
            Counter(states[n].state for n in self.jobs.setup.sources if n in states)
        )

    async def live(self, announce: Callable[[str], None]) -> None:
        """Run until SIGTERM or SIGINT, then drain.

        ``announce`` gets the lines a person at the terminal waits for.
        """
        self._announce = announce
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._on_hangup)
        web = WebServer(self)
        await asyncio.to_thread(self.jobs.store.beat, "engine", self.clock())
        await self.engine.look_at_disk()
        host, port = await web.start()
        self.engine.start()
        self._answer(time.monotonic(), strays=await self._strays())
        announce(f"watching {len(self.jobs.setup.sources)} sources")
        announce(f"health on http://{host}:{port}/healthz")
        notify("READY=1")
        watchdog = asyncio.create_task(feed_watchdog(self._is_fresh))
        try:
            await self._stop.wait()
            announce("stopping: finishing messages under way")
        finally:
            self.lock.note("")
            notify("STOPPING=1")
            watchdog.cancel()
            asking = asyncio.create_task(ask_for_time(LONGEST_STOP_S))
            await self.engine.stop()
            await web.stop()
            asking.cancel()

    def stop(self) -> None:
        """Ask the daemon to drain and end."""
        self._stop.set()

    def _is_fresh(self) -> bool:
        return self.engine.silent_s < TICK_SILENCE_S

    # --- reload ------------------------------------------------------------------

    def _on_hangup(self) -> None:
        if not self._reload_waits:
            self._reload_waits = True
            self._spawn(self.reload())

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def reload(self) -> None:
        """Take the config file anew: all of it, or nothing and the reason is kept."""
        async with self._reloading:
            self._reload_waits = False
            notify("RELOADING=1")
            begun, refused, lost = time.monotonic(), None, ""
            try:
                await self._reload()
                lost = await self._strays()
                self.stale_config = None
                self._announce(
                    f"config reloaded, watching {len(self.jobs.setup.sources)} sources"
                )
            except ConfigError as error:
                self.stale_config, refused = str(error.problems[0]), str(error)
                # The user's mistake, not ours: no traceback.
                log.error(  # noqa: TRY400
                    "Config refused, the old one stays", extra={"why": refused}
                )
            except Exception as error:
                self.stale_config = refused = f"{type(error).__name__}: {error}"
                log.exception("Reload failed, the old config stays")
            finally:
                self._answer(begun, refused, strays=lost)
                notify("READY=1")

    async def _strays(self) -> str:
        """Say what waits for channels that are gone, before it is a dead letter."""
        try:
            health = await asyncio.to_thread(self.jobs.store.health, self.clock())
        except StoreError:
            log.exception("What waits could not be counted")
            return ""
        lost = strays(health.waiting, self.jobs.setup.channels)
        if lost:
            self._announce(lost)
        return lost

    def _answer(
        self, begun: float, refused: str | None = None, *, strays: str = ""
    ) -> None:
        if not self._stop.is_set():
            sources = len(self.jobs.setup.sources)
            outcome = Reloaded(
                begun=begun, sources=sources, refused=refused, strays=strays
            )
            answer(self.lock, outcome)

    async def _reload(self) -> None:
        path = self.config.path
        config = await asyncio.to_thread(load_config, path)
        problems = [*config.missing_secrets()]
        for key in NEEDS_RESTART:
            if getattr(config, key) != getattr(self.config, key):
                place = ("network", key) if key == "allow" else (key,)
                problems.append(config.problem(place, "needs a restart to change"))
        if not (config.sources and config.channels):
            problems.append(config.problem((), "needs sources and channels"))
        if problems:
            raise ConfigError(tuple(problems))
        setup = await asyncio.to_thread(
            prepare, config, clock=self.clock, cache=Path(config.store).parent / "cache"
        )
        reach(Point.RELOADING)
        old = await self.jobs.swap(setup)
        reach(Point.RELOADED)
        self._spawn(_retire(old, set(self.engine.sending)))
        self.config = config
        # Whoever mended a password wants to see it now.
        self._spawn(self.engine.resume())


async def _retire(old: Setup, sending: set[asyncio.Task[None]]) -> None:
    """Close the senders of an old config once its last send has ended."""
    if sending:
        await asyncio.wait(sending)
    await old.aclose()


async def run(config: Config, announce: Callable[[str], None]) -> None:
    """The daemon from start to end.

    Raises:
        ConfigError: a query or alias is refused.
        StoreLocked: a second daemon on the same store.
        AddressTaken: the web address cannot be listened on.
    """
    lock = StoreLock(Path(config.store))
    async with assemble(config, spread=True, lock=lock) as jobs:
        await Daemon(config, jobs, utc_now, lock).live(announce)
