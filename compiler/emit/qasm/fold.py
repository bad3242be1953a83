"""The turns of a loop as one loop again.

What came before: the same statements for every turn, each with its own angles. What leaves: a `For` whose
angles are formulas of the turn: an element of an array, an arithmetic progression, or else a lookup in a
table. Invariant: in turn t every angle is exactly the scalar that it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hqn.compiler.emit.qasm.scalar import ZERO, Affine, Apply, Input, Lookup, Number, Scalar, Variable
from hqn.compiler.emit.qasm.structure import Act, For, Gate, Item, parts

Turns = Sequence[Scalar]


def folded(variable: str, turns: Sequence[Sequence[Item]]) -> For | None:
    """One loop; None where turns differ in more than their angles, or depend on another loop's turn alone."""
    body = _body(variable, turns)
    return None if body is None or len(turns) < 2 else For(variable, len(turns), body)


def _body(variable: str, turns: Sequence[Sequence[Item]]) -> tuple[Item, ...] | None:
    if len({len(turn) for turn in turns}) != 1:
        return None
    found = [_item(variable, rows) for rows in zip(*turns, strict=True)]
    return None if any(one is None for one in found) else tuple(one for one in found if one is not None)


def _item(variable: str, rows: Sequence[Item]) -> Item | None:
    first = rows[0]
    if isinstance(first, For):
        loops = [row for row in rows if isinstance(row, For) and row.trips == first.trips]
        body = _body(variable, [row.body for row in loops]) if len(loops) == len(rows) else None
        return None if body is None else replace(first, body=body)
    if isinstance(first, Act):
        return first if all(row == first for row in rows) else None
    gates = [row for row in rows if isinstance(row, Gate) and _alike(row, first)]
    if len(gates) < len(rows):
        return None
    angles = [_joined(variable, column) for column in zip(*(gate.angles for gate in gates), strict=True)]
    if any(angle is None for angle in angles):
        return None
    return replace(first, angles=tuple(angle for angle in angles if angle is not None))


def _alike(one: Gate, other: Gate) -> bool:
    return replace(one, angles=()) == replace(other, angles=())


def _joined(variable: str, turns: Turns) -> Scalar | None:
    """One scalar that is `turns[t]` in turn t."""
    ways = (_element, _same, _progression, _application, _lookup)
    return next((found for way in ways if (found := way(variable, turns)) is not None), None)


def _same(variable: str, turns: Turns) -> Scalar | None:
    return turns[0] if all(turn == turns[0] for turn in turns) else None


def _element(variable: str, turns: Turns) -> Scalar | None:
    """`w[i, 2]`, of inputs or of numbers that are elements of one array."""
    found = [turn.source if isinstance(turn, Number) else turn for turn in turns]
    inputs = [one for one in found if isinstance(one, Input)]
    if len(inputs) < len(turns) or any(one.family != inputs[0].family for one in inputs):
        return None
    if all(one == inputs[0] for one in inputs):
        return turns[0]
    index = [_affine(variable, column) for column in zip(*(one.index for one in inputs), strict=True)]
    if any(one is None for one in index):
        return None
    return Input(inputs[0].family, tuple(one for one in index if one is not None))


def _affine(variable: str, turns: Sequence[Affine]) -> Affine | None:
    if any(turn.terms != turns[0].terms for turn in turns):
        return None
    start, step = turns[0].offset, turns[1].offset - turns[0].offset
    if any(turn.offset != start + step * number for number, turn in enumerate(turns)):
        return None
    return replace(turns[0], terms=(*turns[0].terms, (variable, step))) if step else turns[0]


def _progression(variable: str, turns: Turns) -> Scalar | None:
    """`0.5 + 0.1 * i`, where doubles give exactly these numbers."""
    values = [float(turn.value) for turn in turns if isinstance(turn, Number)]
    if len(values) < len(turns):
        return None
    start, step = values[0], values[1] - values[0]
    if any(value != start + step * number for number, value in enumerate(values)):
        return None
    return Number(start) + Number(step) * Variable(variable)


def _application(variable: str, turns: Turns) -> Scalar | None:
    shown = next((turn for turn in turns if isinstance(turn, Apply)), None)
    if shown is None:
        return None
    rows = [_arguments(turn, shown) for turn in turns]
    if any(row is None for row in rows):
        return None
    args = [_joined(variable, column) for column in zip(*(row for row in rows if row), strict=True)]
    return None if any(arg is None for arg in args) else Apply(shown.fn, tuple(arg for arg in args if arg))


def _arguments(turn: Scalar, shown: Apply) -> tuple[Scalar, ...] | None:
    """What gives `turn` in the place of the arguments of `shown`: 0 * x, 1 * x, 0 + x were made simpler."""
    if isinstance(turn, Apply) and (turn.fn, len(turn.args)) == (shown.fn, len(shown.args)):
        return turn.args
    match shown.fn, shown.args:
        case "mul", (Number(), other):
            factor = {other: Number(1.0), ZERO: ZERO}.get(turn)
            return None if factor is None else (factor, other)
        case "add", (_, other) if turn == other:
            return ZERO, other
        case "add", (other, _) if turn == other:
            return other, ZERO
    return None


def _lookup(variable: str, turns: Turns) -> Scalar | None:
    """A table; its entries stand outside of all loops, so no turn may occur in them."""
    first = turns[0]
    if isinstance(first, Lookup):
        rows = [one.rows for one in turns if isinstance(one, Lookup) and one.variables == first.variables]
        return Lookup((variable, *first.variables), tuple(rows)) if len(rows) == len(turns) else None
    if any(not _is_outside(part) for turn in turns for part in parts(turn)):
        return None
    return Lookup((variable,), tuple(turns))


def _is_outside(scalar: Scalar) -> bool:
    return not isinstance(scalar, Variable | Lookup) and (not isinstance(scalar, Input) or scalar.is_fixed)
