"""Where the shipped packs are found."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent
# The three packages are installed side by side, in a checkout as in a wheel, so the
# watch part of a pack is found from here without importing the floor above.
PACK_FOLDERS = {
    "sources": _HERE / "packs",
    "entities": _HERE.parent / "alerts" / "packs",
    "topics": _HERE.parent / "alerts" / "packs",
}
"""Where each part of a shipped pack lives: FOLDER/NAME/PART.yaml."""


def pack_names() -> tuple[str, ...]:
    """The names of the shipped packs, sorted."""
    folders = {each for each in PACK_FOLDERS.values() if each.is_dir()}
    names = {item.name for folder in folders for item in folder.iterdir()}
    return tuple(sorted(name for name in names if name[0] not in "._"))
