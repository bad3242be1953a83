"""Classical operations as lines: one emitter per kind.

What came before: operations in order, their operands bound. What leaves: lines in the writer, and every
result bound to its value. Invariant: a result is bound once, before anything that reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.emit.jax import calls, carries, contract, loops, quantized
from hqn.compiler.emit.jax.constants import (
    LARGEST_INLINE,
    filled,
    nested,
    positions,
    progression,
    scalar,
    table,
)
from hqn.compiler.emit.jax.elementwise import map_elements
from hqn.compiler.emit.jax.planned import planned
from hqn.compiler.emit.jax.primitives import picked, primitive
from hqn.compiler.emit.jax.values import Value, aligned
from hqn.compiler.emit.jax.writer import Writer
from hqn.compiler.ir import nn
from hqn.compiler.ir.hqn import DrawOp, GradOp, ReturnOp
from hqn.compiler.ir.instances import CallOp, SetStateOp, SlotOp
from hqn.compiler.ir.loops import LoopOp, MapOp, ParallelOp, YieldOp
from hqn.compiler.ir.nn_base import PrimOp
from hqn.compiler.ir.nn_shape import ReshapeOp, SliceOp
from hqn.compiler.ir.tensors import dtype, shape
from hqn.compiler.ir.tn import ContractOp
from hqn.compiler.ir.xdsl_api import Operation, TensorType
from hqn.compiler.types.model import DType

MANY = 1 << 16
"""Circuits that may take so many samples at once are left to take any number."""


def emit_operations(writer: Writer, ops: Iterable[Operation]) -> None:
    """Classical operations, in order."""
    for op in ops:
        with writer.at(op):
            emit_operation(writer, op)


def emit_operation(writer: Writer, op: Operation) -> None:
    """One operation: binds its results."""
    for kind, emit in EMITTERS.items():
        if isinstance(op, kind):
            emit(writer, op)
            return
    raise InternalError("emit jax", f"no text stands for {op.name}")


# --- the operations ----------------------------------------------------------------------------------


def _constant(writer: Writer, op: nn.ConstantOp) -> None:
    values, dims, kind = op.values, shape(op.result), dtype(op.result)
    if not dims:
        value = scalar(values[0], kind)
    elif op.scalar is not None:
        value = filled(op.scalar, dims, kind)
    elif kind is DType.I32 and len(dims) > 1 and (found := progression(values, dims)) is not None:
        value = positions(*found, dims)
    elif len(values) <= LARGEST_INLINE:
        value = table(values, dims, kind)
    else:
        name = writer.module.table(nested(values, dims, kind, "()"))
        value = table(values, dims, kind, name)
    writer.bind(op.result, value)


def _map(writer: Writer, op: nn.MapOp) -> None:
    values = [writer.value(arg) for arg in op.args]
    writer.bind(op.result, map_elements(op.fn, values, shape(op.result), dtype(op.result)))


def _primitive(writer: Writer, op: PrimOp) -> None:
    source = _picked_from(op)
    if source is not None:
        value = picked(writer.value(source.x).array(), source)
        writer.bind(op.result, replace(value, shape=shape(op.result)))
    elif not (isinstance(op, SliceOp) and _is_picked(op)):
        writer.bind(op.result, primitive(op, [writer.value(arg) for arg in op.args]))


def _picked_from(op: PrimOp) -> SliceOp | None:
    """The slice whose axes of one element a reshape does nothing but drop."""
    if not isinstance(op, ReshapeOp) or not isinstance(op.x.owner, SliceOp):
        return None
    return op.x.owner if _is_picked(op.x.owner) else None


def _is_picked(op: SliceOp) -> bool:
    users = [use.operation for use in op.result.uses]
    if len(users) != 1 or not isinstance(users[0], ReshapeOp):
        return False
    sliced, whole = shape(op.result), shape(op.x)
    kept = tuple(dim for dim, before in zip(sliced, whole, strict=True) if dim != 1 or before == 1)
    return kept == shape(users[0].result)


def _contract(writer: Writer, op: ContractOp) -> None:
    value = contract.einsum(writer, op) if contract.is_plain(op) else planned(writer, op)
    writer.bind(op.result, value)


def _loop(writer: Writer, op: LoopOp) -> None:
    def body() -> None:
        emit_operations(writer, (inner for inner in op.block.ops if not isinstance(inner, YieldOp)))

    if isinstance(op, MapOp):
        loops.emit_map(writer, op, body)
    elif isinstance(op, ParallelOp):
        loops.emit_parallel(writer, op, body)
    else:
        carries.emit_carrying(writer, op, body)


def _grad(writer: Writer, op: GradOp) -> None:
    """A function of `wrt`, and its derivative for each sample."""
    wrt = writer.value(op.wrt).array()
    levels, depth = wrt.levels, -1
    while True:
        with writer.attempt() as attempt:
            function = writer.names.new("value")
            name = writer.names.new(op.block.args[0].name_hint, "x")
            writer.argument(op.block.args[0], name, levels, wrt.sure)
            with writer.nested(f"def {function}({name}):"):
                emit_operations(writer, (inner for inner in op.block.ops if not isinstance(inner, YieldOp)))
                given = writer.value(op.value)
                writer.line(f"return {given.array().text}")
            attempt.kept = given.levels <= levels
        if attempt.kept:
            break
        levels |= given.levels
    depth = max(levels, default=0)
    at = aligned(wrt, depth).text
    code = f"nn.grad({function}, {at}, {wrt.rank})"
    value = Value(replace(wrt.code, text=code, level=5), wrt.shape, wrt.dtype, levels, wrt.sure | given.sure)
    writer.bind(op.result, value, "slope")


def _return(writer: Writer, op: ReturnOp) -> None:
    values = [writer.value(value).array().text for value in op.values if isinstance(value.type, TensorType)]
    shown = ", ".join(values)
    if writer.func.sets_state:
        shown = f"{shown if len(values) == 1 else f'({shown})'}, {writer.states.dictionary()}"
    writer.give(shown)


EMITTERS: dict[type[Operation], Callable[[Writer, Any], None]] = {
    nn.ConstantOp: _constant,
    nn.MapOp: _map,
    PrimOp: _primitive,
    ContractOp: _contract,
    SlotOp: calls.read_slot,
    SetStateOp: calls.set_state,
    CallOp: calls.call_function,
    DrawOp: calls.draw,
    LoopOp: _loop,
    GradOp: _grad,
    ReturnOp: _return,
    **quantized.EMITTERS,
}
