"""A span as a picture: its source lines beside their numbers, with marks below.

What came before: a span and what to say about it. What leaves: screen lines. Invariant: a snippet
is at most `_ROWS` rows of source whatever the span, and each row at most `WIDEST` columns.

    12 |   y = a + b
       |       ^^^^^ `a` is f32[3], `b` is f32[4]
"""

from __future__ import annotations

from dataclasses import dataclass

from hqn.compiler.diagnostics.style import WIDEST, Role, Style, paragraph
from hqn.compiler.diagnostics.visible import Cell, cells, show, width
from hqn.compiler.source import Position, Span

_ROWS = 5
_BEFORE = 40  # columns kept in front of a span when its line is cut
_FAR = 400  # characters on either side of a span that can matter at all; a line may have millions
_CUT = [Cell("…", 1)]


@dataclass(frozen=True, slots=True)
class Mark:
    """What is drawn below a span: a sign per column, and the words behind it."""

    sign: str
    role: Role
    label: str = ""


@dataclass(frozen=True, slots=True)
class Gutter:
    """The column of line numbers; its width is one for a whole diagnostic."""

    digits: int
    style: Style

    def row(self, number: int | None, text: str = "") -> str:
        label = "" if number is None else str(number)
        return (self.style("frame", f"{label:>{self.digits}} |") + f" {text}").rstrip()

    def gap(self) -> str:
        return self.style("frame", f"{'...':>{self.digits}}")


def ends(span: Span) -> tuple[Position, Position]:
    """First place and the place just behind; one that ends with a line break ends on its line."""
    size = len(span.source.text)
    start, end = min(span.start, size), min(max(span.end, span.start), size)
    while end > start + 1 and span.source.text[end - 1] in "\r\n":
        end -= 1
    return span.source.position(start), span.source.position(end)


def snippet(span: Span, mark: Mark, gutter: Gutter) -> list[str]:
    """The lines of a span, marked and labelled."""
    first, last = ends(span)
    if first.line == last.line:
        return _single(span, first, last.column, mark, gutter)
    return _several(span, first.line, last.line, mark, gutter)


def _row(span: Span, number: int, start: int, end: int) -> tuple[list[Cell], int, int]:
    """A line, cut around characters `start..end` if it is too wide, and where these are in the row."""
    text = span.source.line(number).removesuffix("\r")
    base = max(0, start - _FAR)
    line = cells(text[base : start + _FAR])
    start, end = start - base, min(end - base, len(line))
    if len(line) == len(text) and width(line) <= WIDEST:
        return line, start, end
    low = start
    while low > 0 and width(line[low - 1 : start]) <= _BEFORE:
        low -= 1
    high = low
    while high < len(line) and width(line[low : high + 1]) <= WIDEST - 2:
        high += 1
    front = _CUT if base + low else []
    back = _CUT if base + high < len(text) else []
    shift = len(front) - low
    return front + line[low:high] + back, start + shift, min(end, high) + shift


def _single(span: Span, first: Position, end_column: int, mark: Mark, gutter: Gutter) -> list[str]:
    row, start, end = _row(span, first.line, first.column - 1, end_column - 1)
    signs = mark.sign * max(1, width(row[start:end]))
    return [gutter.row(first.line, show(row)), *_marked(width(row[:start]), signs, mark, gutter)]


def _marked(lead: int, signs: str, mark: Mark, gutter: Gutter) -> list[str]:
    """The row of signs, and the label behind it or, when that is too wide, below it."""
    paint = gutter.style
    lines = paragraph(mark.label) if mark.label else []
    if len(lines) == 1 and lead + len(signs) + 1 + len(lines[0]) <= WIDEST + 20:
        return [gutter.row(None, " " * lead + paint(mark.role, f"{signs} {lines[0]}"))]
    below = min(lead, 12)
    return [
        gutter.row(None, " " * lead + paint(mark.role, signs)),
        *(gutter.row(None, " " * below + paint(mark.role, line)) for line in lines),
    ]


def _several(span: Span, first: int, last: int, mark: Mark, gutter: Gutter) -> list[str]:
    """A span over many lines: a bar on its left, the middle left out when it is long."""
    paint = gutter.style
    long = last - first >= _ROWS
    kept = [*range(first, first + _ROWS - 2), last] if long else list(range(first, last + 1))
    out: list[str] = []
    for number in kept:
        if long and number == last:
            out.append(gutter.gap())
        row, _, _ = _row(span, number, 0, 0)
        bar = "/" if number == first else "|"
        out.append(gutter.row(number, paint(mark.role, bar) + " " + show(row)))
    lines = paragraph(mark.label) if mark.label else [""]
    out.append(gutter.row(None, paint(mark.role, f"|_{mark.sign} {lines[0]}".rstrip())))
    return out + [gutter.row(None, "   " + paint(mark.role, line)) for line in lines[1:]]
