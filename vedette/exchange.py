"""What goes to other programs and comes from them: items, lists of feeds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.items import Kind, Source
from crawler.sourceyaml import source_name
from crawler.urls import canonical_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crawler.opml import Subscription
    from vedette.store.exporting import Archived

COLUMNS = (
    *("id", "source", "url", "title", "summary", "text", "lang", "authors"),
    *("published", "seen", "story"),
)
"""Of an exported item; `vedette replay` reads the same names."""

# A spreadsheet runs a cell that begins so as a formula (HARDENING A55; OWASP "CSV
# injection" adds the line ends and the full-width signs).
_FORMULA = re.compile("[=+\\-@\t\r\n\uff0b\uff0d\uff1d\uff20]")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?=$|[-_])")


def exported(archived: Archived) -> dict[str, Any]:
    """One item as an object; times aware UTC."""
    item = archived.item
    values = (
        *(item.id, item.source, item.url, item.title, item.summary, item.text),
        *(item.language, list(item.authors), item.published, item.seen),
        archived.story,
    )
    return dict(zip(COLUMNS, values, strict=True))


def defused(value: str) -> str:
    """A cell that no spreadsheet takes for a formula: `'` before what begins one."""
    return f"'{value}" if _FORMULA.match(value) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Sources made of subscriptions, and what was left out, a sentence each."""

    sources: tuple[tuple[Source, str], ...]
    left_out: tuple[str, ...]


def as_sources(
    subscriptions: Iterable[Subscription], present: Mapping[str, Source]
) -> Imported:
    """Feeds for a config that already holds ``present``.

    An address that is there already, in the config or earlier in the list, is left
    out and named.
    """
    known = {canonical_url(each.url): name for name, each in present.items()}
    taken = set(present)
    made: list[tuple[Source, str]] = []
    left_out = []
    for each in subscriptions:
        if each.url is None:
            left_out.append(f"{each.title or each.raw_url!r}: no address to read")
            continue
        key = canonical_url(each.url)
        if key in known:
            left_out.append(f"{each.url}: a duplicate of {known[key]}")
            continue
        name = source_name(_named(each), taken)
        known[key] = name
        language = _LANGUAGE.match((each.language or "").lower())
        source = Source(
            name=name,
            kind=Kind.FEED,
            url=each.url,
            language=language.group() if language else None,
            tags=each.folders,
        )
        made.append((source, each.title))
    return Imported(sources=tuple(made), left_out=tuple(left_out))


def _named(subscription: Subscription) -> str:
    """The title where its letters can stand in a name, else the host."""
    letters = re.findall(r"[A-Za-z0-9]", subscription.title)
    if len(letters) * 2 > len(re.sub(r"[\W_]", "", subscription.title)):
        return subscription.title
    host = re.sub(r"https?://(?:www\.)?([^/:]+).*", r"\1", subscription.url or "")
    return host or "feed"
