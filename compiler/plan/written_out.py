"""Loops over the register, turn by turn: in a light cone every turn has gates of its own.

What came before: a circuit's function. What leaves: the same without loops over the register. Invariant: the
gates are the same in the same order; slots of the turns are read at constant turns.
"""

from __future__ import annotations

from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.instances import SlotOp
from hqn.compiler.ir.location import like
from hqn.compiler.ir.loops import LoopOp
from hqn.compiler.ir.nn import ConstantOp
from hqn.compiler.ir.nn_shape import ReshapeOp, SliceOp
from hqn.compiler.ir.tensors import INDEX, shape, with_shape
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import Block, Operation, SSAValue
from hqn.compiler.plan.simulate import carries_register


def write_out(func: FuncOp) -> None:
    """Writes out every loop over the register, inner loops first."""
    _block(func.block)


def _block(block: Block) -> None:
    for op in list(block.ops):
        if isinstance(op, LoopOp) and carries_register(op):
            _block(op.block)
            _write_out(op, block)


def _write_out(loop: LoopOp, block: Block) -> None:
    carried = list(loop.initial)
    for turn in range(loop.trips):
        number = like(ConstantOp(turn, INDEX), loop)
        block.insert_op_before(number, loop)
        values: dict[SSAValue, SSAValue] = {loop.index: number.result}
        values.update(zip(loop.carries, carried))
        for element, domain in zip(loop.slices, loop.domains):
            made = _element(domain, element, turn)
            block.insert_ops_before(made, loop)
            values[element] = made[-1].results[0]
        for op in loop.block.ops:
            if op.next_op is not None:
                copy = _copied(op, values, loop.index, turn)
                block.insert_op_before(copy, loop)
                values.update(zip(op.results, copy.results))
        carried = [values[value] for value in loop.following]
    for result, value in zip(loop.final, carried):
        result.replace_all_uses_with(value)
    block.erase_op(loop)


def _element(domain: SSAValue, element: SSAValue, turn: int) -> list[Operation]:
    """Element `turn` of what a loop runs over."""
    dims = shape(domain)
    taken = SliceOp.of(
        with_shape(domain.type, (1, *dims[1:])),
        domain,
        starts=(turn, *(0,) * (len(dims) - 1)),
        stops=(turn + 1, *dims[1:]),
        steps=(1,) * len(dims),
    )
    return [taken, ReshapeOp.of(element.type, taken.result)]


def _copied(op: Operation, values: dict[SSAValue, SSAValue], index: SSAValue, turn: int) -> Operation:
    if not isinstance(op, SlotOp):
        return op.clone(dict(values))
    turns = [Turn(None, 0, one.stride * turn + one.offset) if one.index is index else one for one in op.turns]
    copy = like(SlotOp(op.slot, op.result.type, turns), op)
    copy.result.name_hint = op.result.name_hint
    return copy
