"""The arithmetic between layers in a few words: `/ 16`, `flatten`, `tanh`, `+`.

What came before: an operation that is neither call nor loop. What leaves: its words. Invariant: constants
and weights are part of the words and never boxes of their own.
"""

from __future__ import annotations

from math import prod

from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.draw.facts import plural
from hqn.compiler.draw.values import number_text
from hqn.compiler.ir.instances import SlotOp
from hqn.compiler.ir.nn import ConstantOp, MapOp
from hqn.compiler.ir.nn_shape import IotaOp, ReshapeOp
from hqn.compiler.ir.tensors import shape
from hqn.compiler.ir.xdsl_api import Operation, SSAValue

_SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "eq": "==", "lt": "<", "gt": ">"}
_WORDS = {"tn.contract": "contract", "hqn.draw": "draw", "hqn.grad": "grad", "hqn.set_state": "next"}


def is_still(op: Operation) -> bool:
    """Whether an operation gives the same for every sample by itself: constants, weights."""
    return isinstance(op, ConstantOp | SlotOp | IotaOp)


def step_text(op: Operation) -> str:
    if isinstance(op, MapOp):
        return _map_text(op)
    if isinstance(op, ReshapeOp):
        return "flatten" if len(shape(op.result)) == 1 < len(shape(op.x)) else "reshape"
    word = _WORDS.get(op.name, op.name.partition(".")[2].replace("_", " "))
    still = [_still_text(value) for value in op.operands if is_still_value(value)]
    return f"{word} with {', '.join(still)}" if still else word


def weights_of(op: Operation) -> tuple[str, ...]:
    """How many parameters of the model itself a step uses."""
    slots = {value.owner.slot: value for value in op.operands if isinstance(value.owner, SlotOp)}
    total = sum(prod(shape(value)) for value in slots.values())
    return (plural(total, "parameter"),) if total else ()


def _map_text(op: MapOp) -> str:
    sign, args = _SIGNS.get(op.fn), list(op.args)
    if sign is None or len(args) != 2:
        still = [_still_text(arg) for arg in args if is_still_value(arg)]
        return f"{op.fn}({', '.join(['·', *still])})" if still else op.fn
    if is_still_value(args[1]):
        return f"{sign} {_still_text(args[1])}"
    if is_still_value(args[0]):
        other = _still_text(args[0])
        return f"{sign} {other}" if op.fn in ("add", "mul") else f"{other} {sign} ·"
    return sign


def is_still_value(value: SSAValue) -> bool:
    """Whether a value is a constant or a weight."""
    return isinstance(value.owner, Operation) and is_still(value.owner)


def _still_text(value: SSAValue) -> str:
    match value.owner:
        case ConstantOp() as op if op.scalar is not None:
            return number_text(op.scalar)
        case SlotOp() as op:
            return visible(op.slot)
    return "constants"
