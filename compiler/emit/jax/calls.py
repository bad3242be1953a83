"""Calls of other emitted functions, draws and states.

What came before: a call of an instance, whose arguments may carry surplus leading axes. What leaves: a call
that passes them as leading axes of the callee, in the scope of the instance's name. Invariant: arguments
meet by broadcasting inside the callee, so only those that lead and lack an axis are given one.
"""

from __future__ import annotations

from dataclasses import replace

from hqn.compiler.emit.jax.code import Code, call
from hqn.compiler.emit.jax.constants import shape_text
from hqn.compiler.emit.jax.elementwise import cast
from hqn.compiler.emit.jax.values import Mark, Value, aligned, depth_of
from hqn.compiler.emit.jax.writer import Signature, Writer
from hqn.compiler.emit.text import quoted_name
from hqn.compiler.ir.hqn import DrawOp
from hqn.compiler.ir.instances import CallOp, SetStateOp, SlotOp
from hqn.compiler.ir.qc import ApplyOp
from hqn.compiler.ir.tensors import dtype, shape
from hqn.compiler.types.model import DType


def read_slot(writer: Writer, op: SlotOp) -> None:
    code = writer.slot(op.slot, op.turns, array=True)
    writer.values[op.result] = Value(code, shape(op.result), dtype(op.result))


def set_state(writer: Writer, op: SetStateOp) -> None:
    value = writer.settled(writer.value(op.value).array(), op.slot, uses=2)
    writer.states.put(op.slot, op.turns, value.text)


def call_function(writer: Writer, op: CallOp) -> None:
    signature = writer.module.signatures[op.callee]
    code = _call_code(writer, op, signature)
    results = [call_result(writer, op, place) for place in range(len(op.outputs))]
    if not signature.reads and not signature.sets_state and len(results) == 1:
        writer.bind(op.outputs[0], replace(results[0], code=_whole(op, signature, 0, code)), op.instance)
        return
    names = [writer.names.new(output.name_hint or op.instance) for output in op.outputs]
    target = ", ".join(names) if len(names) == 1 or not signature.sets_state else f"({', '.join(names)})"
    if signature.sets_state:
        state = writer.names.new(f"{op.instance}_state")
        _put_states(writer, op, signature, state)
        target = f"{target}, {state}"
    with writer.nested(f"with jax.named_scope({quoted_name(op.instance)}):"):
        writer.line(f"{target} = {code.text}")
    for place, (output, name) in enumerate(zip(op.outputs, names, strict=True)):
        writer.values[output] = replace(results[place], code=_whole(op, signature, place, Code(name)))


def _put_states(writer: Writer, op: CallOp, signature: Signature, state: str) -> None:
    """The states that a call returns: those of the called instance, and of instances that it is given."""
    own = [name for name in signature.states if name not in signature.shared]
    if len(own) == len(signature.states):
        writer.states.put(op.instance, op.turns, state)
        return
    if own:
        shown = ", ".join(f"{quoted_name(name)}: {state}[{quoted_name(name)}]" for name in own)
        writer.states.put(op.instance, op.turns, f"{{{shown}}}")
    for one in op.shared:
        if one.label in signature.states:
            writer.states.put(one.instance, one.turns, f"{state}[{quoted_name(one.label)}]")


def _call_code(writer: Writer, op: CallOp, signature: Signature) -> Code:
    args: list[Code] = []
    if signature.reads:
        args.append(slots_of_call(writer, op, signature))
    elif signature.entry:
        args.append(Code("{}"))
    if signature.draws:
        lifts = "".join(f".lift(({size},))" for size in op.batch)
        args.append(Code(f"{writer.keys.atom}{lifts}[{quoted_name(op.instance)}]"))
    return call(signature.name, *args, *_arguments(writer, op, signature))


def slots_of_call(writer: Writer, op: CallOp | ApplyOp, signature: Signature) -> Code:
    """What a callee takes as `p`: the slots of its instance, and those of instances that it is given."""
    own = writer.slot(op.instance, op.turns, array=False) if signature.slots else None
    if own is not None and not signature.shared:
        return own
    given = {one.label: one for one in op.shared}
    shown = [
        f"{quoted_name(label)}: {writer.slot(given[label].instance, given[label].turns, array=False).text}"
        for label in signature.shared
    ]
    return Code(f"{{{', '.join([*([f'**{own.text}'] if own else []), *shown])}}}")


def _arguments(writer: Writer, op: CallOp, signature: Signature) -> list[Code]:
    values = [writer.value(arg).array() for arg in op.args]
    depth = max(depth_of(values), writer.depth if signature.draws else 0)
    return [
        aligned(value, depth, value.rank + (0 if lifted else len(op.batch)))
        for value, lifted in zip(values, op.lifted, strict=True)
    ]


def call_result(writer: Writer, op: CallOp, place: int) -> Value:
    """What a result varies with, seen from the caller; its code is set later."""
    signature = writer.module.signatures[op.callee]
    output = op.outputs[place]
    values = [writer.value(arg) for arg in op.args]
    levels: frozenset[int] = frozenset()
    if signature.leads[place]:
        levels = levels.union(*(value.levels for value in values))
        levels |= frozenset(range(writer.depth + 1)) if signature.draws else frozenset()
    sure: set[Mark] = set()
    for mark in signature.sure[place]:
        if mark == "keys":
            sure |= {"keys", *range(1, writer.depth + 1)}
        else:
            sure |= values[signature.params.index(str(mark))].sure
    return Value(Code(""), shape(output), dtype(output), levels, frozenset(sure))


def _whole(op: CallOp, signature: Signature, place: int, code: Code) -> Code:
    """A lifted result with all of its surplus axes, also where the callee makes nothing of the lifted
    argument.
    """
    lifted = dict(zip(signature.params, op.lifted, strict=True)) | {"keys": True}
    if not op.batch or any(lifted[str(mark)] for mark in signature.sure[place]):
        return code
    rank = len(shape(op.outputs[place])) - len(op.batch)
    return call("nn.stretch", code, str(rank), shape_text(op.batch))


def draw(writer: Writer, op: DrawOp) -> None:
    """Fresh numbers; those per step or run have no batch axes."""
    first = 0 if op.per == "sample" else 1
    levels = frozenset(range(first, writer.depth + 1))
    sure: frozenset[Mark] = frozenset(range(1, writer.depth + 1))
    if op.per == "sample":
        sure |= {"keys"}
    result = op.result
    values = [writer.value(arg) for arg in op.args]
    keys = Code(f"{writer.keys.atom}[{quoted_name(op.site)}]")
    args = [aligned(value, writer.depth, len(shape(result))) for value in values]
    code = call(f"rnd.{op.distribution}", keys, f'"{op.per}"', *args, shape_text(shape(result)))
    kind = DType.BOOL if op.distribution == "bernoulli" else dtype(result)
    drawn = Value(code, shape(result), kind, levels.union(*(v.levels for v in values)), sure)
    writer.bind(result, cast(drawn, dtype(result)), op.site)
