"""Curves as SVG: panels side by side over a logarithmic axis, every point's number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Lines = tuple[tuple[str, list[float]], ...]
"""Named curves of one panel, at most two."""

Height = Callable[[float], float]
"""Where a value lies between the panel's bottom (0) and top (1)."""

Scale = Callable[[list[float]], tuple[list[float], Height]]
"""The ticks that values need, and their heights."""


def drawing(
    panels: Sequence[tuple[str, Lines]],
    across: list[int],
    unit: str,
    *,
    linear: bool = False,
) -> str:
    """A picture of titled panels over the same numbers of ``unit``.

    ``linear`` lets values begin at zero, so that a flat line looks flat and a rising
    one rises; otherwise they are logarithmic.
    """
    draw = _linear if linear else _logarithmic
    width = 20 + 320 * len(panels)
    drawn = "\n".join(
        _panel(title, lines, across, 20 + 320 * number, (unit, draw))
        for number, (title, lines) in enumerate(panels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 300" '
        'font-family="sans-serif" font-size="12">\n'
        f'<rect width="{width}" height="300" fill="#fff"/>\n' + drawn + "\n</svg>\n"
    )


def _logarithmic(values: list[float]) -> tuple[list[float], Height]:
    low = math.floor(math.log10(max(0.01, min(values))))
    high = math.ceil(math.log10(max(values)))

    def height(value: float) -> float:
        return (math.log10(max(0.01, value)) - low) / max(1, high - low)

    return [10.0**power for power in range(low, high + 1)], height


def _linear(values: list[float]) -> tuple[list[float], Height]:
    step = 10.0 ** math.floor(math.log10(max(values)))
    steps = math.ceil(max(values) / step)
    return [step * n for n in range(steps + 1)], lambda value: value / (step * steps)


COLOURS = ("#0b6e99", "#c2410c")
WIDTH, TOP, BOTTOM = 250, 50, 240


def _panel(
    title: str,
    lines: tuple[tuple[str, list[float]], ...],
    across: list[int],
    left: int,
    axes: tuple[str, Scale],
) -> str:
    every = [value for _, values in lines for value in values]
    unit, (ticks, height) = axes[0], axes[1](every)
    first, last = math.log10(across[0]), math.log10(across[-1])
    left += 45

    def x(number: float) -> float:
        share = (math.log10(number) - first) / max(1, last - first)
        return left + 20 + (WIDTH - 60) * share

    def y(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * height(value)

    parts = [f'<text x="{left - 40}" y="20" font-weight="bold">{title}</text>']
    for tick in ticks:
        at = y(tick)
        parts.append(
            f'<path d="M{left} {at:.1f}h{WIDTH - 20}" stroke="#ddd"/>'
            f'<text x="{left - 6}" y="{at + 4:.1f}" text-anchor="end">'
            f"{tick:,g}</text>"
        )
    parts += [
        f'<text x="{x(number):.1f}" y="258" text-anchor="middle">{number:,}</text>'
        for number in across
    ]
    parts.append(f'<text x="{left + 115}" y="278" text-anchor="middle">{unit}</text>')
    for number, (name, values) in enumerate(lines):
        colour = COLOURS[number]
        spots = [(x(at), y(value)) for at, value in zip(across, values, strict=True)]
        path = " ".join(f"{right:.1f},{down:.1f}" for right, down in spots)
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" '
            'stroke-width="2"/>'
        )
        for (right, down), value in zip(spots, values, strict=True):
            label = down - 8 if number == 0 or down > BOTTOM - 16 else down + 16
            text = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
            parts.append(
                f'<circle cx="{right:.1f}" cy="{down:.1f}" r="3" fill="{colour}"/>'
                f'<text x="{right:.1f}" y="{label:.1f}" fill="{colour}" '
                f'font-size="10" text-anchor="middle">{text}</text>'
            )
        parts.append(
            f'<text x="{left + number * 120}" y="38" fill="{colour}">{name}</text>'
        )
    return "\n".join(parts)
