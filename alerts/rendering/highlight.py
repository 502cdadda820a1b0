"""Where in an item the evidence stands, cut out for a reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.model import Evidence, Telling

_MARGIN = 80
"""Code points shown on either side of a piece of evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A stretch of a title or text as (words, is evidence) pairs, still untrusted.

    ``before``/``after`` tell whether the field goes on there.
    """

    parts: tuple[tuple[str, bool], ...]
    before: bool
    after: bool


def evidence_of(telling: Telling) -> tuple[Evidence, ...]:
    """The evidence of every topic the telling names, each piece once.

    The alert's own comes first, then that of ``also``, in order.
    """
    pieces: dict[Evidence, None] = {}
    for alert in (telling.alert, *telling.also):
        pieces.update(dict.fromkeys(alert.evidence))
    return tuple(pieces)


def title_excerpt(telling: Telling) -> Excerpt:
    """The item's whole title with its evidence marked."""
    title = telling.item.title
    return Excerpt(
        parts=_parts(title, _spans(telling, "title", title), 0, len(title)),
        before=False,
        after=False,
    )


def text_excerpts(telling: Telling, *, most: int) -> tuple[Excerpt, ...]:
    """At most ``most`` stretches of the text that hold evidence, in text order.

    Every entity or surface is shown once before any is shown twice.
    """
    text = telling.item.text
    spans = _spans(telling, "text", text)
    windows: list[tuple[int, int]] = []
    for start, end in _first_of_each(telling, spans):
        if any(low <= start and end <= high for low, high in windows):
            continue
        if len(windows) == most:
            break
        windows.append(_window(text, start, end))
    return tuple(
        Excerpt(
            parts=_parts(text, spans, low, high), before=low > 0, after=high < len(text)
        )
        for low, high in _merged(windows)
    )


def _spans(telling: Telling, field: str, text: str) -> list[tuple[int, int]]:
    """The evidence in ``field`` as disjoint spans, in order.

    Evidence of an alert about another item of the story is left out: its offsets
    belong to that item's text.
    """
    found = {
        (piece.start, piece.end)
        for alert in (telling.alert, *telling.also)
        if alert.item_id == telling.item.id
        for piece in alert.evidence
        if piece.field == field and 0 <= piece.start < piece.end <= len(text)
    }
    return _merged(found)


def _first_of_each(
    telling: Telling, spans: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The spans, those that show a new entity or surface before the others."""
    known: set[str] = set()
    first: list[tuple[int, int]] = []
    later: list[tuple[int, int]] = []
    by_place: dict[tuple[int, int], set[str]] = {}
    for piece in evidence_of(telling):
        if piece.field == "text":
            by_place.setdefault((piece.start, piece.end), set()).add(
                piece.entity or piece.surface.casefold()
            )
    for low, high in spans:
        names = {
            name
            for (start, end), names in by_place.items()
            if low <= start and end <= high
            for name in names
        }
        (later if names <= known else first).append((low, high))
        known |= names
    return first + later


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def _window(text: str, start: int, end: int) -> tuple[int, int]:
    """The margin around a span, moved in to the next space where there is one."""
    low, high = max(0, start - _MARGIN), min(len(text), end + _MARGIN)
    if low > 0:
        space = text.find(" ", low, start)
        low = space + 1 if space >= 0 else low
    if high < len(text):
        space = text.rfind(" ", end, high)
        high = space if space >= 0 else high
    return low, high


def _parts(
    text: str, spans: list[tuple[int, int]], low: int, high: int
) -> tuple[tuple[str, bool], ...]:
    parts: list[tuple[str, bool]] = []
    at = low
    for start, end in spans:
        if end <= low or start >= high:
            continue
        start_in, end_in = max(start, low), min(end, high)
        parts += [(text[at:start_in], False), (text[start_in:end_in], True)]
        at = end_in
    parts.append((text[at:high], False))
    return tuple(part for part in parts if part[0])
