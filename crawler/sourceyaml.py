"""Sources as YAML to paste into a config: what is not a default, each with a remark."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from crawler.items import JsonRules, ListingRules, Source
from crawler.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_REMARK = 160
_TOLD = (
    *("kind", "url", "language", "timezone", "owner", "country", "tags"),
    *("status", "why", "article"),
)
_PLAIN = ("kind", "language", "status", "article")
"""Keys whose values are words of ours and need no quotes."""


def write_sources(sources: Iterable[tuple[Source, str]]) -> str:
    """A ``sources:`` section that loads, in the order given; "" for none.

    Args:
        sources: each with a remark, which stands above it as a comment.
    """
    lines: list[str] = []
    for source, remark in sources:
        lines.append("")
        if remark:
            lines.append(f"  # {clean_line(remark, limit=_REMARK)}")
        lines.append(f"  {source.name}:")
        lines += [f"    {key}: {_written(key, value)}" for key, value in _keys(source)]
    return "\n".join(["sources:", *lines[1:], ""]) if lines else ""


def source_name(text: str, taken: set[str]) -> str:
    """A name for a source made of ``text``, not in ``taken``, which it joins."""
    base = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].rstrip("-")
    base = base or "source"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name)
    return name


def _keys(source: Source) -> Iterator[tuple[str, Any]]:
    defaults = {each.name: each.default for each in fields(Source)}
    for key in _TOLD:
        value = getattr(source, key)
        if value != defaults[key]:
            yield key, list(value) if isinstance(value, tuple) else value
    rules = source.listing or source.json
    if rules is not None:
        yield from _rule_keys(rules)


def _rule_keys(rules: ListingRules | JsonRules) -> Iterator[tuple[str, Any]]:
    hidden = {"date", "date_order", "date_formats", "next", "max_pages"}
    for each in fields(rules):
        value = getattr(rules, each.name)
        if each.name not in hidden and value != each.default:
            yield each.name, list(value) if isinstance(value, tuple) else value
    if rules.date:
        long = {"select": rules.date}
        if rules.date_order:
            long["order"] = rules.date_order
        yield "date", long if len(long) > 1 else rules.date


def _written(key: str, value: Any) -> str:
    """JSON is YAML, and its quotes hold whatever a page may say."""
    if key in _PLAIN:
        return str(value)
    if isinstance(value, dict):
        inner = ", ".join(f"{name}: {_quoted(each)}" for name, each in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_quoted, value))}]"
    return _quoted(value)


def _quoted(value: Any) -> str:
    if isinstance(value, str):
        value = clean_line(value, limit=8192)
    return json.dumps(value, ensure_ascii=False)
