"""A measured number with the asked one beside it, and how both are printed.

Every benchmark prints its figures as JSON lines; ``run.py`` gathers them.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of the table.

    ``least``/``most`` are what was asked for; both None: nobody asked, the number is
    written down to be compared with the next one.
    """

    bench: str
    what: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None
    note: str = ""

    @property
    def asked(self) -> str:
        """The bound as text; empty if there is none."""
        if self.least is not None:
            return f">= {self.least:g}"
        return f"<= {self.most:g}" if self.most is not None else ""

    @property
    def verdict(self) -> str:
        """``ok``, ``MISS``, or empty without a bound. Compares unrounded values."""
        if self.least is None and self.most is None:
            return ""
        low = self.least is None or self.value >= self.least
        high = self.most is None or self.value <= self.most
        return "ok" if low and high else "MISS"


def emit(figure: Figure) -> None:
    """Print one figure as a JSON line, at once: a later stage may be cut off."""
    print(json.dumps(asdict(figure), ensure_ascii=False), flush=True)


def gathered(lines: Iterable[str]) -> list[Figure]:
    """The figures among the lines of a benchmark's output."""
    return [Figure(**json.loads(line)) for line in lines if line.startswith('{"bench"')]


def table(figures: Iterable[Figure]) -> str:
    """The figures for people, one line each, in their order."""
    lines = [f"{'':9} {'measured':52} {'value':>12} {'unit':12} {'asked':>9} {'':4}"]
    lines += [
        f"{one.bench:9} {one.what:52} {shown(one):>12} {one.unit:12}"
        f" {one.asked:>9} {one.verdict:4} {one.note}".rstrip()
        for one in figures
    ]
    return "\n".join(lines)


def shown(figure: Figure) -> str:
    """About four digits; as many as it takes where rounding would hide a miss."""
    value = figure.value
    if value == int(value):
        return f"{value:,.0f}"
    text = f"{value:,.1f}" if abs(value) >= 100 else f"{value:.4g}"
    rounded = replace(figure, value=float(text.replace(",", "")))
    return text if rounded.verdict == figure.verdict else f"{value:,}"


def progress(text: str) -> None:
    """Tell a person at the terminal what is going on; nothing otherwise."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
