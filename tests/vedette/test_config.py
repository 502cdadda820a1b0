from __future__ import annotations

import contextlib
import json
import tempfile
import time
from datetime import time as clock
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.notices import Heartbeat
from crawler.errors import ConfigError
from crawler.yamltree import read_tree
from vedette.config import Config, Retention, Web, json_schema, load_config

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

# The example of the design, with addresses of our own.
WHOLE = """\
store: data/vedette.db
include: [more/*.yaml]
contact: mailto:desk@vedette.test
network: {allow: [127.0.0.0/8]}
web: {listen: 127.0.0.1:8321}
retention: {items: 60d, texts: 2w}

sources:
  eunews:
    kind: feed
    url: https://news.test/en/feed/
    language: en
    timezone: Europe/Rome
    every: {min: 10m, max: 60m}
    priority: 1.0
    tags: [eu, media]
    owner: withub
    article: auto
    headers: {Cookie: {env: VEDETTE_TEST_COOKIE}}
  eeas:
    kind: listing
    url: https://press.test/material_en
    every: 5m
    item: article.card
    link: "a::attr(href)"
    title: h3
    date: {select: "time::attr(datetime)", order: dmy}
    allow: ['/eeas/[a-z0-9-]{20,}_en$']
    min_items: 1
    body: div.field--body

entities:
  dprk:
    kind: place
    names:
      en: ["North Korea*", {text: DPRK, case: true}]
      ko: [북한, {text: 평양, boundary: word}]
      ru: [Северная Корея, КНДР, "северокорейск*"]
  yoon-suk-yeol: {kind: person, fuzzy: auto, names: {en: [Yoon Suk Yeol], ko: 윤석열}}

topics:
  dprk-russia:
    title: North Korea and Russia
    severity: high
    query: '@dprk NEAR/30 "Russia*" OR 북러 OR ロ朝'
    any: [{query: 'troops* OR soldier* OR 파병', points: 20}]
    none: ['title:"K-pop"']
    threshold: 60
    scope: {tags: [], languages: [], sources: []}
    alert: {to: [desk, hook], first: 1, escalate: {after: 30m, to: [hook]}}
    examples:
      hit: ["North Korean soldiers were deployed to Russia's Kursk region"]
      miss: ["North Macedonia and Russia meet in the Nations League"]
  quiet: {query: x, alert: off}

channels:
  desk:
    kind: email
    to: [desk@vedette.test]
    from: vedette@vedette.test
    server: smtp://user@mail.test:587
    password: {env: VEDETTE_TEST_PASSWORD}
    digest: ["08:00", "18:00"]
    timezone: Europe/Brussels
    quiet: {from: "22:00", to: "06:30"}
    limit: 30/10m
    fallback: hook
  hook:
    kind: webhook
    url: {env: VEDETTE_TEST_URL}
    secret: [{env: VEDETTE_TEST_SECRET}, {file: old.secret}]
  screen: {kind: console}
  log: {kind: file, path: data/alerts.jsonl}
"""


def load(folder: Path, text: str) -> Config:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    return [
        f"{each.line} {each.path}: {each.message}" for each in caught.value.problems
    ]


def notes(config: Config) -> list[str]:
    return [f"{each.line} {each.path}: {each.message}" for each in config.notes()]


def test_the_whole_example_loads(tmp_path: Path) -> None:
    config = load(tmp_path, WHOLE)
    assert config.path == tmp_path / "config.yaml"
    assert config.store == tmp_path / "data" / "vedette.db"
    assert list(config.sources) == ["eunews", "eeas"]
    assert list(config.entities) == ["dprk", "yoon-suk-yeol"]
    assert list(config.topics) == ["dprk-russia", "quiet"]
    assert list(config.channels) == ["desk", "hook", "screen", "log"]
    assert config.allow == ("127.0.0.0/8",)
    assert config.contact == "mailto:desk@vedette.test"
    assert config.web == Web(host="127.0.0.1", port=8321)
    expected = Retention(items=timedelta(days=60), texts=timedelta(days=14))
    assert config.retention == expected


def test_an_empty_file_is_a_valid_config(tmp_path: Path) -> None:
    """Replay and preview need neither sources nor channels."""
    config = load(tmp_path, "")
    assert not config.sources
    assert not config.channels
    assert config.web == Web(host="127.0.0.1", port=8321)
    expected = Retention(items=timedelta(days=90), texts=timedelta(days=30))
    assert config.retention == expected
    assert config.notes() == ()


