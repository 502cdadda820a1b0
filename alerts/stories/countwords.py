"""What the words of a spaced language say that a number counts.

Per language: numbers in words; ``fill``, what may stand between a number and what it
counts; ``people``, what may follow the number of "killed 47 ..."; then per unit what
stands after a number ("47 dead") and before one ("death toll rises to 47").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class CountWords:
    """One language; all but ``numbers`` are regex fragments, tried without case."""

    numbers: Mapping[str, int]
    fill: str
    people: str
    after: Mapping[str, str]
    before: Mapping[str, str]
    about: str
    scales: Mapping[str, int] = field(default_factory=dict)


def numbers(words: str) -> dict[str, int]:
    """Space-separated groups from one on, spellings of a group joined by ``/``."""
    return {
        word: value
        for value, group in enumerate(words.split(), start=1)
        for word in group.split("/")
        if word != "-"
    }
