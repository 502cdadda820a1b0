"""The watch of a config file: entities and topics, checked and ready to compile.

Queries are kept as text here; ``alerts.matching`` reads them and says what is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from alerts.model import Alias, Clause, Entity, Escalate, Scope, Severity, Topic
from crawler.checking import Mistake, check, check_names
from crawler.configfile import did_you_mean
from crawler.shapes import (
    Duration,
    Line,
    OneOrMany,
    Short,
    StrictModel,
    Words,
    one_line,
)
from crawler.sourceshape import Language, check_language

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from crawler.checking import Steps

SEVERITIES = ("low", "normal", "high", "critical")


# --- entities --------------------------------------------------------------------


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


# --- topics ----------------------------------------------------------------------


def _alert(value: Any) -> Any:
    return {"off": True} if value == "off" or value is False else value


class ClauseModel(StrictModel):
    """A query that adds points when it hits."""

    query: Query
    points: Annotated[float, Field(ge=-100, le=100)]


class ScopeModel(StrictModel):
    """Where a topic looks; an empty list means everywhere."""

    tags: Words = ()
    languages: Annotated[tuple[Language, ...], OneOrMany()] = ()
    sources: Words = ()


class EscalateModel(StrictModel):
    """Whom to tell when nobody acknowledged."""

    after: Duration
    to: Words


class AlertModel(StrictModel):
    """What happens when a topic hits; ``alert: off`` records and sends nothing."""

    to: Words | None = None
    first: Annotated[int, Field(ge=1, le=1000)] = 1
    escalate: EscalateModel | None = None
    off: bool = False


class ExamplesModel(StrictModel):
    """Texts that must and must not alert; run by ``vedette check``."""

    hit: Annotated[tuple[str, ...], OneOrMany()] = ()
    miss: Annotated[tuple[str, ...], OneOrMany()] = ()


class TopicModel(StrictModel):
    """One entry of ``topics:``."""

    title: Line | None = None
    severity: Literal["low", "normal", "high", "critical"] = "normal"
    query: Query
    any: Annotated[tuple[ClauseModel, ...], OneOrMany()] = ()
    none: Annotated[tuple[Query, ...], OneOrMany()] = ()
    threshold: Annotated[float, Field(ge=0, le=100)] = 50
    scope: ScopeModel = ScopeModel()
    alert: Annotated[AlertModel, Short(_alert, {"enum": ["off", False]})] = AlertModel()
    examples: ExamplesModel = ExamplesModel()


def read_topics(
    data: Any, *, channels: Collection[str]
) -> tuple[dict[str, Topic], list[Mistake]]:
    """The topics by name, in the order of the file; wrong ones are left out.

    ``channels`` are the declared names, for ``alert.to``.
    """
    entries, mistakes = check_names(data, "topics")
    topics: dict[str, Topic] = {}
    for name, entry in entries.items():
        path = ("topics", name)
        model, wrong = check(TopicModel, entry, path)
        if isinstance(entry, dict):
            wrong += _recipients_wrong(entry.get("alert"), (*path, "alert"), channels)
        mistakes += wrong
        if model is not None and not wrong:
            topics[name] = _topic(name, model)
    return topics, mistakes


def _recipients_wrong(
    alert: Any, path: Steps, channels: Collection[str]
) -> Iterator[Mistake]:
    """Channels that an ``alert:`` names and the config does not have."""
    if not isinstance(alert, dict):
        return
    if alert.get("to") == []:
        yield Mistake((*path, "to"), "name a channel, or write `alert: off`")
    escalate = alert.get("escalate")
    later = escalate.get("to") if isinstance(escalate, dict) else None
    if later == []:
        yield Mistake((*path, "escalate", "to"), "name a channel")
    for where, given in ((("to",), alert.get("to")), (("escalate", "to"), later)):
        names = [given] if isinstance(given, str) else given
        for index, name in enumerate(names if isinstance(names, list) else ()):
            if isinstance(name, str) and name not in channels:
                hint = did_you_mean(name, channels)
                said = f"there is no channel {name!r}.{hint}"
                yield Mistake((*path, *where, index), said)


def _topic(name: str, model: TopicModel) -> Topic:
    later = model.alert.escalate
    return Topic(
        name=name,
        title=model.title or name,
        query=model.query,
        severity=Severity(model.severity),
        any=tuple(Clause(query=each.query, points=each.points) for each in model.any),
        none=model.none,
        threshold=model.threshold,
        scope=Scope(
            tags=model.scope.tags,
            languages=model.scope.languages,
            sources=model.scope.sources,
        ),
        to=model.alert.to,
        off=model.alert.off,
        first=model.alert.first,
        escalate=Escalate(after=later.after, to=later.to) if later else None,
        hits=model.examples.hit,
        misses=model.examples.miss,
    )


def unknown_sources(
    topics: Mapping[str, Topic], sources: Collection[str]
) -> Iterator[Mistake]:
    """Sources that a scope names and the config does not have."""
    for topic in topics.values():
        for index, name in enumerate(topic.scope.sources):
            if name not in sources:
                hint = did_you_mean(name, sources)
                path = ("topics", topic.name, "scope", "sources", index)
                yield Mistake(path, f"there is no source {name!r}.{hint}")