def test_every_problem_of_every_section_is_told_at_its_line(tmp_path: Path) -> None:
    text = (
        "stor: x\n"
        "retention: {items: 90}\n"
        "web: {listen: 8321}\n"
        "network: {alow: []}\n"
        "sources: {a: {kind: feed}}\n"
        "channels: {b: {kind: console, path: x}}\n"
        "entities: {c: {kind: plac, names: {en: x}}}\n"
        "topics:\n"
        "  d:\n"
        "    threshold: high\n"
    )
    assert problems(tmp_path, text) == [
        "1 stor: unknown key. Did you mean store?",
        "3 web.listen: expected text, got the number 8321: put it in quotes",
        "2 retention.items: expected a duration such as 90s, 10m, 2h or 30d",
        "5 sources.a.url: this key is required and missing",
        "4 network.alow: unknown key. Did you mean allow?",
        "6 channels.b.path: `kind: console` does not take this key",
        (
            "7 entities.c.kind: expected one of place, org, person, thing."
            " Did you mean place?"
        ),
        "9 topics.d.query: this key is required and missing",
        "10 topics.d.threshold: expected a number, got text",
    ]


@pytest.mark.parametrize("section", ["sources", "topics", "entities", "channels"])
@pytest.mark.parametrize("value", ["7", "[a]", "text"])
def test_a_section_of_the_wrong_kind_is_one_problem(
    tmp_path: Path, section: str, value: str
) -> None:
    (said,) = problems(tmp_path, f"{section}: {value}\n")
    assert said.startswith(f"1 {section}: expected names with their settings below")


@pytest.mark.parametrize("section", ["web", "network", "retention"])
def test_a_setting_of_the_wrong_kind_is_one_problem(
    tmp_path: Path, section: str
) -> None:
    (said,) = problems(tmp_path, f"{section}: [a]\n")
    assert said == f"1 {section}: expected a mapping of keys, got a list"


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:8321", "192.0.2.7:80", "[::]:8321", "vedette.test:80"]
)
def test_the_web_page_is_never_open_without_a_password(
    tmp_path: Path, listen: str
) -> None:
    """A67."""
    (said,) = problems(tmp_path, f'web: {{listen: "{listen}"}}\n')
    assert "can be reached from other machines" in said
    assert said.startswith("1 web.listen: ")
    text = f'web: {{listen: "{listen}", password: {{env: VEDETTE_TEST_WEB}}}}\n'
    assert load(tmp_path, text).web.password is not None


@pytest.mark.parametrize(
    ("listen", "host"),
    [("127.0.0.1:0", "127.0.0.1"), ("[::1]:80", "::1"), ("localhost:80", "localhost")],
)
def test_the_web_page_may_listen_on_this_machine(
    tmp_path: Path, listen: str, host: str
) -> None:
    assert load(tmp_path, f'web: {{listen: "{listen}"}}\n').web.host == host


@pytest.mark.parametrize("listen", ["127.0.0.1", ":80", "::1:80", "a:99999", "a:x"])
def test_a_listen_address_that_is_none_is_refused(tmp_path: Path, listen: str) -> None:
    (said,) = problems(tmp_path, f'web: {{listen: "{listen}"}}\n')
    assert said.endswith("expected ADDRESS:PORT such as 127.0.0.1:8321")


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ("postgresql://user@host/vedette", "PostgreSQL comes with a later release"),
        ("postgres:vedette", "PostgreSQL comes with a later release"),
        ("mysql://x", "expected a file such as data/vedette.db"),
        ("data/", "expected a file such as data/vedette.db"),
        ("7", "expected text, got the number 7"),
    ],
)
def test_a_store_we_cannot_open_is_refused(
    tmp_path: Path, store: str, said: str
) -> None:
    (found,) = problems(tmp_path, f"store: {store}\n")
    assert found.startswith("1 store: ")
    assert said in found


