"""Tables at the width of the terminal: nothing is cut, whatever the script."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from vedette.cli.tables import table_of

ID = "0d62793a-cb74-52ee-8e07-d54ce4e3bdf9"
COLUMNS = ["id", "state", "to", "due", "tries", "headline"]
TITLES = [
    "[high] Пожар в порту Владивостока: эвакуированы рабочие (north)",
    "[critical] 북한, 동해상으로 단거리 탄도미사일 여러 발 발사 (dprk-missiles)",
]


def printed(columns: list[str], rows: list[list[str]], width: int) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width)
    console.print(table_of(columns, rows, width=width))
    return out.getvalue().splitlines()


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("width", [80, 100, 160])
def test_an_outbox_row_is_whole_at_any_width(title: str, width: int) -> None:
    row = [ID, "delivered", "desk: second@desk.test", "2026-11-27 07:45Z", "1", title]
    lines = printed(COLUMNS, [row], width)
    said = " ".join(lines)
    assert any(ID in line for line in lines)
    assert "…" not in said
    assert not [word for word in title.split() if word not in said]
    assert not [word for word in " ".join(row[1:5]).split() if word not in said]


def test_a_row_without_an_id_folds_what_is_too_long() -> None:
    row = ["second@vedette.test", "2026-03-29 03:30+02:00", "nothing to wait for " * 3]
    lines = printed(["to", "when", "why"], [row], 50)
    assert "…" not in "".join(lines)
    assert "+02:00" in "".join(lines)
