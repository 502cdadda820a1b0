"""The elements of an ordinary RSS or Atom entry, each into what feedparser makes of it.

An element that is not plain (an attribute or child that is not listed, a text that
feedparser would mend) raises ``NotPlainError``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lxml.etree import _Element

    Found = dict[str, Any]
    Reader = Callable[[Found, _Element], None]

_ATOM = "{http://www.w3.org/2005/Atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"

_C1 = re.compile("[\x80-\x9f]")
_ADDRESS = re.compile(r"https?://[^\s/]\S*")
_TYPES: Mapping[str | None, str] = {
    None: "text/plain",
    "text": "text/plain",
    "text/plain": "text/plain",
    "html": "text/html",
    "text/html": "text/html",
}


class NotPlainError(Exception):
    """Feedparser should have a look at it."""


def only(element: _Element, names: frozenset[str] | set[str]) -> None:
    """Refuse an element with any other attribute."""
    if element.attrib and not names.issuperset(map(str, element.attrib)):
        raise NotPlainError


def text_of(element: _Element) -> str:
    """Its text, as feedparser would not touch it; refused where it has children."""
    if len(element):
        raise NotPlainError
    text = (element.text or "").strip()
    if text.isascii():
        return text
    if _C1.search(text):
        raise NotPlainError
    try:  # UTF-8 taken for Latin-1 and encoded again, which feedparser mends
        text = text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return text
    if _C1.search(text):
        raise NotPlainError
    return text


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise NotPlainError
    return text


# --- RSS -------------------------------------------------------------------------


def _bare(key: str) -> Reader:
    def read(found: Found, element: _Element) -> None:
        only(element, frozenset())
        found[key] = text_of(element)

    return read


def _detail(key: str) -> Reader:
    def read(found: Found, element: _Element) -> None:
        only(element, frozenset())
        found[key] = {"value": text_of(element)}

    return read


def _encoded(found: Found, element: _Element) -> None:
    only(element, frozenset())
    found["content"] = [{"value": text_of(element)}]


def _rss_link(found: Found, element: _Element) -> None:
    only(element, frozenset())
    link = _address(text_of(element))
    if "&" in link and ";" in link:  # feedparser mends what it takes for entities
        raise NotPlainError
    found["written"] = link


def _rss_atom_link(found: Found, element: _Element) -> None:
    if element.get("rel", "alternate").lower() == "alternate":
        raise NotPlainError
    _atom_link(found, element)


def _rss_guid(found: Found, element: _Element) -> None:
    only(element, {"isPermaLink"})
    found["id"] = text_of(element)
    if element.get("isPermaLink", "true") == "true":
        found["permanent"] = _address(found["id"])


def _rss_author(found: Found, element: _Element) -> None:
    only(element, frozenset())
    name = text_of(element)
    if "@" in name:
        raise NotPlainError
    found["author"] = name
    found["authors"].append({"name": name})


RSS: Mapping[str, Reader] = {
    "title": _detail("title_detail"),
    "description": _detail("summary_detail"),
    _ENCODED: _encoded,
    "pubDate": _bare("published"),
    f"{_DC}date": _bare("updated"),
    f"{_ATOM}link": _rss_atom_link,
    "link": _rss_link,
    "guid": _rss_guid,
    "author": _rss_author,
    f"{_DC}creator": _rss_author,
}


# --- Atom ------------------------------------------------------------------------


def _typed(element: _Element) -> Found:
    only(element, {"type"})
    kind = element.get("type")
    if kind not in _TYPES:
        raise NotPlainError
    return {"value": text_of(element), "type": _TYPES[kind]}


def _atom_title(found: Found, element: _Element) -> None:
    found["title_detail"] = _typed(element)


def _atom_summary(found: Found, element: _Element) -> None:
    found["summary_detail"] = _typed(element)


def _atom_content(found: Found, element: _Element) -> None:
    found["content"] = [_typed(element)]


def _atom_link(found: Found, element: _Element) -> None:
    only(element, {"href", "rel", "type", "title", "hreflang", "length"})
    href = _address(element.get("href", ""))
    rel = element.get("rel", "alternate").lower()
    found["links"].append({"rel": rel, "href": href})
    if rel == "alternate":
        if element.get("type", "text/html").lower() != "text/html":
            raise NotPlainError
        found["written"] = href


def _atom_id(found: Found, element: _Element) -> None:
    only(element, frozenset())
    found["id"] = text_of(element)
    if ":///" in found["id"]:
        raise NotPlainError
    found["permanent"] = found["id"]


def _atom_author(found: Found, element: _Element) -> None:
    only(element, frozenset())
    person = {}
    for child in element:
        key = _PERSON.get(str(child.tag))
        if key is None or key in person:
            raise NotPlainError
        only(child, frozenset())
        person[key] = text_of(child)
    if not person.get("name"):
        raise NotPlainError
    found["authors"].append(person)
    email = person.get("email")
    found["author"] = f"{person['name']} ({email})" if email else person["name"]


_PERSON = {f"{_ATOM}{name}": name for name in ("name", "email", "uri")}
ATOM: Mapping[str, Reader] = {
    f"{_ATOM}title": _atom_title,
    f"{_ATOM}summary": _atom_summary,
    f"{_ATOM}content": _atom_content,
    f"{_ATOM}published": _bare("published"),
    f"{_ATOM}updated": _bare("updated"),
    f"{_ATOM}link": _atom_link,
    f"{_ATOM}id": _atom_id,
    f"{_ATOM}author": _atom_author,
}
REPEATED = frozenset({f"{_ATOM}link", f"{_ATOM}author", f"{_DC}creator"})
