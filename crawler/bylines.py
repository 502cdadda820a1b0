"""Who wrote an article, by what its page says in JSON-LD, meta tags and markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crawler.text import one_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement

AUTHORS = 20
AUTHOR_LIMIT = 120

SHOWN = 60
"""A longer text of a link to an author is a description of the person."""

_METAS = re.compile(r"(?:^|[:.\-_])(?:author|creator|byl)$|^parsely-author$")
_ADDRESS = re.compile(r"https?://|^@|^www\.")
_SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)+")
_BY = re.compile(r"^(?:by|von|par|por|di|door|autor|автор)\s*:?\s+", re.IGNORECASE)
_NOT_LATIN = re.compile(r"[^\x00-\u02ff]")
_AND = re.compile(r"\s*[;|]\s*|,\s+|\s+(?:&|and|und|et|y|e|en|и|та)\s+")


def find_authors(
    root: HtmlElement,
    stated: object,
    *,
    named: Mapping[str, Any],
    metas: Mapping[str, str],
) -> tuple[str, ...]:
    """The first list that names a person; a house alone only where none does.

    Args:
        root: the page.
        stated: what the JSON-LD gives as ``author``.
        named: names of other JSON-LD nodes by their ``@id``.
        metas: the page's meta tags, names in lower case.
    """
    offered = (
        _people(stated, named),
        *(_people(text, {}) for name, text in metas.items() if _METAS.search(name)),
        _people(_shown(root), {}),
    )
    house = metas.get("og:site_name", "").casefold()
    for names in offered:
        others = tuple(name for name in names if name.casefold() != house)
        if any(map(_is_person, others)):
            return others
    return next((names for names in offered if names), ())


def _is_person(name: str) -> bool:
    """Not an address in disguise, not the one Latin word of an agency."""
    if _SLUG.fullmatch(name):
        return False
    return len(name.split()) > 1 or _NOT_LATIN.search(name) is not None


def _people(value: object, named: Mapping[str, Any]) -> tuple[str, ...]:
    """Names out of what `author` may be: a name, an object, a list of either."""
    names: dict[str, None] = {}
    for raw in _names(value, named):
        clean = _BY.sub("", one_line(raw, limit=AUTHOR_LIMIT))
        if not _ADDRESS.search(clean):
            names.update(dict.fromkeys(_apart(clean)))
    return tuple(names)[:AUTHORS]


def _names(value: object, named: Mapping[str, Any]) -> Iterator[str]:
    for one in (value if isinstance(value, list) else [value])[:AUTHORS]:
        name = one
        if isinstance(one, Mapping):
            other = named.get(str(one.get("@id")))
            name = one.get("name") or one.get("byline") or other
        for part in name if isinstance(name, list) else [name]:
            if isinstance(part, str) and part.strip():
                yield part


def _apart(names: str) -> list[str]:
    """Several in one line, where the first is a whole name and no surname."""
    parts = [part for part in _AND.split(names) if part]
    return (
        parts
        if len(parts) > 1 and len(parts[0].split()) > 1
        else [names]
        if names
        else []
    )


def _shown(root: HtmlElement) -> list[str]:
    """Links and marks that the page's own markup calls the author."""
    marked = root.xpath(
        "//a[contains(concat(' ', @rel, ' '), ' author ')]"
        " | //*[@itemprop='author']//*[@itemprop='name']"
        " | //*[@itemprop='author'][not(.//*[@itemprop='name'])]"
    )
    texts = (" ".join(one.text_content().split()) for one in marked[:AUTHORS])
    return [text for text in texts if 0 < len(text) <= SHOWN]
