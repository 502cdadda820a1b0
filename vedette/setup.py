"""From a validated config to what the jobs work with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alerts.channels import Sender, open_channel
from alerts.errors import ChannelError
from alerts.evaluate import Watch
from alerts.matching import Matcher, WatchError
from alerts.notices import Heartbeat
from alerts.stories.outlets import Outlets
from crawler.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from alerts.model import Channel
    from crawler.clock import Clock
    from crawler.items import Source
    from vedette.config import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a config gives to the jobs; swapped whole on a reload."""

    watch: Watch
    sources: Mapping[str, Source]
    channels: Mapping[str, Channel]
    senders: Mapping[str, Sender]
    heartbeat: Heartbeat = field(default_factory=Heartbeat)

    async def aclose(self) -> None:
        """Close every sender's connections."""
        for sender in self.senders.values():
            await sender.aclose()


def compile_watch(config: Config, *, cache: Path | None = None) -> Watch:
    """The config's entities and topics, compiled.

    Raises:
        ConfigError: every query and alias that is refused, with file and line.
    """
    try:
        matcher = Matcher.compile(config.entities, config.topics, cache=cache)
    except WatchError as error:
        problems = tuple(config.problem(p.path, p.message) for p in error.problems)
        raise ConfigError(problems) from error
    return Watch(
        matcher=matcher,
        topics=config.topics,
        channels=config.channels,
        sources=config.sources,
        outlets=Outlets.of(config.sources),
        version=config.version,
    )


def prepare(config: Config, *, clock: Clock, cache: Path | None = None) -> Setup:
    """Everything the jobs need; opens no connection and reads no secret.

    Raises:
        ConfigError: as ``compile_watch``.
    """
    return Setup(
        watch=compile_watch(config, cache=cache),
        sources={n: s for n, s in config.sources.items() if s.enabled},
        channels=config.channels,
        senders=open_senders(config, clock=clock),
        heartbeat=config.heartbeat,
    )


def open_senders(config: Config, *, clock: Clock) -> dict[str, Sender]:
    """A sender for every channel; connects nothing.

    Raises:
        ConfigError: every channel whose options cannot work together.
    """
    senders, problems = {}, []
    for name, channel in config.channels.items():
        try:
            senders[name] = open_channel(channel, allow=config.allow, clock=clock)
        except ChannelError as error:
            problems.append(config.problem(error.path, error.message))
    if problems:
        raise ConfigError(tuple(problems))
    return senders
