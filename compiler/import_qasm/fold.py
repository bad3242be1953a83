"""Statements that repeat, as loops.

What came before: the statements of one block in a row. What leaves: the same gates in their order, where
repetitions are loops: `repeat i in 0..19 { cx q[i], q[i + 1] }`, where nothing but the indices of qubits
advances, by the same steps in every turn. Loops repeat in loops. Invariants: written out, they are what came;
the time is linear in the number of statements, since only so many periods are tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import and_, eq, sub

from hqn.compiler.import_qasm import tree
from hqn.compiler.import_qasm.places import scaled
from hqn.compiler.import_qasm.scope import Scope
from hqn.compiler.syntax import ast

LEAST_TURNS = 4
_SHORT = 16
"""Every period up to this one is tried, and as many longer ones of blocks that move as a whole."""
_PASSES = 16
"""A pass ends with the first period at which something repeats."""
_WINDOW = 3
"""So many moves in a row that were seen before suggest a period."""
_KEY_BITS = 32
_PLACE_BITS = 12
"""Twice the largest index of a qubit and more, so that moves of places do not run into each other."""
_MOST_PLACES = 32
"""An item with more of them repeats where it is only."""
_VARIABLES = "ijklmnuv"
"""Enough: each level has `LEAST_TURNS` turns or more, and a program has a limited number of statements."""


@dataclass(frozen=True, slots=True)
class _Turns:
    """A loop: the items of its first turn, and how far each of their places moves from turn to turn."""

    first: tuple[_Item, ...]
    steps: tuple[int, ...]
    turns: int


@dataclass(frozen=True, slots=True)
class _Item:
    """What may repeat. Items with one `key` differ in nothing but their `places`, the indices of qubits.

    `code` has the key in its low bits and the places above it, so that differences of codes are equal
    exactly if the keys and all places differ by the same.
    """

    key: int
    places: tuple[int, ...]
    code: int
    written: ast.Statement | _Turns


def fold(statements: list[ast.Statement], scope: Scope) -> list[ast.Statement]:
    """The statements of a block with names in `scope`, repetitions in loops."""
    if len(statements) < LEAST_TURNS:
        return statements
    found = _Folder().folded(statements)
    if len(found) == len(statements):
        return statements
    inner = Scope(outer=scope)
    taken = frozenset(_variables(statements))
    names = [inner.fresh(name, taken) for name in _VARIABLES[: max(map(_depth, found))]]
    return [_statement(item, [()] * len(item.places), names) for item in found]


def _variables(statements: Iterable[ast.Statement]) -> Iterator[str]:
    """The variables of loops that the statements have already."""
    for statement in statements:
        if isinstance(statement, ast.Evaluate):
            for node in ast.walk(statement):
                if isinstance(node, ast.Binder) and node.variable is not None:
                    yield node.variable.name


def _depth(item: _Item) -> int:
    return 1 + max(map(_depth, item.written.first)) if isinstance(item.written, _Turns) else 0


# --- finding --------------------------------------------------------------------------------------


class _Folder:
    def __init__(self) -> None:
        self._keys: dict[Hashable, int] = {}

    def folded(self, statements: Iterable[ast.Statement]) -> list[_Item]:
        """Short periods come first, so that what is inside of a loop is folded before the loop is found."""
        items = [self._leaf(statement) for statement in statements]
        for _ in range(_PASSES):
            for period in _periods(items):
                shorter = self._fold(items, period)
                if shorter is not None:
                    items = shorter
                    break
            else:
                break
        return items

    def _leaf(self, statement: ast.Statement) -> _Item:
        match statement:
            case ast.Gate(modifiers=modifiers, callee=callee, operands=operands):
                kind: tuple[Hashable, ...] = (modifiers, callee)
            case ast.QubitOp(kind=word, operands=operands):
                kind = (word,)
            case ast.Evaluate(value=ast.Loop()):
                return self._item((statement,), (), statement)
            case _:
                return self._item((object(),), (), statement)
        if len(set(operands)) < len(operands):
            return self._item((object(),), (), statement)  # a mistake, reported at its own place
        places = tuple(place for place in map(_place, operands) if place is not None)
        return self._item((*kind, *map(_kind, operands)), places, statement)

    def _item(
        self, kind: tuple[Hashable, ...], places: tuple[int, ...], written: ast.Statement | _Turns
    ) -> _Item:
        is_fixed = len(places) > _MOST_PLACES
        key = self._keys.setdefault((kind, places) if is_fixed else kind, len(self._keys))
        code = 0
        for place in () if is_fixed else places:
            code = (code << _PLACE_BITS) + place
        return _Item(key, places, (code << _KEY_BITS) + key, written)

    def _fold(self, items: list[_Item], period: int) -> list[_Item] | None:
        """Repetitions of so many items as loops; None where there is none."""
        found: list[_Item] = []
        end = 0
        for start, turns in _repetitions(items, period):
            found += items[end:start]
            found.append(self._loop(items[start : start + 2 * period], turns))
            end = start + turns * period
        return [*found, *items[end:]] if end else None

    def _loop(self, two: Sequence[_Item], turns: int) -> _Item:
        """So many turns that begin with these two."""
        first = tuple(two[: len(two) // 2])
        places, others = _places(first), _places(two[len(first) :])
        steps = tuple(map(sub, others, places))
        kind = ("repeat", turns, steps, *(item.key for item in first))
        return self._item(kind, places, _Turns(first, steps, turns))


def _place(operand: ast.Expr) -> int | None:
    match operand:
        case ast.Subscript(value=ast.Name(), items=(ast.Argument(value=ast.Int(value=place)),)):
            return place
    return None


def _kind(operand: ast.Expr) -> Hashable:
    """An operand without its place."""
    match operand:
        case ast.Subscript(value=ast.Name(name=name)) if _place(operand) is not None:
            return name
    return operand


def _places(items: Iterable[_Item]) -> tuple[int, ...]:
    return tuple(place for item in items for place in item.places)


def _repetitions(items: Sequence[_Item], period: int) -> Iterator[tuple[int, int]]:
    """Where so many items repeat often enough, and how often, from left to right."""
    least = (LEAST_TURNS - 2) * period
    keys, codes = [item.key for item in items], [item.code for item in items]
    same = bytes(map(eq, keys[period:], keys))
    moves = list(map(sub, codes[period:], codes))
    evenly = bytes(map(and_, map(eq, moves[period:], moves), same))
    start = evenly.find(b"\1" * least)
    while start >= 0:
        stop = evenly.find(b"\0", start)
        length = (stop if stop >= 0 else len(evenly)) - start
        turns = length // period + 2
        yield start, turns
        start = evenly.find(b"\1" * least, start + turns * period)


def _periods(items: Sequence[_Item]) -> list[int]:
    """Periods worth a try, shortest first: beside the short ones, distances at which items move alike."""
    moves = [after.code - before.code for before, after in pairwise(items)]
    seen: dict[tuple[int, ...], int] = {}
    distances: Counter[int] = Counter()
    for place, window in enumerate(zip(*(moves[shift:] for shift in range(_WINDOW)))):
        if window in seen:
            distances[place - seen[window]] += 1
        seen[window] = place
    longest = len(items) // LEAST_TURNS
    often = [period for period, _ in distances.most_common(2 * _SHORT) if _SHORT < period <= longest]
    return [*range(1, min(_SHORT, longest) + 1), *sorted(often[:_SHORT])]


# --- writing --------------------------------------------------------------------------------------

_Terms = tuple[tuple[str, int], ...]
"""Variables around a place, each with the step of the place in its loop."""


def _statement(item: _Item, terms: Sequence[_Terms], names: Sequence[str]) -> ast.Statement:
    """`terms` has one entry for each place; `names` those that are left for the loops inside."""
    written = item.written
    if isinstance(written, _Turns):
        return _repeat(written, terms, names)
    if isinstance(written, ast.Evaluate) or not any(terms):
        return written
    assert isinstance(written, ast.Gate | ast.QubitOp)
    places = iter(zip(item.places, terms, strict=True))
    operands = tuple(one if _place(one) is None else _operand(one, *next(places)) for one in written.operands)
    if isinstance(written, ast.QubitOp):
        return ast.QubitOp(written.kind, operands, span=written.span)
    return ast.Gate(written.modifiers, written.callee, operands, None, span=written.span)


def _repeat(loop: _Turns, terms: Sequence[_Terms], names: Sequence[str]) -> ast.Statement:
    name, *rest = names
    moved = [(*outer, (name, step)) if step else outer for outer, step in zip(terms, loop.steps, strict=True)]
    body: list[ast.Statement] = []
    for item in loop.first:
        count = len(item.places)
        body.append(_statement(item, moved[:count], rest))
        del moved[:count]
    span = body[0].span
    domain = ast.Range(tree.integer(span, 0), tree.integer(span, loop.turns), None, span=span)
    return tree.repeat(span, name, domain, body)


def _operand(operand: ast.Expr, place: int, terms: _Terms) -> ast.Expr:
    """`q[2 * i + 1]`, `q[19 - i]`."""
    assert isinstance(operand, ast.Subscript)
    span = operand.span
    up = [(name, step) for name, step in terms if step > 0]
    parts = [("+", _times(operand, name, step)) for name, step in up]
    if place or not up:
        parts.append(("+", tree.integer(span, place)))
    parts += [("-", _times(operand, name, -step)) for name, step in terms if step < 0]
    found = parts[0][1]
    for sign, part in parts[1:]:
        found = tree.binary(span, sign, found, part)
    return tree.subscript(span, operand.value, found)


def _times(operand: ast.Expr, name: str, step: int) -> ast.Expr:
    return scaled(operand.span, tree.name(operand.span, name), step, 0)
