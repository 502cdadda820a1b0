"""The whole configuration: read, checked, composed.

load_document -> sources, channels, entities, topics -> Config
Every problem of every section is found before the first one is told.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from alerts.channelfile import read_channels
from alerts.entityfile import alias_path, read_entities
from alerts.notices import Heartbeat
from alerts.signing import signing_key
from alerts.topicfile import read_topics, unknown_sources
from crawler.checking import Mistake, check
from crawler.configfile import did_you_mean, load_document
from crawler.errors import ConfigError, SecretMissing
from crawler.secrets import Secret
from crawler.sources import read_book
from vedette.configshape import (
    KEYS,
    HeartbeatKey,
    RetentionModel,
    StoreModel,
    WebModel,
    json_schema,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import timedelta
    from pathlib import Path

    from alerts.model import Channel, Entity, Topic
    from crawler.checking import Steps
    from crawler.document import Document
    from crawler.errors import Problem
    from crawler.items import Source

__all__ = ["Config", "Retention", "Web", "json_schema", "load_config"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Where the web page listens. ``host`` is without brackets."""

    host: str
    port: int
    password: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long items, and the texts of items, are kept."""

    items: timedelta
    texts: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One valid configuration. Secrets are references, never read here.

    ``version`` is the document's digest; ``store`` an absolute path. The mappings
    are by name, in the order of the files.
    """

    path: Path
    version: str
    store: Path | str
    sources: Mapping[str, Source]
    allow: tuple[str, ...]
    contact: str | None
    entities: Mapping[str, Entity]
    topics: Mapping[str, Topic]
    channels: Mapping[str, Channel]
    web: Web
    retention: Retention
    heartbeat: Heartbeat
    document: Document

    def problem(self, path: Steps, message: str) -> Problem:
        """A problem at a place of the config, with its file and line.

        ``("entities", id, "aliases", n, ...)`` is understood as the n-th alias of the
        compiled entity and placed where the user wrote it.
        """
        match path:
            case ("entities", str(entity), "aliases", int(index), *rest):
                entities = self.document.data.get("entities")
                path = (*alias_path(entities, entity, index), *rest)
            case _:
                pass
        return self.document.problem(path, message)

    def missing_secrets(self) -> tuple[Problem, ...]:
        """Every secret that cannot be read or used now, at the place that names it."""
        missing = []
        for path, secret in self._secrets():
            try:
                value = secret.read()
                if "secret" in path:
                    signing_key(value)
            except (SecretMissing, ValueError) as error:
                missing.append(self.problem(path, str(error)))
        return tuple(missing)

    def _secrets(self) -> Iterator[tuple[Steps, Secret]]:
        for name, source in self.sources.items():
            yield from _source_secrets(("sources", name), source)
        for name, channel in self.channels.items():
            yield from _channel_secrets(("channels", name), channel)
        if self.web.password is not None:
            yield ("web", "password"), self.web.password

    def notes(self) -> tuple[Problem, ...]:
        """Warnings: what is allowed and yet deserves a word."""
        return (
            *self.document.notes,
            *(self.problem(each.path, each.message) for each in self._remarks()),
        )

    def _remarks(self) -> Iterator[Mistake]:
        if self.contact is None and self.sources:
            yield Mistake(
                ("contact",),
                "no contact: publishers cannot reach you and may block the watch; "
                "add contact: mailto:you@yourdomain.org",
            )
        if any(ipaddress.ip_network(each).prefixlen == 0 for each in self.allow):
            yield Mistake(("network", "allow"), "this opens every private address")
        if self.sources:
            yield from unknown_sources(self.topics, self.sources)


def _source_secrets(path: Steps, source: Source) -> Iterator[tuple[Steps, Secret]]:
    for header, value in source.headers.items():
        if isinstance(value, Secret):
            yield (*path, "headers", header), value
    if isinstance(source.proxy, Secret):
        yield (*path, "proxy"), source.proxy