def test_missing_secrets_are_found_where_they_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load(tmp_path, WHOLE)
    missing = [f"{each.path}: {each.message}" for each in config.missing_secrets()]
    assert [each.partition(":")[0] for each in missing] == [
        "sources.eunews.headers.Cookie",
        "channels.desk.password",
        "channels.hook.url",
        "channels.hook.secret.0",
        "channels.hook.secret.1",
    ]
    assert "environment variable VEDETTE_TEST_COOKIE is not set" in missing[0]
    lines = [each.line for each in config.missing_secrets()]
    assert lines == [
        n
        for n, line in enumerate(WHOLE.splitlines(), 1)
        for _ in range(line.count("{env:") + line.count("{file:"))
    ]
    for name in ("COOKIE", "PASSWORD", "URL", "SECRET"):
        monkeypatch.setenv(f"VEDETTE_TEST_{name}", "whsec_Y2FuYXJ5LTc3MzE=")
    (tmp_path / "old.secret").write_text("no-prefix-7731\n")
    (wrong,) = config.missing_secrets()
    assert wrong.path == "channels.hook.secret.1"
    assert "whsec_" in wrong.message
    assert "7731" not in wrong.message
    (tmp_path / "old.secret").write_text("whsec_Y2FuYXJ5LTc3MzE=\n")
    assert config.missing_secrets() == ()
    assert "canary" not in repr(config)


def test_loading_never_reads_a_secret(tmp_path: Path) -> None:
    """Replay, preview, why and schema work without them."""
    assert load(tmp_path, WHOLE).channels["desk"].password is not None


def test_an_include_that_finds_nothing_is_noted(tmp_path: Path) -> None:
    config = load(tmp_path, WHOLE)
    assert notes(config) == ["2 include.0: no file matches more/*.yaml"]
    assert config.channels["desk"].fallback == "hook"


def test_a_watch_without_a_contact_is_warned(tmp_path: Path) -> None:
    text = "sources: {a: {kind: feed, url: 'https://x.test/'}}\n"
    (note,) = notes(load(tmp_path, text))
    assert note.startswith("0 contact: no contact: publishers cannot reach you")


def test_opening_every_private_address_is_warned(tmp_path: Path) -> None:
    (note,) = notes(load(tmp_path, "network: {allow: [0.0.0.0/0]}\n"))
    assert note == "1 network.allow: this opens every private address"


def test_a_scope_that_names_no_source_is_warned(tmp_path: Path) -> None:
    text = (
        "contact: https://vedette.test/\n"
        "sources: {tass: {kind: feed, url: 'https://x.test/'}}\n"
        "topics: {t: {query: x, scope: {sources: [tas]}}}\n"
    )
    (note,) = notes(load(tmp_path, text))
    assert note == (
        "3 topics.t.scope.sources.0: there is no source 'tas'. Did you mean tass?"
    )


def test_a_mistake_of_the_matcher_is_placed_where_the_alias_stands(
    tmp_path: Path,
) -> None:
    config = load(tmp_path, WHOLE)
    lines = WHOLE.splitlines()
    problem = config.problem(("entities", "dprk", "aliases", 5, "when"), "x")
    assert problem.path == "entities.dprk.names.ru.1.when"
    assert "КНДР" in lines[problem.line - 1]
    problem = config.problem(("topics", "dprk-russia", "any", 0, "query"), "x")
    assert "points: 20" in lines[problem.line - 1]


def test_a_query_may_be_folded_over_lines(tmp_path: Path) -> None:
    text = "topics:\n  t:\n    query: |\n      alpha\n        OR beta\n"
    assert load(tmp_path, text).topics["t"].query == "alpha   OR beta"


def test_an_override_in_the_main_file_shadows_an_included_topic(
    tmp_path: Path,
) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.yaml").write_text("topics: {kursk: {query: Kursk}}\n")
    text = "include: more/a.yaml\ntopics: {kursk: {alert: off}}\n"
    topic = load(tmp_path, text).topics["kursk"]
    assert topic.off
    assert topic.query == "Kursk"


# --- the schema ------------------------------------------------------------------


def valid(data: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(json_schema()).is_valid(data))


def test_the_schema_is_a_valid_schema_and_takes_what_the_loader_takes() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    for text in (WHOLE, (ROOT / "config.yaml").read_text(encoding="utf-8")):
        data, _ = read_tree(text.encode())
        jsonschema.Draft202012Validator(json_schema()).validate(data)


