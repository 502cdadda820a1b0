"""Loads a config file with all it includes into one document that knows its lines.

``include:`` names packs (``pack:NAME`` or ``pack:NAME/sources``) and relative globs;
the including file is laid over what it includes, key by key.
"""

from __future__ import annotations

import hashlib
import os
import stat
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.document import Document
from crawler.errors import ConfigError, Problem
from crawler.overlay import Layer, join, lay_over
from crawler.packfiles import PACK_FOLDERS, pack_names
from crawler.yamltree import LINE_BITS, YamlFault, place_of, read_tree

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

MAX_FILES = 200
"""Files one config may consist of."""


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """`` Did you mean x?`` with a leading blank, or nothing when no choice is near."""
    by_lower = {choice.lower(): choice for choice in choices}
    near = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f" Did you mean {by_lower[near[0]]}?" if near else ""


def load_document(path: Path, *, only: Collection[str] | None = None) -> Document:
    """Reads a config file, its includes and its packs, and lays them over each other.

    ``only`` skips the parts of packs that hold none of these sections; the digest
    then covers less.

    Raises:
        ConfigError: with every problem of reading and merging; the sections
            themselves are not looked into here.
    """
    reader = _Reader(Path(os.path.abspath(path)), only)  # noqa: PTH100 - keeps symlinks
    layer = reader.read(reader.path, asked=None)
    if layer is not None:
        reader.refuse_leftovers(layer)
    if reader.problems or layer is None:
        raise ConfigError(tuple(reader.problems))
    return Document(
        path=reader.path,
        data=layer.data,
        digest=reader.digest.hexdigest(),
        files=tuple(reader.files),
        notes=tuple(reader.notes),
        marks=layer.marks,
    )