def _channel_secrets(path: Steps, channel: Channel) -> Iterator[tuple[Steps, Secret]]:
    if channel.password is not None:
        yield (*path, "password"), channel.password
    if isinstance(channel.url, Secret):
        yield (*path, "url"), channel.url
    for index, secret in enumerate(channel.secrets):
        yield (*path, "secret", index), secret


def load_config(path: Path) -> Config:
    """The configuration of a file and all it includes.

    Queries are not compiled here: ``alerts.matching`` does that, and
    ``Config.problem`` places what it finds. No secret is read.

    Raises:
        ConfigError: with every problem found, in the order of the sections.
    """
    document = load_document(path)
    data = document.data
    mistakes = [
        Mistake((key,), f"unknown key.{did_you_mean(key, KEYS)}")
        for key in data
        if key not in KEYS
    ]
    store, wrong = _read_store(data, document.folder)
    mistakes += wrong
    web, wrong = _read_web(data.get("web"), document.folder)
    mistakes += wrong
    retention, wrong = check(
        RetentionModel, _section(data, "retention"), ("retention",)
    )
    mistakes += wrong
    book, wrong = read_book(data, document.folder)
    mistakes += wrong
    channels, wrong = read_channels(
        data.get("channels"), folder=document.folder, allow=book.allow
    )
    mistakes += wrong
    entities, wrong = read_entities(data.get("entities"))
    mistakes += wrong
    named = data.get("channels")
    topics, wrong = read_topics(
        data.get("topics"), channels=named if isinstance(named, dict) else ()
    )
    mistakes += wrong
    heartbeat, wrong = _read_heartbeat(data.get("heartbeat"), channels)
    mistakes += wrong
    if mistakes or retention is None or web is None:
        raise ConfigError(
            tuple(document.problem(each.path, each.message) for each in mistakes)
        )
    return Config(
        path=document.path,
        version=document.digest,
        store=store,
        sources=book.sources,
        allow=book.allow,
        contact=book.contact,
        entities=entities,
        topics=topics,
        channels=channels,
        web=web,
        retention=Retention(items=retention.items, texts=retention.texts),
        heartbeat=heartbeat,
        document=document,
    )


def _section(data: Mapping[str, Any], key: str) -> Any:
    """A section's data; one left empty counts as absent."""
    found = data.get(key)
    return {} if found is None else found


def _read_store(data: Mapping[str, Any], folder: Path) -> tuple[Path, list[Mistake]]:
    given = {"store": data["store"]} if "store" in data else {}
    model, wrong = check(StoreModel, given, ())
    name = model.store if model else "data/vedette.db"
    if re.match(r"postgres(ql)?:", name):
        said = "PostgreSQL comes with a later release; give a file for now"
        wrong.append(Mistake(("store",), said))
    elif "://" in name or name.endswith(("/", "\\")):
        wrong.append(Mistake(("store",), "expected a file such as data/vedette.db"))
    return folder / name, wrong


def _read_web(data: Any, folder: Path) -> tuple[Web | None, list[Mistake]]:
    model, wrong = check(
        WebModel, {} if data is None else data, ("web",), folder=folder
    )
    if model is None:
        return None, wrong
    host, _, port = model.listen.rpartition(":")
    host = host.strip("[]")
    if model.password is None and not _is_loopback(host):
        wrong.append(
            Mistake(
                ("web", "listen"),
                f"{host} can be reached from other machines: add web: "
                "{password: {env: NAME}}, or listen on 127.0.0.1",
            )
        )
    return Web(host=host, port=int(port), password=model.password), wrong


def _read_heartbeat(
    data: Any, channels: Collection[str]
) -> tuple[Heartbeat, list[Mistake]]:
    given = {} if data is None else {"heartbeat": data}
    model, wrong = check(HeartbeatKey, given, ())
    if model is None:
        return Heartbeat(), wrong
    to = model.heartbeat.to
    wrong += [
        Mistake(
            ("heartbeat", "to"),
            f"unknown channel {name}.{did_you_mean(name, channels)}",
        )
        for name in to or ()
        if name not in channels
    ]
    return Heartbeat(at=model.heartbeat.at, to=to), wrong


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
