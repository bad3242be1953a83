"""A circuit as text: unicode wires and boxes, cut into lines of the terminal's width.

What came before: a `Picture` and its `Layout`. What leaves: text. Invariants: every character of the picture
takes one column; a wide picture is cut between columns, never inside of a box.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from hqn.compiler.draw.canvas import Canvas
from hqn.compiler.draw.layout import Bracket, Layout, Placed, lay_out
from hqn.compiler.draw.picture import Picture, Symbol

_GLYPHS = {"plus": "⊕", "dot": "●", "cross": "╳"}


def picture_text(picture: Picture, width: int) -> str:
    """The circuit under its signature."""
    lines = [picture.title, "  " + ", ".join(picture.facts), ""]
    lines += _rows(lay_out(picture), width)
    if picture.left_out:
        lines.append(f"… and {picture.left_out:,} more gates")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where columns begin and in which rows wires lie; a wire's own rows are those around `rows[wire]`."""

    starts: tuple[int, ...]
    rows: tuple[int, ...]
    height: int

    def middle(self, column: int) -> int:
        return (self.starts[column] + self.starts[column + 1] - 2) // 2


def _grid(layout: Layout) -> _Grid:
    widths = [2] * layout.columns
    for placed in layout.placed:
        widths[placed.column] = max(widths[placed.column], _width(placed.symbol) + 1)
    for bracket in layout.brackets:
        inner = sum(widths[bracket.first : bracket.last + 1])
        widths[bracket.last] += max(0, len(bracket.label) + 5 - inner)
    rows, at = [], 0
    for wire in range(len(layout.wires)):
        at += layout.borders_above(wire) + 1
        rows.append(at)
        at += layout.borders_below(wire) + 2
    return _Grid((0, *accumulate(widths)), tuple(rows), at)


def _width(symbol: Symbol) -> int:
    """Characters of a symbol without the wire beside it."""
    if symbol.form != "box":
        return 2
    return len(symbol.text) + 4 + (2 if symbol.is_numbered else 0)


def _rows(layout: Layout, width: int) -> list[str]:
    if not layout.wires:
        return []
    grid = _grid(layout)
    canvas = Canvas(grid.starts[-1], grid.height)
    for row in grid.rows:
        canvas.across(row, 0, grid.starts[-1] - 1, "─")
    for bracket in layout.brackets:
        _bracket(canvas, grid, bracket)
    for placed in layout.placed:
        _symbol(canvas, grid, placed)
    return _cut(canvas, grid, layout, width)


# --- symbols --------------------------------------------------------------------------------------


def _symbol(canvas: Canvas, grid: _Grid, placed: Placed) -> None:
    symbol, middle = placed.symbol, grid.middle(placed.column)
    canvas.down(middle, grid.rows[symbol.low], grid.rows[symbol.high])
    if symbol.form == "box":
        _box(canvas, grid, symbol, middle)
    else:
        for wire in symbol.targets:
            canvas.put(grid.rows[wire], middle, _GLYPHS[symbol.form])
    for control in symbol.controls:
        inside = symbol.form == "box" and min(symbol.targets) < control.wire < max(symbol.targets)
        column = middle - (_width(symbol) - 1) // 2 + 1 if inside else middle
        canvas.put(grid.rows[control.wire], column, "●" if control.on else "○")


def _box(canvas: Canvas, grid: _Grid, symbol: Symbol, middle: int) -> None:
    """A box over all targets; a wire that only passes runs visibly behind it."""
    width = _width(symbol)
    left = middle - (width - 1) // 2
    right = left + width - 1
    low, high = min(symbol.targets), max(symbol.targets)
    top, bottom = grid.rows[low] - 1, grid.rows[high] + 1
    canvas.box(left, right, top, bottom)
    for wire in range(low, high + 1):
        row = grid.rows[wire]
        if wire in symbol.targets:
            canvas.write(row, left, "┤")
            canvas.write(row, right, "├")
            if symbol.is_numbered:
                canvas.write(row, left + 1, str(symbol.targets.index(wire)))
        else:
            canvas.across(row, left + 1, right - 1, "╌")
            canvas.write(row, left, "┼")
            canvas.write(row, right, "┼")
    _tees(canvas, symbol, middle, top, bottom, low, high)
    canvas.write((top + bottom) // 2, left + 1 + (1 if symbol.is_numbered else 0), f" {symbol.text} ")


def _tees(canvas: Canvas, symbol: Symbol, middle: int, top: int, bottom: int, low: int, high: int) -> None:
    """Where the line of the controls meets the box."""
    if any(control.wire < low for control in symbol.controls):
        canvas.write(top, middle, "┴")
    if any(control.wire > high for control in symbol.controls):
        canvas.write(bottom, middle, "┬")


def _bracket(canvas: Canvas, grid: _Grid, bracket: Bracket) -> None:
    left, right = grid.starts[bracket.first], grid.starts[bracket.last + 1] - 2
    top, bottom = grid.rows[bracket.low] - 2 - bracket.above, grid.rows[bracket.high] + 2 + bracket.below
    canvas.frame(left, right, top, bottom)
    for row in grid.rows[bracket.low : bracket.high + 1]:
        canvas.write(row, left, "╫")
        canvas.write(row, right, "╫")
    canvas.write(top, left + 1, f" {bracket.label} ")


# --- lines ----------------------------------------------------------------------------------------


def _cut(canvas: Canvas, grid: _Grid, layout: Layout, width: int) -> list[str]:
    """The canvas in pieces of whole columns, each with the names of the wires in front."""
    names = max(map(len, layout.wires))
    lines: list[str] = []
    pieces = _pieces(grid.starts, _unbroken(grid, layout), width - names - 4)
    for number, (start, stop) in enumerate(pieces):
        if number:
            lines.append("")
        more = number + 1 < len(pieces)
        for row, text in canvas.rows(start, stop):
            wire = grid.rows.index(row) if row in grid.rows else None
            name = "" if wire is None else layout.wires[wire]
            before = "  " if wire is None else " «" if number else " ─"
            after = "»" if more and wire is not None else ""
            lines.append(f"{name:>{names}}{before}{text}{after}".rstrip())
    return lines


def _unbroken(grid: _Grid, layout: Layout) -> list[tuple[int, int]]:
    """Stretches that hold the label of a frame."""
    firsts = [(grid.starts[one.first], len(one.label) + 3) for one in layout.brackets]
    return [(first, first + length) for first, length in firsts]


def _pieces(starts: tuple[int, ...], unbroken: list[tuple[int, int]], width: int) -> list[tuple[int, int]]:
    """Where to cut: as late as the width allows, at least one column on each line."""
    pieces: list[tuple[int, int]] = []
    start = last = 0
    for stop in starts[1:]:
        if any(low < stop < high for low, high in unbroken):
            continue
        if stop - start > width and last > start:
            pieces.append((start, last))
            start = last
        last = stop
    return [*pieces, (start, starts[-1])]
