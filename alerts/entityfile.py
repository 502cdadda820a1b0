"""The entities of a config file, checked.

Queries are kept as text here; ``alerts.matching`` reads them and says what is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from alerts.model import Alias, Entity
from crawler.checking import Mistake, check, check_names
from crawler.shapes import (
    Line,
    OneOrMany,
    Short,
    StrictModel,
    Words,
    one_line,
)
from crawler.sourceshape import Language, check_language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.checking import Steps


def _alias(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


def _fuzzy(value: Any) -> str | int:
    if value is False:  # `fuzzy: false`, as editors that think in YAML 1.1 write off
        return "off"
    if value in ("auto", "off") or (type(value) is int and 0 <= value <= 3):
        return value  # type: ignore[no-any-return]
    raise ValueError("expected auto, off or a number of edits from 0 to 3")


Fuzzy = Annotated[
    str | int,
    BeforeValidator(_fuzzy),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["auto", "off"]},
                {"type": "integer", "minimum": 0, "maximum": 3},
            ]
        }
    ),
]


def _unfolded(value: str) -> str:
    return " ".join(value.splitlines())


Query = Annotated[str, AfterValidator(_unfolded), AfterValidator(one_line)]
"""A query; YAML may have broken it into lines."""


class NearModel(StrictModel):
    """A query that cancels a mention when it stands within so many words."""

    query: Query
    within: Annotated[int, Field(ge=1, le=50)] = 5


class AliasModel(StrictModel):
    """One spelling of an entity, where it needs more than its text."""

    text: Line
    case: bool = False
    boundary: Literal["start", "word", "none"] | None = None
    inflect: Literal["noun", "name", "none"] | None = None
    fuzzy: Fuzzy | None = None
    lang: Language | None = None
    when: Query | None = None
    not_followed_by: Words = ()
    not_preceded_by: Words = ()
    not_near: NearModel | None = None


Aliases = Annotated[
    tuple[Annotated[AliasModel, Short(_alias, {"type": "string"})], ...], OneOrMany()
]


class EntityModel(StrictModel):
    """One entry of ``entities:``."""

    kind: Literal["place", "org", "person", "thing"] = "thing"
    names: Annotated[dict[str, Aliases], Field(default_factory=dict)]
    fuzzy: Fuzzy | None = None
    deny: Words = ()
    aliases_from: Words = ()


def read_entities(data: Any) -> tuple[dict[str, Entity], list[Mistake]]:
    """The entities by id, in the order of the file; wrong ones are left out.

    Aliases stand in the order of ``names``, language after language.
    """
    entries, mistakes = check_names(data, "entities")
    entities: dict[str, Entity] = {}
    for name, entry in entries.items():
        path = ("entities", name)
        model, wrong = check(EntityModel, entry, path)
        if model is not None:
            wrong += _names_wrong(model, path)
        mistakes += wrong
        if model is not None and not wrong:
            entities[name] = _entity(name, model)
    return entities, mistakes


def _names_wrong(model: EntityModel, path: Steps) -> Iterator[Mistake]:
    if not any(model.names.values()) and not model.aliases_from:
        said = "an entity needs at least one spelling, or aliases_from"
        yield Mistake((*path, "names"), said)
    for language in model.names:
        try:
            check_language(language)
        except ValueError as error:
            yield Mistake((*path, "names", language), str(error))


def _entity(name: str, model: EntityModel) -> Entity:
    aliases = tuple(
        _as_alias(alias, language)
        for language, group in model.names.items()
        for alias in group
    )
    return Entity(
        id=name,
        kind=model.kind,
        aliases=aliases,
        fuzzy=model.fuzzy,
        deny=model.deny,
        aliases_from=model.aliases_from,
    )


def _as_alias(model: AliasModel, language: str) -> Alias:
    near = model.not_near
    return Alias(
        text=model.text,
        lang=model.lang or language,
        case=model.case,
        boundary=model.boundary,
        inflect=model.inflect,
        fuzzy=model.fuzzy,
        when=model.when,
        not_followed_by=model.not_followed_by,
        not_preceded_by=model.not_preceded_by,
        not_near=(near.query, near.within) if near else None,
    )


def alias_path(data: Any, entity: str, index: int) -> Steps:
    """Where the alias of that index in ``Entity.aliases`` stands in the file's data."""
    path: Steps = ("entities", entity, "names")
    entry = data.get(entity) if isinstance(data, dict) else None
    names = entry.get("names") if isinstance(entry, dict) else None
    for language, group in names.items() if isinstance(names, dict) else ():
        count = len(group) if isinstance(group, list) else 1
        if index < count:
            here = (*path, language)
            return (*here, index) if isinstance(group, list) else here
        index -= count
    return path
