"""What may be written below ``sources:``, ``network:`` and ``contact:``."""

from __future__ import annotations

import ipaddress
import re
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from crawler.shapes import (
    DURATION_SCHEMA,
    Duration,
    Line,
    LiteralOrSecret,
    OneOrMany,
    Short,
    StrictModel,
    Words,
    Zone,
    read_duration,
    split_url,
)

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
_EXAMPLE = re.compile(
    r"(?i)(^|[@./])(example\.(org|com|net)|[\w-]+\.(example|invalid))$"
)


def _web_url(value: str) -> str:
    parts = split_url(value)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("expected an address such as https://news.example.org/feed")
    if parts.username is not None or parts.password is not None:
        raise ValueError("no user:password@ here; use headers: {Authorization: {env}}")
    return value


def _every(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    read_duration(value)  # so that a wrong one is told at `every`, once
    return {"min": value, "max": value}


def _date(value: Any) -> Any:
    return {"select": value} if isinstance(value, str) else value


def _pages(value: Any) -> Any:
    return {"max": value} if type(value) is int else value


def check_language(value: str) -> str:
    """The code itself; ``ValueError`` unless it looks like a BCP 47 tag."""
    if not _LANGUAGE.match(value):
        raise ValueError("expected a language code such as en, ko or zh-Hant")
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return value


def check_selector(value: str) -> str:
    """The selector; ``ValueError`` for CSS that is none.

    XPath is left to the reader of the page.
    """
    value = value.strip()
    if not value:
        raise ValueError("expected a CSS selector or xpath://…")
    if value.startswith("xpath:"):
        return value
    from cssselect import SelectorError, parse

    try:
        parse(value)
    except (SelectorError, RecursionError) as error:
        raise ValueError(f"not a CSS selector: {error}") from None
    return value


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        pass
    try:
        hint = f" Did you mean {ipaddress.ip_network(value, strict=False)}?"
    except ValueError:
        hint = ""
    raise ValueError(f"expected addresses such as 127.0.0.0/8 or 10.0.0.5.{hint}")


def _contact(value: str) -> str:
    kind, _, rest = value.partition(":")
    host = rest.rpartition("@")[2] if kind == "mailto" else _host(value)
    if kind == "mailto" and re.match(
        r"[^\s@<>()\",;:]+@[^\s@<>()\",;:]+\.[^\s@<>]+\Z", rest
    ):
        good = True
    else:
        good = kind == "https" and bool(host)
    if not good:
        hint = f" Did you mean mailto:{value}?" if re.match(r"[^@:\s]+@", value) else ""
        raise ValueError(f"expected mailto:you@yourdomain.org or https://….{hint}")
    if not value.isascii():
        raise ValueError("expected plain ASCII: it travels in a request header")
    if _EXAMPLE.search(host):
        raise ValueError(
            f"{host} is a placeholder; give an address where you read mail"
        )
    return value


def _host(url: str) -> str:
    parts = split_url(url)
    return (parts.hostname or "") if parts is not None else ""


Network = Annotated[str, AfterValidator(_network)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Selector = Annotated[str, AfterValidator(check_selector)]
Language = Annotated[Line, AfterValidator(check_language)]


class EveryModel(StrictModel):
    """How often a source is asked; equal for a fixed interval."""

    min: Duration = timedelta(minutes=10)
    max: Duration = timedelta(minutes=60)


class DateModel(StrictModel):
    """Where the date of a list entry stands and how it is written."""

    select: Line
    order: Literal["dmy", "mdy", "ymd"] | None = None
    formats: Words = ()


class PagesModel(StrictModel):
    """How a list goes on behind its first page."""

    next: Selector = "a[rel~=next], link[rel~=next]"
    max: Annotated[int, Field(ge=1, le=10)] = 3


class SourceModel(StrictModel):
    """One entry of ``sources:``."""

    kind: Literal["feed", "sitemap", "listing", "json"]
    url: Annotated[Line, AfterValidator(_web_url)]
    language: Language | None = None
    timezone: Zone = "UTC"
    every: Annotated[EveryModel, Short(_every, DURATION_SCHEMA)] = EveryModel()
    priority: Annotated[float, Field(gt=0, le=100)] = 1.0
    tags: Words = ()
    owner: Line | None = None
    country: Line | None = None
    official: bool = False
    state_controlled: bool = False
    status: Literal["active", "unverified", "dead"] = "active"
    why: Line | None = None
    article: Literal["auto", "always", "never"] = "auto"
    headers: Annotated[dict[str, LiteralOrSecret], Field(default_factory=dict)]
    proxy: LiteralOrSecret | None = None
    obey_robots: bool = True
    tls_verify: bool = True
    body: Selector | None = None
    min_items: Annotated[int, Field(ge=0, le=1000)] | None = None
    item: Selector | None = None
    items: Line | None = None
    link: Line | None = None
    title: Line | None = None
    text: Line | None = None
    script: Line | None = None
    date: Annotated[DateModel, Short(_date, {"type": "string"})] | None = None
    allow: Annotated[tuple[Pattern, ...], OneOrMany()] = ()
    deny: Annotated[tuple[Pattern, ...], OneOrMany()] = ()
    max_items: Annotated[int, Field(ge=1, le=1000)] = 50
    pages: Annotated[PagesModel, Short(_pages, {"type": "integer"})] | None = None


class NetworkModel(StrictModel):
    """``network:``, the one door to private addresses."""

    allow: Annotated[tuple[Network, ...], OneOrMany()] = ()


class ContactModel(StrictModel):
    """``contact:``, alone at the top level."""

    contact: Annotated[Line, AfterValidator(_contact)] | None = None
