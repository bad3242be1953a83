"""Columns for the symbols of a picture: the layout that text and SVG share.

What came before: a `Picture`. What leaves: a `Layout`, every symbol with a column and every frame with its
sides. Invariants: two symbols never meet on any wire between their ends; a symbol stands right of what
precedes it on its wires and of the measurements that it depends on; a frame's sides have columns of their
own, and all of its body stands between them.
"""

from __future__ import annotations

from dataclasses import dataclass

from hqn.compiler.draw.picture import Element, Frame, Layer, Picture, Symbol, symbols


@dataclass(frozen=True, slots=True)
class Placed:
    symbol: Symbol
    column: int


@dataclass(frozen=True, slots=True)
class Bracket:
    """A frame on wires `low` to `high`; its sides stand in columns `first` and `last`.

    `above` and `below` count the frames inside it whose border lies on the same side of the same wire.
    """

    label: str
    first: int
    last: int
    low: int
    high: int
    above: int
    below: int


@dataclass(frozen=True, slots=True)
class Layout:
    wires: tuple[str, ...]
    columns: int
    placed: tuple[Placed, ...]
    brackets: tuple[Bracket, ...]

    def borders_above(self, wire: int) -> int:
        """How many borders of frames stand directly above a wire."""
        return max((one.above + 1 for one in self.brackets if one.low == wire), default=0)

    def borders_below(self, wire: int) -> int:
        return max((one.below + 1 for one in self.brackets if one.high == wire), default=0)


def lay_out(picture: Picture) -> Layout:
    """Every symbol as far left as its wires allow; symbols of one statement stay together."""
    placer = _Placer([0] * len(picture.wires))
    placer.place(picture.elements)
    columns = max(placer.free, default=0)
    return Layout(picture.wires, columns, tuple(placer.placed), tuple(placer.brackets))


class _Placer:
    """`free[wire]` is the first column right of everything on a wire, `known[bit]` of its measurement."""

    def __init__(self, free: list[int]) -> None:
        self.free = free
        self.known: dict[int, int] = {}
        self.placed: list[Placed] = []
        self.brackets: list[Bracket] = []

    def place(self, elements: tuple[Element, ...]) -> None:
        for element in elements:
            if isinstance(element, Layer):
                for together in runs(element.symbols):
                    self._together(together)
            else:
                self._frame(element)

    def _together(self, together: list[Symbol]) -> None:
        column = max(self._next(symbol.low, symbol.high, symbol.reads) for symbol in together)
        for symbol in together:
            self.known.update(dict.fromkeys(symbol.writes, column + 1))
            self.placed.append(Placed(symbol, column))
            self._take(symbol.low, symbol.high, column + 1)

    def _frame(self, frame: Frame) -> None:
        inside = list(symbols(frame.body))
        low, high = min(one.low for one in inside), max(one.high for one in inside)
        reads = tuple(bit for one in inside for bit in one.reads)
        first, already = self._next(low, high, reads), len(self.brackets)
        self._take(low, high, first + 1)
        self.place(frame.body)
        last = self._next(low, high)
        self._take(low, high, last + 1)
        nested = self.brackets[already:]
        above = max((one.above + 1 for one in nested if one.low == low), default=0)
        below = max((one.below + 1 for one in nested if one.high == high), default=0)
        self.brackets.append(Bracket(frame.label, first, last, low, high, above, below))

    def _next(self, low: int, high: int, reads: tuple[int, ...] = ()) -> int:
        return max(*self.free[low : high + 1], *(self.known.get(bit, 0) for bit in reads), 0)

    def _take(self, low: int, high: int, column: int) -> None:
        self.free[low : high + 1] = [column] * (high + 1 - low)


def runs(layer: tuple[Symbol, ...]) -> list[list[Symbol]]:
    """The symbols of a statement in groups that fit into one column each, in order."""
    groups: list[list[Symbol]] = []
    taken: set[int] = set()
    for symbol in layer:
        span = set(range(symbol.low, symbol.high + 1))
        if not groups or taken & span:
            groups.append([])
            taken = set()
        groups[-1].append(symbol)
        taken |= span
    return groups
