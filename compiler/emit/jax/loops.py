"""Loops that carry nothing: `map` and `parallel`.

What came before: a body for one turn. What leaves: for `map` the body itself, over values with one more
leading axis; for `parallel` a `jax.vmap` over the slots and elements of the turns. Invariant: what a turn
does not vary with is computed outside of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hqn.compiler.emit.jax.calls import call_result
from hqn.compiler.emit.jax.code import Code, call
from hqn.compiler.emit.jax.primitives import broadcast
from hqn.compiler.emit.jax.turns import Input, TurnStates, draws, turn_inputs, turn_keys
from hqn.compiler.emit.jax.values import Value, aligned, outside
from hqn.compiler.emit.jax.writer import Writer
from hqn.compiler.emit.text import quoted_name
from hqn.compiler.ir.instances import CallOp
from hqn.compiler.ir.loops import LoopOp, YieldOp
from hqn.compiler.ir.xdsl_api import SSAValue
from hqn.compiler.types.model import DType

Body = Callable[[], None]
"""Emits the operations of a turn."""


def emit_map(writer: Writer, op: LoopOp, body: Body) -> None:
    level = writer.depth + 1
    for element, domain in zip(op.slices, op.domains, strict=True):
        _bind_element(writer, element, writer.value(domain).array(), level)
    turns = Value(call("nn.turns", str(op.trips)), (), DType.I32, frozenset({level}), frozenset({level}))
    writer.values[op.index] = writer.settled(turns, op.index.name_hint or "i", op.index.uses.get_length())
    keys = _lifted_keys(writer, op.trips) if draws(op) else writer.keys
    writer.depth = level
    with writer.keyed(keys):
        body()
    writer.depth = level - 1
    for result, yielded in zip(op.stacked, op.yielded, strict=True):
        writer.bind(result, _stacked(writer.value(yielded), level, op.trips), "ys")


def _lifted_keys(writer: Writer, trips: int) -> Code:
    name = writer.names.new("keys")
    writer.line(f"{name} = {writer.keys.atom}.lift(({trips},))")
    return Code(name)


def _bind_element(writer: Writer, element: SSAValue, domain: Value, level: int) -> None:
    """A slice of `domain`: the same array, one axis of which now belongs to the loop."""
    met = replace(domain, code=aligned(domain, level - 1))
    met = writer.settled(met, element.name_hint, element.uses.get_length())
    levels = domain.levels | {level}
    writer.values[element] = Value(met.code, domain.shape[1:], domain.dtype, levels, domain.sure | {level})


def _stacked(value: Value, level: int, trips: int) -> Value:
    """What the turns gave: the loop's axis belongs to the value again."""
    dims = (trips, *value.shape)
    if not value.leads:
        return broadcast(value.array(), dims)
    code = aligned(value, level)
    if level not in value.sure:
        code = call("nn.stretch", code, str(value.rank), f"({trips},)")
    return Value(code, dims, value.dtype, outside(value.levels | {level}, level), value.sure - {level})


def emit_parallel(writer: Writer, op: LoopOp, body: Body) -> None:
    if _is_one_call(op):
        _map_call(writer, op)
        return
    states = TurnStates(writer)
    function = writer.names.new("one")
    inputs = turn_inputs(writer, op)
    names = ", ".join(given.name for given in inputs)
    with writer.nested(f"def {function}({names}):"), turn_keys(writer, op):
        body()
        values = [writer.value(yielded).array() for yielded in op.yielded]
        given = states.close(op)
        writer.line(f"return {', '.join([*(value.text for value in values), *([given] if given else [])])}")
    _bind_turns(writer, op, values, states, _vmapped(function, inputs, values, bool(given)))


def _vmapped(function: str, inputs: list[Input], values: list[Value], states: bool) -> Code:
    """`jax.vmap(function)` applied to all turns."""
    given = [str(each.axis) for each in inputs]
    gives = [str(-(value.rank + 1)) if value.leads else "0" for value in values] + ["0"] * states
    named = {"in_axes": _axes(given), "out_axes": _axes(gives)}
    mapped = call("jax.vmap", function, named=named)
    return call(mapped.text, *(each.outside for each in inputs))


def _axes(axes: list[str]) -> str:
    """Axes for `jax.vmap`: one number where all are the same."""
    return axes[0] if len(set(axes)) == 1 else f"({', '.join(axes)})"


def _bind_turns(writer: Writer, op: LoopOp, values: list[Value], states: TurnStates, code: Code) -> None:
    stacked = [replace(value, shape=(op.trips, *value.shape)) for value in values]
    if len(values) == 1 and not states.groups:
        writer.bind(op.stacked[0], replace(stacked[0], code=code), "ys")
        return
    names = [writer.names.new(result.name_hint or "ys") for result in op.stacked]
    set_ = [writer.names.new("states")] if states.groups else []
    writer.line(f"{', '.join([*names, *set_])} = {code.text}")
    for result, value, name in zip(op.stacked, stacked, names, strict=True):
        writer.values[result] = value.named(name)
    if set_:
        states.bind(set_[0])


def _is_one_call(op: LoopOp) -> bool:
    """Whether a turn does nothing but call its own instance on its own elements."""
    called, *rest = op.block.ops
    if not (isinstance(called, CallOp) and len(rest) == 1 and isinstance(rest[0], YieldOp)):
        return False
    special = called.batch or called.draws or called.sets_state or called.shared
    plain = not special and len(called.outputs) == 1
    indices = [turn.index for turn in called.turns]
    return plain and indices == [op.index] and tuple(called.args) == op.slices and bool(op.yielded)


def _map_call(writer: Writer, op: LoopOp) -> None:
    """`jax.vmap(layer)(p["layer"], xs)`."""
    called = op.block.first_op
    assert isinstance(called, CallOp)
    inputs = turn_inputs(writer, op)
    value = call_result(writer, called, 0)
    code = _vmapped(writer.module.signatures[called.callee].name, inputs, [value], False)
    (result,) = op.stacked
    name = writer.names.new(result.name_hint or called.instance)
    with writer.nested(f"with jax.named_scope({quoted_name(called.instance)}):"):
        writer.line(f"{name} = {code.text}")
    writer.values[result] = replace(value, code=Code(name), shape=(op.trips, *value.shape))
