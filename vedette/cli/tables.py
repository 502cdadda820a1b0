"""How a table is laid out for the width there is; nothing of it is ever cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

NARROW = 120
"""Below so many columns a row with an id is told in two: 36 of them are the id's."""

_ID = 36


def table_of(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, width: int
) -> Table:
    """Rows as a table for a terminal of so many columns.

    A column named ``id`` comes first and is never broken: what was cut cannot be
    given to the next command. On a narrow terminal all else but the last column stands
    under it, each value with its name.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    if columns[0] != "id" or width >= NARROW:
        for column in columns:
            whole = column == "id"
            table.add_column(
                column,
                no_wrap=whole,
                min_width=_ID if whole else None,
                overflow="fold",
            )
        for row in rows:
            table.add_row(*map(Text, row))
        return table
    table.show_lines = True
    table.add_column("id", min_width=_ID, max_width=_ID, overflow="fold")
    table.add_column(columns[-1], overflow="fold")
    for row in rows:
        under = zip(columns[1:-1], row[1:-1], strict=True)
        said = " · ".join(f"{name} {value}" for name, value in under if value)
        table.add_row(Text(f"{row[0]}\n{said}"), Text(row[-1]))
    return table
