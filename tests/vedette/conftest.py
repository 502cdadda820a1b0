"""What the shell's tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.vedette.lab import Lab, laboratory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with laboratory(tmp_path) as made:
        yield made
