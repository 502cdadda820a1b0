"""Reads one YAML 1.2 file into plain data, with the line of every part of it.

The text is read event by event, so that depth, size and alias bombs are refused
before anything is built (HARDENING A61-A63). Scalars follow the YAML 1.2 core
schema: ``NO``, ``off`` and ``12:30`` are text, and a key is always text.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH = 100
"""Levels of nesting; our deepest key stands on level 8."""
MAX_NODES = 200_000
"""Values after aliases are followed; the shipped pack has about 15,000."""
MAX_BYTES = 8 * 2**20
"""Size of one file; the shipped pack's largest is under 1 MiB."""
MAX_DIGITS = 18
"""Digits of a whole number; more than that is an accident or an attack (A63)."""

Marks = int | tuple[int, dict[str, Any] | list[Any]]
"""Where a value starts: its line for a scalar; line and children for the rest.

A line is packed with the number of its file: ``file << LINE_BITS | line``.
"""
LINE_BITS = 24

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT = re.compile(r"[-+]?[0-9]+\Z")
_BASED = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_TEXT_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})


class YamlFault(Exception):  # noqa: N818 - never leaves the floor; becomes a Problem
    """The text is not the YAML we accept; ``line`` counts from 1, 0 if unknown."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not been read yet."""

    data: dict[str, Any] | list[Any]
    marks: dict[str, Any] | list[Any]
    at: int
    anchor: str | None
    before: int
    key: str | None = None
    key_at: int = 0


