"""The sources of a config file: what may be declared, checked and ready to collect."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from crawler.configfile import load_document
from crawler.errors import ConfigError
from crawler.items import ArticlePolicy, Kind, ListingRules, Source
from crawler.shapes import (
    DURATION_SCHEMA,
    Duration,
    Line,
    LiteralOrSecret,
    Mistake,
    OneOrMany,
    Short,
    StrictModel,
    Words,
    Zone,
    check,
    check_names,
    read_duration,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crawler.secrets import Secret
    from crawler.shapes import Steps

SECRET_HEADERS = re.compile(r"(?i)cookie|authorization|api-?key|token|secret|password")
"""Headers that must come by {env} or {file}; matched anywhere in the name."""
_OWN_HEADERS = frozenset(
    {"accept-encoding", "connection", "content-length", "expect", "host"}
    | {"if-modified-since", "if-none-match", "te", "trailer", "transfer-encoding"}
    | {"upgrade"}
)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}\Z")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
_EXAMPLE = re.compile(
    r"(?i)(^|[@./])(example\.(org|com|net)|[\w-]+\.(example|invalid))$"
)
_LISTING_KEYS = ("item", "link", "title", "date", "allow", "deny", "max_items")


# --- field types -----------------------------------------------------------------


def _web_url(value: str) -> str:
    parts = _split(value)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("expected an address such as https://news.example.org/feed")
    if parts.username is not None or parts.password is not None:
        raise ValueError("no user:password@ here; use headers: {Authorization: {env}}")
    return value


def _split(value: str) -> Any:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - reading it is the check
    except ValueError:
        return None
    return None if re.search(r"[\s\\\x00-\x1f\x7f]", value) else parts


def _every(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    read_duration(value)  # so that a wrong one is told at `every`, once
    return {"min": value, "max": value}


def _date(value: Any) -> Any:
    return {"select": value} if isinstance(value, str) else value


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


def _selector(value: str) -> str:
    """Checks CSS for its syntax; XPath is left to the reader of the page."""
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
    parts = _split(url)
    return (parts.hostname or "") if parts is not None else ""


Network = Annotated[str, AfterValidator(_network)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Selector = Annotated[str, AfterValidator(_selector)]
Language = Annotated[Line, AfterValidator(check_language)]


class EveryModel(StrictModel):
    """How often a source is asked; equal for a fixed interval."""

    min: Duration = timedelta(minutes=10)
    max: Duration = timedelta(minutes=60)


class DateModel(StrictModel):
    """Where the date of a list entry stands and how it is written."""

    select: Selector
    order: Literal["dmy", "mdy", "ymd"] | None = None
    formats: Words = ()


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
    body: Selector | None = None
    min_items: Annotated[int, Field(ge=0, le=1000)] | None = None
    item: Selector | None = None
    link: Selector | None = None
    title: Selector | None = None
    date: Annotated[DateModel, Short(_date, {"type": "string"})] | None = None
    allow: Annotated[tuple[Pattern, ...], OneOrMany()] = ()
    deny: Annotated[tuple[Pattern, ...], OneOrMany()] = ()
    max_items: Annotated[int, Field(ge=1, le=1000)] = 50


class NetworkModel(StrictModel):
    """``network:``, the one door to private addresses."""

    allow: Annotated[tuple[Network, ...], OneOrMany()] = ()


class ContactModel(StrictModel):
    """``contact:``, alone at the top level."""

    contact: Annotated[Line, AfterValidator(_contact)] | None = None


# --- reading ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceBook:
    """All that collecting needs of a config file."""

    sources: Mapping[str, Source]
    allow: tuple[str, ...]
    contact: str | None


def load_sources(path: Path) -> SourceBook:
    """Reads only what collecting needs; topics and channels are not looked at.

    Raises:
        ConfigError: with every problem found.
    """
    document = load_document(path, only=("sources",))
    book, mistakes = read_book(document.data, document.folder)
    if mistakes:
        problems = (document.problem(each.path, each.message) for each in mistakes)
        raise ConfigError(tuple(problems))
    return book


def read_book(
    data: Mapping[str, Any], folder: Path
) -> tuple[SourceBook, list[Mistake]]:
    """Sources, network and contact of merged data, and everything wrong with them."""
    sources, mistakes = read_sources(data.get("sources"), folder)
    network, wrong = check(NetworkModel, data.get("network") or {}, ("network",))
    mistakes += wrong
    contact = data.get("contact")
    reached, wrong = check(ContactModel, {"contact": contact}, ())
    mistakes += wrong
    book = SourceBook(
        sources=sources,
        allow=network.allow if network else (),
        contact=reached.contact if reached else None,
    )
    return book, mistakes


def read_sources(data: Any, folder: Path) -> tuple[dict[str, Source], list[Mistake]]:
    """The sources by name, in the order of the file; wrong ones are left out."""
    entries, mistakes = check_names(data, "sources")
    sources: dict[str, Source] = {}
    for name, entry in entries.items():
        path = ("sources", name)
        model, wrong = check(SourceModel, entry, path, folder=folder)
        if isinstance(entry, dict):
            wrong += [Mistake(path + keys, said) for keys, said in _together(entry)]
        mistakes += wrong
        if model is not None and not wrong:
            sources[name] = _source(name, model)
    return sources, mistakes


def _together(entry: Mapping[str, Any]) -> Iterator[tuple[Steps, str]]:
    """Keys that do not fit the others of the same source."""
    yield from _kind_wrong(entry)
    headers = entry.get("headers")
    for name, value in headers.items() if isinstance(headers, dict) else ():
        said = _header(name, value)
        if said:
            yield ("headers", name), said
    every = entry.get("every")
    model = check(EveryModel, every, ())[0] if isinstance(every, dict) else None
    if model is not None and model.min > model.max:
        yield ("every",), "min is longer than max (absent, they are 10m and 60m)"
    said = _proxy(entry.get("proxy"))
    if said:
        yield ("proxy",), said


def _kind_wrong(entry: Mapping[str, Any]) -> Iterator[tuple[Steps, str]]:
    kind = entry.get("kind")
    if kind == "json":
        yield ("kind",), "kind: json comes with a later release; use feed for now"
    elif kind == "listing" and "item" not in entry:
        yield ("item",), "a listing needs the selector of one entry, `item`"
    elif kind in {"feed", "sitemap"}:
        for key in _LISTING_KEYS:
            if key in entry:
                yield (key,), f"only `kind: listing` has this key, not `kind: {kind}`"


def _header(name: str, value: Any) -> str:
    if not _HEADER_NAME.match(name):
        return "this is no name of a request header"
    if name.lower() in _OWN_HEADERS:
        return "this header is set by the fetcher itself"
    if isinstance(value, str) and SECRET_HEADERS.search(name):
        return f"a secret is never written here; use {name}: {{env: NAME}}"
    if isinstance(value, str) and not value.isascii():
        return "expected ASCII text"
    return ""


def _proxy(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    parts = _split(value)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        return "expected a proxy such as http://proxy.yourdomain.org:3128"
    if parts.password is not None:
        return "a password is never written here; use proxy: {env: NAME}"
    return ""


def _source(name: str, model: SourceModel) -> Source:
    listing = _listing(model) if model.kind == "listing" else None
    return Source(
        name=name,
        kind=Kind(model.kind),
        url=model.url,
        language=model.language,
        timezone=model.timezone,
        every_min=model.every.min,
        every_max=model.every.max,
        priority=model.priority,
        tags=model.tags,
        owner=model.owner,
        country=model.country,
        official=model.official,
        state_controlled=model.state_controlled,
        status=model.status,
        why=model.why or "",
        article=ArticlePolicy(model.article),
        headers=dict[str, "str | Secret"](model.headers),
        proxy=model.proxy,
        obey_robots=model.obey_robots,
        listing=listing,
        body=model.body,
        min_items=listing.min_items if listing else model.min_items or 0,
    )


def _listing(model: SourceModel) -> ListingRules:
    date = model.date
    return ListingRules(
        item=model.item or "",
        link=model.link or "a::attr(href)",
        title=model.title,
        date=date.select if date else None,
        date_order=date.order if date else None,
        date_formats=date.formats if date else (),
        allow=model.allow,
        deny=model.deny,
        max_items=model.max_items,
        min_items=1 if model.min_items is None else model.min_items,
    )
