"""Where the angles of gates come from: slots, constants, or something that this place alone knows.

What came before: `Use`s. What leaves: which operations compute the angles, the slots among them and the turns
that those are read in. Invariant: a chain of slots and constants may be computed for all turns of a loop.
"""

from __future__ import annotations

from hqn.compiler.emit.jax.code import Code, index
from hqn.compiler.emit.jax.gate_text import parameters_kept
from hqn.compiler.emit.jax.slots import TurnKey, turn_keys
from hqn.compiler.ir.hqn import function_of
from hqn.compiler.ir.instances import SlotOp
from hqn.compiler.ir.nn_shape import ReshapeOp
from hqn.compiler.ir.tensors import shape
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import Operation, SSAValue
from hqn.compiler.plan.gates import Use, parameters


def flat(use: Use) -> SSAValue | None:
    """The angles `[m]` that a gate with one angle got as `[m, 1]`."""
    value = use.angles
    if value is None or use.column is not None or parameters(use.name) != 1:
        return None
    source = value.owner
    if isinstance(source, ReshapeOp) and shape(source.x) == shape(value)[:1]:
        return source.x
    return None


def column(use: Use, code: Code) -> Code:
    """The one column of `[..., m, p]` that a use takes, or all of them."""
    return code if parameters_kept(use) else index(code, "...", str(use.column or 0))


def chain(value: SSAValue) -> list[Operation] | None:
    """What computes a value from slots and constants alone, in order; None where that is not all."""
    op = value.owner
    if not isinstance(op, Operation) or not (isinstance(op, SlotOp) or op.name.startswith("nn.")):
        return None
    if isinstance(op, SlotOp):
        return [op]
    found = list[Operation]()
    for operand in op.operands:
        before = chain(operand)
        if before is None:
            return None
        found += [one for one in before if one not in found]
    return [*found, op]


def created(use: Use) -> tuple[int, ...]:
    """The loops that create the slots of a use."""
    for op in _slots(use) or ():
        declared = function_of(op).slot(op.slot)
        if declared is not None and declared.loops:
            return declared.loops
    return ()


def _slots(use: Use) -> list[SlotOp] | None:
    """The slots that the angles of a use are computed from, if from nothing else."""
    value = flat(use) or use.angles
    ops = None if value is None else chain(value)
    return None if ops is None else [op for op in ops if isinstance(op, SlotOp)]


def turns(uses: list[Use]) -> tuple[Turn, ...] | None:
    """The turns in which all angles of some uses are read, if they are of slots that loops create."""
    found: dict[tuple[TurnKey, ...], tuple[Turn, ...]] = {}
    for use in uses:
        if use.angles is None:
            continue
        slots = _slots(use)
        if slots is None or use.varies:
            return None
        found |= {turn_keys(op.turns): op.turns for op in slots if op.turns}
    return next(iter(found.values())) if len(found) == 1 else None