def read_tree(raw: bytes, *, file: int = 0) -> tuple[Any, Marks]:
    """The data of one file and the marks that place it; ``file`` goes into them.

    Mappings keep their order; an empty file gives None.

    Raises:
        YamlFault: bad syntax, bytes that are not UTF-8, tags, duplicate keys, a
            second document, or more than the limits of this module.
    """
    if len(raw) > MAX_BYTES:
        raise YamlFault(0, f"the file is larger than {MAX_BYTES // 2**20} MiB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise YamlFault(line, "the file is not UTF-8 text; save it as UTF-8") from None
    builder = _Builder(file << LINE_BITS)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(filter(None, (error.context, error.problem)))
        line = mark.line + 1 if mark else 0
        raise YamlFault(line, f"not valid YAML: {said}") from None
    except YAMLError as error:
        raise YamlFault(*_unmarked(text, error)) from None
    except (ValueError, IndexError, KeyError, AttributeError, TypeError) as error:
        # ruamel's scanner lets these escape on a few malformed inputs (%-escapes
        # in tags, directives); found by tests/crawler/test_yamltree.py
        raise YamlFault(0, f"not valid YAML: {error}") from None
    return builder.result


def _unmarked(text: str, error: YAMLError) -> tuple[int, str]:
    """Line and sentence for ruamel's errors that carry a position, not a mark."""
    position = getattr(error, "position", None)
    if not isinstance(position, int):
        return 0, f"not valid YAML: {error}"
    line = text.count("\n", 0, position) + 1
    return line, "a character that YAML does not allow (a control character?)"


class _Builder:
    """Puts events together; nothing here recurses, so depth costs no stack."""

    def __init__(self, file: int) -> None:
        self.result: tuple[Any, Marks] = (None, file)
        self._file = file
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int, Marks]] = {}
        self._documents = 0
        self._nodes = 0
        self._steps: dict[type[Event], Callable[[Any], None]] = {
            ScalarEvent: self._scalar,
            MappingStartEvent: self._start,
            SequenceStartEvent: self._start,
            MappingEndEvent: self._end,
            SequenceEndEvent: self._end,
            AliasEvent: self._alias,
            DocumentStartEvent: self._document,
        }

    def take(self, event: Event) -> None:
        """Adds one event."""
        step = self._steps.get(type(event))
        if step is not None:
            step(event)

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            raise YamlFault(_line(event), "a second document (---) in one file")

    def _scalar(self, event: Any) -> None:
        line = _line(event)
        if self._wants_key():
            _refuse_tag(event, line)
            if event.value == "<<" and event.implicit[0]:
                said = "merge keys (<<) are not supported: write them out"
                raise YamlFault(line, said)
            self._set_key(event.value, line)
            return
        value = _resolve(event, line)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1, 0)
        self._count(1, line)
        self._place(value, self._file | line, line)

    def _start(self, event: Any) -> None:
        line = _line(event)
        _refuse_tag(event, line)
        if self._wants_key():
            raise YamlFault(line, "a key must be text, not a list or a mapping")
        if len(self._open) >= MAX_DEPTH:
            raise YamlFault(line, f"nested deeper than {MAX_DEPTH} levels")
        self._count(1, line)
        if event.anchor:
            # until its end it has no size: an alias to it would hold itself
            self._anchors[event.anchor] = (None, 0, 0)
        mapping = isinstance(event, MappingStartEvent)
        self._open.append(
            _Open(
                data={} if mapping else [],
                marks={} if mapping else [],
                at=self._file | line,
                anchor=event.anchor,
                before=self._nodes,
            )
        )

    def _end(self, event: Any) -> None:
        done = self._open.pop()
        if done.anchor:
            size = self._nodes - done.before + 1
            self._anchors[done.anchor] = (done.data, size, (done.at, done.marks))
        self._place(done.data, (done.at, done.marks), _line(event))

    def _alias(self, event: Any) -> None:
        line = _line(event)
        if event.anchor not in self._anchors:
            raise YamlFault(line, f"*{event.anchor} is used but &{event.anchor} is not")
        if self._wants_key():
            raise YamlFault(line, "a key must be written out, not an alias")
        value, size, marks = self._anchors[event.anchor]
        if size == 0:
            raise YamlFault(line, f"*{event.anchor} contains itself")
        self._count(size, line)
        # shared, never copied: the tree is read-only from here on, so the count
        # above bounds the walk while memory stays that of the text
        at = self._file | line
        self._place(value, (at, marks[1]) if isinstance(marks, tuple) else at, line)

    def _count(self, nodes: int, line: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise YamlFault(line, f"more than {MAX_NODES:,} values (an alias bomb?)")

    def _wants_key(self) -> bool:
        if not self._open:
            return False
        parent = self._open[-1]
        return isinstance(parent.data, dict) and parent.key is None

    def _set_key(self, key: str, line: int) -> None:
        parent = self._open[-1]
        if key in parent.data:
            assert isinstance(parent.marks, dict)  # noqa: S101 - for the type checker
            first = place_of(parent.marks[key]) & (2**LINE_BITS - 1)
            raise YamlFault(
                line, f"the key {key!r} stands twice, first on line {first}"
            )
        parent.key = key
        parent.key_at = self._file | line

    def _place(self, value: Any, marks: Marks, line: int) -> None:
        if not self._open:
            self.result = (value, marks)
            return
        parent = self._open[-1]
        if isinstance(parent.data, list):
            parent.data.append(value)
            assert isinstance(parent.marks, list)  # noqa: S101 - for the type checker
            parent.marks.append(marks)
            return
        if parent.key is None:  # pragma: no cover - the parser sends keys first
            raise YamlFault(line, "a value without a key")
        assert isinstance(parent.marks, dict)  # noqa: S101 - for the type checker
        parent.data[parent.key] = value
        # the key's line is what a reader looks for, not that of a value below it
        at = parent.key_at
        parent.marks[parent.key] = (at, marks[1]) if isinstance(marks, tuple) else at
        parent.key = None


def place_of(marks: Marks) -> int:
    """The packed file and line of a mark."""
    return marks[0] if isinstance(marks, tuple) else marks


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _refuse_tag(event: Any, line: int) -> None:
    if event.tag is not None and event.tag not in _TEXT_TAGS:
        raise YamlFault(line, f"the tag {_short(event.tag)} is not allowed here")


def _short(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")[:60]


def _resolve(event: Any, line: int) -> Any:
    """The value of a scalar by the YAML 1.2 core schema (spec section 10.3.2)."""
    text: str = event.value
    _refuse_tag(event, line)
    if event.tag is not None or not event.implicit[0]:
        return text
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if text[0] in "0123456789+-.":
        return _number(text, line)
    return text


def _number(text: str, line: int) -> int | float | str:
    if _INT.match(text) or _BASED.match(text):
        if len(text) > MAX_DIGITS:
            raise YamlFault(line, f"a number of {len(text)} digits; quote it if text")
        return int(text, 0) if _BASED.match(text) else int(text)
    if _FLOAT.match(text):
        value = float(text)
        if not math.isfinite(value):
            raise YamlFault(line, "a number too large to be meant")
        return value
    return text
