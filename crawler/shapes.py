"""The kinds of values a config file may hold, for the models of every section.

A field type raises ``ValueError`` with the sentence that the user reads; it never
repeats a value that may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable  # noqa: TC003 - read by dataclass
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
)
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core.core_schema import CoreSchema, no_info_before_validator_function

from crawler.configfile import did_you_mean
from crawler.secrets import Secret

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue


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


def one_line(value: str) -> str:
    """The text without blanks around it; refused if empty or of several lines."""
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
        return one_line(value)
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
Line = Annotated[str, AfterValidator(one_line)]
SecretRef = Annotated[
    Secret, PlainValidator(read_secret), WithJsonSchema(SECRET_SCHEMA)
]
LiteralOrSecret = Annotated[
    str | Secret,
    PlainValidator(_literal_or_secret),
    WithJsonSchema({"anyOf": [{"type": "string"}, SECRET_SCHEMA]}),
]


def split_url(url: str) -> SplitResult | None:
    """The parts of a URL, or None if no program should be given it."""
    if re.search(r"[\s\\\x00-\x1f\x7f<>]", url):
        return None
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is the check
    except ValueError:
        return None
    return parts


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
