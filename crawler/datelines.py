"""The time a page shows its readers, where it tells machines only the day, or nothing.

"Stand: 25.04.24, 14:07 Uhr" beside the heading, or an attribute such as
``data-publish-date="2026.01.29 18:40"``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.dates import parse_date

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lxml.html import HtmlElement

BEFORE, AFTER = 12, 40
"""So many pieces of text before and after the heading are looked at."""

ATTRIBUTES = 20_000
"""Most elements whose attributes are looked at."""

LONGEST = 80
"""A longer piece of text is prose that mentions a date."""

_CLOCK = re.compile(
    r"(?<!\d)\d{1,2}\s?(?:[:.h]\s?\d\d(?!\d)|[시時点时]|\s?[ap]\.?m\b)", re.IGNORECASE
)
_DAY = re.compile(
    r"\d{1,4}\s?[-./年년]\s?\d{1,2}|\d\.?\s+[^\W\d]{3,}|[^\W\d]{3,}\.?\s+\d"
)
_LATER = re.compile(
    r"updat|aktualis|geändert|modif|mis à jour|aggiorn|actuali[sz]|corrig|edit"
    r"|atuali|обновл|оновл|измен|змінен|수정|更新",
    re.IGNORECASE,
)
_NAME = re.compile(r"publi|date|time|(?:^|[-_])dt(?:$|[-_])")
_AGAIN = re.compile(r"(?:^|[-_])re[-_]|mod|upd|edit")
_SKIPPED = frozenset({"script", "style", "noscript", "template", "nav", "footer"})


def dateline(
    root: HtmlElement, *, timezone: str, day: datetime | None
) -> datetime | None:
    """The time nearest to the page's heading, aware UTC, or None.

    Args:
        root: the page.
        timezone: IANA name of the zone the page's clock shows.
        day: midnight of the day the page is known to be of; another day's time is
            not taken. None = not known.
    """
    shown = [when for raw in _pieces(root) if (when := _read(raw, timezone, day))]
    if shown:
        return shown[0]
    for raw in _attributes(root):
        when = _read(raw, timezone, day)
        if when is not None:
            return when
    return None


def _read(raw: str, timezone: str, day: datetime | None) -> datetime | None:
    if len(raw) > LONGEST or not _CLOCK.search(raw) or not _DAY.search(raw):
        return None
    when = parse_date(raw, timezone=timezone)
    if when is None or (
        day is not None and not 0 <= (when - day).total_seconds() < 86_400
    ):
        return None
    return when


def _pieces(root: HtmlElement) -> list[str]:
    """Text near the heading, the nearest first, corrections last."""
    heading = next(root.iter("h1"), None)
    if heading is None:
        return []
    texts = list(_texts(root, set(heading.iterancestors())))
    place = next(at for at, (element, _) in enumerate(texts) if element is heading)
    near = list(enumerate(text for _, text in texts))
    near = near[max(0, place - BEFORE) : place + AFTER]
    near.sort(key=lambda one: (bool(_LATER.search(one[1])), abs(one[0] - place)))
    return [text for _, text in near]


def _texts(
    root: HtmlElement, around: set[HtmlElement]
) -> Iterator[tuple[HtmlElement, str]]:
    """The largest elements whose text is short enough, and the heading."""
    sizes = _sizes(root)
    inside: set[HtmlElement] = set()
    for element in root.iter():
        if element in around:
            continue
        if element.tag in _SKIPPED or element.getparent() in inside:
            inside.add(element)
        elif element.tag == "h1" or 0 < sizes[element] <= LONGEST:
            inside.add(element)
            yield element, " ".join(element.text_content().split())


def _sizes(root: HtmlElement) -> dict[HtmlElement, int]:
    """How much text each element holds, counted from the leaves up."""
    sizes: dict[HtmlElement, int] = {}
    for element in reversed(list(root.iter())):
        size = len((element.text or "").strip())
        for child in element:
            size += sizes[child] + len((child.tail or "").strip())
        sizes[element] = size
    return sizes


def _attributes(root: HtmlElement) -> Iterator[str]:
    for count, element in enumerate(root.iter()):
        if count >= ATTRIBUTES:
            return
        for name, value in element.attrib.items():
            if _NAME.search(name) and not _AGAIN.search(name):
                yield value
