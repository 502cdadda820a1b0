"""docs/config.md is held to the models: nothing missing, nothing invented."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.channelfile import KIND_KEYS, REQUIRED_KEYS, ChannelModel, QuietModel
from alerts.entityfile import AliasModel, EntityModel, NearModel
from alerts.matching.matcher import Matcher
from alerts.model import Alias, Document, Entity, Topic
from alerts.topicfile import (
    AlertModel,
    ClauseModel,
    EscalateModel,
    ExamplesModel,
    ScopeModel,
    TopicModel,
)
from crawler.shapes import StrictModel, write_duration
from crawler.sourceshape import (
    DateModel,
    EveryModel,
    NetworkModel,
    PagesModel,
    SourceModel,
)
from vedette.config import json_schema, load_config
from vedette.configshape import FileModel, HeartbeatModel, RetentionModel, WebModel

DOCS = Path(__file__).parents[1] / "docs"
TEXT = (DOCS / "config.md").read_text(encoding="utf-8")
MODELS: tuple[type[StrictModel], ...] = (
    *(FileModel, NetworkModel, WebModel, RetentionModel, HeartbeatModel),
    *(SourceModel, EveryModel, DateModel, PagesModel),
    *(EntityModel, AliasModel, NearModel),
    *(TopicModel, ClauseModel, ScopeModel, AlertModel, EscalateModel, ExamplesModel),
    *(ChannelModel, QuietModel),
)


def table(marker: str) -> dict[str, list[str]]:
    """The table after a marker comment: first cell -> the other cells."""
    lines = TEXT.partition(f"<!-- {marker} -->\n")[2].splitlines()
    rows = {}
    for line in lines[2:]:
        if not line.startswith("|"):
            break
        first, *rest = (cell.strip() for cell in line.strip("|").split(" | "))
        rows[first.strip("`* ")] = rest
    return rows


def blocks() -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_is_documented_and_none_is_invented(model: type[StrictModel]) -> None:
    keys = [info.alias or name for name, info in model.model_fields.items()]
    assert list(table(f"keys: {model.__name__}")) == keys


def test_every_model_of_the_schema_has_its_table() -> None:
    names = {model.__name__ for model in MODELS}
    assert set(json_schema()["$defs"]) | {"FileModel"} == names


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_documented_default_is_the_real_one(model: type[StrictModel]) -> None:
    rows = table(f"keys: {model.__name__}")
    column = 1 if model is ChannelModel else 0
    for name, info in model.model_fields.items():
        told = rows[info.alias or name][column]
        if info.is_required():
            assert told == "required", name
        elif isinstance(info.default, str | bool | int | float):
            real = str(info.default)
            assert told == f"`{real.lower() if real in {'True', 'False'} else real}`"
        elif isinstance(info.default, timedelta):
            written = told.strip("`").replace("60m", "1h")
            assert write_duration(info.default) == written


def test_the_kinds_of_channels_take_the_documented_keys() -> None:
    for key, (kinds, default, _) in table("keys: ChannelModel").items():
        for kind, keys in KIND_KEYS.items():
            assert (kind in kinds) == (key in keys), (key, kind)
            if key in REQUIRED_KEYS[kind]:
                assert default == "required"


@pytest.mark.parametrize("number", range(len(blocks())))
def test_every_example_loads(number: int, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(blocks()[number], encoding="utf-8")
    assert load_config(path).version


SAID = {
    "Escalation passes quiet time": (
        "vedette/test_escalating.py",
        "test_what_nobody_acknowledged_goes_on_once_and_passes_quiet_time",
    ),
    "An acknowledgement by one recipient stops the escalation for all": (
        "vedette/test_escalating.py",
        "test_one_acknowledgement_stops_it_for_all",
    ),
    "`limit` counts messages per recipient, digests and heartbeats exempt": (
        "vedette/test_departures.py",
        "test_the_limit_counts_per_recipient_without_digests_and_heartbeats",
    ),
    "An acknowledged story stays out of the next digest": (
        "vedette/test_escalating.py",
        "test_an_acknowledged_story_leaves_the_digest_that_gathers",
    ),
}
"""What users were promised in one line each, and the test that holds it."""


@pytest.mark.parametrize("sentence", SAID)
def test_a_promised_sentence_is_there_and_held_by_its_test(sentence: str) -> None:
    assert f"- {sentence}" in TEXT
    file, name = SAID[sentence]
    code = (DOCS.parent / "tests" / file).read_text(encoding="utf-8")
    docstring = code.split(f"def {name}(")[1].split('"""')[1]
    assert docstring.startswith(f"{sentence}.")


def test_every_query_of_the_language_table_compiles() -> None:
    entities = {
        name: Entity(id=name, kind="place", aliases=(Alias(text=text),))
        for name, text in (("dprk", "North Korea*"), ("russia", "Russia*"))
    }
    queries = list(table("queries"))
    assert len(queries) > 15
    topics = {
        f"t{number}": Topic(name=f"t{number}", title="", query=query)
        for number, query in enumerate(queries)
    }
    matcher = Matcher.compile(entities, topics)
    item = Document(title="A ceasefire", text="Talks.", language="en")
    held = [queries[int(match.topic[1:])] for match in matcher.match(item)]
    assert held == ["ceasefire", "lead:(summit OR talks)"]


def test_the_worked_example_adds_up_as_the_matcher_does(tmp_path: Path) -> None:
    (block,) = [each for each in blocks() if "'Kursk', points: 5" in each]
    path = tmp_path / "config.yaml"
    path.write_text(block, encoding="utf-8")
    config = load_config(path)
    quoted = TEXT.partition("> **")[2]
    title, _, rest = quoted.partition("**\n>\n> ")
    matcher = Matcher.compile(config.entities, config.topics)
    match = matcher.explain(
        Document(title=title, text=rest.partition("\n")[0]), "dprk-russia"
    )
    rows = {part: float(cells[0].strip("*")) for part, cells in table("sum").items()}
    assert rows.pop("score") == match.score
    assert list(rows.items()) == [(part, points) for part, points in match.parts]
