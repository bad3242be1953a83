"""A circuit as SVG: the columns of the layout, measured in pixels.

What came before: a `Picture` and its `Layout`. What leaves: a `Drawing`. Invariants: every symbol is drawn
once, in one group; a wide circuit goes on in a second line, and a frame that is cut stays open there.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from hqn.compiler.draw.layout import Bracket, Layout, lay_out
from hqn.compiler.draw.picture import Picture
from hqn.compiler.draw.svg_parts import Drawing, bold_width, box, line, mono_width, path, sans_width, text
from hqn.compiler.draw.svg_symbols import HALF, symbol_svg, symbol_width

WIDEST = 1160
"""Pixels of one line of columns."""

_PITCH, _GAP, _HEAD, _ROW_GAP = 52, 12, 54, 22
_ABOVE, _BELOW = 24, 12
_LEGEND = (("input", "inputs"), ("weight", "weights"), ("both", "both"))


def picture_svg(picture: Picture) -> Drawing:
    """Title and facts, the circuit, and a legend where colours differ."""
    layout = lay_out(picture)
    grid = _grid(layout)
    elements = [text(0, 10, picture.title, 16, "ink bold", "start")]
    elements.append(text(0, 31, " · ".join(picture.facts), 12, "muted", "start"))
    y = float(_HEAD)
    for start, stop in grid.lines:
        elements += _line(layout, grid, start, stop, y)
        y += grid.height + _ROW_GAP
    y -= _ROW_GAP
    width = max(grid.width, bold_width(picture.title, 16), sans_width(" · ".join(picture.facts), 12))
    if picture.left_out:
        y += 24
        elements.append(text(0, y - 8, f"… and {picture.left_out:,} more gates", 12, "muted", "start"))
    shown, legend_width = _legend(picture, y + 26)
    return Drawing(max(width, legend_width), y + 36 if shown else y, (*elements, *shown))


@dataclass(frozen=True, slots=True)
class Grid:
    """Pixels: where columns begin, how high wires lie, and which columns stand on one line."""

    starts: tuple[float, ...]
    wires: tuple[float, ...]
    left: float
    height: float
    lines: tuple[tuple[int, int], ...]

    @property
    def width(self) -> float:
        return max((self.left + self.starts[b] - self.starts[a] + _GAP for a, b in self.lines), default=0)


def _grid(layout: Layout) -> Grid:
    widths = [16.0] * layout.columns
    for placed in layout.placed:
        widths[placed.column] = max(widths[placed.column], symbol_width(placed.symbol) + _GAP)
    for bracket in layout.brackets:
        inner = sum(widths[bracket.first : bracket.last + 1])
        widths[bracket.last] += max(0.0, _label_width(bracket) + 30 - inner)
    wires: list[float] = []
    y = 0.0
    for wire in range(len(layout.wires)):
        y += layout.borders_above(wire) * _ABOVE + HALF
        wires.append(y)
        y += layout.borders_below(wire) * _BELOW + _PITCH - HALF
    left = max((mono_width(name, 12) for name in layout.wires), default=0) + 10
    starts = (0.0, *accumulate(widths))
    return Grid(starts, tuple(wires), left, max(0.0, y - _PITCH + 2 * HALF), _lines(starts, WIDEST - left))


def _label_width(bracket: Bracket) -> float:
    return mono_width(bracket.label, 11)


def _lines(starts: tuple[float, ...], width: float) -> tuple[tuple[int, int], ...]:
    """Columns in lines of at most this width, at least one column on each."""
    lines: list[tuple[int, int]] = []
    first = 0
    for column in range(1, len(starts)):
        if starts[column] - starts[first] > width and column - 1 > first:
            lines.append((first, column - 1))
            first = column - 1
    return (*lines, (first, len(starts) - 1))


def _line(layout: Layout, grid: Grid, start: int, stop: int, y: float) -> list[str]:
    """The wires, frames and symbols of some columns, `y` pixels down."""
    shift = grid.left - grid.starts[start]
    end = grid.starts[stop] + shift + (_GAP if stop == layout.columns else 0)
    elements = []
    for name, at in zip(layout.wires, grid.wires):
        elements.append(text(grid.left - 10, y + at, name, 12, "muted mono", "end"))
        elements.append(line(grid.left - 4, y + at, end, y + at, "wire"))
    for bracket in layout.brackets:
        if bracket.first < stop and bracket.last >= start:
            elements += _bracket(bracket, grid, start, stop, shift, y)
    for placed in layout.placed:
        if start <= placed.column < stop:
            middle = (grid.starts[placed.column] + grid.starts[placed.column + 1]) / 2 + shift
            elements.append(symbol_svg(placed.symbol, middle, [y + at for at in grid.wires]))
    return elements


def _bracket(bracket: Bracket, grid: Grid, start: int, stop: int, shift: float, y: float) -> list[str]:
    """A dashed frame with its label on the border; open where it goes on in another line."""
    opens, closes = bracket.first >= start, bracket.last < stop
    left = grid.starts[max(bracket.first, start)] + shift + (6 if opens else 0)
    right = grid.starts[min(bracket.last + 1, stop)] + shift - (6 if closes else 0)
    top = y + grid.wires[bracket.low] - HALF - 12 - _ABOVE * bracket.above
    bottom = y + grid.wires[bracket.high] + HALF + 8 + _BELOW * bracket.below
    elements = [path(_outline(left, right, top, bottom, opens, closes), "frame")]
    if opens:
        width = _label_width(bracket) + 10
        elements.append(box(left + 8, top - 8, width, 16, "tab", 3))
        elements.append(text(left + 8 + width / 2, top, bracket.label, 11, "muted mono"))
    return elements


def _outline(left: float, right: float, top: float, bottom: float, opens: bool, closes: bool) -> str:
    """A rectangle with round corners, without the sides that are open."""
    if opens and closes:
        start = f"M{left + 8:.1f} {top:.1f}H{right - 8:.1f}q8 0 8 8V{bottom - 8:.1f}q0 8 -8 8"
        return f"{start}H{left + 8:.1f}q-8 0 -8 -8V{top + 8:.1f}q0 -8 8 -8z"
    if opens:
        start = f"M{right:.1f} {top:.1f}H{left + 8:.1f}q-8 0 -8 8V{bottom - 8:.1f}q0 8 8 8"
        return f"{start}H{right:.1f}"
    if closes:
        start = f"M{left:.1f} {top:.1f}H{right - 8:.1f}q8 0 8 8V{bottom - 8:.1f}q0 8 -8 8"
        return f"{start}H{left:.1f}"
    return f"M{left:.1f} {top:.1f}H{right:.1f}M{left:.1f} {bottom:.1f}H{right:.1f}"


def _legend(picture: Picture, y: float) -> tuple[list[str], float]:
    """What the colours of parameters mean, where there is more than one."""
    kinds = {symbol.kind for symbol in picture.symbols()}
    entries = [(kind, words) for kind, words in _LEGEND if kind in kinds]
    if len(entries) < 2:
        return [], 0.0
    elements, x = [text(0, y, "angles from", 11, "muted", "start")], sans_width("angles from", 11) + 14
    for kind, words in entries:
        elements.append(box(x, y - 6, 12, 12, kind, 3))
        elements.append(text(x + 19, y, words, 11, "muted", "start"))
        x += sans_width(words, 11) + 40
    return elements, x