class _Reader:
    """One load: the files read so far and what was wrong with them."""

    def __init__(self, path: Path, only: Collection[str] | None) -> None:
        self.path = path
        self.root = path.parent.resolve()
        self.only = only
        self.digest = hashlib.sha256()
        self.files: list[Path] = []
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self._seen: dict[Path, int] = {}

    def read(self, path: Path, *, asked: Problem | None) -> Layer | None:
        """One file with its includes merged in; None when there is nothing to merge.

        ``asked`` is the place that asked for it, blamed when it cannot be read.
        """
        raw = self._bytes(path, asked)
        if raw is None:
            return None
        number = len(self.files)
        self.files.append(path)
        self._seen[path.resolve()] = number
        self.digest.update(b"%d\n" % len(raw))
        self.digest.update(raw)
        try:
            data, marks = read_tree(raw, file=number)
        except YamlFault as fault:
            self._blame(path, fault.line, "", fault.message)
            return None
        if data is None:
            data, marks = {}, (number << LINE_BITS, {})
        if not isinstance(data, dict) or not isinstance(marks, tuple):
            self._blame(path, 1, "", "expected keys such as `sources:` at the top")
            return None
        layer = Layer(data, marks)
        included = [
            found
            for entry, place in self._includes(layer, path)
            for found in self._follow(entry, place, path)
        ]
        base, clashes = join(included)
        for clash in clashes:
            file, line = self._spot(clash.first_at)
            said = f"also set by {file.name}:{line}, which is included beside it"
            self._blame_at(clash.at, clash.path, said)
        return lay_over(base, layer)

    def refuse_leftovers(self, layer: Layer) -> None:
        """Turns every `null` that removed nothing into a problem."""
        for place, steps in layer.nulls():
            what = "nothing of this name is included, so there is nothing to remove"
            self._blame_at(place, steps, f"the entry is empty: {what}")

    def _bytes(self, path: Path, asked: Problem | None) -> bytes | None:
        try:
            facts = path.stat()
            if not stat.S_ISREG(facts.st_mode):
                raise OSError("not a regular file")  # noqa: TRY301 - one way out
            raw = path.read_bytes()
        except OSError as error:
            said = error.strerror or str(error)
            if asked is None:
                self._blame(path, 0, "", f"cannot be read: {said}")
            else:
                message = f"{path.name} cannot be read: {said}"
                self._blame(Path(asked.file), asked.line, asked.path, message)
            return None
        if not any(path.is_relative_to(folder) for folder in PACK_FOLDERS.values()):
            self._look_at_owner(path, facts)
        return raw

    def _look_at_owner(self, path: Path, facts: os.stat_result) -> None:
        # A64: only a warning, for bind mounts often show strange owners
        if facts.st_mode & stat.S_IWOTH:
            self._note(path, "everyone on this machine may change this file")
        elif facts.st_uid not in {0, os.geteuid()}:
            self._note(path, f"the file belongs to another user (uid {facts.st_uid})")

    def _includes(self, layer: Layer, path: Path) -> Iterator[tuple[str, Problem]]:
        asked = layer.data.get("include")
        entries = [asked] if isinstance(asked, str) else asked
        if entries is None:
            return
        marks = layer.marks[1]["include"]
        file, line = path, place_of(marks) & (2**LINE_BITS - 1)
        if not isinstance(entries, list):
            self._blame(file, line, "include", "expected a list of packs and files")
            return
        places = marks[1] if isinstance(marks, tuple) else []
        for index, entry in enumerate(entries):
            if index < len(places):
                line = place_of(places[index]) & (2**LINE_BITS - 1)
            if isinstance(entry, str) and entry:
                place = Problem(
                    file=str(file), line=line, path=f"include.{index}", message=""
                )
                yield entry, place
            else:
                said = "expected pack:NAME or a relative file name"
                self._blame(file, line, f"include.{index}", said)

    def _follow(self, entry: str, place: Problem, path: Path) -> Iterator[Layer]:
        if entry.startswith("pack:"):
            paths, allowed = self._pack(entry, place)
        else:
            paths, allowed = self._glob(entry, place, path.parent), None
        for found in paths:
            if found.resolve() in self._seen:
                continue
            if len(self.files) >= MAX_FILES:
                self._refuse(place, f"more than {MAX_FILES} files")
                return
            layer = self.read(found, asked=place)
            if layer is None:
                continue
            if allowed is not None:
                layer = self._only(layer, allowed)
            yield layer

    def _only(self, layer: Layer, allowed: Collection[str]) -> Layer:
        """Keeps a pack to its part: packs never change stores, channels or networks."""
        for key in layer.data.keys() - allowed:
            self._blame_at(place_of(layer.marks[1][key]), (key,), "not a pack's to set")
        return layer

    def _pack(self, entry: str, place: Problem) -> tuple[list[Path], Collection[str]]:
        name, slash, part = entry.removeprefix("pack:").partition("/")
        names = pack_names()
        if name not in names:
            hint = did_you_mean(name, names)
            self._refuse(place, f"there is no pack {name!r}.{hint}")
            return [], ()
        if slash and part not in PACK_FOLDERS:
            choices = ", ".join(f"pack:{name}/{known}" for known in PACK_FOLDERS)
            self._refuse(place, f"a pack has no part {part!r}; expected {choices}")
            return [], ()
        parts = [part] if part else list(PACK_FOLDERS)
        if self.only is not None:
            parts = [each for each in parts if each in self.only]
        paths = [PACK_FOLDERS[each] / name / f"{each}.yaml" for each in parts]
        if not part:
            paths = [each for each in paths if each.exists()]
        return paths, parts

    def _glob(self, pattern: str, place: Problem, folder: Path) -> list[Path]:
        if pattern.startswith(("/", "~")) or ".." in Path(pattern).parts:
            self._refuse(place, "expected a path inside the config file's folder")
            return []
        if not any(letter in pattern for letter in "*?["):
            found = [folder / pattern]
        else:
            try:
                found = sorted(folder.glob(pattern))
            except (ValueError, NotImplementedError, OSError) as error:
                self._refuse(place, f"not a file pattern: {error}")
                return []
            if not found:
                self.notes.append(_say(place, f"no file matches {pattern}"))
        inside = [each for each in found if self._inside(each)]
        if len(inside) < len(found):
            self._refuse(place, "a link leads out of the config file's folder")
        return [each for each in inside if not each.is_dir() or len(found) == 1]

    def _inside(self, path: Path) -> bool:
        try:
            return path.resolve().is_relative_to(self.root)
        except (OSError, RuntimeError, ValueError):
            return False

    def _refuse(self, place: Problem, message: str) -> None:
        self.problems.append(_say(place, message))

    def _blame(self, path: Path, line: int, where: str, message: str) -> None:
        self.problems.append(
            Problem(file=str(path), line=line, path=where, message=message)
        )

    def _blame_at(self, packed: int, steps: tuple[str, ...], message: str) -> None:
        file, line = self._spot(packed)
        self._blame(file, line, ".".join(steps), message)

    def _spot(self, packed: int) -> tuple[Path, int]:
        return self.files[packed >> LINE_BITS], packed & (2**LINE_BITS - 1)

    def _note(self, path: Path, message: str) -> None:
        self.notes.append(Problem(file=str(path), line=0, path="", message=message))


def _say(place: Problem, message: str) -> Problem:
    return Problem(file=place.file, line=place.line, path=place.path, message=message)
