"""Rearrangements that change nothing, or that undo each other, go.

What came before: reshapes of reshapes, and tables put together again from the rows of one value, as spatial
loops leave them. What leaves: at most one slice and one reshape. Invariant: only the order of elements
counts here; no number is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

from hqn.compiler.ir.location import like
from hqn.compiler.ir.module import Built
from hqn.compiler.ir.nn_base import PrimOp
from hqn.compiler.ir.nn_shape import (
    BroadcastOp,
    CastOp,
    ConcatOp,
    ReshapeOp,
    SliceOp,
    StackOp,
    TransposeOp,
)
from hqn.compiler.ir.tensors import shape, size, with_shape
from hqn.compiler.ir.xdsl_api import Operation, SSAValue
from hqn.compiler.passes.chain import replace


@dataclass(frozen=True, slots=True)
class _Range:
    """Elements `low` up to `high` of a value, in row-major order."""

    source: SSAValue
    low: int
    high: int


def simplify_shapes(built: Built) -> None:
    """Drops reshapes of reshapes, and tables made of the rows of one value."""
    for op in list(built.module.op.walk()):
        kept = _unchanged(op)
        if kept is not None:
            replace(op, kept)
        elif isinstance(op, ReshapeOp) and isinstance(op.x.owner, ReshapeOp):
            _reshape(op, op.x.owner.x)
        elif isinstance(op, ConcatOp | StackOp) and op.axis == 0:
            _join(op)


def _unchanged(op: Operation) -> SSAValue | None:
    """The operand that the operation gives as it is."""
    match op:
        case ReshapeOp() | CastOp() | BroadcastOp() if op.x.type == op.result.type:
            return op.x
        case TransposeOp() if op.axes == tuple(range(len(op.axes))):
            return op.x
        case SliceOp() if op.x.type == op.result.type:
            return op.x
        case ConcatOp() if len(op.args) == 1:
            return op.x
    return None


def _reshape(op: PrimOp, source: SSAValue) -> None:
    """Puts a reshape of `source` in the place of an operation."""
    if source.type == op.result.type:
        replace(op, source)
        return
    made = like(ReshapeOp.of(op.result.type, source), op)
    block = op.parent_block()
    assert block is not None
    block.insert_op_before(made, op)
    replace(op, made.result)


def _join(op: ConcatOp | StackOp) -> None:
    """A table of consecutive parts of one value is a part of that value."""
    ranges = [_range(arg) for arg in op.args]
    first, last = ranges[0], ranges[-1]
    follow = all(one.source is other.source and one.high == other.low for one, other in pairwise(ranges))
    if len(ranges) < 2 or not follow:
        return
    part = _slice(_Range(first.source, first.low, last.high), op)
    if part is not None:
        _reshape(op, part)


def _range(value: SSAValue) -> _Range:
    """Where the elements of a value lie, seen through reshapes and slices that keep them together."""
    op = value.owner
    if isinstance(op, ReshapeOp):
        return _range(op.x)
    offset = _offset(op) if isinstance(op, SliceOp) else None
    if offset is None or not isinstance(op, SliceOp):
        return _Range(value, 0, size(value))
    outer = _range(op.x)
    return _Range(outer.source, outer.low + offset, outer.low + offset + size(value))


def _offset(op: SliceOp) -> int | None:
    """The first element that a slice takes, where it takes elements that lie together."""
    dims, taken = shape(op.x), shape(op.result)
    partial = next((axis for axis in range(len(dims)) if taken[axis] != 1), len(dims) - 1)
    together = taken[partial + 1 :] == dims[partial + 1 :] and all(step == 1 for step in op.steps)
    if not together or not dims:
        return None
    return sum(start * prod(dims[axis + 1 :]) for axis, start in enumerate(op.starts))


def _slice(part: _Range, op: Operation) -> SSAValue | None:
    """The part as whole rows of its source, in front of an operation; None where it breaks a row."""
    dims = shape(part.source)
    row = prod(dims[1:])
    if part.high - part.low == size(part.source):
        return part.source
    if not row or part.low % row or part.high % row:
        return None
    starts, stops = [0] * len(dims), list(dims)
    starts[0], stops[0] = part.low // row, part.high // row
    type_ = with_shape(part.source.type, [stops[0] - starts[0], *dims[1:]])
    made = like(SliceOp.of(type_, part.source, **_options(starts, stops)), op)
    block = op.parent_block()
    assert block is not None
    block.insert_op_before(made, op)
    return made.result


def _options(starts: Sequence[int], stops: Sequence[int]) -> dict[str, tuple[int, ...]]:
    return {"starts": tuple(starts), "stops": tuple(stops), "steps": (1,) * len(starts)}
