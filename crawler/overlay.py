"""How one config file is laid over another (DESIGN section 4, "Overriding")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.yamltree import Marks

NAMED = ("sources", "entities", "topics", "channels")
"""The sections whose keys are names that the user chose."""
_SECRET_KEYS = {"env", "file"}


@dataclass(frozen=True, slots=True)
class Layer:
    """The data of a file and, in the same shape, where each part of it stands."""

    data: dict[str, Any]
    marks: tuple[int, Any]

    def nulls(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Place and path of every named entry that is still `null`."""
        for section in NAMED:
            entries = self.data.get(section)
            if isinstance(entries, dict):
                for name, value in entries.items():
                    if value is None:
                        yield _at(self.marks[1][section][1][name]), (section, name)


@dataclass(frozen=True, slots=True)
class Clash:
    """The same name in two files that do not include one another."""

    path: tuple[str, ...]
    at: int
    first_at: int


def join(layers: Sequence[Layer]) -> tuple[Layer, tuple[Clash, ...]]:
    """Files side by side; what two of them set is a clash, and the first one stays."""
    data: dict[str, Any] = {}
    marks: dict[str, Any] = {}
    clashes: list[Clash] = []
    for layer in layers:
        for key, value in layer.data.items():
            mark = layer.marks[1][key]
            if key not in data:
                section = key in NAMED and isinstance(value, dict)
                data[key] = dict(value) if section else value
                marks[key] = (mark[0], dict(mark[1])) if section else mark
            elif (
                key in NAMED and isinstance(value, dict) and isinstance(data[key], dict)
            ):
                clashes += _join_names(key, data[key], marks[key][1], (value, mark[1]))
            else:
                clashes.append(Clash((key,), _at(mark), _at(marks[key])))
    return Layer(data, (0, marks)), tuple(clashes)


def _join_names(
    section: str,
    names: dict[str, Any],
    marks: dict[str, Any],
    more: tuple[dict[str, Any], dict[str, Any]],
) -> Iterator[Clash]:
    for name, value in more[0].items():
        if name in names:
            yield Clash((section, name), _at(more[1][name]), _at(marks[name]))
        else:
            names[name] = value
            marks[name] = more[1][name]


def lay_over(below: Layer, above: Layer) -> Layer:
    """The including file over the included ones.

    Mappings merge key by key at every depth, everything else replaces, `null` removes.
    A section left empty (`topics:`) changes nothing. A `null` entry with nothing below
    stays, for the caller to blame.
    """
    data = dict(below.data)
    marks = dict(below.marks[1])
    for key, value in above.data.items():
        mark = above.marks[1][key]
        if key == "include":
            continue
        if key in NAMED:
            if value is None:
                continue
            keep = True
        else:
            keep = False
        _set(data, marks, key, (value, mark), keep_nulls=keep)
    return Layer(data, (above.marks[0], marks))


def _set(
    data: dict[str, Any],
    marks: dict[str, Any],
    key: str,
    new: tuple[Any, Marks],
    *,
    keep_nulls: bool,
) -> None:
    """Lays one value over the one of the same key, if there is any."""
    value, mark = new
    old = data.get(key)
    if value is None:
        if key in data:
            del data[key], marks[key]
        return
    if not isinstance(value, dict) or not isinstance(mark, tuple):
        data[key], marks[key] = value, mark
        return
    merges = isinstance(old, dict) and isinstance(marks[key], tuple)
    if merges and not value.keys() <= _SECRET_KEYS:
        merged, merged_marks = dict(data[key]), dict(marks[key][1])
    else:
        merged, merged_marks = {}, {}
    for name, part in value.items():
        part_mark = mark[1][name]
        if keep_nulls and part is None and name not in merged:
            merged[name], merged_marks[name] = None, part_mark
        else:
            _set(merged, merged_marks, name, (part, part_mark), keep_nulls=False)
    data[key], marks[key] = merged, (mark[0], merged_marks)


def _at(mark: Any) -> int:
    return int(mark[0]) if isinstance(mark, tuple) else int(mark)
