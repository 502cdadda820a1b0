"""Classes of a page's markup that a selector may rely on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MOST_CLASSES = 4
"""Classes tried of each element: pages that are all utility classes have dozens."""

_CLASS = re.compile(r"[A-Za-z_][\w-]{1,40}\Z")
_UNSTABLE = re.compile(
    r"\d{3,}|^(?:css|sc|jsx|svelte|emotion|chakra|tw)-|__\w*\d|-[a-z]*\d[a-z\d]{3,}"
    r"|^(?:col|row|m[tblrxy]?|p[tblrxy]?|w|h|d|bg|text|flex|grid|border|order|gap)-"
    r"|^(?:first|last|odd|even|active|row|col|clearfix|fl|fr)$",
    re.IGNORECASE,
)
_NAMING = re.compile(
    r"item|card|article|news|post|story|entry|teaser|press|release|result|headline",
    re.IGNORECASE,
)
_TITLE = re.compile(r"title|headline|subject|tit(?:$|[-_])|heading", re.IGNORECASE)


def shared_classes(elements: list[HtmlElement]) -> list[str]:
    """Classes that all the elements have and a person may have chosen."""
    sets = [set((element.get("class") or "").split()) for element in elements]
    shared = set.intersection(*sets) if sets else set()
    return sorted(filter(is_stable, shared), key=_by_promise)[:MOST_CLASSES]


def is_stable(name: str) -> bool:
    """Whether a name looks chosen by a person for its meaning, not made or a style."""
    return _CLASS.match(name) is not None and not _UNSTABLE.search(name)


def _by_promise(name: str) -> tuple[bool, int, str]:
    return (_NAMING.search(name) is None, len(name), name)


def says_title(name: str) -> bool:
    """Whether a class names a headline."""
    return _TITLE.search(name) is not None


def class_of(element: HtmlElement) -> str:
    """The class of an element that says most, "" if it has none to rely on."""
    names = [each for each in (element.get("class") or "").split() if is_stable(each)]
    return min(names, key=lambda each: not says_title(each), default="")
