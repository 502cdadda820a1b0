"""README.md is held to the program: commands, examples and figures are real."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests import program
from tests.program import ROOT
from vedette.config import load_config

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The code blocks of a language ("" for none), in order."""
    found = re.findall(
        r"^```([a-z]*)\n(.*?)^```$", TEXT, flags=re.DOTALL | re.MULTILINE
    )
    return [text for name, text in found if name == language]


def in_lines(pattern: str, text: str) -> list[str]:
    """What the group matches, line by line."""
    return re.findall(pattern, text, flags=re.MULTILINE)


def table() -> dict[str, str]:
    """Command -> what the table says it does."""
    rows = in_lines(r"^(\| `[a-z-]+` \| .+) \|$", section("Commands"))
    cells = [row.strip("| ").partition(" | ") for row in rows]
    return {command.strip("`"): does for command, _, does in cells}


def section(title: str) -> str:
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


@pytest.fixture
def first_watch(tmp_path: Path) -> Path:
    """A folder with the README's first config and its items."""
    (tmp_path / "config.yaml").write_text(blocks("yaml")[0], encoding="utf-8")
    (tmp_path / "items.jsonl").write_text(blocks("json")[0], encoding="utf-8")
    return tmp_path


def test_the_table_lists_every_command_and_no_other() -> None:
    listed = program.commands()
    assert len(listed) > 10
    assert sorted(table()) == sorted(listed)


def test_the_outbox_has_the_commands_it_is_said_to_have() -> None:
    told = re.findall(r"`outbox ([a-z]+) ID`", table()["outbox"])
    assert sorted(told) == sorted(program.commands("outbox"))


def test_every_command_named_in_the_text_exists() -> None:
    named = set(re.findall(r"`vedette ([a-z-]+)[ `]", TEXT))
    named |= set(in_lines(r"^\$ vedette ([a-z-]+)", TEXT))
    assert named <= set(program.commands())
    assert {"check", "replay", "why", "demo"} <= named


@pytest.mark.parametrize("number", range(len(blocks("yaml"))))
def test_every_yaml_example_loads(number: int, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(blocks("yaml")[number], encoding="utf-8")
    assert load_config(path).version


def test_the_first_watch_passes_its_own_check_as_printed(first_watch: Path) -> None:
    done = program.vedette("check", cwd=first_watch)
    assert (done.returncode, done.stderr) == (0, "")
    told = TEXT.partition("$ vedette check\n")[2].partition("\n")[0]
    assert done.stdout.strip() == told


def test_the_first_watch_judges_its_items_as_told(first_watch: Path) -> None:
    done = program.vedette("replay", "items.jsonl", cwd=first_watch)
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    (points,) = re.findall(r"Items 1 and 2 alert with (\d+) and (\d+) points", TEXT)
    matches = [verdict["matches"][0] for verdict in verdicts]
    assert [match["hit"] for match in matches] == [True, True, False]
    assert [match["score"] for match in matches[:2]] == [*map(int, points)]
    assert [len(verdict["alerts"]) for verdict in verdicts] == [1, 1, 0]


def test_the_piece_of_evidence_shown_is_the_real_one(first_watch: Path) -> None:
    done = program.vedette("replay", "items.jsonl", cwd=first_watch)
    evidence = json.loads(done.stdout.splitlines()[0])["matches"][0]["evidence"]
    (shown,) = in_lines(r'^  (\{"entity": "kaesong".*?\}), …$', TEXT)
    assert json.loads(shown) in evidence


def test_the_size_of_the_shipped_watch_is_the_real_one() -> None:
    config = load_config(ROOT / "config.yaml")
    (told,) = re.findall(
        r"(\d+) sources, more than (\d+) entities .*, (\d+) topics", TEXT
    )
    sources, entities, topics = map(int, told)
    assert (len(config.sources), len(config.topics)) == (sources, topics)
    assert len(config.entities) > entities


def test_every_file_linked_to_is_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXT)
    assert "docs/demo.png" in links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_make_targets_exist() -> None:
    targets = in_lines(r"^make (\w+)", "\n".join(blocks("")))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert targets == ["run", "test"]
    for target in targets:
        assert in_lines(rf"^({target}:)", makefile)
