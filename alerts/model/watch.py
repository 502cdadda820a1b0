"""The watch as declared: entities, topics and channels."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time, timedelta  # noqa: TC003 - the config's shapes read them
from typing import TYPE_CHECKING

from alerts.model.reasons import Severity

if TYPE_CHECKING:
    from crawler.secrets import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """One spelling of an entity.

    ``boundary`` is "start", "word", "none" or None (the script's default);
    ``inflect`` "noun", "name", "none" or None (by language and kind); ``fuzzy``
    "auto", "off" or a number of edits; ``when`` a query that must hold in the same
    item; ``not_near`` a (query, within n words) that cancels this mention only.
    """

    text: str
    lang: str | None = None
    case: bool = False
    boundary: str | None = None
    inflect: str | None = None
    fuzzy: str | int | None = None
    when: str | None = None
    not_followed_by: tuple[str, ...] = ()
    not_preceded_by: tuple[str, ...] = ()
    not_near: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Someone or something watched, with every spelling declared for it."""

    id: str
    kind: str
    aliases: tuple[Alias, ...]
    fuzzy: str | int | None = None
    deny: tuple[str, ...] = ()
    aliases_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A query that adds ``points`` to the score when it hits."""

    query: str
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where a topic looks; an empty tuple means everywhere."""

    tags: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalate:
    """Which channels hear of an alert that nobody acknowledged within ``after``."""

    after: timedelta
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A watch topic. ``to`` is None for every channel; ``off`` makes it a shadow."""

    name: str
    title: str
    query: str
    severity: Severity = Severity.NORMAL
    any: tuple[Clause, ...] = ()
    none: tuple[str, ...] = ()
    threshold: float = 50
    scope: Scope = field(default_factory=Scope)
    to: tuple[str, ...] | None = None
    off: bool = False
    first: int = 1
    escalate: Escalate | None = None
    hits: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Local times between which a channel's messages are held, maybe past midnight."""

    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most so many messages to one recipient in any ``span``."""

    most: int
    span: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One way out, as declared.

    ``recipients`` are the mail addresses, or the channel's own name for every other
    kind (never its URL). ``digest`` holds local times in ``timezone``, sorted; empty
    means at once. ``fallback`` names the channel told when this one goes dead. The
    options of other kinds stay None. ``server`` is the SMTP URL
    without a password, ``path`` absolute. Two secrets rotate: the first signs first.
    ``hold_ambiguous`` keeps a chat from getting twice what it may have got once.
    """

    name: str
    kind: str
    recipients: tuple[str, ...]
    timezone: str = "UTC"
    digest: tuple[time, ...] = ()
    quiet: Quiet | None = None
    limit: Limit | None = None
    fallback: str | None = None
    sender: str | None = None
    server: str | None = None
    password: Secret | None = None
    url: str | Secret | None = None
    secrets: tuple[Secret, ...] = ()
    path: str | None = None
    hold_ambiguous: bool = False
