"""The topics of a config file, checked and ready to compile.

Queries are kept as text here; ``alerts.matching`` reads them and says what is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from alerts.entityfile import Query  # noqa: TC001 - pydantic reads it at run time
from alerts.model import Clause, Escalate, Scope, Severity, Topic
from crawler.checking import Mistake, check, check_names
from crawler.configfile import did_you_mean
from crawler.shapes import (
    Duration,
    Line,
    OneOrMany,
    Short,
    StrictModel,
    Words,
)
from crawler.sourceshape import Language  # noqa: TC001 - likewise

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from crawler.checking import Steps


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
