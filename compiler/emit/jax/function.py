"""One `hqn.func` as a Python function.

What came before: a function whose callees are emitted. What leaves: its lines and its signature. Invariant:
the function is written for one sample and takes any leading batch axes; `p` is the first parameter where it
or its instances have slots, `keys` the next where it draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
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
from hqn.compiler.emit.jax.writer import Line, Module, Signature, Writer
from hqn.compiler.emit.text import docstring
from hqn.compiler.ir import nn
from hqn.compiler.ir.hqn import DrawOp, FuncOp, GradOp, ReturnOp
from hqn.compiler.ir.instances import CallOp, SetStateOp, SlotOp
from hqn.compiler.ir.loops import LoopOp, MapOp, ParallelOp, YieldOp
from hqn.compiler.ir.nn_base import PrimOp
from hqn.compiler.ir.nn_shape import ReshapeOp, SliceOp
from hqn.compiler.ir.tensors import dtype, shape
from hqn.compiler.ir.tn import ContractOp
from hqn.compiler.ir.xdsl_api import Operation, SSAValue, TensorType
from hqn.compiler.types.model import DType

MANY = 1 << 16
"""Circuits that may take so many samples at once are left to take any number."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """A function's text: `head` is the `def` line, `doc` its docstring, `body` the rest."""

    signature: Signature
    doc: str
    body: tuple[Line, ...]
    decorators: tuple[str, ...] = ()

    @property
    def head(self) -> str:
        signature = self.signature
        given = ["p"] * (signature.reads or signature.entry) + ["keys"] * signature.draws
        return f"def {signature.name}({', '.join([*given, *signature.params])}):"


def emit_function(func: FuncOp, module: Module) -> Emitted:
    """The function; entries (models, expressions of runs) take `p` even where they do not read it."""
    writer = Writer(func, module)
    params = _tensors(func)
    hints = dict(zip(func.args, func.arg_names, strict=True))
    names = [writer.names.new(hints[arg]) for arg in params]
    for arg, name in zip(params, names, strict=True):
        writer.argument(arg, name, frozenset({0}), frozenset({name}))
    at_once: int | None = None
    with writer.at(func):
        if len(params) < len(func.args) or any(op.name.startswith("qc.") for op in func.walk()):
            at_once = _emit_circuit(writer, func)
        else:
            emit_operations(writer, func.block.ops)
    results = [writer.value(value) for value in func.returned if isinstance(value.type, TensorType)]
    signature = Signature(
        name=module.functions[func.symbol_name],
        slots=has_slots(func, module),
        shared=_shared(func, module),
        entry=func.kind in ("model", "expression"),
        draws=func.draws,
        sets_state=func.sets_state,
        states=writer.states.names,
        params=tuple(names),
        leads=tuple(value.leads for value in results),
        sure=tuple(value.sure for value in results),
    )
    decorators = (*_portions(params, signature, at_once), *_gradient(func))
    return Emitted(signature, _doc(func), tuple(writer.lines), decorators)


def _portions(params: list[SSAValue], signature: Signature, at_once: int | None) -> Iterator[str]:
    """How many samples a circuit takes at once, where a batch may well be larger.

    Every result must certainly have the axes of all samples, which are put together again.
    """
    whole = frozenset(signature.params)
    if params and at_once is not None and at_once < MANY and all(whole <= sure for sure in signature.sure):
        ranks = [str(len(shape(param))) for param in params]
        yield f"@qc.at_once({at_once}, ({', '.join(ranks)}{',' * (len(ranks) == 1)}))"


def _gradient(func: FuncOp) -> Iterator[str]:
    """How a circuit with qubits of its own is differentiated, where that is not by its text alone."""
    found = func.execution
    if found is None or found.gradient == "adjoint" or len(func.args) > len(_tensors(func)):
        return
    numbers = [str(int(one)) if place else repr(one) for place, one in enumerate(found.arguments)]
    takes = found.gradient in ("finite_difference", "spsa")
    yield f"@qc.{found.gradient}" + (f"({', '.join(numbers)})" if takes else "")


def _tensors(func: FuncOp) -> list[SSAValue]:
    return [arg for arg in func.args if isinstance(arg.type, TensorType)]


def _emit_circuit(writer: Writer, func: FuncOp) -> int | None:
    from hqn.compiler.emit.jax.circuit import emit_circuit

    return emit_circuit(writer, func)


def has_slots(func: FuncOp, module: Module) -> bool:
    """Whether a function or an instance that it creates reads slots."""
    return bool(func.slots) or any(module.signatures[child.callee].slots for child in func.created)


def reads_slots(func: FuncOp, module: Module) -> bool:
    """Whether a function takes slots, its own or those of instances that its caller gives."""
    return has_slots(func, module) or bool(_shared(func, module))


def _shared(func: FuncOp, module: Module) -> tuple[str, ...]:
    given = (child for child in func.children if child.shared)
    return tuple(child.name for child in given if module.signatures[child.callee].slots)


def _doc(func: FuncOp) -> str:
    word = "model " if func.kind == "model" else ""
    params = [_type_text(arg) for arg in func.args if isinstance(arg.type, TensorType)]
    results = [_type_text(value) for value in func.returned if isinstance(value.type, TensorType)]
    gives = results[0] if len(results) == 1 else f"({', '.join(results)})"
    return docstring(f"{word}{func.definition}, {func.source}: ({', '.join(params)}) -> {gives}.")


def _type_text(value: SSAValue) -> str:
    return f"{dtype(value)}[{', '.join(['...', *map(str, shape(value))])}]"


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
