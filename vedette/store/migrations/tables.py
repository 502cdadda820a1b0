"""How every table is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database


def table(  # noqa: PLR0913 - the parts of a CREATE TABLE
    db: Database,
    name: str,
    columns: dict[str, Any],
    *,
    pk: str | tuple[str, ...],
    optional: Sequence[str] = (),
    defaults: dict[str, Any] | None = None,
    foreign_keys: Sequence[tuple[str, str, str]] = (),
) -> None:
    """Create a STRICT table whose columns are NOT NULL unless named ``optional``."""
    db.table(name).create(
        columns,
        pk=pk,
        not_null=[column for column in columns if column not in optional],
        defaults=defaults or {},
        foreign_keys=list(foreign_keys),
        strict=True,
    )
