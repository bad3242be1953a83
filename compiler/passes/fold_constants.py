"""Arithmetic of constants is done now; what changes nothing is dropped.

What came before: literals as written. What leaves: fewer operations. Invariant: numbers are folded in f64,
so that a run in f64 sees no rounding; nothing is folded in f16 or bf16, whose rounding would be lost, and no
table over 64 elements is made.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from hqn.compiler.ir import nn
from hqn.compiler.ir.location import like
from hqn.compiler.ir.module import Built
from hqn.compiler.ir.nn_shape import BroadcastOp, ConcatOp, ReshapeOp, StackOp
from hqn.compiler.ir.tensors import dtype, shape, size
from hqn.compiler.ir.xdsl_api import Operation, SSAValue
from hqn.compiler.passes.chain import replace
from hqn.compiler.types.model import DType

MOST_ELEMENTS = 64
_FOLDED = frozenset({DType.F32, DType.F64, DType.I32, DType.BOOL})
_FUNCTIONS: dict[str, Callable[..., nn.Number]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
    "neg": operator.neg,
    "not": operator.not_,
    "abs": abs,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1.0 / x,
    "minimum": min,
    "maximum": max,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "select": lambda c, a, b: a if c else b,
    "clip": lambda x, low, high: min(max(x, low), high),
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
_MATH = ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sinh", "cosh", "asin", "acos", "atan", "erf")
_FUNCTIONS |= {fn: getattr(math, fn) for fn in _MATH}
_FUNCTIONS |= {"pow": math.pow, "atan2": math.atan2}
_NEUTRAL = {"add": (0, 0), "sub": (None, 0), "mul": (1, 1), "div": (None, 1), "pow": (None, 1)}
"""The constant that changes nothing on the left and on the right."""


def fold_constants(built: Built) -> None:
    """Computes what is made of constants only, and drops what changes nothing."""
    for op in list(built.module.op.walk()):
        kept = _beside_neutral(op) if isinstance(op, nn.MapOp) and op.fn in _NEUTRAL else None
        if kept is not None:
            replace(op, kept)
            continue
        values = _folded(op)
        if values is not None:
            constant = like(nn.ConstantOp(values, op.results[0].type), op)
            block = op.parent_block()
            assert block is not None
            block.insert_op_before(constant, op)
            replace(op, constant.result)


def _beside_neutral(op: nn.MapOp) -> SSAValue | None:
    """The operand that is the result, the other being a number that changes nothing."""
    left, right = _NEUTRAL[op.fn]
    first, second = op.args
    for kept, other, neutral in ((first, second, right), (second, first, left)):
        constant = other.owner
        if neutral is None or kept.type != op.result.type or not isinstance(constant, nn.ConstantOp):
            continue
        if constant.scalar == neutral:
            return kept
    return None


def _folded(op: Operation) -> list[nn.Number] | None:
    """The elements of the result in row-major order, if all operands are small constants."""
    if not isinstance(op, nn.MapOp | ReshapeOp | BroadcastOp | ConcatOp | StackOp):
        return None
    tables = [_values(arg) for arg in op.args]
    if size(op.result) > MOST_ELEMENTS or dtype(op.result) not in _FOLDED:
        return None
    known = [table for table in tables if table is not None]
    if len(known) < len(tables):
        return None
    match op:
        case nn.MapOp():
            return _mapped(op, known)
        case ReshapeOp():
            return list(known[0])
        case BroadcastOp():
            return _repeated(known[0], size(op.result))
        case ConcatOp() | StackOp() if op.axis == 0:
            return [number for table in known for number in table]
    return None


def _values(value: SSAValue) -> tuple[nn.Number, ...] | None:
    constant = value.owner
    if not isinstance(constant, nn.ConstantOp) or size(value) > MOST_ELEMENTS or dtype(value) not in _FOLDED:
        return None
    return constant.values


def _repeated(values: tuple[nn.Number, ...], count: int) -> list[nn.Number]:
    """A suffix repeated along the axes in front of it."""
    return list(values) * (count // len(values)) if values else []


def _mapped(op: nn.MapOp, tables: list[tuple[nn.Number, ...]]) -> list[nn.Number] | None:
    function, count = _FUNCTIONS.get(op.fn), size(op.result)
    if function is None or shape(op.result) != max((shape(arg) for arg in op.args), key=len):
        return None
    rows = zip(*(_repeated(table, count) for table in tables))
    try:
        values = [function(*row) for row in rows]
    except (ArithmeticError, ValueError):
        return None
    return values if all(_representable(value, dtype(op.result)) for value in values) else None


def _representable(value: nn.Number, kind: DType) -> bool:
    """Whether the number is what a run would see: no overflow to explain, no NaN to hide."""
    if isinstance(value, complex):
        return False
    if kind is DType.I32:
        return float(value).is_integer() and -(2**31) <= value < 2**31
    return math.isfinite(value)
