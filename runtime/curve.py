"""The picture of a training curve, as a small SVG of our own.

What came before: a result. What leaves: SVG text. Invariants: the same result gives the same text; names in
it are identifiers, and are escaped all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from hqn.runtime.results import Result, Trained

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 34, 40
GAP = 70
COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b")


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its name, and points as (epoch or step, value)."""

    name: str
    points: tuple[tuple[float, float], ...]


def curve_svg(result: Result) -> str:
    """Loss on the left, tracked series on the right; one line per series, of the best seed."""
    best = result.best
    panels = [panel for panel in (_losses(best), _series(best)) if panel]
    width = (WIDTH - GAP * (len(panels) - 1)) / max(len(panels), 1)
    parts = [_panel(lines, i * (width + GAP), width) for i, lines in enumerate(panels)]
    unit = "epochs" if result.run.source else "steps"
    title = f"{result.program.name}: run {result.run.name}, seed {best.seed}, by {unit}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="11">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n'
        f'<text x="{LEFT}" y="16" font-size="12">{escape(title)}</text>\n' + "".join(parts) + "</svg>\n"
    )


def _losses(trained: Trained) -> list[Line]:
    """The mean loss of every pass, one line per `minimize`."""
    count = len(trained.losses[0]) if trained.losses else 0
    names = ["loss"] if count == 1 else [f"loss {i + 1}" for i in range(count)]
    return [
        Line(name, tuple((epoch + 1, losses[i]) for epoch, losses in enumerate(trained.losses)))
        for i, name in enumerate(names)
    ]


def _series(trained: Trained) -> list[Line]:
    return [Line(name, tuple(zip(trained.entries[name], values))) for name, values in trained.series.items()]


def _panel(lines: Sequence[Line], x: float, width: float) -> str:
    """Axes with four ticks, the lines, and their names under the title."""
    left, right, top, bottom = x + LEFT, x + width - RIGHT, TOP + 14, HEIGHT - BOTTOM
    xs, ys = ([point[i] for line in lines for point in line.points] for i in (0, 1))
    to_x, to_y = _scale(min(xs), max(xs), left, right), _scale(min(ys), max(ys), bottom, top)
    frame = f'<path d="M{left:.1f} {top}V{bottom}H{right:.1f}" fill="none" stroke="#888"/>\n'
    parts = [frame]
    for i in range(4):
        at = min(ys) + (max(ys) - min(ys)) * i / 3
        parts.append(_text(left - 6, to_y(at) + 4, f"{at:.3g}", "end"))
    parts += [_text(to_x(at), bottom + 16, f"{at:g}", "middle") for at in sorted({min(xs), max(xs)})]
    for i, line in enumerate(lines):
        colour = COLOURS[i % len(COLOURS)]
        points = " ".join(f"{to_x(a):.1f},{to_y(b):.1f}" for a, b in line.points)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>\n')
        last = f"{line.name} {line.points[-1][1]:.4g}"
        parts.append(_text(left + 8 + 110 * (i % 2), TOP + 4 + 13 * (i // 2), last, "start", colour))
    return "".join(parts)


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    """The place of a value between two ends of an axis, in pixels."""
    span = high - low or 1.0
    return lambda value: start + (end - start) * (value - low) / span


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>\n'
