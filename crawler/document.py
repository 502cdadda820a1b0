"""A config file as one document that knows the line of each of its values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crawler.errors import Problem
from crawler.yamltree import LINE_BITS, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crawler.yamltree import Marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A config file with everything it includes, merged; plain dicts and lists.

    ``data`` must not be changed: parts of it are shared. ``digest`` is the sha256
    (hex) of all bytes read, in reading order: the config version. ``files`` are the
    files read, the main one first. ``notes`` are warnings about them.
    """

    path: Path
    data: dict[str, Any]
    digest: str
    files: tuple[Path, ...]
    notes: tuple[Problem, ...] = ()
    marks: Marks = field(default=0, repr=False)

    @property
    def folder(self) -> Path:
        """What relative paths in the config are relative to; absolute."""
        return self.path.parent

    def place(self, path: Iterable[str | int]) -> tuple[str, int]:
        """File and line (from 1) of a value, or of its nearest ancestor that exists.

        The line is 0 when not even the first key exists.
        """
        marks: Any = self.marks
        found = 0
        for step in path:
            marks = _child(marks, step)
            if marks is None:
                break
            found = place_of(marks)
        if not found:
            return str(self.path), 0
        return str(self.files[found >> LINE_BITS]), found & (2**LINE_BITS - 1)

    def problem(self, path: Iterable[str | int], message: str) -> Problem:
        """A problem at a place of this document."""
        steps = tuple(path)
        file, line = self.place(steps)
        return Problem(
            file=file, line=line, path=".".join(map(str, steps)), message=message
        )


def _child(marks: Any, step: str | int) -> Any:
    """The marks below one key or index, or None."""
    children = marks[1] if isinstance(marks, tuple) else None
    if isinstance(children, dict):
        return children.get(str(step))
    if isinstance(children, list) and isinstance(step, int) and step < len(children):
        return children[step]
    return None
