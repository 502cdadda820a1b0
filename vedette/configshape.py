"""The top level of the config file, and the JSON Schema of all of it."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, Field

# pydantic reads the annotations at run time
from alerts.channelfile import ChannelModel, ClockTime  # noqa: TC001
from alerts.entityfile import EntityModel  # noqa: TC001
from alerts.topicfile import TopicModel  # noqa: TC001
from crawler.shapes import Duration, Line, SecretRef, Short, StrictModel, Words
from crawler.sourceshape import NetworkModel, SourceModel


def _listen(value: str) -> str:
    host, colon, port = value.rpartition(":")
    good = colon and host and re.match(r"[0-9]{1,5}\Z", port) and int(port) <= 65535
    if not good or (":" in host and not re.match(r"\[[0-9a-fA-F:.]+\]\Z", host)):
        raise ValueError("expected ADDRESS:PORT such as 127.0.0.1:8321")
    return value


class WebModel(StrictModel):
    """``web:``, the health page (and later the desk's)."""

    listen: Annotated[Line, AfterValidator(_listen)] = "127.0.0.1:8321"
    password: SecretRef | None = None


class RetentionModel(StrictModel):
    """``retention:``, how long the archive keeps items and their texts."""

    items: Duration = timedelta(days=90)
    texts: Duration = timedelta(days=30)


def _off(value: object) -> object:
    return {"at": None} if value == "off" or value is False else value


class HeartbeatModel(StrictModel):
    """``heartbeat:``, the daily sign of life."""

    at: ClockTime | None = time(8, 0)
    to: Words | None = None


class StoreModel(StrictModel):
    """``store:``, alone at the top level."""

    store: Line = "data/vedette.db"


HeartbeatShape = Annotated[HeartbeatModel, Short(_off, {"enum": ["off", False]})]


class HeartbeatKey(StrictModel):
    """``heartbeat:``, alone at the top level."""

    heartbeat: HeartbeatShape = HeartbeatModel()


class FileModel(StrictModel):
    """The whole config file, as editors and ``vedette schema`` see it."""

    store: Line = "data/vedette.db"
    include: Words = ()
    contact: Line | None = None
    network: NetworkModel = NetworkModel()
    web: WebModel = WebModel()
    retention: RetentionModel = RetentionModel()
    heartbeat: HeartbeatShape = HeartbeatModel()
    sources: dict[str, SourceModel | None] = Field(default_factory=dict)
    entities: dict[str, EntityModel | None] = Field(default_factory=dict)
    topics: dict[str, TopicModel | None] = Field(default_factory=dict)
    channels: dict[str, ChannelModel | None] = Field(default_factory=dict)


KEYS = tuple(FileModel.model_fields)
"""The keys of the top level."""


_LAID_OVER = ("SourceModel", "EntityModel", "TopicModel", "ChannelModel")


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the config file, for editors.

    Entries of named sections require no key there: an entry may be laid over an
    included one. ``vedette check`` knows what is missing.
    """
    schema = FileModel.model_json_schema(by_alias=True)
    for name in _LAID_OVER:
        schema["$defs"][name].pop("required", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "vedette config.yaml",
        **{key: value for key, value in schema.items() if key != "title"},
    }
