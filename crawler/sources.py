"""The sources of a config file, checked and ready to collect."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.checking import Mistake, check, check_names
from crawler.configfile import load_document
from crawler.errors import ConfigError
from crawler.items import ArticlePolicy, JsonRules, Kind, ListingRules, Source
from crawler.jsonpaths import check_template, read_path
from crawler.shapes import split_url
from crawler.sourceshape import (
    ContactModel,
    EveryModel,
    NetworkModel,
    SourceModel,
    check_selector,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
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
_LINKS = ("link", "title", "date", "allow", "deny", "max_items")
_KEYS_OF = {
    "listing": ("item", *_LINKS, "pages"),
    "json": ("items", *_LINKS, "text", "script"),
}
"""Keys that some kinds alone have."""

_NEEDED = {
    "listing": ("item", "a listing needs the selector of one entry, `item`"),
    "json": ("items", "kind: json needs the path to its list, `items`"),
}
_CHECKS: dict[str, dict[str, Callable[[str], object]]] = {
    "listing": dict.fromkeys(("link", "title", "date"), check_selector),
    "json": {
        "items": read_path,
        "link": check_template,
        **dict.fromkeys(("title", "date", "text"), read_path),
    },
}


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
    if not isinstance(kind, str) or kind not in {each.value for each in Kind}:
        return
    needed, said = _NEEDED.get(kind, ("kind", ""))
    if needed not in entry:
        yield (needed,), said
    for key in dict.fromkeys(key for keys in _KEYS_OF.values() for key in keys):
        if key in entry and key not in _KEYS_OF.get(kind, ()):
            kinds = [f"`kind: {each}`" for each in _KEYS_OF if key in _KEYS_OF[each]]
            have = "has" if len(kinds) == 1 else "have"
            names = " and ".join(kinds)
            yield (key,), f"only {names} {have} this key, not `kind: {kind}`"
    yield from _places_wrong(entry, kind)


def _places_wrong(entry: Mapping[str, Any], kind: str) -> Iterator[tuple[Steps, str]]:
    """Selectors of a listing and paths of JSON stand under the same keys."""
    for key, look in _CHECKS.get(kind, {}).items():
        value: Any = entry.get(key)
        place: Steps = (key,)
        if key == "date" and isinstance(value, dict):
            value, place = value.get("select"), (key, "select")
        if isinstance(value, str) and value.strip():
            try:
                look(value.strip())
            except ValueError as error:
                yield place, str(error)


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
    lists = _json(model) if model.kind == "json" else None
    rules = listing or lists
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
        json=lists,
        body=model.body,
        min_items=rules.min_items if rules else model.min_items or 0,
    )


def _listing(model: SourceModel) -> ListingRules:
    pages = model.pages
    return ListingRules(
        item=model.item or "",
        link=model.link or "a::attr(href)",
        title=model.title,
        next=pages.next if pages else None,
        max_pages=pages.max if pages else 1,
        **_links(model),
    )


def _json(model: SourceModel) -> JsonRules:
    return JsonRules(
        items=model.items or "",
        link=model.link or "url",
        title=model.title or "title",
        text=model.text,
        script=model.script,
        **_links(model),
    )


def _links(model: SourceModel) -> dict[str, Any]:
    """What both kinds of lists say of their links and dates."""
    date = model.date
    return {
        "date": date.select if date else None,
        "date_order": date.order if date else None,
        "date_formats": date.formats if date else (),
        "allow": model.allow,
        "deny": model.deny,
        "max_items": model.max_items,
        "min_items": 1 if model.min_items is None else model.min_items,
    }
