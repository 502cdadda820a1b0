"""What a source's state remembers beside its plain columns, as one JSON text.

Habits, terms and trail grow with the crawler; what a stored text does not say has
its default, so that a new field needs no new schema.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from crawler.habits import Habits
from crawler.terms import Terms
from crawler.trail import Page, Trail
from vedette.store import rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.items import SourceState

_TIMES = {"begun", "upto", "moved_since", "quiet_since", "probed", "failing_since"}
_SPANS = {"ttl", "max_age"}
_TICK = timedelta(microseconds=1)
_BLANK: dict[str, Habits | Terms | Trail] = {
    "habits": Habits(),
    "terms": Terms(),
    "trail": Trail(),
}


def memory_text(state: SourceState) -> str:
    """The state's habits, terms and trail; defaults are left out."""
    told = {
        name: said
        for name, blank in _BLANK.items()
        if (said := _said(getattr(state, name), blank))
    }
    return rows.as_json(told)


def _said(part: object, blank: Habits | Terms | Trail) -> dict[str, Any]:
    names = (field.name for field in fields(blank))
    pairs = ((name, getattr(part, name), getattr(blank, name)) for name in names)
    return {name: _plain(value) for name, value, usual in pairs if value != usual}


def memory_from(text: str) -> dict[str, Any]:
    """Keyword arguments of a ``SourceState``.

    Raises:
        ValueError, TypeError, KeyError: the text is not one of ours.
    """
    told = json.loads(text)
    trail = _read(Trail, told.get("trail", {}))
    trail["pages"] = tuple(Page(**page) for page in trail.get("pages", ()))
    return {
        "habits": Habits(**_read(Habits, told.get("habits", {}))),
        "terms": Terms(**_read(Terms, told.get("terms", {}))),
        "trail": Trail(**trail),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return rows.ticks(value)
    if isinstance(value, timedelta):
        return value // _TICK
    return asdict(value) if isinstance(value, Page) else value


def _read(kind: type, told: Mapping[str, Any]) -> dict[str, Any]:
    known = {field.name for field in fields(kind)}
    return {name: _value(name, told[name]) for name in told if name in known}


def _value(name: str, value: Any) -> Any:
    if name in _TIMES:
        return rows.when(value)
    if name in _SPANS:
        return value * _TICK
    return tuple(value) if isinstance(value, list) else value
