"""The sources of a config file, checked and ready to collect."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.checking import Mistake, check, check_names
from crawler.configfile import load_document
from crawler.errors import ConfigError
from crawler.items import ArticlePolicy, Kind, ListingRules, Source
from crawler.shapes import split_url
from crawler.sourceshape import ContactModel, EveryModel, NetworkModel, SourceModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crawler.checking import Steps
    from crawler.secrets import Secret

SECRET_HEADERS = re.compile(r"(?i)cookie|authorization|api-?key|token|secret|password")
"""Headers that must come by {env} or {file}; matched anywhere in the name."""
_OWN_HEADERS = frozenset(
    {"accept-encoding", "connection", "content-length", "expect", "host"}
    | {"if-modified-since", "if-none-match", "te", "trailer", "transfer-encoding"}
    | {"upgrade"}
)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}\Z")
_LISTING_KEYS = ("item", "link", "title", "date", "allow", "deny", "max_items")


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
    if entry.get("tls_verify") is False and not entry.get("why"):
        yield ("tls_verify",), "say in `why:` why no certificate can be had there"
    said = _proxy(entry.get("proxy"))
    if said:
        yield ("proxy",), said


def _kind_wrong(entry: Mapping[str, Any]) -> Iterator[tuple[Steps, str]]:
    kind = entry.get("kind")
    if kind == "json":
        yield ("kind",), "kind: json comes with a later release; use feed for now"
    elif kind == "listing" and "item" not in entry:
        yield ("item",), "a listing needs the selector of one entry, `item`"
    elif kind in ("feed", "sitemap"):  # a tuple: kind may be a list
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
    parts = split_url(value)
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
        verify_tls=model.tls_verify,
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