@pytest.mark.parametrize(
    "data",
    [
        {"topics": {"kursk": {"alert": "off"}}},
        {"topics": {"kursk": None}},
        {"topics": {"t": {"query": "x", "none": "y"}}},
        {"sources": {"a": {"every": "5m", "tags": "eu", "date": "time"}}},
        {"entities": {"e": {"names": {"en": "x", "ko": [{"text": "y"}]}}}},
        {"entities": {"e": {"fuzzy": 1}}},
        {"channels": {"c": {"digest": "08:00", "secret": {"env": "A"}}}},
        {"include": "pack:eu-korea-russia"},
    ],
)
def test_the_schema_knows_the_short_forms(data: dict[str, Any]) -> None:
    assert valid(data)


@pytest.mark.parametrize(
    "data",
    [
        {"topic": {}},
        {"topics": {"t": {"treshold": 60}}},
        {"topics": {"t": {"alert": "on"}}},
        {"sources": {"a": {"every": "5"}}},
        {"channels": {"c": {"password": "literal"}}},
        {"channels": {"c": {"kind": "mail"}}},
        {"retention": {"items": 90}},
        {"entities": {"e": {"names": {"en": [{"txt": "x"}]}}}},
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(data: dict[str, Any]) -> None:
    assert not valid(data)


# --- the shipped files -----------------------------------------------------------


def test_the_shipped_config_loads_with_only_the_contact_missing() -> None:
    config = load_config(ROOT / "config.yaml")
    assert list(config.channels) == ["screen", "log"]
    assert config.web == Web(host="127.0.0.1", port=8321)
    assert config.contact is None
    assert config.missing_secrets() == ()
    places = {note.path for note in config.notes() if note.file.endswith("config.yaml")}
    assert places <= {"contact", ""}


def test_the_shipped_pack_loads_in_under_a_second() -> None:
    began = time.process_time()
    config = load_config(ROOT / "config.yaml")
    assert time.process_time() - began < 1.0
    assert len(config.entities) >= 150
    assert "dprk" in config.entities
    assert "kursk" in config.topics


# --- whatever stands in the file --------------------------------------------------

_WHOLE_DATA, _ = read_tree(WHOLE.encode())


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict | list):
        keys = value if isinstance(value, dict) else range(len(value))
        for key in keys:
            yield from _places(value[key], (*path, key))


def _replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _replaced(value[path[0]], path[1:], new)
    return copy


_ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, False, 0, -1, 7, 1.5, 10**17, "", " ", "x", "off", "a\nb"),
        *("http://[", "smtp://[::", "mailto:", "🦆", "../..", "/", "\\", "::/0"),
        *([], [[]], [None], [1, "a"], {}, {"env": 1}, {"env": "A", "file": "b"}),
        *({"x": {"y": [{}]}}, {"to": {}}, {"": ""}, [{"query": []}]),
    ]
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(list(_places(_WHOLE_DATA))), _ODD), max_size=3)
)
def test_any_value_anywhere_gives_a_config_or_problems_with_places(
    changes: list[tuple[tuple[Any, ...], Any]],
) -> None:
    """A63: one clear error, never a traceback."""
    data = _WHOLE_DATA
    for place, new in changes:
        with contextlib.suppress(KeyError, IndexError, TypeError):
            data = _replaced(data, place, new)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(json.dumps(data, indent=1), encoding="utf-8")
        try:
            config = load_config(path)
        except ConfigError as error:
            for problem in error.problems:
                assert problem.message
                assert problem.file.startswith(folder)
        else:
            config.notes()
            config.missing_secrets()


def test_the_heartbeat_is_on_by_default_and_can_be_moved_or_switched_off(
    tmp_path: Path,
) -> None:
    assert load(tmp_path, WHOLE).heartbeat == Heartbeat(at=clock(8), to=None)
    moved = load(tmp_path, WHOLE + 'heartbeat: {at: "07:30", to: hook}\n').heartbeat
    assert moved == Heartbeat(at=clock(7, 30), to=("hook",))
    assert load(tmp_path, WHOLE + "heartbeat: off\n").heartbeat.at is None


def test_a_heartbeat_to_nobody_known_is_a_mistake(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, WHOLE + "heartbeat: {to: [hok]}\n")
    assert found.endswith("heartbeat.to: unknown channel hok. Did you mean hook?")
    assert "heartbeat.at" in problems(tmp_path, WHOLE + "heartbeat: {at: 25}\n")[0]
