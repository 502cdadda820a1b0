"""docs/architecture.md is held to the tree: no room missing, none invented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROOMS = TEXT.partition("## Rooms")[2].partition("## Where to add")[0]


def named(floor: str) -> list[str]:
    """The files and folders that the floor's table names, in its order."""
    rows = ROOMS.partition(f"**`{floor}/`")[2].partition("**`")[0].splitlines()
    cells = [row.split(" | ")[1] for row in rows if row.count(" | ") == 2]
    return [name for cell in cells for name in re.findall(r"`([\w/]+)`", cell)]


def standing(floor: str) -> set[str]:
    """The modules and folders of a floor, folders with a slash."""
    folder = ROOT / floor
    files = {path.stem for path in folder.glob("*.py") if path.stem[:2] != "__"}
    return files | {
        f"{path.name}/"
        for path in folder.iterdir()
        if path.name[:2] not in {"__", "."} and path.is_dir()
    }


@pytest.mark.parametrize("floor", ["crawler", "alerts", "vedette"])
def test_every_module_stands_in_one_room(floor: str) -> None:
    names = named(floor)
    packs = {"packs/"} - set(names)  # data, told once where it matters
    assert sorted(names) == sorted(standing(floor) - packs)


def test_every_file_to_work_on_is_there() -> None:
    tables = TEXT.partition("## Where to add")[2]
    files = set(re.findall(r"`((?:\w+/)+[\w.]+\.(?:py|md))`", tables))
    assert len(files) > 10
    missing = {name for name in files if not (ROOT / name).exists()}
    assert missing == {"alerts/channels/NAME.py"}


def test_every_decision_says_context_choice_and_cost_on_one_page() -> None:
    papers = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(paper.name[:4]) for paper in papers] == [*range(1, len(papers) + 1)]
    for paper in papers:
        text = paper.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(paper.name[:4])}. "), paper.name
        heads = re.findall(r"^## (\w+)$", text, flags=re.MULTILINE)
        assert heads == ["Context", "Choice", "Cost"], paper.name
        assert len(text.splitlines()) <= 40, paper.name


def test_decisions_refer_to_decisions_and_files_that_are_there() -> None:
    papers = list((ROOT / "docs" / "adr").glob("*.md"))
    for paper in papers:
        text = paper.read_text(encoding="utf-8")
        assert all(int(n) <= len(papers) for n in re.findall(r"ADR (\d+)", text))
        for name in re.findall(r"`((?:crawler|alerts|vedette)/[\w/.]+)`", text):
            assert (ROOT / name).exists(), (paper.name, name)
