"""Cases of ``vedette route``: what a user expects of the routing, run as tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, PlainValidator

from alerts.foreseeing import Way, foresee
from alerts.model import Severity
from crawler.checking import Mistake, check
from crawler.configfile import did_you_mean
from crawler.document import Document
from crawler.errors import ConfigError, Problem
from crawler.shapes import Line, StrictModel
from crawler.yamltree import YamlFault, read_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from alerts.foreseeing import Foreseen
    from vedette.config import Config


def read_moment(value: Any) -> datetime:
    """A time with its zone as ISO 8601 writes it, aware UTC.

    Raises:
        ValueError: with the sentence that the user reads.
    """
    form = "expected a time with its zone such as 2026-03-29T02:30+01:00"
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(form) from None
    if moment.tzinfo is None:
        raise ValueError(f"{form}: add Z or an offset")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(form) from None


def _expected(value: Any) -> Way | datetime:
    try:
        return Way(value)
    except ValueError:
        pass
    try:
        return read_moment(value)
    except ValueError:
        ways = ", ".join(f"`{way}`" for way in Way)
        message = f"expected {ways}, or a time such as 2026-03-29T06:30+02:00"
        raise ValueError(message) from None


Moment = Annotated[datetime, BeforeValidator(read_moment)]


class CaseModel(StrictModel):
    """One case: an alert, and how each channel named should take it."""

    topic: Line
    severity: Literal["low", "normal", "high", "critical"] | None = None
    at: Moment
    expect: dict[str, Annotated[Any, PlainValidator(_expected)]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case that can be run; ``places`` says where each expectation stands."""

    topic: str
    severity: Severity
    at: datetime
    expect: Mapping[str, Way | datetime]
    places: Mapping[str, Problem]


def read_cases(path: Path, config: Config) -> tuple[Case, ...]:
    """The cases of a YAML list of {topic, severity, at, expect: {channel: …}}.

    Raises:
        ConfigError: every problem of the file, with its line.
    """
    try:
        data, marks = read_tree(path.read_bytes())
    except OSError as error:
        said = f"cannot be read: {error.strerror}"
        raise _refused(Problem(file=str(path), line=0, path="", message=said)) from None
    except YamlFault as fault:
        where = Problem(file=str(path), line=fault.line, path="", message=fault.message)
        raise _refused(where) from None
    placed = Document(
        path=path, data={}, digest="", files=(path,), notes=(), marks=marks
    )
    if not isinstance(data, list) or not data:
        said = "expected a list of cases: - {topic: …, at: …, expect: {channel: …}}"
        raise _refused(placed.problem((), said))
    cases, mistakes = [], []
    for number, entry in enumerate(data):
        model, wrong = check(CaseModel, entry, (number,))
        if model is not None:
            wrong += _unknown(model, number, config)
        mistakes += wrong
        if model is not None and not wrong:
            cases.append(_case(model, number, config, placed))
    if mistakes:
        raise _refused(*(placed.problem(each.path, each.message) for each in mistakes))
    return tuple(cases)


def _refused(*problems: Problem) -> ConfigError:
    return ConfigError(problems)


def _unknown(model: CaseModel, number: int, config: Config) -> Iterator[Mistake]:
    if model.topic not in config.topics:
        hint = did_you_mean(model.topic, config.topics)
        said = f"there is no topic {model.topic!r}.{hint}"
        yield Mistake((number, "topic"), said)
    for name in model.expect:
        if name not in config.channels:
            hint = did_you_mean(name, config.channels)
            said = f"there is no channel {name!r}.{hint}"
            yield Mistake((number, "expect", name), said)


def _case(model: CaseModel, number: int, config: Config, placed: Document) -> Case:
    usual = config.topics[model.topic].severity
    return Case(
        topic=model.topic,
        severity=Severity(model.severity) if model.severity else usual,
        at=model.at,
        expect=model.expect,
        places={
            name: placed.problem((number, "expect", name), "") for name in model.expect
        },
    )


def misses(case: Case, config: Config) -> Iterator[Problem]:
    """Where the routing is other than a case expects, one problem per channel."""
    topic = config.topics[case.topic]
    for name, expected in case.expect.items():
        found = foresee(topic, case.severity, [config.channels[name]], case.at)
        if any(_meets(one, expected) for one in found):
            continue
        where = case.places[name]
        zone = ZoneInfo(config.channels[name].timezone)
        said = "; ".join(dict.fromkeys(_said_of(one, zone) for one in found))
        wanted = expected if isinstance(expected, Way) else _iso(expected, zone)
        message = f"expected {wanted}, but it is {said}"
        yield Problem(
            file=where.file, line=where.line, path=where.path, message=message
        )


def _meets(one: Foreseen, expected: Way | datetime) -> bool:
    return one.way is expected if isinstance(expected, Way) else one.at == expected


def _said_of(one: Foreseen, zone: ZoneInfo) -> str:
    """What a recipient would get, as a phrase; times in the channel's zone."""
    when = f" {_iso(one.at, zone)}" if one.at and one.way is not Way.AT_ONCE else ""
    return f"{one.way}{when} ({one.why})"


def _iso(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone).isoformat(timespec="minutes")
    return local.replace("+00:00", "Z")
