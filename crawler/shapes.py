"""What the values of a config file may look like, and how a wrong one is explained.

The pydantic models of every section build on ``StrictModel`` and these field types;
``check`` turns pydantic's findings into sentences a reader of YAML understands.
"""

from __future__ import annotations

import re
from collections.abc import Callable  # noqa: TC003 - read by dataclass
from dataclasses import dataclass
from datetime import timedelta
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
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core.core_schema import CoreSchema, no_info_before_validator_function

from crawler.configfile import did_you_mean
from crawler.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic.json_schema import JsonSchemaValue
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


class StrictModel(BaseModel):
    """A mapping of the config file: unknown keys and near types are mistakes."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False
    )


# --- field types -----------------------------------------------------------------

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(\d{1,6})\s?([smhdw])\Z")
_LONGEST = timedelta(days=3660)


def read_duration(value: Any) -> timedelta:
    """A duration written as ``10m``; seconds to weeks, above 0, at most ten years."""
    found = _DURATION.match(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("expected a duration such as 90s, 10m, 2h or 30d")
    length = timedelta(seconds=int(found[1]) * _UNITS[found[2]])
    if not timedelta(0) < length <= _LONGEST:
        raise ValueError("expected a duration above 0 and of at most 3660d")
    return length


def write_duration(length: timedelta) -> str:
    """The shortest form that ``read_duration`` reads back; whole seconds."""
    seconds = int(length.total_seconds())
    unit = next(each for each in "dhms" if seconds % _UNITS[each] == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, LookupError):
        hint = did_you_mean(value, available_timezones())
        message = f"expected a time zone such as Europe/Brussels or UTC.{hint}"
        raise ValueError(message) from None
    return value


def _one_line(value: str) -> str:
    value = value.strip()
    if not value:
        raise ValueError("expected text, got nothing")
    if any(ord(letter) < 32 or letter in "\x7f\x85\u2028\u2029" for letter in value):
        raise ValueError("expected one line of text without control characters")
    return value


def read_secret(value: Any, info: ValidationInfo) -> Secret:
    """``{env: NAME}`` or ``{file: PATH}``; the message never repeats a value."""
    form = "expected {env: NAME} or {file: PATH}"
    if not isinstance(value, dict):
        # ValueError, not TypeError: pydantic turns only that into a finding
        raise ValueError(  # noqa: TRY004
            f"{form}: a secret is never written into the config itself"
        )
    if len(value) != 1 or not value.keys() <= {"env", "file"}:
        raise ValueError(f"{form}, and nothing beside it")
    ((kind, name),) = value.items()
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"{form}: the name is missing")
    if kind == "file":
        folder = (info.context or {}).get("folder", Path())
        return Secret(file=Path(folder) / name)
    if not re.match(r"[A-Za-z_][A-Za-z0-9_]*\Z", name):
        raise ValueError(f"{form}: this is no name of an environment variable")
    return Secret(env=name)


def _literal_or_secret(value: Any, info: ValidationInfo) -> str | Secret:
    if isinstance(value, str):
        return _one_line(value)
    if isinstance(value, dict):
        return read_secret(value, info)
    raise ValueError("expected text, {env: NAME} or {file: PATH}")


DURATION_SCHEMA: dict[str, Any] = {
    "type": "string",
    "pattern": "^[0-9]{1,6} ?[smhdw]$",
    "examples": ["90s", "10m", "2h", "30d"],
}
SECRET_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"env": {"type": "string"}, "file": {"type": "string"}},
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
    "description": "{env: NAME} or {file: PATH}, never the secret itself",
}

Duration = Annotated[
    timedelta,
    PlainValidator(read_duration),
    PlainSerializer(write_duration, return_type=str),
    WithJsonSchema(DURATION_SCHEMA),
]
Zone = Annotated[str, AfterValidator(_zone)]
Line = Annotated[str, AfterValidator(_one_line)]
SecretRef = Annotated[
    Secret, PlainValidator(read_secret), WithJsonSchema(SECRET_SCHEMA)
]
LiteralOrSecret = Annotated[
    str | Secret,
    PlainValidator(_literal_or_secret),
    WithJsonSchema({"anyOf": [{"type": "string"}, SECRET_SCHEMA]}),
]


class OneOrMany:
    """Marks a tuple that is a list in YAML; one alone may stand without brackets."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return no_info_before_validator_function(_as_tuple, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        many = handler(schema)
        return {"anyOf": [many["items"], many]}


def _as_tuple(value: Any) -> Any:
    if isinstance(value, tuple):
        return value
    return tuple(value) if isinstance(value, list) else (value,)


@dataclass(frozen=True, slots=True, eq=False)
class Short:
    """Marks a mapping that may be written shorter; ``read`` gives the long form."""

    read: Callable[[Any], Any]
    schema: dict[str, Any]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [self.schema, handler(schema)]}


Words = Annotated[tuple[Line, ...], OneOrMany()]

# --- checking --------------------------------------------------------------------

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
