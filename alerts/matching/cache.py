"""Compiled forms and query trees on disk, so that a warm start loads no dictionary."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

_KEPT = 6
"""Files of one kind that are kept; older ones go."""


@cache
def _code() -> bytes:
    """A digest of this package's source: other code may compile to other forms."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


def digest(definitions: str) -> str:
    """The name under which the compiled form of these definitions is kept."""
    return hashlib.sha256(
        _code() + definitions.encode(errors="surrogatepass")
    ).hexdigest()


def load(folder: Path | None, kind: str, name: str) -> Any:
    """What was kept, or None; a file that cannot be read counts as absent."""
    if folder is None:
        return None
    try:
        return json.loads((folder / f"{kind}-{name[:32]}.json").read_bytes())
    except (OSError, ValueError):
        return None


def save(folder: Path | None, kind: str, name: str, data: Any) -> None:
    """Keep data (JSON); a folder that cannot be written only costs time later."""
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{kind}-")
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogatepass") as file:
            file.write(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
        Path(temporary).replace(folder / f"{kind}-{name[:32]}.json")
        kept = sorted(
            folder.glob(f"{kind}-*.json"), key=lambda path: path.stat().st_mtime
        )
        for old in kept[:-_KEPT]:
            old.unlink(missing_ok=True)
    except OSError as error:
        log.warning(
            "The compiled forms could not be kept",
            extra={"folder": str(folder), "error": str(error)},
        )
