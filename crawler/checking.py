"""Holds data against a model and explains what is wrong with it, key by key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    TypeVar,
    Union,
    get_args,
    get_origin,
)

from pydantic import ValidationError

from crawler.configfile import did_you_mean
from crawler.shapes import StrictModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydantic_core import ErrorDetails

Steps = tuple[str | int, ...]
"""A place in the document as keys and indices."""
NAME = re.compile(r"[A-Za-z0-9_.-]{1,80}\Z")
"""Names of sources, entities, topics and channels (as in ``@name``)."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong at a place; the caller adds file and line."""

    path: Steps
    message: str


Model = TypeVar("Model", bound=StrictModel)


def check(
    model: type[Model], data: Any, path: Steps, *, folder: Path | None = None
) -> tuple[Model | None, list[Mistake]]:
    """The model filled from plain data, or None and everything that is wrong.

    ``path`` is where ``data`` stands; ``folder`` what secret files are relative to.
    """
    if not isinstance(data, dict):
        return None, [Mistake(path, f"expected a mapping of keys, got {_kind(data)}")]
    try:
        return model.model_validate(data, context={"folder": folder or Path()}), []
    except ValidationError as error:
        found = error.errors(include_url=False)
    return None, [_mistake(model, path, each) for each in found]


def check_names(data: Any, section: str) -> tuple[dict[str, Any], list[Mistake]]:
    """The entries of a named section whose names may be used, and what is wrong."""
    if data is None:
        return {}, []
    if not isinstance(data, dict):
        said = f"expected names with their settings below, got {_kind(data)}"
        return {}, [Mistake((section,), said)]
    wrong = [name for name in data if not NAME.match(name)]
    said = "a name may hold letters a-z, digits, and the signs . _ - only"
    good = {name: value for name, value in data.items() if name not in wrong}
    return good, [Mistake((section, name), said) for name in wrong]


def _mistake(model: type[StrictModel], path: Steps, error: ErrorDetails) -> Mistake:
    steps = tuple(error["loc"])
    say = _SENTENCES.get(error["type"])
    if error["type"] == "extra_forbidden":
        known = _keys_at(model, steps[:-1])
        hint = did_you_mean(str(steps[-1]), known) or _choices(known)
        return Mistake(path + steps, f"unknown key.{hint}")
    if say is not None:
        return Mistake(path + steps, say(error))
    return Mistake(path + steps, error["msg"])


def _choices(known: Iterable[str]) -> str:
    return f" Known here: {', '.join(sorted(known))}." if known else ""


def _keys_at(model: type[StrictModel], steps: Steps) -> tuple[str, ...]:
    """The keys of the (sub)model that an error's location leads to."""
    here: Any = model
    for step in steps:
        here = _below(here, str(step))
    return tuple(_fields(here)) if _is_model(here) else ()


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, StrictModel)


def _fields(model: type[StrictModel]) -> dict[str, Any]:
    """The annotation of every key, by the name it has in the file."""
    fields = model.model_fields.items()
    return {info.alias or name: _bare(info.annotation) for name, info in fields}


def _below(annotation: Any, step: str) -> Any:
    """What a key leads to in a model, and any key or index in a container."""
    if _is_model(annotation):
        return _fields(annotation).get(step)
    inner = get_args(annotation)
    if not inner:
        return None
    return _bare(inner[1] if get_origin(annotation) is dict else inner[0])


def _bare(annotation: Any) -> Any:
    """Without ``Annotated`` and ``| None``."""
    while get_origin(annotation) in {Annotated, Union, UnionType}:
        annotation = get_args(annotation)[0]
    return annotation


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return "text"
    names = {dict: "a mapping", list: "a list", type(None): "nothing"}
    return names.get(type(value), type(value).__name__)


def _expected(what: str) -> Callable[[ErrorDetails], str]:
    return lambda error: f"expected {what}, got {_kind(error['input'])}"


def _expected_text(error: ErrorDetails) -> str:
    value = error["input"]
    quote = ": put it in quotes" if isinstance(value, bool | int | float) else ""
    return f"expected text, got {_kind(value)}{quote}"


def _literal(error: ErrorDetails) -> str:
    choices = re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))
    value = error["input"]
    hint = did_you_mean(value, choices) if isinstance(value, str) else ""
    return f"expected one of {', '.join(choices)}.{hint}"


def _bound(words: str, key: str) -> Callable[[ErrorDetails], str]:
    return lambda error: f"expected {words} {error.get('ctx', {}).get(key)}"


_SENTENCES: dict[str, Callable[[ErrorDetails], str]] = {
    "missing": lambda _: "this key is required and missing",
    "value_error": lambda error: str(error.get("ctx", {}).get("error", error["msg"])),
    "string_type": _expected_text,
    "int_type": _expected("a whole number"),
    "int_from_float": _expected("a whole number"),
    "float_type": _expected("a number"),
    "bool_type": _expected("true or false"),
    "tuple_type": _expected("a list"),
    "dict_type": _expected("a mapping of keys"),
    "model_type": _expected("a mapping of keys"),
    "literal_error": _literal,
    "greater_than_equal": _bound("a number of at least", "ge"),
    "less_than_equal": _bound("a number of at most", "le"),
    "greater_than": _bound("a number above", "gt"),
    "less_than": _bound("a number below", "lt"),
    "too_short": lambda error: (
        f"expected at least {error.get('ctx', {}).get('min_length')} of them"
    ),
    "too_long": lambda error: (
        f"expected at most {error.get('ctx', {}).get('max_length')} of them"
    ),
}
