"""The classical part of a circuit, computed on scalars.

What came before: SSA values inside a circuit function. What leaves: NumPy object arrays of `Scalar`.
Invariant: an operation without a rule here is reported as something OpenQASM cannot express, never skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hqn.compiler.emit.qasm.matrices import matrix_of, numbers
from hqn.compiler.emit.qasm.scalar import CannotExpress, Grid, NeedsNumbers, Number, Scalar, apply
from hqn.compiler.ir.instances import SlotOp
from hqn.compiler.ir.nn import ConstantOp, MapOp
from hqn.compiler.ir.nn_base import PrimOp
from hqn.compiler.ir.nn_matrix import EvolutionOp, PauliSumOp, SuOp
from hqn.compiler.ir.quant import AngleOp
from hqn.compiler.ir.tensors import shape
from hqn.compiler.ir.tn import ContractOp
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import Operation, SSAValue

_MOST_TERMS = 100_000
"""Products that a contraction may have before it is refused: an angle of more is no longer a formula."""

Array = NDArray[Any]
"""An object array of `Scalar`, shaped as the value's type. NumPy gives the object itself for a full index;
`array[(*index, ...)]` stays an array."""


def scalars(values: Any) -> Array:
    """An object array of numbers."""
    plain = np.asarray(values)
    result = np.empty(plain.shape, dtype=object)
    for place in np.ndindex(plain.shape):
        result[place] = Number(plain[place].item())
    return result


class Evaluator:
    """Computes values on demand. `slots` are those of the function, as stored (loop axes first)."""

    def __init__(self, slots: Mapping[str, Array]) -> None:
        self._slots = slots
        self._known: dict[SSAValue, Array] = {}

    def bind(self, value: SSAValue, array: Array) -> None:
        """Says what a value is: a parameter, or the number of a turn (which is then computed anew)."""
        self._known[value] = array

    def forget(self, operations: list[Operation]) -> None:
        """Drops what was computed in a turn."""
        for operation in operations:
            for result in operation.results:
                self._known.pop(result, None)

    def turn(self, turn: Turn) -> int:
        if turn.index is None:
            return turn.offset
        return turn.stride * int(self.value(turn.index).item().value) + turn.offset

    def value(self, value: SSAValue) -> Array:
        if value not in self._known:
            self._known[value] = self._compute(value.owner)
        return self._known[value]

    def _compute(self, op: Any) -> Array:
        match op:
            case SlotOp():
                at: Any = (*(self.turn(turn) for turn in op.turns), ...)
                slot: Array = self._slots[op.slot][at]
                return slot
            case ConstantOp():
                return scalars(np.reshape(np.array(op.values), shape(op.result)))
            case MapOp():
                return _map(op.fn, [self.value(arg) for arg in op.args], shape(op.result))
            case AngleOp():
                return _grid(self.value(op.x), op.bits)
            case ContractOp():
                return _contract(op, [self.value(factor) for factor in op.factors])
            case SuOp() | PauliSumOp() | EvolutionOp():
                return scalars(matrix_of(op, [numbers(self.value(arg)) for arg in op.args]))
            case PrimOp() if op.fn in _RULES:
                return _RULES[op.fn](op, [self.value(arg) for arg in op.args])
        raise CannotExpress(f"`{op.name.removeprefix('nn.')}` inside of a circuit")


def _map(fn: str, args: list[Array], shape_: tuple[int, ...]) -> Array:
    args = [np.broadcast_to(arg, shape_) for arg in args]
    result = np.empty(shape_, dtype=object)
    for place in np.ndindex(shape_):
        result[place] = apply(fn, *(arg.item(place) for arg in args))
    return result


def _grid(angles: Array, bits: int) -> Array:
    """The nearest grid angles; an input cannot be rounded by OpenQASM."""
    result = np.empty(angles.shape, dtype=object)
    for place in np.ndindex(angles.shape):
        angle = angles.item(place)
        if not isinstance(angle, Number):
            raise NeedsNumbers("the rounding of an angle that is an input")
        result[place] = Grid(_steps(angle.value, 2**bits / (2 * np.pi)), bits)
    return result


def _steps(angle: float, density: float) -> int:
    """The grid point that the run time chooses: a value of f32 is scaled in f32, where ties may differ."""
    single = np.float32(angle)
    return round(float(single * np.float32(density))) if float(single) == angle else round(angle * density)


def _contract(op: ContractOp, factors: list[Array]) -> Array:
    sizes, result = op.index_sizes, np.full(shape(op.result), Number(0.0), dtype=object)
    if prod(sizes) > _MOST_TERMS:
        raise CannotExpress(f"a contraction of {prod(sizes)} terms inside of a circuit")
    for at in product(*(range(size) for size in sizes)):
        term: Scalar = Number(1.0)
        for factor, places in zip(factors, op.positions, strict=True):
            term = term * factor[tuple(p.offset + sum(c * at[i] for i, c in p.terms) for p in places)]
        place = tuple(at[i] for i in op.output)
        result[place] = result[place] + term
    return result


def _reduced(op: PrimOp, x: Array, combine: Callable[[Scalar, Scalar], Scalar], start: Scalar) -> Array:
    axes: Any = op.options["axes"]
    moved = np.moveaxis(x, axes, range(len(axes)))
    rest = moved.shape[len(axes) :]
    result = np.full(rest, start, dtype=object)
    rows = moved.reshape(-1, *rest)
    for at in np.ndindex(rows.shape):
        result[at[1:]] = combine(result.item(at[1:]), rows.item(at))
    return result


def _mean(op: PrimOp, x: Array) -> Array:
    total = _reduced(op, x, lambda a, b: a + b, Number(0.0))
    return _map("div", [total, scalars(x.size / max(total.size, 1))], total.shape)


def _slice(op: PrimOp, x: Array) -> Array:
    options: Any = op.options
    return x[
        tuple(slice(*b) for b in zip(options["starts"], options["stops"], options["steps"], strict=True))
    ]


def _transpose(op: PrimOp, x: Array) -> Array:
    axes: Any = op.options["axes"]
    return x.transpose(axes)


def _axis(op: PrimOp) -> Any:
    return op.options["axis"]


def _gather(op: PrimOp, x: Array, index: Array) -> Array:
    plain = np.array([int(item.value) for item in index.flat], dtype=int).reshape(index.shape)
    return np.asarray(np.take(x, plain, axis=_axis(op)), dtype=object)


_RULES: dict[str, Callable[[PrimOp, list[Array]], Array]] = {
    "reshape": lambda op, args: args[0].reshape(shape(op.result)),
    "transpose": lambda op, args: _transpose(op, args[0]),
    "slice": lambda op, args: _slice(op, args[0]),
    "gather": lambda op, args: _gather(op, *args),
    "concat": lambda op, args: np.concatenate(args, axis=_axis(op)),
    "stack": lambda op, args: np.stack(args, axis=_axis(op)),
    "broadcast": lambda op, args: np.broadcast_to(args[0], shape(op.result)),
    "full": lambda op, args: scalars(np.full(shape(op.result), op.options["value"])),
    "iota": lambda op, args: scalars(np.arange(shape(op.result)[0])),
    "cast": lambda op, args: args[0],
    "stop": lambda op, args: args[0],
    "ste": lambda op, args: args[0],
    "sum": lambda op, args: _reduced(op, args[0], lambda a, b: a + b, Number(0.0)),
    "prod": lambda op, args: _reduced(op, args[0], lambda a, b: a * b, Number(1.0)),
    "mean": lambda op, args: _mean(op, args[0]),
}
