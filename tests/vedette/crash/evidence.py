"""What a run left to be looked at, and what an invariant says of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tests.vedette.crash.sightings import Sighting

    Look = Callable[["Evidence", sqlite3.Connection], Iterator[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All there is to see.

    ``channels`` are those that tell every alert at once; ``mail`` which of them mail.
    ``published`` are the titles written, by the source's cursor, when they are known;
    ``shown`` how many of them the source lists at a time. ``said`` is what each run
    printed and ``secrets`` what must be in none of it. ``faults`` counts kills and
    other interruptions: without any, each message comes exactly once.
    """

    store: Path
    seen: Sequence[Sighting]
    channels: Sequence[str]
    mail: Sequence[str] = ()
    digests: Sequence[str] = ()
    published: Sequence[str] | None = None
    shown: int = 40
    said: Sequence[str] = ()
    secrets: Sequence[str] = ()
    configs: int = 1
    faults: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one invariant says of a store; ``drained``: only once all was sent."""

    number: str
    drained: bool
    look: Look = field(repr=False)


def entered(
    checks: list[Check], number: str, *, drained: bool = False
) -> Callable[[Look], Look]:
    """Enter a function into these checks, under the number of its invariant."""

    def enter(look: Look) -> Look:
        checks.append(Check(number=number, drained=drained, look=look))
        return look

    return enter
